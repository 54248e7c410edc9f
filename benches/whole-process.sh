#!/usr/bin/env bash
# Time and memory of the whole process on a made-up control plane node, as it is and with 3,000 more processes.
# Limits: 10 ms and 60 ms (medians of 50 runs, starting the process included), 12 MiB. Time fails only at three times
# its limit, since other work on the machine counts in it; memory does not, and fails at its limit.
. "$(dirname "$0")/../tests/e2e/common.bash"
simulated
run=(run --benchmark cis-1.12 --targets "master,node" --json)

needs gcc
gcc -O1 -static -o "$work/peak" "$repo/benches/peak.c" || fail "peak.c does not compile"

# The node has no Python: bash's own clock counts microseconds.
cat >"$work/measure" <<'INSIDE'
#!/bin/bash
set -e
"$@" >/dev/null 2>&1
for _ in $(seq 50); do
  begin=${EPOCHREALTIME/./}; "$@" >/dev/null 2>&1; end=${EPOCHREALTIME/./}
  echo "us $((end - begin))"
done
ls -d /proc/[0-9]* | wc -l | sed 's/^/processes /'
/peak "$@"
INSIDE
chmod +x "$work/measure"

measure() { # NODE WHAT LIMIT_MS
  simnode --bind "$work/measure:/measure" --bind "$work/peak:/peak" --bind "$binary:/kube-assay" "$1" -- /measure /kube-assay "${run[@]}" >"$work/figures" ||
    { cat "$work/figures"; fail "$2: the run failed"; }
  "$python" - "$work/figures" "$2" "$3" <<'PYTHON'
import statistics, sys
path, what, limit = sys.argv[1], sys.argv[2], float(sys.argv[3])
rows = [line.split() for line in open(path)]
times = [int(value) / 1000 for kind, value in rows if kind == "us"]
kib = [int(value) for kind, value in rows if kind == "kib"]
processes = [int(value) for kind, value in rows if kind == "processes"]
if len(times) != 50 or len(kib) != 1:
    sys.exit(f"{what}: no figures")
median = statistics.median(times)
print(f"{what}: {processes[0]} processes: median {median:.2f} ms (fastest {min(times):.2f}, limit {limit:g}), peak {kib[0] / 1024:.2f} MiB (limit 12)")
if kib[0] >= 12 * 1024:
    sys.exit(f"{what}: {kib[0]} KiB at its peak, expected less than 12 MiB")
if median >= limit:
    print(f"{what}: slower than its limit of {limit:g} ms")
if median >= 3 * limit:
    sys.exit(f"{what}: more than three times its limit")
PYTHON
}

measure "$repo/tests/nodes/kubeadm-cp.yaml" "control plane" 10 || fail "control plane"

"$python" "$repo/benches/crowded.py" "$repo/tests/nodes/kubeadm-cp.yaml" "$work/crowded.yaml"
measure "$work/crowded.yaml" "control plane, crowded" 60 || fail "control plane, crowded"
