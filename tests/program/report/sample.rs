//! A run in which everything occurs: each verdict, scored and not, hostile texts, no evidence, several targets.

use definitions::benchmark::{Assessment, Target};
use kube_assay::finding::{
    Assay, Evidence, Finding, FindingGroup, Notice, PlatformNote, ProfileNote, Skip, Source, TargetFindings,
    TargetNote, Verdict,
};
use probe::{Cause, Why};

/// Texts that a node may hold to deceive.
pub const HOSTILE: &str = "a\u{1b}[2Jb\r\n[FAIL] 9.9.9 forged\n== Summary total ==\n]]></system-out><testcase/>&\"'\0\u{9b}\u{202e}\u{fffe}\u{7f}";

/// A password that must not be in any report.
pub const PASSWORD: &str = "hunter2secret";

/// The run.
pub fn assay() -> Assay {
    Assay {
        tool_version: "0.1.0".into(),
        node: "cp-1".into(),
        root: "/host".into(),
        platform: Some(PlatformNote {
            name: "eks-anywhere".into(),
            title: "EKS Anywhere (Ubuntu, RHEL)".into(),
            evidence: vec![format!("image https://root:{PASSWORD}@mirror/kube-proxy:v1 of kube-proxy (process 3)")],
        }),
        benchmark: "cis-1.12".into(),
        benchmark_title: "CIS Kubernetes 1.12".into(),
        benchmark_digest: "0123abcd".into(),
        benchmark_evidence: "for Kubernetes 1.34".into(),
        detected_version: Some("1.34".into()),
        version_evidence: "the image of /etc/kubernetes/manifests/kube-apiserver.yaml".into(),
        profile: Some(ProfileNote {
            name: "eks-anywhere".into(),
            title: "EKS Anywhere, etcd outside".into(),
            evidence: "etcd runs on machines of its own".into(),
        }),
        target_evidence: vec![TargetNote {
            target: Target::Master,
            evidence: vec!["kube-apiserver runs (process 812)".into()],
        }],
        started: "2026-03-01T12:30:05Z".into(),
        notices: vec![Notice {
            code: "process-ignored",
            text: format!("process 9: etcd of a pod, passed over (https://root:{PASSWORD}@10.0.0.1:2379)"),
        }],
        targets: vec![master(), node(), policies()],
    }
}

fn master() -> TargetFindings {
    TargetFindings {
        target: Target::Master,
        id: "1".into(),
        title: "Control plane".into(),
        groups: vec![
            FindingGroup {
                id: "1.1".into(),
                title: "Files".into(),
                findings: vec![pass("1.1.1"), skipped("1.1.7"), not_applicable("1.1.9"), unknown("1.1.12", true)],
            },
            FindingGroup {
                id: "1.2".into(),
                title: "API server".into(),
                findings: vec![
                    fail("1.2.15", true),
                    fail("1.2.20", false),
                    manual("1.2.28"),
                    skipped_by_user("1.2.29"),
                ],
            },
        ],
    }
}

fn node() -> TargetFindings {
    TargetFindings {
        target: Target::Node,
        id: "4".into(),
        title: "Worker".into(),
        groups: vec![FindingGroup {
            id: "4.1".into(),
            title: "Files".into(),
            findings: vec![
                hostile("4.1.1", true),
                hostile("4.1.2", false),
                unknown("4.1.3", false),
                secret("4.1.4"),
                bare("4.1.5"),
            ],
        }],
    }
}

fn policies() -> TargetFindings {
    TargetFindings {
        target: Target::Policies,
        id: "5".into(),
        title: "Policies".into(),
        groups: vec![FindingGroup { id: "5.1".into(), title: "Roles".into(), findings: vec![manual("5.1.1")] }],
    }
}

fn finding(id: &str, scored: bool, verdict: Verdict) -> Finding {
    Finding {
        id: id.into(),
        control: format!("sample/{}", id.replace('.', "-")),
        title: format!("What {id} wants is so"),
        assessment: if scored { Assessment::Automated } else { Assessment::Manual },
        scored,
        verdict,
        looked_at: "the arguments of kube-apiserver".into(),
        expected: "'--profiling' is equal to 'false'".into(),
        found: "true".into(),
        evidence: Vec::new(),
        remediation: format!("Mend {id}:\nset --profiling=false\n"),
    }
}

fn pass(id: &str) -> Finding {
    let evidence = Evidence {
        source: Source::File { path: "/etc/kubernetes/manifests/kube-apiserver.yaml".into() },
        found: "600".into(),
        expected: "600 or stricter".into(),
        offends: false,
    };
    Finding { evidence: vec![evidence], found: "600".into(), ..finding(id, true, Verdict::Pass) }
}

fn fail(id: &str, scored: bool) -> Finding {
    let offence = |pid, found: &str| Evidence {
        source: Source::Argument { component: "kube-apiserver".into(), pid, flag: "--profiling".into() },
        found: found.into(),
        expected: "false".into(),
        offends: true,
    };
    let default = Evidence {
        source: Source::Default { component: "kube-apiserver".into(), pid: Some(814), setting: "--profiling".into() },
        found: "the default, true".into(),
        expected: "false".into(),
        offends: true,
    };
    let evidence = vec![offence(812, "true"), offence(813, "1"), default];
    Finding { evidence, ..finding(id, scored, Verdict::Fail) }
}

