//! Benchmarks the engine without a live node: the cost of a run once the node has answered.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use definitions::benchmark::Target;
use kube_assay::embedded;
use kube_assay::node::Recorded;
use kube_assay::report::{self, Format};
use kube_assay::run::{RunRequest, assay};

/// A recording of a kubeadm control plane.
const NODE: &str = include_str!("../golden/nodes/kubeadm-control-plane.yaml");

fn engine(criterion: &mut Criterion) {
    criterion.bench_function("definitions: load what is embedded", |bencher| bencher.iter(embedded::definitions));
    criterion.bench_function("recording: parse", |bencher| bencher.iter(|| Recorded::parse("node", black_box(NODE))));
    let definitions = embedded::definitions();
    let node = Recorded::parse("node", NODE).expect("the golden node is well-formed");
    let order = RunRequest { targets: Some(vec![Target::Master, Target::Node]), ..RunRequest::default() };
    let run = || assay(&node, &definitions, &order).expect("the order is sound");
    criterion.bench_function("assay: master and node of a recorded control plane", |bencher| bencher.iter(run));
    let found = redact::Masked::new(run());
    for format in Format::ALL.iter().copied() {
        criterion.bench_function(&format!("report: {format}"), |bencher| {
            bencher.iter(|| {
                let mut report = Vec::new();
                format.write(&found, &report::Options::default(), &mut report).expect("memory takes everything");
                report
            });
        });
    }
}

criterion_group!(benches, engine);
criterion_main!(benches);
