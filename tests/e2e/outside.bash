# What tests need and the project does not hold, by environment variables; source it with $repo set. Each defaults to
# where it lies beside this checkout, and stays unset where it is nowhere: what needs it is skipped then.
#
#   KUBE_BENCH_CFG      kube-bench's own rule files, its directory `cfg`
#   KUBE_BENCH_OUTPUTS  what kube-bench printed: NODE/verdicts.jsonl and whole reports; detection/NODE/kube-bench.json
#   SIMNODE             the program that runs a command inside of a made-up node, with `setup` beside it
outside() { # VARIABLE PATH
  if [ -z "${!1:-}" ] && [ -e "$2" ]; then export "$1=$(realpath "$2")"; fi
}
outside KUBE_BENCH_CFG "$repo/../shared/reference/kube-bench/cfg"
outside KUBE_BENCH_OUTPUTS "$repo/../shared/oracle"
outside SIMNODE "$repo/../shared/simnode/simnode.py"
