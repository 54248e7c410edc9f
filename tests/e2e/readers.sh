#!/usr/bin/env bash
# JUnit as others read it: xmllint for the form, PyPI's junitparser for the counts, which must be those of the JSON.
. "$(dirname "$0")/common.bash"
needs xmllint
python_with junitparser==5.0.3

# Every node of the project.
nodes+=("$repo"/golden/nodes/*.yaml)

for node in "${nodes[@]}"; do
  for benchmark in cis-1.20 cis-1.12; do
    "$binary" run --allow-empty --quiet --benchmark "$benchmark" --targets "master,node" --node "$node" \
      --output "json=$work/report.json" --output "junit=$work/report.xml" >/dev/null || fail "$node: the run failed"
    head -c 5 "$work/report.xml" | grep -q '^<?xml' || fail "$node: no XML declaration"
    xmllint --noout --nonet "$work/report.xml" || fail "$node: not well-formed"
    "$python" "$here/junit_counts.py" "$work/report.xml" "$work/report.json" || fail "$node, $benchmark: the counts differ"
  done
done
say "${#nodes[@]} nodes, read by xmllint and junitparser"
