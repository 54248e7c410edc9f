//! The collected answers, each parsed once.

use std::collections::BTreeMap;

use probe::{Cause, Reason};
use serde::de::DeserializeOwned;

use crate::call::Call;
use crate::gap;
use crate::shapes::ec2::{
    DescribeDhcpOptions, DescribeInstances, DescribeLaunchTemplateVersions, DescribeNetworkInterfaces,
    DescribeSecurityGroups, DescribeSubnets, DescribeVpcAttribute, DescribeVpcs, GetEbsEncryptionByDefault,
};
use crate::shapes::ecr::{DescribeRepositories, GetRegistryScanningConfiguration};
use crate::shapes::eks::{
    DescribeAccessEntry, DescribeAddon, DescribeCluster, DescribeNodegroup, ListAccessEntries,
    ListAssociatedAccessPolicies, ListIdentityProviderConfigs, ListNodegroups, ListPodIdentityAssociations,
};
use crate::shapes::iam::{
    GetInstanceProfile, GetPolicyVersion, GetRole, GetRolePolicy, ListAttachedRolePolicies, ListRolePolicies, ListRoles,
};
use crate::shapes::kms::DescribeKey;

/// The most bytes read of a file.
pub const MOST_BYTES: u64 = 64 << 20;

/// The most files read.
pub const MOST_FILES: usize = 10_000;

/// The most remarks kept.
const MOST_REMARKS: usize = 20;

/// The most characters shown of an AWS error.
const MOST_OF_ERROR: usize = 300;

/// An answer and the file that it came from.
#[derive(Debug)]
pub(crate) struct Filed<T> {
    /// The file.
    pub(crate) file: String,
    /// How many days ago the file was written, if known.
    pub(crate) age: Option<u64>,
    /// Its contents.
    pub(crate) answer: Result<T, Reason>,
}

/// The answers of one call, by subject.
pub(crate) type Table<T> = BTreeMap<String, Filed<T>>;

/// A type of answer.
pub(crate) trait Answer: DeserializeOwned {
    /// The table with the answers of this type.
    fn table(evidence: &Evidence) -> &Table<Self>;
}

macro_rules! evidence {
    ($($field:ident: $answer:ident,)*) => {
        /// What AWS reports about a cluster.
        #[derive(Debug, Default)]
        pub struct Evidence {
            files: usize,
            answers: usize,
            refused: BTreeMap<(Call, String), String>,
            remarks: Vec<String>,
            $($field: Table<$answer>,)*
        }

        $(impl Answer for $answer {
            fn table(evidence: &Evidence) -> &Table<Self> {
                &evidence.$field
            }
        })*

        impl Evidence {
            fn put(&mut self, call: Call, subject: &str, name: &str, content: Result<&[u8], Reason>, age: Option<u64>) {
                match call {
                    $(Call::$answer => {
                        let answer = content.and_then(|bytes| parse(name, call, bytes));
                        self.$field.insert(subject.to_owned(), Filed { file: name.to_owned(), age, answer });
                    })*
                }
            }
        }
    };
}

evidence! {
    cluster: DescribeCluster,
    nodegroups: ListNodegroups,
    nodegroup: DescribeNodegroup,
    launch_templates: DescribeLaunchTemplateVersions,
    access_entries: ListAccessEntries,
    access_entry: DescribeAccessEntry,
    access_policies: ListAssociatedAccessPolicies,
    identity_providers: ListIdentityProviderConfigs,
    pod_identities: ListPodIdentityAssociations,
    addon: DescribeAddon,
    key: DescribeKey,
    instances: DescribeInstances,
    subnets: DescribeSubnets,
    security_groups: DescribeSecurityGroups,
    network_interfaces: DescribeNetworkInterfaces,
    vpc_attribute: DescribeVpcAttribute,
    vpcs: DescribeVpcs,
    dhcp_options: DescribeDhcpOptions,
    ebs_encryption: GetEbsEncryptionByDefault,
    repositories: DescribeRepositories,
    registry_scanning: GetRegistryScanningConfiguration,
    instance_profile: GetInstanceProfile,
    attached_policies: ListAttachedRolePolicies,
    role_policies: ListRolePolicies,
    role_policy: GetRolePolicy,
    policy_version: GetPolicyVersion,
    roles: ListRoles,
    role: GetRole,
}

