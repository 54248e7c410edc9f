#!/usr/bin/env bash
# Which benchmark and which targets are run, and what the exit code is, where kube-bench's name is all that says it: made-up
# nodes of many platforms, held against what kube-bench chooses there, without processes and with them. What differs on
# purpose is told with its reason; anything else is a failure.
. "$(dirname "$0")/common.bash"
outside_has KUBE_BENCH_CFG KUBE_BENCH_OUTPUTS
simulated
rules=$KUBE_BENCH_CFG
nodes=$KUBE_BENCH_OUTPUTS/detection
[ -d "$nodes" ] || skip "no choices of kube-bench in $KUBE_BENCH_OUTPUTS"

for node in "$nodes"/*/; do
  name=$(basename "$node")
  mapfile -t words < <("$python" "$here/kube_bench_choice.py" words "$node/kube-bench.json")
  for mode in plain exec; do
    more=(); [ "$mode" = exec ] && more=(--allow-exec)
    # What it ends with is what is looked at.
    simnode --bind "$binary:/usr/local/bin/kube-bench" --bind "$rules:/opt/kube-bench/cfg" --cwd /opt/kube-bench "$node/node.yaml" -- \
      "${words[@]}" --json -v "${more[@]}" >"$work/$name.$mode.out" 2>"$work/$name.$mode.err" && status=0 || status=$?
    echo "$status" >"$work/$name.$mode.exit"
  done
done
"$python" "$here/kube_bench_choice.py" compare "$work" "$nodes" || fail "something else is chosen than kube-bench chooses"
