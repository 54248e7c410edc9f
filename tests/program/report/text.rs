//! The report for people, and for the scripts that look through it.

use kube_assay::report::{Format, Options};

use model::{Evidence, Found, Source};

use super::sample::{self, PASSWORD};

fn text(options: Options) -> String {
    super::render(Format::Text, &sample::report(), options)
}

fn lines_with(report: &str, start: &str) -> Vec<String> {
    report.lines().filter(|line| line.starts_with(start)).map(str::to_owned).collect()
}

#[test]
fn the_head_says_what_ran_and_why() {
    assert_eq!(
        lines_with(&text(Options::default()), "# "),
        [
            "# kube-assay 0.1.0: node cp-1, seen from /host",
            "# platform eks-anywhere: EKS Anywhere (Ubuntu, RHEL) (image https://(masked)@mirror/kube-proxy:v1 of kube-proxy \
             (process 3))",
            "# benchmark cis-1.12: CIS Kubernetes 1.12 (Kubernetes 1.34, known from the image of \
             /etc/kubernetes/manifests/kube-apiserver.yaml)",
            "# target master: kube-apiserver runs (process 812)",
            "# profile eks-anywhere: EKS Anywhere, etcd outside (etcd runs on machines of its own)",
            "# notice: process 9: etcd of a pod, passed over (https://(masked)@10.0.0.1:2379)",
        ]
    );
}

#[test]
fn each_check_has_its_line_and_what_does_not_pass_says_why() {
    let report = text(Options::default());
    let master: Vec<&str> =
        report.lines().skip_while(|line| !line.starts_with("[INFO] 1 ")).take_while(|line| !line.is_empty()).collect();
    assert_eq!(
        master,
        [
            "[INFO] 1 Control plane",
            "[INFO] 1.1 Files",
            "[PASS] 1.1.1 What 1.1.1 wants is so (Automated)",
            "[INFO] 1.1.7 What 1.1.7 wants is so (Automated)",
            "       skipped by eks-anywhere: etcd runs on machines of its own (the platform's guide; listed there as \
             1.1.7, 1.1.8)",
            "[INFO] 1.1.9 What 1.1.9 wants is so (Automated)",
            "       not applicable: no etcd on this node",
            "[FAIL] 1.1.12 What 1.1.12 wants is so (Automated)",
            "       not known: /var/lib/etcd: permission denied (run as root) (high, level 1)",
            "[INFO] 1.2 API server",
            "[FAIL] 1.2.15 What 1.2.15 wants is so (Automated)",
            "       kube-apiserver (process 812) --profiling: found true, expected false; +2 more (high, level 1)",
            "[WARN] 1.2.20 What 1.2.20 wants is so (Manual)",
            "       kube-apiserver (process 812) --profiling: found true, expected false; +2 more (high, level 1)",
            "[WARN] 1.2.28 What 1.2.28 wants is so (Manual)",
            "[INFO] 1.2.29 What 1.2.29 wants is so (Automated)",
            "       skipped: --skip names it",
        ]
    );
    assert!(report.contains("[FAIL] 4.1.5 What 4.1.5 wants is so (Automated)\n       found nothing, expected '--prof"));
}

#[test]
fn remediations_and_summaries_stand_where_scripts_look_for_them() {
    let report = text(Options::default());
    assert_eq!(
        lines_with(&report, "== "),
        [
            "== Remediations master ==",
            "== Summary master ==",
            "== Remediations node ==",
            "== Summary node ==",
            "== Remediations policies ==",
            "== Summary policies ==",
            "== Summary total ==",
        ]
    );
    assert!(report.contains("\n1.2.15 Fix 1.2.15:\nset --profiling=false\n\n1.2.20 Fix"), "{report}");
    assert!(
        report.contains("\n1.1.12 could not be known: /var/lib/etcd: permission denied (run as root)\nFix 1.1.12:\n")
    );
    assert!(!report.contains("Fix 1.1.7"), "a skipped check needs no fix");
    assert!(
        report.contains("\n\n\n== Summary master ==\n1 checks PASS\n2 checks FAIL\n2 checks WARN\n3 checks INFO\n\n")
    );
    assert!(report.ends_with("== Summary total ==\n1 checks PASS\n5 checks FAIL\n5 checks WARN\n3 checks INFO\n\n"));
}

