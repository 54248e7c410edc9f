//! A whole run.

use definitions::benchmark::{Assessment, Target};

use super::{Evidence, State, Summary, Verdict};

/// What came of one run over one node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assay {
    /// The program's version.
    pub tool_version: String,
    /// The node's name.
    pub node: String,
    /// Where the node's file system was seen from: a directory, or the recording.
    pub root: String,
    /// How the node was put together; none where nothing of Kubernetes or etcd is on it.
    pub platform: Option<PlatformNote>,
    /// The benchmark: `cis-1.12`.
    pub benchmark: String,
    /// Its title.
    pub benchmark_title: String,
    /// Its digest.
    pub benchmark_digest: String,
    /// Why this one.
    pub benchmark_evidence: String,
    /// The node's Kubernetes version, as detected; none where the user chose the benchmark or none was found.
    pub detected_version: Option<String>,
    /// What told the version, or that the user gave it.
    pub version_evidence: String,
    /// The profile, where one is on.
    pub profile: Option<ProfileNote>,
    /// Why each target is run, in the order of [`Self::targets`].
    pub target_evidence: Vec<TargetNote>,
    /// When the run began (RFC 3339, UTC).
    pub started: String,
    /// What the user should know about the run as a whole.
    pub notices: Vec<Notice>,
    /// In the order in which they were run.
    pub targets: Vec<TargetFindings>,
}

/// The profile of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileNote {
    /// Its name: `eks-anywhere`.
    pub name: String,
    /// Its title.
    pub title: String,
    /// Why it is on.
    pub evidence: String,
}

/// The platform of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlatformNote {
    /// Its name: `eks-anywhere`.
    pub name: String,
    /// Its name for people.
    pub title: String,
    /// What speaks for it, in sentences.
    pub evidence: Vec<String>,
}

/// Why a target is run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetNote {
    /// Which.
    pub target: Target,
    /// What speaks for it, in sentences.
    pub evidence: Vec<String>,
}

/// Something to know about the run as a whole: a guess, a doubt, a process that was passed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// A stable name for machines: `version-unknown`.
    pub code: &'static str,
    /// The text: subject first.
    pub text: String,
}

/// One target's findings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetFindings {
    /// Which.
    pub target: Target,
    /// The number of its section.
    pub id: String,
    /// The section's name.
    pub title: String,
    /// In the order of the benchmark.
    pub groups: Vec<FindingGroup>,
}

/// A group's findings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FindingGroup {
    /// Its number.
    pub id: String,
    /// Its name.
    pub title: String,
    /// In the order of the benchmark.
    pub findings: Vec<Finding>,
}

/// The answer to one check, with everything that a reader wants beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The number in this benchmark.
    pub id: String,
    /// The control's key.
    pub control: String,
    /// What should be so; without CIS's `(Automated)`.
    pub title: String,
    /// What CIS prints beside the title.
    pub assessment: Assessment,
    /// Whether a failure is FAIL.
    pub scored: bool,
    /// The answer.
    pub verdict: Verdict,
    /// What was looked at, in one line; empty where nothing was.
    pub looked_at: String,
    /// What was expected, in kube-bench's phrases where they fit; empty for a manual check.
    pub expected: String,
    /// What was found, in one line or several; empty where nothing was.
    pub found: String,
    /// What the verdict rests on, offenders first.
    pub evidence: Vec<Evidence>,
    /// How to mend it, with this node's paths.
    pub remediation: String,
}

impl Finding {
    /// kube-bench's state for it.
    pub const fn state(&self) -> State {
        self.verdict.state(self.scored)
    }

    /// The title as CIS prints it: `… (Automated)`.
    pub fn full_title(&self) -> String {
        format!("{} ({})", self.title, self.assessment.name())
    }

    /// Why the verdict is what it is, in one line; empty for a pass.
    ///
    /// A manual check has the exact sentence that DefectDojo's parser looks for.
    pub fn reason(&self) -> String {
        match &self.verdict {
            Verdict::Pass => String::new(),
            Verdict::Manual => "Test marked as a manual test".to_owned(),
            Verdict::Skipped(skip) => skip.reason.clone(),
            Verdict::NotApplicable(reason) => reason.clone(),
            Verdict::Unknown(why) => why.to_string(),
            Verdict::Fail => {
                self.evidence.iter().find(|evidence| evidence.offends).map(ToString::to_string).unwrap_or_default()
            }
        }
    }
}

impl FindingGroup {
    /// The counts of this group.
    pub fn summary(&self) -> Summary {
        self.findings.iter().map(Finding::state).collect()
    }
}

impl TargetFindings {
    /// The counts of this target.
    pub fn summary(&self) -> Summary {
        self.findings().map(Finding::state).collect()
    }

    /// All findings, in order.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.groups.iter().flat_map(|group| &group.findings)
    }
}

impl Assay {
    /// The counts of the whole run.
    pub fn summary(&self) -> Summary {
        let mut summary = Summary::default();
        for target in &self.targets {
            summary += target.summary();
        }
        summary
    }
}
