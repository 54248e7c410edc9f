//! `docs/controls/` is generated from the catalogue; the test fails if a page is out of date.
//!
//! `KUBE_ASSAY_BLESS=1 cargo test --test program docs::` rewrites the pages.

#![allow(clippy::disallowed_methods, reason = "tests read and write the project's own files")]

mod catalogue;
#[path = "../../engine/golden/changes.rs"]
mod changes;
#[path = "../../engine/golden/files.rs"]
mod files;
mod markdown;
mod pages;
mod picture;

use std::collections::BTreeMap;

use kube_assay::embedded;
use kube_assay::explanation::Explanation;

const DIRECTORY: &str = "docs/controls";

/// Returns the pages by path: one for each file in `benchmarks/controls/`, and the index.
fn pages() -> BTreeMap<String, String> {
    let library = embedded::definitions().library;
    let mut by_file: BTreeMap<&str, Vec<Explanation>> = BTreeMap::new();
    for control in library.controls.values() {
        let (file, _) = control.key.split_once('/').expect("a key is FILE/NAME");
        by_file.entry(file).or_default().push(Explanation::of(&library, control, None));
    }
    let mut pages: BTreeMap<String, String> = by_file
        .iter()
        .map(|(file, controls)| {
            let component = library.component(file).map(|component| component.name.as_str());
            (format!("{DIRECTORY}/{file}.md"), markdown::page(file, component, controls))
        })
        .collect();
    pages.insert(format!("{DIRECTORY}/README.md"), markdown::index(&by_file));
    pages
}

#[test]
fn the_pages_of_the_controls_are_as_the_catalogue_has_it() {
    let pages = pages();
    let stale: Vec<String> = files::list(DIRECTORY).into_iter().filter(|path| !pages.contains_key(path)).collect();
    if files::bless() {
        for path in &stale {
            files::remove(path);
        }
        for (path, page) in &pages {
            files::write(path, page);
        }
        return;
    }
    let drifted: Vec<String> = pages
        .iter()
        .filter_map(|(path, page)| {
            let was = files::read_if_there(path).unwrap_or_default();
            Some(format!("{path}:\n{}", changes::changes(&was, page)?))
        })
        .chain(stale.iter().map(|path| format!("{path}: no control belongs there\n")))
        .collect();
    assert!(
        drifted.is_empty(),
        "{}write them anew: KUBE_ASSAY_BLESS=1 cargo test --test program docs::",
        drifted.join("")
    );
}

#[test]
fn the_pages_are_the_same_each_time() {
    assert_eq!(pages(), pages());
}

#[test]
fn every_link_to_a_control_leads_to_its_head() {
    let pages = pages();
    let index = &pages[&format!("{DIRECTORY}/README.md")];
    let links: Vec<(&str, &str)> =
        index.split("](").skip(1).filter_map(|rest| rest.split(')').next()?.split_once('#')).collect();
    assert_eq!(links.len(), embedded::definitions().library.controls.len());
    for (page, anchor) in links {
        let heads = pages[&format!("{DIRECTORY}/{page}")].lines().filter_map(|line| line.strip_prefix("## "));
        assert_eq!(heads.filter(|head| markdown::anchor(head) == anchor).count(), 1, "{page}#{anchor}");
    }
}
