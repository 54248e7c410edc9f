//! A run in which everything occurs: each verdict, scored and unscored, hostile texts, no evidence, several targets.

use model::{
    Assessment, Benchmark, Cause, Certificate, Check, Cluster, ClusterRole, Command, Condition, Disposition,
    EksAnywhere, Evidence, Expectation, FileKey, Found, Group, Host, Kubernetes, Listed, LookedAt, Note, Notice,
    Operator, Platform, Profile, Reason, Report, Requirement, Run, Sandbox, Schema, Skip, Source, Subject, Target,
    TargetNote, Value, Verdict,
};

/// A deceptive text that a node may contain.
pub const HOSTILE: &str = "a\u{1b}[2Jb\r\n[FAIL] 9.9.9 forged\n== Summary total ==\n]]></system-out><testcase/>&\"'\0\u{9b}\u{202e}\u{fffe}\u{7f}";

/// A password that must not appear in any report.
pub const PASSWORD: &str = "hunter2secret";

/// Returns the sample report.
pub fn report() -> Report {
    let run = Run {
        tool: "kube-assay".into(),
        version: "0.1.0".into(),
        command: Command { name: "run".into(), choices: [("targets".to_owned(), vec!["master".to_owned()])].into() },
        host: Host { name: "cp-1".into(), machine_id: None },
        root: "/host".into(),
        platform: Some(Platform {
            name: "eks-anywhere".into(),
            title: "EKS Anywhere (Ubuntu, RHEL)".into(),
            evidence: vec![format!("image https://root:{PASSWORD}@mirror/kube-proxy:v1 of kube-proxy (process 3)")],
        }),
        kubernetes: Kubernetes {
            version: Some("1.34".into()),
            evidence: "the image of /etc/kubernetes/manifests/kube-apiserver.yaml".into(),
        },
        cluster: Some(Cluster {
            source: "https://cp-1:6443".into(),
            version: Some("v1.34.2".into()),
            distribution: Some("eks-anywhere".into()),
            eks_anywhere: Some(EksAnywhere {
                role: ClusterRole::Management,
                title: "EKS Anywhere management cluster mgmt".into(),
                evidence: "Cluster default/mgmt is managed by no other cluster".into(),
                name: Some("mgmt".into()),
                version: Some("v0.26.1".into()),
                bundles: Some("bundles-101".into()),
                provider: Some("vSphere".into()),
                manages: Listed { first: vec!["prod".into()], more: 1 },
            }),
            network: vec!["cilium: enforces network policies".into()],
            policy_engines: vec!["kyverno".into()],
            nodes: [("control-plane".to_owned(), 1)].into(),
        }),
        benchmark: Benchmark {
            name: "cis-1.12".into(),
            title: "CIS Kubernetes 1.12".into(),
            digest: "0123abcd".into(),
            evidence: "for Kubernetes 1.34".into(),
        },
        further: Vec::new(),
        profile: Some(Profile {
            name: "eks-anywhere".into(),
            title: "EKS Anywhere, etcd outside".into(),
            evidence: "etcd runs on machines of its own".into(),
        }),
        targets: vec![TargetNote {
            name: "master".into(),
            benchmark: None,
            evidence: vec!["kube-apiserver runs (process 812)".into()],
        }],
        sandbox: Sandbox {
            seccomp: Some("looking".into()),
            landlock: Some(7),
            capabilities: Some(vec!["DAC_READ_SEARCH".into()]),
            lacking: Vec::new(),
        },
        notices: vec![Notice::new(
            "process-ignored",
            format!("process 9: etcd of a pod, passed over (https://root:{PASSWORD}@10.0.0.1:2379)"),
        )],
        started: "2026-03-01T12:30:05Z".into(),
        finished: "2026-03-01T12:30:06Z".into(),
    };
    Report { schema: Schema, run, targets: vec![master(), node(), policies()] }
}

fn master() -> Target {
    Target {
        name: "master".into(),
        benchmark: None,
        id: "1".into(),
        title: "Control plane".into(),
        groups: vec![
            Group {
                id: "1.1".into(),
                title: "Files".into(),
                checks: vec![pass("1.1.1"), skipped("1.1.7"), not_applicable("1.1.9"), unknown("1.1.12", true)],
            },
            Group {
                id: "1.2".into(),
                title: "API server".into(),
                checks: vec![fail("1.2.15", true), fail("1.2.20", false), manual("1.2.28"), skipped_by_user("1.2.29")],
            },
        ],
    }
}

