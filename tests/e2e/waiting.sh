#!/usr/bin/env bash
# No run waits forever, on a real kernel: file systems whose server stops answering, in each place where a node may have
# them, processes whose arguments are on one, pipes in place of files, outputs that are not read. Each run must end in
# time with a complete report, in which only the checks that got no answer are unknown.
. "$(dirname "$0")/common.bash"
[ "$(id -u)" = 0 ] || skip "file systems are to be mounted: needs root"
needs unshare mount bindfs cc python3 timeout
[ -c /dev/fuse ] || skip "this kernel has no FUSE"
unshare -mpf --mount-proc true 2>/dev/null || skip "namespaces cannot be made here"

cat >"$work/sleeper.c" <<'END'
#include <fcntl.h>
#include <linux/prctl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>
typedef unsigned long long number;
/* Makes the kernel read this process's arguments from this address, which needs no privilege. */
static int take_arguments_from(number at, number size) {
  char text[4096] = "";
  number field[64] = { 0 };
  int count = 3, stat = open("/proc/self/stat", O_RDONLY);
  if (stat < 0 || read(stat, text, sizeof text - 1) < 0) return 1;
  for (char *word = strtok(strrchr(text, ')') + 2, " "); word && count < 64; word = strtok(0, " "), count++) sscanf(word, "%llu", &field[count]);
  struct prctl_mm_map map = { .start_code = field[26], .end_code = field[27], .start_data = field[45], .end_data = field[46],
    .start_brk = field[47], .brk = (number)sbrk(0), .start_stack = field[28], .arg_start = at, .arg_end = at + size,
    .env_start = field[50], .env_end = field[51], .exe_fd = -1 };
  return prctl(PR_SET_MM, PR_SET_MM_MAP, (unsigned long)&map, sizeof map, 0);
}
/* Sleeps. With ARGUMENTS_FILE, its arguments are in that file, which is mapped into memory and never read. */
int main(int argc, char **argv, char **environment) {
  for (; *environment; environment++) {
    char name[256] = "";
    if (sscanf(*environment, "ARGUMENTS_FILE=%255s", name) != 1) continue;
    int file = open(name, O_RDONLY);
    char *at = file < 0 ? MAP_FAILED : mmap(0, 4096, PROT_READ, MAP_PRIVATE, file, 0);
    if (at == MAP_FAILED || take_arguments_from((number)at, 4096)) { perror(name); return 1; }
  }
  puts("ready");
  fflush(stdout);
  for (;;) pause();
}
END
cc -O1 -static -o "$work/sleeper" "$work/sleeper.c" 2>/dev/null || fail "a static program cannot be built"

# Runs a case as process 1 of new namespaces, on this machine's root with a node's directories mounted over it.
cat >"$work/on-node" <<'END'
set -e
work=$1 binary=$2 case=$3
mount --make-rprivate /
mkdir -p /etc/kubernetes /var/lib/kubelet /opt /etc/cni
for place in /etc/kubernetes /var/lib/kubelet /opt /etc/cni; do mount -t tmpfs none "$place"; done
mkdir -p /etc/kubernetes/pki /etc/kubernetes/manifests /etc/cni/net.d "$work"/served/{pki,manifests,etc} "$work/mounted"
printf '%s\n' 'apiVersion: kubelet.config.k8s.io/v1beta1' 'kind: KubeletConfiguration' 'readOnlyPort: 10255' \
  'staticPodPath: /etc/kubernetes/manifests' >/var/lib/kubelet/config.yaml
printf '%s\n' 'apiVersion: v1' 'kind: Config' >/etc/kubernetes/kubelet.conf
chmod 644 /etc/kubernetes/kubelet.conf
cp "$work/sleeper" /opt/kubelet
cp "$work/sleeper" /opt/kube-proxy
for number in $(seq 40); do echo certificate >"$work/served/pki/$number.crt"; echo key >"$work/served/pki/$number.key"; done
echo "$case" >"$work/served/manifests/pod.yaml"
head -c 4096 /dev/zero >"$work/served/arguments"
cp /var/lib/kubelet/config.yaml "$work/served/config.yaml"

served() { # PLACE PART: has PART of what is served at PLACE, by a server that still answers
  bindfs -f "$work/served$2" "$1" >/dev/null 2>&1 &
  servers+=($!)
  for _ in $(seq 100); do
    ! mountpoint -q "$1" || return 0
    sleep 0.05
  done
  echo "$1: not mounted"
  return 1
}
stopped() { kill -STOP "${servers[@]}"; }
ended() { kill -KILL "${servers[@]}" || true; }
trap 'ended 2>/dev/null' EXIT
began() { # COMMAND…
  "$@" >"$work/began" 2>&1 &
  for _ in $(seq 100); do
    ! grep -q ready "$work/began" || return 0
    sleep 0.05
  done
  cat "$work/began"
  return 1
}
kubelet() { began /opt/kubelet --config="${1:-/var/lib/kubelet/config.yaml}" --kubeconfig=/etc/kubernetes/kubelet.conf; }

