//! A run without the secrets that a node may hold.

use std::borrow::Cow;

use super::secret::mask_text;
use super::{Assay, Evidence, Finding, Notice, Source, Verdict};
use probe::Why;

impl Assay {
    /// The same run with what looks like a secret masked in every text that a node may have a part in.
    ///
    /// Evaluation masks the arguments that it knows for secrets; this finds those that hide in other values, in paths
    /// and in messages. What was expected may name a value of the node too. Texts of the definitions (titles, reasons of
    /// profiles, remediations, whose only parts of the node are paths, masked as they come in) stay as they are written.
    #[must_use]
    pub fn masked(&self) -> Self {
        let mut assay = self.clone();
        for text in [&mut assay.node, &mut assay.root, &mut assay.version_evidence, &mut assay.benchmark_evidence] {
            mask(text);
        }
        assay.platform.iter_mut().flat_map(|platform| &mut platform.evidence).for_each(mask);
        assay.target_evidence.iter_mut().flat_map(|target| &mut target.evidence).for_each(mask);
        assay.profile.iter_mut().for_each(|profile| mask(&mut profile.evidence));
        for Notice { text, .. } in &mut assay.notices {
            mask(text);
        }
        for target in &mut assay.targets {
            for group in &mut target.groups {
                group.findings.iter_mut().for_each(mask_finding);
            }
        }
        assay
    }
}

fn mask_finding(finding: &mut Finding) {
    match &mut finding.verdict {
        Verdict::NotApplicable(reason) => mask(reason),
        Verdict::Unknown(Why { subject, detail, .. }) => {
            mask(subject);
            mask(detail);
        }
        Verdict::Pass | Verdict::Fail | Verdict::Manual | Verdict::Skipped(_) => {}
    }
    mask(&mut finding.looked_at);
    mask(&mut finding.expected);
    mask(&mut finding.found);
    for Evidence { source, found, expected, .. } in &mut finding.evidence {
        mask_source(source);
        mask(found);
        mask(expected);
    }
}

fn mask_source(source: &mut Source) {
    match source {
        Source::Argument { component, flag: text, .. }
        | Source::Variable { component, name: text, .. }
        | Source::Default { component, setting: text, .. } => {
            mask(component);
            mask(text);
        }
        Source::Setting { path, key, .. } => {
            mask(path);
            mask(key);
        }
        Source::File { path: text } | Source::Component { component: text } => mask(text),
    }
}

fn mask(text: &mut String) {
    if let Cow::Owned(masked) = mask_text(text) {
        *text = masked;
    }
}
