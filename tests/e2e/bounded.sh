#!/usr/bin/env bash
# A run is bounded whatever a node holds: nodes that cost as much as can be (tests/e2e/bounded.py) take at most so much
# time and memory, and every report of them is at most so long. `bounded.sh BINARY KIND…` takes these kinds alone.
. "$(dirname "$0")/common.bash"
needs python3 cc

# Of the program itself, on a machine that does other things too: twice what an idle one takes.
most_cpu_ms=20000
most_kib=$((48 << 10))
most_report=$((8 << 20))

kinds=("${@:2}")
if [ ${#kinds[@]} = 0 ]; then
  kinds=(ordinary tenants-pods-one static-pods-words static-pods-known embedders-flags one-process-known over-the-limit
    kubelets-comments kubelets-items kubelets-of-tenants-items drop-ins-comments small-drop-ins pki pki-of-keys
    pki-of-links pki-of-directories accounts accounts-of-one-letter called-kubelet believed-kubelets environment
    manifests large-manifests records texts)
  for filling in comments keys items scalar quoted lines breaks settings nothing bytes table json; do
    kinds+=("all-$filling")
  done
fi

# within WHAT REPORT…: what was measured last is within the limits, and so are these reports.
within() {
  local what=$1 kib cpu report size; shift
  read -r kib cpu < <(tr '\n' ' ' <"$node.peak" | sed 's/kib \([0-9]*\) cpu_ms \([0-9]*\) .*/\1 \2/')
  say "$what: $kib KiB, $cpu ms, $(stat -c %s "$@" | tr '\n' ' ')bytes"
  [ "$kib" -le "$most_kib" ] || fail "$what: $kib KiB are more than $most_kib"
  [ "$cpu" -le "$most_cpu_ms" ] || fail "$what: $cpu ms are more than $most_cpu_ms"
  for report in "$@"; do
    size=$(stat -c %s "$report")
    [ "$size" -gt 1000 ] && [ "$size" -le "$most_report" ] || fail "$what: $size bytes of $report"
  done
}

cc -O2 -static -o "$work/peak" "$repo/benches/peak.c"
for kind in "${kinds[@]}"; do
  node=$work/$kind
  python3 "$here/bounded.py" "$kind" "$node"
  run=("$binary" run --root "$node/root" --proc "$node/proc" --targets master,node,etcd)
  "$work/peak" "${run[@]}" --output "json=$node.json" --output "junit=$node.xml" --output "native=$node.native" \
    --output "text=$node.txt" >"$node.peak" || fail "$kind: no report"
  within "$kind" "$node.json" "$node.xml" "$node.native" "$node.txt"
  if [ -n "${KUBE_BENCH_CFG:-}" ] && [ "${kind%%-*}" != all ]; then
    "$work/peak" "$binary" run --compat -D "$KUBE_BENCH_CFG" --benchmark cis-1.10 --root "$node/root" --proc "$node/proc" \
      --targets master,node,etcd --output "json=$node.bench" >"$node.peak" || fail "$kind: no report of rule files"
    within "$kind, rule files" "$node.bench"
  fi
  python3 -c 'import json, sys; report = json.load(open(sys.argv[1])); assert len(report["Controls"]) == 3' "$node.json"
  rm -rf "$node" "$node".*
done
