//! Compares runs with the list of differences and reports every problem, not only the first.

use std::collections::{BTreeMap, BTreeSet};

use super::difference::{Difference, is_of};
use super::verdict::{Ours, Theirs};

/// The results of both programs for one node under one benchmark.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    pub(crate) node: String,
    pub(crate) benchmark: String,
    pub(crate) theirs: Vec<Theirs>,
    pub(crate) ours: Vec<Ours>,
}

/// Returns the problems, one per line; empty if all differences are as listed.
pub(crate) fn compare(runs: &[Run], listed: &[Difference]) -> Vec<String> {
    let mut problems = Vec::new();
    let mut uses = vec![Uses::default(); listed.len()];
    for run in runs {
        compare_run(run, listed, &mut uses, &mut problems);
    }
    for (entry, uses) in listed.iter().zip(&uses) {
        problems.extend(uses.lacking(entry, runs).into_iter().map(|lacking| format!("{entry}: {lacking}")));
    }
    problems
}

fn compare_run(run: &Run, listed: &[Difference], uses: &mut [Uses], problems: &mut Vec<String>) {
    let at = |target: &str, id: &str| format!("{} {} {target} {id}", run.node, run.benchmark);
    let mut ours = BTreeMap::new();
    for finding in &run.ours {
        if ours.insert((&finding.target, &finding.id), finding).is_some() {
            problems.push(format!("{}: ours has it twice", at(&finding.target, &finding.id)));
        }
    }
    for theirs in &run.theirs {
        let place = at(&theirs.target, &theirs.id);
        let Some(ours) = ours.remove(&(&theirs.target, &theirs.id)) else {
            problems.push(format!("{place}: missing from ours"));
            continue;
        };
        if ours.scored != theirs.scored {
            problems.push(format!("{place}: theirs has scored {}, ours {}", theirs.scored, ours.scored));
        }
        if ours.status == theirs.status {
            continue;
        }
        let covering: Vec<usize> = (0..listed.len()).filter(|index| listed[*index].covers(run, theirs, ours)).collect();
        for index in &covering {
            uses[*index].note(run, theirs, ours);
        }
        let told =
            format!("{place} {}: theirs {}, ours {} ({})", ours.control, theirs.status, ours.status, ours.verdict);
        match covering.len() {
            0 => problems.push(format!("{told}, not listed: {}", ours.reason)),
            1 => {}
            _ => problems.push(format!("{told}, listed {} times", covering.len())),
        }
    }
    for (target, id) in ours.keys() {
        problems.push(format!("{}: ours alone has it", at(target, id)));
    }
}

/// The differences that an entry was needed for.
#[derive(Debug, Clone, Default)]
struct Uses {
    runs: BTreeSet<(String, String)>,
    controls: BTreeSet<(String, String, String)>,
    states: BTreeSet<String>,
}

impl Uses {
    fn note(&mut self, run: &Run, theirs: &Theirs, ours: &Ours) {
        self.runs.insert((run.node.clone(), run.benchmark.clone()));
        self.controls.insert((run.node.clone(), run.benchmark.clone(), ours.control.clone()));
        self.states.insert(theirs.status.clone());
    }

