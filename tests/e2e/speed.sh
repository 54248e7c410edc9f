#!/usr/bin/env bash
# The whole process within its limits of time and memory: see benches/whole-process.sh.
exec bash "$(dirname "$0")/../../benches/whole-process.sh" "$@"
