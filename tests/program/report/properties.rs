//! Properties of reports for arbitrary text in every field.

use kube_assay::report::{Format, Options, Summary, read};
use model::Report;
use proptest::prelude::*;
use redact::Masked;
use serde_json::Value;

use super::{junit, sample};

/// Generates texts from pieces that are likely to cause harm.
fn hostile() -> impl Strategy<Value = String> {
    let pieces = [
        "\u{1b}[31m",
        "\0",
        "\r",
        "\n",
        "\t",
        "]]>",
        "<![CDATA[",
        "<!--",
        "&amp;",
        "&",
        "<",
        ">",
        "\"",
        "'",
        "\\",
        "[FAIL]",
        "\n[PASS] 1.1.1 ",
        "\n== Summary total ==\n",
        "# ",
        "\u{9b}",
        "\u{85}",
        "\u{2028}",
        "\u{202e}",
        "\u{fffe}",
        "\u{ffff}",
        "\u{1ffff}",
        "\u{feff}",
        "🙂",
        "é",
        "a",
        " ",
        "1.1 ",
        "{}",
        "https://a:b@c",
        "token: ",
    ];
    let piece = prop_oneof![2 => prop::sample::select(pieces.to_vec()).prop_map(str::to_owned), 1 => any::<String>()];
    prop::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

/// Returns the sample with all its texts replaced by these in turn.
fn filled(texts: &[String]) -> Report {
    let mut assay = sample::report();
    let mut texts = texts.iter().cycle();
    sample::each_text(&mut assay, |text| text.clone_from(texts.next().expect("at least one")));
    assay
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn junit_is_always_well_formed(texts in prop::collection::vec(hostile(), 1..8)) {
        let assay = filled(&texts);
        let xml = super::render(Format::Junit, &assay, Options::default());
        let checked = junit::check(&xml, &assay);
        prop_assert!(checked.is_ok(), "{:?}\n{}", checked.err(), xml);
    }

    #[test]
    fn json_is_always_json_and_shows_no_control_character(texts in prop::collection::vec(hostile(), 1..8)) {
        let assay = filled(&texts);
        let json = super::render(Format::Json, &assay, Options::default());
        let report: Value = serde_json::from_str(&json).map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert!(json.trim_end().chars().all(|c| !c.is_control()));
        prop_assert_eq!(&report["Totals"]["total_fail"], Summary::from(&assay).fail);
        prop_assert_eq!(&report["Run"]["digest"], assay.run.benchmark.digest.as_str());
    }

    #[test]
    fn text_has_the_lines_that_are_its_own_and_no_others(texts in prop::collection::vec(hostile(), 1..8), every in any::<bool>()) {
        let assay = filled(&texts);
        let summary = Summary::from(&assay);
        let options = Options { include_test_output: every, ..Options::default() };
        let text = super::render(Format::Text, &assay, options);
        prop_assert!(text.chars().all(|c| !c.is_control() || c == '\n'), "{:?}", text);
        // Only the report's own lines are not indented.
        let own = text.lines().skip_while(|line| !line.is_empty()).filter(|line| !line.is_empty() && !line.starts_with(' '));
        for line in own {
            let is_own = ["FAIL (", "UNKNOWN (", "WARN (", "NOTICES (", "Not listed: ", "More about a check: "];
            let is_count = line.split_once(": ").is_some_and(|(_, counts)| counts.starts_with(|c: char| c.is_ascii_digit()));
            prop_assert!(is_count || is_own.iter().any(|start| line.starts_with(start)), "{}", line);
        }
        let fails = text.lines().filter_map(|line| line.strip_prefix("FAIL (").or_else(|| line.strip_prefix("UNKNOWN (")));
        let fails: usize = fails.filter_map(|count| count.trim_end_matches(')').parse::<usize>().ok()).sum();
        prop_assert_eq!(fails, summary.fail);
    }

    #[test]
    fn a_report_that_is_read_back_prints_the_same(texts in prop::collection::vec(hostile(), 1..8)) {
        let masked = Masked::new(filled(&texts));
        let native = super::render(Format::Native, &masked, Options::default());
        let back: Report = serde_json::from_str(&native).map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert_eq!(&back, &*masked);
        prop_assert_eq!(&*Masked::new(back.clone()), &*masked);
        for format in Format::ALL {
            let again = super::render(*format, &back, Options::default());
            prop_assert_eq!(again, super::render(*format, &masked, Options::default()));
        }
    }

    #[test]
    fn any_text_is_refused_or_read(text in ".{0,200}", cut in any::<prop::sample::Index>()) {
        prop_assert!(read("r.json", text.as_bytes()).is_err());
        let native = super::render(Format::Native, &sample::report(), Options::default());
        let cut = cut.index(native.trim_end().len());
        prop_assert!(read("r.json", &native.as_bytes()[..cut]).is_err());
    }

    #[test]
    fn a_remediation_forges_no_head_and_no_summary(text in hostile()) {
        let mut assay = sample::report();
        for finding in assay.targets.iter_mut().flat_map(|target| &mut target.groups).flat_map(|group| &mut group.checks) {
            finding.remediation.clone_from(&text);
        }
        let options = Options { include_test_output: true, remediations: true, ..Options::default() };
        let own = |report: &str| {
            report.lines().filter(|line| !line.starts_with(' ') && !line.is_empty()).map(str::to_owned).collect::<Vec<_>>()
        };
        let (forged, plain) = (super::render(Format::Text, &assay, options), super::render(Format::Text, &sample::report(), options));
        let without_remediations = |lines: Vec<String>| lines.into_iter().filter(|line| line != "REMEDIATIONS").collect::<Vec<_>>();
        prop_assert_eq!(without_remediations(own(&forged)), without_remediations(own(&plain)));
    }

    #[test]
    fn a_pipe_that_breaks_anywhere_is_an_error_and_nothing_worse(length in 0usize..2000) {
        for format in Format::ALL {
            let mut room = vec![0; length];
            let mut pipe: &mut [u8] = &mut room;
            let written = format.write(&Masked::new(sample::report()), &Options::default(), &mut pipe);
            prop_assert!(written.is_err());
        }
    }
}
