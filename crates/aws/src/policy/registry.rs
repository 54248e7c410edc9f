//! ECR repositories.

use std::collections::{BTreeMap, BTreeSet};

use probe::{Cause, Reason};

use crate::arn::Arn;
use crate::call::Call;
use crate::gap;
use crate::glob;
use crate::shapes::ecr::{DescribeRepositories, Filter, GetRegistryScanningConfiguration, Repository};

use super::inquiry::Inquiry;

/// The most filters matched against each repository: twice the limit of a registry.
const MOST_FILTERS: usize = 400;

/// The most characters in the name of a repository or in a filter.
const MOST_OF_NAME: usize = 256;

/// Each repository is scanned, by a rule of the registry or by its own setting. If the cluster's pods were listed,
/// only the repositories of their images count, and images that ECR cannot scan need review.
pub(super) fn scanning(inquiry: &mut Inquiry<'_>) {
    let listed = inquiry.list::<DescribeRepositories>(Call::DescribeRepositories, "");
    let call = Call::GetRegistryScanningConfiguration;
    let registry = inquiry.find::<GetRegistryScanningConfiguration>(call, "");
    let Some(listed) = listed else { return };
    let filters: Vec<&Filter> = match &registry {
        Ok(got) => {
            let rules = got.answer.scanning_configuration.rules.iter();
            let scanning =
                rules.filter(|rule| matches!(rule.scan_frequency.as_str(), "SCAN_ON_PUSH" | "CONTINUOUS_SCAN"));
            scanning.flat_map(|rule| &rule.repository_filters).collect()
        }
        Err(_) => Vec::new(),
    };
    let is_odd = filters.len() > MOST_FILTERS || filters.iter().any(|filter| filter.filter.len() > MOST_OF_NAME);
    if is_odd {
        let detail =
            format!("more than {MOST_FILTERS} filters, or longer ones than a registry can have: not evaluated");
        inquiry.gap(Reason::new(Cause::TooLarge, call.file(""), detail));
        return;
    }
    let repositories = &listed.answer.repositories;
    let used = inquiry.settings.images.map(|images| used(inquiry, images, listed.file, repositories));
    let mut unscanned = Vec::new();
    for repository in repositories {
        let name = repository.repository_name.as_str();
        let is_scanned = repository.image_scanning_configuration.as_ref().is_some_and(|scanning| scanning.scan_on_push)
            || (name.len() <= MOST_OF_NAME && filters.iter().any(|filter| applies(&filter.filter, name)));
        let is_used = used.as_ref().is_none_or(|used| used.contains(name));
        if !is_scanned && is_used {
            unscanned.push(name);
        } else if !is_scanned {
            inquiry.exempt("ECR repository", name, "scanOnPush: false", "no pod of the cluster uses it");
        }
    }
    match registry {
        // The missing rules may scan these repositories.
        Err(reason) if !unscanned.is_empty() => inquiry.gap(reason),
        _ => unscanned.into_iter().for_each(|name| {
            inquiry.offend("ECR repository", name, "scanOnPush: false, and no rule of the registry scans it");
        }),
    }
    let count = repositories.len();
    let found = match used {
        Some(used) => format!("{count} repositories of the account and region, {} of which pods use", used.len()),
        None => format!("{count} repositories of the account and region, whether the cluster uses them or not"),
    };
    inquiry.note("ECR registry", "repositories", found);
}

/// The listed repositories that the images come from. An image from another ECR repository is a gap; one from another
/// registry needs review.
fn used<'s>(
    inquiry: &mut Inquiry<'_>,
    images: &'s [String],
    file: &str,
    repositories: &[Repository],
) -> BTreeSet<&'s str> {
    let arns = repositories.iter().filter_map(|repository| Arn::of(repository.repository_arn.as_deref()?));
    let own: BTreeSet<(&str, &str)> = arns.map(|arn| (arn.account, arn.region)).collect();
    let known: BTreeSet<&str> = repositories.iter().map(|repository| repository.repository_name.as_str()).collect();
    let mut used = BTreeSet::new();
    let mut elsewhere: BTreeMap<&str, usize> = BTreeMap::new();
    for image in images {
        let (host, path) = image.split_once('/').unwrap_or(("", image));
        match of_ecr(host) {
            Some(registry) if own.is_empty() || own.contains(&registry) => {
                if known.contains(path) {
                    used.insert(path);
                } else {
                    inquiry.gap(gap::incomplete(file, &format!("the repository {path}, which pods use")));
                }
            }
            Some((account, region)) => {
                let detail = "pods use its images, and no file has how it scans them (look there)";
                inquiry.gap(Reason::new(Cause::NotRecorded, format!("ECR of account {account} in {region}"), detail));
            }
            None => *elsewhere.entry(host).or_default() += 1,
        }
    }
    for (host, count) in elsewhere {
        let host = if host.is_empty() { "no name of an image" } else { host };
        let found = format!("{count} images of pods, which ECR does not scan: ask what does");
        inquiry.weigh("Registry", host, found);
    }
    used
}

/// The account and region of a private ECR registry, from its host name.
///
/// Source: <https://docs.aws.amazon.com/AmazonECR/latest/userguide/Registries.html>, and its dual-stack and FIPS endpoints.
fn of_ecr(host: &str) -> Option<(&str, &str)> {
    let mut parts = host.split('.');
    let account = parts.next().filter(|part| part.len() == 12 && part.bytes().all(|byte| byte.is_ascii_digit()))?;
    match (parts.next()?, parts.next()?) {
        ("dkr", "ecr" | "ecr-fips") => {
            let region = parts.next()?;
            let rest = parts.collect::<Vec<_>>().join(".");
            matches!(rest.as_str(), "amazonaws.com" | "amazonaws.com.cn").then_some((account, region))
        }
        ("dkr-ecr" | "dkr-ecr-fips", region) => {
            let rest = parts.collect::<Vec<_>>().join(".");
            matches!(rest.as_str(), "on.aws" | "on.amazonwebservices.com.cn").then_some((account, region))
        }
        _ => None,
    }
}

/// Whether a filter matches a repository. A filter without `*` matches all names that contain it.
fn applies(filter: &str, name: &str) -> bool {
    if filter.contains('*') {
        // Names cannot contain `?`.
        glob::matches(filter, name)
    } else {
        name.contains(filter)
    }
}

#[cfg(test)]
mod tests {
    use super::of_ecr;

    #[test]
    fn private_registries_are_known_by_their_hosts() {
        let table = [
            ("111122223333.dkr.ecr.eu-central-1.amazonaws.com", Some(("111122223333", "eu-central-1"))),
            ("111122223333.dkr.ecr-fips.us-east-1.amazonaws.com", Some(("111122223333", "us-east-1"))),
            ("111122223333.dkr.ecr.cn-north-1.amazonaws.com.cn", Some(("111122223333", "cn-north-1"))),
            ("111122223333.dkr-ecr.eu-central-1.on.aws", Some(("111122223333", "eu-central-1"))),
            ("public.ecr.aws", None),
            ("1111.dkr.ecr.eu-central-1.amazonaws.com", None),
            ("111122223333.dkr.ecr.eu-central-1.amazonaws.com.example.com", None),
            ("111122223333.dkr.ecr.eu-central-1.evil.com", None),
            ("docker.io", None),
            ("", None),
        ];
        for (host, expected) in table {
            assert_eq!(of_ecr(host), expected, "{host}");
        }
    }
}
