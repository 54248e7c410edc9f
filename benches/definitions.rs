//! Benchmarks definitions: parsed from YAML and checked, and loaded in their compiled form.

#![allow(clippy::disallowed_methods, reason = "a bench reads the project's own files")]

use std::fs;
use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, criterion_group, criterion_main};
use definitions::benchmark::SourceFile;
use definitions::{Definitions, load_with};
use kube_assay::embedded;

/// Returns the YAML files of one of the project's directories.
fn files(directory: &str, below: &str) -> Vec<SourceFile> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(directory).join(below);
    let mut names: Vec<String> = fs::read_dir(folder)
        .expect("it is there")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("our names are UTF-8"))
        .filter(|name| Path::new(name).extension().is_some_and(|extension| extension == "yaml"))
        .collect();
    names.sort();
    let path = |name: String| if below.is_empty() { name } else { format!("{below}/{name}") };
    names
        .into_iter()
        .map(path)
        .map(|path| {
            let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(directory).join(&path));
            SourceFile::new(directory, &path, text.expect("text"))
        })
        .collect()
}

fn definitions(criterion: &mut Criterion) {
    let benchmarks = [files("benchmarks", ""), files("benchmarks", "controls")].concat();
    let profiles = files("profiles", "");
    let none = Definitions::default();
    criterion.bench_function("definitions: all from YAML, checked", |bencher| {
        bencher.iter(|| load_with(&none, black_box(&benchmarks), black_box(&profiles)).expect("ours are sound"));
    });
    let built_in = embedded::definitions();
    let house = [SourceFile::new("house", "house.yaml", "title: House rules\nextends: cis-1.12\nwithout: [\"5.1\"]\n")];
    criterion.bench_function("definitions: an extension over what is built in", |bencher| {
        bencher.iter(|| load_with(&built_in, black_box(&house), &[]).expect("it is sound"));
    });
    criterion.bench_function("definitions: all of the compiled form", |bencher| bencher.iter(embedded::definitions));
}

criterion_group!(benches, definitions);
criterion_main!(benches);
