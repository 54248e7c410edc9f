#!/usr/bin/env bash
# Where the program runs, in real namespaces: with and without the node's processes, under a shell and alone, in a
# chroot, without /proc, with a mounted disk. Files of one node and processes of another are never checked as one node.
# Then kubelets that all run as root, but of which only some may be executed.
. "$(dirname "$0")/common.bash"
[ "$(id -u)" = 0 ] || skip "namespaces are to be made: needs root"
needs unshare mount chroot setpriv cc
unshare -mpf --mount-proc true 2>/dev/null || skip "namespaces cannot be made here"

# A node's file system, which contains what its kubelet needs, and a container's, with the node's at /host. Both have
# this machine's libraries, for a binary that is not static.
node=$work/node
mkdir -p "$node"/{etc/kubernetes,usr/bin,var/lib/kubelet,proc,tmp,usr/lib/systemd/system,lib,lib64,bin,sbin,dev}
printf '%s\n' 'apiVersion: kubelet.config.k8s.io/v1beta1' 'kind: KubeletConfiguration' 'readOnlyPort: 0' >"$node/var/lib/kubelet/config.yaml"
printf '%s\n' 'apiVersion: v1' 'kind: Config' >"$node/etc/kubernetes/kubelet.conf"
echo '[Service]' >"$node/usr/lib/systemd/system/kubelet.service"
echo node-1 >"$node/etc/hostname"
cp "$binary" "$node/kube-assay"
kubelet() { # FILE VERSION
  printf '%s\n' '#include <stdio.h>' '#include <string.h>' '#include <unistd.h>' 'int main(int argc, char **argv) {' \
    "  if (argc == 2 && !strcmp(argv[1], \"--version\")) { puts(\"Kubernetes v$2\"); return 0; }" \
    '  for (;;) pause(); }' >"$work/kubelet.c"
  cc -O1 -static -o "$1" "$work/kubelet.c" 2>/dev/null || cc -O1 -o "$1" "$work/kubelet.c"
  chmod 755 "$1"
}
kubelet "$node/usr/bin/kubelet" 1.31.4
kubelet "$node/usr/bin/pause" 0

# Runs a script on the node, as process 1 of a new PID namespace; the script may start the kubelet.
cat >"$work/on-node" <<'END'
set -e
node=$1
mount --bind "$node" "$node"
for part in bin sbin lib lib64 dev; do mount --bind "/$part" "$node/$part"; done
mount -t proc proc "$node/proc"
cd "$node"
mkdir -p old container
pivot_root . old
export PATH=/bin:/sbin
hash -r
# The container: a separate root, with the node's at /host.
mount -t tmpfs none /container
mkdir -p /container/{proc,host,bin,sbin,lib,lib64,tmp,dev}
for part in bin sbin lib lib64 dev; do mount --bind "/$part" "/container/$part"; done
cp /kube-assay /container/
mount --rbind / /container/host
umount -l /old
umount -l /container/host/old 2>/dev/null || true
start_kubelet() {
  /usr/bin/kubelet --config=/var/lib/kubelet/config.yaml --kubeconfig=/etc/kubernetes/kubelet.conf </dev/null >/dev/null 2>&1 &
  pid=$!
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    [ "$(tr '\0' ' ' <"/proc/$pid/cmdline" | cut -d' ' -f1)" = /usr/bin/kubelet ] && return
    sleep 0.1
  done
}
# Run a command in the container, in the node's PID namespace or in a new one.
with_host_pid() { unshare -m sh -c 'mount -t proc proc /container/proc && exec chroot /container "$@"' sh "$@"; }
without_host_pid() { unshare -mpf sh -c 'mount -t proc proc /container/proc && exec chroot /container "$@"' sh "$@"; }
. /script
END
on_node() { # OUT <SCRIPT
  cat >"$node/script"
  unshare -mpf --propagation private bash "$work/on-node" "$node" >"$1" 2>&1 </dev/null || { cat "$1"; fail "a script on the node failed"; }
}

