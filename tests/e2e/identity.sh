#!/usr/bin/env bash
# Which processes are trusted, on a real kernel: processes of real users, with programs that others own, can write or
# have removed, in real user namespaces, chroots and containers. A node with its kubelet is audited alone, then among
# impostors that started before and after it: report, detection and recording must stay the same. Then the node has
# unusual but genuine components of its own, which must be checked.
. "$(dirname "$0")/common.bash"
[ "$(id -u)" = 0 ] || skip "users, namespaces and containers are to be made: needs root"
needs unshare mount chroot setpriv cc runc podman python3
unshare -mpf --mount-proc true 2>/dev/null || skip "namespaces cannot be made here"

# A place where cgroups can be created, next to those of this machine; they are removed at the end.
groups=
for place in $(awk '$3 == "cgroup2" || ($3 == "cgroup" && $4 ~ /name=systemd/) { print $2 }' /proc/mounts); do
  if mkdir "$place/kubepods-e2e-$$" 2>/dev/null; then
    rmdir "$place/kubepods-e2e-$$"
    groups=$place
    break
  fi
done
[ -n "$groups" ] || skip "cgroups cannot be made here"

# The node: a separate file system with this machine's programs (for a binary that is not static) and programs with the
# components' names that sleep.
node=$work/node
mkdir -p "$node"/{etc/kubernetes/pki,usr/bin,opt,var/lib/kubelet,proc,sys,tmp/x/conf.d,tmp/x/manifests,run,root/.ssh,usr/lib/systemd/system,lib,lib64,bin,sbin,dev,var/log/pods,var/tmp,old,box}
for part in lib lib64 bin sbin; do [ -e "/usr/$part" ] && mkdir -p "$node/usr/$part"; done
mkdir -p "$node/usr/share" "$node/usr/libexec" "$node/etc/containers" "$node/var/lib/containers"
printf '%s\n' 'apiVersion: kubelet.config.k8s.io/v1beta1' 'kind: KubeletConfiguration' 'readOnlyPort: 10255' \
  'authentication: { anonymous: { enabled: true } }' >"$node/var/lib/kubelet/config.yaml"
printf '%s\n' 'apiVersion: v1' 'kind: Config' >"$node/etc/kubernetes/kubelet.conf"
echo '[Service]' >"$node/usr/lib/systemd/system/kubelet.service"
echo node-1 >"$node/etc/hostname"
printf '%s\n' 'root:x:0:0::/root:/bin/sh' 'alice:x:1000:1000::/tmp/x:/bin/sh' 'etcd:x:999:999::/:/bin/false' >"$node/etc/passwd"
echo 'root:x:0:' >"$node/etc/group"
printf '%s\n' 'kind: KubeletConfiguration' 'SECRET: SECRET' >"$node/root/.ssh/id_rsa"
chmod 600 "$node/root/.ssh/id_rsa"
ln -s /root/.ssh/id_rsa "$node/tmp/x/conf.d/a.conf"
for number in $(seq 300); do printf '%s\n' 'kind: Pod' 'spec: { containers: [{ image: "kube-apiserver:v1.1.1" }] }' >"$node/tmp/x/manifests/$number.yaml"; done
cp "$binary" "$node/kube-assay"
cat >"$work/sleeper.c" <<'END'
#include <signal.h>
#include <string.h>
#include <unistd.h>
/* Sleeps. If the first argument is "all", first starts each of the programs after it. */
int main(int argc, char **argv) {
  if (argc > 1 && !strcmp(argv[1], "all"))
    for (int i = 2; i < argc; i++) if (!fork()) { execl(argv[i], argv[i], "--data-dir=/x", (char *)0); _exit(1); }
  for (;;) pause();
}
END
cc -O1 -static -o "$work/sleeper" "$work/sleeper.c" 2>/dev/null || fail "a static program cannot be built"
cp "$work/sleeper" "$node/usr/bin/kubelet"

