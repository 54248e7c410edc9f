//! What the reports promise to those who read them: people, scripts, dashboards.

#![allow(clippy::disallowed_methods, reason = "tests make nodes, and read what was made")]

mod dashboards;
mod json;
mod junit;
mod properties;
mod sample;
mod saved;
mod text;
mod tools;

use kube_assay::report::{Format, Options};
use model::Report;
use redact::Masked;

/// A report, as text.
fn render(format: Format, report: &Report, options: Options) -> String {
    let mut out = Vec::new();
    format.write(&Masked::new(report.clone()), &options, &mut out).expect("writing to memory");
    String::from_utf8(out).expect("reports are UTF-8")
}

#[test]
fn a_writer_that_fails_is_heard() {
    let report = Masked::new(sample::report());
    for format in Format::ALL {
        let mut full: &mut [u8] = &mut [0; 10];
        assert!(format.write(&report, &Options::default(), &mut full).is_err(), "{format}");
    }
}
