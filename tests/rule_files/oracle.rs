//! All benchmarks that kube-bench comes with, against what the real program says.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use kube_assay::kube_bench::{
    Auditor, CheckOutcome, Directory, Native, Report, RulesRequest, Selection, Targets, Which, report, run,
};
use kube_assay::node::{Recorded, Remembered};
use probe::Node;
use serde::Deserialize;
use serde_json::Value;

use crate::files::{directory, material, node};
use crate::shell::{Asked, Recalled, answers};

/// How much of a reason the oracle keeps, in characters.
const MOST_REASON: usize = 500;

/// One verdict of the real program.
#[derive(Debug, Deserialize)]
struct Theirs {
    benchmark: String,
    target: String,
    id: String,
    status: String,
    expected_result: String,
    actual_value: String,
    reason: String,
}

/// How many verdicts were compared, and how many agree.
#[derive(Default, Clone, Copy)]
struct Count {
    all: usize,
    /// Those that nothing is known of, since an audit did not run; they are in none of the other numbers.
    not_run: usize,
    /// Those that differ in the order of lines alone.
    order: usize,
    status: usize,
    expected: usize,
    reason: usize,
    actual: usize,
}

/// One node under all benchmarks, with who answers audits.
struct World {
    name: String,
    node: Remembered<Recorded>,
    auditor: Box<dyn Auditor>,
}

#[test]
#[ignore = "a real shell answers some thousand audits, which takes a minute or two"]
fn all_agrees_with_the_real_program_where_a_shell_answers() {
    let Some((material, rules)) = reference() else { return };
    let Some(worlds) = worlds(&material, |path, node| {
        let asked = Asked::default();
        for benchmark in rules.benchmarks() {
            run(&rules, &order(benchmark), node, &asked).unwrap_or_else(|remark| panic!("{remark}"));
        }
        Some(Box::new(answers(&material, path, &asked.scripts())?))
    }) else {
        tell("rule_files: skipped, since ../shared/simnode does not run here (see its setup; it needs root)\n");
        return;
    };
    let mut differences = verdicts(&material, &rules, &worlds, false);
    differences.extend(whole_outputs(&material, &rules, &worlds));
    assert!(differences.is_empty(), "{} differences:\n{}", differences.len(), differences.join("\n"));
}

#[test]
fn what_runs_without_a_process_agrees_with_the_real_program() {
    let Some((material, rules)) = reference() else { return };
    let native =
        |_: &Path, _: &dyn Node| -> Option<Box<dyn Auditor>> { Some(Box::new(Recalled::new(Native::default()))) };
    let worlds = worlds(&material, native).expect("nothing is needed for it");
    let differences = verdicts(&material, &rules, &worlds, true);
    assert!(differences.is_empty(), "{} differences:\n{}", differences.len(), differences.join("\n"));
}

