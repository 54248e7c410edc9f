//! Secrets in plain text, line by line: YAML, JSON and unit files that are not parsed.

use super::names::{expects_secret, is_secret, says_nothing};
use super::words;
use crate::MASK;
use crate::scan::Next;

/// Masks the secrets of a text, keeping keys, structure and line breaks.
pub(super) fn mask(text: &str) -> String {
    let mut lines = Lines::default();
    for line in text.split_inclusive('\n') {
        lines.take(line);
    }
    lines.masked
}

/// The text masked so far, and the state that carries over to the next line.
#[derive(Default)]
struct Lines {
    masked: String,
    /// Inside a private key that has not ended yet.
    in_key: bool,
    /// Inside a value that began on an earlier line.
    under: Option<Under>,
    /// Inside a value in these quotes.
    quote: Option<char>,
    /// The previous line ends in a flag whose value is a secret.
    after_flag: Option<Flag>,
    /// The value of the last variable named is a secret.
    in_variable: bool,
}

/// Where the value of a flag on an earlier line is.
#[derive(Clone, Copy, PartialEq)]
enum Flag {
    /// The flag is a list entry, and its value is the next entry.
    Entry,
    /// The flag is the last word of a line that is continued, and its value is the first word of the next line.
    Word,
}

/// A value that continues on the next lines.
struct Under {
    /// The column of its name, whose value is everything indented more. None for JSON: its value is the next line.
    column: Option<usize>,
    /// Whether its first line may turn out to belong to a map or a list.
    may_be_tree: bool,
}

impl Lines {
    /// Takes the next line and appends exactly one line, so that line numbers stay the same.
    fn take(&mut self, line: &str) {
        let content = line.trim_end_matches(['\r', '\n']);
        let line_end = line.get(content.len()..).unwrap_or_default();
        if let Some(hidden) = self.hidden(content) {
            self.masked.push_str(&hidden);
        } else {
            let line = self.after_quote(content);
            let line = self.keys(&line);
            let line = self.values(&line);
            let line = self.list_entry(&line);
            let line = self.first_word(&line);
            self.masked.push_str(&words::mask(&line));
        }
        self.masked.push_str(line_end);
    }

    /// Returns the replacement for a line that is a secret as a whole.
    fn hidden(&mut self, line: &str) -> Option<String> {
        let indent = line.len() - line.trim_start().len();
        let masked = || format!("{}{MASK}", line.get(..indent).unwrap_or_default());
        if let Some(quote) = self.quote {
            return (!line.contains(quote)).then(String::new);
        }
        if line.trim().is_empty() {
            return Some(line.to_owned());
        }
        match &mut self.under {
            // A map or a list below a name (the `secret:` of a volume) is not a secret as a whole.
            Some(under)
                if under.column.is_none_or(|column| indent > column) && !(under.may_be_tree && is_tree_line(line)) =>
            {
                under.may_be_tree = false;
                if under.column.is_none() {
                    self.under = None;
                }
                return Some(masked());
            }
            _ => self.under = None,
        }
        (self.in_key && mark(line, "-----END ").is_none()).then(masked)
    }

    /// Returns the rest of a line behind the end of a quoted value that began on an earlier line.
    fn after_quote(&mut self, line: &str) -> String {
        let quote = self.quote.take();
        quote.and_then(|quote| line.split_once(quote)).map_or(line, |(_, rest)| rest).to_owned()
    }

    /// Masks PEM private keys between their `BEGIN` and `END` markers, which stay.
    fn keys(&mut self, line: &str) -> String {
        let mut kept = String::new();
        let mut rest = line;
        if std::mem::take(&mut self.in_key) {
            let end = mark(rest, "-----END ").unwrap_or_default();
            // Text before the marker belongs to the key, except for the indentation.
            kept.push_str(rest.get(..rest.len() - rest.trim_start().len()).unwrap_or_default());
            rest = rest.get(end..).unwrap_or_default();
        }
        while let Some(place) = mark(rest, "-----BEGIN ") {
            let after = place + "-----BEGIN ".len();
            let body = rest.get(after..).and_then(|rest| rest.find("-----")).map(|dashes| after + dashes + 5);
            let (begin, body) = rest.split_at(body.unwrap_or(rest.len()));
            kept.push_str(begin);
            if let Some(end) = mark(body, "-----END ") {
                kept.push_str(MASK);
                rest = body.get(end..).unwrap_or_default();
            } else {
                self.in_key = true;
                kept.push_str(if body.trim().is_empty() { body } else { MASK });
                rest = "";
            }
        }
        kept + rest
    }

