#!/usr/bin/env bash
# Concurrent changes: directories, links, files and pipes are swapped continuously, and sizes change, in the node's file
# system, in the files that the kubelet names, and where reports are written. Nothing outside of the root may be opened,
# read or written, no run may hang or crash, and each must end with a complete report.
. "$(dirname "$0")/common.bash"
[ "$(id -u)" = 0 ] || skip "file systems and devices are to be made: needs root"
needs unshare mount chroot cc python3 mknod
if [ "${KUBE_ASSAY_OWN_MOUNTS:-}" != yes ]; then
  unshare -mpf --mount-proc true 2>/dev/null || skip "namespaces cannot be made here"
  KUBE_ASSAY_OWN_MOUNTS=yes unshare -mpf --mount-proc --propagation private "$BASH" "$0" "$binary"
  exit
fi
rounds=${KUBE_ASSAY_ROUNDS:-40}
canary=canary-$RANDOM$RANDOM

# Swaps pairs of names as fast as the kernel allows, or makes a file grow and shrink.
cat >"$work/swap.c" <<'END'
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
int main(int argc, char **argv) {
  if (argc == 3 && !strcmp(argv[1], "size")) {
    char block[65536];
    memset(block, '\n', sizeof block);
    int file = open(argv[2], O_WRONLY);
    for (unsigned n = 0;; n++) {
      if (n % 64 == 0 && ftruncate(file, 60) != 0) return 1;
      if (pwrite(file, block, sizeof block, 60 + n % 64 * sizeof block) < 0) return 1;
    }
  }
  for (;;)
    for (int i = 1; i + 1 < argc; i += 2)
      renameat2(AT_FDCWD, argv[i], AT_FDCWD, argv[i + 1], RENAME_EXCHANGE);
}
END
cat >"$work/sleeper.c" <<'END'
#include <unistd.h>
int main(void) { for (;;) pause(); }
END
cc -O1 -o "$work/swap" "$work/swap.c" && cc -O1 -static -o "$work/sleeper" "$work/sleeper.c" || fail "no program can be built"

# The files outside of the root are in a separate file system, where every open can be observed.
mkdir "$work/outside" "$work/node"
mount -t tmpfs none "$work/outside"
later "umount -l '$work/outside'"
outside=$work/outside node=$work/node
mkdir -p "$outside"/{kubernetes/manifests,kubernetes/pki,kubelet/conf.d,written}
yaml="canary: $canary
readOnlyPort: 12345
staticPodPath: /$canary
authentication: { x509: { clientCAFile: /$canary } }"
for file in kubernetes/{admin.conf,kubelet.conf} kubernetes/manifests/kube-apiserver.yaml kubelet/{config.yaml,kubeconfig} kubelet/conf.d/9-x.conf passwd os-release; do
  printf '%s\n' "$yaml" "root:x:0:0:$canary" "NAME=$canary" >"$outside/$file"
done
echo "$canary" >"$outside/kubernetes/pki/$canary.crt"
cat >"$work/watch.py" <<'END'
"""Writes down who opens what in a file system (fanotify); the second argument is made once it watches."""
import ctypes, os, struct, sys
libc = ctypes.CDLL(None, use_errno=True)
FAN_OPEN, FAN_ACCESS, FAN_ONDIR = 0x20, 0x1, 0x40000000
watch = libc.fanotify_init(0, os.O_RDONLY)
place = sys.argv[1].encode()
if watch < 0 or libc.fanotify_mark(watch, 0x1 | 0x10, ctypes.c_uint64(FAN_OPEN | FAN_ACCESS | FAN_ONDIR), -100, place) < 0:
    sys.exit(os.strerror(ctypes.get_errno()))
open(sys.argv[2], "w").close()
while True:
    events = os.read(watch, 4096)
    while events:
        length, _, _, _, _, file, process = struct.unpack_from("=IBBHQii", events)
        print(process, os.readlink(f"/proc/self/fd/{file}"), flush=True)
        os.close(file)
        events = events[length:]
END