/// Where the verdicts of all benchmarks differ.
fn verdicts(material: &Path, rules: &Directory, worlds: &[World], offline: bool) -> Vec<String> {
    let mut counts: BTreeMap<String, Count> = BTreeMap::new();
    let mut differences = Vec::new();
    for world in worlds {
        let oracle = material.join("oracle").join(&world.name);
        let mut theirs: BTreeMap<(String, String), Vec<Theirs>> = BTreeMap::new();
        for line in read(&oracle.join("verdicts.jsonl")).lines() {
            let verdict: Theirs = serde_json::from_str(line).expect("a verdict a line");
            theirs.entry((verdict.benchmark.clone(), verdict.target.clone())).or_default().push(verdict);
        }
        for benchmark in rules.benchmarks() {
            let report = all(rules, benchmark, world);
            for controls in &report.controls {
                let key = (benchmark.to_owned(), controls.target.clone());
                let theirs = theirs.remove(&key).unwrap_or_default();
                let ours: Vec<_> = controls.groups.iter().flat_map(|group| &group.checks).collect();
                assert_eq!(ours.len(), theirs.len(), "{} {key:?}", world.name);
                let count = counts.entry(benchmark.to_owned()).or_default();
                for (ours, theirs) in ours.iter().zip(&theirs) {
                    assert_eq!(ours.id, theirs.id, "{} {key:?}", world.name);
                    count.all += 1;
                    if ours.not_run.is_some() {
                        count.not_run += 1;
                        continue;
                    }
                    let status = ours.status.name() == theirs.status;
                    let expected = ours.expected_result == theirs.expected_result;
                    let reason = same_reason(&ours.reason, &theirs.reason);
                    // The one cause of differences offline: `find` lists a directory in its own order, which decides which
                    // line is the first that fails, and which nobody wrote down.
                    let by_order =
                        offline && status && ours.audit.contains("find ") && same_but_for_order(ours, theirs);
                    count.order += usize::from(by_order && !(expected && reason));
                    let (expected, reason) = (expected || by_order, reason || by_order);
                    count.status += usize::from(status);
                    count.expected += usize::from(expected);
                    count.reason += usize::from(reason);
                    let cut: String = theirs.actual_value.chars().take(MOST_REASON).collect();
                    count.actual += usize::from(same_start(&ours.actual_value, &cut));
                    if !(status && expected && reason) {
                        differences.push(format!(
                            "{} {key:?} {}:\n  theirs {} {:?} {:?}\n  ours   {} {:?} {:?}",
                            world.name,
                            ours.id,
                            theirs.status,
                            theirs.expected_result,
                            theirs.reason,
                            ours.status.name(),
                            ours.expected_result,
                            ours.reason
                        ));
                    }
                }
            }
            theirs.retain(|(name, _), _| name != benchmark);
        }
        assert!(theirs.is_empty(), "{}: nothing of ours for {:?}", world.name, theirs.keys());
    }
    tell(&table(&counts));
    differences
}

/// Where samples of each kind of output differ.
fn whole_outputs(material: &Path, rules: &Directory, worlds: &[World]) -> Vec<String> {
    let mut compared = 0;
    let mut differences = Vec::new();
    for world in worlds {
        let oracle = material.join("oracle").join(&world.name);
        for path in listed(&oracle) {
            let name = path.file_name().and_then(|name| name.to_str()).expect("names are UTF-8");
            let options = report::Options::default();
            let mut out = Vec::new();
            let theirs = read(&path);
            let at = path.display();
            if let Some(benchmark) = name.strip_suffix(".json") {
                let report = all(rules, benchmark, world);
                report::json(&report, &options, &mut out).expect("written");
                let parsed = |text: &[u8]| without_ps(serde_json::from_slice(text).expect("JSON"));
                differ(&at.to_string(), &lines(&parsed(&out)), &lines(&parsed(theirs.as_bytes())), &mut differences);
            } else if let Some(benchmark) = name.strip_suffix(".junit.xml") {
                let report = narrowed(rules, benchmark, world, &theirs, |line| line.starts_with("<testsuite name="));
                report::junit(&report, &report::Options::default(), &mut out).expect("written");
                differ(
                    &at.to_string(),
                    &masked(&String::from_utf8(out).expect("UTF-8")),
                    &masked(&theirs),
                    &mut differences,
                );
            } else if let Some(benchmark) = name.strip_suffix(".txt") {
                let report = narrowed(rules, benchmark, world, &theirs, |line| line.starts_with("== Summary "));
                report::text(&report, &options, &mut out).expect("written");
                differ(
                    &at.to_string(),
                    &masked(&String::from_utf8(out).expect("UTF-8")),
                    &masked(&theirs),
                    &mut differences,
                );
            } else {
                continue;
            }
            compared += 1;
        }
    }
    assert!(compared >= 30, "only {compared} outputs were compared: the material is not what it was");
    differences
}

/// Everything to compare with, if it is there.
fn reference() -> Option<(PathBuf, Directory)> {
    let Some(material) = material() else {
        tell("rule_files: skipped, since ../shared with its nodes, oracle and reference is not there\n");
        return None;
    };
    let rules = directory("cfg", &material.join("reference/kube-bench/cfg"));
    assert_eq!(rules.benchmarks().len(), 46);
    Some((material, rules))
}

