#!/usr/bin/env bash
# Measures time and memory of kube-bench's own cis-1.12 rule files on a made-up control plane node, with its own
# processes and with 3,000 more, against a shell that runs the same audits in sequence: all in one run, since machines
# differ. Limits: 1/30 of kube-bench's 550 ms and of the shell's time; with more processes 1/100 of the shell's time; 20
# MiB. Time fails only at three times its limit, since it includes other load on the machine; memory does not, and fails
# at its limit.
. "$(dirname "$0")/../tests/e2e/common.bash"
outside_has KUBE_BENCH_CFG
simulated
rules=$KUBE_BENCH_CFG
run=(run --benchmark cis-1.12 --targets "master,node" --json)

needs gcc
gcc -O1 -static -o "$work/peak" "$repo/benches/peak.c" || fail "peak.c does not compile"

# The audits that kube-bench would pass to a shell: those of each check that runs, repeated ones included.
mkdir "$work/audits"
"$binary" -D "$rules" --node "$repo/tests/nodes/kubeadm-cp.yaml" "${run[@]}" 2>/dev/null | "$python" -c '
import json, sys
count = 0
for control in json.load(sys.stdin)["Controls"]:
    for group in control["tests"]:
        for check in group["results"]:
            for key in ("AuditEnv", "audit", "AuditConfig"):
                if check["type"] == "" and check[key].strip():
                    open(f"{sys.argv[1]}/{count:04}.sh", "w").write(check[key])
                    count += 1
' "$work/audits"
[ "$(ls "$work/audits" | wc -l)" -gt 80 ] || fail "too few audits"

# Uses bash's microsecond clock, since the node has no Python.
cat >"$work/measure" <<'INSIDE'
#!/bin/bash
for _ in $(seq 20); do
  begin=${EPOCHREALTIME/./}; "$@" >/dev/null 2>&1; end=${EPOCHREALTIME/./}
  echo "us $((end - begin))"
done
/peak "$@"
begin=${EPOCHREALTIME/./}
for audit in /audits/*.sh; do /bin/sh <"$audit" >/dev/null 2>&1; done
end=${EPOCHREALTIME/./}
echo "shell $((end - begin))"
INSIDE
chmod +x "$work/measure"

measure() { # NODE WHAT LIMIT_MS LIMIT_RATIO
  simnode --bind "$rules:/cfg" --bind "$work/audits:/audits" --bind "$work/measure:/measure" --bind "$work/peak:/peak" --bind "$binary:/kube-bench" "$1" -- \
    /measure /kube-bench -D /cfg "${run[@]}" >"$work/figures" || { cat "$work/figures"; fail "$2: the run failed"; }
  "$python" - "$work/figures" "$2" "$3" "$4" <<'PYTHON'
import statistics, sys
path, what, limit, wanted = sys.argv[1], sys.argv[2], float(sys.argv[3]), float(sys.argv[4])
rows = [line.split() for line in open(path)]
times = [int(value) / 1000 for kind, value in rows if kind == "us"]
[kib] = [int(value) for kind, value in rows if kind == "kib"]
[shell] = [int(value) / 1000 for kind, value in rows if kind == "shell"]
median = statistics.median(times)
ratio = shell / median
print(f"{what}: median {median:.1f} ms (fastest {min(times):.1f}), a shell {shell:.0f} ms, {ratio:.0f} times as long; peak {kib / 1024:.2f} MiB (limit 20)")
if kib >= 20 * 1024:
    sys.exit(f"{what}: {kib} KiB at its peak, expected less than 20 MiB")
if limit and median >= limit:
    print(f"{what}: slower than its limit of {limit:g} ms")
if ratio < wanted:
    print(f"{what}: expected {wanted:g} times as fast as a shell")
if (limit and median >= 3 * limit) or ratio < wanted / 3:
    sys.exit(f"{what}: less than a third of what is expected")
PYTHON
}

measure "$repo/tests/nodes/kubeadm-cp.yaml" "cis-1.12 from rule files" 18.3 30 || fail "control plane"

"$python" "$repo/benches/crowded.py" "$repo/tests/nodes/kubeadm-cp.yaml" "$work/crowded.yaml"
measure "$work/crowded.yaml" "the same with 3,000 more processes" 0 100 || fail "control plane, crowded"
