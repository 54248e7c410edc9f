//! `record`: write down what the checks look at.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, anyhow};

use crate::assay::{BenchmarkChoice, Order, ProfileChoice};
use crate::benchmark::Target;
use crate::node::{Essential, Remembered, record};
use crate::plan::census;
use crate::plan::detection;
use crate::probe::{Location, Node, Question};

use super::arguments::Options;
use super::failure::Failure;
use super::{definitions, kube_bench, output, run, target_node};

/// Records the node: what the chosen benchmark looks at, or all of them where none is chosen.
pub(super) fn run(options: &Options, file: Option<&Path>) -> Result<ExitCode, Failure> {
    if options.asks_for_a_report() {
        return Err(Failure::Usage(anyhow!(
            "--json, --junit, --format, --outputfile, --output: record writes a recording, not a report (give --file to \
             write it to a file)"
        )));
    }
    let definitions = definitions::of(options)?;
    let target = target_node::open(options)?;
    let node = Remembered::new(&*target.node);
    // What detection looks at first, so that the recording can be detected again; then every benchmark that is wanted.
    // What comes of it is of no interest here: the node remembers what it was asked.
    let census = census::take(&node, &definitions.library);
    detection::platform(&node, &census);
    detection::version(&node, &census);
    if kube_bench::is_named(options) {
        let rules = Remembered::new(&node);
        kube_bench::look(options, &rules)?;
        let read: BTreeSet<Question> = rules.asked().into_iter().map(|(question, _)| question).collect();
        // Of what rule files read, nobody knows what matters to them.
        let essential = |location: &Location, bytes: &[u8]| {
            let is_read = read.contains(&Question::Content(location.clone()));
            if is_read { None } else { census.essential(location, bytes) }
        };
        return write(&node, &essential, file);
    }
    let mut order = run::order(options, target.seen_from)?;
    order.profile = ProfileChoice::None;
    let chosen = order.benchmark.clone();
    let names: Vec<String> = match chosen {
        BenchmarkChoice::Detected => definitions.library.benchmarks.keys().cloned().collect(),
        BenchmarkChoice::Named(name) => vec![name],
        BenchmarkChoice::ForVersion(_) => {
            run::carry_out(options, &node, &definitions, &order)?;
            Vec::new()
        }
    };
    for name in names {
        let targets: Vec<Target> = definitions
            .library
            .benchmarks
            .get(&name)
            .map(|benchmark| benchmark.targets.iter().map(|index| index.target).collect())
            .unwrap_or_default();
        let targets = order.targets.clone().unwrap_or(targets);
        let order = Order { benchmark: BenchmarkChoice::Named(name), targets: Some(targets), ..order.clone() };
        run::carry_out(options, &node, &definitions, &order)?;
    }
    write(&node, &|location, bytes| census.essential(location, bytes), file)
}

fn write<N: Node>(node: &Remembered<N>, essential: &Essential<'_>, file: Option<&Path>) -> Result<ExitCode, Failure> {
    let recording = record(node, essential).to_yaml().context("recording").map_err(Failure::System)?;
    match file {
        None => output::text(&recording),
        Some(file) => {
            fs::write(file, recording).map_err(|error| output::not_written(file.display(), &error))?;
            Ok(ExitCode::SUCCESS)
        }
    }
}