    /// Masks the values of secret names: `name: value`, `"name": "value"`.
    fn values(&mut self, line: &str) -> String {
        let mut masked = String::with_capacity(line.len());
        let mut ends = Ends::default();
        let (mut kept, mut at, mut in_flow) = (0, 0, false);
        while let Some(colon) = part(line, at).find(':').map(|found| at + found) {
            let before = line.get(at..colon).unwrap_or_default();
            in_flow |= before.contains(['{', '[']);
            at = colon + 1;
            let after = part(line, at);
            let before = before.trim_end_matches([' ', '\t']);
            let quoted = before.ends_with(['"', '\'']);
            if !(quoted || after.is_empty() || after.starts_with([' ', '\t'])) {
                continue;
            }
            let name = before.trim_end_matches(['"', '\'']);
            let name = name.rsplit(|letter: char| !(letter.is_ascii_alphanumeric() || "-_.".contains(letter))).next();
            let name = name.unwrap_or_default();
            let is_variable = name == "value" && std::mem::take(&mut self.in_variable);
            // Most names are harmless, so their values, which may be very long, are not scanned.
            if !(is_variable || name == "name" || expects_secret(name)) {
                continue;
            }
            let start = line.len() - after.trim_start().len();
            let value = Value::at(line, start, in_flow, &mut ends);
            // In JSON, the value may be on the next line, at any column.
            let is_later = quoted && value.text.is_empty() && value.quote.is_none() && value.length == 0;
            let is_secret = match name {
                "name" => {
                    self.in_variable = value.text.len() <= LONGEST_NAME && expects_secret(value.text);
                    false
                }
                _ if is_variable => !says_nothing(value.text),
                _ => is_secret(name, value.text) || ((value.goes_on() || is_later) && expects_secret(name)),
            };
            if !is_secret || value.is_tree() {
                continue;
            }
            masked.push_str(line.get(kept..start).unwrap_or_default());
            kept = start;
            at = start;
            let column = before.len().saturating_sub(name.len() + 2 * usize::from(quoted));
            if is_later {
                self.under = Some(Under { column: None, may_be_tree: true });
                continue;
            }
            let rest = self.mask_value(&value, column, &mut masked, part(line, start));
            kept = line.len() - rest.len();
            at = kept;
        }
        masked + part(line, kept)
    }

    /// Masks the value at the start of `text`, and returns the rest.
    fn mask_value<'a>(&mut self, value: &Value, column: usize, masked: &mut String, text: &'a str) -> &'a str {
        if value.goes_on() {
            // The value is on the lines below, either a block or a plain scalar.
            self.under = Some(Under { column: Some(column), may_be_tree: !value.text.starts_with(['|', '>']) });
            masked.push_str(text);
            return "";
        }
        match value.quote {
            Some(quote) => {
                masked.extend([quote.to_string(), MASK.to_owned(), quote.to_string()]);
                self.quote = (!value.is_closed).then_some(quote);
            }
            None if value.in_flow => masked.extend(["\"", MASK, "\""]),
            None => {
                masked.push_str(MASK);
                self.under = Some(Under { column: Some(column), may_be_tree: false });
            }
        }
        text.get(value.length..).unwrap_or_default()
    }

    /// Masks the first word of a line that continues a line ending in a secret flag.
    fn first_word(&mut self, line: &str) -> String {
        let is_value = self.after_flag == Some(Flag::Word);
        if words::goes_on(line) {
            self.after_flag = Some(Flag::Word);
        } else if is_value {
            self.after_flag = None;
        }
        let (blanks, words) = line.split_at(line.len() - line.trim_start().len());
        let word = words.split([' ', '\t']).next().unwrap_or_default();
        if !is_value || word.starts_with('-') || says_nothing(word) {
            return line.to_owned();
        }
        format!("{blanks}{MASK}{}", words.get(word.len()..).unwrap_or_default())
    }

    /// Masks the list entry after a secret flag.
    fn list_entry(&mut self, line: &str) -> String {
        let entry = line.trim_start().trim_start_matches("- ").trim_start();
        let (start, entry) = (line.len() - entry.len(), entry.trim_end().trim_end_matches(','));
        let bare = entry.trim_matches(['"', '\'']);
        if entry.is_empty() || entry.starts_with('#') {
            return line.to_owned();
        }
        if self.after_flag == Some(Flag::Word) {
            return line.to_owned();
        }
        let is_value = self.after_flag.take().is_some();
        let is_flag = super::flag(bare).is_some_and(|(name, value)| value.is_none() && expects_secret(name));
        self.after_flag = is_flag.then_some(Flag::Entry);
        if !is_value || bare.starts_with('-') || says_nothing(bare) {
            return line.to_owned();
        }
        let end = line.get(start + entry.len()..).unwrap_or_default();
        format!("{}\"{MASK}\"{end}", line.get(..start).unwrap_or_default())
    }
}

