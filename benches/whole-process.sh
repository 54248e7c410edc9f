#!/usr/bin/env bash
# Measures time, memory and system calls of the whole process on a made-up control plane node, with its own processes
# and with 3,000 more, against the minimum that any program must do there (floor.c) and, if OLD is set, an older binary.
#
#   benches/whole-process.sh BINARY         OLD=BINARY to compare with another
#
# Programs run in turn, so that other load slows all of them equally, and their medians are compared. Limits: 5
# times the floor with 34 processes, 1.6 times with 3,000 more; 60 % of OLD's time. A time above its limit is only
# reported, not a failure: on a loaded machine, a program with several threads waits longer than a single-threaded one.
# The limits that fail are those on memory and on instruction counts (benches/instructions.sh).
#
# What a shell starts may have a large table of descriptors from the start, what a container runtime starts has not, so
# the program is also started by a small program (peak.c).
#
# Memory fails above its limit of 6 MiB. Most of it is pages of the program itself, which the kernel maps 16 or more at a
# time around each one that is used; build.rs places the functions that ordinary runs execute side by side.
. "$(dirname "$0")/../tests/e2e/common.bash"
simulated
run=(run --benchmark cis-1.12 --targets "master,node" --json)
old=${OLD:+$(realpath "$OLD")}

needs gcc
for program in peak floor; do
  gcc -O1 -static -o "$work/$program" "$repo/benches/$program.c" || fail "$program.c does not compile"
done

# Uses bash's microsecond clock, since the node has no Python. The first run of each program only warms the caches.
cat >"$work/measure" <<'INSIDE'
#!/bin/bash
set -e
timed() {
  local what=$1 begin end; shift
  begin=${EPOCHREALTIME/./}; "$@" >/dev/null 2>&1; end=${EPOCHREALTIME/./}
  echo "$what $((end - begin))"
}
/floor | sed 's/^/floor: /' >&2
for turn in $(seq 0 60); do
  timed "floor" /floor
  timed "new" /kube-assay "$@"
  [ ! -x /kube-assay.old ] || timed "old" /kube-assay.old "$@"
done | tail -n +4
ls -d /proc/[0-9]* | wc -l | sed 's/^/processes /'
for turn in $(seq 9); do /peak /kube-assay "$@" | sed -n 's/^wall_us/direct/p'; done
/peak /kube-assay "$@"
INSIDE
chmod +x "$work/measure"

# Traces the system calls of a run from outside, since the node has no strace.
calls() { # NODE: system calls of one run, all and by name
  local trace threads checks
  strace -ff --pidns-translation -o "$work/trace" "$python" "$SIMNODE" "$1" -- "$binary" "${run[@]}" >"$work/traced.json" 2>"$work/strace.err" ||
    { tail -n 20 "$work/strace.err"; fail "the traced run failed"; }
  trace=$(grep -lF "execve(\"$binary\"" "$work"/trace.*) || fail "not traced"
  # Calls before the execve belong to the launcher. Each thread has its own trace file.
  threads=$(sed -n "s/^clone(.*CLONE_THREAD.* = [0-9]* \/\* \([0-9]*\) in strace's PID NS.*/\1/p" "$trace")
  { sed "1,\\|^execve(\"$binary\"|d" "$trace"; for thread in $threads; do cat "$work/trace.$thread"; done; } |
    sed -n 's/^\([a-z0-9_]*\)(.*/\1/p' | sort | uniq -c | sort -rn >"$work/calls"
  rm -f "$work"/trace.*
  checks=$(grep -o '"test_number"' "$work/traced.json" | wc -l)
  awk -v "checks=$checks" '{ sum += $1; list = list (NR > 1 && NR <= 12 ? ", " : "") (NR <= 12 ? $2 " " $1 : "") } END { printf "%d system calls, %.1f for each of %d checks: %s\n", sum, sum / checks, checks, list }' "$work/calls"
}

measure() { # NODE WHAT LIMIT_TIMES_FLOOR
  local binds=(--bind "$work/measure:/measure" --bind "$work/peak:/peak" --bind "$work/floor:/floor" --bind "$binary:/kube-assay")
  [ -z "$old" ] || binds+=(--bind "$old:/kube-assay.old")
  simnode "${binds[@]}" "$1" -- /measure "${run[@]}" >"$work/figures" || { cat "$work/figures"; fail "$2: the run failed"; }
  "$python" - "$work/figures" "$2" "$3" <<'PYTHON'
import statistics, sys
path, what, limit = sys.argv[1], sys.argv[2], float(sys.argv[3])
rows = [line.split() for line in open(path)]
of = lambda kind: [int(value) for name, value in rows if name == kind]
times = {kind: statistics.median(of(kind)) / 1000 for kind in ("floor", "new", "old") if of(kind)}
[kib], [processes] = of("kib"), of("processes")
if len(of("new")) < 50 or len(of("floor")) < 50:
    sys.exit(f"{what}: no figures")
ratio = times["new"] / times["floor"]
direct = statistics.median(of("direct")) / 1000
print(f"{what}: {processes} processes: median {times['new']:.2f} ms (fastest {min(of('new')) / 1000:.2f}), "
      f"{ratio:.2f} times the floor of {times['floor']:.2f} ms (limit {limit:g}), peak {kib / 1024:.2f} MiB (limit 6)")
print(f"{what}: {direct:.2f} ms when started by a small program instead of a shell")
if direct > 2 * times["new"]:
    print(f"{what}: waits for something when it is not started by a shell")
slow = ratio / limit
if "old" in times:
    share = times["new"] / times["old"]
    print(f"{what}: {share:.0%} of the older binary's {times['old']:.2f} ms (limit 60 %)")
    slow = max(slow, share / 0.6)
if kib > 6 * 1024:
    sys.exit(f"{what}: {kib} KiB at its peak, expected at most 6 MiB")
if slow > 1:
    print(f"{what}: slower than its limit on an idle machine")
PYTHON
}

node=$repo/tests/nodes/kubeadm-cp.yaml
measure "$node" "control plane" 5 || fail "control plane"
if command -v strace >/dev/null; then say "$(calls "$node")"; else say "system calls are not counted: strace is not installed"; fi

"$python" "$repo/benches/crowded.py" "$node" "$work/crowded.yaml"
measure "$work/crowded.yaml" "control plane, crowded" 1.6 || fail "control plane, crowded"
