#!/usr/bin/env python3
"""What a reader of JUnit that is written in Python, or can be followed in it, makes of a document.

  read.py READER REPORT.xml    prints its cases: key, suite, class, name, outcome and what it shows; null where it has none

The key is what the reader knows a test by, from run to run. junitparser, junit2html and xunitparser are the packages.
The others are the rules by which GitLab, Jenkins' junit plugin and EnricoMi/publish-unit-test-result-action read.
"""
import hashlib
import html
import json
import sys
import xml.etree.ElementTree as ElementTree


def case(key, suite, name, outcome, text, classname):
    return {"key": str(key), "suite": suite, "class": classname, "name": name, "outcome": outcome, "text": text}


def junitparser(path):
    from junitparser import Error, Failure, JUnitXml, Skipped

    outcomes = {Failure: "failed", Skipped: "skipped", Error: "error"}
    for suite in JUnitXml.fromfile(path):
        for test in suite:
            outcome = [outcomes[type(result)] for result in test.result]
            text = "\n".join(part for result in test.result for part in (result.message, result.text) if part)
            key = (test.classname, test.name)
            yield case(key, suite.name, test.name, (outcome or ["passed"])[0], text, test.classname)


def junit2html(path):
    from junit2htmlreport.parser import Junit

    report = Junit(path)
    page = html.unescape(report.html())
    for suite in report.suites:
        assert suite.name in page, "the page lacks a suite"
        for test in suite.all():
            outcome = {"Failed": "failed", "Skipped": "skipped", "Passed": "passed"}[test.outcome().value.capitalize()]
            parts = (test.failure_msg, test.failure, test.skipped_msg, test.skipped)
            text = "\n".join(str(part) for part in parts if part)
            yield case(test.fullname(), suite.name, test.name, outcome, text, test.testclass.name)


def xunitparser(path):
    import xunitparser

    outcomes = {"success": "passed", "skipped": "skipped", "failure": "failed", "error": "error"}
    with open(path, encoding="utf-8") as file:
        suites, result = xunitparser.parse(file)
    tests = list(suites)
    assert result.testsRun == len(tests), "it counts other tests than it has"
    for test in tests:
        text = "\n".join(part for part in (test.message, test.trace) if part)
        yield case(test.id(), None, test.methodname, outcomes[test.result], text, test.classname)


def gitlab(path):
    """An element becomes its text where it has any, and else its attributes; the text of a failure is what is shown."""

    def value(element):
        text = (element.text or "").strip()
        # The reader would convert values of these types.
        assert element.get("type") not in ("array", "integer", "boolean", "date", "datetime", "yaml", "symbol", "file")
        return text if text else dict(element.attrib)

    for suite in ElementTree.parse(path).getroot():
        for test in suite.iter("testcase"):
            outcome, text = "passed", None
            for tag, name in (("failure", "failed"), ("error", "error"), ("skipped", "skipped")):
                if test.find(tag) is not None:
                    outcome, text = name, value(test.find(tag))
                    break
            text = text.get("message") if isinstance(text, dict) else text
            name, classname = test.get("name"), test.get("classname")
            key = hashlib.sha256("_".join((suite.get("name"), classname, name)).encode()).hexdigest()
            yield case(key, suite.get("name"), name, outcome, text or "", classname)


def jenkins(path):
    """Package and class are split at the last dot of the class name; names for addresses are made of letters alone."""
    addresses = set()
    for suite in ElementTree.parse(path).getroot().iter("testsuite"):
        for test in suite.iter("testcase"):
            package, _, simple = test.get("classname").rpartition(".")
            assert package and simple, f"{test.get('classname')}: no package and class"
            failed, skipped = test.find("failure"), test.find("skipped")
            outcome = "failed" if failed is not None else "skipped" if skipped is not None else "passed"
            text = ""
            if failed is not None:
                text = f"{failed.get('message')}\n{failed.text}"
            elif skipped is not None:
                text = skipped.get("message") or skipped.text or ""
            letters = "".join(c if c.isalnum() or c in "_$" else "_" for c in test.get("name"))
            address = (package, simple, letters)
            assert address not in addresses, f"{address}: two tests have this address"
            addresses.add(address)
            key = f"{test.get('classname')}.{test.get('name')}"
            yield case(key, suite.get("name"), test.get("name"), outcome, text, test.get("classname"))


def publish_unit_test_result(path):
    """A test is a class and a name; of several results the most severe counts."""
    from junitparser import JUnitXml

    for suite in JUnitXml.fromfile(path):
        for test in suite:
            results = list(test.result)
            outcome = {"failure": "failed", "skipped": "skipped", "error": "error"}[results[0]._tag] if results else "passed"
            text = "\n".join(part for result in results for part in (result.message, result.text) if part)
            yield case((test.classname, test.name), None, test.name, outcome, text, test.classname)


READERS = {
    reader.__name__.replace("_", "-"): reader
    for reader in (junitparser, junit2html, xunitparser, gitlab, jenkins, publish_unit_test_result)
}
print(json.dumps(list(READERS[sys.argv[1]](sys.argv[2]))))
