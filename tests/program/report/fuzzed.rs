//! Untrusted native reports: they are read or refused, and those that are read can be printed in every format.

use kube_assay::report::{Format, Options, read};
use model::Report;
use redact::Masked;
use serde_json::Value;

use super::{junit, sample};

/// Input: a native report; anything else is taken as strings, one per line, to put into a report.
pub fn hold(bytes: &[u8]) -> String {
    match read("r.json", bytes) {
        Ok(report) => format!("read: {}", prints(report)),
        Err(why) => {
            assert_eq!(why.file, "r.json");
            assert!(why.problem.len() <= 4096, "{} bytes are said: {}", why.problem.len(), why.problem);
            assert!(why.problem.chars().all(|c| !c.is_control()), "{:?}", why.problem);
            let text = String::from_utf8_lossy(bytes);
            let mut texts = text.split('\n').cycle();
            let mut report = sample::report();
            let started = report.run.started.clone();
            sample::each_text(&mut report, |text| texts.next().unwrap_or_default().clone_into(text));
            // A report must keep its times, and its numbers must be unique.
            report.run.started = started;
            for (number, group) in report.targets.iter_mut().flat_map(|target| &mut target.groups).enumerate() {
                group.id.insert_str(0, &format!("{number}."));
                for (number, check) in group.checks.iter_mut().enumerate() {
                    check.id = format!("{}.{number}.{}", group.id, check.id);
                }
            }
            format!("refused: {}; as texts: {}", why.problem, prints(report))
        }
    }
}

/// Prints a report in all formats, before and after reading it back.
fn prints(report: Report) -> String {
    let masked = Masked::new(report);
    let checks = masked.checks().count();
    let native = print(Format::Native, &masked, Options::default());
    let back = read("again.json", native.as_bytes()).unwrap_or_else(|why| panic!("{why}\n{native}"));
    assert_eq!(back, *masked, "read back, it is another");
    let back = Masked::new(back);
    assert_eq!(back, masked, "masked again, it is another");
    for include_test_output in [false, true] {
        let options = Options { include_test_output, ..Options::default() };
        for format in Format::ALL {
            let printed = print(*format, &masked, options);
            assert_eq!(printed, print(*format, &back, options), "{format}");
            match format {
                Format::Junit => drop(junit::check(&printed, &masked).unwrap_or_else(|why| panic!("{why}\n{printed}"))),
                Format::Json | Format::Native => {
                    let value: Value = serde_json::from_str(&printed).unwrap_or_else(|why| panic!("{why}\n{printed}"));
                    assert!(value.is_object());
                    assert!(printed.chars().all(|c| !c.is_control() || c == '\n'), "{printed:?}");
                }
                Format::Text => {
                    assert!(printed.chars().all(|c| !c.is_control() || matches!(c, '\n' | '\t')), "{printed:?}");
                }
            }
        }
    }
    format!("{} targets, checks {}", masked.targets.len(), checks > 0)
}

/// Prints a report as text.
pub fn render(format: Format, report: &Report, options: Options) -> String {
    print(format, &Masked::new(report.clone()), options)
}

fn print(format: Format, report: &Masked<Report>, options: Options) -> String {
    let mut out = Vec::new();
    format.write(report, &options, &mut out).expect("memory takes everything");
    String::from_utf8(out).expect("reports are UTF-8")
}
