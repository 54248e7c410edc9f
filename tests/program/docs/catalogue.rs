//! Guarantees of the built-in catalogue beyond the format, which loading checks.

use std::collections::{BTreeMap, BTreeSet};

use definitions::SharedText;
use definitions::benchmark::{Audit, Expectation, Library, Platform};
use kube_assay::embedded;
use kube_assay::explanation::Explanation;

fn explained(library: &Library) -> impl Iterator<Item = Explanation> {
    library.controls.values().map(|control| Explanation::of(library, control, None))
}

#[test]
fn a_number_is_given_once_in_a_target() {
    for benchmark in embedded::definitions().library.benchmarks.values() {
        for index in &benchmark.targets {
            let mut seen = BTreeSet::new();
            for check in index.checks() {
                assert!(seen.insert(&check.id), "{} {}: {} is there twice", benchmark.name, index.target, check.id);
            }
        }
    }
}

#[test]
fn every_control_is_used_by_a_benchmark() {
    let library = embedded::definitions().library;
    let used: BTreeSet<&str> = library
        .benchmarks
        .values()
        .flat_map(|benchmark| benchmark.checks().map(|(_, check)| check.control.as_str()))
        .collect();
    let known: BTreeSet<&str> = library.controls.keys().map(SharedText::as_str).collect();
    assert_eq!(known.difference(&used).collect::<Vec<_>>(), Vec::<&&str>::new(), "controls without a number");
}

#[test]
fn every_control_says_why_how_to_fix_it_and_where_to_read_on() {
    let library = embedded::definitions().library;
    for told in explained(&library) {
        for (what, text) in [("rationale", &told.rationale), ("remediation", &told.remediation)] {
            assert!(text.split_whitespace().count() >= 3, "{}: {what} {text:?} tells nothing", told.key);
        }
        assert!(!told.references.is_empty(), "{}: no page to read", told.key);
        let is_judged = library.control(&told.key).is_some_and(|control| control.expect.is_some());
        assert_eq!(is_judged, told.review.is_none(), "{}: judged, or for a person", told.key);
        assert!(!is_judged || told.looked_at.is_some(), "{}: judged by nothing", told.key);
    }
}

#[test]
fn every_control_that_is_judged_has_a_page_of_the_project_that_it_speaks_of() {
    // etcd, systemd and the software of EKS Anywhere have their own documentation.
    const AUTHORITIES: [&str; 5] =
        ["kubernetes.io/", "etcd.io/", "www.freedesktop.org/", "anywhere.eks.amazonaws.com/", "kube-vip.io/"];
    for told in explained(&embedded::definitions().library).filter(|told| told.looked_at.is_some()) {
        let known = told.references.iter().any(|page| AUTHORITIES.iter().any(|authority| page.contains(authority)));
        assert!(known, "{}: {:?}", told.key, told.references);
    }
}

/// Unset is the most common state of a setting, so the evidence and `explain` must say what it means.
#[test]
fn every_flag_that_is_judged_has_its_default() {
    fn flags(expectation: &Expectation) -> Vec<&str> {
        match expectation {
            Expectation::All(parts) | Expectation::Any(parts) => parts.iter().flat_map(flags).collect(),
            Expectation::Setting(condition) => condition.setting.flag.as_deref().into_iter().collect(),
            Expectation::File(_) => Vec::new(),
        }
    }
    let library = embedded::definitions().library;
    let mut lacking = BTreeMap::new();
    for control in library.controls.values() {
        let told = control.expect.as_ref().or(control.shows.as_deref());
        let (Audit::Settings { component }, Some(expectation)) = (&control.audit, told) else { continue };
        let component = library.with_process(component).expect("the loader knows it");
        for flag in flags(expectation) {
            if !component.defaults.contains_key(flag) {
                lacking.insert(control.key.as_str(), flag);
            }
        }
    }
    assert_eq!(lacking, BTreeMap::new());
}

#[test]
fn a_remediation_of_a_platform_stands_alone_and_differs() {
    for control in embedded::definitions().library.controls.values() {
        let remediation = &control.remediation;
        for (platforms, text) in &remediation.differing {
            assert_ne!(**text, remediation.default, "{}: {platforms:?}", control.key);
            for platform in platforms {
                assert_eq!(remediation.on(Some(*platform)), text.as_str());
            }
        }
        assert_eq!(remediation.on(None), remediation.default);
        assert_eq!(remediation.on(Some(Platform::StandaloneKubelet)), remediation.default, "{}", control.key);
    }
}
