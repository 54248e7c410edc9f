#!/usr/bin/env bash
# Facts may be shared with kube-bench, sentences may not: no text here has nine consecutive words in common with its
# rule files. Paths and names of cipher suites are facts, and are excluded from the comparison.
. "$(dirname "$0")/common.bash"
check=$repo/../shared/check-wording
[ -x "$check" ] || skip "no reference text beside this checkout"
needs python3 git
mkdir "$work/text"
git -C "$repo" ls-files -z | tar -C "$repo" --null -T - -cf - | tar -C "$work/text" -xf -
find "$work/text" -type f \( -name '*.yaml' -o -name '*.yml' -o -name '*.md' -o -name '*.rs' -o -name '*.hbs' -o -name '*.html' -o -name '*.txt' \) \
  -exec sed -i -E 's#/[A-Za-z0-9._/-]+# PATH #g; s/TLS_[A-Z0-9_]+/ SUITE /g' {} +
git -C "$work/text" init -q
python3 "$check" "$work/text" || fail "text to be rewritten in our own words"
