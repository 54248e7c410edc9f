#!/usr/bin/env bash
# Facts may be kube-bench's, sentences may not: nothing here shares nine words in a row with its rule files.
#
# Recorded nodes are left out: they hold settings of machines, such as lists of cipher suites, and no sentence.
. "$(dirname "$0")/common.bash"
check=$repo/../shared/check-wording
[ -x "$check" ] || skip "no reference text beside this checkout"
needs python3 git
git -C "$repo" ls-files -z -- . ':!golden/nodes' >"$work/files"
mkdir "$work/tree"
tar -C "$repo" --null --files-from "$work/files" -cf - | tar -C "$work/tree" -xf -
git -C "$work/tree" init --quiet
python3 "$check" "$work/tree" || fail "text to be rewritten in our own words"