fn node() -> Target {
    Target {
        name: "node".into(),
        benchmark: None,
        id: "4".into(),
        title: "Worker".into(),
        groups: vec![Group {
            id: "4.1".into(),
            title: "Files".into(),
            checks: vec![
                hostile("4.1.1", true),
                hostile("4.1.2", false),
                unknown("4.1.3", false),
                secret("4.1.4"),
                bare("4.1.5"),
            ],
        }],
    }
}

fn policies() -> Target {
    Target {
        name: "policies".into(),
        benchmark: None,
        id: "5".into(),
        title: "Policies".into(),
        groups: vec![Group { id: "5.1".into(), title: "Roles".into(), checks: vec![manual("5.1.1")] }],
    }
}

fn check(id: &str, scored: bool, verdict: Verdict) -> Check {
    Check {
        id: id.into(),
        control: Some(format!("sample/{}", id.replace('.', "-"))),
        title: format!("What {id} wants is so"),
        level: Some(1),
        severity: Some(model::Severity::High),
        scored,
        assessment: Some(if scored { Assessment::Automated } else { Assessment::Manual }),
        verdict,
        reason: None,
        disposition: Disposition::Counted,
        skip: None,
        looked_at: Some(LookedAt::Settings {
            names: vec!["--profiling".into()],
            component: "kube-apiserver".into(),
            processes: vec![812, 813],
            more: 0,
        }),
        expected: Some(Expectation::Setting {
            subject: Subject { flag: Some("--profiling".into()), ..Subject::default() },
            requirement: is_false(),
        }),
        evidence: Vec::new(),
        remediation: format!("Fix {id}:\nset --profiling=false\n"),
        defined_at: None,
        replaces: None,
    }
}

fn is_false() -> Requirement {
    required(Operator::Is, Value::Bool(false))
}

fn required(operator: Operator, value: Value) -> Requirement {
    Requirement { conditions: vec![Condition { operator, value }], or_not_set: false }
}

fn value(value: &str) -> Found {
    Found::Value { value: value.into(), notes: Vec::new() }
}

fn pass(id: &str) -> Check {
    let evidence = Evidence {
        source: Source::File { path: "/etc/kubernetes/manifests/kube-apiserver.yaml".into() },
        found: Found::Mode("600".into()),
        expected: Some(required(Operator::ModeAtMost, Value::Text("600".into()))),
        violates: false,
    };
    Check { evidence: vec![evidence], ..check(id, true, Verdict::Pass) }
}

fn fail(id: &str, scored: bool) -> Check {
    let violation = |process, found: &str| Evidence {
        source: Source::Argument { component: "kube-apiserver".into(), process, flag: "--profiling".into() },
        found: value(found),
        expected: Some(is_false()),
        violates: true,
    };
    let default = Evidence {
        source: Source::Default {
            component: "kube-apiserver".into(),
            process: Some(814),
            setting: "--profiling".into(),
        },
        found: Found::NotSet { default: Some("true".into()), given: None, nor_in: None },
        expected: Some(is_false()),
        violates: true,
    };
    let evidence = vec![violation(812, "true"), violation(813, "1"), default];
    Check { evidence, ..check(id, scored, Verdict::Fail) }
}

/// Returns a failure without any evidence.
fn bare(id: &str) -> Check {
    Check { looked_at: None, ..check(id, true, Verdict::Fail) }
}

fn unknown(id: &str, scored: bool) -> Check {
    let reason = Reason {
        cause: Cause::PermissionDenied,
        subject: "/var/lib/etcd".into(),
        detail: "permission denied (run as root)".into(),
    };
    Check { reason: Some(reason), ..check(id, scored, Verdict::Unknown) }
}

fn manual(id: &str) -> Check {
    Check { looked_at: None, expected: None, ..check(id, false, Verdict::Manual) }
}

