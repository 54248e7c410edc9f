//! Whether a node has the signs of a known layout.
//!
//! Processes decide, and only trusted ones. Files owned by root only add to their evidence, since they may be left over
//! from something else.

use crate::component::{Instance, hierarchies, own};
use definitions::benchmark::Platform;
use probe::{Answer, Node, Observed, Question};
use sorting::Sorting;

use super::super::ask::{is_roots, text};
use super::super::embedder::Embedder;
use super::super::inventory::Inventory;
use super::builds;
use super::sign::{Layout, Of, Sign, Text};
use super::signs::Signs;
use super::table::LAYOUTS;

/// Whether a distribution set up this node, by its name in definitions, as far as is known so far.
pub(in crate::collect) fn is_here(node: &dyn Node, inventory: &Inventory<'_>, distribution: &str) -> bool {
    let layout = LAYOUTS.iter().find(|layout| layout.platform.name() == distribution);
    layout.is_some_and(|layout| Signs::of(node, inventory).evidence(layout).is_some())
}

/// A sign that was found, as a sentence.
struct Seen {
    said: String,
    is_sure: bool,
}

/// The components, in the order of how much they show about the layout.
const COMPONENTS: [&str; 6] = ["kubelet", "apiserver", "controller-manager", "scheduler", "etcd", "proxy"];

impl Signs<'_> {
    /// Returns the evidence for a layout, the surest first; `None` if it is not sufficient.
    pub(crate) fn evidence(&self, layout: &Layout) -> Option<Vec<String>> {
        let is_elsewhere = layout.platform.is_managed() && self.control_plane().is_some();
        // EKS Anywhere also has nodes in containers that kind creates, and is the more specific platform.
        let is_of_eks_anywhere = || builds::signs(self.inventory).first().is_some_and(|sign| sign.is_distro);
        if is_elsewhere || (layout.platform == Platform::Kind && is_of_eks_anywhere()) {
            return None;
        }
        let (of_processes, of_files): (Vec<&Sign>, Vec<&Sign>) =
            layout.signs.iter().partition(|sign| sign.of.is_process());
        let mut seen: Vec<Seen> = of_processes.into_iter().filter_map(|sign| self.seen(layout, sign)).collect();
        if seen.is_empty() {
            return None;
        }
        seen.extend(of_files.into_iter().filter_map(|sign| self.seen(layout, sign)));
        let is_enough = seen.iter().any(|seen| seen.is_sure) || seen.len() > 1;
        seen.order_by_key(|seen| !seen.is_sure);
        is_enough.then(|| seen.into_iter().map(|seen| seen.said).collect())
    }

    fn seen(&self, layout: &Layout, sign: &Sign) -> Option<Seen> {
        let title = layout.platform.title();
        let said = match sign.of {
            Of::Embedder => self.embedder(&sign.is)?,
            Of::Service => {
                let (instance, service) = self.instances().find_map(|instance| {
                    let service = instance.service.as_present().filter(|service| sign.is.fits(service))?;
                    Some((instance, service))
                })?;
                format!("{} runs in {service}, as on {title}", called(instance))
            }
            Of::Program => {
                let (instance, program) = self.instances().find_map(|instance| {
                    let program = self.program(instance.pid).filter(|program| sign.is.fits(program))?;
                    Some((instance, program))
                })?;
                format!("{} runs {program}, as on {title}", called(instance))
            }
            Of::Cgroup => {
                let (instance, cgroup) = self.instances().find_map(|instance| {
                    let lines = text(self.node, &Question::Cgroup(instance.pid))?;
                    let (_, cgroup) = hierarchies(&lines).find(|(_, path)| sign.is.fits(path))?;
                    Some((instance, cgroup.to_owned()))
                })?;
                format!("{} runs in the cgroup {cgroup}, as on {title}", called(instance))
            }
            Of::Flag { component, flags } => {
                let given = |instance: &'_ Instance, flag: &&'static str| {
                    instance.arguments.last(flag).filter(|value| sign.is.fits(value)).map(str::to_owned)
                };
                let (instance, flag, value) = self.inventory.own(component).find_map(|instance| {
                    flags.iter().find_map(|flag| Some((instance, flag, given(instance, flag)?)))
                })?;
                format!("{flag} of {} is {value}, as on {title}", called(instance))
            }
            Of::Label => {
                let (instance, label) = self.kubelets().find_map(|kubelet| {
                    let mut labels = kubelet.arguments.values(own::NODE_LABELS).flat_map(|labels| labels.split(','));
                    Some((kubelet, labels.find(|label| sign.is.fits(label))?))
                })?;
                let key = label.split('=').next().unwrap_or_default();
                format!("{} sets the node label {key}, one of {title}'s", called(instance))
            }
            Of::System => {
                self.os.as_ref().filter(|os| sign.is.fits(&os.id))?;
                self.os_sentence()?
            }
            Of::OpenShiftVersion => {
                let os = self.os.as_ref().filter(|os| sign.is.fits(&os.openshift))?;
                format!("OPENSHIFT_VERSION={} in {}", os.openshift, os.path)
            }
            Of::File => {
                let Text::AnyOf(paths) = sign.is else { return None };
                let path = paths.iter().find(|path| is_roots(self.node, path))?;
                format!("{path} exists, where {title} puts it")
            }
        };
        Some(Seen { said, is_sure: sign.is_sure })
    }

    /// A program that embeds components, by the first word of its name.
    fn embedder(&self, is: &Text) -> Option<String> {
        let named = |embedder: &&Embedder| is.fits(embedder.name.split(' ').next().unwrap_or_default());
        let embedder = self.inventory.embedders.values().flatten().find(named)?;
        let program = self.program(embedder.pid).map(|program| format!(", {program}")).unwrap_or_default();
        let service = embedder.service.as_present().map(|name| format!(", in {name}")).unwrap_or_default();
        Some(format!("{} runs (process {}{program}{service})", embedder.name, embedder.pid))
    }

    fn instances(&self) -> impl Iterator<Item = &Instance> {
        COMPONENTS.iter().flat_map(|component| self.inventory.own(component))
    }

    /// The path of a trusted process's program, taken from its first argument if the executable cannot be read.
    fn program(&self, pid: i32) -> Option<String> {
        text(self.node, &Question::Executable(pid)).or_else(|| match self.node.ask(&Question::Arguments(pid)) {
            Observed::Present(Answer::Arguments(arguments)) => {
                let first = String::from_utf8_lossy(arguments.first()?).into_owned();
                first.starts_with('/').then_some(first)
            }
            _ => None,
        })
    }
}

fn called(instance: &Instance) -> String {
    format!("{} (process {})", instance.name, instance.pid)
}
