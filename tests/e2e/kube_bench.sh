#!/usr/bin/env bash
# Runs all of kube-bench's own rule files on made-up nodes, under its name, and compares the results with its own: with
# /bin/sh for audits that cannot be interpreted, without it, over the node's file, and over a recording made there.
. "$(dirname "$0")/common.bash"
outside_has KUBE_BENCH_CFG KUBE_BENCH_OUTPUTS
simulated
rules=$KUBE_BENCH_CFG
ln -s "$binary" "$work/kube-bench"

# Runs inside of a node, whose shell may lack paste, find and similar programs.
cat >"$work/run" <<'INSIDE'
#!/bin/sh
for benchmark in /cfg/*/; do
  benchmark=${benchmark#/cfg/}
  benchmark=${benchmark%/}
  /kube-bench -D /cfg run --benchmark "$benchmark" --json --outputfile "/out/native.$benchmark" 2>>/out/native.log || exit 1
  /kube-bench -D /cfg run --benchmark "$benchmark" --json --allow-exec --outputfile "/out/exec.$benchmark" 2>>/out/exec.log || exit 1
done
/kube-assay record --with-contents -D /cfg --file /out/recording 2>>/out/record.log
INSIDE
chmod +x "$work/run"

for node in "${nodes[@]}"; do
  name=$(basename "$node" .yaml)
  mkdir "$work/$name"
  simnode --bind "$rules:/cfg" --bind "$work/run:/run-all" --bind "$binary:/kube-bench" --bind "$binary:/kube-assay" --bind-rw "$work/$name:/out" "$node" -- /run-all ||
    { tail -n 5 "$work/$name"/*.log; fail "$name: a run failed"; }
  for benchmark in "$rules"/*/; do
    benchmark=$(basename "$benchmark")
    "$work/kube-bench" -D "$rules" --node "$node" run --benchmark "$benchmark" --json --outputfile "$work/$name/offline.$benchmark" 2>>"$work/$name/offline.log" ||
      fail "$name, $benchmark: the run over its file failed"
    "$work/kube-bench" -D "$rules" --node "$work/$name/recording" run --benchmark "$benchmark" --json --outputfile "$work/$name/recorded.$benchmark" 2>>"$work/$name/recorded.log" ||
      fail "$name, $benchmark: the run over its recording failed"
  done
  # The samples do not record their command line, but their names give the benchmark and their text the targets.
  for sample in "$KUBE_BENCH_OUTPUTS/$name"/*.txt "$KUBE_BENCH_OUTPUTS/$name"/*.junit.xml; do
    [ -e "$sample" ] || continue
    kind=text benchmark=$(basename "$sample" .txt)
    case $sample in *.xml) kind=junit benchmark=$(basename "$sample" .junit.xml) ;; esac
    targets=$("$python" "$here/kube_bench.py" targets "$sample" "$rules/$benchmark")
    options=(); [ "$kind" = junit ] && options=(--junit)
    simnode --bind "$rules:/cfg" --bind "$binary:/kube-bench" --bind-rw "$work/$name:/out" "$node" -- \
      /kube-bench -D /cfg run --benchmark "$benchmark" --targets "$targets" --allow-exec "${options[@]}" >"$work/ours" 2>"$work/ours.err" ||
      { cat "$work/ours.err"; fail "$sample: not run"; }
    "$python" "$here/kube_bench.py" "$kind" "$work/ours" "$sample" || fail "$sample: another $kind"
  done
done
"$python" "$here/kube_bench.py" verdicts "$work" "$KUBE_BENCH_OUTPUTS" || fail "verdicts differ"
