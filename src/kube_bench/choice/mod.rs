//! Selects the benchmark of a directory for a node if none is named: by platform, else by Kubernetes version.
//!
//! kube-bench queries `oc`, the API server (directly or through `kubectl`) and the kubelet, in that order, and uses the
//! first result. Only the first two identify a platform: `oc` by its presence, the server by the suffix of its version.
//! The caller passes their results, or what was detected on the node instead; this module only selects.

mod family;
mod said;

use super::directory::Directory;
use super::run::Which;

pub use family::Family;
pub use said::{Release, by_kubectl, by_kubelet, by_oc};

/// A version and its source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The version.
    pub version: Release,
    /// The source, for example `kubectl says v1.31.2-eks-7f9249a of the server`.
    pub evidence: String,
}

/// The known facts about a node's platform and version.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// The OpenShift version, if this is OpenShift.
    pub openshift: Option<Told>,
    /// Whether `oc` is available.
    pub has_oc: bool,
    /// The Kubernetes version.
    pub kubernetes: Option<Told>,
    /// Whether that is the API server's version, whose suffix names the platform: from the server, or from `kubectl`.
    pub is_of_server: bool,
    /// The platform detected from the node's layout, and the evidence.
    pub layout: Option<(Family, String)>,
    /// Whether the control plane is self-managed, so that a version with an EKS suffix means EKS Anywhere.
    pub is_self_managed: bool,
}

/// The benchmark selected for a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The benchmark or version.
    pub which: Which,
    /// What reports show as detected: the Kubernetes version, or the benchmark's name if selected by platform.
    pub detected: String,
    /// Human-readable notes on why it was selected, and on alternatives.
    pub notes: Vec<String>,
}

/// Returns the benchmark for a node; `None` if the known facts do not determine one.
pub fn choose(known: &Known, directory: &Directory) -> Option<Choice> {
    by_platform(known, directory).or_else(|| by_version(known)).map(|mut choice| {
        choice.notes.extend(not_taken(known, directory, &choice));
        choice
    })
}

fn by_platform(known: &Known, directory: &Directory) -> Option<Choice> {
    if known.has_oc
        && let Some(told) = &known.openshift
        && let Some(choice) = of_family(Family::OpenShift, told, directory)
    {
        return Some(choice);
    }
    let layout = known.layout.as_ref();
    let Some(told) = &known.kubernetes else {
        let (family, evidence) = layout?;
        let benchmark = newest(*family, directory)?;
        let note = format!(
            "benchmark {benchmark}: newest for {}, since the Kubernetes version is unknown ({evidence}; choose another with \
             --benchmark)",
            family.title()
        );
        return Some(of_platform(benchmark, note));
    };
    let of_server = Family::of_version(&told.version.spelt).filter(|_| known.is_of_server);
    // kube-bench treats an EKS kubelet as part of a self-managed cluster, although EKS nodes have no other program to
    // query.
    let of_eks = layout.filter(|(family, _)| *family == Family::Eks).map(|(family, _)| *family);
    let family = of_server.or(of_eks).filter(|family| *family != Family::Eks || !known.is_self_managed)?;
    of_family(family, told, directory)
}

fn of_family(family: Family, told: &Told, directory: &Directory) -> Option<Choice> {
    let benchmark = for_release(family, &told.version.release, directory)?;
    Some(of_platform(
        benchmark,
        format!("benchmark {benchmark}: {} {} ({})", family.title(), told.version.release, told.evidence),
    ))
}

fn of_platform(benchmark: &str, note: String) -> Choice {
    Choice { which: Which::Benchmark(benchmark.to_owned()), detected: benchmark.to_owned(), notes: vec![note] }
}

/// The benchmark for a platform's release, if the directory has it.
fn for_release<'d>(family: Family, release: &str, directory: &'d Directory) -> Option<&'d str> {
    if family.outgrew(release) {
        return newest(family, directory);
    }
    directory.benchmark(family.benchmark(release)?)
}

/// The newest benchmark for a Kubernetes platform, if the directory has one.
fn newest(family: Family, directory: &Directory) -> Option<&str> {
    if family == Family::Eks {
        return directory.newest("eks-");
    }
    // For all others, the benchmark for new releases is the newest.
    directory.benchmark(family.benchmark(&format!("1.{}", u16::MAX))?)
}

fn by_version(known: &Known) -> Option<Choice> {
    let told = known.kubernetes.as_ref()?;
    let release = &told.version.release;
    Some(Choice {
        which: Which::Version(release.clone()),
        detected: release.clone(),
        notes: vec![format!("Kubernetes {release}: {}", told.evidence)],
    })
}

