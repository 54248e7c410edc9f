#!/usr/bin/env bash
# Which benchmark and targets run under kube-bench's name without further options, and with which exit code: made-up
# nodes of many platforms, compared with kube-bench's choices, with and without starting programs. Intended differences
# are printed with their reasons; any other difference is a failure.
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
    # Its exit code is one of the results compared below.
    simnode --bind "$binary:/usr/local/bin/kube-bench" --bind "$rules:/opt/kube-bench/cfg" --cwd /opt/kube-bench "$node/node.yaml" -- \
      "${words[@]}" --json -v "${more[@]}" >"$work/$name.$mode.out" 2>"$work/$name.$mode.err" && status=0 || status=$?
    echo "$status" >"$work/$name.$mode.exit"
  done
done
"$python" "$here/kube_bench_choice.py" compare "$work" "$nodes" || fail "something else is chosen than kube-bench chooses"
