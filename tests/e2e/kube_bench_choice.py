"""Holds what is chosen under kube-bench's name against what kube-bench chooses itself.

  words FILE             the command line of a node, a word a line, for kube-bench's choice in FILE
  compare OURS THEIRS    OURS/NODE.{plain,exec}.{out,err,exit} against THEIRS/NODE/kube-bench.json
"""
import collections
import json
import pathlib
import re
import sys

SAME = ("benchmark", "targets", "exit", "detected_version")


def words(path):
    choice = json.loads(pathlib.Path(path).read_text())
    settings = [] if any(word.startswith("--config-dir") for word in choice["args"]) else ["--config-dir", "cfg"]
    print("\n".join([*choice["prefix"], "kube-bench", *choice["args"], *settings]))


def ours(place, name, mode):
    text = lambda kind: (place / f"{name}.{mode}.{kind}").read_text()
    chosen = {"benchmark": None, "targets": [], "exit": int(text("exit")), "detected_version": None, "said": text("err")}
    if text("out").strip():
        controls = json.loads(text("out"))["Controls"]
        chosen["targets"] = [one["node_type"] for one in controls]
        if controls:
            chosen["benchmark"] = controls[0]["version"]
            chosen["detected_version"] = controls[0]["detected_version"]
    return chosen


def reason(mode, node, theirs, chosen):
    """Why a different choice is deliberate; None if it should not differ."""
    said, args = chosen["said"], theirs["args"]
    refuses = "nothing on this node reveals it" in said
    is_given = any(word.startswith(("--version", "--benchmark")) for word in args) or "KUBE_BENCH_VERSION" in node
    family = lambda name: (name or "").split("-")[0]
    if theirs["prefix"]:
        return "the API server is not asked"
    if theirs["error"] == "version-unmapped" and is_given and re.search(r"v?1\.\d+\.\d+|v1\.\d+", " ".join(args) + node):
        return "a version with a patch, or a v, is that version"
    if is_given:
        return None
    if theirs["assumed_118"] and refuses:
        return "nothing tells a version, and 1.18 is not made up"
    if theirs["assumed_118"] or (theirs["error"] == "version-unmapped" and "reports no server version" in said):
        return "kubectl reaches no server, and the node is read"
    if theirs["error"] == "version-unmapped" and mode == "plain" and "kubectl" in node:
        return "kubectl reaches no server, and the node is read"
    if family(chosen["benchmark"]) == "eks" and family(theirs["benchmark"]) == "cis":
        return "a kubelet of EKS is one of EKS"
    if chosen["benchmark"] == "eks-1.8.0" and theirs["benchmark"] == "eks-1.5.0":
        return "releases of EKS newer than all benchmarks get the newest"
    if family(theirs["benchmark"]) == "eks" and family(chosen["benchmark"]) == "cis":
        return "EKS Anywhere is not EKS"
    if mode == "plain" and refuses:
        return "only a program tells the version"
    if mode == "plain" and ": newest for " in said:
        return "only a program tells the release"
    if mode == "plain" and "benchmark rh-" in said:
        return "the system tells another release of OpenShift than oc"
    return None


def compare(place, oracle):
    place, oracle = pathlib.Path(place), pathlib.Path(oracle)
    names = sorted(path.parent.name for path in oracle.glob("*/kube-bench.json"))
    wrong = []
    for mode in ("plain", "exec"):
        agree, reasons = 0, collections.Counter()
        for name in names:
            theirs = json.loads((oracle / name / "kube-bench.json").read_text())
            chosen = ours(place, name, mode)
            # The benchmark that kube-bench chose before it failed is not visible in our output.
            different = {
                key: (theirs[key], chosen[key])
                for key in SAME
                if theirs[key] != chosen[key] and not (key == "benchmark" and theirs["error"] and chosen["exit"] == 1)
            }
            why = reason(mode, (oracle / name / "node.yaml").read_text(), theirs, chosen) if different else None
            agree += not different
            if why:
                reasons[why] += 1
                print(f"{mode:5} {name}: {why}")
            elif different:
                wrong.append((mode, name, different, chosen["said"].splitlines()[:3]))
        print(f"{mode:5} {len(names)} nodes: {agree} as kube-bench chooses; {sum(reasons.values())} otherwise on purpose")
    for mode, name, different, said in wrong:
        print(f"{mode:5} {name}: {different}", *said, sep="\n        ")
    sys.exit(bool(wrong) or not names)


if __name__ == "__main__":
    {"words": words, "compare": compare}[sys.argv[1]](*sys.argv[2:])
