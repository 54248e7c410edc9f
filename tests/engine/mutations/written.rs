//! Hand-written mutants.

use super::machine::Machine;
use super::mutant::{Direction, Family};

/// Returns the hand-written families for a control.
pub fn families(base: &Machine, control: &str) -> Vec<Family> {
    match control {
        "apiserver/encryption-providers" => encryption_providers(base),
        "etcd/unique-ca" => unique_ca(base),
        "kubelet/client-ca-mode" => client_ca_of_the_file(base),
        _ => Vec::new(),
    }
}

const SERVER: &str = "kube-apiserver";
const ENCRYPTION: &str = "/etc/kubernetes/enc/encryption.yaml";

/// Encryption configurations: the first entry that names Secrets counts, and its first provider encrypts.
const ENCRYPTED: [(&str, &str); 9] = [
    ("aescbc", "[{resources: [secrets], providers: [{aescbc: {keys: []}}]}]"),
    ("kms", "[{resources: [secrets], providers: [{kms: {name: a, endpoint: 'unix:///a'}}]}]"),
    (
        "kms of version 2",
        "[{resources: [secrets], providers: [{kms: {apiVersion: v2, name: a, endpoint: 'unix:///a'}}]}]",
    ),
    ("secretbox", "[{resources: [secrets], providers: [{secretbox: {keys: []}}]}]"),
    ("identity behind it", "[{resources: [secrets], providers: [{aescbc: {keys: []}}, {identity: {}}]}]"),
    (
        "among other resources",
        "[{resources: [configmaps, secrets, pandas.example.com], providers: [{aescbc: {keys: []}}]}]",
    ),
    (
        "other resources as they are",
        "[{resources: [events], providers: [{identity: {}}]}, {resources: [secrets], providers: [{secretbox: {keys: []}}]}]",
    ),
    ("by the wildcard of all groups", "[{resources: ['*.*'], providers: [{aescbc: {keys: []}}]}]"),
    (
        "by the wildcard of the core group",
        "[{resources: ['*.'], providers: [{kms: {name: a, endpoint: 'unix:///a'}}]}]",
    ),
];

const READABLE: [(&str, &str); 9] = [
    ("identity", "[{resources: [secrets], providers: [{identity: {}}]}]"),
    ("identity first", "[{resources: [secrets], providers: [{identity: {}}, {aescbc: {keys: []}}]}]"),
    ("aesgcm, which CIS does not name", "[{resources: [secrets], providers: [{aesgcm: {keys: []}}]}]"),
    ("only other resources", "[{resources: [configmaps], providers: [{aescbc: {keys: []}}]}]"),
    ("a resource of a similar name", "[{resources: [secrets.example.com], providers: [{aescbc: {keys: []}}]}]"),
    ("the wildcard of another group", "[{resources: ['*.apps'], providers: [{aescbc: {keys: []}}]}]"),
    (
        "an earlier entry leaves them as they are",
        "[{resources: [secrets], providers: [{identity: {}}]}, {resources: [secrets], providers: [{aescbc: {keys: []}}]}]",
    ),
    ("no entries", "[]"),
    ("a comment names aescbc", "[{resources: [secrets], providers: [{identity: {}}]}] # aescbc"),
];

fn encryption_providers(base: &Machine) -> Vec<Family> {
    let configured = |resources: &str| {
        let head = "apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\n";
        base.with_file(ENCRYPTION, &format!("{head}resources: {resources}\n"))
    };
    let mut to_pass = Family::new(Direction::Pass, READABLE[0].0, configured(READABLE[0].1));
    for (title, resources) in ENCRYPTED {
        to_pass.add(title, configured(resources));
    }
    let mut to_fail = Family::new(Direction::Fail, ENCRYPTED[0].0, configured(ENCRYPTED[0].1));
    for (title, resources) in READABLE {
        to_fail.add(title, configured(resources));
    }
    let flag = "--encryption-provider-config";
    to_fail.add("no argument names the file", configured(ENCRYPTED[0].1).without_flag(SERVER, flag));
    let second = "/etc/kubernetes/enc/second.yaml";
    let moved = |usual: &str, named: &str| {
        let machine = configured(named).with_copy(ENCRYPTION, second).without_flag(SERVER, flag);
        let usual = configured(usual).document(ENCRYPTION);
        machine.with_words(SERVER, &[flag, second]).with_document(ENCRYPTION, &usual)
    };
    to_pass.add("another file is named, which encrypts", moved(READABLE[0].1, ENCRYPTED[0].1));
    to_fail.add("another file is named, which does not", moved(ENCRYPTED[0].1, READABLE[0].1));
    vec![to_pass, to_fail]
}

/// CIS requires that etcd trust a CA other than that of the API server's clients.
fn unique_ca(base: &Machine) -> Vec<Family> {
    let clients = |machine: &Machine, path: &str| {
        machine.without_flag(SERVER, "--client-ca-file").with_words(SERVER, &["--client-ca-file", path])
    };
    let ours = "/etc/kubernetes/pki/etcd/ca.crt";
    let same = clients(base, ours);
    vec![
        Family::new(Direction::Fail, "two CAs", base.clone())
            .with("the API server's clients have etcd's CA", same.clone()),
        Family::new(Direction::Pass, "the API server's clients have etcd's CA", same)
            .with("they have another", clients(base, "/etc/kubernetes/pki/ca.crt"))
            .with("they have one of a similar name", clients(base, "/etc/kubernetes/pki/etcd/ca.crt.old"))
            .with("they have none", base.without_flag(SERVER, "--client-ca-file")),
    ]
}

/// The kubelet's configuration file names the CA if no argument does.
fn client_ca_of_the_file(base: &Machine) -> Vec<Family> {
    let config = "/var/lib/kubelet/config.yaml";
    let usual = "/etc/kubernetes/pki/ca.crt";
    let moved = "/opt/ca.crt";
    let mut document = base.document(config);
    super::machine::put(&mut document, "authentication.x509.clientCAFile", moved.into());
    let named = base.with_document(config, &document).with_copy(usual, moved).with_mode(moved, 0o644);
    vec![
        Family::new(Direction::Fail, "the file names a good one", named.with_mode(usual, 0o666))
            .with("the file names a bad one", named.with_mode(moved, 0o646)),
        Family::new(Direction::Pass, "the usual one is bad", base.with_mode(usual, 0o666))
            .with("the file names a good one", named.with_mode(usual, 0o666)),
    ]
}