# A node with a running kubelet, its configuration, manifests, keys and accounts.
mkdir -p "$node"/{etc/kubernetes/manifests,etc/kubernetes/pki,var/lib/kubelet/conf.d,usr/bin,usr/lib/systemd/system,proc,dev,tmp}
printf '%s\n' 'apiVersion: kubelet.config.k8s.io/v1beta1' 'kind: KubeletConfiguration' >"$node/var/lib/kubelet/config.yaml"
cp "$node/var/lib/kubelet/config.yaml" "$node/var/lib/kubelet/conf.d/9-x.conf"
printf '%s\n' 'apiVersion: v1' 'kind: Config' >"$node/etc/kubernetes/kubelet.conf"
cp "$node/etc/kubernetes/kubelet.conf" "$node/etc/kubernetes/admin.conf"
printf '%s\n' 'kind: Pod' 'spec: { containers: [{ image: "kube-apiserver:v1.32.4", command: [kube-apiserver, --profiling=false] }] }' \
  >"$node/etc/kubernetes/manifests/kube-apiserver.yaml"
echo certificate >"$node/etc/kubernetes/pki/ca.crt"
echo 'root:x:0:0::/root:/bin/sh' >"$node/etc/passwd"
echo 'root:x:0:' >"$node/etc/group"
echo '[Service]' >"$node/usr/lib/systemd/system/kubelet.service"
cp "$work/sleeper" "$node/usr/bin/kubelet"
chroot "$node" /usr/bin/kubelet --config=/var/lib/kubelet/config.yaml --config-dir=/var/lib/kubelet/conf.d \
  --kubeconfig=/etc/kubernetes/kubelet.conf &
later "kill $!"

# What the node's files are swapped with: links that lead outside, by absolute paths and by `..`, a pipe, a device, a
# directory, a link to itself, and a different file.
up=../../../../../../../../../..
aside=$node/tmp
ln -s "$outside/kubernetes" "$aside/kubernetes"
ln -s "$up$outside/kubernetes/pki" "$aside/pki"
ln -s "$outside/kubernetes/manifests" "$aside/manifests"
ln -s "$up$outside/kubelet" "$aside/kubelet"
ln -s "$outside/kubelet/config.yaml" "$aside/config.yaml"
ln -s "$outside/kubelet/conf.d" "$aside/conf.d"
ln -s "$up$outside/passwd" "$aside/passwd"
mkfifo "$aside/fifo"
mknod "$aside/null" c 1 5
mkdir "$aside/directory"
ln -s loop "$aside/loop"
cp "$node/var/lib/kubelet/config.yaml" "$aside/another.yaml"
declare -A swapped=(
  [directories]="etc/kubernetes tmp/kubernetes var/lib/kubelet tmp/kubelet"
  [inner]="etc/kubernetes/pki tmp/pki etc/kubernetes/manifests tmp/manifests var/lib/kubelet/conf.d tmp/conf.d"
  [files]="var/lib/kubelet/config.yaml tmp/config.yaml etc/passwd tmp/passwd"
  [pipes]="var/lib/kubelet/config.yaml tmp/fifo etc/kubernetes/admin.conf tmp/fifo"
  [devices]="var/lib/kubelet/config.yaml tmp/null etc/group tmp/null"
  [kinds]="etc/kubernetes/kubelet.conf tmp/directory etc/kubernetes/pki tmp/loop var/lib/kubelet/config.yaml tmp/another.yaml"
)

# looks NAME COMMAND…: runs it in many rounds; each must end soon, with a complete report that shows nothing from
# outside.
looks() {
  local name=$1 round code
  shift
  for round in $(seq "$rounds"); do
    code=0
    timeout -k 1 60 "$@" >"$work/out" 2>"$work/err" || code=$?
    [ "$code" = 0 ] || fail "$name, round $round: exit code $code: $(tail -c 500 "$work/err")"
    if grep -q "$canary\|12345" "$work/out" "$work/err"; then
      fail "$name, round $round: shows what lies outside: $(grep -h "$canary\|12345" "$work/out" "$work/err" | head -3)"
    fi
    case $* in
      *--json*) python3 -c 'import json, sys; json.load(sys.stdin)["Totals"]' <"$work/out" || fail "$name, round $round: no whole report" ;;
      *record*) head -1 "$work/out" | grep -q '^form: ' || fail "$name, round $round: no recording: $(head -1 "$work/out")" ;;
    esac
  done
}

