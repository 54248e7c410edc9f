//! Files that a user adds to the existing definitions.

use definitions::benchmark::{Diagnostics, SourceFile};
use definitions::{Definitions, load_with};

use super::fixture::sound;

fn with(path: &str, text: &str) -> Result<Definitions, Diagnostics> {
    load_with(&sound(), &[SourceFile::new("mine", path, text)], &[])
}

fn assert_misfit(found: &Diagnostics, said: &str) {
    assert_eq!(found.to_string(), said);
    assert!(found.iter().all(|mistake| mistake.code == "misfit"), "{found:?}");
}

const KUBELET: &str = "anonymous-auth:
  title: Ours
  level: 1
  severity: low
  rationale: R
  audit: { settings: kubelet }
  expect: { flag: --anonymous-auth, is: false, unset: fail }
  remediation: R
";

#[test]
fn nothing_added_changes_nothing() {
    assert_eq!(load_with(&sound(), &[], &[]).expect("nothing is wrong with it"), sound());
}

#[test]
fn a_control_is_replaced_and_the_others_of_its_file_stay() {
    let text = KUBELET.replace("anonymous-auth:\n", "another:\n") + KUBELET;
    let definitions = with("controls/kubelet.yaml", &text).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    assert_eq!(definitions.library.controls["kubelet/anonymous-auth"].title, "Ours");
    assert!(definitions.library.controls.contains_key("kubelet/another"));
    let apiserver = definitions.library.controls.keys().filter(|key| key.starts_with("apiserver/")).count();
    assert_eq!(apiserver, 6);
    assert_ne!(definitions.library.benchmarks["cis-1.12"].digest, sound().library.benchmarks["cis-1.12"].digest);
}

#[test]
fn a_benchmark_of_our_own_uses_the_controls_that_there_are() {
    let text = "title: House rules
targets:
  node:
    id: H
    title: Nodes
    groups:
      H-a:
        title: All
        checks:
          H-2: { control: kubelet/anonymous-auth, scored: true, assessment: automated }
          H-1: { control: apiserver/manifest-mode, with: { at_most: \"644\" }, scored: true, assessment: manual }
";
    let definitions = with("house.yaml", text).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    assert_eq!(definitions.library.benchmarks.len(), 2);
    assert_eq!(definitions.library.checks_of("kubelet/anonymous-auth").len(), 2);
}

#[test]
fn a_control_that_no_longer_takes_what_it_is_given_is_refused() {
    let text = "manifest-mode:
  title: Ours
  level: 1
  severity: low
  rationale: R
  audit: { files: apiserver.manifest }
  expect: { mode: \"600\", missing: fail }
  remediation: R
";
    let said = "mine/controls/apiserver.yaml:1:1: cis-1.12 master 1.1.1 no longer fits: unknown parameter \"at_most\"
manifest-mode:
^^^^^^^^^^^^^
hint: \"apiserver/manifest-mode\" takes no parameters";
    assert_misfit(&with("controls/apiserver.yaml", text).expect_err("a benchmark gives at_most"), said);
}

#[test]
fn a_component_that_lacks_what_is_looked_at_is_refused() {
    let text = "kubelet:
  name: kubelet
  executables: [kubelet]
  grammar: kubernetes
  places: { service: { candidates: [/etc/kubelet] } }
";
    let said = "mine/components.yaml:1:1: control \"kubelet/anonymous-auth\" no longer fits: \
                unknown place \"kubelet.config\"
kubelet:
^^^^^^^
hint: one of: kubelet.service";
    assert_misfit(&with("components.yaml", text).expect_err("a control speaks of kubelet.config"), said);
}

#[test]
fn an_owner_that_becomes_a_part_is_refused() {
    let text = "apiserver:
  name: kube-apiserver
  part_of: kubelet
  places: { manifest: { static_pod: true } }
";
    let said = with("components.yaml", text).expect_err("pki is part of it").to_string();
    assert!(said.contains("mine/components.yaml:3:12: \"apiserver\" has no process of its own"), "{said}");
}

#[test]
fn a_profile_that_no_longer_fits_is_refused() {
    let text = "title: Ours
targets:
  master:
    id: \"1\"
    title: T
    groups:
      \"1.2\":
        title: G
        checks:
          \"1.2.9\": { control: apiserver/anonymous-auth, scored: false, assessment: manual }
";
    let said = "mine/cis-1.12.yaml:1:1: profile \"platform\" no longer fits: cis-1.12 has no target \"node\"
title: Ours
^
hint: one of: master";
    assert_misfit(&with("cis-1.12.yaml", text).expect_err("the profile skips 4.2.1"), said);
}

#[test]
fn a_profile_whose_component_lost_its_file_is_refused() {
    let profile = "title: Ours
skip:
  - control: kubelet/anonymous-auth
    unless_set: { component: kubelet, key: authentication.anonymous.enabled }
    reason: R
    source: S
";
    let profile = SourceFile::new("mine", "ours.yaml", profile);
    let definitions = load_with(&sound(), &[], &[profile]).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    let components = "kubelet:
  name: kubelet
  executables: [kubelet]
  grammar: kubernetes
  unit: kubelet.service
  places: { config: { candidates: [/etc/kubelet] } }
";
    let control = "anonymous-auth:
  title: T
  level: 1
  severity: low
  rationale: R
  audit: { settings: kubelet }
  expect: { flag: --anonymous-auth, is: \"false\", unset: fail }
  remediation: R
";
    let files = [
        SourceFile::new("mine", "components.yaml", components),
        SourceFile::new("mine", "controls/kubelet.yaml", control),
    ];
    let said = "mine/components.yaml:1:1: profile \"ours\" no longer fits: \"kubelet\" has no configuration file
kubelet:
^
hint: leave out the key, or give the component a \"config\"";
    assert_misfit(&load_with(&definitions, &files, &[]).expect_err("a profile speaks of a key"), said);
}

#[test]
fn a_profile_is_replaced_by_name() {
    let file = SourceFile::new("mine", "platform.yaml", "title: Ours\n");
    let definitions = load_with(&sound(), &[], &[file]).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    assert_eq!(definitions.profiles.len(), 1);
    assert_eq!(definitions.profile("platform").map(|profile| profile.title.as_str()), Some("Ours"));
    assert!(definitions.profile("another").is_none());
}