impl Evidence {
    /// Adds a file of the evidence directory: its name, its bytes or the read error, and how many days ago it was
    /// written, if known. The name identifies the call; the contents must match it.
    pub fn take(&mut self, name: &str, content: Result<&[u8], &str>, age: Option<u64>) {
        self.files += 1;
        if self.files > MOST_FILES {
            if self.files == MOST_FILES + 1 {
                self.remark(format!("more than {MOST_FILES} files: the rest is not read"));
            }
            return;
        }
        if let Some((call, subject)) = name.strip_suffix(".error").and_then(Call::of_file) {
            let said = content.map_or_else(str::to_owned, in_one_line);
            if !said.is_empty() {
                self.refused.insert((call, subject.to_owned()), said);
            }
            return;
        }
        let Some((call, subject)) = name.strip_suffix(".json").and_then(Call::of_file) else {
            self.remark(format!("{}: not the file name of a known call", in_one_line(name.as_bytes())));
            return;
        };
        let content = match content {
            Ok(bytes) if u64::try_from(bytes.len()).is_ok_and(|length| length > MOST_BYTES) => {
                let most = format!("exceeds {} MiB, the limit", MOST_BYTES >> 20);
                Err(Reason::new(Cause::TooLarge, name, most))
            }
            Ok(bytes) => Ok(bytes),
            Err(why) => Err(Reason::new(Cause::System, name, why)),
        };
        self.answers += 1;
        self.put(call, subject, name, content, age);
    }

    /// Whether there are no AWS answers.
    pub fn is_empty(&self) -> bool {
        self.answers == 0 && self.refused.is_empty()
    }

    /// Remarks on the files for the user; they do not affect outcomes.
    pub fn remarks(&self) -> &[String] {
        &self.remarks
    }

    /// The cluster that the files describe, if they name it.
    pub fn cluster_name(&self) -> Option<&str> {
        let described = self.cluster.get("")?.answer.as_ref().ok()?;
        Some(&described.cluster.name)
    }

    /// The answers of a type, by subject.
    pub(crate) fn all<T: Answer>(&self) -> &Table<T> {
        T::table(self)
    }

    /// The AWS error that the script recorded instead of an answer, if any.
    pub(crate) fn refusal(&self, call: Call, subject: &str) -> Option<&str> {
        self.refused.get(&(call, subject.to_owned())).map(String::as_str)
    }

    fn remark(&mut self, text: String) {
        if self.remarks.len() < MOST_REMARKS {
            self.remarks.push(text);
        }
    }
}

fn parse<T: DeserializeOwned>(name: &str, call: Call, bytes: &[u8]) -> Result<T, Reason> {
    // An editor may have added a byte order mark.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if bytes.trim_ascii().is_empty() {
        return Err(gap::malformed(name, call, "the file is empty"));
    }
    serde_json::from_slice(bytes).map_err(|error| match bytes.trim_ascii().first() {
        Some(b'{') => gap::malformed(name, call, &in_one_line(error.to_string().as_bytes())),
        _ => gap::malformed(name, call, &format!("it begins with {:?}", in_one_line(&bytes[..bytes.len().min(60)]))),
    })
}

/// The start of a text, on one line.
fn in_one_line(bytes: &[u8]) -> String {
    let beginning = &bytes[..bytes.len().min(MOST_OF_ERROR * 4)];
    let text = String::from_utf8_lossy(beginning);
    let plain: String = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    let mut words = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some((end, _)) = words.char_indices().nth(MOST_OF_ERROR) {
        words.truncate(end);
        words.push('…');
    }
    words
}
