//! What the reports promise to those who read them: people, scripts, dashboards.

#![allow(clippy::disallowed_methods, reason = "tests make nodes, and read what was made")]

mod dashboards;
mod json;
mod junit;
mod properties;
mod sample;
mod text;
mod tools;

use kube_assay::finding::Assay;
use kube_assay::report::{self, Format, Options};

/// A report, as text.
fn render(format: Format, assay: &Assay, options: Options) -> String {
    let mut out = Vec::new();
    report::write(format, assay, &options, &mut out).expect("writing to memory");
    String::from_utf8(out).expect("reports are UTF-8")
}

#[test]
fn a_writer_that_fails_is_heard() {
    for format in Format::ALL {
        let mut full: &mut [u8] = &mut [0; 10];
        assert!(report::write(format, &sample::assay(), &Options::default(), &mut full).is_err(), "{format}");
    }
}
