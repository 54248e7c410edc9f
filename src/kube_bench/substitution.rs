//! Substitutes the programs and files found on the node into the text of a rule file.

use std::collections::BTreeSet;

use super::rules::Controls;
use super::survey::{Substitute, Survey};

/// The suffixes of variables.
const KINDS: [&str; 6] = ["kubeconfig", "datadir", "cafile", "conf", "bin", "svc"];

/// A rule file's text after substitution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Substituted {
    /// The text.
    pub(super) text: String,
    /// The programs that the text refers to.
    pub(super) programs: Vec<String>,
}

/// Substitutes the results of a survey into a text.
pub(super) fn substitute(text: &str, survey: &Survey) -> Substituted {
    let mut text = text.to_owned();
    let mut programs = Vec::new();
    for program in &survey.programs {
        if put(&mut text, program) {
            programs.push(program.value.clone());
        }
    }
    for file in &survey.files {
        put(&mut text, file);
    }
    Substituted { text, programs }
}

/// Replaces a variable with its value, quoted if it has several words. Returns whether the variable occurred.
fn put(text: &mut String, substitute: &Substitute) -> bool {
    let Substitute { name, value } = substitute;
    if value.is_empty() || !text.contains(name.as_str()) {
        return false;
    }
    let several = value.split_whitespace().nth(1).is_some();
    *text =
        if several { text.replace(name.as_str(), &format!("'{value}'")) } else { text.replace(name.as_str(), value) };
    true
}

/// The variables that were not substituted, each with the line of its first occurrence.
pub(super) fn left_over(text: &str) -> Vec<(String, usize)> {
    let mut seen = BTreeSet::new();
    let mut left = Vec::new();
    for (line, number) in text.lines().zip(1..) {
        for behind in line.split('$').skip(1) {
            let end = behind.find(|c: char| !c.is_ascii_lowercase() && !c.is_ascii_digit() && c != '_');
            let word = &behind[..end.unwrap_or(behind.len())];
            if KINDS.iter().any(|kind| word.len() > kind.len() && word.ends_with(kind)) && seen.insert(word) {
                left.push((format!("${word}"), number));
            }
        }
    }
    left
}

/// Adds an environment audit to checks that test variables and have none, for the only program that the file refers to.
/// With several programs or none, the audit names no program and finds nothing.
pub(super) fn add_default_env(controls: &mut Controls, programs: &[String]) {
    let program = match programs {
        [only] => only.as_str(),
        _ => "",
    };
    for check in controls.groups.iter_mut().flat_map(|group| &mut group.checks) {
        let looks = check.tests.as_ref().is_some_and(|tests| tests.items.iter().any(|item| !item.env.is_empty()));
        if looks && check.audit_env.is_empty() && !check.no_default_env {
            check.audit_env =
                format!(r#"cat "/proc/$(/bin/ps -C {program} -o pid= | tr -d ' ')/environ" | tr '\0' '\n'"#);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stands_for(name: &str, value: &str) -> Substitute {
        Substitute { name: name.to_owned(), value: value.to_owned() }
    }

    #[test]
    fn names_are_replaced_wherever_they_stand() {
        let survey = Survey {
            programs: vec![stands_for("$proxybin", "hyperkube proxy"), stands_for("$kubeletbin", "kubelet")],
            files: vec![stands_for("$proxyconf", "/etc/proxy"), stands_for("$proxykubeconfig", "")],
            notes: Vec::new(),
        };
        for (text, expected, programs) in [
            ("ps | grep $proxybin", "ps | grep 'hyperkube proxy'", &["hyperkube proxy"][..]),
            ("$kubeletbin$kubeletbin.x", "kubeletkubelet.x", &["kubelet"]),
            ("cat $proxyconf $proxykubeconfig", "cat /etc/proxy $proxykubeconfig", &[]),
            ("$proxybin $kubeletbin", "'hyperkube proxy' kubelet", &["hyperkube proxy", "kubelet"]),
            ("$PROXYBIN proxybin", "$PROXYBIN proxybin", &[]),
        ] {
            let substituted = substitute(text, &survey);
            assert_eq!(substituted.text, expected);
            assert_eq!(substituted.programs, programs);
        }
    }

    #[test]
    fn what_is_left_over_is_found_with_its_line() {
        let text = "a $apiserverbin\nb $1 $HOME $conf $etcdconf;$etcdconf\n$DATA_DIR ${x} $xbinary $";
        assert_eq!(left_over(text), [("$apiserverbin".to_owned(), 1), ("$etcdconf".to_owned(), 2)]);
    }
}
