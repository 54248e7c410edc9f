//! Runs the programs that kube-bench queries for the platform and version, if the user allows processes.
//!
//! kube-bench runs whatever it finds under their names, in the end the first file called kubelet in the whole file
//! system, which a container may have created. Here a program is run only if only root can replace it.

use std::path::{Path, PathBuf};

use crate::cli::run::RunOptions;
use crate::collect;
use crate::detect;
use crate::embedded;
use crate::kube_bench::choice::{Family, Known, Release, Told, by_kubectl, by_kubelet, by_oc};
use crate::node::{Launcher, ShellLimits, ShellRun, is_executable, program_on_path, run_program};
use model::Notice;
use probe::{Node, Reason};

/// The paths of kubelets that distributions install outside `PATH`.
const KUBELETS: [&str; 8] = [
    "/opt/bin/kubelet",
    "/opt/kubernetes/bin/kubelet",
    "/opt/kube/bin/kubelet",
    "/usr/local/kubernetes/bin/kubelet",
    "/home/kubernetes/bin/kubelet",
    "/var/lib/rancher/rke2/bin/kubelet",
    "/var/lib/k0s/bin/kubelet",
    "/var/vcap/packages/kubernetes/bin/kubelet",
];

/// Adds the programs' answers to the evidence of the node. If the API server's version is known (`is_known`), only `oc`
/// is run, which takes precedence over it.
///
/// Failures are added to `notices`.
pub(super) fn ask(
    options: &RunOptions,
    node: &dyn Node,
    shown: Known,
    is_known: bool,
    notices: &mut Vec<Notice>,
) -> Known {
    let limits = ShellLimits { time: options.exec_limit.time(), ..ShellLimits::default() };
    let mut asked = Asked { limits, notices };
    let mut known = shown;
    let of_oc = program_on_path("oc").and_then(|oc| asked.oc(&oc));
    known.has_oc = of_oc.is_some();
    known.openshift = of_oc.or(known.openshift);
    if known.has_oc
        && let Some(told) = &known.openshift
        && Family::OpenShift.benchmark(&told.version.release).is_some()
    {
        return known;
    }
    if is_known {
        return known;
    }
    let kubectl = program_on_path("kubectl");
    known.is_of_server = kubectl.is_some();
    if let Some(kubectl) = kubectl {
        // Falls back from kubectl to the node's own evidence, and then to its kubelet.
        known.kubernetes = asked.kubectl(&kubectl).or(known.kubernetes).or_else(|| asked.kubelet(node));
    } else {
        known.kubernetes = asked.kubelet(node).or(known.kubernetes);
    }
    known
}

struct Asked<'a> {
    limits: ShellLimits,
    notices: &'a mut Vec<Notice>,
}

impl Asked<'_> {
    fn note(&mut self, text: String) {
        self.notices.push(Notice { code: "program-not-asked".into(), text });
    }

    fn run(&mut self, program: &Path, words: &[&str]) -> Option<ShellRun> {
        match run_program(&Launcher::own(), program, words, &self.limits) {
            Ok(run) => Some(run),
            Err(why) => {
                self.note(format!("{}: not asked for a version: {why}", program.display()));
                None
            }
        }
    }

    fn oc(&mut self, oc: &Path) -> Option<Told> {
        let run = self.run(oc, &["version"]).filter(|run| run.status == 0)?;
        let release = by_oc(&run.output)?;
        let version = Release { spelt: release.clone(), release };
        Some(Told { evidence: format!("{} version says {}", oc.display(), version.spelt), version })
    }

    fn kubectl(&mut self, kubectl: &Path) -> Option<Told> {
        let run = self.run(kubectl, &["version", "-o", "json"])?;
        let Some(version) = by_kubectl(&run.output) else {
            self.note(format!(
                "{}: reports no server version, so the node's own is used (set KUBECONFIG, or give --version 1.N)",
                kubectl.display()
            ));
            return None;
        };
        let evidence = format!("{} version says {} of the server", kubectl.display(), version.spelt);
        Some(Told { version, evidence })
    }

    /// Queries the kubelet in `PATH`, or else the running one, or else one that a distribution installed.
    fn kubelet(&mut self, node: &dyn Node) -> Option<Told> {
        if let Some(kubelet) = program_on_path("kubelet") {
            let run = self.run(&kubelet, &["--version"])?;
            return told_by(&kubelet, &run);
        }
        let definitions = embedded::shared();
        let inventory = collect::take_inventory(node, &definitions.library);
        let asked = detect::ask_kubelets(node, &inventory);
        let notice = |why: &Reason| Notice { code: "kubelet-not-asked".into(), text: why.to_string() };
        self.notices.extend(asked.refusals.iter().map(notice));
        if let Some(found) = asked.version {
            let version =
                by_kubelet(&found.spelt).unwrap_or(Release { release: found.version.to_string(), spelt: found.spelt });
            return Some(Told { version, evidence: found.evidence });
        }
        let installed = KUBELETS.map(PathBuf::from);
        let kubelet = installed.iter().find(|path| is_executable(path))?;
        let run = self.run(kubelet, &["--version"]).filter(|run| run.status == 0)?;
        told_by(kubelet, &run)
    }
}

fn told_by(kubelet: &Path, run: &ShellRun) -> Option<Told> {
    let version = by_kubelet(&run.output)?;
    Some(Told { evidence: format!("{} --version says {}", kubelet.display(), version.spelt), version })
}
