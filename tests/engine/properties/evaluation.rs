//! Properties of verdicts.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use definitions::Definitions;
use definitions::SharedText;
use definitions::benchmark::Audit;
use kube_assay::embedded;
use kube_assay::node::{Recorded, Remembered};
use kube_assay::run::{BenchmarkChoice, RunRequest, assay, recorded};
use model::{Report, Verdict};
use probe::Node;
use proptest::prelude::*;

use super::chaos;
use crate::mutations::machine::Machine;

static DEFINITIONS: LazyLock<Definitions> = LazyLock::new(embedded::definitions);
static HARDENED: LazyLock<Machine> = LazyLock::new(|| Machine::read("hardened-control-plane"));
static MODED: LazyLock<Vec<String>> = LazyLock::new(moded);
static WORDS: LazyLock<Vec<String>> = LazyLock::new(server_words);
static BARE: LazyLock<Machine> = LazyLock::new(bare);
static TOLD: LazyLock<BTreeMap<(String, String), Verdict>> =
    LazyLock::new(|| verdicts(&whole(&HARDENED.node(), "cis-1.12")));

/// The program whose arguments are shuffled.
const SERVER: &str = "kube-apiserver";

/// Runs all targets of a benchmark, whatever runs on the node.
fn whole(node: &dyn Node, benchmark: &str) -> Report {
    let index = DEFINITIONS.library.benchmark(benchmark).expect("the benchmark is built in");
    let order = RunRequest {
        benchmark: BenchmarkChoice::Named(benchmark.to_owned()),
        targets: Some(index.targets.iter().map(|target| target.target).collect()),
        ..RunRequest::default()
    };
    assay(node, &DEFINITIONS, &order).expect("the order can be carried out")
}

/// Returns the verdict of each check.
fn verdicts(report: &Report) -> BTreeMap<(String, String), Verdict> {
    let checks = report.targets.iter().flat_map(|target| target.checks().map(|check| (target.name.clone(), check)));
    checks.map(|(target, check)| ((target, check.id.clone()), check.verdict)).collect()
}

/// Returns all flags that controls and components refer to.
fn flags() -> Vec<String> {
    let mut flags = vec!["--config".to_owned(), "--".to_owned(), "-v".to_owned(), "--unheard-of".to_owned()];
    for component in DEFINITIONS.library.components.values() {
        let known = &component.flags;
        flags.extend(component.defaults.keys().map(SharedText::to_string));
        flags.extend(component.config.iter().map(|config| config.flag.to_string()));
        flags.extend(
            known.boolean.iter().chain(&known.list).chain(&known.map).chain(&known.duration).map(SharedText::to_string),
        );
        let places = component.places.values().flat_map(|place| &place.follow);
        flags.extend(places.filter_map(|follow| follow.flag.as_ref().map(SharedText::to_string)));
    }
    flags
}

/// Generates modes, many of which satisfy the benchmarks: with random ones only, hardly any check would pass.
fn mode() -> impl Strategy<Value = u32> {
    prop_oneof![3 => prop::sample::select(vec![0, 0o400, 0o600, 0o640, 0o644, 0o700]), 1 => 0_u32..0o10000]
}

fn few(cases: u32) -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(cases);
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

/// Returns the command line of the hardened node's API server: distinct flags, each with its value.
fn server_words() -> Vec<String> {
    let text = serde_yaml::to_value(&*HARDENED).expect("YAML");
    let processes = text["processes"].as_sequence().expect("processes").iter();
    let mut servers = processes.filter(|process| process["argv"][0] == SERVER);
    let words = servers.next().expect("a server")["argv"].as_sequence().expect("words").iter().skip(1);
    words.map(|word| word.as_str().expect("text").to_owned()).collect()
}