python3 "$work/watch.py" "$outside" "$work/watching" >"$work/opened" 2>"$work/watch.err" &
watcher=$!
later "kill $watcher"
for _ in $(seq 50); do [ -e "$work/watching" ] || sleep 0.1; done
if [ -e "$work/watching" ]; then
  # Proves that the watcher reports an open.
  cat "$outside/passwd" >/dev/null
  for _ in $(seq 50); do grep -q "$outside/passwd" "$work/opened" && break; sleep 0.1; done
  grep -q "$outside/passwd" "$work/opened" || fail "what is opened outside is not seen"
  : >"$work/opened"
else
  say "who opens files cannot be watched here ($(cat "$work/watch.err")): only what is shown is looked at"
fi
for name in "${!swapped[@]}"; do
  pairs=()
  for path in ${swapped[$name]}; do pairs+=("$node/$path"); done
  "$work/swap" "${pairs[@]}" &
  swapper=$!
  later "kill $swapper 2>/dev/null"
  looks "$name" "$binary" --root "$node" --json --targets master,node --benchmark cis-1.12
  looks "$name of a disk" "$binary" --root "$node" --proc none --allow-empty --json --targets master,node --benchmark cis-1.12
  looks "$name, recorded" "$binary" record --root "$node" --benchmark cis-1.12
  kill "$swapper"
  wait "$swapper" 2>/dev/null || true
  # The names may end up swapped; the next round works with either.
done
# A file that grows to 4 MiB and shrinks.
rm -rf "$node/var/lib/kubelet"
mkdir -p "$node/var/lib/kubelet/conf.d"
printf '%s\n' 'apiVersion: kubelet.config.k8s.io/v1beta1' 'kind: KubeletConfiguration' >"$node/var/lib/kubelet/config.yaml"
"$work/swap" size "$node/var/lib/kubelet/config.yaml" &
swapper=$!
later "kill $swapper 2>/dev/null"
looks "sizes" "$binary" --root "$node" --json --targets master,node --benchmark cis-1.12
kill "$swapper" || fail "the size did not change"
[ ! -s "$work/opened" ] || fail "outside of the root is opened: $(sort -u "$work/opened" | head)"
say "$((rounds * (3 * ${#swapped[@]} + 1))) runs among changes see nothing outside of the root, and each ends with a report"

# Outputs: another user replaces the report with links between the check and the write.
mkdir -m 1777 "$work/all"
echo victim >"$outside/written/victim"
ln -s "$outside/written/victim" "$work/all/link"
ln -s "$outside/written/new" "$work/all/dangling"
echo old >"$work/all/report"
"$work/swap" "$work/all/report" "$work/all/link" "$work/all/report" "$work/all/dangling" &
swapper=$!
later "kill $swapper 2>/dev/null"
written=0
for round in $(seq "$rounds"); do
  code=0
  timeout -k 1 60 "$binary" demo --json --outputfile "$work/all/report" 2>"$work/err" || code=$?
  case $code in
    0) written=$((written + 1)) ;;
    1 | 2) grep -qF "$work/all/report: " "$work/err" || fail "round $round: $(cat "$work/err")" ;;
    *) fail "round $round: exit code $code: $(cat "$work/err")" ;;
  esac
done
kill "$swapper"
[ "$(cat "$outside/written/victim")" = victim ] || fail "a file outside is written to"
[ ! -e "$outside/written/new" ] || fail "a file outside is made"
[ "$(find "$work/all" -name '.kube-assay-*' | wc -l)" = 0 ] || fail "parts of reports are left: $(ls -A "$work/all")"
say "$rounds reports among links that come and go: $written written, the others refused, nothing behind the links"
