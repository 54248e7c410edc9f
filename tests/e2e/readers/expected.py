#!/usr/bin/env python3
"""What a reader of JUnit should find in a document, from the reports of the same runs in the other formats.

  expected.py FAIL_ON NATIVE.json TEXT.txt [NATIVE.json TEXT.txt …]    prints a list of cases

FAIL_ON is scored, unknown or warn, as --junit-fail-on has it. TEXT is the whole text report (--show all), whose line
below a check says why it did not pass.
"""
import json
import re
import sys
import unicodedata


def shown(text):
    """As a report shows characters that would do something."""
    names = {"\n": "\\n", "\t": "\\t", "\r": "\\r"}

    def one(c):
        if unicodedata.category(c) not in ("Cc", "Cf", "Cn", "Zl", "Zp"):
            return c
        return names.get(c) or (f"\\x{ord(c):02x}" if ord(c) < 0x80 else f"\\u{{{ord(c):x}}}")

    return "".join(map(one, text))


def reasons(path):
    """The line below each check, by its number."""
    found, last = {}, None
    for line in open(path, encoding="utf-8"):
        line = line.rstrip("\n")
        check = re.match(r"  (\S+) {2,}(?:(?:critical|high|medium|low) +)?(?:L[12]  )?\S", line)
        if line.startswith("NOTICES") or line.startswith("REMEDIATIONS"):
            last = None
        elif check:
            last = check[1]
        elif last and line.startswith("          ") and not line.lstrip().startswith("fix:"):
            found.setdefault(last, line.strip())
    return found


def outcome(check, fail_on):
    if check["disposition"] == "skipped" or check["verdict"] in ("manual", "not-applicable"):
        return "skipped"
    if check["verdict"] == "pass":
        return "passed"
    unscored = {"scored": (), "unknown": ("unknown",), "warn": ("unknown", "fail")}[fail_on]
    return "failed" if check["scored"] or check["verdict"] in unscored else "skipped"


def cases(fail_on, native, text):
    report, why = json.load(open(native, encoding="utf-8")), reasons(text)
    for target in report["targets"]:
        for group in target["groups"]:
            for check in group["checks"]:
                yield {
                    "node": shown(report["run"]["host"]["name"]),
                    "target": target["name"],
                    "group": group["id"],
                    "name": f"{check['id']} {check['title']}",
                    "outcome": outcome(check, fail_on),
                    "reason": why.get(check["id"], ""),
                    "remediation": check["remediation"].strip(),
                }


fail_on, *files = sys.argv[1:]
pairs = zip(files[::2], files[1::2])
print(json.dumps([case for native, text in pairs for case in cases(fail_on, native, text)]))