/// Returns the hardened node with these arguments of its API server.
fn server_with(words: &[String]) -> Machine {
    BARE.clone().with_words(SERVER, &words.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Returns the hardened node whose API server has no arguments.
fn bare() -> Machine {
    WORDS
        .iter()
        .fold(HARDENED.clone(), |machine, word| machine.without_flag(SERVER, word.split('=').next().expect("a flag")))
}

/// Returns the paths of the hardened node whose modes are checked.
fn moded() -> Vec<String> {
    let below = |directory: &str| HARDENED.below(directory, "", true);
    ["/etc/kubernetes", "/etc/cni/net.d", "/var/lib/etcd", "/var/lib/kubelet", "/usr/lib/systemd/system"]
        .into_iter()
        .flat_map(below)
        .collect()
}

proptest! {
    #![proptest_config(few(48))]

    #[test]
    fn every_check_has_a_finding_whatever_the_node_answers(
        node in chaos::node(flags()),
        benchmark in prop::sample::select(DEFINITIONS.library.benchmarks.keys().cloned().collect::<Vec<_>>()),
    ) {
        let found = whole(&node, &benchmark);
        let index = DEFINITIONS.library.benchmark(&benchmark).expect("the benchmark is built in");
        let asked: Vec<_> = index.checks().map(|(target, check)| (target.to_string(), check.id.to_string())).collect();
        let answered: Vec<_> = found
            .targets
            .iter()
            .flat_map(|target| target.checks().map(|check| (target.name.clone(), check.id.clone())))
            .collect();
        prop_assert_eq!(asked, answered);
        // Detection does not fail either.
        let detected = assay(&node, &DEFINITIONS, &RunRequest::default());
        prop_assert!(detected.is_ok(), "{:?}", detected.err());
    }

    #[test]
    fn a_failure_shows_a_violation(node in chaos::node(flags())) {
        for finding in whole(&node, "cis-1.12").checks() {
            let violates = finding.evidence.iter().any(|evidence| evidence.violates);
            match finding.verdict {
                Verdict::Fail => prop_assert!(violates, "{}: {:?}", finding.id, finding.evidence),
                Verdict::Pass => prop_assert!(!violates, "{}: {:?}", finding.id, finding.evidence),
                _ => {}
            }
        }
    }

}

proptest! {
    #![proptest_config(few(16))]

    #[test]
    fn taking_a_permission_away_never_turns_pass_to_fail(
        modes in prop::collection::vec(mode(), MODED.len()),
        taken in prop::collection::vec(0_u32..0o10000, MODED.len()),
    ) {
        let with = |mode: &dyn Fn(usize) -> u32| {
            let places = MODED.iter().enumerate();
            places.fold(HARDENED.clone(), |machine, (index, path)| machine.with_mode(path, mode(index)))
        };
        let wide = verdicts(&whole(&with(&|index| modes[index]).node(), "cis-1.12"));
        let narrow = verdicts(&whole(&with(&|index| modes[index] & !taken[index]).node(), "cis-1.12"));
        for (check, verdict) in wide {
            if verdict == Verdict::Pass {
                prop_assert_eq!(&narrow[&check], &Verdict::Pass, "{:?}", check);
            }
        }
    }

    #[test]
    fn the_order_of_distinct_flags_means_nothing(words in Just(WORDS.clone()).prop_shuffle()) {
        prop_assert_eq!(&*TOLD, &verdicts(&whole(&server_with(&words).node(), "cis-1.12")));
    }

    #[test]
    fn the_order_of_items_means_nothing(
        modes in Just(vec!["Node", "RBAC", "Webhook", "ABAC"]).prop_shuffle(),
        plugins in Just(vec!["NodeRestriction", "AlwaysAdmit", "EventRateLimit", "PodSecurity"]).prop_shuffle(),
        disabled in Just(vec!["ServiceAccount", "DefaultStorageClass"]).prop_shuffle(),
        suites in Just(vec!["TLS_AES_128_GCM_SHA256", "TLS_RSA_WITH_RC4_128_SHA", "TLS_CHACHA20_POLY1305_SHA256"])
            .prop_shuffle(),
        repeated in any::<bool>(),
    ) {
        let lists = [
            ("--authorization-mode", modes),
            ("--enable-admission-plugins", plugins),
            ("--disable-admission-plugins", disabled),
            ("--tls-cipher-suites", suites),
        ];
        let judged = |sorted: bool| {
            let machine = lists.iter().fold(HARDENED.clone(), |machine, (flag, items)| {
                let mut items = items.clone();
                if sorted {
                    items.sort_unstable();
                }
                let words: Vec<String> = if repeated && !sorted {
                    items.iter().map(|item| format!("{flag}={item}")).collect()
                } else {
                    vec![format!("{flag}={}", items.join(","))]
                };
                let words: Vec<&str> = words.iter().map(String::as_str).collect();
                machine.without_flag(SERVER, flag).with_words(SERVER, &words)
            });
            verdicts(&whole(&machine.node(), "cis-1.12"))
        };
        prop_assert_eq!(judged(true), judged(false));
    }

    #[test]
    fn a_recording_is_judged_as_its_node_was(
        modes in prop::collection::vec(mode(), MODED.len()),
        owners in prop::collection::vec((0_u32..3, 0_u32..3), MODED.len()),
        dropped in prop::sample::subsequence(WORDS.clone(), 0..10),
        benchmark in prop::sample::select(vec!["cis-1.12", "cis-1.23", "eks-1.8.0"]),
    ) {
        let words: Vec<String> = WORDS.iter().filter(|word| !dropped.contains(word)).cloned().collect();
        let places = MODED.iter().zip(modes.iter().zip(&owners));
        let machine = places.fold(server_with(&words), |machine, (path, (mode, (uid, gid)))| {
            machine.with_mode(path, *mode).with_owner(path, *uid, *gid)
        });
        let node = Remembered::noting(machine.node());
        let first = whole(&node, benchmark);
        let recording = recorded(&node, &DEFINITIONS.library, false);
        let yaml = recording.to_yaml().expect("YAML");
        let replayed = Recorded::parse("recording", &yaml).expect("a recording can be read");
        prop_assert_eq!(first, whole(&replayed, benchmark));
    }

    #[test]
    fn a_recording_of_anything_is_judged_as_its_node_was(node in chaos::node(flags())) {
        let node = Remembered::noting(node);
        let first = verdicts(&whole(&node, "cis-1.12"));
        let recording = recorded(&node, &DEFINITIONS.library, false);
        let replayed = Recorded::new(recording).expect("a recording can be read");
        let again = verdicts(&whole(&replayed, "cis-1.12"));
        let name = |verdicts: BTreeMap<_, Verdict>| -> BTreeMap<(String, String), &'static str> {
            verdicts.into_iter().map(|(check, verdict)| (check, verdict.name())).collect()
        };
        prop_assert_eq!(name(first), name(again));
    }
}

/// Runs one check of the hardened node whose API server has these arguments, on the node and on its
/// recording, and compares the findings.
fn recorded_alike(words: &[String], check: &str) {
    let node = Remembered::noting(server_with(words).only(&[SERVER]).node());
    let order = RunRequest {
        benchmark: BenchmarkChoice::Named("cis-1.12".to_owned()),
        checks: [check.to_owned()].into(),
        ..RunRequest::default()
    };
    let judged = |node: &dyn Node| {
        let report = assay(node, &DEFINITIONS, &order).expect("the order can be carried out");
        report.targets.iter().flat_map(model::Target::checks).next().expect("one check").clone()
    };
    let first = judged(&node);
    let recording = recorded(&node, &DEFINITIONS.library, false);
    let replayed = Recorded::new(recording).expect("a recording can be read");
    assert_eq!(first, judged(&replayed), "{words:?}");
}

/// Some flags consume the next word whatever it is, others do not, and a recording cannot know which.
#[test]
fn a_flag_behind_another_one_is_recorded_whichever_takes_the_value() {
    let mut flags = flags();
    flags.sort();
    flags.dedup();
    assert!(flags.len() > 100, "few flags are tried");
    for flag in flags {
        for value in ["5", "words of no number"] {
            recorded_alike(&[flag.clone(), "--audit-log-maxbackup".to_owned(), value.to_owned()], "1.2.18");
        }
        recorded_alike(&["--client-ca-file".to_owned(), format!("{flag}=5")], "1.2.25");
    }
    for (flag, secret) in [
        ("--token=", "Sq7vTq2LwPz9"),
        ("--oidc-client-secret=", "Sq7vTq2LwPz9"),
        ("--x=", "postgres://u:Sq7vTq2LwPz9@h"),
    ] {
        let words = ["--client-ca-file".to_owned(), format!("{flag}{secret}")];
        let node = Remembered::noting(server_with(&words).only(&[SERVER]).node());
        whole(&node, "cis-1.12");
        let text = recorded(&node, &DEFINITIONS.library, false).to_yaml().expect("YAML");
        assert!(!text.contains("Sq7vTq2LwPz9"), "{words:?}: {text}");
    }
}

#[test]
fn the_shuffled_words_are_those_of_distinct_flags() {
    let words = &*WORDS;
    let flags: std::collections::BTreeSet<_> = words.iter().filter_map(|word| word.split('=').next()).collect();
    assert_eq!(flags.len(), words.len());
    assert!(flags.len() > 20, "{flags:?}");
    let files = DEFINITIONS.library.controls.values().filter(|control| matches!(control.audit, Audit::Files { .. }));
    assert!(moded().len() > files.count() / 2, "few modes are tried");
}