# looked MOST-SECONDS [OPTION…]: a run of the built-in benchmark must end by then; judged: the same for any benchmark.
looked() { judged "$@" --benchmark cis-1.12 --targets master,node; }
judged() {
  local most=$1 begin=$SECONDS status=0
  shift
  timeout -k 1 "$((most + 30))" "$binary" run --json "$@" >"$work/report" 2>"$work/errors" || status=$?
  echo "$status $((SECONDS - begin))" >"$work/ended"
  [ "$((SECONDS - begin))" -le "$most" ] || { echo "took $((SECONDS - begin)) s, not $most"; cat "$work/errors"; return 1; }
}
servers=()
. "$work/cases"
"$case"
END
cat >"$work/cases" <<'END'
pki() { kubelet; served /etc/kubernetes/pki /pki; stopped; looked 8 --deadline 3 --exit-code 3; }
pki_without_deadline() { kubelet; served /etc/kubernetes/pki /pki; stopped; looked 25; }
pki_behind_a_link() {
  kubelet; served "$work/mounted" /pki; rmdir /etc/kubernetes/pki; ln -s "$work/mounted" /etc/kubernetes/pki
  stopped; looked 8 --deadline 3
}
config() { served "$work/mounted" ''; kubelet "$work/mounted/config.yaml"; stopped; looked 8 --deadline 3; }
manifests() { kubelet; served /etc/kubernetes/manifests /manifests; stopped; looked 8 --deadline 3; }
everything() {
  kubelet; served /etc/kubernetes/pki /pki; served /etc/kubernetes/manifests /manifests; served /etc/cni/net.d /etc
  stopped; looked 8 --deadline 3
}
arguments() {
  kubelet; served "$work/mounted" ''
  for _ in 1 2 3 4 5; do began env ARGUMENTS_FILE="$work/mounted/arguments" /opt/kube-proxy; done
  began env ARGUMENTS_FILE="$work/mounted/arguments" setpriv --reuid=0 /opt/kubelet
  stopped; looked 8 --deadline 4
}
# A directory that looks like /proc, in which one process's directory is a served file system.
fake_process() {
  mkdir -p "$work"/fake/{1,100,200} "$work/served/process"
  ln -sfn / "$work/fake/1/root"
  ln -sfn / "$work/fake/100/root"
  ln -sfn /opt/kubelet "$work/fake/100/exe"
  printf '/sbin/init\0' >"$work/fake/1/cmdline"
  printf '/opt/kubelet\0--config=/var/lib/kubelet/config.yaml\0--kubeconfig=/etc/kubernetes/kubelet.conf\0' >"$work/fake/100/cmdline"
  printf '/opt/kube-proxy\0' >"$work/served/process/cmdline"
  echo 'kube-proxy' >"$work/served/process/comm"
  echo '0::/init.scope' >"$work/fake/1/cgroup"
  echo "1 (init) S 0 $(printf '0 %.0s' $(seq 48))" >"$work/fake/1/stat"
  echo "100 (kubelet) S 1 $(printf '0 %.0s' $(seq 48))" >"$work/fake/100/stat"
  echo '0::/system.slice/kubelet.service' >"$work/fake/100/cgroup"
  served "$work/fake/200" /process
  stopped
  "$@" 8 --proc "$work/fake" --deadline 4
}
process() { fake_process looked; }
process_in_rule_files() { fake_process judged_by_rules; }
judged_by_rules() { judged "$@" --benchmark own-1 --targets node --config-dir "$work/rules"; }
pipes() {
  rm /etc/kubernetes/kubelet.conf /var/lib/kubelet/config.yaml
  mkfifo /etc/kubernetes/kubelet.conf /var/lib/kubelet/config.yaml /etc/kubernetes/pki/ca.crt /etc/kubernetes/manifests/pod.yaml
  kubelet; looked 5 --deadline 3
}
root() { served "$work/mounted" ''; stopped; looked 8 --root "$work/mounted" --proc none --allow-empty --deadline 3; }
root_with_proc() { served "$work/mounted" ''; stopped; looked 8 --root "$work/mounted" --allow-empty --deadline 3; }
definitions() { kubelet; served "$work/mounted" ''; stopped; looked 8 --benchmarks-dir "$work/mounted" --deadline 3; }
recording() { served "$work/mounted" ''; stopped; looked 8 --node "$work/mounted/config.yaml" --deadline 3; }
output() {
  kubelet; served "$work/mounted" ''; stopped
  looked 30 --deadline 3 --output "native=$work/mounted/new/report.json" --output "junit=$work/report.xml"
}
output_late() {
  kubelet; served "$work/mounted" ''
  # The server answers when the run starts, and no longer when it writes.
  { sleep 2; stopped; } &
  served /etc/kubernetes/pki /pki
  kill -STOP "${servers[1]}"
  looked 40 --deadline 6 --output "native=$work/mounted/report.json" --output "junit=$work/report.xml"
}
# A pipe whose reader does not read.
unread() {
  kubelet
  python3 - "$work" "$binary" <<'PYTHON'
import fcntl, os, subprocess, sys, time
work, binary = sys.argv[1:]
reader, writer = os.pipe()
fcntl.fcntl(writer, 1031, 4096)
begun = time.time()
with open(work + "/errors", "w") as errors:
    done = subprocess.run([binary, "run", "--benchmark", "cis-1.12", "--deadline", "2", "--show", "all", "--output", "json=" + work + "/report"],
                          stdout=writer, stderr=errors, timeout=40)
open(work + "/ended", "w").write(f"{done.returncode} {time.time() - begun:.0f}\n")
PYTHON
}
END
mkdir -p "$work/rules/own-1"
printf '%s\n' 'version_mapping: {}' 'target_mapping: { own-1: [node] }' >"$work/rules/config.yaml"
printf '%s\n' '---' >"$work/rules/own-1/config.yaml"
cat >"$work/rules/own-1/node.yaml" <<'END'
---
controls:
version: "own-1"
id: 4
text: "Nodes"
type: "node"
groups:
  - id: 4.1
    text: "Processes"
    checks:
      - id: 4.1.1
        text: "The kubelet has a configuration"
        audit: "ps -ef | grep kubelet | grep -v grep"
        tests: { test_items: [{ flag: "--config", set: true }] }
        scored: true
