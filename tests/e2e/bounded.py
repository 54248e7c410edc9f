#!/usr/bin/env python3
"""Makes nodes that cost as much as their makers can make them cost: a root and a directory that looks like its proc.

    bounded.py KIND DIRECTORY       makes DIRECTORY/root and DIRECTORY/proc
    bounded.py --list               the kinds
    bounded.py --rules DIRECTORY    makes a directory of rule files, whose audits read whatever those nodes have
    bounded.py --inputs DIRECTORY   makes files and directories that a user may name, each too large in one way
"""
import json
import os
import pathlib
import sys

MIB = 1 << 20
CGROUP = "0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod{}.slice/cri-containerd-{:064x}.scope\n"
KINDS = {}


def kind(function):
    KINDS[function.__name__.replace("_", "-")] = function
    return function


class Node:
    def __init__(self, directory):
        self.root, self.proc = pathlib.Path(directory, "root"), pathlib.Path(directory, "proc")
        for path in (self.root, self.proc):
            path.mkdir(parents=True)
        self.pid = 100
        self.bare_process(1, ["/sbin/init"], "0::/init.scope\n")
        self.file("etc/hostname", "cp1\n")
        self.file("etc/passwd", "root:x:0:0::/root:/bin/sh\netcd:x:998:998::/:/sbin/nologin\n")
        self.file("etc/group", "root:x:0:\netcd:x:998:\n")

    def file(self, path, content, mode=0o600):
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode())
        target.chmod(mode)
        return target

    def bare_process(self, pid, argv, cgroup, environ=b""):
        """A process as its directory shows it. A real proc has more."""
        directory = self.proc / str(pid)
        directory.mkdir()
        argv = argv if isinstance(argv, bytes) else b"".join(word.encode() + b"\0" for word in argv)
        (directory / "cmdline").write_bytes(argv)
        (directory / "cgroup").write_text(cgroup)
        (directory / "status").write_text(f"Name:\tx\nPid:\t{pid}\nUid:\t0\t0\t0\t0\nNSpid:\t{pid}\n")
        (directory / "stat").write_text(f"{pid} (x) S 1 " + "0 " * 17 + "77 0 0 18446744073709551615" + " 0" * 27 + "\n")
        (directory / "uid_map").write_text("         0          0 4294967295\n")
        if environ:
            (directory / "environ").write_bytes(environ)
        (directory / "root").symlink_to(self.root)
        (directory / "cwd").symlink_to(self.root)
        return directory

    def process(self, argv, cgroup, environ=b"", program=None, comm=None):
        """One of the node's root, whose program lies where its first word says."""
        self.pid += 1
        first = program or (argv.split(b"\0")[0].decode() if isinstance(argv, bytes) else argv[0])
        if not first.startswith("/"):
            first = "/usr/local/bin/" + first
        if not (self.root / first[1:]).exists():
            self.file(first[1:], "", 0o755)
        directory = self.bare_process(self.pid, argv, cgroup, environ)
        (directory / "comm").write_text((comm or first.rsplit("/", 1)[-1])[:15] + "\n")
        (directory / "exe").symlink_to(first)
        return self.pid

    def kubelet(self, *arguments, cgroup="0::/system.slice/kubelet.service\n", **more):
        return self.process(["/usr/bin/kubelet", *arguments], cgroup, **more)

    def static_pod(self, number, component, argv, manifest=True):
        uid = f"{number:032x}"
        if manifest:
            self.file(f"etc/kubernetes/manifests/{component}-{number}.yaml", pod(component, uid))
        return self.process(argv, CGROUP.format(uid, number))

    def control_plane(self, config="kind: KubeletConfiguration\nstaticPodPath: /etc/kubernetes/manifests\n"):
        """An ordinary one, so that nearly everything that is ever read is read."""
        self.kubelet("--config=/var/lib/kubelet/config.yaml", "--kubeconfig=/etc/kubernetes/kubelet.conf")
        self.file("var/lib/kubelet/config.yaml", config)
        for name in ("admin", "kubelet", "scheduler", "controller-manager"):
            self.file(f"etc/kubernetes/{name}.conf", "kind: Config\n")
        self.static_pod(1, "kube-apiserver", [
            "kube-apiserver", "--anonymous-auth=false", "--audit-policy-file=/etc/kubernetes/audit.yaml",
            "--encryption-provider-config=/etc/kubernetes/enc.yaml", "--authorization-config=/etc/kubernetes/authz.yaml",
            "--admission-control-config-file=/etc/kubernetes/admission.yaml", "--client-ca-file=/etc/kubernetes/pki/ca.crt",
            "--tls-cert-file=/etc/kubernetes/pki/apiserver.crt", "--tls-private-key-file=/etc/kubernetes/pki/apiserver.key"])
        self.static_pod(2, "kube-controller-manager", ["kube-controller-manager", "--profiling=false", "--kubeconfig=/etc/kubernetes/controller-manager.conf"])
        self.static_pod(3, "kube-scheduler", ["kube-scheduler", "--config=/etc/kubernetes/scheduler.yaml", "--kubeconfig=/etc/kubernetes/scheduler.conf"])
        self.static_pod(4, "etcd", ["etcd", "--data-dir=/var/lib/etcd", "--config-file=/etc/etcd.conf.yml"])
        self.process(["/usr/bin/containerd", "--config=/etc/containerd/config.toml"], "0::/system.slice/containerd.service\n")
        self.file("etc/systemd/system/kubelet.service", "[Service]\nExecStart=/usr/bin/kubelet $A\nEnvironmentFile=-/etc/default/kubelet\n", 0o644)
        self.file("etc/default/kubelet", "A=--v=2\n", 0o644)
        for name in ("ca", "apiserver", "front-proxy-ca"):
            self.file(f"etc/kubernetes/pki/{name}.crt", "-----BEGIN CERTIFICATE-----\n")
            self.file(f"etc/kubernetes/pki/{name}.key", "-----BEGIN PRIVATE KEY-----\n")
        self.file("etc/cni/net.d/10-x.conflist", '{"cniVersion": "1.0.0", "plugins": []}\n')


