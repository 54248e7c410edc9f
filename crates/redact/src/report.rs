//! Masks the secrets of a report.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use model::{
    Check, Cluster, EksAnywhere, Evidence, Expectation, FileKey, Found, Listed, LookedAt, Note, Reason, Report, Run,
    Source,
};

use crate::secrecy::is_hidden;
use crate::{MASK, Mask, mask_output, mask_text};

/// Texts of the definitions (titles, reasons of profiles, expectations) and names that the program chooses (components,
/// flags it asks for) contain no data of the node and stay unchanged. So do remediations: their only data of the node
/// are paths, which are masked when they are filled in.
impl Mask for Report {
    fn mask(&mut self) {
        run(&mut self.run);
        let mut outputs = Outputs::default();
        for check in self.targets.iter_mut().flat_map(|target| &mut target.groups).flat_map(|group| &mut group.checks) {
            outputs.check(check);
        }
    }
}

fn run(run: &mut Run) {
    let Run {
        command, host, root, platform, kubernetes, cluster, benchmark, further, profile, targets, notices, ..
    } = run;
    if let Some(Cluster { source, version, distribution, eks_anywhere, network, policy_engines, .. }) = cluster {
        let lists = network.iter_mut().chain(policy_engines);
        [source].into_iter().chain(version).chain(distribution).chain(lists).for_each(mask);
        if let Some(EksAnywhere { title, evidence, name, version, bundles, provider, manages, .. }) = eks_anywhere {
            let known = [name, version, bundles, provider].into_iter().flatten();
            [title, evidence].into_iter().chain(known).for_each(mask);
            listed(manages);
        }
    }
    command.choices.values_mut().flatten().for_each(mask);
    [&mut host.name, root, &mut kubernetes.evidence, &mut benchmark.evidence].into_iter().for_each(mask);
    further.iter_mut().map(|benchmark| &mut benchmark.evidence).for_each(mask);
    platform.iter_mut().flat_map(|platform| &mut platform.evidence).for_each(mask);
    profile.iter_mut().map(|profile| &mut profile.evidence).for_each(mask);
    targets.iter_mut().flat_map(|target| &mut target.evidence).for_each(mask);
    notices.iter_mut().map(|notice| &mut notice.text).for_each(mask);
}

/// The outputs of audits, by address: an output that several checks share is masked once.
#[derive(Default)]
struct Outputs(BTreeMap<*const u8, (Rc<str>, Rc<str>)>);

impl Outputs {
    fn check(&mut self, check: &mut Check) {
        if let Some(Reason { subject, detail, .. }) = &mut check.reason {
            // The audits of rule files may print command lines.
            let mask = if check.defined_at.is_some() { mask_printed } else { mask };
            mask(subject);
            mask(detail);
        }
        match &mut check.looked_at {
            Some(LookedAt::Files { paths, .. }) => listed(paths),
            Some(LookedAt::Unit { units, .. }) => units.iter_mut().for_each(mask),
            Some(LookedAt::Settings { .. } | LookedAt::Objects { .. } | LookedAt::Audit { .. }) | None => {}
        }
        if let Some(Expectation::Phrase(phrase)) = &mut check.expected {
            // A phrase may quote the compared value, which the audit printed.
            mask_printed(phrase);
        }
        for Evidence { source, found, .. } in &mut check.evidence {
            let names = names(source);
            self.found(found, &names);
            where_from(source);
        }
    }

    fn found(&mut self, found: &mut Found, names: &[String]) {
        match found {
            Found::Value { value, notes } => {
                named(value, names);
                for known in notes {
                    note(known, names, value);
                }
            }
            Found::NotSet { given, nor_in, .. } => {
                given.iter_mut().for_each(mask);
                nor_in.iter_mut().map(|place| &mut place.file).for_each(mask);
            }
            Found::NotInFile { place: FileKey { file: text, .. }, .. }
            | Found::NoUnit { name: text }
            | Found::Unseen(text) => mask(text),
            Found::Owner { user, group, .. } => user.iter_mut().chain(group).for_each(mask),
            Found::Missing { named_by } => named_by.iter_mut().for_each(mask),
            Found::NoFile { looked_for, .. } => listed(looked_for),
            Found::Output(printed) => self.printed(printed),
            Found::Certificate(found) => [&mut found.subject, &mut found.issuer].into_iter().for_each(mask),
            Found::Mode(_) | Found::Empty | Found::Unlisted | Found::Present | Found::NoService { .. } => {}
        }
    }

    fn printed(&mut self, printed: &mut Rc<str>) {
        // The original is kept too, so that its address is not reused.
        let (_, masked) =
            self.0.entry(printed.as_ptr()).or_insert_with(|| (printed.clone(), mask_output(printed).into()));
        *printed = masked.clone();
    }
}

/// Returns the names that belong to the value of a source.
fn names(source: &Source) -> Vec<String> {
    match source {
        Source::Argument { flag: name, .. } | Source::Variable { name, .. } | Source::Setting { key: name, .. } => {
            // The flag, and the entry if it is a map.
            name.split(' ').map(str::to_owned).collect()
        }
        Source::File { .. }
        | Source::Default { .. }
        | Source::Component { .. }
        | Source::Object { .. }
        | Source::Further { .. }
        | Source::Audit => Vec::new(),
    }
}

fn where_from(source: &mut Source) {
    match source {
        Source::Setting { path, key, .. } => {
            mask(path);
            mask(key);
        }
        // The text may be a path that was looked for.
        Source::Argument { flag: text, .. }
        | Source::Variable { name: text, .. }
        | Source::File { path: text }
        | Source::Component { component: text } => mask(text),
        Source::Object { namespace, name, part, .. } => [name].into_iter().chain(namespace).chain(part).for_each(mask),
        Source::Default { .. } | Source::Further { .. } | Source::Audit => {}
    }
}

fn note(note: &mut Note, names: &[String], value: &str) {
    match note {
        Note::NotAccepted(items) => {
            let shown: BTreeSet<&str> = sorting::set(value.split(',').map(str::trim));
            for item in items {
                named(item, names);
                // It may be part of a value that is a secret as a whole.
                if value.contains(MASK) && !shown.contains(item.as_str()) {
                    MASK.clone_into(item);
                }
            }
        }
        Note::OnlyFor(limits) => listed(limits),
        Note::Gate { group, .. } => mask(group),
        Note::Path(steps) => steps.iter_mut().for_each(mask),
        Note::Malformed(_) | Note::Meaning(_) | Note::PassedBy(_) | Note::Exempt(_) => {}
    }
}

fn listed(list: &mut Listed) {
    list.first.iter_mut().for_each(mask);
}

/// Masks a value, which is a secret if any of its names is a secret's.
fn named(value: &mut String, names: &[String]) {
    if names.iter().any(|name| is_hidden(name, value)) {
        MASK.clone_into(value);
    } else {
        // The value may be a command line.
        mask_printed(value);
    }
}

fn mask(text: &mut String) {
    if let Cow::Owned(masked) = mask_text(text) {
        *text = masked;
    }
}

fn mask_printed(text: &mut String) {
    if let Cow::Owned(masked) = mask_output(text) {
        *text = masked;
    }
}
