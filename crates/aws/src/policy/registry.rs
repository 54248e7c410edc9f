//! Image repositories.

use probe::{Cause, Reason};

use crate::call::Call;
use crate::glob;
use crate::shapes::ecr::{DescribeRepositories, Filter, GetRegistryScanningConfiguration};

use super::inquiry::Inquiry;

/// The most filters that are matched against each repository: twice what a registry may have.
const MOST_FILTERS: usize = 400;

/// The most characters of the name of a repository, or of a filter.
const MOST_OF_NAME: usize = 256;

/// Each repository is scanned, by a rule of the registry or by its own setting. Which of them the cluster uses is
/// unknown here.
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
    let mut unscanned = Vec::new();
    for repository in &listed.answer.repositories {
        let name = repository.repository_name.as_str();
        let is_scanned = repository.image_scanning_configuration.as_ref().is_some_and(|scanning| scanning.scan_on_push)
            || (name.len() <= MOST_OF_NAME && filters.iter().any(|filter| applies(&filter.filter, name)));
        if !is_scanned {
            unscanned.push(name);
        }
    }
    match registry {
        // A rule that is missing here may scan them nevertheless.
        Err(reason) if !unscanned.is_empty() => inquiry.gap(reason),
        _ => unscanned.into_iter().for_each(|name| {
            inquiry.offend("ECR repository", name, "scanOnPush: false, and no rule of the registry scans it");
        }),
    }
    let count = listed.answer.repositories.len();
    let found = format!("{count} repositories of the account and region, whether the cluster uses them or not");
    inquiry.note("ECR registry", "repositories", found);
}

/// Whether a filter matches a repository: one without `*` matches all names that contain it.
fn applies(filter: &str, name: &str) -> bool {
    if filter.contains('*') {
        // Names cannot contain `?`.
        glob::matches(filter, name)
    } else {
        name.contains(filter)
    }
}
