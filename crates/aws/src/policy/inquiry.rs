//! The evaluation of one control: the answers that it reads, and the resulting judgement.

use std::collections::BTreeSet;

use cluster::policy::{Judgement, ObjectName, Outcome, Seen};
use probe::{Cause, Reason};

use crate::arn::Arn;
use crate::call::Call;
use crate::evidence::{Answer, Evidence, Filed};
use crate::gap;
use crate::shapes::ec2::{DescribeInstances, Instance};
use crate::shapes::eks::{Cluster, DescribeCluster, DescribeNodegroup, ListNodegroups, Nodegroup};
use crate::shapes::{Paged, belong_to};

use super::Settings;

/// The age in days from which an answer is reported as old.
const OLD_DAYS: u64 = 30;

/// The evaluation of one control, with its findings so far.
pub(super) struct Inquiry<'e> {
    pub(super) evidence: &'e Evidence,
    pub(super) settings: Settings<'e>,
    offenders: Vec<Seen>,
    exempt: Vec<(Seen, String)>,
    noted: Vec<Seen>,
    gaps: Vec<Reason>,
    /// The oldest file, with its age in days.
    oldest: Option<(&'e str, u64)>,
    is_manual: bool,
}

/// An answer and its file.
pub(super) struct Got<'e, T> {
    pub(super) file: &'e str,
    pub(super) answer: &'e T,
}

impl<'e> Inquiry<'e> {
    pub(super) fn new(evidence: &'e Evidence, settings: Settings<'e>) -> Self {
        Self {
            evidence,
            settings,
            offenders: Vec::new(),
            exempt: Vec::new(),
            noted: Vec::new(),
            gaps: Vec::new(),
            oldest: None,
            is_manual: false,
        }
    }

