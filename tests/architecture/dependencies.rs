//! A build without the feature `cluster` contains no network code: the node's image does not grow, and no one has to
//! trust code that is not used.

use std::collections::BTreeSet;
use std::env;
use std::process::Command;

/// Crates that any network connection would be built from, directly or indirectly.
const NETWORK: [&str; 12] = [
    "domain",
    "h2",
    "hyper",
    "hyper-rustls",
    "hyper-util",
    "kube-assay-kubernetes",
    "kube-client",
    "ring",
    "rustls",
    "tokio",
    "tokio-rustls",
    "tower",
];

/// Returns the crates that the program consists of with these features.
fn crates(features: &[&str]) -> BTreeSet<String> {
    let cargo = env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let output = Command::new(cargo)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["tree", "--offline", "--package", "kube-assay", "--edges", "normal,build", "--prefix", "none"])
        .args(features)
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8(output.stdout).expect("names are text");
    lines.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

#[test]
fn a_build_without_the_cluster_has_no_network() {
    let node = crates(&["--no-default-features"]);
    assert!(node.contains("kube-assay-probe") && node.len() > 50, "cargo lists {} crates", node.len());
    let found: Vec<&str> = NETWORK.into_iter().filter(|name| node.contains(*name)).collect();
    assert!(found.is_empty(), "without the feature `cluster`, the program has {}", found.join(", "));
}

#[test]
fn the_cluster_is_asked_over_rustls_and_ring_alone() {
    let whole = crates(&[]);
    let missing: Vec<&str> = NETWORK.into_iter().filter(|name| *name != "h2" && !whole.contains(*name)).collect();
    assert!(missing.is_empty(), "the test above looks for crates that are not there: {}", missing.join(", "));
    for other in ["openssl", "openssl-sys", "native-tls", "aws-lc-rs", "aws-lc-sys", "reqwest"] {
        assert!(!whole.contains(other), "the program has {other}");
    }
}