#[test]
fn parts_can_be_left_out() {
    let none = Options { noresults: true, nosummary: true, noremediations: true, nototals: true, ..Options::default() };
    assert!(text(none).lines().all(|line| line.is_empty() || line.starts_with("# ")));
    let summaries = text(Options { nosummary: false, ..none });
    assert_eq!(lines_with(&summaries, "== ").len(), 3);
    let totals = text(Options { nototals: false, ..none });
    assert_eq!(lines_with(&totals, "== "), ["== Summary total =="]);
    let remediations = text(Options { noremediations: false, ..none });
    assert!(lines_with(&remediations, "== ").iter().all(|line| line.starts_with("== Remediations")));
    assert!(lines_with(&remediations, "[").is_empty());
    let results = text(Options { noresults: false, ..none });
    assert!(lines_with(&results, "== ").is_empty() && results.contains("[PASS] 1.1.1"));
}

#[test]
fn everything_found_is_printed_when_asked_for() {
    let report = text(Options { include_test_output: true, ..Options::default() });
    assert!(report.contains(
        "+2 more (high, level 1)\n\t kube-apiserver (process 812) --profiling: found true, expected false\n\t kube-apiserver (process \
         813) --profiling: found 1, expected false\n\t kube-apiserver (process 814) --profiling: found not \
         set (default true), expected false\n"
    ));
    assert!(!text(Options::default()).contains("\n\t"));
}

#[test]
fn colour_is_written_only_when_asked_for() {
    assert!(!text(Options::default()).contains('\u{1b}'));
    let coloured = text(Options { colour: true, ..Options::default() });
    assert!(coloured.contains("\u{1b}[32m[PASS]\u{1b}[0m 1.1.1 What"), "{coloured}");
    assert!(coloured.contains("\u{1b}[31m[FAIL]\u{1b}[0m 1.2.15 What"));
    let mut plain = anstream::StripStream::new(Vec::new());
    std::io::Write::write_all(&mut plain, coloured.as_bytes()).expect("writing to memory");
    assert_eq!(String::from_utf8(plain.into_inner()).expect("UTF-8"), text(Options::default()));
}

#[test]
fn a_node_cannot_forge_lines_or_move_the_cursor() {
    let report = text(Options { include_test_output: true, ..Options::default() });
    assert!(report.chars().all(|c| !c.is_control() || matches!(c, '\n' | '\t')), "{report:?}");
    assert_eq!(report.matches("[FAIL]").count(), 5);
    assert_eq!(report.lines().filter(|line| line.starts_with("== Summary total")).count(), 1);
    assert!(report.contains(r"       a\x1b[2Jb\r\n(FAIL) 9.9.9 forged\n"), "{report}");
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
    let text = super::render(Format::Text, &assay, Options::default());
    assert!(text.contains(&format!("[WARN] 1.2.28 What 1.2.28 wants is so (Manual)\n       {said}\n")), "{text}");
    let whole = super::render(Format::Text, &assay, Options { include_test_output: true, ..Options::default() });
    assert!(whole.contains("\t etcd (process 7) --b: found not set\n"), "{whole}");
    let junit = super::render(Format::Junit, &assay, Options::default());
    assert!(junit.contains(&format!("<skipped message=\"{said}\"/>")), "{junit}");
    let json = super::render(Format::Json, &assay, Options::default());
    assert!(
        json.contains(r#""source":"etcd (process 7) --b","found":"not set","expected":"","offends":false"#),
        "{json}"
    );
}
