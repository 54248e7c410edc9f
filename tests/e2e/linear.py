"""Runs the program under callgrind on each costly form of text in each place, at a length and at twice that.

    linear.py BINARY DIRECTORY [PLACE]

What a run without the text costs is taken off; what is left may at most be 2.3 times as much for twice the text.
"""

import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys

MOST = 2.3
LENGTH = 24_000
# A difference of fewer instructions than this says nothing about the text.
LEAST = 1_000_000

# Forms that are expensive if a text is scanned from every character: one repeated, or two in sequence.
MASKED = [
    "token=x ", "token=", "token: x ", "token: 'x", "key=", "private-key:/", "key: | ", "https://u:p@h,", "https://a:b/",
    "://", "bearer x ", "basic ", "authorization: a", "=", ":", "-----BEGIN ", "-----BEGIN PRIVATE KEY-----", "-----END ",
    "\"", "\\", "\\\"a", "$1$", "@tcp(", "u:p@", ",", "eyJ.", "LS0tLS1CRUdJTi", "AKIA", "ghp_", "s.", "K10::", "--token ",
    "--token \"", "curl -u a:b ", " -p ", "\\u0061", "sig=", "d:", "name: ", "name: a\nvalue: b\n", "é", "\u202e", "<a ",
    "\t", "\n", "a", "X-Api-Key: [", "]]",
]
YAML = [
    "a: \"x\ny\"\n", "- ", "a: {b: ", "[", "{a: ", "&a ", "&a x\n- *a\n- ", "<<: ", "? ", "!t ", "|\n", "> ", "---\n", "a: b\n",
    "%", "\"", "'", "# ", "\r", "\x00", "\t", "a b ", "name: a\n", "key: |\n x\n", "- --token\n", "*a ", "token: \"x\ny\"\n",
]
UNIT = ["\\\n", "a=b\n", "[a]\n", "Environment=a=b\n", "Environment=\"", "ExecStart=x \\\n", "Environment=A\\x41 ", ";\n", "a", "="]
TWO = [("[", "A=b\n"), ("Environment=", "A=b "), ("a", "=b\n")]
ACCOUNTS = ["a:x:0:0::/:/bin/sh\n", ":", "\n", "a", "0:", "root:x:0:0::/:/bin/sh\n"]
TOML = ["a=1\n", "[a]\n", "[[a]]\n", "a.", "a={", "[", "\"", "'''", "#", "\\", "imports=['a']\n", "[plugins]\n"]
CGROUP = ["0::/", "/", "1:name=systemd:/a/b\n", "a/", "kubepods/", "\n", ":", "pod", "-"]


