//! `record`: write down what the checks look at.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;

use crate::assay::{BenchmarkChoice, Order, ProfileChoice, check_names_in_any, is_empty};
use crate::node::{Essential, Remembered, record};
use crate::plan::census;
use crate::plan::detection;
use probe::{Location, Node, Question};

use super::arguments::Options;
use super::failure::Failure;
use super::{definitions, kube_bench, notice, output, run, target_node};

/// Records the node: what the chosen benchmark looks at, or all of them where none is chosen.
pub(super) fn run(options: &Options, file: Option<&Path>) -> Result<ExitCode, Failure> {
    let file = output::named(file);
    let file = file.as_deref();
    if let Some(file) = file {
        output::refuse_recording(options, file)?;
    }
    let definitions = definitions::of(options)?;
    let target = target_node::open(options)?;
    let node = Remembered::new(&*target.node);
    let tell = |text: &str| tell(options, file, text);
    // What detection looks at first, so that the recording can be detected again; then every benchmark that is wanted.
    // What comes of it is of no interest here: the node remembers what it was asked.
    let census = census::take(&node, &definitions.library);
    if is_empty(&census) && !options.allow_empty {
        return Err(target_node::empty(&target.seen_from));
    }
    detection::platform(&node, &census);
    if let Some(detected) = detection::version(&node, &census) {
        detection::other_versions(&node, &census, detected.version);
    }
    if kube_bench::is_named(options) {
        kube_bench::look_at_platform(&node);
        let rules = Remembered::new(&node);
        kube_bench::look(options, &rules, &tell)?;
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
    let library = &definitions.library;
    let orders: Vec<Order> = match &order.benchmark {
        // What one benchmark lacks another has: a name is wrong where none has it.
        BenchmarkChoice::Detected => {
            check_names_in_any(library, &order).map_err(Failure::usage)?;
            library.benchmarks.values().filter_map(|benchmark| order.within(benchmark)).collect()
        }
        BenchmarkChoice::Named(name) => {
            let all = || library.benchmark(name).map(|benchmark| benchmark.targets.iter().map(|index| index.target));
            let targets = order.targets.clone().or_else(|| all().map(Iterator::collect));
            vec![Order { targets, ..order }]
        }
        BenchmarkChoice::ForVersion(_) => vec![order],
    };
    let mut checked = 0;
    for order in orders {
        let report = run::carry_out(options, &node, &definitions, &order)?;
        checked += report.checks().count();
    }
    if checked == 0 {
        tell(
            "record: what was chosen holds no check, so nothing is recorded but what tells the platform and the version \
             (see --targets, --check, --group, --scored and --unscored)",
        );
    }
    write(&node, &|location, bytes| census.essential(location, bytes), file)
}

/// Tells something beside the recording, which may be on standard output.
fn tell(options: &Options, file: Option<&Path>, text: &str) {
    if file.is_some() { notice::alone(options, text) } else { notice::beside_output(options, text) }
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