# Each `try` names and runs a view; `expected` below checks its exit code and last line.
on_node "$work/out" <<'END'
start_kubelet
try() { echo "== $1"; shift; code=0; "$@" >/tmp/said 2>/tmp/told || code=$?; echo "$code $(wc -c </tmp/said) $(cat /tmp/told)"; }
try "on the node" /kube-assay --json
try "as a Job sees it" with_host_pid /kube-assay --root /host --json
try "as a Job without SYS_PTRACE sees it" with_host_pid /bin/setpriv --bounding-set=-sys_ptrace --inh-caps=-sys_ptrace /kube-assay --root /host --json
try "as an ordinary user" /bin/setpriv --reuid=1000 --regid=1000 --clear-groups /kube-assay --json
try "on the node from a container" with_host_pid chroot /host /kube-assay --json
try "without hostPID, alone" without_host_pid /kube-assay --root /host --json
try "without hostPID, under a shell" without_host_pid /bin/sh -c "/kube-assay --root /host --junit; exit \$?"
try "without hostPID, detect" without_host_pid /kube-assay detect --root /host
try "without hostPID, record" without_host_pid /kube-assay record --root /host
# The pod's containers share a PID namespace whose process 1 belongs to another user and may not be inspected.
with_pause() {
  mkdir -p /container/pod && cp /usr/bin/pause /container/pod/
  timeout --kill-after=1 9 unshare -mpf --kill-child sh -c 'mount -t proc proc /container/proc
    (sleep 1; chroot /container setpriv --bounding-set=-sys_ptrace --inh-caps=-sys_ptrace "$@" >/tmp/said 2>/tmp/told; echo $? >/tmp/code; kill -9 -1) &
    exec chroot /container setpriv --reuid=65535 --regid=65535 --clear-groups /pod/pause' sh "$@" >/dev/null 2>&1 &
  timeout 8 sh -c 'until [ -s /tmp/code ]; do sleep 0.1; done'
  echo "== a pod that shares its own namespace"; echo "$(cat /tmp/code) $(wc -c </tmp/said) $(cat /tmp/told)"
  { kill $!; wait $!; } 2>/dev/null || true
}
with_pause /kube-assay --root /host --json
try "without --root" with_host_pid /kube-assay --json
try "nothing but the container" without_host_pid /kube-assay --json
try "a disk, with the rescue machine's processes" with_host_pid /kube-assay --root /host/etc --json
try "a disk" with_host_pid /kube-assay --root /host --proc none --json
try "no /proc" chroot /container /kube-assay --root /host --json
try "a tmpfs at /proc" unshare -m sh -c "mount -t tmpfs none /proc; exec /kube-assay --json"
try "the processes of others at /proc" unshare -mpf sh -c "mount -t tmpfs none /tmp; mkdir /tmp/proc; (unshare -pf sh -c \"mount -t proc proc /tmp/proc; sleep 9\" & ); sleep 1; mount --bind /tmp/proc /proc; exec /kube-assay --json"
END
sed -n 's/^/    /p' "$work/out" >"$work/shown"
expected() { # NAME CODE PART
  local line
  line=$(grep -A1 -Fx "== $1" "$work/out" | tail -n 1)
  case $line in
    "$2 "*"$3"*) ;;
    *) cat "$work/shown"; fail "$1: expected $2 and '$3', got: ${line:0:300}" ;;
  esac
  # A failed run prints no report, and a successful one no messages.
  if [ "$2" = 1 ]; then [[ $line = "1 0 error: "* ]] || fail "$1: there is a report: ${line:0:300}"; else [[ $line =~ ^0\ [0-9]{4,}\ $ ]] || fail "$1: ${line:0:300}"; fi
}
other="shows the processes of another machine or container: the root directory of process 1 is not"
for name in "on the node" "as a Job sees it" "as a Job without SYS_PTRACE sees it" "as an ordinary user" "on the node from a container" "a disk"; do
  expected "$name" 0 ""
done
for name in "without hostPID, alone" "without hostPID, under a shell" "without hostPID, detect" "without hostPID, record"; do
  expected "$name" 1 "/proc: $other /host ("
done
expected "a pod that shares its own namespace" 1 "/proc: $other /host ("
expected "without --root" 1 "/proc: $other / ("
expected "nothing but the container" 1 "/: not a node: "
expected "a disk, with the rescue machine's processes" 1 "$other /host/etc ("
expected "no /proc" 1 "/proc: not a proc file system"
expected "a tmpfs at /proc" 1 "/proc: not a proc file system"
expected "the processes of others at /proc" 1 "/proc: does not show kube-assay itself"
say "$(grep -c '^== ' "$work/out") views: each is judged as one node, or refused with the way out"

# --allow-exec executes the file that the kubelet's process runs, not the one now at its path, and only if only root can
# write it.
kubelet "$node/usr/bin/other" 1.5.0
on_node "$work/out" <<'END'
ask() { echo "$1: $(/kube-assay detect --allow-exec | grep -A1 "^version\|^notice .*kubelet: " | tr "\n" " ")"; }
start_kubelet
ask "as it is"
mv /usr/bin/other /usr/bin/kubelet
chown 1000 /usr/bin/kubelet
ask "replaced"
{ kill $pid; wait $pid; } 2>/dev/null || true
start_kubelet
ask "of another user"
chown 0 /usr/bin/kubelet; chmod 775 /usr/bin/kubelet
ask "writable by its group"
chmod 755 /usr/bin/kubelet
ask "of root again"
rm /usr/bin/kubelet
ask "deleted"
END
asked() { grep -F "$1: " "$work/out" | grep -qF "$2" || { cat "$work/out"; fail "$1: not '$2'"; }; }
asked "as it is" "/usr/bin/kubelet --version says Kubernetes v1.31.4"
asked "replaced" "/usr/bin/kubelet --version says Kubernetes v1.31.4"
asked "of another user" "/usr/bin/kubelet: is not run: it is owned by user 1000, not by root"
asked "writable by its group" "/usr/bin/kubelet: is not run: its group can write it (group 0, mode 0775)"
asked "of root again" "/usr/bin/kubelet --version says Kubernetes v1.5.0"
asked "deleted" "/usr/bin/kubelet --version says Kubernetes v1.5.0"
say "the kubelet is run through its process's own descriptor, and only where it is root's alone"
