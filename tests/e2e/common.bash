# Shared by the end-to-end scripts. Source it: `. "$(dirname "$0")/common.bash"`.
#
# Every script takes the binary as its first argument, works in $work (removed at the end), and exits with 0 if passed,
# 77 if skipped (with the reason) and any other code if failed. `later COMMAND` adds a cleanup command.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repo=$(cd "$here/../.." && pwd)
script=$(basename "$0" .sh)
binary=$(realpath "${1:?usage: $0 BINARY}")
[ -x "$binary" ] || { echo "$binary: not an executable file (build it first)" >&2; exit 2; }
work=$(mktemp -d "${TMPDIR:-/tmp}/kube-assay-$script.XXXXXX")
at_end=()

later() { at_end=("$*" "${at_end[@]}"); }
finish() {
  local status=$? step
  for step in "${at_end[@]}"; do eval "$step" || true; done
  rm -rf "$work"
  exit "$status"
}
trap 'echo "$script: line $LINENO: $BASH_COMMAND: failed" >&2' ERR
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

say() { echo "$script: $*"; }
fail() { echo "$script: FAILED: $*" >&2; exit 1; }
skip() { echo "$script: skipped: $*"; exit 77; }

# needs PROGRAM…: skips the script if one is missing. CI installs them all, so there it fails instead.
needs() {
  local program
  for program in "$@"; do
    command -v "$program" >/dev/null && continue
    if [ "${CI:-}" = true ]; then fail "$program: not installed, and CI installs it"; fi
    skip "$program: not installed"
  done
}

# python_with PACKAGE…: sets $python to an interpreter with these packages, in a virtual environment of this script.
python_with() {
  needs python3
  python=$work/venv/bin/python
  if ! { python3 -m venv "$work/venv" && "$python" -m pip install --quiet --disable-pip-version-check "$@"; } >"$work/pip.log" 2>&1; then
    cat "$work/pip.log"
    if [ "${CI:-}" = true ]; then fail "$*: not to be had"; fi
    skip "$*: not to be had"
  fi
}

# node_with PACKAGE…: installs npm packages into $work/node, for scripts that run there.
node_with() {
  mkdir "$work/node"
  if ! (cd "$work/node" && npm install --silent --no-save --no-fund --no-audit --no-update-notifier --ignore-scripts "$@") >"$work/npm.log" 2>&1; then
    cat "$work/npm.log"
    if [ "${CI:-}" = true ]; then fail "$*: not to be had"; fi
    skip "$*: not to be had"
  fi
}

. "$here/outside.bash"
# The made-up nodes for which kube-bench's results are known.
nodes=("$repo"/tests/nodes/*.yaml)

# outside_has VARIABLE…: skips the script if a variable of outside.bash is not set.
outside_has() {
  local variable
  for variable in "$@"; do
    [ -n "${!variable:-}" ] || skip "$variable is not set (see tests/e2e/outside.bash)"
    [ -e "${!variable}" ] || fail "$variable=${!variable}: not there"
  done
}

# simulated: sets up `simnode NODE.yaml -- COMMAND…`, which runs a command inside of a made-up node. Needs root.
simulated() {
  outside_has SIMNODE
  [ "$(id -u)" = 0 ] || skip "made-up nodes need root"
  python_with pyyaml
  "$(dirname "$SIMNODE")/setup" >"$work/setup.log" 2>&1 || { cat "$work/setup.log"; fail "the made-up nodes cannot be set up"; }
}
simnode() { "$python" "$SIMNODE" "$@"; }
