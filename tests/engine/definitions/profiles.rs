//! What a profile skips and adjusts.

use definitions::benchmark::{Benchmark, Target};
use definitions::profile::{Profile, SkipReason};

use super::fixture::sound;

fn parts() -> (Profile, Benchmark) {
    let definitions = sound();
    (definitions.profiles[0].clone(), definitions.library.benchmarks["cis-1.12"].clone())
}

fn skipped(profile: &Profile, benchmark: &Benchmark) -> Vec<String> {
    let skipped = benchmark.checks().filter(|(target, check)| profile.skip_for(benchmark, *target, check).is_some());
    skipped.map(|(_, check)| check.id.to_string()).collect()
}

#[test]
fn a_control_is_skipped_under_whatever_number_it_bears() {
    let (mut profile, mut benchmark) = parts();
    profile.skip_numbers.clear();
    assert_eq!(skipped(&profile, &benchmark), ["1.1.2"]);
    benchmark.targets[0].groups[0].checks[1].id = "1.1.77".into();
    benchmark.name = "cis-9.9".into();
    assert_eq!(skipped(&profile, &benchmark), ["1.1.77"]);
    let check = &benchmark.targets[0].groups[0].checks[1];
    let reason = SkipReason {
        reason: "The platform keeps them elsewhere.".into(),
        source: "The platform's guide".into(),
        guide_ids: vec!["1.1.21".into()],
        unless_set: None,
    };
    assert_eq!(profile.skip_for(&benchmark, Target::Master, check), Some(reason));
}

#[test]
fn a_number_is_skipped_in_its_benchmark_and_target_alone() {
    let (profile, mut benchmark) = parts();
    assert_eq!(skipped(&profile, &benchmark), ["1.1.2", "1.2.9", "4.2.1"]);
    let check = benchmark.target(Target::Node).and_then(|index| index.check("4.2.1")).expect("4.2.1").clone();
    assert!(profile.skip_for(&benchmark, Target::Node, &check).is_some());
    assert!(profile.skip_for(&benchmark, Target::Policies, &check).is_none());
    benchmark.name = "cis-1.23".into();
    assert_eq!(skipped(&profile, &benchmark), ["1.1.2"]);
}

#[test]
fn a_number_that_means_something_else_is_a_mistake() {
    let (profile, mut benchmark) = parts();
    let mistaken: Vec<(&str, &str, &str)> = profile
        .mistaken(&benchmark)
        .iter()
        .map(|found| (found.skip.id.as_str(), found.skip.meant.as_str(), found.check.control.as_str()))
        .collect();
    assert_eq!(mistaken, [("1.2.9", "apiserver/client-ca", "apiserver/anonymous-auth")]);
    benchmark.targets[0].groups[1].checks[0].control = "apiserver/client-ca".into();
    assert!(profile.mistaken(&benchmark).is_empty());
    benchmark.name = "cis-1.23".into();
    benchmark.targets[0].groups[1].checks[0].control = "apiserver/key-mode".into();
    assert!(profile.mistaken(&benchmark).is_empty(), "its numbers say nothing of other benchmarks");
}

#[test]
fn parameters_are_set_otherwise() {
    let (profile, _) = parts();
    let adjustment = profile.adjusted("apiserver/request-timeout").expect("an adjustment");
    assert_eq!(adjustment.with["limit"].to_string(), "5m");
    assert_eq!(adjustment.reason, "Slow disks.");
    assert!(profile.adjusted("apiserver/key-mode").is_none());
}
