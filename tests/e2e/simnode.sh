#!/usr/bin/env bash
# Made-up nodes shown as real ones, with their own processes and root: a live run, a run over the node's own file, and a
# run over a recording made there must find the same. Then what the kernel is asked for on the way.
. "$(dirname "$0")/common.bash"
simulated
options=(--benchmark cis-1.12 --targets "master,controlplane,etcd,node,policies" --profile none)
mkdir "$work/recorded"

for node in "$shared"/nodes/*.yaml; do
  name=$(basename "$node" .yaml)
  simnode "$node" -- "$binary" run "${options[@]}" --json >"$work/live.json" || fail "$name: the live run failed"
  "$binary" run "${options[@]}" --node "$node" --json >"$work/file.json" || fail "$name: the run over its file failed"
  simnode --bind-rw "$work/recorded:/recorded" "$node" -- \
    "$binary" record --benchmark cis-1.12 --targets "master,controlplane,etcd,node,policies" -o "/recorded/$name.yaml" || fail "$name: not recorded"
  "$binary" run "${options[@]}" --node "$work/recorded/$name.yaml" --json >"$work/recorded.json" || fail "$name: the run over the recording failed"
  "$python" "$here/findings.py" same --any-pid "$work/live.json" "$work/file.json" || fail "$name: live and its file differ"
  # A recording is of this very node, but each start of it numbers its processes anew.
  "$python" "$here/findings.py" same --any-pid "$work/live.json" "$work/recorded.json" || fail "$name: live and recorded differ"
  # Private keys and bearer tokens are never written down.
  ! grep -qE 'PRIVATE KEY|^ *token: ' "$work/recorded/$name.yaml" || fail "$name: a secret is in the recording"
  say "$name: live, file and recording agree: $("$python" "$here/findings.py" count "$work/live.json")"
done

needs strace
node=$shared/nodes/kubeadm-cp.yaml
# From outside, and each process into a file of its own: the made-up node has no strace. Strings whole enough for a
# command line, file descriptors with their paths.
strace -ff -y -s 4096 -o "$work/trace" "$python" "$shared/simnode/simnode.py" "$node" -- \
  "$binary" run --benchmark cis-1.12 --targets master,node --json >"$work/traced.json" 2>"$work/strace.err" ||
  { tail -n 20 "$work/strace.err"; fail "the traced run failed"; }
trace=$(grep -lF "execve(\"$binary\"" "$work"/trace.* || true)
[ "$(wc -w <<<"$trace")" = 1 ] || fail "not one process ran the binary: $trace"
"$python" "$here/system_calls.py" "$trace" "$binary" "$repo/benchmarks/components.yaml" || fail "more was asked of the kernel than an audit needs"
