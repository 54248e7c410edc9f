//! Platforms that have their own benchmarks in kube-bench's directory: how a version identifies them, and which
//! benchmark applies to which release.

use std::sync::LazyLock;

use regex::bytes::Regex;

use crate::kube_bench::comparison::expression;

/// A platform with its own benchmarks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// Alibaba Cloud Container Service for Kubernetes.
    Ack,
    /// Azure Kubernetes Service.
    Aks,
    /// Amazon Elastic Kubernetes Service.
    Eks,
    /// Google Kubernetes Engine.
    Gke,
    /// K3s.
    K3s,
    /// OpenShift, selected by its own versions instead of the Kubernetes versions.
    OpenShift,
    /// Rancher Kubernetes Engine.
    Rke,
    /// Rancher Kubernetes Engine 2.
    Rke2,
    /// Tanzu Kubernetes Grid Integrated Edition.
    Tkgi,
}

/// Minor releases and the benchmark for them.
struct Releases {
    minors: std::ops::RangeInclusive<u16>,
    benchmark: &'static str,
}

const fn releases(from: u16, to: u16, benchmark: &'static str) -> Releases {
    Releases { minors: from..=to, benchmark }
}

/// The Kubernetes 1.x releases whose benchmark differs from the platform's default.
const EKS: [Releases; 3] =
    [releases(15, 19, "eks-1.0.1"), releases(29, 31, "eks-1.7.0"), releases(32, 34, "eks-1.8.0")];
const GKE: [Releases; 4] = [
    releases(15, 19, "gke-1.0"),
    releases(20, 27, "gke-1.2.0"),
    releases(28, 29, "gke-1.6.0"),
    releases(30, 30, "gke-1.8.0"),
];
const AKS: [Releases; 2] = [releases(19, 24, "aks-1.0"), releases(29, 31, "aks-1.7")];
const K3S: [Releases; 4] = [
    releases(22, 23, "k3s-cis-1.23"),
    releases(24, 24, "k3s-cis-1.24"),
    releases(25, 25, "k3s-cis-1.7"),
    releases(26, 26, "k3s-cis-1.8"),
];
const RKE: [Releases; 2] = [releases(23, 23, "rke-cis-1.23"), releases(24, 24, "rke-cis-1.24")];
const RKE2: [Releases; 3] =
    [releases(23, 23, "rke2-cis-1.23"), releases(24, 24, "rke2-cis-1.24"), releases(25, 25, "rke2-cis-1.7")];