# A container's file system and its configuration for runc.
bundle() { # NAME CGROUP NAMESPACES PROGRAM ARGUMENT…
  local place=$node/run/bundles/$1
  mkdir -p "$place/rootfs"/{usr/bin,proc,pki,dev,etc}
  for program in kubelet etcd kube-proxy kube-apiserver init; do cp "$work/sleeper" "$place/rootfs/usr/bin/$program"; done
  echo "a certificate" >"$place/rootfs/pki/server.crt"
  python3 - "$place/config.json" "$@" <<'END'
import json, sys
out, name, cgroup, namespaces, *arguments = sys.argv[1:]
json.dump({
    "ociVersion": "1.0.2",
    "process": {"terminal": False, "user": {"uid": 0, "gid": 0}, "args": arguments, "env": ["PATH=/usr/bin"], "cwd": "/"},
    "root": {"path": "rootfs"},
    "mounts": [{"destination": "/proc", "type": "proc", "source": "proc"}],
    "linux": {"cgroupsPath": cgroup, "namespaces": [{"type": kind} for kind in namespaces.split(",")]},
}, open(out, "w"))
END
}
id() { printf "$1%.0s" $(seq 64); }
uuid=66e60491-1f3a-4f57-9d29-0c1b2a3d4e5f
bundle kind "/docker/$(id a)" pid,mount,network /usr/bin/init all /usr/bin/kubelet /usr/bin/etcd /usr/bin/kube-apiserver
bundle pod "/kubepods/besteffort/pod$uuid/$(id b)" pid,mount,network /usr/bin/kube-proxy --config=/x
bundle privileged "/kubepods/besteffort/pod$uuid/$(id c)" mount /usr/bin/kubelet --anonymous-auth=false --config=/root/.ssh/id_rsa
bundle box "/docker/$(id d)" pid,mount,network /usr/bin/etcd --data-dir=/x
bundle etcd "/docker/$(id e)" pid,mount /usr/bin/etcd --cert-file=/pki/server.crt --key-file=/pki/server.key --client-cert-auth=true
mkdir -p "$node/var/log/pods/tenant_box_$uuid"
later 'find "$groups"/docker "$groups"/kubepods "$groups"/e2e-identity "$groups"/../*/docker "$groups"/../*/kubepods -depth -type d -exec rmdir {} + 2>/dev/null'

# Runs a script on the node, as process 1 of a new PID namespace.
cat >"$work/on-node" <<'END'
set -e
node=$1 groups=$2
mount --bind "$node" "$node"
for part in bin sbin lib lib64 dev usr/bin usr/sbin usr/lib usr/lib64 usr/libexec usr/share; do
  [ -d "/$part" ] && [ -d "$node/$part" ] || continue
  case $part in usr/bin) mkdir -p "$node/host-bin" && mount --bind /usr/bin "$node/host-bin" ;; usr/lib) mkdir -p "$node/host-lib" && mount --rbind /usr/lib "$node/host-lib" ;; *) mount --rbind "/$part" "$node/$part" ;; esac
done
mount --rbind /sys "$node/sys"
mount -t proc proc "$node/proc"
mount -t tmpfs none "$node/var/tmp"
cd "$node"
pivot_root . old
umount -l /old
export PATH=/bin:/sbin:/usr/sbin:/host-bin
hash -r
# Starts a program and waits until its process runs the executable.
begin() { # EXECUTABLE COMMAND…
  local executable=$1 count
  shift
  "$@" </dev/null >/dev/null 2>&1 &
  begun=$!
  for count in $(seq 60); do
    case $(readlink "/proc/$begun/exe") in "$executable") return ;; esac
    sleep 0.05
  done
  echo "== $*: runs $(readlink "/proc/$begun/exe" || true)"
  return 1
}
program() { # PATH OWNER MODE
  [ -e "$1" ] && return
  mkdir -p "${1%/*}"
  cp /sleeper "$1"
  chown "$2" "$1"
  chmod "$3" "$1"
}
alice="setpriv --reuid=1000 --regid=1000 --clear-groups"
contained() { # NAME
  runc --root /run/runc run --detach --bundle "/run/bundles/$1" "$1" </dev/null >"/tmp/$1.log" 2>&1 || { cat "/tmp/$1.log"; echo "== container $1: cannot be run"; return 1; }
}
# Moves this shell into a cgroup.
within() { mkdir -p "$groups/$1" && echo $BASHPID >"$groups/$1/cgroup.procs"; }
honest_kubelet() { begin /usr/bin/kubelet /usr/bin/kubelet --config=/var/lib/kubelet/config.yaml --kubeconfig=/etc/kubernetes/kubelet.conf; }
look() { # NAME
  /kube-assay detect --json >"/tmp/$1.detect" && /kube-assay run --json --benchmark cis-1.12 >"/tmp/$1.run" && /kube-assay record >"/tmp/$1.record"
}
impostors() {
  local flags="--anonymous-auth=false --read-only-port=0 --kubeconfig=/var/lib/kubelet/kubeconfig --config=/root/.ssh/id_rsa --config-dir=/tmp/x/conf.d --pod-manifest-path=/tmp/x/manifests --node-labels=eks.amazonaws.com/x"
  program /tmp/x/kubelet 1000 755
  program /tmp/x/etcd 1000 755
  program /tmp/x/own/etcd 999 755
  program /tmp/x/setuid/kubelet 0 4755
  program /tmp/x/root/kubelet 0 755
  program /tmp/x/gone/kubelet 1000 755
  program /tmp/x/kube-apiserver 1000 755
  program /tmp/x/k3s 1000 755
  begin /tmp/x/kubelet $alice /tmp/x/kubelet $flags
  begin /tmp/x/root/kubelet $alice /tmp/x/root/kubelet $flags
  begin /tmp/x/setuid/kubelet $alice /tmp/x/setuid/kubelet $flags
  begin /tmp/x/gone/kubelet $alice /tmp/x/gone/kubelet $flags
  rm /tmp/x/gone/kubelet
  begin /tmp/x/own/etcd setpriv --reuid=999 --regid=999 --clear-groups /tmp/x/own/etcd --data-dir=/x
  begin /tmp/x/etcd $alice unshare -U -r /tmp/x/etcd --data-dir=/x
  begin /tmp/x/kube-apiserver $alice unshare -U -r unshare -m /tmp/x/kube-apiserver --profiling=false
  begin /tmp/x/kube-apiserver unshare -U /tmp/x/kube-apiserver --profiling=false
  begin /tmp/x/k3s $alice /tmp/x/k3s server
  # About 1.5 MB of arguments.
  local long
  long=$(head -c 100000 /dev/zero | tr '\0' x)
  begin /tmp/x/kubelet $alice /tmp/x/kubelet "$long" "$long" "$long" "$long" "$long" "$long" "$long" "$long" "$long" "$long" "$long" "$long" "$long" "$long" "$long"
  # A process of root under a component's name that runs a different program.
  (exec -a kubelet sleep 600) </dev/null >/dev/null 2>&1 &
  # In the cgroup of an ordinary pod.
  (within "kubepods/besteffort/pod66e60491-1f3a-4f57-9d29-0c1b2a3d4e5f/0a1b" && exec /tmp/x/root/kubelet $flags) </dev/null >/dev/null 2>&1 &
}
. /script
END
cp "$work/sleeper" "$node/sleeper"
on_node() { # OUT <SCRIPT
  cat >"$node/script"
  timeout 50 unshare -mpf --kill-child --propagation private bash "$work/on-node" "$node" "$groups" >"$1" 2>&1 </dev/null || { tail -n 20 "$1"; fail "a script on the node failed"; }
  ! grep -q '^== ' "$1" || { cat "$1"; fail "a process could not be started"; }
}

