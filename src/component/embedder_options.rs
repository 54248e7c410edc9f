//! Reads the options of programs that embed Kubernetes components, from command lines and files, as k3s does.
//!
//! Source: <https://docs.k3s.io/installation/configuration>, <https://docs.k3s.io/cli/server>.

use std::collections::BTreeMap;

use super::document::{Document, DocumentValue, Located};
use super::set_in::SetIn;
use super::value::parse_boolean;

/// Options with a value that are relevant to the components, besides the lists of their arguments.
const WITH_WORDS: [&str; 5] = ["config", "data-dir", EMBEDDER_DATABASE, "egress-selector-mode", "node-name"];

/// The database option. Only the scheme of its URL is read, since the rest may contain a password.
pub const EMBEDDER_DATABASE: &str = "datastore-endpoint";

/// Boolean options that are relevant to the components, and true when given without a value.
const BOOLEAN: [&str; 10] = [
    "disable-agent",
    "disable-apiserver",
    "disable-cloud-controller",
    "disable-controller-manager",
    "disable-etcd",
    "disable-kube-proxy",
    "disable-scheduler",
    "protect-kernel-defaults",
    "secrets-encryption",
    "with-node-id",
];

/// The options that list components' arguments.
const LISTS: [&str; 6] = [
    "etcd-arg",
    "kube-apiserver-arg",
    "kube-controller-manager-arg",
    "kube-proxy-arg",
    "kube-scheduler-arg",
    "kubelet-arg",
];

/// The suffix of options that list arguments, including those of programs that are not components.
const LIST: &str = "-arg";

/// Whether an option is relevant to the components.
fn counts(name: &str) -> bool {
    WITH_WORDS.contains(&name) || BOOLEAN.contains(&name) || LISTS.contains(&name)
}

/// Returns the parts of a configuration file that are read; see [`EmbedderOptions::of_files`].
pub fn embedder_parts() -> impl Iterator<Item = String> {
    let words = WITH_WORDS.iter().map(|name| (*name, if *name == EMBEDDER_DATABASE { "=schemes" } else { "" }));
    let named = words.chain(BOOLEAN.iter().map(|name| (*name, ""))).chain(LISTS.iter().map(|name| (*name, "=nested")));
    named.flat_map(|(name, action)| [format!("{name}{action}"), format!("{name}+{action}")])
}

/// Returns the options that take a value on a command line, and those that do not.
pub fn embedder_flags() -> (impl Iterator<Item = &'static str>, impl Iterator<Item = &'static str>) {
    let with_words = WITH_WORDS.iter().copied().filter(|name| *name != EMBEDDER_DATABASE).chain(["c", "d"]);
    (with_words, BOOLEAN.iter().copied())
}

/// An option that was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenOption {
    /// The name, without dashes.
    pub name: String,
    /// The value, or one item of a list.
    pub value: String,
    /// Where it is set.
    pub set_in: SetIn,
}

/// The options of an embedding program that are relevant to the components, in order of precedence, lowest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EmbedderOptions(Vec<GivenOption>);

impl EmbedderOptions {
    /// Parses a command line, starting after the subcommand.
    pub fn of_words(words: &[String], set_in: &SetIn) -> Self {
        let mut found = Vec::new();
        let mut words = words.iter().peekable();
        while let Some(word) = words.next() {
            let Some(option) = word.strip_prefix("--").or_else(|| word.strip_prefix('-')) else { break };
            let (name, value) = match option.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None => (option, None),
            };
            let name = match name {
                "" => break,
                "c" => "config",
                "d" => "data-dir",
                name => name,
            };
            let takes_any = (name.ends_with(LIST) || WITH_WORDS.contains(&name)).then_some(true);
            let value = match value {
                Some(value) => value,
                None if BOOLEAN.contains(&name) => "true".to_owned(),
                // Whether an unknown option takes a value can only be guessed from the next word.
                None => {
                    let next = words.next_if(|next| takes_any.unwrap_or(!next.starts_with('-')));
                    next.cloned().unwrap_or_default()
                }
            };
            if counts(name) {
                found.push(GivenOption { name: name.to_owned(), value, set_in: set_in.clone() });
            }
        }
        Self(found)
    }

    /// Reads configuration files, later ones taking precedence: a key replaces all earlier values, and a key with a
    /// trailing plus adds to them.
    pub fn of_files(files: &[Document]) -> Self {
        let mut found: BTreeMap<String, Vec<GivenOption>> = BTreeMap::new();
        for (key, value) in files.iter().flat_map(entries) {
            let (name, adds) = key.strip_suffix('+').map_or((key.as_str(), false), |name| (name, true));
            if !counts(name) {
                continue;
            }
            let given = |item: &Located| GivenOption {
                name: name.to_owned(),
                value: if item.value == DocumentValue::Null { String::new() } else { item.value.to_string() },
                set_in: SetIn { file: item.file.to_string(), line: (item.line > 0).then_some(item.line) },
            };
            let values = match &value.value {
                DocumentValue::List(items) => items.iter().map(given).collect(),
                _ => vec![given(value)],
            };
            let said = found.entry(name.to_owned()).or_default();
            if !adds {
                said.clear();
            }
            said.extend(values);
        }
        Self(found.into_values().flatten().collect())
    }

    /// Appends options that take precedence over these.
    #[must_use]
    pub fn then(mut self, later: Self) -> Self {
        self.0.extend(later.0);
        self
    }

    /// Adds an option if it is not given yet.
    pub fn or_give(&mut self, option: GivenOption) {
        if self.last(&option.name).is_none() {
            self.0.push(option);
        }
    }

    /// Iterates over all values of an option, in order.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a GivenOption> {
        self.0.iter().filter(move |option| option.name == name)
    }

    /// Returns the value of an option; the last one wins.
    pub fn last(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|option| option.name == name).map(|option| option.value.as_str())
    }

    /// Whether a boolean option is on.
    pub fn is_on(&self, name: &str) -> bool {
        self.last(name).and_then(parse_boolean) == Some(true)
    }
}