fn skipped(id: &str) -> Check {
    let skip = Skip {
        profile: Some("eks-anywhere".into()),
        reason: "etcd runs on machines of its own".into(),
        source: Some("the platform's guide".into()),
        guide_ids: vec!["1.1.7".into(), "1.1.8".into()],
    };
    Check { disposition: Disposition::Skipped, skip: Some(skip), ..fail(id, true) }
}

fn skipped_by_user(id: &str) -> Check {
    let skip = Skip { profile: None, reason: "--skip names it".into(), source: None, guide_ids: Vec::new() };
    Check { disposition: Disposition::Skipped, skip: Some(skip), ..unknown(id, true) }
}

fn not_applicable(id: &str) -> Check {
    let reason =
        Reason { cause: Cause::ComponentAbsent, subject: "etcd".into(), detail: "no etcd on this node".into() };
    Check { reason: Some(reason), ..check(id, true, Verdict::NotApplicable) }
}

/// Returns a certificate without names.
fn certificate() -> Certificate {
    Certificate {
        not_before: "2026-01-01T00:00:00Z".into(),
        not_after: "2026-12-20T00:00:00Z".into(),
        at: "2026-11-30T00:00:00Z".into(),
        days_left: 20,
        ..Certificate::default()
    }
}

/// Returns a check with hostile texts wherever the node contributes.
fn hostile(id: &str, scored: bool) -> Check {
    let evidence = Evidence {
        source: Source::Setting { path: HOSTILE.into(), line: Some(3), key: HOSTILE.into() },
        found: Found::Value { value: HOSTILE.into(), notes: vec![Note::NotAccepted(vec![HOSTILE.into()])] },
        expected: Some(required(Operator::Is, Value::Text(HOSTILE.into()))),
        violates: true,
    };
    let of_certificate = Evidence {
        source: Source::File { path: HOSTILE.into() },
        found: Found::Certificate(Box::new(Certificate {
            subject: HOSTILE.into(),
            issuer: HOSTILE.into(),
            ..certificate()
        })),
        expected: Some(required(Operator::SubjectGroup, Value::Text(HOSTILE.into()))),
        violates: true,
    };
    let paths = Listed { first: vec![HOSTILE.into()], more: 2 };
    Check {
        looked_at: Some(LookedAt::Files { mode: true, owner: true, certificate: false, content: false, paths }),
        remediation: HOSTILE.into(),
        evidence: vec![evidence, of_certificate],
        ..check(id, scored, Verdict::Fail)
    }
}

/// Returns a check with a password in every text to which the node contributes.
fn secret(id: &str) -> Check {
    let url = format!("https://root:{PASSWORD}@10.0.0.1:2379");
    let key = format!("password={PASSWORD}");
    let seen = |source, found| Evidence { source, found, expected: Some(is_false()), violates: true };
    let argument = |flag: &str| Source::Argument { component: "etcd".into(), process: 7, flag: flag.to_owned() };
    let setting = || Source::Setting { path: "/etc/etcd.yaml".into(), line: None, key: key.clone() };
    let place = FileKey { file: url.clone(), key: "servers".into() };
    let object = Source::Object {
        kind: "Deployment".into(),
        namespace: Some("shop".into()),
        name: key.clone(),
        part: Some(format!("container {key}")),
    };
    let notes = vec![Note::Path(vec![key.clone()]), Note::Exempt("by name".into())];
    let evidence = vec![
        seen(object, Found::Value { value: url.clone(), notes }),
        seen(setting(), value(&url)),
        seen(argument("--client-secret"), value(PASSWORD)),
        seen(argument("--feature-gates Token"), value(PASSWORD)),
        seen(Source::Variable { component: "etcd".into(), process: 7, name: "ETCD_PASSWORD".into() }, value(PASSWORD)),
        seen(
            argument("--servers"),
            Found::Value { value: "x".into(), notes: vec![Note::NotAccepted(vec![url.clone()])] },
        ),
        seen(argument("--x"), Found::NotSet { default: None, given: Some(key.clone()), nor_in: Some(place.clone()) }),
        seen(argument("--x"), Found::NotInFile { place, default: None }),
        seen(Source::File { path: format!("/srv/{key}") }, Found::Missing { named_by: Some(url.clone()) }),
        seen(Source::Component { component: url.clone() }, Found::Unseen(url.clone())),
        seen(
            Source::File { path: format!("/srv/{key}.crt") },
            Found::Certificate(Box::new(Certificate { subject: key.clone(), issuer: key.clone(), ..certificate() })),
        ),
        seen(Source::Audit, Found::Output(format!("kube-apiserver --token {PASSWORD}").into())),
    ];
    let reason = Reason { cause: Cause::Audit, subject: url.clone(), detail: key.clone() };
    let paths = Listed { first: vec![url.clone()], more: 0 };
    Check {
        reason: Some(reason),
        looked_at: Some(LookedAt::Files { mode: true, owner: true, certificate: false, content: false, paths }),
        expected: Some(Expectation::Phrase(format!("'{url}' is present"))),
        evidence,
        ..check(id, true, Verdict::Fail)
    }
}

