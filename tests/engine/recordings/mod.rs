//! The contents of recordings: enough for the same reports as the node, and nothing that is not read.

#![allow(clippy::disallowed_methods, reason = "tests read the project's own files")]

mod canaries;
mod every_node;
mod flags;
mod forms;
pub mod world;

use definitions::Definitions;
use kube_assay::node::{Recorded, Remembered};
use kube_assay::report::{Format, Options};
use kube_assay::run::recorded;
use model::Report;
use probe::Node;
use redact::Masked;

/// Records what `look` asks of a node, and returns the text of the recording.
pub(crate) fn record(node: &dyn Node, definitions: &Definitions, look: impl FnOnce(&dyn Node)) -> String {
    let node = Remembered::noting(node);
    look(&node);
    recorded(&node, &definitions.library, false).to_yaml().expect("YAML")
}

/// Reads a recording.
pub(crate) fn replay(text: &str) -> Recorded {
    Recorded::parse("recording", text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// Returns the first difference between the reports of a node and of its recording, in any format, or between the
/// recording and its own recording; `None` if there is none.
pub(crate) fn difference(
    node: &dyn Node,
    definitions: &Definitions,
    reports: impl Fn(&dyn Node) -> Vec<Report>,
) -> Option<String> {
    let (mut live, mut replayed) = (Vec::new(), Vec::new());
    let text = record(node, definitions, |node| live = reports(node));
    let again = record(&replay(&text), definitions, |node| replayed = reports(node));
    let in_formats = |(live, replayed): (&Report, &Report)| {
        // Equal reports are printed alike. Masking takes longer than everything else here.
        if *live == *replayed {
            return None;
        }
        let [live, replayed] = [live, replayed].map(|report| Masked::new(report.clone()));
        Format::ALL.iter().find_map(|format| {
            let differs = first_difference(&render(*format, &live), &render(*format, &replayed))?;
            Some(format!("{} as {format}: {differs}\nof the recording\n{text}", live.run.benchmark.name))
        })
    };
    let differs = live.iter().zip(&replayed).find_map(in_formats);
    differs.or_else(|| Some(format!("the recording of the recording: {}", first_difference(&text, &again)?)))
}

fn render(format: Format, report: &Masked<Report>) -> String {
    let mut out = Vec::new();
    format.write(report, &Options::default(), &mut out).expect("writing to memory");
    String::from_utf8(out).expect("reports are UTF-8")
}

/// Returns the first lines that differ.
fn first_difference(one: &str, other: &str) -> Option<String> {
    if one == other {
        return None;
    }
    let lines = one.lines().map(Some).chain(std::iter::repeat(None));
    let others = other.lines().map(Some).chain(std::iter::repeat(None));
    let length = one.lines().count().max(other.lines().count());
    let (index, (was, is)) = lines.zip(others).take(length).enumerate().find(|(_, (was, is))| was != is)?;
    let short = |line: Option<&str>| {
        let line = line.unwrap_or("(nothing)");
        let at =
            was.unwrap_or_default().bytes().zip(is.unwrap_or_default().bytes()).take_while(|(a, b)| a == b).count();
        line.chars().skip(at.saturating_sub(60)).take(400).collect::<String>()
    };
    Some(format!("line {}:\n  {}\n  {}", index + 1, short(was), short(is)))
}
