#!/usr/bin/env bash
# Texts of others cost what their length costs: each costly form in each place, at one length and at twice that, counted in
# instructions. See linear.py. Some minutes on an idle machine.
#
#   tests/e2e/linear.sh BINARY [PLACE…]
. "$(dirname "$0")/common.bash"
needs valgrind python3
python3 "$here/linear.py" "$binary" "$work" "${@:2}"
