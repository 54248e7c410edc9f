#!/usr/bin/env bash
# The whole process stays within its limits of instructions (benches/instructions.sh) and memory; times are only
# reported (benches/whole-process.sh).
set -euo pipefail
benches=$(dirname "$0")/../../benches
status=0
bash "$benches/instructions.sh" "$@" || status=$?
[ "$status" = 0 ] || [ "$status" = 77 ] || exit "$status"
[ "$status" = 0 ] || [ "${CI:-}" != true ] || exit 1
exec bash "$benches/whole-process.sh" "$@"
