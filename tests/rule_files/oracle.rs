//! Compares all benchmarks of kube-bench with the results of the real program.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use kube_assay::kube_bench::{
    Auditor, Directory, Native, Report, RulesRequest, Selection, Targets, Which, report, run,
};
use kube_assay::node::{Recorded, Remembered};
use probe::Node;
use serde::Deserialize;
use serde_json::Value;

use crate::files::{directory, listed, node};
use crate::outside;
use crate::shell::{Asked, Recalled, answers};
use crate::verdicts::{self, Checks, Packed};

/// A recorded verdict of the real program.
#[derive(Debug, Deserialize)]
struct Theirs {
    benchmark: String,
    target: String,
    id: String,
    scored: bool,
    status: String,
    expected_result: String,
    reason: String,
}

/// The number of verdicts compared, and of those that agree.
#[derive(Default, Clone, Copy)]
struct Count {
    all: usize,
    /// Verdicts that are unknown because an audit was not run; not included in the other numbers.
    not_run: usize,
    status: usize,
    /// Verdicts with the same expected result and reason.
    said: usize,
}

/// A node for all benchmarks, with the auditor that answers its audits.
struct World {
    name: String,
    node: Remembered<Recorded>,
    auditor: Box<dyn Auditor>,
}

#[test_with::env(KUBE_BENCH_CFG, KUBE_BENCH_OUTPUTS, SIMNODE)]
#[test]
fn all_agrees_with_the_real_program_where_a_shell_answers() {
    let rules = rules();
    let worlds = worlds(|path, node| {
        let asked = Asked::default();
        for benchmark in rules.benchmarks() {
            run(&rules, &order(benchmark), node, &asked).unwrap_or_else(|remark| panic!("{remark}"));
        }
        Box::new(answers(&outside::simnode(), path, &asked.scripts()))
    });
    let mut differences = verdicts(&rules, &worlds);
    differences.extend(whole_outputs(&outside::outputs(), &rules, &worlds));
    assert!(differences.is_empty(), "{} differences:\n{}", differences.len(), differences.join("\n"));
}

#[test_with::env(KUBE_BENCH_CFG)]
#[test]
fn what_runs_without_a_process_agrees_with_the_real_program() {
    let rules = rules();
    let worlds = worlds(|_, _| Box::new(Recalled::new(Native::default())));
    let differences = verdicts(&rules, &worlds);
    assert!(differences.is_empty(), "{} differences:\n{}", differences.len(), differences.join("\n"));
}

/// Returns the differences between the verdicts of all benchmarks.
fn verdicts(rules: &Directory, worlds: &[World]) -> Vec<String> {
    let mut counts: BTreeMap<String, Count> = BTreeMap::new();
    let mut differences = Vec::new();
    let mut known = verdicts::read(verdicts::PACKED);
    for world in worlds {
        let mut known = known.remove(&world.name).unwrap_or_else(|| panic!("{}: no verdicts", world.name));
        for benchmark in rules.benchmarks() {
            for controls in &all(rules, benchmark, world).controls {
                let key = (benchmark.to_owned(), controls.target.clone());
                let theirs = known.remove(&key).unwrap_or_default();
                let ours: Vec<_> = controls.groups.iter().flat_map(|group| &group.checks).collect();
                assert_eq!(ours.len(), theirs.len(), "{} {key:?}", world.name);
                let count = counts.entry(benchmark.to_owned()).or_default();
                for (ours, theirs) in ours.iter().zip(&theirs) {
                    assert_eq!((&ours.id, ours.scored), (&theirs.id, theirs.scored), "{} {key:?}", world.name);
                    count.all += 1;
                    if ours.not_run.is_some() {
                        count.not_run += 1;
                        continue;
                    }
                    let status = ours.status.name() == theirs.status;
                    let digest = verdicts::digest(&ours.expected_result, &ours.reason, in_any_order(&ours.audit));
                    let said = digest == theirs.digest;
                    count.status += usize::from(status);
                    count.said += usize::from(said);
                    if !(status && said) {
                        differences.push(format!(
                            "{} {key:?} {}: theirs {}{}, ours {} {:?} {:?}",
                            world.name,
                            ours.id,
                            theirs.status,
                            if said { "" } else { " with another expected result or reason" },
                            ours.status.name(),
                            ours.expected_result,
                            ours.reason
                        ));
                    }
                }
            }
        }
        assert!(known.is_empty(), "{}: nothing of ours for {:?}", world.name, known.keys());
    }
    tell(&table(&counts));
    differences
}