/// A failure without any evidence.
fn bare(id: &str) -> Finding {
    Finding { looked_at: String::new(), found: String::new(), ..finding(id, true, Verdict::Fail) }
}

fn unknown(id: &str, scored: bool) -> Finding {
    let why = Why::new(Cause::PermissionDenied, "/var/lib/etcd", "permission denied (run as root)");
    Finding { found: String::new(), ..finding(id, scored, Verdict::Unknown(why)) }
}

fn manual(id: &str) -> Finding {
    let texts = finding(id, false, Verdict::Manual);
    Finding { looked_at: String::new(), expected: String::new(), found: String::new(), ..texts }
}

fn skipped(id: &str) -> Finding {
    let skip = Skip {
        profile: Some("eks-anywhere".into()),
        reason: "etcd runs on machines of its own".into(),
        source: Some("the platform's guide".into()),
        guide_ids: vec!["1.1.7".into(), "1.1.8".into()],
    };
    Finding { found: String::new(), ..finding(id, true, Verdict::Skipped(skip)) }
}

fn skipped_by_user(id: &str) -> Finding {
    let skip = Skip { profile: None, reason: "--skip names it".into(), source: None, guide_ids: Vec::new() };
    finding(id, true, Verdict::Skipped(skip))
}

fn not_applicable(id: &str) -> Finding {
    finding(id, true, Verdict::NotApplicable("no etcd on this node".into()))
}

/// Hostile texts wherever a node has a part in them.
fn hostile(id: &str, scored: bool) -> Finding {
    let evidence = Evidence {
        source: Source::Setting { path: HOSTILE.into(), line: Some(3), key: HOSTILE.into() },
        found: HOSTILE.into(),
        expected: HOSTILE.into(),
        offends: true,
    };
    Finding {
        looked_at: HOSTILE.into(),
        found: HOSTILE.into(),
        remediation: HOSTILE.into(),
        evidence: vec![evidence],
        ..finding(id, scored, Verdict::Fail)
    }
}

/// A password in every text that a node has a part in.
fn secret(id: &str) -> Finding {
    let url = format!("https://root:{PASSWORD}@10.0.0.1:2379");
    let evidence = Evidence {
        source: Source::Setting { path: "/etc/etcd.yaml".into(), line: None, key: format!("password={PASSWORD}") },
        found: url.clone(),
        expected: "https://127.0.0.1:2379".into(),
        offends: true,
    };
    Finding {
        looked_at: format!("etcd --password={PASSWORD}"),
        found: format!("{url}\npassword: {PASSWORD}"),
        evidence: vec![evidence],
        ..finding(id, true, Verdict::Fail)
    }
}

/// Every text of a run, in turn, so that a test can put others in.
pub fn each_text(assay: &mut Assay, mut put: impl FnMut(&mut String)) {
    for text in [
        &mut assay.tool_version,
        &mut assay.node,
        &mut assay.root,
        &mut assay.benchmark,
        &mut assay.benchmark_title,
        &mut assay.benchmark_digest,
        &mut assay.version_evidence,
        &mut assay.benchmark_evidence,
        &mut assay.started,
    ] {
        put(text);
    }
    assay.detected_version.iter_mut().for_each(&mut put);
    if let Some(ProfileNote { name, title, evidence }) = &mut assay.profile {
        [name, title, evidence].into_iter().for_each(&mut put);
    }
    if let Some(PlatformNote { name, title, evidence }) = &mut assay.platform {
        [name, title].into_iter().chain(evidence).for_each(&mut put);
    }
    assay.target_evidence.iter_mut().flat_map(|note| &mut note.evidence).for_each(&mut put);
    for notice in &mut assay.notices {
        put(&mut notice.text);
    }
    for target in &mut assay.targets {
        put(&mut target.id);
        put(&mut target.title);
        for group in &mut target.groups {
            put(&mut group.id);
            put(&mut group.title);
            for finding in &mut group.findings {
                each_text_of_finding(finding, &mut put);
            }
        }
    }
}

fn each_text_of_finding(finding: &mut Finding, mut put: impl FnMut(&mut String)) {
    match &mut finding.verdict {
        Verdict::Skipped(Skip { profile, reason, source, guide_ids }) => {
            profile.iter_mut().chain([reason]).chain(source).chain(guide_ids).for_each(&mut put);
        }
        Verdict::NotApplicable(reason) => put(reason),
        Verdict::Unknown(Why { subject, detail, .. }) => {
            put(subject);
            put(detail);
        }
        Verdict::Pass | Verdict::Fail | Verdict::Manual => {}
    }
    for text in [
        &mut finding.id,
        &mut finding.control,
        &mut finding.title,
        &mut finding.looked_at,
        &mut finding.expected,
        &mut finding.found,
        &mut finding.remediation,
    ] {
        put(text);
    }
    for Evidence { source, found, expected, .. } in &mut finding.evidence {
        put(found);
        put(expected);
        match source {
            Source::Argument { component, flag: text, .. }
            | Source::Variable { component, name: text, .. }
            | Source::Default { component, setting: text, .. }
            | Source::Setting { path: component, key: text, .. } => {
                put(component);
                put(text);
            }
            Source::File { path: text } | Source::Component { component: text } => put(text),
        }
    }
}