impl Family {
    /// The display name.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Ack => "Alibaba Cloud ACK",
            Self::Aks => "AKS",
            Self::Eks => "EKS",
            Self::Gke => "GKE",
            Self::K3s => "K3s",
            Self::OpenShift => "OpenShift",
            Self::Rke => "RKE",
            Self::Rke2 => "RKE2",
            Self::Tkgi => "TKGI",
        }
    }

    /// The platform identified by the suffix of a server's version, as kube-bench parses it. The suffix loses its last
    /// character, so that `v1.30.1+rke2r1` is RKE2 and `v1.30.1+rke2r12` is not recognised.
    pub fn of_version(version: &str) -> Option<Self> {
        static SUFFIX: LazyLock<Option<Regex>> =
            LazyLock::new(|| expression(r"v(\d+\.\d+)\.\d+[-+](\w+)(?:[.\-+]*)\w+").ok());
        let captures = SUFFIX.as_ref()?.captures(version.as_bytes())?;
        Some(match captures.get(2)?.as_bytes() {
            b"aks" => Self::Aks,
            b"aliyun" => Self::Ack,
            b"eks" => Self::Eks,
            b"gke" => Self::Gke,
            b"k3s" => Self::K3s,
            b"rancher" => Self::Rke,
            b"rke2r" => Self::Rke2,
            b"vmware" => Self::Tkgi,
            _ => return None,
        })
    }

    /// The benchmark for a release: `1.31` of Kubernetes, or `4.12` of OpenShift. `None` for OpenShift releases without
    /// one.
    pub fn benchmark(self, release: &str) -> Option<&'static str> {
        let (major, minor) = release.split_once('.')?;
        let minor: u16 = minor.parse().ok()?;
        let among = |table: &[Releases], others| {
            let listed = table.iter().find(|releases| major == "1" && releases.minors.contains(&minor));
            Some(listed.map_or(others, |releases| releases.benchmark))
        };
        match self {
            Self::Ack => Some("ack-1.0"),
            Self::Aks => among(&AKS, "aks-1.8"),
            Self::Eks => among(&EKS, "eks-1.5.0"),
            Self::Gke => among(&GKE, "gke-1.9.0"),
            Self::K3s => among(&K3S, "k3s-cis-1.9"),
            Self::OpenShift => match (major, minor) {
                ("3", 10..) => Some("rh-0.7"),
                ("4", 1..=10) => Some("rh-1.0"),
                ("4", 11..=12) => Some("rh-1.4"),
                ("4", 13..) => Some("rh-1.8"),
                _ => None,
            },
            Self::Rke => among(&RKE, "rke-cis-1.7"),
            Self::Rke2 => among(&RKE2, "rke2-cis-1.8"),
            Self::Tkgi => Some("tkgi-1.2.53"),
        }
    }

    /// Whether a release is newer than all that kube-bench maps explicitly, and would get a benchmark for old releases.
    pub(super) fn outgrew(self, release: &str) -> bool {
        let minor: Option<u16> = release.strip_prefix("1.").and_then(|minor| minor.parse().ok());
        self == Self::Eks && minor.is_some_and(|minor| EKS.iter().all(|releases| minor > *releases.minors.end()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suffixes_name_platforms_as_kube_bench_reads_them() {
        for (version, family) in [
            ("v1.31.2-eks-7f9249a", Some(Family::Eks)),
            ("v1.32.4-eks-1-32-14", Some(Family::Eks)),
            ("v1.31.2-eks.1", Some(Family::Eks)),
            ("v1.29.1-gke.1589018", Some(Family::Gke)),
            ("v1.27.7+k3s2", Some(Family::K3s)),
            ("v1.27.7+k3s12", None),
            ("v1.27.7-k3s1", Some(Family::K3s)),
            ("v1.30.5+rke2r1", Some(Family::Rke2)),
            ("v1.30.5+rke2r12", None),
            ("v1.24.9-rancher1", Some(Family::Rke)),
            ("v1.24.9-rancher1-1", None),
            ("v1.26.3-aliyun.1", Some(Family::Ack)),
            ("v1.26.5+vmware.1", Some(Family::Tkgi)),
            ("v1.27.6+aks1", Some(Family::Aks)),
            ("v1.27.6+f67aeb3", None),
            ("v1.32.4", None),
            ("1.31.2-eks-7f9249a", None),
            ("v1.31-eks-1", None),
            ("v1.31.2-eks", None),
            ("v1.32.3-minimal-eksbuild.2", None),
            ("", None),
        ] {
            assert_eq!(Family::of_version(version), family, "{version}");
        }
    }

    #[test]
    fn each_release_has_its_benchmark() {
        for (family, releases, benchmark) in [
            (Family::Eks, &["1.15", "1.19"][..], "eks-1.0.1"),
            (Family::Eks, &["1.14", "1.20", "1.28", "1.35", "2.16"], "eks-1.5.0"),
            (Family::Eks, &["1.29", "1.31"], "eks-1.7.0"),
            (Family::Eks, &["1.32", "1.34"], "eks-1.8.0"),
            (Family::Gke, &["1.15", "1.19"], "gke-1.0"),
            (Family::Gke, &["1.20", "1.27"], "gke-1.2.0"),
            (Family::Gke, &["1.28", "1.29"], "gke-1.6.0"),
            (Family::Gke, &["1.30"], "gke-1.8.0"),
            (Family::Gke, &["1.14", "1.31", "1.40"], "gke-1.9.0"),
            (Family::Aks, &["1.19", "1.24"], "aks-1.0"),
            (Family::Aks, &["1.29", "1.31"], "aks-1.7"),
            (Family::Aks, &["1.18", "1.25", "1.28", "1.32"], "aks-1.8"),
            (Family::K3s, &["1.22", "1.23"], "k3s-cis-1.23"),
            (Family::K3s, &["1.24"], "k3s-cis-1.24"),
            (Family::K3s, &["1.25"], "k3s-cis-1.7"),
            (Family::K3s, &["1.26"], "k3s-cis-1.8"),
            (Family::K3s, &["1.21", "1.27", "1.34"], "k3s-cis-1.9"),
            (Family::Rke, &["1.23"], "rke-cis-1.23"),
            (Family::Rke, &["1.24"], "rke-cis-1.24"),
            (Family::Rke, &["1.22", "1.25"], "rke-cis-1.7"),
            (Family::Rke2, &["1.23"], "rke2-cis-1.23"),
            (Family::Rke2, &["1.24"], "rke2-cis-1.24"),
            (Family::Rke2, &["1.25"], "rke2-cis-1.7"),
            (Family::Rke2, &["1.22", "1.26", "1.34"], "rke2-cis-1.8"),
            (Family::Ack, &["1.1", "1.34"], "ack-1.0"),
            (Family::Tkgi, &["1.1", "1.34"], "tkgi-1.2.53"),
            (Family::OpenShift, &["3.10", "3.11"], "rh-0.7"),
            (Family::OpenShift, &["4.1", "4.10"], "rh-1.0"),
            (Family::OpenShift, &["4.11", "4.12"], "rh-1.4"),
            (Family::OpenShift, &["4.13", "4.20"], "rh-1.8"),
        ] {
            for release in releases {
                assert_eq!(family.benchmark(release), Some(benchmark), "{family:?} {release}");
            }
        }
        for release in ["3.9", "4.0", "5.0", "5.14", "2.9", "4", "invalid", ""] {
            assert_eq!(Family::OpenShift.benchmark(release), None, "{release}");
        }
        let outgrown = ["1.34", "1.35", "1.40", "2.1", "1.20"].map(|release| Family::Eks.outgrew(release));
        assert_eq!(outgrown, [false, true, true, false, false]);
        assert!(!Family::Gke.outgrew("1.60"));
    }
}