on_node "$work/out" <<'END'
honest_kubelet
look alone
kill $begun
wait $begun 2>/dev/null || true
impostors
honest_kubelet
honest=$begun
impostors
contained kind
contained pod
contained privileged
contained box
sleep 0.3
look among
echo "honest $honest"
ls -d /proc/[0-9]* | wc -l
kill -9 -1
END
python3 - "$node/tmp" "$(awk '/^honest/ { print $2 }' "$work/out")" <<'END' || fail "impostors move something"
import json, re, sys
place, honest = sys.argv[1:]
def read(name):
    text = open(f"{place}/{name}").read()
    # The kubelet's process number differs each time.
    return re.sub(r"\(process (\d+)\)", "(process N)", text)
ignored = {}
def reports(kind):
    pair = []
    for name in ("alone", "among"):
        report = json.loads(read(f"{name}.{kind}"))
        run = report.get("Run", report)
        run.pop("started", None)
        ignored[name] = [notice["text"] for notice in run["notices"] if notice["code"] == "process-ignored"]
        run["notices"] = [notice for notice in run["notices"] if notice["code"] != "process-ignored"]
        pair.append(report)
    return pair
for kind in ("detect", "run"):
    alone, among = reports(kind)
    assert alone == among, f"{kind}:\n{json.dumps(alone)[:3000]}\n{json.dumps(among)[:3000]}"
assert ignored["alone"] == [], ignored["alone"]
called = {text.split(" called ")[1].split()[0].rstrip(":") for text in ignored["among"]}
assert called == {"kubelet", "etcd", "kube-apiserver", "kube-proxy", "k3s"}, ignored["among"]
assert len(ignored["among"]) == len(called), "each name is listed once"
said = " ".join(ignored["among"])
for part in ("of user alice (1000)", "in a user namespace of its own", "with a different effective user", "in a pod", "a node of its own", "with namespaces of its own", "executable /"):
    assert part in said, f"{part!r} is not in {said}"
record = open(f"{place}/among.record").read()
for part in ("SECRET", "id_rsa", "/tmp/x/conf.d", "/tmp/x/manifests", "xxxxxxxx"):
    assert part not in record, f"{part} is recorded of an impostor"
print("identity: " + re.sub(r"\s+", " ", " | ".join(ignored["among"])))
END
say "real impostors move nothing"