/// Whether an audit prints lines in unspecified order: that of a directory.
fn in_any_order(audit: &str) -> bool {
    audit.contains("find ")
}

#[test]
fn a_digest_notices_another_expected_result_and_another_reason() {
    let long = |output: &str| format!("failed to run: \"ls\", output: \"{output}\\n{}", "x".repeat(600));
    let ordered =
        [("a", "b"), ("a", "c"), ("b", "b"), ("", "ab"), ("ab", ""), ("a", &long("first")), ("a", &long("other"))];
    let digests: Vec<u16> =
        ordered.iter().map(|(expected, reason)| verdicts::digest(expected, reason, false)).collect();
    for (index, digest) in digests.iter().enumerate() {
        assert!(!digests[..index].contains(digest), "{:?}", ordered[index]);
    }
    // If directories are listed, only the order is ignored.
    let digest = |expected: &str, reason: &str| verdicts::digest(expected, reason, true);
    assert_eq!(digest("'644' is equal to '600'", "a\\nb"), digest("'640' is equal to '600'", "b\\na"));
    assert_ne!(digest("a", "a\\nb"), digest("a", "a\\nc"));
    assert_ne!(digest("'644' is equal to '600'", ""), digest("'644' is not there", ""));
}

#[test]
fn a_file_of_verdicts_that_is_cut_is_noticed() {
    let good = "nodes a b\n= c m\n1.1 + PF 12ab34cd\n1.2 - WI 00000001\n";
    let read = verdicts::read(good);
    assert_eq!(read["b"][&("c".to_owned(), "m".to_owned())][1].status, "INFO");
    assert_eq!(verdicts::write("", &[("c".to_owned(), "m".to_owned())], &read), good);
    for bad in [
        "nodes a b\n1.1 + PF 12ab34cd\n",
        "nodes a b\n= c m\n1.1 + P 12ab34cd\n",
        "nodes a b\n= c m\n1.1 + PF 12ab34c\n",
        "nodes a b\n= c m\n1.1 + PX 12ab34cd\n",
        "nodes a b\n= c m\n1.1 ? PF 12ab34cd\n",
        "",
    ] {
        assert!(std::panic::catch_unwind(|| verdicts::read(bad)).is_err(), "{bad}");
    }
}

