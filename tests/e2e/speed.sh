#!/usr/bin/env bash
# The whole process within its limits: instructions (benches/instructions.sh), memory, and times to read
# (benches/whole-process.sh).
set -euo pipefail
benches=$(dirname "$0")/../../benches
status=0
bash "$benches/instructions.sh" "$@" || status=$?
[ "$status" = 0 ] || [ "$status" = 77 ] || exit "$status"
[ "$status" = 0 ] || [ "${CI:-}" != true ] || exit 1
exec bash "$benches/whole-process.sh" "$@"
