#!/usr/bin/env bash
# Runs are bounded, whatever a node contains and whatever input the user names: the most expensive nodes and inputs
# (tests/e2e/bounded.py) stay within limits of CPU time and memory, whether they are recorded or checked, with built-in
# controls or rule files, and so does the size of every report. `bounded.sh BINARY KIND…` tests only these kinds of
# nodes.
. "$(dirname "$0")/common.bash"
needs python3 cc

# CPU time, not elapsed time. A single file or process may cost half as much as many.
most_cpu_ms=10000
most_cpu_ms_of_one=5000
most_kib=$((48 << 10))
# For a recording with as many values as are read at most.
most_kib_of_values=$((192 << 10))
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

# measured WHAT MOST_CPU_MS COMMAND…: runs a command, sets $status, and fails if it exceeds a limit.
measured() {
  local what=$1 most=$2 kib cpu; shift 2
  "$work/peak" "$@" >"$work/measured" 2>"$work/said" || { cat "$work/said"; fail "$what: not run"; }
  read -r kib cpu status _ <<<"$(sed 's/^[a-z_]* //' "$work/measured" | tr '\n' ' ')"
  say "$what: $kib KiB, $cpu ms"
  [ "$kib" -le "$most_kib" ] || fail "$what: $kib KiB are more than $most_kib"
  [ "$cpu" -le "$most" ] || fail "$what: $cpu ms are more than $most"
}

# done_with WHAT: the last measured command must have succeeded.
done_with() { [ "$status" = 0 ] || { cat "$work/said"; fail "$1: exit code $status"; }; }

# sized WHAT FILE…: these files must have more than 1,000 bytes and at most the maximum of a report.
sized() {
  local what=$1 file size; shift
  for file in "$@"; do
    size=$(stat -c %s "$file")
    [ "$size" -gt 1000 ] && [ "$size" -le "$most_report" ] || fail "$what: $size bytes of $file"
  done
}

# whole FILE: the report must contain all three targets.
whole() { python3 -c 'import json, sys; report = json.load(open(sys.argv[1])); assert len(report["Controls"]) == 3' "$1"; }

cc -O2 -static -o "$work/peak" "$repo/benches/peak.c"
python3 "$here/bounded.py" --rules "$work/rules"
for kind in "${kinds[@]}"; do
  node=$work/$kind
  python3 "$here/bounded.py" "$kind" "$node"
  cpu=$most_cpu_ms
  case $kind in all-* | one-* | over-the-limit | ordinary) cpu=$most_cpu_ms_of_one ;; esac
  at=(--root "$node/root" --proc "$node/proc")
  measured "$kind" "$cpu" "$binary" run "${at[@]}" --targets master,node,etcd --output "json=$node.json" \
    --output "junit=$node.xml" --output "native=$node.native" --output "text=$node.txt"
  done_with "$kind"
  sized "$kind" "$node.json" "$node.xml" "$node.native" "$node.txt"
  whole "$node.json"
  measured "$kind, read again" "$cpu" "$binary" report "$node.native" --output "junit=$node.again"
  done_with "$kind, read again"
  cmp "$node.xml" "$node.again" || fail "$kind: the saved report is another one"

  measured "$kind, recorded" "$cpu" "$binary" record "${at[@]}" --file "$node.yaml"
  done_with "$kind, recorded"
  sized "$kind, recorded" "$node.yaml"
  measured "$kind, from its recording" "$cpu" "$binary" run --node "$node.yaml" --targets master,node,etcd \
    --output "json=$node.replayed"
  done_with "$kind, from its recording"
  sized "$kind, from its recording" "$node.replayed"
  whole "$node.replayed"

  measured "$kind, own rule files" "$cpu" "$binary" run -D "$work/rules" --benchmark house-1 "${at[@]}" \
    --targets master,node,etcd --output "json=$node.rules"
  done_with "$kind, own rule files"
  sized "$kind, own rule files" "$node.rules"
  measured "$kind, recorded for rule files" "$cpu" "$binary" record -D "$work/rules" --with-contents --benchmark house-1 \
    "${at[@]}" --targets master,node,etcd --file "$node.contents"
  done_with "$kind, recorded for rule files"
  sized "$kind, recorded for rule files" "$node.contents"
  if [ -n "${KUBE_BENCH_CFG:-}" ] && [ "${kind%%-*}" != all ]; then
    measured "$kind, rule files of kube-bench" "$cpu" "$binary" run --compat -D "$KUBE_BENCH_CFG" --benchmark cis-1.10 \
      "${at[@]}" --targets master,node,etcd --output "json=$node.bench"
    done_with "$kind, rule files of kube-bench"
    sized "$kind, rule files of kube-bench" "$node.bench"
  fi
  rm -rf "$node" "$node".*
done
[ $# = 1 ] || exit 0

# --- Inputs that the user names.

# refused WHAT WORDS COMMAND…: the command must fail with a message that contains WORDS, within the limits.
refused() {
  local what=$1 words=$2; shift 2
  measured "$what" "$most_cpu_ms_of_one" "$binary" "$@"
  [ "$status" != 0 ] || fail "$what: not refused"
  # Runs it again for its message, which `peak` discards.
  "$binary" "$@" >/dev/null 2>"$work/said" && fail "$what: not refused"
  grep -qF -- "$words" "$work/said" || { head -c 1000 "$work/said"; fail "$what: it does not say: $words"; }
  [ "$(stat -c %s "$work/said")" -lt 100000 ] || fail "$what: the refusal is too long"
}

inputs=$work/inputs
python3 "$here/bounded.py" --inputs "$inputs"
python3 "$here/bounded.py" ordinary "$work/ordinary"
at=(--root "$work/ordinary/root" --proc "$work/ordinary/proc")
for name in fifo sparse deep aliases many; do
  case $name in
    fifo) words="is not a regular file" ;;
    sparse) words="exceeds 64 MiB" ;;
    deep) words="recursion limit exceeded" ;;
    aliases) words="unknown field" ;;
    many) words="more than 2000000 values" ;;
  esac
  most_kib=$most_kib_of_values refused "recording: $name" "$words" run --node "$inputs/$name"
done
for name in fifo sparse deep.json many.json; do
  case $name in
    fifo) words="is not a regular file" ;;
    sparse) words="exceeds 64 MiB" ;;
    deep.json) words="deep.json:1:" ;;
    many.json) words="more than 1000000 values" ;;
  esac
  refused "saved report: $name" "$words" report "$inputs/$name"
done
refused "definitions: too many files" "holds more than 500 *.yaml" run "${at[@]}" --benchmarks-dir "$inputs/too-many"
refused "definitions: a large file" "exceeds 4 MiB" run "${at[@]}" --benchmarks-dir "$inputs/too-large"
refused "definitions: too large in all" "holds more than 8 MiB" run "${at[@]}" --benchmarks-dir "$inputs/too-large-in-all"
for name in items keys nested aliased line; do
  refused "definitions: $name" "/controls/" run "${at[@]}" --benchmarks-dir "$inputs/$name"
done
refused "definitions: mistakes" "holds more than 60000 lines and values" run "${at[@]}" --benchmarks-dir "$inputs/mistakes"
for name in items nested too-large too-many; do
  words=house-1/master.yaml
  [ "$name" != too-many ] || words="holds more than 1000 entries"
  refused "rule files: $name" "$words" run "${at[@]}" -D "$inputs/rules-$name" --benchmark house-1 --targets master
done
