//! The text report.

use kube_assay::report::{Format, Options, Section, Sections};

use model::{Evidence, Found, Severity, Source};
use redact::Masked;

use super::sample::{self, PASSWORD};

fn text(options: Options) -> String {
    super::render(Format::Text, &sample::report(), options)
}

/// Returns the lines of a section, without its title.
fn section<'r>(report: &'r str, title: &str) -> Vec<&'r str> {
    let mut lines = report.lines().skip_while(|line| *line != title);
    assert_eq!(lines.next(), Some(title), "{report}");
    lines.take_while(|line| !line.is_empty()).collect()
}

#[test]
fn the_head_says_what_ran_and_why() {
    let head = |options| {
        let report = text(options);
        report.lines().take_while(|line| !line.is_empty()).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(
        head(Options::default()),
        [
            "kube-assay 0.1.0, node cp-1, 2026-03-01T12:30:05Z",
            "CIS Kubernetes 1.12 (cis-1.12): Kubernetes 1.34, known from the image of /etc/kubernetes/manifests/kube-api...",
            "cluster https://cp-1:6443: v1.34.2; EKS Anywhere management cluster mgmt; nodes: 1 control-plane; cilium: e...",
            "EKS Anywhere (Ubuntu, RHEL), profile eks-anywhere (2 checks skipped)",
            "targets master",
            "seen from /host",
        ]
    );
    assert_eq!(
        head(Options { verbose: true, ..Options::default() }),
        [
            "kube-assay 0.1.0, node cp-1, 2026-03-01T12:30:05Z, seen from /host",
            "benchmark cis-1.12: CIS Kubernetes 1.12 (Kubernetes 1.34, known from the image of \
             /etc/kubernetes/manifests/kube-apiserver.yaml)",
            "rules: 0123abcd",
            "cluster https://cp-1:6443: v1.34.2; EKS Anywhere management cluster mgmt; nodes: 1 control-plane; cilium: enforces network policies; kyverno",
            "platform eks-anywhere: EKS Anywhere (Ubuntu, RHEL) (image https://(masked)@mirror/kube-proxy:v1 of kube-proxy \
             (process 3))",
            "profile eks-anywhere: EKS Anywhere, etcd outside (etcd runs on machines of its own)",
            "target master: kube-apiserver runs (process 812)",
        ]
    );
}

#[test]
fn the_head_is_short_whatever_a_node_holds() {
    let mut assay = sample::report();
    let long = "x\u{1b}".repeat(5000);
    let run = &mut assay.run;
    run.host.name.clone_from(&long);
    run.root.clone_from(&long);
    run.kubernetes.evidence.clone_from(&long);
    let report = super::render(Format::Text, &assay, Options::default());
    let head: Vec<&str> = report.lines().take_while(|line| !line.is_empty()).collect();
    assert!(head.len() <= 6 && head.iter().all(|line| line.chars().count() <= 110), "{head:#?}");
}

#[test]
fn what_has_to_be_acted_on_comes_first() {
    let report = text(Options::default());
    let titles: Vec<&str> = report
        .lines()
        .filter(|line| line.starts_with(|c: char| c.is_ascii_uppercase()) && line.ends_with(')'))
        .filter(|line| !line.contains("profile"))
        .collect();
    assert_eq!(titles[..4], ["FAIL (4)", "UNKNOWN (1)", "WARN (3)", "NOTICES (1)"], "{report}");
    assert_eq!(
        section(&report, "FAIL (4)")[..3],
        [
            "  1.2.15  high     L1  What 1.2.15 wants is so [sample/1-2-15]",
            "          kube-apiserver (process 812) --profiling: found true, expected false; +2 more",
            "          fix: Fix 1.2.15: set --profiling=false",
        ]
    );
    let unknown = "          not known: /var/lib/etcd: permission denied (run as root)";
    assert!(section(&report, "UNKNOWN (1)").contains(&unknown), "{report}");
    assert_eq!(
        section(&report, "WARN (3)")[..2],
        [
            "  1.2.20  high     L1  What 1.2.20 wants is so [sample/1-2-20]",
            "          kube-apiserver (process 812) --profiling: found true, expected false; +2 more",
        ]
    );
    assert!(!report.contains("What 1.1.1 wants") && !report.contains("What 1.1.7 wants"), "{report}");
    let total = "\ntotal: 4 fail, 1 unknown, 3 warn, 2 manual, 2 skipped, 1 not applicable, 1 pass\n";
    assert!(report.contains(total), "{report}");
    assert!(
        report.contains("\nNot listed: 2 manual, 2 skipped, 1 not applicable, 1 pass (list them with --show all)\n")
    );
    assert!(report.ends_with("\nMore about a check: kube-assay explain sample/1-2-15\n"), "{report}");
}

#[test]
fn the_worst_comes_first() {
    let mut assay = sample::report();
    let severities = [(Severity::Low, "1.2.15"), (Severity::Critical, "4.1.5")];
    for check in assay.targets.iter_mut().flat_map(|target| &mut target.groups).flat_map(|group| &mut group.checks) {
        check.severity = severities.iter().find(|(_, id)| *id == check.id).map(|(severity, _)| *severity);
    }
    let report = super::render(Format::Text, &assay, Options::default());
    let ids: Vec<&str> = section(&report, "FAIL (4)")
        .into_iter()
        .filter(|line| !line.starts_with("    "))
        .map(|line| line.split_whitespace().next().expect("an id"))
        .collect();
    assert_eq!(ids, ["4.1.5", "1.2.15", "4.1.1", "4.1.4"]);
    assert!(report.contains("\n  4.1.5   critical L1  What 4.1.5"), "{report}");
    assert!(report.ends_with("kube-assay explain sample/4-1-5\n"), "{report}");
}

#[test]
fn more_checks_are_listed_on_demand() {
    let show = |show: Sections| text(Options { show: Some(show), ..Options::default() });
    let all = show(Sections::ALL);
    for title in ["FAIL (4)", "UNKNOWN (1)", "WARN (3)", "MANUAL (2)", "SKIPPED (2)", "NOT APPLICABLE (1)", "PASS (1)"]
    {
        section(&all, title);
    }
    assert!(!all.contains("Not listed"));
    assert!(section(&all, "SKIPPED (2)").contains(&"          skipped: --skip names it"), "{all}");
    assert_eq!(section(&all, "PASS (1)"), ["  1.1.1   high     L1  What 1.1.1 wants is so [sample/1-1-1]"]);
    let manual = show(Sections::NONE.with(Section::Manual));
    assert!(manual.contains("MANUAL (2)") && manual.contains("FAIL (4)") && !manual.contains("\nWARN"), "{manual}");
}

#[test]
fn quiet_prints_what_failed_and_the_counts() {
    let report = text(Options { quiet: true, ..Options::default() });
    assert!(report.starts_with("FAIL (4)\n") && report.contains("\nUNKNOWN (1)\n"), "{report}");
    for other in ["WARN (", "NOTICES", "kube-assay", "Not listed"] {
        assert!(!report.contains(other), "{other}: {report}");
    }
    assert!(report.lines().last().is_some_and(|line| line.starts_with("total: 4 fail")), "{report}");
}

#[test]
fn quiet_keeps_warnings_where_no_check_is_scored() {
    let mut report = sample::report();
    for check in report.targets.iter_mut().flat_map(|target| &mut target.groups).flat_map(|group| &mut group.checks) {
        check.scored = false;
    }
    let report = super::render(Format::Text, &report, Options { quiet: true, ..Options::default() });
    assert!(report.starts_with("WARN (") && !report.contains("FAIL ("), "{report}");
}

#[test]
fn whole_remediations_are_printed_on_demand() {
    assert!(!text(Options::default()).contains("REMEDIATIONS"));
    let report = text(Options { remediations: true, ..Options::default() });
    let whole = "\n  1.2.15  What 1.2.15 wants is so\n    Fix 1.2.15:\n    set --profiling=false\n\n";
    assert!(report.contains(whole), "{report}");
    let remediations = report.split("\nREMEDIATIONS\n").nth(1).expect("there");
    assert!(!remediations.contains("1.1.7"), "a skipped check needs no remediation");
}

#[test]
fn parts_can_be_left_out() {
    let none = Options { noresults: true, nosummary: true, noremediations: true, nototals: true, ..Options::default() };
    let head = text(none);
    assert!(head.starts_with("kube-assay ") && head.trim_end().lines().count() == 6, "{head}");
    let summaries = text(Options { nosummary: false, ..none });
    assert!(summaries.contains("\nmaster: 1 fail"), "{summaries}");
    assert!(!summaries.contains("total: "));
    let totals = text(Options { nototals: false, ..none });
    assert!(totals.contains("\ntotal: ") && !totals.contains("master: "));
    assert!(text(Options::default()).contains("fix: "));
    assert!(!text(Options { noremediations: true, ..Options::default() }).contains("fix: "));
}

#[test]
fn everything_found_is_printed_when_asked_for() {
    let report = text(Options { include_test_output: true, ..Options::default() });
    let found = [
        "+2 more",
        "            kube-apiserver (process 812) --profiling: found true, expected false",
        "            kube-apiserver (process 813) --profiling: found 1, expected false",
        "            kube-apiserver (process 814) --profiling: found not set (default true), expected false",
    ];
    assert!(report.contains(&found.join("\n")), "{report}");
    // Nothing is repeated that the report already contains.
    let mut assay = sample::report();
    let groups = assay.targets.iter_mut().flat_map(|target| &mut target.groups);
    let mut checks = groups.flat_map(|group| &mut group.checks);
    checks.find(|check| check.id == "1.2.15").expect("the check").evidence.truncate(1);
    drop(checks);
    let options = Options { include_test_output: true, ..Options::default() };
    let report = super::render(Format::Text, &assay, options);
    let lines = section(&report, "FAIL (4)");
    assert_eq!(lines.iter().filter(|line| line.contains("(process 812)")).count(), 1, "{report}");
}

#[test]
fn colour_is_written_only_when_asked_for() {
    let all = Options { show: Some(Sections::ALL), remediations: true, ..Options::default() };
    assert!(!text(all).contains('\u{1b}'));
    for width in [None, Some(80)] {
        let coloured = text(Options { colour: true, width, ..all });
        let mut plain = anstream::StripStream::new(Vec::new());
        std::io::Write::write_all(&mut plain, coloured.as_bytes()).expect("writing to memory");
        let plain = String::from_utf8(plain.into_inner()).expect("UTF-8");
        assert_eq!(plain, text(Options { width, ..all }));
    }
}

/// The terminal's background is unknown: text has its own background colour, or no colour.
#[test]
fn colours_can_be_read_on_any_background() {
    let coloured = text(Options { colour: true, show: Some(Sections::ALL), remediations: true, ..Options::default() });
    let codes: Vec<Vec<u8>> = coloured
        .split("\u{1b}[")
        .skip(1)
        .map(|rest| rest.split('m').next().expect("a sequence"))
        .map(|codes| codes.split(';').map(|code| code.parse().expect("a number")).collect())
        .collect();
    let of = |range: std::ops::RangeInclusive<u8>| codes.iter().flatten().filter(|code| range.contains(code)).count();
    let letters = of(30..=37) + of(90..=97);
    assert!(letters > 0 && letters == of(40..=47), "{codes:?}");
    assert!(!codes.concat().contains(&2), "dimmed letters vanish on some backgrounds");
}

/// Wide and narrow terminals.
const WIDTHS: [usize; 6] = [20, 40, 80, 100, 160, 1000];

#[test]
fn lines_are_wrapped_to_the_terminal() {
    let words = |report: &str| report.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let options = Options { show: Some(Sections::ALL), remediations: true, ..Options::default() };
    for width in WIDTHS {
        let report = text(Options { width: Some(width), ..options });
        for line in report.lines().filter(|line| line.chars().count() > width) {
            // A single word may be longer, and commands are not wrapped.
            let is_command = line.trim_start() == "set --profiling=false";
            assert!(is_command || line.split_whitespace().count() == 1, "{width}: {line}");
        }
        assert_eq!(words(&report), words(&text(options)), "{width}");
    }
}

#[test]
fn columns_stay_in_a_terminal() {
    let with = |severity| {
        let mut assay = sample::report();
        let groups = assay.targets.iter_mut().flat_map(|target| &mut target.groups);
        for check in groups.flat_map(|group| &mut group.checks) {
            check.severity = Some(severity);
            check.title = format!("{} {}", check.title, "and more ".repeat(20).trim_end());
        }
        super::render(Format::Text, &assay, Options { width: Some(80), ..Options::default() })
    };
    for severity in [Severity::Low, Severity::Critical] {
        let report = with(severity);
        let lines = section(&report, "FAIL (4)");
        let column = lines[0].find("What").expect("a title");
        assert_eq!(column, "  1.2.15  critical L1  ".len(), "{report}");
        // Wrapped lines are aligned with the beginning of the text.
        assert_eq!(lines[1].find(|c| c != ' '), Some(column), "{report}");
    }
}

#[test]
fn a_command_can_be_copied_from_any_terminal() {
    let command = format!("chmod 600 {}", ["/etc/kubernetes/some-file.conf"; 8].join(" "));
    let mut assay = sample::report();
    let groups = assay.targets.iter_mut().flat_map(|target| &mut target.groups);
    let mut checks = groups.flat_map(|group| &mut group.checks);
    let check = checks.find(|check| check.id == "1.2.15").expect("the check");
    check.remediation = format!("On the node, run:\n    {command}\n");
    drop(checks);
    for width in WIDTHS {
        let report = super::render(Format::Text, &assay, Options { width: Some(width), ..Options::default() });
        let line = report.lines().find(|line| line.contains("chmod")).expect("the command");
        assert!(line.ends_with(&command), "{width}: {report}");
        assert!(width < 1000 || line.trim_start() == format!("fix: On the node, run: {command}"), "{line}");
    }
}

#[test]
fn several_reports_follow_each_other() {
    let both = [Masked::new(sample::report()), Masked::new(sample::report())];
    let mut out = Vec::new();
    Format::Text.write_all(&both, &Options::default(), &mut out).expect("writing to memory");
    let one = text(Options::default());
    assert_eq!(String::from_utf8(out).expect("UTF-8"), format!("{one}\n{one}"));
}

#[test]
fn a_node_cannot_forge_lines_or_move_the_cursor() {
    for width in [None, Some(30)] {
        let options = Options { include_test_output: true, remediations: true, width, ..Options::default() };
        let report = text(Options { show: Some(Sections::ALL), ..options });
        assert!(report.chars().all(|c| !c.is_control() || c == '\n'), "{report:?}");
        assert_eq!(report.lines().filter(|line| line.starts_with("FAIL")).count(), 1);
        assert!(report.lines().all(|line| !line.starts_with("== ") && !line.starts_with("[FAIL]")), "{report}");
    }
    let report = text(Options { include_test_output: true, ..Options::default() });
    assert!(report.contains(r"a\x1b[2Jb\r\n[FAIL] 9.9.9 forged\n"), "{report}");
}

#[test]
fn passwords_are_masked() {
    assert!(!text(Options { include_test_output: true, ..Options::default() }).contains(PASSWORD));
}

#[test]
fn what_a_person_judges_shows_what_was_seen() {
    let mut assay = sample::report();
    let findings = assay.targets.iter_mut().flat_map(|target| &mut target.groups).flat_map(|group| &mut group.checks);
    let manual = findings.into_iter().find(|finding| finding.id == "1.2.28").expect("a manual check");
    let source =
        |flag: &str| Source::Default { component: "etcd".to_owned(), process: Some(7), setting: flag.to_owned() };
    manual.evidence = ["--a", "--b"]
        .map(|flag| Evidence {
            source: source(flag),
            found: Found::NotSet { default: None, given: None, nor_in: None },
            expected: None,
            violates: false,
        })
        .to_vec();
    let said = "manual: etcd (process 7) --a: found not set; +1 more";
    let options = Options { show: Some(Sections::ALL), ..Options::default() };
    let text = super::render(Format::Text, &assay, options);
    assert!(
        text.contains(&format!("  1.2.28  high     L1  What 1.2.28 wants is so [sample/1-2-28]\n          {said}\n")),
        "{text}"
    );
    let whole = super::render(Format::Text, &assay, Options { include_test_output: true, ..options });
    assert!(whole.contains("\n            etcd (process 7) --b: found not set\n"), "{whole}");
    let junit = super::render(Format::Junit, &assay, Options::default());
    assert!(junit.contains(&format!("<skipped message=\"{said}\"/>")), "{junit}");
    let json = super::render(Format::Json, &assay, Options::default());
    assert!(
        json.contains(r#""source":"etcd (process 7) --b","found":"not set","expected":"","offends":false"#),
        "{json}"
    );
}
