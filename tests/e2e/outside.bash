# Environment variables for test inputs that the project does not contain; source it with $repo set. Each defaults to a
# path beside this checkout and stays unset if that does not exist: tests that need it are then skipped.
#
#   KUBE_BENCH_CFG      kube-bench's rule files: its directory `cfg`
#   KUBE_BENCH_OUTPUTS  what kube-bench printed: NODE/verdicts.jsonl and whole reports; detection/NODE/kube-bench.json
#   SIMNODE             the program that runs a command inside of a made-up node, with `setup` beside it
outside() { # VARIABLE PATH
  if [ -z "${!1:-}" ] && [ -e "$2" ]; then export "$1=$(realpath "$2")"; fi
}
outside KUBE_BENCH_CFG "$repo/../shared/reference/kube-bench/cfg"
outside KUBE_BENCH_OUTPUTS "$repo/../shared/oracle"
outside SIMNODE "$repo/../shared/simnode/simnode.py"
