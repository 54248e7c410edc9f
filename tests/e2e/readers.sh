#!/usr/bin/env bash
# JUnit as read by other programs. xmllint validates the form; PyPI's junitparser must count the same as the JSON
# report; then readers from npm and PyPI, and reimplemented rules of others, case by case: one node, two in one
# document, --junit-fail-on, hostile texts. A test must be recognized in the next run and not be confused with that of
# another node. So must a finding in DefectDojo.
. "$(dirname "$0")/common.bash"
needs xmllint node npm
readers=$here/readers
python_with junitparser==5.0.3 junit2html==31.1.4 xunitparser==1.3.4
node_with @allurereport/reader@3.18.0 xunit-viewer@10.6.1 junit-viewer@4.11.1 xml2js@0.6.2 xml-js@1.6.11

# All recorded and made-up nodes of the project.
all=("${nodes[@]}" "$repo"/golden/nodes/*.yaml)
well_formed() { # REPORT.xml
  head -c 5 "$1" | grep -q '^<?xml' || fail "$1: no XML declaration"
  xmllint --noout --nonet "$1" 2>"$work/xmllint" || fail "$1: $(head -n 3 "$work/xmllint")"
}
valid() { # REPORT.xml: that is strict
  well_formed "$1"
  xmllint --noout --nonet --schema "$repo/tests/program/report/junit.xsd" "$1" 2>"$work/xmllint" || fail "$1: $(head -n 3 "$work/xmllint")"
}
for node in "${all[@]}"; do
  for benchmark in cis-1.20 cis-1.12; do
    "$binary" run --allow-empty --quiet --benchmark "$benchmark" --targets "master,node" --node "$node" --junit-strict \
      --output "json=$work/report.json" --output "junit=$work/report.xml" >/dev/null || fail "$node: the run failed"
    valid "$work/report.xml"
    "$python" "$here/junit_counts.py" "$work/report.xml" "$work/report.json" || fail "$node, $benchmark: the counts differ"
  done
done
say "${#all[@]} nodes, read by xmllint and junitparser"

# Writes the reports of one run to NAME.json, NAME.txt and NAME.xml, and the model to NAME.native. The nodes have
# failed, unknown, manual, skipped and not applicable checks.
reports() { # NAME NODE.yaml [OPTION…]
  "$binary" --node "$2" --show all --output "native=$work/$1.native" --output "json=$work/$1.json" --output "junit=$work/$1.xml" \
    "${@:3}" >"$work/$1.txt" 2>/dev/null || fail "$1: the run failed"
}
expected() { # NAME FAIL_ON RUN…
  local run files=()
  for run in "${@:3}"; do files+=("$work/$run.native" "$work/$run.txt"); done
  "$python" "$readers/expected.py" "$2" "${files[@]}" >"$work/$1.expected"
}
"$python" "$readers/nodes.py" renumbered "$repo/tests/nodes/bad-cp.yaml" >"$work/renumbered.yaml"
"$python" "$readers/nodes.py" hostile "$repo/tests/nodes/bad-cp.yaml" >"$work/hostile.yaml"
reports one "$repo/tests/nodes/bad-cp.yaml"
reports again "$work/renumbered.yaml"
reports eksa "$repo/tests/nodes/eksa-cp.yaml"
reports warn "$repo/tests/nodes/eksa-cp.yaml" --junit-fail-on warn
reports hostile "$work/hostile.yaml"
reports suite "$repo/tests/nodes/eksa-worker.yaml" --targets node
"$binary" report "$work/one.native" "$work/eksa.native" --junit --outputfile "$work/two.xml"
expected one scored one
expected again scored again
expected eksa scored eksa
expected warn warn warn
expected hostile scored hostile
expected suite scored suite
expected two scored one eksa
cmp -s "$work/one.xml" "$work/again.xml" && fail "the process numbers are the same"
[ "$(grep -c '<failure' "$work/warn.xml")" -gt "$(grep -c '<failure' "$work/eksa.xml")" ] || fail "--junit-fail-on makes no failures"

read_by() { # READER DOCUMENT
  case $1 in
    allure | xunit-viewer | junit-viewer | dorny | mikepenz) (cd "$work/node" && node "$readers/read.mjs" "$1" "$work/$2.xml") ;;
    *) "$python" "$readers/read.py" "$1" "$work/$2.xml" ;;
  esac >"$work/$2.$1" || fail "$1 refuses $2"
}
compare() { "$python" "$readers/compare.py" "$@"; }
agrees() { # READER DOCUMENT…
  local document
  for document in "${@:2}"; do
    read_by "$1" "$document"
    compare cases "$work/$document.expected" "$work/$document.$1" || fail "$1 reads something else in $document"
  done
}

documents=(one again eksa warn hostile two)
for document in "${documents[@]}" suite; do well_formed "$work/$document.xml"; done
count=0
for reader in junitparser junit2html gitlab jenkins publish-unit-test-result allure xunit-viewer junit-viewer dorny mikepenz; do
  agrees "$reader" "${documents[@]}"
  compare same "$work/one.$reader" "$work/again.$reader" || fail "$reader does not know the tests again"
  compare apart "$work/one.$reader" "$work/eksa.$reader" || fail "$reader takes two nodes for one"
  count=$((count + 1))
done
# xunitparser keeps the properties of all suites in one place, and therefore rejects a second suite.
agrees xunitparser suite
say "$((count + 1)) readers and rules agree on ${#documents[@]} documents"

"$python" "$readers/defectdojo.py" "$work/one.json" "$work/again.json" || fail "DefectDojo does not know the findings again"
say "DefectDojo knows its findings again"