END

only=${ONLY:-}
# check CASE EXIT PROGRAM: runs the case, and checks its report, if any, with the Python code PROGRAM.
check() {
  local name=$1 code=$2 test=$3
  if [ -n "$only" ] && [ "$only" != "$name" ]; then return; fi
  rm -rf "$work"/{report,report.xml,errors,ended,began,served,mounted,fake}
  unshare -mpf --mount-proc --kill-child bash "$work/on-node" "$work" "$binary" "$name" >"$work/log" 2>&1 || { cat "$work/log" "$work/errors" 2>/dev/null; fail "$name"; }
  read -r status took <"$work/ended"
  [ "$status" = "$code" ] || { cat "$work/errors"; fail "$name: exit code $status, not $code"; }
  python3 - "$work/report" "$work/errors" <<END || { cat "$work/errors"; fail "$name: the report"; }
import json, sys
text, errors = open(sys.argv[1]).read(), open(sys.argv[2]).read()
report = json.loads(text) if text else None
checks = {}
notices = []
if report and "Controls" in report:
    notices = [notice["text"] for notice in report.get("Run", {}).get("notices", [])]
    for controls in report["Controls"]:
        for group in controls["tests"]:
            for result in group["results"]:
                checks[result["test_number"]] = result
def verdict(number): return checks[number].get("verdict")
def told(part): return any(part in notice for notice in notices)
$test
END
  say "$name: $took s"
}

judged='assert verdict("4.2.1") and checks["4.1.5"]["status"] == "FAIL", checks.get("4.1.5")'
check pki 3 "$judged
assert told('/etc/kubernetes/pki'), notices
assert verdict('1.1.20') == 'unknown' and verdict('1.1.21') == 'unknown', checks['1.1.20']"
check pki_behind_a_link 0 "$judged
assert told('/etc/kubernetes/pki') and verdict('1.1.20') == 'unknown', notices"
check config 0 "assert verdict('4.2.1') == 'unknown' and checks['4.1.5']['status'] == 'FAIL', checks['4.2.1']"
check manifests 0 "$judged
assert told('/etc/kubernetes/manifests'), notices"
check everything 0 "assert checks['4.1.5']['status'] == 'FAIL', notices"
check arguments 0 "$judged"
check process 0 "$judged
assert told(\"process 200's command line\"), notices"
check process_in_rule_files 0 "assert checks['4.1.1']['status'] == 'PASS' and told(\"process 200's\"), notices"
check pipes 0 "assert verdict('4.1.5') and verdict('4.2.1') == 'unknown', checks['4.2.1']"
check root 0 "assert checks and not [number for number, result in checks.items() if result.get('verdict') == 'pass'], checks"
check root_with_proc 1 "assert not text and 'does not answer' in errors, errors"
check definitions 1 "assert not text and 'does not answer' in errors, errors"
check recording 1 "assert not text and 'does not answer' in errors, errors"
check output 1 "assert not text and 'does not answer' in errors, errors"
check output_late 1 "$judged
assert 'report.json: not read for ' in errors, errors"
check unread 1 "assert checks and 'standard output' in errors, errors"
check pki_without_deadline 0 "$judged
assert told('10 seconds') and verdict('1.1.20') == 'unknown', notices"
say "nothing is waited for for ever"