def pod(component, uid):
    return (f"apiVersion: v1\nkind: Pod\nmetadata:\n  name: {component}\n  namespace: kube-system\n  uid: {uid}\nspec:\n"
            f"  containers:\n  - name: {component}\n    image: registry.k8s.io/{component}:v1.32.4\n    command: [{component}]\n")


def padded(piece, size=16 * MIB, head=b"", tail=b""):
    """So many bytes, of which nearly all are one piece again and again."""
    times = (size - len(head) - len(tail)) // len(piece)
    return head + piece * times + tail


# Contents of 16 MiB files, from which parsers produce very few or very many values.
FILLINGS = {
    "comments": lambda: padded(b"# a comment of no use\n", head=b"kind: X\n"),
    "keys": lambda: padded(b"a: b\n"),
    "items": lambda: padded(b"1,", head=b"kind: X\na: [", tail=b"1]\n"),
    "scalar": lambda: padded(b"x", head=b"kind: ", tail=b"\n"),
    "quoted": lambda: padded(b"\\n", head=b'kind: "', tail=b'"\n'),
    "lines": lambda: padded(b"x\n"),
    "breaks": lambda: padded(b"\n"),
    "settings": lambda: padded(b"A=b\n", head=b"[Service]\n"),
    "nothing": lambda: bytes(16 * MIB),
    "bytes": lambda: padded(b"\xff\xfe"),
    "table": lambda: padded(b"[a.b]\nc = 1\n"),
    "json": lambda: padded(b'{"a":1},', head=b'{"plugins":[', tail=b"{}]}"),
}
# Every file that is read on an ordinary control plane.
PLACES = [
    "var/lib/kubelet/config.yaml", "etc/kubernetes/manifests/kube-apiserver-1.yaml", "etc/systemd/system/kubelet.service",
    "etc/default/kubelet", "etc/cni/net.d/10-x.conflist", "etc/kubernetes/kubelet.conf", "etc/kubernetes/admin.conf",
    "etc/kubernetes/audit.yaml", "etc/kubernetes/enc.yaml", "etc/kubernetes/authz.yaml", "etc/kubernetes/admission.yaml",
    "etc/kubernetes/scheduler.yaml", "etc/etcd.conf.yml", "etc/containerd/config.toml", "etc/passwd", "etc/group",
    "etc/nsswitch.conf", "etc/hostname", "etc/os-release", "etc/machine-id", "var/lib/dpkg/status", "etc/kubernetes/pki/ca.crt",
    "etc/kubernetes/pki/ca.key", "etc/cni/net.d/00-multus.conf", "etc/systemd/system/kubelet.service.d/10.conf",
    "etc/sysconfig/kubelet", "etc/kubernetes/kubelet/config.json",
]


