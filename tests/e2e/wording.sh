#!/usr/bin/env bash
# Facts may be kube-bench's, sentences may not: nothing here shares nine words in a row with its rule files.
. "$(dirname "$0")/common.bash"
check=$repo/../shared/check-wording
[ -x "$check" ] || skip "no reference text beside this checkout"
needs python3 git
python3 "$check" "$repo" || fail "text to be rewritten in our own words"
