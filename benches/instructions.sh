#!/usr/bin/env bash
# Instructions of whole runs over a recorded node, counted by callgrind: the same figure every time for the same binary,
# whatever else the machine does. Compare two builds by running it on both.
#
#   benches/instructions.sh [BINARY]        default: target/x86_64-unknown-linux-gnu/release/kube-assay
set -euo pipefail
repo=$(cd "$(dirname "$0")/.." && pwd)
binary=$(realpath "${1:-$repo/target/x86_64-unknown-linux-gnu/release/kube-assay}")
command -v valgrind >/dev/null || { echo "valgrind: not installed (apt-get install valgrind)" >&2; exit 77; }
cd "$repo"
count() { # WHAT ARGUMENT…
  local what=$1 instructions; shift
  # An empty environment: its size moves the stack, and with it a few instructions.
  instructions=$(env -i valgrind --tool=callgrind --callgrind-out-file=/dev/null "$binary" "$@" 2>&1 >/dev/null |
    sed -n 's/.*Collected : *//p')
  printf '%12d  %s\n' "$instructions" "$what"
}
node=golden/nodes/kubeadm-control-plane.yaml
count "start and end: version" version
count "definitions loaded: list" list
count "master and node of a recorded control plane, text" run --node "$node" --targets master,node
count "the same, JSON" run --node "$node" --targets master,node --json
count "the same, JUnit" run --node "$node" --targets master,node --junit
