#!/usr/bin/env bash
# Counts the instructions of whole runs over a recorded node with callgrind: the same number every time for the same
# binary, regardless of the machine's load. To compare two builds, run it on both.
#
#   benches/instructions.sh [BINARY]        default: target/x86_64-unknown-linux-gnu/release/kube-assay
#
# Every run has a limit, and exceeding it fails.
set -euo pipefail
repo=$(cd "$(dirname "$0")/.." && pwd)
binary=$(realpath "${1:-$repo/target/x86_64-unknown-linux-gnu/release/kube-assay}")
command -v valgrind >/dev/null || { echo "valgrind: not installed (apt-get install valgrind)" >&2; exit 77; }
cd "$repo"
status=0
count() { # WHAT LIMIT_IN_MILLIONS ARGUMENT…
  local what=$1 limit=$2 instructions; shift 2
  # An empty environment, whose size would shift the stack and thus change the count by a few instructions.
  instructions=$(env -i valgrind --tool=callgrind --callgrind-out-file=/dev/null "$binary" "$@" 2>&1 >/dev/null |
    sed -n 's/.*Collected : *//p')
  [ -n "$instructions" ] || { echo "$what: not counted" >&2; status=1; return; }
  printf '%12d  %s (limit %d million)\n' "$instructions" "$what" "$limit"
  if [ "$instructions" -gt $((limit * 1000000)) ]; then echo "$what: over its limit" >&2; status=1; fi
}
node=golden/nodes/kubeadm-control-plane.yaml
count "start and end: version" 2 version
count "definitions loaded: list" 7 list
count "master and node of a recorded control plane, text" 26 run --node "$node" --targets master,node
count "the same, JSON" 30 run --node "$node" --targets master,node --json
count "the same, JUnit" 34 run --node "$node" --targets master,node --junit
exit "$status"
