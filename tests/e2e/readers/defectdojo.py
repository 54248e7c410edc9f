#!/usr/bin/env python3
"""DefectDojo's parser for kube-bench's JSON, and how it knows a finding again.

  defectdojo.py ONE.json OTHER.json    two runs over one node: the same findings, each with a hash of its own

Its settings for "kube-bench Scan" hash title, vuln_id_from_tool and description: number and title of the check, section,
audit, reason, expected result and actual value. A failure counts; a warning does where a person has not to judge it.
"""
import hashlib
import json
import sys


def findings(path):
    report = json.load(open(path, encoding="utf-8"))
    for control in report.get("Controls", report) if isinstance(report, dict) else report:
        head = f"{control['id']} {control['text']}\n"
        for group in control["tests"]:
            section = f"{head}{group['section']} {group['desc']}\n"
            for check in group["results"]:
                is_manual = check["reason"] == "Test marked as a manual test" if "reason" in check else False
                if check["status"] == "FAIL" or check["status"] == "WARN" and not is_manual:
                    yield section, check


def hashes(path):
    for section, check in findings(path):
        title = f"{check['test_number']} - {check['test_desc']}"
        description = f"{section}{check['test_number']} {check['test_desc']}"
        for name, key in (("Audit", "audit"), ("Reason", "reason"), ("Expected result", "expected_result"), ("Actual value", "actual_value")):
            if check.get(key):
                description += f"\n{name}: {check[key]}\n"
        assert check["remediation"], f"{title}: no mitigation"
        yield hashlib.sha256(f"{title}{check['test_number']}{description}".encode()).hexdigest(), title


one, other = (list(hashes(path)) for path in sys.argv[1:])
if not one:
    sys.exit("no findings")
if len(dict(one)) != len(one):
    sys.exit("two findings have the same hash")
differing = [title for key, title in other if key not in dict(one)]
if differing or len(one) != len(other):
    sys.exit(f"{len(one)} and {len(other)} findings, of which these are others in the second run: {differing[:5]}")
print(f"{len(one)} findings")
