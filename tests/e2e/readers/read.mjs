// What a reader of JUnit that is written for Node makes of a document.
//
//   read.mjs READER REPORT.xml    prints its cases: key, suite, class, name, outcome and what it shows; null where it has none
//
// The key is what the reader knows a test by, from run to run. allure, xunit-viewer and junit-viewer are the packages.
// dorny and mikepenz are the rules of the GitHub actions dorny/test-reporter (its java-junit) and
// mikepenz/action-junit-report, over the XML parsers that they use.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

// The packages lie in the working directory, not beside this file.
const require = createRequire(pathToFileURL(`${process.cwd()}/`))
const load = async (name) => import(pathToFileURL(require.resolve(name)))
const [, , reader, path] = process.argv
const xml = readFileSync(path, 'utf8')

const one = (key, suite, classname, name, outcome, text) => ({ key, suite, class: classname, name, outcome, text })

// Allure decodes no references: it shows them.
const decoded = (text) =>
  text?.replace(/&(lt|gt|amp|quot|#10|#9);/g, (_, name) => ({ lt: '<', gt: '>', amp: '&', quot: '"', '#10': '\n', '#9': '\t' })[name])

const readers = {
  async allure () {
    // Of its parts only the one for Node's modules is exported.
    const base = `${process.cwd()}/node_modules/@allurereport`
    const { junitXml } = await import(pathToFileURL(`${base}/reader/dist/index.js`))
    const { BufferResultFile } = await import(pathToFileURL(`${base}/reader-api/dist/index.js`))
    const cases = []
    const visitor = {
      visitTestResult: async (result) => {
        const label = (name) => result.labels.find((it) => it.name === name)?.value
        const text = decoded([result.message, result.trace].filter(Boolean).join('\n'))
        cases.push(one(result.fullName, decoded(label('suite')), label('testClass'), decoded(result.name), result.status, text))
      },
      visitAttachmentFile: async () => {}
    }
    if (!await junitXml.read(visitor, new BufferResultFile(Buffer.from(xml), 'report.xml'))) throw new Error('refused')
    return cases
  },

  async 'xunit-viewer' () {
    const { default: parse } = await load('xunit-viewer/src/cli/parse.js')
    const { suites } = await parse(xml)
    const outcomes = { failure: 'failed', passed: 'passed', skipped: 'skipped', error: 'error' }
    return Object.values(suites).flatMap((suite) => Object.values(suite.tests).map((test) =>
      one(`${suite.id} ${test.id}`, suite.name, test.classname, test.name, outcomes[test.status],
        test.messages.filter((message) => !message.startsWith('{')).join('\n'))))
  },

  async 'junit-viewer' () {
    const { parse, render } = require('junit-viewer')
    const data = parse(path, '')
    if (!render(data).includes('</html>')) throw new Error('no page')
    return data.suites.flatMap((suite) => suite.testCases.map((test) =>
      // A suite is a class there.
      one(`${suite.name} ${test.name}`, null, suite.name, test.name,
        test.type === 'failure' ? 'failed' : test.type,
        test.messages.values.map((it) => it.value).filter((text) => !text.startsWith('{')).join('\n'))))
  },

  async dorny () {
    const { parseStringPromise } = require('xml2js')
    const { testsuites } = await parseStringPromise(xml)
    return testsuites.testsuite.flatMap((suite) => (suite.testcase ?? []).map((test) => {
      const failure = (test.failure ?? test.error)?.[0]
      const outcome = failure ? 'failed' : test.skipped ? 'skipped' : 'passed'
      // A class of the suite's name would be no group of its own.
      if (test.$.classname === suite.$.name) throw new Error('the class has the name of the suite')
      // Of a failure its text is shown, and nothing of what is skipped.
      const text = failure ? (typeof failure === 'object' ? failure._ : failure) : null
      return one(`${suite.$.name.trim()} ${test.$.classname} ${test.$.name.trim()}`, suite.$.name.trim(), test.$.classname,
        test.$.name.trim(), outcome, text)
    }))
  },

  async mikepenz () {
    const { xml2json } = require('xml-js')
    const list = (it) => it === undefined ? [] : Array.isArray(it) ? it : [it]
    const report = JSON.parse(xml2json(xml, { compact: true }))
    return list(report.testsuites.testsuite).flatMap((suite) => list(suite.testcase).map((test) => {
      const failure = list(test.failure)[0]
      const outcome = failure && !test.skipped ? 'failed' : test.skipped ? 'skipped' : 'passed'
      const { name, classname } = test._attributes
      // An annotation is placed at the end of the class name.
      if (!classname.split('.').slice(-1)[0]) throw new Error(`${name}: no place`)
      const message = failure?._attributes?.message ?? failure?._text?.trim()
      const text = failure ? `${message}\n${failure._text}` : null
      return one(`${classname} ${name}`, suite._attributes.name, classname, name, outcome, text)
    }))
  }
}

console.log(JSON.stringify(await readers[reader]()))