/// Returns the part of a line from this byte offset on.
fn part(line: &str, start: usize) -> &str {
    line.get(start..).unwrap_or_default()
}

/// The longest name of a variable, in bytes.
const LONGEST_NAME: usize = 128;

/// Where the values of a line end, as byte offsets.
#[derive(Default)]
struct Ends {
    /// The end of a value in brackets or braces.
    in_flow: Next,
    /// The end of a value before a comment or the line end, trailing blanks excluded.
    comment: Next,
}

/// A value on a line.
struct Value<'a> {
    /// The value without quotes.
    text: &'a str,
    quote: Option<char>,
    is_closed: bool,
    in_flow: bool,
    /// The length with quotes, in bytes.
    length: usize,
}

impl<'a> Value<'a> {
    /// Returns the value that starts at this byte offset.
    fn at(line: &'a str, start: usize, in_flow: bool, ends: &mut Ends) -> Self {
        let text = part(line, start);
        if let Some(quote) = text.chars().next().filter(|letter| matches!(letter, '"' | '\'')) {
            let inner = text.get(1..).unwrap_or_default();
            let mut escaped = false;
            let end = inner.find(|letter| {
                let ends = letter == quote && !escaped;
                escaped = letter == '\\' && quote == '"' && !escaped;
                ends
            });
            let text = inner.get(..end.unwrap_or(inner.len())).unwrap_or_default();
            let length = text.len() + if end.is_some() { 2 } else { 1 };
            return Self { text, quote: Some(quote), is_closed: end.is_some(), in_flow, length };
        }
        let trimmed = |start: usize, end: Option<usize>| {
            let value = line.get(start..end.map_or(line.len(), |end| start + end)).unwrap_or_default();
            start + value.trim_end().len()
        };
        let end = if in_flow {
            ends.in_flow.from(start, |start| trimmed(start, part(line, start).find([',', '}', ']'])))
        } else {
            ends.comment.from(start, |start| trimmed(start, part(line, start).find(" #")))
        };
        let text = line.get(start..end).unwrap_or_default();
        Self { text, quote: None, is_closed: true, in_flow, length: text.len() }
    }

    /// Whether the value is on the lines below.
    fn goes_on(&self) -> bool {
        self.quote.is_none() && !self.in_flow && (self.text.is_empty() || self.text.starts_with(['|', '>', '#']))
    }

    /// Whether it is a list, a map or an alias, and so not itself a secret.
    fn is_tree(&self) -> bool {
        self.quote.is_none() && self.text.starts_with(['{', '[', '*'])
    }
}

/// Whether a line belongs to a map or a list.
fn is_tree_line(line: &str) -> bool {
    let line = line.trim();
    line.starts_with("- ") || line == "-" || line.contains(": ") || line.ends_with(':') || line.starts_with(['{', '['])
}