/// All nodes, each with who answers for it; none where somebody does not.
fn worlds(material: &Path, answering: impl Fn(&Path, &dyn Node) -> Option<Box<dyn Auditor>>) -> Option<Vec<World>> {
    let paths = listed(&material.join("nodes")).into_iter();
    paths
        .map(|path| {
            let name = path.file_stem().and_then(|name| name.to_str()).expect("names are UTF-8").to_owned();
            let node = Remembered::new(self::node(&path));
            let auditor = answering(&path, &node)?;
            Some(World { name, node, auditor })
        })
        .collect()
}

fn order(benchmark: &str) -> RulesRequest {
    RulesRequest {
        which: Which::Benchmark(benchmark.to_owned()),
        detected: "none".to_owned(),
        targets: Targets::All,
        selection: Selection::default(),
    }
}

fn all(rules: &Directory, benchmark: &str, world: &World) -> Report {
    run(rules, &order(benchmark), &world.node, &*world.auditor).unwrap_or_else(|remark| panic!("{remark}"))
}

/// A report of the targets alone of which the lines of a sample speak: some were made of one target.
fn narrowed(rules: &Directory, benchmark: &str, world: &World, sample: &str, speaks: impl Fn(&str) -> bool) -> Report {
    let mut report = all(rules, benchmark, world);
    let spoken: Vec<&str> = sample.split_inclusive('>').flat_map(str::lines).filter(|line| speaks(line)).collect();
    report.controls.retain(|controls| {
        spoken.iter().any(|line| {
            line.contains(&format!("== Summary {} ==", controls.target))
                || line.contains(&format!("name=\"{}\"", controls.text))
        })
    });
    report
}