/// Calls a function on every text of a report that is more than a name, so that tests can replace it.
pub fn each_text(report: &mut Report, mut put: impl FnMut(&mut String)) {
    let run = &mut report.run;
    for text in [
        &mut run.version,
        &mut run.host.name,
        &mut run.root,
        &mut run.benchmark.name,
        &mut run.benchmark.title,
        &mut run.benchmark.digest,
        &mut run.benchmark.evidence,
        &mut run.kubernetes.evidence,
        &mut run.started,
    ] {
        put(text);
    }
    run.kubernetes.version.iter_mut().for_each(&mut put);
    run.command.choices.values_mut().flatten().for_each(&mut put);
    if let Some(Profile { name, title, evidence }) = &mut run.profile {
        [name, title, evidence].into_iter().for_each(&mut put);
    }
    if let Some(Platform { name, title, evidence }) = &mut run.platform {
        [name, title].into_iter().chain(evidence).for_each(&mut put);
    }
    run.targets.iter_mut().flat_map(|note| &mut note.evidence).for_each(&mut put);
    run.notices.iter_mut().for_each(|notice| put(&mut notice.text));
    for target in &mut report.targets {
        [&mut target.id, &mut target.title].into_iter().for_each(&mut put);
        for group in &mut target.groups {
            [&mut group.id, &mut group.title].into_iter().for_each(&mut put);
            group.checks.iter_mut().for_each(|check| each_text_of_check(check, &mut put));
        }
    }
}

fn each_text_of_check(check: &mut Check, put: &mut impl FnMut(&mut String)) {
    for text in [&mut check.id, &mut check.title, &mut check.remediation].into_iter().chain(&mut check.control) {
        put(text);
    }
    if let Some(Skip { profile, reason, source, guide_ids }) = &mut check.skip {
        profile.iter_mut().chain([reason]).chain(source).chain(guide_ids).for_each(&mut *put);
    }
    if let Some(Reason { subject, detail, .. }) = &mut check.reason {
        [subject, detail].into_iter().for_each(&mut *put);
    }
    if let Some(LookedAt::Files { paths, .. }) = &mut check.looked_at {
        paths.first.iter_mut().for_each(&mut *put);
    }
    if let Some(Expectation::Phrase(phrase)) = &mut check.expected {
        put(phrase);
    }
    for Evidence { source, found, .. } in &mut check.evidence {
        match found {
            Found::Value { value, notes } => {
                put(value);
                let items = notes.iter_mut().flat_map(|note| match note {
                    Note::NotAccepted(items) => items.as_mut_slice(),
                    _ => &mut [],
                });
                items.for_each(&mut *put);
            }
            Found::Unseen(text) => put(text),
            Found::Certificate(found) => [&mut found.subject, &mut found.issuer].into_iter().for_each(&mut *put),
            Found::Output(printed) => {
                let mut text = printed.to_string();
                put(&mut text);
                *printed = text.into();
            }
            _ => {}
        }
        match source {
            Source::Argument { component, flag: text, .. }
            | Source::Variable { component, name: text, .. }
            | Source::Default { component, setting: text, .. }
            | Source::Setting { path: component, key: text, .. } => [component, text].into_iter().for_each(&mut *put),
            Source::File { path: text } | Source::Component { component: text } => put(text),
            Source::Object { namespace, name, part, .. } => {
                [name].into_iter().chain(namespace).chain(part).for_each(&mut *put);
            }
            Source::Further { .. } | Source::Audit => {}
        }
    }
}