def all_large(filling):
    def make(node):
        node.control_plane()
        content = FILLINGS[filling]()
        first = None
        for place in PLACES:
            (node.root / place).unlink(missing_ok=True)
            if first is None:
                first = node.file(place, content)
            else:
                (node.root / place).parent.mkdir(parents=True, exist_ok=True)
                os.link(first, node.root / place)
    return make


for filling in FILLINGS:
    KINDS[f"all-{filling}"] = all_large(filling)


def one_large(place, filling):
    def make(node):
        node.control_plane()
        (node.root / place).unlink(missing_ok=True)
        node.file(place, FILLINGS[filling]())
    return make


for place in PLACES:
    for filling in FILLINGS:
        KINDS[f"one-{filling}-{place.replace('/', '.')}"] = one_large(place, filling)


@kind
def ordinary(node):
    node.control_plane()


def arguments(component, how, size=2 * MIB):
    if how == "one":
        return component.encode() + b"\0--a=" + b"x" * size + b"\0"
    if how == "known":
        return component.encode() + b"\0--tls-cipher-suites=" + b"TLS_A," * (size // 6) + b"\0--client-ca-file=/" + b"a" * 100_000 + b"\0"
    if how == "flags":
        return component.encode() + b"\0" + b"--a=b\0" * (size // 6)
    return component.encode() + b"\0" + b"a\0" * (size // 2)


for how in ("one", "known", "flags", "words"):
    @kind
    def tenants_pods(node, how=how):
        node.control_plane()
        for number in range(200):
            node.static_pod(1000 + number, "kube-proxy", arguments("kube-proxy", how), manifest=False)

    @kind
    def static_pods(node, how=how):
        node.control_plane()
        for number in range(200):
            node.static_pod(1000 + number, "kube-apiserver", arguments("kube-apiserver", how))

    @kind
    def embedders(node, how=how):
        node.control_plane()
        for _ in range(40):
            node.process(arguments("/usr/local/bin/k3s", how).replace(b"\0", b"\0server\0", 1), "0::/system.slice/k3s.service\n")

    @kind
    def one_process(node, how=how):
        node.control_plane()
        node.process(arguments("/usr/bin/kubelet", how, 8 * MIB - 200_000), "0::/system.slice/kubelet.service\n")

    for made in ("tenants-pods", "static-pods", "embedders", "one-process"):
        KINDS[f"{made}-{how}"] = KINDS.pop(made)


@kind
def over_the_limit(node):
    node.control_plane()
    node.process(arguments("/usr/bin/kubelet", "one", 9 * MIB), "0::/system.slice/kubelet.service\n")


for filling in ("comments", "keys", "items", "scalar", "json"):
    @kind
    def kubelets(node, filling=filling):
        node.control_plane()
        for number in range(20):
            node.kubelet(f"--config=/var/lib/kubelet/config-{number}.yaml")
            node.file(f"var/lib/kubelet/config-{number}.yaml", FILLINGS[filling]()[: 15 * MIB])

    @kind
    def kubelets_of_tenants(node, filling=filling):
        node.control_plane()
        for number in range(20):
            node.kubelet(f"--config=/var/lib/kubelet/config-{number}.yaml", cgroup=CGROUP.format(f"{number:032x}", number))
            node.file(f"var/lib/kubelet/config-{number}.yaml", FILLINGS[filling]()[: 15 * MIB])

    @kind
    def drop_ins(node, filling=filling):
        node.control_plane()
        node.kubelet("--config=/var/lib/kubelet/config.yaml", "--config-dir=/etc/kubelet.d")
        first = node.file("etc/kubelet.d/0000.conf", FILLINGS[filling]())
        for number in range(1, 1000):
            os.link(first, node.root / f"etc/kubelet.d/{number:04}.conf")

    for made in ("kubelets", "kubelets-of-tenants", "drop-ins"):
        KINDS[f"{made}-{filling}"] = KINDS.pop(made)


@kind
def small_drop_ins(node):
    node.control_plane()
    node.kubelet("--config=/var/lib/kubelet/config.yaml", "--config-dir=/etc/kubelet.d")
    for number in range(1000):
        node.file(f"etc/kubelet.d/{number:04}.conf", f"a{number}: [" + "1," * 8000 + "1]\n")


@kind
def pki(node):
    node.control_plane()
    for number in range(49_000):
        node.file(f"etc/kubernetes/pki/{number:05}{'n' * 240}.crt", "", 0o666)


@kind
def pki_of_keys(node):
    node.control_plane()
    for number in range(49_000):
        path = node.file(f"etc/kubernetes/pki/{number:05}{'n' * 240}.key", "", 0o666)
        os.chown(path, number, number)


@kind
def pki_of_links(node):
    node.control_plane()
    deep = "etc/kubernetes/" + "/".join("d" * 200 for _ in range(15))
    node.file(deep + "/file", "")
    directory = node.root / "etc/kubernetes/pki"
    for number in range(49_000):
        (directory / f"{number:05}{'n' * 240}.crt").symlink_to("/" + deep + "/file")


@kind
def pki_of_directories(node):
    node.control_plane()
    path = node.root / "etc/kubernetes/pki"
    for depth in range(14):
        for number in range(3000):
            (path / f"{number:05}{'n' * 240}.crt").write_bytes(b"")
        path /= "z" * 240
        path.mkdir()


@kind
def accounts(node):
    node.control_plane()
    for name in ("passwd", "group"):
        lines = (f"u{number:x}:x:{number}:1::/:\n" if name == "passwd" else f"g{number:x}:x:{number}:\n" for number in range(800_000))
        node.file(f"etc/{name}", "root:x:0:0\netcd:x:998:998\n" + "".join(lines)[: 16 * MIB - 100])


@kind
def accounts_of_one_letter(node):
    node.control_plane()
    for name in ("passwd", "group"):
        node.file(f"etc/{name}", padded(b"a:x:1\n"))


@kind
def called_kubelet(node):
    node.control_plane()
    for number in range(50_000):
        node.pid += 1
        directory = node.proc / str(node.pid)
        directory.mkdir()
        (directory / "cmdline").write_bytes(b"/usr/bin/kubelet\0--config=/etc/x\0")
        (directory / "status").write_text(f"Uid:\t{number % 3 * number}\t{number % 3 * number}\t0\t0\nNSpid:\t1\n")
        (directory / "cgroup").write_text(CGROUP.format(f"{number:032x}", number))


@kind
def believed_kubelets(node):
    node.control_plane()
    for number in range(2_000):
        node.kubelet("--config=/var/lib/kubelet/config.yaml", f"--x={'x' * 1000}", cgroup=f"0::/system.slice/kubelet-{number}.service\n")


@kind
def environment(node):
    node.control_plane()
    for number in range(100):
        node.pid += 0
        node.static_pod(100 + number, "etcd", ["etcd", "--data-dir=/var/lib/etcd"])
        directory = node.proc / str(node.pid)
        (directory / "environ").write_bytes(b"ETCD_CERT_FILE=" + b"x" * (2 * MIB) + b"\0" + b"A=b\0" * 1000)


@kind
def manifests(node):
    node.control_plane()
    for number in range(10_000):
        node.file(f"etc/kubernetes/manifests/{number:05}.yaml", pod("kube-apiserver", f"{number:032x}"))


@kind
def large_manifests(node):
    node.control_plane()
    for number in range(250):
        items = "".join(f"    - --a{item}={'x' * 50}\n" for item in range(1000))
        node.file(f"etc/kubernetes/manifests/{number:05}.yaml", pod("kube-apiserver", f"{number:032x}") + "    args:\n" + items)


@kind
def a_million_entries(node):
    node.control_plane()
    for directory in ("etc/kubernetes/manifests", "etc/kubernetes/pki", "etc/cni/net.d", "etc/systemd/system/kubelet.service.d"):
        path = node.root / directory
        path.mkdir(parents=True, exist_ok=True)
        count = 1_000_000 if directory.endswith("pki") else 99_000
        for number in range(count):
            os.close(os.open(path / f"{number:07}.conf", os.O_CREAT))


@kind
def records(node):
    node.control_plane()
    for number in range(300):
        node.static_pod(5000 + number, "kube-proxy", ["kube-proxy", "--v=2"], manifest=False)
        node.file(f"run/containerd/io.containerd.runtime.v2.task/k8s.io/{5000 + number:064x}/config.json",
                  '{"process":{"args":["' + "a" * (2 * MIB) + '"]},"annotations":{"io.kubernetes.cri.sandbox-namespace":"x"}}')


@kind
def texts(node):
    """Long texts wherever one is told."""
    long = "\x1b\"<&'" * (200_000 // 5)
    node.control_plane(config=f"kind: KubeletConfiguration\nauthentication: {{anonymous: {{enabled: \"{'y' * MIB}\"}}}}\nreadOnlyPort: '{'9' * MIB}'\n")
    node.file("etc/hostname", long + "\n")
    node.file("etc/os-release", f"ID={'i' * MIB}\nVERSION_ID={'v' * MIB}\n")
    node.process(["kube-apiserver"] + [f"--{flag}={long}" for flag in (
        "anonymous-auth", "profiling", "audit-log-path", "audit-log-maxage", "audit-log-maxsize", "authorization-mode",
        "client-ca-file", "kubelet-certificate-authority", "enable-admission-plugins", "tls-cipher-suites", "etcd-cafile")],
        CGROUP.format(f"{9:032x}", 9))
    node.file("etc/kubernetes/manifests/kube-apiserver-9.yaml", pod("kube-apiserver", f"{9:032x}"))


# Audits that print as much as possible.
AUDITS = {
    "ps": "ps -ef",
    "ps-of-one": "ps -ef | grep kubelet | grep -v grep",
    "cat": "cat /var/lib/kubelet/config.yaml",
    "cat-of-many": "cat" + " /var/lib/kubelet/config.yaml" * 40,
    "in-words": "echo $(cat /etc/passwd /etc/group)",
    "again-and-again": "for a in 1 2 3 4 5 6 7 8 9; do for b in 1 2 3 4 5 6 7 8 9; do cat /etc/group; done; done",
    "pki": "find /etc/kubernetes/pki -name '*' | xargs stat -c '%n permissions=%a %U:%G'",
    "sorted": "cat /etc/passwd | sort | uniq | tail -n 9",
    "awk": "cat /etc/passwd | awk -F: '{print $1}'",
    "json": "cat /etc/cni/net.d/10-x.conflist",
}


def rules(directory):
    checks = []
    for name, audit in AUDITS.items():
        for key in ("audit", "audit_config"):
            item = "flag: permissions" if key == "audit" else "path: '{.authentication.anonymous.enabled}'"
            checks.append({"id": f"1.1.{len(checks) + 1}", "text": f"{name} as {key}", key: audit,
                           "tests": {"test_items": [{item.split(": ")[0]: item.split(": ", 1)[1].strip("'"), "set": True}]},
                           "remediation": "R", "scored": True})
    for target in ("master", "node", "etcd"):
        file = {"id": 1, "version": "house-1", "text": "T", "type": target,
                "groups": [{"id": "1.1", "text": "G", "checks": checks}]}
        path = directory / "house-1" / f"{target}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(file))
    (directory / "config.yaml").write_text(json.dumps({
        "master": {"components": ["apiserver"], "apiserver": {"bins": ["kube-apiserver"]}},
        "node": {"components": ["kubelet"], "kubelet": {"bins": ["kubelet"], "confs": ["/var/lib/kubelet/config.yaml"]}},
        "etcd": {"components": ["etcd"], "etcd": {"bins": ["etcd"]}},
        "controlplane": {"components": []}, "policies": {"components": []}, "managedservices": {"components": []},
        "version_mapping": {"1.32": "house-1"}, "target_mapping": {"house-1": ["master", "node", "etcd"]}}))


def inputs(directory):
    """One file or directory by what is wrong with it."""
    directory.mkdir(parents=True)
    # Recordings.
    os.mkfifo(directory / "fifo")
    with open(directory / "sparse", "wb") as file:
        file.truncate((64 << 20) + 1)
    (directory / "deep").write_text("form: 2\nfiles: " + "[" * 100_000)
    (directory / "many").write_text("form: 2\nfiles: [" + "{}," * 6_000_000 + "]\n")
    (directory / "aliases").write_text("form: 2\nx: &x [" + "a," * 1000 + "]\nfiles: [" + "*x," * 1_000_000 + "]\n")
    # Saved reports.
    (directory / "deep.json").write_text("[" * 100_000)
    (directory / "many.json").write_text('{"version":1,"targets":[' + "[]," * 6_000_000 + "[]]}")
    # Directories of definitions and of rule files.
    control = "x{}:\n  title: T{}\n"
    for name, files in {
        "too-many": {f"controls/{number}.yaml": control.format(number, number) for number in range(501)},
        "too-large": {"controls/x.yaml": "# c\n" * (5 << 18)},
        "too-large-in-all": {f"controls/{number}.yaml": f"# {'c' * 1000}\n" * 3000 for number in range(4)},
        "items": {"controls/x.yaml": "x: [" + "1," * (3 << 19) + "1]\n"},
        "keys": {"controls/x.yaml": "".join(f"x{number}: y\n" for number in range(300_000))},
        "mistakes": {f"controls/{number}.yaml": "".join(f"x{number}-{key}: y\n" for key in range(9_000)) for number in range(50)},
        "nested": {"controls/x.yaml": "x: " + "[" * 9_000},
        "aliased": {"controls/x.yaml": "a: &a [" + "1," * 1000 + "]\nb: [" + "*a," * 8_000 + "]\n"},
        "line": {"controls/x.yaml": "x: {" + f"{'y' * 800}0: 1, " * 4_000 + "}\n"},
    }.items():
        for path, text in files.items():
            path = directory / name / path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    for name, text in {
        "rules-items": "id: 1\ngroups: [" + "1," * (3 << 19) + "1]\n",
        "rules-nested": "id: 1\ngroups: " + "[" * 1_000_000,
        "rules-too-large": "# c\n" * (5 << 18),
    }.items():
        rules(directory / name)
        for target in ("master", "node", "etcd"):
            (directory / name / "house-1" / f"{target}.yaml").write_text(text)
    rules(directory / "rules-too-many")
    for number in range(1001):
        (directory / "rules-too-many" / f"x{number}").write_text("")


def main():
    if sys.argv[1:] == ["--list"]:
        print("\n".join(KINDS))
        return
    if sys.argv[1] in ("--rules", "--inputs"):
        {"--rules": rules, "--inputs": inputs}[sys.argv[1]](pathlib.Path(sys.argv[2]))
        return
    KINDS[sys.argv[1]](Node(sys.argv[2]))


main()
