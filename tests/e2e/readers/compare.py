#!/usr/bin/env python3
"""What readers found against what they should have found.

  compare.py cases EXPECTED.json FOUND.json    the same cases with the same outcomes, what was found and expected, each known
                                               by a key of its own
  compare.py same ONE.json OTHER.json          the keys are the same in two runs
  compare.py apart ONE.json OTHER.json         no key is in both
"""
import json
import re
import sys
import unicodedata
from collections import Counter

wrong = []
command, first, second = sys.argv[1:]
one, other = (json.load(open(path, encoding="utf-8")) for path in (first, second))


def flat(text):
    """As one line of the text report has it."""
    return text.replace("\n", "\\n").replace("\t", "\\t")


def keys(cases):
    return {case["key"] for case in cases}


def compare(expected, found):
    counted = lambda cases: Counter((case["name"], case["outcome"]) for case in cases)
    for case, count in (counted(expected) - counted(found)).items():
        wrong.append(f"{case}: {count} lacking")
    for case, count in (counted(found) - counted(expected)).items():
        wrong.append(f"{case}: {count} too many")
    if len(keys(found)) != len(found):
        twice = [key for key, count in Counter(case["key"] for case in found).items() if count > 1]
        wrong.append(f"{len(twice)} keys are those of several cases: {twice[:3]}")
    by_name = {}
    for case in found:
        by_name.setdefault(case["name"], []).append(case)
    for case in expected:
        suite = f"{case['node']} / "
        same = [it for it in by_name.get(case["name"], []) if it["suite"] is None or flat(it["suite"]).startswith(suite)]
        if not same:
            wrong.append(f"{case['name']}: not in a suite of {case['node']}")
        if case["outcome"] == "passed":
            continue
        for it in same:
            if it["text"] is None or it["outcome"] != case["outcome"]:
                continue
            # Two nodes may have the same check; one of them must have the reason.
            texts = [flat(it["text"]) for it in same if it["text"] is not None]
            if not any(case["reason"] in text for text in texts):
                wrong.append(f"{case['name']}: {it['text']!r} does not say {case['reason']!r}")
            if case["outcome"] == "failed" and not any(flat(case["remediation"]) in text for text in texts):
                wrong.append(f"{case['name']}: {it['text']!r} does not say how to fix it")
    for case in found:
        shown = "".join(str(case[part]) for part in ("suite", "class", "name", "text"))
        odd = {c for c in shown if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") and c not in "\n\t"}
        if odd:
            wrong.append(f"{case['name']}: shows {sorted(odd)!r}")
        if case["class"] is not None and not re.fullmatch(r"[\w-]+\.[\w-]+", case["class"], re.ASCII):
            wrong.append(f"{case['class']}: no package and class")


if command == "cases":
    compare(one, other)
elif command == "same":
    if keys(one) != keys(other):
        wrong.append(f"only in one of the two: {sorted(keys(one) ^ keys(other))[:5]}")
elif command == "apart":
    if keys(one) & keys(other):
        wrong.append(f"in both: {sorted(keys(one) & keys(other))[:5]}")
else:
    sys.exit(__doc__)
if not one or not other:
    wrong.append("no cases")
if wrong:
    sys.exit("\n".join(line[:400] for line in wrong[:10]))
