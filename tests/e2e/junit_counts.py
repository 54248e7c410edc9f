#!/usr/bin/env python3
"""JUnit as junitparser reads it against the JSON of the same run.

  junit_counts.py REPORT.xml REPORT.json

A suite for each target, a case for each check, failures where the status is FAIL, skipped where it is WARN or INFO; the
counts written at the suites are those of their cases; system-out holds the check as the JSON has it.
"""
import json
import sys

from junitparser import Error, Failure, JUnitXml, Skipped, TestSuite

xml, report = JUnitXml.fromfile(sys.argv[1]), json.load(open(sys.argv[2], encoding="utf-8"))
wrong = []


def expect(what, found, expected):
    if found != expected:
        wrong.append(f"{what}: found {found!r}, expected {expected!r}")


suites = [xml] if isinstance(xml, TestSuite) else list(xml)
expect("suites", len(suites), len(report["Controls"]))
for suite, control in zip(suites, report["Controls"]):
    checks = [check for group in control["tests"] for check in group["results"]]
    cases = list(suite)
    expect(f"{suite.name} cases", len(cases), len(checks))
    expect(f"{suite.name} tests", suite.tests, len(checks))
    expect(f"{suite.name} failures", suite.failures, control["total_fail"])
    expect(f"{suite.name} skipped", suite.skipped, control["total_warn"] + control["total_info"])
    expect(f"{suite.name} errors", suite.errors, 0)
    expect(f"{suite.name} hostname", suite.hostname, report["Run"]["node"])
    for case, check in zip(cases, checks):
        kinds = {type(result) for result in case.result}
        if kinds & {Error}:
            wrong.append(f"{case.name}: an error")
        wanted = {"PASS": set(), "FAIL": {Failure}}.get(check["status"], {Skipped})
        expect(f"{case.name} result", kinds, wanted)
        expect(f"{case.name} name", case.name.split(" ")[0], check["test_number"])
        expect(f"{case.name} system-out", json.loads(case.system_out), check)
        if wanted and not all(result.message for result in case.result):
            wrong.append(f"{case.name}: no message")
    names = [(case.classname, case.name) for case in cases]
    expect(f"{suite.name} distinct names", len(set(names)), len(names))
totals = report["Totals"]
expect("all tests", sum(suite.tests for suite in suites), sum(totals.values()))
expect("all failures", sum(suite.failures for suite in suites), totals["total_fail"])
if wrong:
    sys.exit("\n".join(wrong[:20]))
