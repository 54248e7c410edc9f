//! Controls for service accounts and their tokens.

use std::collections::{BTreeMap, BTreeSet};

use probe::Reason;

use super::evidence::Evidence;
use super::lists::is_users;
use super::log::Token;
use super::summary::{Running, counted};
use super::verdict::{Verdict, seen};
use crate::policy::{Judgement, Seen};

/// The key of [`token_mounts`].
pub(super) const TOKEN_MOUNTS: &str = "rbac/token-mounts";
/// The key of [`default_service_accounts`].
pub(super) const DEFAULT_SERVICE_ACCOUNTS: &str = "rbac/default-service-accounts";

/// The key of [`own_service_accounts`].
pub(super) const OWN_SERVICE_ACCOUNTS: &str = "workloads/own-service-accounts";

/// Applications have their own service accounts.
pub(super) fn own_service_accounts(evidence: &Evidence<'_>) -> Judgement {
    let mut verdict = Verdict::new(OWN_SERVICE_ACCOUNTS, evidence);
    let mut users: BTreeMap<(&str, &str), BTreeSet<String>> = BTreeMap::new();
    for running in evidence.pods.running().filter(|running| is_users(running.namespace)) {
        if running.account == "default" {
            verdict.offends(self::running(&running, "serviceAccountName: default"));
        } else {
            let object = format!("{} {}", running.object.kind, running.object.name);
            users.entry((running.namespace, running.account)).or_default().insert(object);
        }
    }
    for ((namespace, account), users) in users {
        if users.len() > 1 {
            verdict.notes(seen("ServiceAccount", namespace, account, format!("used by {} workloads", users.len())));
        }
    }
    verdict.misses(evidence.pods.gap());
    verdict.judgement()
}

/// Service accounts and their rights, each looked up once.
struct Accounts<'a> {
    evidence: &'a Evidence<'a>,
    automount: BTreeMap<(&'a str, &'a str), Option<bool>>,
    rights: BTreeMap<(&'a str, &'a str), Result<bool, Reason>>,
}

impl<'a> Accounts<'a> {
    fn new(evidence: &'a Evidence<'a>) -> Self {
        let automount = evidence.accounts.items.iter().map(|account| {
            let metadata = &account.metadata;
            ((metadata.namespace.as_str(), metadata.name.as_str()), account.automount_service_account_token)
        });
        Self { evidence, automount: automount.collect(), rights: BTreeMap::new() }
    }

    fn automount(&self, namespace: &str, name: &str) -> Result<bool, &'a Reason> {
        match (self.automount.get(&(namespace, name)), &self.evidence.accounts.missing) {
            (Some(automount), _) => Ok(automount.unwrap_or(true)),
            (None, Some(reason)) => Err(reason),
            (None, None) => Ok(true),
        }
    }

    fn has_token(&self, running: &Running<'_>) -> Result<bool, &'a Reason> {
        match running.token {
            Token::Mounted => Ok(true),
            Token::None => Ok(false),
            Token::AsAccountSays => self.automount(running.namespace, running.account),
        }
    }

    fn rights(&mut self, namespace: &'a str, name: &'a str) -> &Result<bool, Reason> {
        let ask = self.evidence.rights;
        self.rights.entry((namespace, name)).or_insert_with(|| ask(namespace, name))
    }
}

fn running(running: &Running<'_>, found: &str) -> Seen {
    Seen {
        object: running.object.clone(),
        part: Some(format!("ServiceAccount {}/{}", running.object.namespace, running.account)),
        path: vec![counted(running.pods)],
        found: found.to_owned(),
    }
}

/// Tokens are mounted only if the service account has rights.
pub(super) fn token_mounts(evidence: &Evidence<'_>) -> Judgement {
    let mut verdict = Verdict::new(TOKEN_MOUNTS, evidence);
    let mut accounts = Accounts::new(evidence);
    for pods in evidence.pods.running() {
        match accounts.has_token(&pods) {
            Ok(false) => continue,
            Err(reason) => {
                verdict.misses(Some(reason));
                continue;
            }
            Ok(true) => {}
        }
        match accounts.rights(pods.namespace, pods.account) {
            Ok(true) => verdict.notes(running(&pods, "token mounted, service account has rights")),
            Err(reason) => verdict.misses(Some(reason)),
            Ok(false) => {
                let offence = running(&pods, "token mounted, service account has no rights");
                if pods.namespace == "kube-system" {
                    verdict.exempt(offence, "system namespace");
                } else {
                    verdict.offends(offence);
                }
            }
        }
    }
    verdict.misses(evidence.pods.gap());
    verdict.judgement()
}

/// Default service accounts have no rights, and no pod uses one with a token. Namespaces without pods are ignored.
pub(super) fn default_service_accounts(evidence: &Evidence<'_>) -> Judgement {
    let mut verdict = Verdict::new(DEFAULT_SERVICE_ACCOUNTS, evidence);
    let mut accounts = Accounts::new(evidence);
    let with_pods: BTreeSet<&str> = evidence.pods.namespaces();
    for namespace in with_pods.into_iter().filter(|namespace| is_users(namespace)) {
        match accounts.rights(namespace, "default") {
            Ok(true) => verdict.offends(seen("ServiceAccount", namespace, "default", "rights of its own")),
            Ok(false) => {}
            Err(reason) => verdict.misses(Some(reason)),
        }
        if evidence.settings.strict {
            match accounts.automount(namespace, "default") {
                Ok(true) => verdict.offends(seen(
                    "ServiceAccount",
                    namespace,
                    "default",
                    "automountServiceAccountToken: not false",
                )),
                Ok(false) => {}
                Err(reason) => verdict.misses(Some(reason)),
            }
        }
    }
    for pods in evidence.pods.running().filter(|pods| pods.account == "default" && is_users(pods.namespace)) {
        match accounts.has_token(&pods) {
            Ok(false) => {}
            Err(reason) => verdict.misses(Some(reason)),
            Ok(true) => {
                let offence = running(&pods, "runs under the default service account with a token");
                verdict.offends(offence);
            }
        }
    }
    verdict.misses(evidence.pods.gap());
    verdict.judgement()
}