/// Whether what is said of a check of many lines would be the same if these came in another order.
fn same_but_for_order(ours: &CheckOutcome, theirs: &Theirs) -> bool {
    let words = |text: &str| -> Vec<String> {
        text.split(|c: char| c.is_ascii_digit() || c == '\n')
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let sorted = |reason: &str| {
        let mut lines: Vec<String> =
            reason.split("\\n").map(|line| line.rsplit('"').next().unwrap_or(line).to_owned()).collect();
        lines.sort();
        lines
    };
    let sample =
        theirs.expected_result.split_whitespace().find(|word| word.trim_end_matches(',').parse::<u32>().is_ok());
    let value_is_there = sample.is_none_or(|value| ours.actual_value.contains(value.trim_end_matches(',')));
    (ours.multiple && value_is_there && words(&ours.expected_result) == words(&theirs.expected_result)
        || ours.expected_result == theirs.expected_result)
        && (theirs.reason.chars().count() == MOST_REASON || sorted(&ours.reason) == sorted(&theirs.reason))
}

/// Whether two reasons are the same as far as the oracle keeps them. The programs of one pipe complain in any order.
fn same_reason(ours: &str, theirs: &str) -> bool {
    let cut: String = ours.chars().take(MOST_REASON).collect();
    if cut == theirs {
        return true;
    }
    let run = |reason: &str| reason.split("\", output: \"").next().map(str::to_owned);
    let first = |reason: &str| {
        reason.split("\", output: \"").nth(1).map(|output| output.split("\\n").next().map(str::to_owned))
    };
    theirs.chars().count() == MOST_REASON
        && run(&cut) == run(theirs)
        && first(&cut) == first(theirs)
        && first(theirs).is_some()
}

/// Whether a value begins as the oracle has it, columns of `ps` left out.
fn same_start(ours: &str, theirs: &str) -> bool {
    let (ours, theirs) = (without_pids(ours), without_pids(theirs));
    ours == theirs || (theirs.len() > 100 && ours.starts_with(&theirs))
}

/// JSON in which what `ps` prints, whose columns vary from run to run, is left out.
fn without_ps(mut json: Value) -> Value {
    fn visit(value: &mut Value) {
        match value {
            Value::String(text) => *text = without_pids(text),
            Value::Array(items) => items.iter_mut().for_each(visit),
            Value::Object(entries) => entries.values_mut().for_each(visit),
            _ => {}
        }
    }
    visit(&mut json);
    json
}

/// A text in which lines of `ps -ef` have lost their first seven columns, which vary from run to run, and the line of
/// kube-bench itself.
fn without_pids(text: &str) -> String {
    let lines: Vec<String> = text
        .split('\n')
        .map(|line| {
            let mut words = line.split_whitespace();
            let pid = words.nth(1).is_some_and(|word| word.parse::<u32>().is_ok());
            let parent = words.next().is_some_and(|word| word.parse::<u32>().is_ok());
            if pid && parent { line.split_whitespace().skip(7).collect::<Vec<_>>().join(" ") } else { line.to_owned() }
        })
        .filter(|line| !line.starts_with("kube-bench run "))
        .collect();
    lines.join("\n")
}

/// Lines, of which those of `ps` have lost their columns also inside of JSON inside of XML.
fn masked(text: &str) -> Vec<String> {
    const ACTUAL: &str = "&#34;actual_value&#34;:&#34;";
    text.lines()
        .map(|line| match line.split_once(ACTUAL) {
            Some((before, after)) => {
                let (value, after) = after.split_once("&#34;,&#34;scored&#34;").unwrap_or((after, ""));
                let value = without_pids(&value.replace("\\n", "\n"));
                format!("{before}{ACTUAL}{}{after}", value.replace('\n', "\\n"))
            }
            None => line.to_owned(),
        })
        .collect()
}

fn lines(json: &Value) -> Vec<String> {
    serde_json::to_string_pretty(json).expect("JSON").lines().map(str::to_owned).collect()
}

/// The lines that differ, as far as they do.
fn differ(what: &str, ours: &[String], theirs: &[String], differences: &mut Vec<String>) {
    for (number, (ours, theirs)) in ours.iter().zip(theirs).enumerate().filter(|(_, (ours, theirs))| ours != theirs) {
        let same = ours.chars().zip(theirs.chars()).take_while(|(one, other)| one == other).count();
        let rest = |line: &str| line.chars().skip(same.saturating_sub(20)).take(200).collect::<String>();
        let (ours, theirs) = (rest(ours), rest(theirs));
        differences.push(format!("{what}: line {}:\n  theirs {theirs}\n  ours   {ours}", number + 1));
    }
    if ours.len() != theirs.len() {
        differences.push(format!("{what}: theirs has {} lines, ours {}", theirs.len(), ours.len()));
    }
}

fn table(counts: &BTreeMap<String, Count>) -> String {
    let mut table = format!(
        "{:28}{:>8}{:>8}{:>8}{:>10}{:>8}{:>8}\n",
        "benchmark", "checks", "not run", "status", "expected", "reason", "actual"
    );
    let mut sum = Count::default();
    for (benchmark, count) in counts {
        row(&mut table, benchmark, *count);
        sum.all += count.all;
        sum.not_run += count.not_run;
        sum.order += count.order;
        sum.status += count.status;
        sum.expected += count.expected;
        sum.reason += count.reason;
        sum.actual += count.actual;
    }
    row(&mut table, "all", sum);
    table
}

fn row(table: &mut String, name: &str, count: Count) {
    let Count { all, not_run, order, status, expected, reason, actual } = count;
    writeln!(table, "{name:28}{all:>8}{not_run:>8}{status:>8}{expected:>10}{reason:>8}{order:>8}{actual:>8}")
        .expect("texts take all");
}

fn listed(place: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(place).unwrap_or_else(|error| panic!("{}: {error}", place.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("it can be listed").path()).collect();
    paths.sort();
    paths
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Not with a macro, whose output cargo keeps back when a test passes.
fn tell(text: &str) {
    let _ = std::io::stderr().write_all(text.as_bytes());
}
