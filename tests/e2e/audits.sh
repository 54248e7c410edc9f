#!/usr/bin/env bash
# Compares all audits of kube-bench's own rule files, as interpreted, with the shell of made-up nodes, and their results
# with kube-bench's: the tests of rule files that `cargo test` reports as ignored without SIMNODE.
. "$(dirname "$0")/common.bash"
outside_has KUBE_BENCH_CFG KUBE_BENCH_OUTPUTS
simulated
needs cargo
cd "$repo"
PATH=$work/venv/bin:$PATH cargo test --quiet --test rule_files -- \
  oracle::all_agrees_with_the_real_program_where_a_shell_answers audit::simnode::audits_print >"$work/log" 2>&1 ||
  { tail -n 60 "$work/log"; fail "audits differ"; }
grep -q '^test result: ok\. 2 passed' "$work/log" || { tail -n 20 "$work/log"; fail "not both tests were run"; }
grep '^all ' "$work/log"
