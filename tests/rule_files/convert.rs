//! Benchmarks of rule files, written as ours.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use kube_assay::assay::{BenchmarkChoice, Order, ProfileChoice, assay};
use kube_assay::benchmark::SourceFile;
use kube_assay::definitions::{Definitions, embedded, load_with};
use kube_assay::finding::Verdict;
use kube_assay::kube_bench::Directory;
use kube_assay::kube_bench::convert::{Converted, Outcome, convert};

use crate::files::{directory, material, node};

#[test]
fn table() {
    let Some(material) = material() else { return };
    let rules = directory("cfg", &material.join("reference/kube-bench/cfg"));
    let definitions = embedded();
    let mut text = String::new();
    for benchmark in rules.benchmarks() {
        match convert(&rules, benchmark, &definitions.library) {
            Err(remark) => { let _ = writeln!(text, "{benchmark}: ERROR {remark}"); }
            Ok(c) => {
                let own = c.checks.iter().filter(|k| matches!(&k.outcome, Outcome::Mapped{control} if c.files.iter().any(|(p,_)| p.strip_prefix("controls/").and_then(|p| p.strip_suffix(".yaml")).is_some_and(|s| control.starts_with(&format!("{s}/")))))).count();
                let _ = writeln!(text, "{benchmark}: mapped {} (own {own}) left {} all {}", c.mapped(), c.left().count(), c.checks.len());
                for k in c.left() { let _ = writeln!(text, "   LEFT {} {} {:?}", k.target, k.id, k.outcome); }
                for k in &c.checks { if let Outcome::Mapped{control} = &k.outcome { let _ = writeln!(text, "   MAP {} {} {control}", k.target, k.id); } }
                for r in &c.remarks { let _ = writeln!(text, "   REMARK {r}"); }
                for (p,t) in &c.files { let f = PathBuf::from("/tmp/conv").join(benchmark).join(p); fs::create_dir_all(f.parent().unwrap()).unwrap(); fs::write(f, t).unwrap(); }
            }
        }
    }
    fs::write("/tmp/conv.txt", text).unwrap();
}