# The node's own components: unusual, but genuine.
on_node "$work/out" <<'END'
program /opt/kubelet/kubelet 1000 777
begin /opt/kubelet/kubelet /opt/kubelet/kubelet --anonymous-auth=true
other=$begun
program /opt/gone/kube-scheduler 0 755
begin /opt/gone/kube-scheduler /opt/gone/kube-scheduler --profiling=true
scheduler=$begun
rm /opt/gone/kube-scheduler
program /opt/etcd/etcd 0 755
begin /opt/etcd/etcd setpriv --reuid=999 --regid=999 --clear-groups /opt/etcd/etcd --client-cert-auth=false
own=$begun
contained etcd
program /box/usr/bin/kube-controller-manager 0 755
begin /box/usr/bin/kube-controller-manager chroot /box /usr/bin/kube-controller-manager --profiling=true
manager=$begun
sleep 0.3
contained_etcd=$(runc --root /run/runc state etcd | sed -n 's/^ *"pid": *\([0-9]*\).*/\1/p')
look odd
/bin/setpriv --bounding-set=-sys_ptrace --inh-caps=-sys_ptrace /kube-assay run --json --benchmark cis-1.12 >/tmp/less.run
echo "kubelet $other scheduler $scheduler own $own contained $contained_etcd manager $manager"
kill -9 -1
END
python3 - "$node/tmp" $(grep '^kubelet ' "$work/out") <<'END' || fail "an honest process is not judged"
import json, sys
place, *words = sys.argv[1:]
pids = dict(zip(words[::2], words[1::2]))
def read(name):
    report = json.load(open(f"{place}/{name}.run"))
    checks = {check["control"]: check for target in report["Controls"] for group in target["tests"] for check in group["results"]}
    return checks, " ".join(notice["text"] for notice in report["Run"]["notices"])
checks, notices = read("odd")
def judged(control, verdict, *said):
    check = checks[control]
    whole = json.dumps(check)
    assert check["verdict"] == verdict and all(part in whole for part in said), f"{control}: {verdict}, {said}: {whole[:1500]}"
judged("kubelet/anonymous-auth", "fail", f"(process {pids['kubelet']})")
judged("scheduler/profiling", "fail", f"(process {pids['scheduler']})")
judged("controller-manager/profiling", "fail", f"(process {pids['manager']})")
# One of the two etcds fails.
judged("etcd/client-cert-auth", "fail", f"(process {pids['own']})")
assert f"etcd (process {pids['contained']})" in json.dumps(checks), "the container's etcd is judged"
assert "belongs to user 1000 and has mode 777" in notices, notices
checks, notices = read("less")
judged("kubelet/anonymous-auth", "fail", f"(process {pids['kubelet']})")
judged("scheduler/profiling", "fail", f"(process {pids['scheduler']})")
assert "called" not in notices or "ignored" not in notices, notices
END
say "odd processes of the node's own are judged, with the capability to look into them and without"

# Podman's containers, in a separate PID namespace on this machine's root.
cat >"$work/podman" <<'END'
set -e
binary=$1 work=$2 rootfs=$3
podmans=(podman --root "$work/storage" --runroot "$work/run" --storage-driver vfs --cgroup-manager cgroupfs --events-backend file --runtime runc)
trap '"${podmans[@]}" rm --all --force --time 0 >/dev/null 2>&1 || true' EXIT
start() { # NAME NETWORK
  "${podmans[@]}" run --detach --name "$1-$$" --ulimit nofile=1024:1024 --ulimit nproc=100:100 --network "$2" --rootfs "$rootfs" \
    /usr/bin/etcd --client-cert-auth=true >"$work/podman.log" 2>&1 || { cat "$work/podman.log"; exit 1; }
  started=$("${podmans[@]}" inspect --format '{{.State.Pid}}' "$1-$$")
  for _ in $(seq 60); do [ "$(readlink "/proc/$started/exe")" = /usr/bin/etcd ] && return; sleep 0.05; done
  exit 1
}
start own host
echo "own $started"
start box none
echo "box $started"
"$binary" detect --json >"$work/podman.json"
END
timeout 50 unshare -mpf --kill-child --mount-proc bash "$work/podman" "$binary" "$work" "$node/run/bundles/box/rootfs" >"$work/out" 2>&1 </dev/null ||
  { tail -n 20 "$work/out"; fail "Podman's containers cannot be looked at"; }
grep -q "etcd runs (process $(awk '$1 == "own" { print $2 }' "$work/out"))" "$work/podman.json" || fail "Podman's etcd with the node's network is not the node's: $(cat "$work/podman.json")"
grep -q 'ignored: 1 process called etcd of root (in container [0-9a-f]* with namespaces of its own)' "$work/podman.json" || fail "Podman's etcd with a network of its own is not listed: $(cat "$work/podman.json")"
say "of two containers of Podman the one that shares the node's network is the node's"
