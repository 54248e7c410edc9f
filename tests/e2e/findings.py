#!/usr/bin/env python3
"""Compares reports of two runs over one node, in JSON.

  findings.py same A.json B.json [--any-pid]     every check's number, verdict and evidence agree
  findings.py useful FULL.json LESS.json         LESS has the same checks, still judges some, and says why of the rest
  findings.py count A.json                       how many checks, by verdict

--any-pid: process numbers may differ. What a report says of the run itself (its start, the root) is not compared.
"""
import json
import re
import sys
from collections import Counter

PID = re.compile(r"\b(process|pid|/proc/)( ?)\d+")


def checks(path, any_pid=False):
    """The checks of a report by target and number, and the report's own totals."""
    text = open(path, encoding="utf-8").read()
    if any_pid:
        text = PID.sub(r"\1\2N", text)
    try:
        report = json.loads(text)
    except json.JSONDecodeError as error:
        sys.exit(f"{path}: no report in JSON: {error}")
    found = {}
    for control in report["Controls"]:
        for group in control["tests"]:
            for check in group["results"]:
                key = (control["node_type"], check["test_number"])
                if key in found:
                    sys.exit(f"{path}: {' '.join(key)} is there twice")
                found[key] = check
    if not found:
        sys.exit(f"{path}: no checks")
    return found, report["Totals"]


def same_numbers(a, b):
    lacking = [" ".join(key) for key in a if key not in b] + [" ".join(key) for key in b if key not in a]
    return [f"only in one of the two: {', '.join(lacking)}"] if lacking else []


def same(one, other, any_pid):
    (a, totals_a), (b, totals_b) = checks(one, any_pid), checks(other, any_pid)
    wrong = same_numbers(a, b)
    for key in a.keys() & b.keys():
        for field in sorted(a[key].keys() | b[key].keys()):
            left, right = a[key].get(field), b[key].get(field)
            if left != right:
                wrong.append(f"{' '.join(key)} {field}:\n    {json.dumps(left)}\n    {json.dumps(right)}")
    if totals_a != totals_b:
        wrong.append(f"totals: {totals_a}, {totals_b}")
    return wrong


def useful(full, less):
    (a, _), (b, _) = checks(full), checks(less)
    wrong = same_numbers(a, b)
    lost = 0
    for key in a.keys() & b.keys():
        before, after = a[key]["verdict"], b[key]["verdict"]
        if before == after:
            continue
        # With less access a verdict may become unknown, but never a different one.
        if after != "unknown":
            wrong.append(f"{' '.join(key)}: {before} became {after}")
        elif not b[key].get("reason"):
            wrong.append(f"{' '.join(key)}: unknown, and no reason given")
        else:
            lost += 1
    judged = sum(check["verdict"] in ("pass", "fail") for check in b.values())
    if not judged:
        wrong.append("nothing is judged any more")
    print(f"{judged} checks judged, {lost} no longer known, each with its reason")
    return wrong


def main(command, *arguments):
    flags = [a for a in arguments if a.startswith("--")]
    paths = [a for a in arguments if not a.startswith("--")]
    if command == "count":
        verdicts = Counter(check["verdict"] for check in checks(paths[0])[0].values())
        print(", ".join(f"{count} {verdict}" for verdict, count in sorted(verdicts.items())))
        return
    wrong = same(*paths, "--any-pid" in flags) if command == "same" else useful(*paths)
    if wrong:
        sys.exit("\n".join(wrong[:20] + ([f"(and {len(wrong) - 20} more)"] if len(wrong) > 20 else [])))


if len(sys.argv) < 3:
    sys.exit(__doc__)
main(*sys.argv[1:])