/// `KUBE_ASSAY_BLESS=1` rewrites them from the outputs.
#[test_with::env(KUBE_BENCH_CFG, KUBE_BENCH_OUTPUTS)]
#[test]
fn the_packed_verdicts_are_those_of_the_real_program() {
    const HEAD: &str = "# What kube-bench 0.15.6 says of each node in tests/nodes: see mod.rs. Written by\n\
                        # KUBE_BENCH_CFG=… KUBE_BENCH_OUTPUTS=… KUBE_ASSAY_BLESS=1 cargo test --test rule_files packed\n";
    let rules = rules();
    let node = Remembered::new(node(&outside::node("kubeadm-cp")));
    // Audits do not depend on the node, so a single one shows which of them list directories.
    let mut audits: BTreeMap<(String, String), Vec<bool>> = BTreeMap::new();
    let mut places = Vec::new();
    for benchmark in rules.benchmarks() {
        let report =
            run(&rules, &order(benchmark), &node, &Asked::default()).unwrap_or_else(|remark| panic!("{remark}"));
        for controls in &report.controls {
            let checks = controls.groups.iter().flat_map(|group| &group.checks);
            let orders: Vec<bool> = checks.map(|check| in_any_order(&check.audit)).collect();
            let place = (benchmark.to_owned(), controls.target.clone());
            // Some rule files have no checks.
            if !orders.is_empty() {
                places.push(place.clone());
            }
            audits.insert(place, orders);
        }
    }
    let mut nodes = BTreeMap::new();
    for path in outside::nodes() {
        let name = outside::name(&path);
        let mut packed = Checks::new();
        for line in read(&outside::outputs().join(&name).join("verdicts.jsonl")).lines() {
            let theirs: Theirs = serde_json::from_str(line).expect("a verdict a line");
            let place = (theirs.benchmark.clone(), theirs.target.clone());
            let checks = packed.entry(place.clone()).or_default();
            let in_any_order = audits[&place][checks.len()];
            checks.push(Packed {
                id: theirs.id,
                scored: theirs.scored,
                status: verdicts::status(&theirs.status),
                digest: verdicts::digest(&theirs.expected_result, &theirs.reason, in_any_order),
            });
        }
        nodes.insert(name, packed);
    }
    let text = verdicts::write(HEAD, &places, &nodes);
    assert_eq!(verdicts::read(&text), nodes);
    if std::env::var_os("KUBE_ASSAY_BLESS").is_some_and(|bless| bless == "1") {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/verdicts/kube-bench.txt");
        fs::write(path, text).expect("it can be written");
    } else {
        assert!(text == verdicts::PACKED, "tests/verdicts/kube-bench.txt is not what the outputs come to");
    }
}

/// Returns the differences from samples of each kind of output.
fn whole_outputs(outputs: &Path, rules: &Directory, worlds: &[World]) -> Vec<String> {
    let mut compared = 0;
    let mut differences = Vec::new();
    for world in worlds {
        for path in listed(&outputs.join(&world.name)) {
            let name = path.file_name().and_then(|name| name.to_str()).expect("names are UTF-8");
            let options = report::ReportStyle::default();
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
                report::junit(&report, &report::ReportStyle::default(), &mut out).expect("written");
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

fn rules() -> Directory {
    let rules = directory("cfg", &outside::rules());
    assert_eq!(rules.benchmarks().len(), 46, "the rule files are not those of kube-bench 0.15.6");
    rules
}

/// Returns all nodes, each with its auditor.
fn worlds(answering: impl Fn(&Path, &dyn Node) -> Box<dyn Auditor>) -> Vec<World> {
    let world = |path: PathBuf| {
        let node = Remembered::new(self::node(&path));
        let auditor = answering(&path, &node);
        World { name: outside::name(&path), node, auditor }
    };
    outside::nodes().into_iter().map(world).collect()
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

/// Returns a report of only the targets in a sample, since some samples were made for a single target.
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

/// Removes from JSON the output of `ps` that varies from run to run.
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

/// Removes the first seven columns of `ps -ef` lines, which vary from run to run, and the line of kube-bench itself.
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

/// Splits a text into lines, and removes the columns of `ps` even in JSON inside XML.
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

/// Adds the lines that differ, from shortly before the difference.
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
    let mut table = format!("{:28}{:>8}{:>8}{:>8}{:>8}\n", "benchmark", "checks", "not run", "status", "said");
    let mut sum = Count::default();
    for (benchmark, count) in counts {
        row(&mut table, benchmark, *count);
        sum.all += count.all;
        sum.not_run += count.not_run;
        sum.status += count.status;
        sum.said += count.said;
    }
    row(&mut table, "all", sum);
    table
}

fn row(table: &mut String, name: &str, count: Count) {
    let Count { all, not_run, status, said } = count;
    writeln!(table, "{name:28}{all:>8}{not_run:>8}{status:>8}{said:>8}").expect("texts take all");
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Prints directly rather than with a macro, whose output is captured when a test passes.
fn tell(text: &str) {
    let _ = std::io::stderr().write_all(text.as_bytes());
}
