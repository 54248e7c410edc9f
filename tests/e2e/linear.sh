#!/usr/bin/env bash
# The cost of untrusted texts is linear in their length: counts instructions for each expensive form in each place, at
# one length and at twice that. See linear.py. Takes some minutes on an idle machine.
#
#   tests/e2e/linear.sh BINARY [PLACE…]
. "$(dirname "$0")/common.bash"
needs valgrind python3
python3 "$here/linear.py" "$binary" "$work" "${@:2}"
