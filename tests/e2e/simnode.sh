#!/usr/bin/env bash
# Made-up nodes run as real ones, with their own processes and root: a live run, a run over the node's file, and a run
# over a recording made there must have the same findings. Then checks the system calls of a live run.
. "$(dirname "$0")/common.bash"
simulated
# The oldest, the one for these nodes' version, and the two for EKS with the most targets and kinds of checks.
benchmarks=(cis-1.5 cis-1.12 eks-1.8.0 eks-stig-kubernetes-v1r6)
mkdir "$work/recorded"

for node in "${nodes[@]}"; do
  name=$(basename "$node" .yaml)
  counts=()
  for benchmark in "${benchmarks[@]}"; do
    at="$name, $benchmark"
    chosen=(--benchmark "$benchmark" --targets "$("$binary" list targets | awk -v "of=$benchmark" '$1 == of { print $2 }' | paste -sd,)")
    options=("${chosen[@]}" --profile none)
    simnode "$node" -- "$binary" run "${options[@]}" --json >"$work/live.json" || fail "$at: the live run failed"
    "$binary" run "${options[@]}" --node "$node" --json >"$work/file.json" || fail "$at: the run over its file failed"
    simnode --bind-rw "$work/recorded:/recorded" "$node" -- "$binary" record "${chosen[@]}" -o "/recorded/$name.yaml" ||
      fail "$at: not recorded"
    "$binary" run "${options[@]}" --node "$work/recorded/$name.yaml" --json >"$work/recorded.json" ||
      fail "$at: the run over the recording failed"
    "$python" "$here/findings.py" same --any-pid "$work/live.json" "$work/file.json" || fail "$at: live and its file differ"
    # The recording is of the same node, but each start numbers its processes differently.
    "$python" "$here/findings.py" same --any-pid "$work/live.json" "$work/recorded.json" || fail "$at: live and recorded differ"
    # Private keys and bearer tokens must never be recorded.
    ! grep -qE 'PRIVATE KEY|^ *token: ' "$work/recorded/$name.yaml" || fail "$at: a secret is in the recording"
    counts+=("$benchmark: $("$python" "$here/findings.py" count "$work/live.json")")
  done
  say "$name: live, file and recording agree"
  printf '  %s\n' "${counts[@]}"
done

needs strace
node=$repo/tests/nodes/kubeadm-cp.yaml
# Traced from outside, since the made-up node has no strace, with a file for each process, strings long enough for a
# command line, and the paths of file descriptors.
strace -ff -y --pidns-translation -s 4096 -o "$work/trace" "$python" "$SIMNODE" "$node" -- \
  "$binary" run --benchmark cis-1.12 --targets master,node --json >"$work/traced.json" 2>"$work/strace.err" ||
  { tail -n 20 "$work/strace.err"; fail "the traced run failed"; }
trace=$(grep -lF "execve(\"$binary\"" "$work"/trace.* || true)
[ "$(wc -w <<<"$trace")" = 1 ] || fail "not one process ran the binary: $trace"
"$python" "$here/system_calls.py" "$trace" "$binary" "$repo/benchmarks/components.yaml" || fail "more was asked of the kernel than an audit needs"