/// Returns a note if the platform has its own benchmark but was not recognised by kube-bench's method.
fn not_taken(known: &Known, directory: &Directory, choice: &Choice) -> Option<String> {
    let Which::Version(_) = &choice.which else { return None };
    let told = known.kubernetes.as_ref()?;
    let (family, told) = match &known.openshift {
        Some(of_platform) => (Family::OpenShift, of_platform),
        None => {
            let of_layout = known.layout.as_ref().map(|(family, _)| *family);
            (Family::of_version(&told.version.spelt).or(of_layout)?, told)
        }
    };
    if family == Family::Eks && known.is_self_managed {
        return None;
    }
    let benchmark = for_release(family, &told.version.release, directory)?;
    let title = family.title();
    Some(format!(
        "benchmark: chosen by the Kubernetes version, as kube-bench does here (for {title}, give --benchmark {benchmark})"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directory() -> Directory {
        let names = [
            "cis-1.11",
            "eks-1.7.0",
            "eks-1.8.0",
            "eks-1.10.0",
            "k3s-cis-1.9",
            "k3s-cis-1.24",
            "rke2-cis-1.8",
            "rh-1.4",
            "gke-1.9.0",
        ];
        Directory::new("cfg", names.map(|name| (format!("{name}/node.yaml"), String::new())))
    }

    fn told(spelt: &str) -> Told {
        let release = spelt.trim_start_matches('v').split('.').take(2).collect::<Vec<_>>().join(".");
        Told { version: Release { release, spelt: spelt.to_owned() }, evidence: "said so".to_owned() }
    }

    fn chosen(known: &Known) -> (String, String) {
        let Some(choice) = choose(known, &directory()) else { return ("none".to_owned(), String::new()) };
        let which = match choice.which {
            Which::Benchmark(name) => {
                assert_eq!(name, choice.detected);
                name
            }
            Which::Version(version) => {
                assert_eq!(version, choice.detected);
                format!("for {version}")
            }
        };
        (which, choice.notes.get(1).cloned().unwrap_or_default())
    }

    #[test]
    fn the_servers_version_tells_the_platform_and_the_kubelets_does_not() {
        let eks = Some((Family::Eks, "labels".to_owned()));
        let k3s = Some((Family::K3s, "k3s agent runs".to_owned()));
        let known = |kubernetes, is_of_server, layout| Known { kubernetes, is_of_server, layout, ..Known::default() };
        for (known, which) in [
            (known(Some(told("v1.30.5+rke2r1")), true, None), "rke2-cis-1.8"),
            (known(Some(told("v1.30.5+rke2r1")), false, None), "for 1.30"),
            (known(Some(told("v1.30.5+rke2r12")), true, None), "for 1.30"),
            (known(Some(told("v1.27.7+k3s2")), true, k3s.clone()), "k3s-cis-1.9"),
            (known(Some(told("v1.27.7+k3s2")), false, k3s.clone()), "for 1.27"),
            (known(None, false, k3s.clone()), "k3s-cis-1.9"),
            (known(None, true, k3s), "k3s-cis-1.9"),
            (known(Some(told("v1.31.2-eks-7f9249a")), true, None), "eks-1.7.0"),
            (known(Some(told("v1.31.2-eks-7f9249a")), false, None), "for 1.31"),
            (known(Some(told("v1.31.2-eks-7f9249a")), false, eks.clone()), "eks-1.7.0"),
            (known(Some(told("1.31")), false, eks.clone()), "eks-1.7.0"),
            (known(Some(told("v1.35.0-eks-7f9249a")), true, eks.clone()), "eks-1.10.0"),
            // The directory has none of that name.
            (known(Some(told("v1.28.0-eks-7f9249a")), true, eks.clone()), "for 1.28"),
            (known(Some(told("v1.25.0+rke2r1")), true, None), "for 1.25"),
            (known(None, false, eks), "eks-1.10.0"),
            (known(Some(told("v1.32.4")), true, None), "for 1.32"),
            (known(None, true, None), "none"),
        ] {
            assert_eq!(chosen(&known).0, which, "{known:?}");
        }
        let anywhere = Known {
            kubernetes: Some(told("v1.32.4-eks-1-32-14")),
            is_of_server: true,
            is_self_managed: true,
            ..Known::default()
        };
        assert_eq!(chosen(&anywhere), ("for 1.32".to_owned(), String::new()));
    }

    #[test]
    fn openshift_is_what_oc_says() {
        let known = |openshift, has_oc| Known { openshift, has_oc, kubernetes: Some(told("1.25")), ..Known::default() };
        for (known, which) in [
            (known(Some(told("4.12")), true), "rh-1.4"),
            (known(Some(told("4.12")), false), "for 1.25"),
            (known(Some(told("5.0")), true), "for 1.25"),
            // The directory has no rh-1.8.
            (known(Some(told("4.14")), true), "for 1.25"),
            (known(None, true), "for 1.25"),
        ] {
            assert_eq!(chosen(&known).0, which, "{known:?}");
        }
    }

    #[test]
    fn a_platforms_own_benchmark_is_named_where_it_is_not_taken() {
        let without = Known { kubernetes: Some(told("v1.30.5+rke2r1")), ..Known::default() };
        assert_eq!(
            chosen(&without).1,
            "benchmark: chosen by the Kubernetes version, as kube-bench does here (for RKE2, give --benchmark rke2-cis-1.8)"
        );
        let openshift = Known { openshift: Some(told("4.12")), ..without.clone() };
        assert!(chosen(&openshift).1.ends_with("(for OpenShift, give --benchmark rh-1.4)"));
        let with = Known { is_of_server: true, ..without };
        assert_eq!(chosen(&with).1, "");
        assert_eq!(chosen(&Known { kubernetes: Some(told("v1.30.5")), ..Known::default() }).1, "");
    }
}