    /// The answer of a call for a subject. A missing answer is recorded as a gap.
    pub(super) fn get<T: Answer>(&mut self, call: Call, subject: &str) -> Option<Got<'e, T>> {
        let found = self.find(call, subject);
        found.map_err(|reason| self.gap(reason)).ok()
    }

    /// Like [`Self::get`], but returns why the answer is missing.
    pub(super) fn find<T: Answer>(&mut self, call: Call, subject: &str) -> Result<Got<'e, T>, Reason> {
        let evidence = self.evidence;
        match evidence.all::<T>().get(subject) {
            Some(filed) => self.read(filed),
            None => Err(match evidence.refusal(call, subject) {
                Some(said) => gap::refused(call, subject, said),
                None => gap::missing(call, subject),
            }),
        }
    }

    fn read<T>(&mut self, filed: &'e Filed<T>) -> Result<Got<'e, T>, Reason> {
        let answer = filed.answer.as_ref().map_err(Clone::clone)?;
        if let Some(age) = filed.age
            && self.oldest.is_none_or(|(_, oldest)| age > oldest)
        {
            self.oldest = Some((&filed.file, age));
        }
        Ok(Got { file: &filed.file, answer })
    }

    /// The answer of a list call; an incomplete page is a gap.
    pub(super) fn list<T: Answer + Paged>(&mut self, call: Call, subject: &str) -> Option<Got<'e, T>> {
        let got: Got<'e, T> = self.get(call, subject)?;
        if got.answer.has_more() {
            self.gap(gap::one_page(got.file));
        }
        Some(got)
    }

    /// All readable answers of a type; unreadable ones are gaps.
    pub(super) fn every<T: Answer>(&mut self) -> Vec<(&'e str, Got<'e, T>)> {
        let evidence = self.evidence;
        let mut all = Vec::new();
        for (subject, filed) in evidence.all::<T>() {
            match self.read(filed) {
                Ok(got) => all.push((subject.as_str(), got)),
                Err(reason) => self.gap(reason),
            }
        }
        all
    }

    /// The cluster.
    pub(super) fn cluster(&mut self) -> Option<&'e Cluster> {
        self.get::<DescribeCluster>(Call::DescribeCluster, "").map(|got| &got.answer.cluster)
    }

    /// A part of the cluster's description that AWS always returns; a missing one is a gap.
    pub(super) fn part<T>(&mut self, what: &str, part: Option<T>) -> Option<T> {
        if part.is_none() {
            self.gap(gap::lacking(&Call::DescribeCluster.file(""), what));
        }
        part
    }

    /// Whether an answer that names a cluster is about this one; a mismatch is a gap.
    pub(super) fn is_of(&mut self, cluster: &Cluster, file: &str, name: &str, arn: Option<&str>) -> bool {
        let (own, other) = (Arn::of(&cluster.arn), arn.and_then(Arn::of));
        let reason = match (own, other) {
            _ if name != cluster.name => gap::of_another(file, "cluster", name, &cluster.name),
            (Some(own), Some(other)) if own.account != other.account => {
                gap::of_another(file, "account", other.account, own.account)
            }
            (Some(own), Some(other)) if own.region != other.region => {
                gap::of_another(file, "region", other.region, own.region)
            }
            _ => return true,
        };
        self.gap(reason);
        false
    }

    /// The cluster's managed node groups.
    pub(super) fn nodegroups(&mut self, cluster: &'e Cluster) -> Vec<(&'e str, &'e Nodegroup)> {
        let Some(listed) = self.list::<ListNodegroups>(Call::ListNodegroups, "") else { return Vec::new() };
        let mut groups = Vec::new();
        for name in &listed.answer.nodegroups {
            let Some(got) = self.get::<DescribeNodegroup>(Call::DescribeNodegroup, name) else { continue };
            let group = &got.answer.nodegroup;
            if &group.nodegroup_name != name {
                self.gap(gap::of_another(got.file, "node group", &group.nodegroup_name, name));
            } else if self.is_of(cluster, got.file, &group.cluster_name, Some(&group.nodegroup_arn)) {
                groups.push((name.as_str(), group));
            }
        }
        groups
    }

    /// The instances that are the cluster's nodes.
    pub(super) fn instances(&mut self, cluster: &Cluster, groups: &[(&str, &Nodegroup)]) -> Vec<&'e Instance> {
        let Some(got) = self.list::<DescribeInstances>(Call::DescribeInstances, "") else { return Vec::new() };
        let nodes: BTreeSet<&str> = self.settings.nodes.unwrap_or_default().iter().map(String::as_str).collect();
        let is_theirs = |instance: &&Instance| {
            belong_to(&instance.tags, &cluster.name) || nodes.contains(instance.instance_id.as_str())
        };
        let instances: Vec<&Instance> = present(got.answer).filter(is_theirs).collect();
        if let Some(nodes) = self.settings.nodes {
            let known: BTreeSet<&str> = instances.iter().map(|instance| instance.instance_id.as_str()).collect();
            if let Some(node) = nodes.iter().find(|node| !known.contains(node.as_str())) {
                self.gap(gap::incomplete(got.file, &format!("{node}, which is a node of the cluster")));
            }
        }
        let wants = |group: &&(&str, &Nodegroup)| {
            group.1.scaling_config.as_ref().and_then(|scaling| scaling.desired_size).unwrap_or(1) > 0
        };
        if instances.is_empty() {
            match groups.iter().find(wants) {
                Some((name, _)) => self.gap(gap::incomplete(got.file, &format!("the instances of node group {name}"))),
                None => self.note("EKS cluster", &cluster.name, "no instances"),
            }
        }
        instances
    }

    /// The gap if the evidence is about another cluster: none of the nodes is an instance tagged with its name.
    pub(super) fn of_another_cluster(&self) -> Option<Reason> {
        let nodes = self.settings.nodes.filter(|nodes| !nodes.is_empty())?;
        let name = self.evidence.cluster_name()?;
        let filed = self.evidence.all::<DescribeInstances>().get("")?;
        let tagged = present(filed.answer.as_ref().ok()?).filter(|instance| belong_to(&instance.tags, name));
        let mut known = tagged.map(|instance| instance.instance_id.as_str());
        let nodes: BTreeSet<&str> = nodes.iter().map(String::as_str).collect();
        let first = known.next()?;
        let is_shared = nodes.contains(first) || known.any(|instance| nodes.contains(instance));
        (!is_shared).then(|| {
            let detail = format!(
                "of the cluster {name}, which has none of the nodes that the API server lists (collect it from the cluster \
                 being checked)"
            );
            Reason::new(Cause::Malformed, "AWS evidence", detail)
        })
    }

    /// Adds an offender.
    pub(super) fn offend(&mut self, kind: &str, name: &str, found: impl Into<String>) {
        self.offenders.push(seen(kind, name, found.into()));
    }

    /// The number of offenders so far.
    pub(super) const fn offences(&self) -> usize {
        self.offenders.len()
    }

    /// Adds an exempt offender.
    pub(super) fn exempt(&mut self, kind: &str, name: &str, found: impl Into<String>, why: &str) {
        self.exempt.push((seen(kind, name, found.into()), why.to_owned()));
    }

    /// Adds a note.
    pub(super) fn note(&mut self, kind: &str, name: &str, found: impl Into<String>) {
        self.noted.push(seen(kind, name, found.into()));
    }

    /// Adds an item to review, which turns a pass into manual.
    pub(super) fn weigh(&mut self, kind: &str, name: &str, found: impl Into<String>) {
        self.is_manual = true;
        self.note(kind, name, found);
    }

    /// Turns a pass into manual.
    pub(super) fn leave_to_people(&mut self) {
        self.is_manual = true;
    }

    /// Runs a part that does not affect the outcome: what it misses is noted, and is not a gap.
    pub(super) fn aside(&mut self, look: impl FnOnce(&mut Self)) {
        let before = self.gaps.len();
        look(self);
        for Reason { subject, detail, .. } in self.gaps.split_off(before) {
            self.note("AWS evidence", &subject, detail);
        }
    }

    /// Adds a gap.
    pub(super) fn gap(&mut self, reason: Reason) {
        if !self.gaps.contains(&reason) {
            self.gaps.push(reason);
        }
    }

    /// The resulting judgement.
    pub(super) fn judgement(self) -> Judgement {
        let Self { mut offenders, mut exempt, mut noted, gaps, oldest, is_manual, .. } = self;
        for seen in [&mut offenders, &mut noted] {
            seen.sort();
            seen.dedup();
        }
        exempt.sort();
        exempt.dedup();
        let mut gaps = gaps.into_iter();
        let outcome = if !offenders.is_empty() {
            Outcome::Fail
        } else if let Some(reason) = gaps.next() {
            Outcome::Unknown(reason)
        } else if is_manual {
            Outcome::Manual
        } else {
            Outcome::Pass
        };
        noted.extend(gaps.map(|Reason { subject, detail, .. }| seen("AWS evidence", &subject, detail)));
        noted.extend(oldest.map(|(file, age)| seen("AWS evidence", file, aged(age))));
        Judgement { outcome, offenders, exempt, noted }
    }
}

/// The instances that still exist.
fn present(answer: &DescribeInstances) -> impl Iterator<Item = &Instance> {
    let instances = answer.reservations.iter().flat_map(|reservation| &reservation.instances);
    instances.filter(|instance| instance.is_there())
}

fn aged(days: u64) -> String {
    match days {
        0 => "less than a day old".to_owned(),
        1 => "1 day old".to_owned(),
        days if days > OLD_DAYS => format!("{days} days old, more than {OLD_DAYS}: AWS may answer differently now"),
        days => format!("{days} days old"),
    }
}

fn seen(kind: &str, name: &str, found: String) -> Seen {
    let object = ObjectName { kind: kind.to_owned(), namespace: String::new(), name: name.to_owned() };
    Seen { object, part: None, path: Vec::new(), found }
}
