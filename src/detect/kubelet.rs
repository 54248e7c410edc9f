//! The version that the kubelets report when run with `--version`, for nodes that do not show it otherwise.

use crate::collect::ask::text;
use crate::collect::inventory::Inventory;
use crate::component::Instance;
use probe::{Answer, Cause, Node, Observed, Question, Reason};

use super::detected_version::DetectedVersion;

/// The result of asking the kubelets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AskedKubelets {
    /// The version reported by the first kubelet that did so.
    pub version: Option<DetectedVersion>,
    /// Why other kubelets reported none.
    pub refusals: Vec<Reason>,
    /// Whether a kubelet was not asked only because the user has not allowed it.
    pub lacks_leave: bool,
}

/// Asks the kubelets of the inventory in turn, until one reports its version.
pub fn ask_kubelets(node: &dyn Node, inventory: &Inventory<'_>) -> AskedKubelets {
    // Of the programs that embed a kubelet, only k3s is known to print its version and do nothing else.
    let can_be_asked = |kubelet: &&Instance| {
        kubelet.embedded_in.as_deref().is_none_or(|program| program.split([' ', '-']).next() == Some("k3s"))
    };
    let mut asked = AskedKubelets::default();
    for kubelet in inventory.of("kubelet").iter().filter(can_be_asked) {
        let Some(executable) = text(node, &Question::Executable(kubelet.pid)) else { continue };
        match node.ask(&Question::ProgramVersion { pid: kubelet.pid, executable: executable.clone() }) {
            Observed::Present(Answer::Text(spelt)) => {
                asked.version = told(&executable, spelt);
                if asked.version.is_some() {
                    break;
                }
            }
            Observed::Present(_) | Observed::Absent => {}
            Observed::Unknown(why) => match why.cause {
                Cause::NotAllowed => asked.lacks_leave = true,
                Cause::NotRecorded => {}
                _ => asked.refusals.push(why),
            },
        }
    }
    asked
}

fn told(executable: &str, spelt: String) -> Option<DetectedVersion> {
    let is_version = |word: &&str| word.starts_with('v') && word.contains('.');
    let version = spelt.split_ascii_whitespace().find(is_version)?.parse().ok()?;
    Some(DetectedVersion { version, evidence: format!("{executable} --version says {spelt}"), spelt })
}