def repeated(form, length):
    return (form * (length // len(form) + 1))[:length]


def texts(forms, pairs=()):
    for form in forms:
        yield repr(form), lambda length, form=form: repeated(form, length)
    for first, second in pairs:
        yield repr((first, second)), lambda length, one=first, other=second: repeated(one, length // 2) + "]\n" + repeated(other, length // 2)


SERVER = ["kube-apiserver", "--anonymous-auth=false", "--client-ca-file=/etc/kubernetes/pki/ca.crt"]
POD = "0::/kubepods.slice/kubepods-pod" + "0a" * 16 + ".slice/cri-containerd-" + "d1bac86f" * 8 + ".scope\n"
RULES = """id: 2
version: house-1
text: T
type: node
groups:
- id: 2.1
  text: G
  checks:
  - id: 2.1.1
    text: C
    audit: AUDIT
    tests: {test_items: [{flag: sentinel}]}
    remediation: R
    scored: true
"""
SETTINGS = """node:
  components: [kubelet]
  kubelet: {bins: [kubelet]}
version_mapping: {"1.30": house-1}
target_mapping: {house-1: [node]}
"""


class Node:
    """A worker with an API server, in a directory."""

    def __init__(self, directory):
        self.root, self.proc = directory / "root", directory / "proc"
        self.proc.mkdir(parents=True)
        self.file("etc/passwd", "root:x:0:0:root:/root:/bin/sh\n")
        self.file("etc/group", "root:x:0:\n")
        self.file("var/lib/kubelet/config.yaml", "readOnlyPort: 0\n")
        self.file("etc/kubernetes/kubelet.conf", "kind: Config\n")
        self.file("usr/lib/systemd/system/kubelet.service", "[Service]\n")
        self.process(1, ["/bin/sh"], "0::/init.scope\n")
        self.process(100, ["/usr/bin/kubelet", "--config=/var/lib/kubelet/config.yaml"], "0::/system.slice/kubelet.service\n")
        self.process(200, SERVER, POD)

    def file(self, path, text):
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(text.encode())

    def process(self, pid, words, cgroup, environment=""):
        place = self.proc / str(pid)
        place.mkdir(exist_ok=True)
        name = os.path.basename(words[0])[:15]
        (place / "cmdline").write_bytes(b"".join(word.replace("\0", "").encode() + b"\0" for word in words))
        (place / "comm").write_text(name + "\n")
        (place / "stat").write_text(f"{pid} ({name}) S 1 {pid} {pid} 0 -1{' 0' * 44}\n")
        (place / "cgroup").write_text(cgroup)
        (place / "environ").write_bytes(environment.encode())
        (place / "status").write_text(f"Name:\t{name}\nPid:\t{pid}\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\nNSpid:\t{pid}\n")
        (place / "uid_map").write_text("         0          0 4294967295\n")
        for link, target in [("exe", words[0] if words[0].startswith("/") else "/usr/local/bin/" + words[0]), ("root", self.root)]:
            if not os.path.islink(place / link):
                os.symlink(target, place / link)

    def words(self):
        return ["--root", str(self.root), "--proc", str(self.proc)]


def of_node(put, *words):
    def run(directory, text):
        node = Node(directory)
        put(node, text)
        return [*words, *node.words()]
    return run


def of_rules(audit):
    def run(directory, text):
        node = Node(directory)
        node.file("srv/text", text)
        rules = directory / "rules"
        (rules / "house-1").mkdir(parents=True)
        (rules / "config.yaml").write_text(SETTINGS)
        (rules / "house-1" / "node.yaml").write_text(RULES.replace("AUDIT", json.dumps(audit)))
        return ["--benchmark", "house-1", "-s", "node", "-D", str(rules), "--json", *node.words()]
    return run


def report(binary):
    """A native report in which the values of evidence are the text."""
    def run(directory, text):
        node = Node(directory)
        saved = directory / "saved.json"
        words = ["run", "--check", "1.2.1", "--output", f"native={saved}", "--output", "text=/dev/null", *node.words()]
        subprocess.run([binary, *words], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        told = json.loads(saved.read_text())

        def seed(value):
            if isinstance(value, dict):
                return {key: text if key == "value" and isinstance(inner, str) else seed(inner) for key, inner in value.items()}
            return [seed(inner) for inner in value] if isinstance(value, list) else value
        saved.write_text(json.dumps(seed(told)))
        return ["report", str(saved), "--format", "junit"]
    return run


def places(binary):
    argument = of_node(lambda node, text: node.process(200, [*SERVER, "--tls-cipher-suites=" + text], POD), "run", "--check", "1.2.29", "--json")
    config = of_node(lambda node, text: node.file("var/lib/kubelet/config.yaml", "a: 1\n" + text), "run", "-s", "node", "--json")
    value = of_node(lambda node, text: node.file("var/lib/kubelet/config.yaml", "tlsCipherSuites: [" + json.dumps(text) + "]\n"), "run", "-s", "node", "--json")
    manifest = of_node(lambda node, text: node.file("etc/kubernetes/manifests/x.yaml", "kind: Pod\nmetadata:\n  name: x\n" + text), "run", "-s", "node")
    unit = of_node(lambda node, text: node.file("usr/lib/systemd/system/kubelet.service", "[Service]\n" + text), "run", "-s", "node")
    accounts = of_node(lambda node, text: node.file("etc/passwd", text), "run", "-s", "node")
    toml = of_node(lambda node, text: node.file("etc/containerd/config.toml", text), "run", "-s", "node")
    cgroup = of_node(lambda node, text: node.process(200, SERVER, text), "run", "-s", "node")
    record = of_node(lambda node, text: node.process(200, [*SERVER, text], POD, "X=" + text.replace("\0", "")), "record", "--file", "/dev/null")
    return {
        "audit": (of_rules("cat /srv/text"), texts(MASKED)),
        "tools": (of_rules("cat /srv/text | sed 's/a/b/g' | grep -v x | awk '{print $1}' | tr a b | sort -u"), texts(["a ", "\n", "a", "ab\n", "\0", "\\", "é"])),
        "argument": (argument, texts(MASKED)),
        "value": (value, texts(MASKED[:12])),
        "config": (config, texts(YAML)),
        "manifest": (manifest, texts(YAML)),
        "unit": (unit, texts(UNIT, TWO)),
        "accounts": (accounts, texts(ACCOUNTS)),
        "toml": (toml, texts(TOML)),
        "cgroup": (cgroup, texts(CGROUP)),
        "record": (record, texts(MASKED[:20])),
        "report": (report(binary), texts(MASKED)),
    }


def count(binary, directory, words):
    command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={directory}/counted", binary, *words]
    ran = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env={}, cwd=directory, timeout=600)
    found = re.search(rb"Collected : *(\d+)", ran.stderr)
    if found is None:
        raise RuntimeError(ran.stderr.decode(errors="replace")[-400:])
    if ran.returncode not in (0, 1, 2):
        raise RuntimeError(f"ended with {ran.returncode}")
    return int(found[1])


def main():
    binary, work = sys.argv[1], pathlib.Path(sys.argv[2])
    wanted = sys.argv[3:]
    failed, tried = [], 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        def cost(place, make, name, text):
            directory = work / f"{place}-{name}"
            directory.mkdir()
            try:
                return count(binary, directory, make(directory, text))
            finally:
                subprocess.run(["rm", "-rf", directory], check=True)
        waiting = []
        for place, (make, forms) in places(binary).items():
            if wanted and place not in wanted:
                continue
            empty = pool.submit(cost, place, make, "empty", "")
            for number, (form, text) in enumerate(forms):
                one = pool.submit(cost, place, make, f"{number}-one", text(LENGTH))
                two = pool.submit(cost, place, make, f"{number}-two", text(2 * LENGTH))
                waiting.append((place, form, empty, one, two))
        worst = (0, "")
        for place, form, empty, one, two in waiting:
            base = empty.result()
            one, two = one.result() - base, two.result() - base
            tried += 1
            ratio = two / max(one, LEAST / MOST)
            worst = max(worst, (two / (2 * LENGTH), f"{place} {form}"))
            if ratio > MOST:
                failed.append(f"{place}: {form}: {one} instructions more, and {two} for twice the text ({ratio:.1f} times)")
    print(f"{tried} texts; the most for a byte are {worst[0]:.0f} instructions ({worst[1]})")
    for line in failed:
        print(line)
    sys.exit(bool(failed))


main()
