"""Holds what comes out under kube-bench's name against what kube-bench itself says.

  verdicts DIR ORACLE    DIR/NODE/{exec,native,offline,recorded}.BENCHMARK against ORACLE/NODE/{verdicts.jsonl,*.json}
  text OURS THEIRS       a report as text
  junit OURS THEIRS      a report as JUnit's XML
  targets THEIRS RULES   the targets of a sample, separated by commas
"""
import collections
import json
import pathlib
import re
import sys
import xml.etree.ElementTree

# How many characters of values and reasons the oracle keeps.
MOST = 500


def without_ps(text):
    """The columns of ps that vary are left out, and the lines of the program that asks."""
    lines = []
    for line in text.split("\n"):
        words = line.split()
        if len(words) > 7 and words[1].isdigit() and words[2].isdigit():
            line = " ".join(words[7:])
        if not re.match(r"(/?kube-bench (run|-D)|/usr/bin/kube-bench )", line):
            lines.append(line)
    return "\n".join(lines)


def same_reason(ours, theirs):
    """The programs of a pipe complain in any order, which also decides what a cut leaves."""
    if ours[:MOST] == theirs:
        return True
    if sorted(ours.split("\\n")) == sorted(theirs.split("\\n")):
        return True
    return len(theirs) == MOST and ours.split('", output: ')[0] == theirs.split('", output: ')[0]


def same_but_for_order(ours, theirs):
    """Nobody wrote down in which order a directory lists its files, so find may answer in another one offline."""
    return "find " in ours["audit"] and ours["status"] == theirs["status"]


def checks(report):
    for control in report["Controls"]:
        for group in control["tests"] or []:
            for check in group["results"]:
                yield control["node_type"], check


def verdicts(place, oracle):
    place, oracle = pathlib.Path(place), pathlib.Path(oracle)
    counts = {mode: collections.Counter() for mode in ("exec", "native", "offline", "recorded")}
    differences = []
    for node in sorted(path.parent.name for path in oracle.glob("*/verdicts.jsonl")):
        theirs = collections.defaultdict(list)
        for line in (oracle / node / "verdicts.jsonl").read_text().splitlines():
            verdict = json.loads(line)
            theirs[verdict["benchmark"]].append(verdict)
        for mode, count in counts.items():
            for benchmark, expected in theirs.items():
                report = json.loads((place / node / f"{mode}.{benchmark}").read_text())
                by_target = collections.defaultdict(list)
                for target, check in checks(report):
                    by_target[target].append(check)
                for verdict in expected:
                    check = by_target[verdict["target"]].pop(0)
                    assert check["test_number"] == verdict["id"], (node, mode, verdict["id"], check["test_number"])
                    count["checks"] += 1
                    if "not run, since no process is started" in check.get("reason", "") or ": the audit: " in f': {check.get("reason", "")}':
                        count["not run"] += 1
                        continue
                    same = {
                        "status": check["status"] == verdict["status"],
                        "expected": check["expected_result"] == verdict["expected_result"],
                        "reason": same_reason(check.get("reason", ""), verdict["reason"]),
                    }
                    if mode in ("offline", "recorded") and not all(same.values()) and same_but_for_order(check, verdict):
                        count["order"] += 1
                        same = dict.fromkeys(same, True)
                    for name, agrees in same.items():
                        count[name] += agrees
                    count["all three"] += all(same.values())
                    if not all(same.values()):
                        differences.append((node, mode, benchmark, check, verdict))
                assert not any(by_target.values()), (node, mode, benchmark)
    for path in sorted(path for path in oracle.glob("*/*.json") if (path.parent / "verdicts.jsonl").exists()):
        ours = json.loads((place / path.parent.name / f"exec.{path.stem}").read_text())
        theirs = json.loads(path.read_text())
        compared(ours, theirs, f"{path.parent.name}, {path.stem}.json", differences)
    print(f"{'':9}{'checks':>8}{'not run':>8}{'status':>8}{'expected':>9}{'reason':>8}{'all three':>10}{'order':>7}")
    for mode, count in counts.items():
        print(f"{mode:9}{count['checks']:8}{count['not run']:8}{count['status']:8}{count['expected']:9}{count['reason']:8}{count['all three']:10}{count['order']:7}")
    for node, mode, benchmark, check, verdict in differences[:20]:
        print(f"{node}, {mode}, {benchmark}, {verdict.get('id')}:\n  theirs {verdict}\n  ours   {check}")
    if counts["exec"]["not run"]:
        sys.exit("with --allow-exec every audit runs")
    # In a real shell, the programs of a pipeline print errors in any order, or none if another one has already ended.
    races = [one for one in differences if one[1] == "exec" and one[3]["status"] == one[4]["status"] and "|" in one[3]["audit"]]
    if len(races) * 1000 > counts["exec"]["checks"] or len(races) < len(differences):
        sys.exit(f"{len(differences)} differences")


def compared(ours, theirs, where, differences):
    """Two JSON values, ps left out of their texts."""
    if isinstance(ours, dict) and isinstance(theirs, dict) and ours.keys() == theirs.keys():
        for key, value in theirs.items():
            if key == "reason" and same_reason(ours[key], value):
                continue
            compared(ours[key], value, f"{where}: {key}", differences)
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for one, other in zip(ours, theirs):
            compared(one, other, where, differences)
    elif isinstance(ours, str) and isinstance(theirs, str):
        if without_ps(ours) != without_ps(theirs):
            differences.append((where, "", "", ours, {"id": theirs}))
    elif ours != theirs:
        differences.append((where, "", "", ours, {"id": theirs}))


def text(ours, theirs):
    ours, theirs = (pathlib.Path(path).read_text().splitlines() for path in (ours, theirs))
    different = [pair for pair in zip(ours, theirs) if pair[0] != pair[1]]
    if different or len(ours) != len(theirs):
        sys.exit(f"{len(ours)} and {len(theirs)} lines, {len(different)} differ: {different[:3]}")


def junit(ours, theirs):
    def cases(path):
        for suite in xml.etree.ElementTree.parse(path).getroot():
            yield suite.tag, suite.attrib
            for case in suite:
                inside = [(part.tag, part.attrib, part.text) for part in case if part.tag != "system-out"]
                check = json.loads(case.find("system-out").text)
                yield case.attrib, inside, {key: without_ps(value) if isinstance(value, str) else value for key, value in check.items()}

    different = [pair for pair in zip(cases(ours), cases(theirs), strict=True) if pair[0] != pair[1]]
    if different:
        sys.exit(f"{len(different)} cases differ: {different[0]}")


def targets(sample, rules):
    said = pathlib.Path(sample).read_text()
    found = []
    for path in sorted(pathlib.Path(rules).glob("*.yaml")):
        if path.stem == "config":
            continue
        title = re.search(r'^text: "?(.*?)"?$', path.read_text(), re.M).group(1)
        if f"== Summary {path.stem} ==" in said or f'<testsuite name="{title}"' in said:
            found.append(path.stem)
    print(",".join(found))


if __name__ == "__main__":
    {"verdicts": verdicts, "text": text, "junit": junit, "targets": targets}[sys.argv[1]](*sys.argv[2:])