/// Whether a private key continues behind this text, given whether one was open before it.
pub(super) fn key_goes_on(text: &str, before: bool) -> bool {
    let last = |begin: &str| {
        let mut found = None;
        while let Some(place) = mark(text.get(found.map_or(0, |at| at + begin.len())..).unwrap_or_default(), begin) {
            found = Some(found.map_or(0, |at| at + begin.len()) + place);
        }
        found
    };
    match (last("-----BEGIN "), last("-----END ")) {
        (None, None) => before,
        (begin, end) => begin > end,
    }
}

/// Returns the byte offset of a PEM private key's marker, which starts with `begin`.
fn mark(text: &str, begin: &str) -> Option<usize> {
    let mut from = 0;
    loop {
        let place = from + text.get(from..)?.find(begin)?;
        let label = text.get(place + begin.len()..)?;
        let label = label.split("-----").next().unwrap_or_default();
        if label.contains("PRIVATE KEY") {
            return Some(place);
        }
        from = place + begin.len();
    }
}

#[cfg(test)]
mod tests {
    use super::mask;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(mask(text), expected);
    }

    #[test]
    fn a_kubeconfig_keeps_its_shape() {
        check(
            "users:\n- name: a\n  user:\n    client-certificate-data: QUJD\n    client-key-data: QUJD\n    token: abc # x\n    tokenFile: /var/run/token\n    username: u\n    password: 'a b'\n",
            "users:\n- name: a\n  user:\n    client-certificate-data: (masked)\n    client-key-data: (masked)\n    token: (masked) # x\n    tokenFile: /var/run/token\n    username: u\n    password: '(masked)'\n",
        );
    }

    #[test]
    fn private_keys_are_masked_wherever_they_stand() {
        check(
            "a\n-----BEGIN RSA PRIVATE KEY-----\nMII\nabc=\n-----END RSA PRIVATE KEY-----\nb\n",
            "a\n-----BEGIN RSA PRIVATE KEY-----\n(masked)\n(masked)\n-----END RSA PRIVATE KEY-----\nb\n",
        );
        check(
            "k: |\n  -----BEGIN PRIVATE KEY-----\n  MII\n  -----END PRIVATE KEY-----\nn: 1\n",
            "k: |\n  -----BEGIN PRIVATE KEY-----\n  (masked)\n  -----END PRIVATE KEY-----\nn: 1\n",
        );
        check(
            r#"{"k": "-----BEGIN EC PRIVATE KEY-----\nMII\n-----END EC PRIVATE KEY-----\n", "n": 1}"#,
            r#"{"k": "-----BEGIN EC PRIVATE KEY-----(masked)-----END EC PRIVATE KEY-----\n", "n": 1}"#,
        );
        check(
            "-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl\nb3",
            "-----BEGIN OPENSSH PRIVATE KEY-----\n(masked)\n(masked)",
        );
        check("-----BEGIN EC PRIVATE KEY-----MII\nb3", "-----BEGIN EC PRIVATE KEY-----(masked)\n(masked)");
        check("x-----END EC PRIVATE KEY-----\nb", "x-----END EC PRIVATE KEY-----\nb");
    }

    #[test]
    fn certificates_are_kept() {
        let text = "-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----\n";
        check(text, text);
    }

    #[test]
    fn json_keeps_its_shape() {
        check(
            r#"{"token":"abc","n":1,"password": "a\"b", "secret": 12, "apiKey":null, "list": ["token"]}"#,
            r#"{"token":"(masked)","n":1,"password": "(masked)", "secret": "(masked)", "apiKey":null, "list": ["token"]}"#,
        );
        check(
            "{\n  \"auths\": {\"r\": {\"auth\": \"QUJD\"}}\n}\n",
            "{\n  \"auths\": {\"r\": {\"auth\": \"(masked)\"}}\n}\n",
        );
    }

    #[test]
    fn values_over_several_lines_are_masked_whole() {
        check("token: |\n  abc\n\n  def\nnext: 1\n", "token: |\n  (masked)\n\n  (masked)\nnext: 1\n");
        check("token:\n  abc\nnext: 1\n", "token:\n  (masked)\nnext: 1\n");
        check("token: abc\n  def\nnext: 1\n", "token: (masked)\n  (masked)\nnext: 1\n");
        check("token: \"abc\n  def\"\nnext: 1\n", "token: \"(masked)\"\n\nnext: 1\n");
        check("token: abc\r\n\r\nnext: 1\r\n", "token: (masked)\r\n\r\nnext: 1\r\n");
        check("- secret: abc\n  name: x\n", "- secret: (masked)\n  name: x\n");
    }

    #[test]
    fn variables_and_flags_of_manifests_are_masked() {
        check(
            "env:\n- name: API_TOKEN\n  value: abc\n- name: PORT\n  value: \"80\"\n",
            "env:\n- name: API_TOKEN\n  value: (masked)\n- name: PORT\n  value: \"80\"\n",
        );
        check("- --token\n- abc\n- --x\n- y\n", "- --token\n- \"(masked)\"\n- --x\n- y\n");
        check("    - --token=abc\n", "    - --token=(masked)\n");
        check("[\n  \"--token\",\n  \"abc\",\n  \"d\"\n]", "[\n  \"--token\",\n  \"(masked)\",\n  \"d\"\n]");
    }

    #[test]
    fn unit_files_are_masked() {
        check(
            "[Service]\nEnvironment=\"A_TOKEN=abc\" B=c\nPROXY_PASSWORD='a b'\nExecStart=/usr/bin/x --token abc --v=2\nX=http://u:p@proxy:3128\n",
            "[Service]\nEnvironment=\"A_TOKEN=(masked)\" B=c\nPROXY_PASSWORD='(masked)'\nExecStart=/usr/bin/x --token (masked) --v=2\nX=http://(masked)@proxy:3128\n",
        );
    }

    #[test]
    fn values_of_flags_are_masked_whatever_stands_between() {
        check("ExecStart=/x --token \"a b\" --v=2\n", "ExecStart=/x --token \"(masked)\" --v=2\n");
        check("ExecStart=/x --token 'a' --v=2\n", "ExecStart=/x --token '(masked)' --v=2\n");
        check("ExecStart=/x --token \\\n  abc \\\n  --v=2\n", "ExecStart=/x --token \\\n  (masked) \\\n  --v=2\n");
        check("a: [--token, abc, d\n", "a: [--token, (masked), d\n");
        check("a: [\"--token\",\"abc\",\"d\"\n", "a: [\"--token\",\"(masked)\",\"d\"\n");
        check("--token --v=2 --password \\\n  --v=2\n", "--token --v=2 --password \\\n  --v=2\n");
    }

    #[test]
    fn blanks_before_a_colon_and_breaks_behind_it_hide_nothing() {
        check("secret : abc\n\"secret\" : \"abc\"\n", "secret : (masked)\n\"secret\" : \"(masked)\"\n");
        check("{\"secret\":\n\"abc\",\n\"b\": 1\n", "{\"secret\":\n(masked)\n\"b\": 1\n");
        check("{\"secret\":\n{\"b\": 1\n", "{\"secret\":\n{\"b\": 1\n");
    }

    #[test]
    fn tokens_are_known_by_their_looks() {
        check("x: eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJrIn0.c2lnbmF0dXJl\n", "x: (masked)\n");
        check("x: LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVktLS0tLQo=\n", "x: (masked)\n");
    }

    #[test]
    fn ordinary_configurations_are_kept() {
        for text in [
            "authentication:\n  anonymous:\n    enabled: false\n  x509:\n    clientCAFile: /etc/kubernetes/pki/ca.crt\n",
            "rotateCertificates: true\nserverTLSBootstrap: true\nstreamingConnectionIdleTimeout: 4h0m0s\n",
            "automountServiceAccountToken: false\nhostNetwork: true\nimage: registry.k8s.io/etcd:3.5.16-0\n",
            "- --encryption-provider-config=/etc/kubernetes/enc.yaml\n- --token-auth-file=/x\n",
            "volumes:\n- name: token-dir\n  hostPath:\n    path: /etc\n- secret:\n    secretName: x\n",
            "kind: EncryptionConfiguration\nresources:\n- resources:\n  - secrets\n  providers:\n  - aescbc:\n      keys: []\n  - identity: {}\n",
            "rules:\n- level: Metadata\n  resources:\n  - group: \"\"\n    resources: [\"secrets\", \"configmaps\", \"tokenreviews\"]\n",
        ] {
            check(text, text);
        }
    }
}