fn entries(document: &Document) -> &[(String, Located)] {
    match &document.root().value {
        DocumentValue::Map(entries) => entries,
        _ => &[],
    }
}

/// Returns a list that a file adds to twice, with the line of the second time. The embedding programs use both; YAML
/// parsed as Kubernetes does keeps only one.
pub fn repeated_addition(bytes: &[u8]) -> Option<(String, usize)> {
    let document = yaml::decode(bytes).and_then(|text| yaml::parse(&text)).ok()?;
    document.duplicates.into_iter().find(|(key, _)| key.strip_suffix('+').is_some_and(counts))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::component::{CommandLines, Sets, document_excerpt};
    use definitions::SharedText;

    fn told(options: &EmbedderOptions) -> String {
        options.0.iter().map(|it| format!("{}={}", it.name, it.value)).collect::<Vec<_>>().join(" ")
    }

    fn of_words(line: &str) -> String {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        told(&EmbedderOptions::of_words(&words, &SetIn { file: String::new(), line: None }))
    }

    #[test]
    fn command_lines_are_read_as_go_reads_them() {
        let table = [
            ("--data-dir /a --data-dir=/b -d /c", "data-dir=/a data-dir=/b data-dir=/c"),
            (
                "--secrets-encryption --protect-kernel-defaults=false",
                "secrets-encryption=true protect-kernel-defaults=false",
            ),
            ("--disable traefik --debug --kubelet-arg --max-pods=5", "kubelet-arg=--max-pods=5"),
            ("--token x --debug -kubelet-arg=a=b", "kubelet-arg=a=b"),
            (
                "--kube-apiserver-arg audit-log-maxage=1 --kube-apiserver-arg=x",
                "kube-apiserver-arg=audit-log-maxage=1 kube-apiserver-arg=x",
            ),
            ("word --kubelet-arg=a", ""),
            ("-- --kubelet-arg=a", ""),
            ("--kubelet-arg", "kubelet-arg="),
        ];
        for (line, expected) in table {
            assert_eq!(of_words(line), expected, "{line}");
        }
    }

    fn of_files(texts: &[&str]) -> String {
        let files: Vec<Document> =
            texts.iter().map(|text| Document::parse("f", text.as_bytes()).expect("this is YAML")).collect();
        told(&EmbedderOptions::of_files(&files))
    }

    #[test]
    fn later_files_replace_or_add() {
        let table: [(&[&str], &str); 6] = [
            (&["kubelet-arg: [a, b]", "kubelet-arg: [c]"], "kubelet-arg=c"),
            (&["kubelet-arg: [a, b]", "kubelet-arg+: [c]"], "kubelet-arg=a kubelet-arg=b kubelet-arg=c"),
            (&["kubelet-arg: a", "kubelet-arg+: c"], "kubelet-arg=a kubelet-arg=c"),
            (&["kubelet-arg+: [a]", "kubelet-arg: b"], "kubelet-arg=b"),
            (&["secrets-encryption: yes\ntoken: x\nnode-name:"], "node-name= secrets-encryption=true"),
            (&["data-dir: /a\ndata-dir: /b"], "data-dir=/b"),
        ];
        for (texts, expected) in table {
            assert_eq!(of_files(texts), expected, "{texts:?}");
        }
    }

    #[test]
    fn what_is_kept_says_the_same_and_no_more() {
        let file = "# comment\ntoken: secret\nkubelet-arg:\n- a=1\n# x\n- \"b=\\\"2\\\"\"\nserver: https://u:p@x\n\
                    datastore-endpoint: postgres://u:secret@h/d\nsecrets-encryption: true\nkube-apiserver-arg+: c\n";
        let sets = Sets { read: ["--a", "--c"].map(SharedText::from).into(), ..Sets::default() };
        let parts = embedder_parts().collect();
        let kept = |bytes: &[u8]| {
            let lines = CommandLines::new(&sets, &|_, value| value.to_owned(), &|_| None);
            document_excerpt("f", bytes, &parts, &lines)
        };
        let excerpt = kept(file.as_bytes()).expect("this is YAML");
        let text = String::from_utf8(excerpt.clone()).expect("text");
        assert!(!text.contains("secret\"") && !text.contains("u:p") && !text.contains("token"), "{text}");
        let read = |bytes: &[u8]| EmbedderOptions::of_files(&[Document::parse("f", bytes).expect("this is YAML")]);
        let (mut whole, short) = (read(file.as_bytes()), read(&excerpt));
        for option in &mut whole.0 {
            match option.name.as_str() {
                EMBEDDER_DATABASE => option.value = "postgres://".to_owned(),
                "kubelet-arg" if option.value.starts_with('b') => option.value = "b=(withheld:1)".to_owned(),
                _ => {}
            }
        }
        assert_eq!(whole, short, "{text}");
        assert_eq!(kept(&excerpt), Ok(excerpt.clone()), "what is kept needs no more to be left out");
        // An unreadable file is replaced by the reader's error.
        assert_eq!(
            kept(b"a: [").map_err(|why| why.to_string()),
            Err(Document::parse("f", b"a: [").expect_err("no YAML").to_string())
        );
        let twice = b"kubelet-arg+: [a=1]\nx: 1\nkubelet-arg+: [a=2]\n";
        assert_eq!(repeated_addition(&kept(twice).expect("YAML")), repeated_addition(twice));
    }
}