    /// Returns what the entry names without needing it: each node under each benchmark must differ in each control.
    fn lacking(&self, entry: &Difference, runs: &[Run]) -> Vec<String> {
        let mut lacking = Vec::new();
        let all: BTreeSet<&str> = runs.iter().map(|run| run.benchmark.as_str()).collect();
        let mut benchmarks = BTreeSet::new();
        for pattern in &entry.benchmarks {
            let meant = all.iter().filter(|benchmark| is_of(benchmark, pattern)).copied();
            let before = benchmarks.len();
            benchmarks.extend(meant);
            if benchmarks.len() == before {
                lacking.push(format!("{pattern} adds no benchmark"));
            }
        }
        for node in &entry.nodes {
            for benchmark in &benchmarks {
                let run = (node.clone(), (*benchmark).to_owned());
                if !self.runs.contains(&run) {
                    lacking.push(format!("{node} under {benchmark} does not differ so"));
                    continue;
                }
                for control in entry.controls.listed() {
                    if !self.controls.contains(&(node.clone(), (*benchmark).to_owned(), control.clone())) {
                        lacking.push(format!("{control} of {node} under {benchmark} does not differ so"));
                    }
                }
            }
        }
        let unneeded = entry.theirs.iter().filter(|state| !self.states.contains(*state));
        lacking.extend(unneeded.map(|state| format!("theirs is never {state}")));
        lacking
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(theirs: &str, ours: &str) -> Run {
        let parts = |text: &str| -> Vec<[String; 4]> {
            let words = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
            text.split(';').filter(|line| !line.trim().is_empty()).map(|line| words(line).try_into().unwrap()).collect()
        };
        Run {
            node: "n".to_owned(),
            benchmark: "b".to_owned(),
            theirs: parts(theirs)
                .into_iter()
                .map(|[id, _, status, scored]| Theirs {
                    target: "node".to_owned(),
                    id,
                    status,
                    scored: scored == "scored",
                })
                .collect(),
            ours: parts(ours)
                .into_iter()
                .map(|[id, control, status, scored]| Ours {
                    target: "node".to_owned(),
                    id,
                    control,
                    verdict: status.to_lowercase(),
                    status,
                    scored: scored == "scored",
                    reason: "because it is so".to_owned(),
                })
                .collect(),
        }
    }

    fn entry(controls: &str, theirs: &str, ours: &str) -> Difference {
        let text = format!(
            "[{{nodes: [n], benchmarks: [b], target: node, controls: {controls}, theirs: [{theirs}], ours: {ours}, \
             saying: so, reason: one two three four five six seven eight}}]"
        );
        Difference::parse(&text).unwrap().remove(0)
    }

    #[test]
    fn every_kind_of_problem_is_told() {
        let listed = [entry("[k/a]", "PASS", "fail")];
        let table: [(&str, &str, &[Difference], &[&str]); 11] = [
            ("1 - PASS scored", "1 k/a PASS scored", &[], &[]),
            ("1 - PASS scored", "1 k/a FAIL scored", &listed, &[]),
            (
                "1 - PASS scored",
                "1 k/a FAIL scored",
                &[],
                &["n b node 1 k/a: theirs PASS, ours FAIL (fail), not listed"],
            ),
            ("1 - PASS scored", "", &[], &["n b node 1: missing from ours"]),
            ("", "1 k/a PASS scored", &[], &["n b node 1: ours alone has it"]),
            ("1 - PASS scored", "1 k/a PASS scored; 1 k/a PASS scored", &[], &["ours has it twice"]),
            ("1 - PASS scored", "1 k/a PASS unscored", &[], &["theirs has scored true, ours false"]),
            (
                "1 - PASS scored",
                "1 k/a PASS scored",
                &listed,
                &["n under b does not differ so", "theirs is never PASS"],
            ),
            ("1 - PASS scored", "1 k/a FAIL scored", &[listed[0].clone(), listed[0].clone()], &["listed 2 times"]),
            (
                "1 - PASS scored; 2 - PASS scored",
                "1 k/a FAIL scored; 2 k/b WARN scored",
                &[entry("[k/a, k/b]", "PASS", "fail")],
                &["n b node 2 k/b: theirs PASS, ours WARN (warn), not listed", "k/b of n under b does not differ so"],
            ),
            ("1 - PASS scored", "1 k/a FAIL scored", &[entry("all", "PASS, WARN", "fail")], &["theirs is never WARN"]),
        ];
        for (theirs, ours, listed, expected) in table {
            let problems = compare(&[run(theirs, ours)], listed);
            assert_eq!(problems.len(), expected.len(), "{theirs} | {ours}: {problems:#?}");
            for (problem, expected) in problems.iter().zip(expected) {
                assert!(problem.contains(expected), "{problem} should say {expected}");
            }
        }
    }

    #[test]
    fn a_pattern_means_benchmarks_that_there_are() {
        let differing = || [run("1 - PASS scored", "1 k/a FAIL scored")];
        let with = |patterns: &[&str]| {
            let mut entry = entry("[k/a]", "PASS", "fail");
            entry.benchmarks = patterns.iter().map(|&pattern| pattern.to_owned()).collect();
            compare(&differing(), &[entry])
        };
        assert_eq!(with(&["b"]), [""; 0]);
        assert_eq!(with(&["b*"]), [""; 0]);
        assert_eq!(with(&["*"]), [""; 0]);
        assert!(with(&["b*", "b"])[0].contains("b adds no benchmark"));
        assert!(with(&["b", "z*"])[0].contains("z* adds no benchmark"));
        // Without `*`, the pattern is the whole name.
        assert!(with(&["c"]).iter().any(|problem| problem.contains("not listed")));
    }

    #[test]
    fn an_entry_needs_a_reason_and_a_limit() {
        let entry = |controls: &str, rest: &str| {
            Difference::parse(&format!(
                "[{{nodes: [n], benchmarks: [b], target: node, controls: {controls}, theirs: [PASS], ours: fail{rest}}}]"
            ))
        };
        assert!(entry("[k/a]", ", reason: ours can't").is_err());
        assert!(entry("all", ", reason: one two three four five six seven eight").is_err());
        assert!(entry("[k/a]", ", reason: one two three four five six seven eight, becuase: x").is_err());
        assert!(entry("[k/a]", ", reason: one two three four five six seven eight").is_ok());
    }
}
