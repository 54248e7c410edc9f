//! SSH keys that may log in: lines of `authorized_keys`, or the strings of a JSON document, such as the user data of
//! Bottlerocket's admin container.

use crate::PublicKey;
use crate::kind::Remark;

/// The minimum size of an RSA key, in bits.
const LEAST_BITS: usize = 2048;

fn keys(text: &str) -> Vec<(usize, PublicKey)> {
    if is_json(text) {
        return texts(text).into_iter().map(|(line, text)| (line, PublicKey::new(&text))).filter(is_known).collect();
    }
    let lines = text.lines().enumerate().map(|(index, line)| (index + 1, line.trim_start()));
    lines
        .filter(|(_, line)| !line.starts_with('#'))
        .map(|(index, line)| (index, PublicKey::new(line)))
        .filter(is_known)
        .collect()
}

const fn is_known((_, key): &(usize, PublicKey)) -> bool {
    key.is_known()
}

fn is_json(text: &str) -> bool {
    text.trim_start().starts_with('{')
}

/// The strings in a JSON document and the lines on which they start. The document's structure does not matter: any
/// string that is a key allows login.
fn texts(text: &str) -> Vec<(usize, String)> {
    let (mut found, mut line) = (Vec::new(), 1);
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\n' => line += 1,
            '"' => {
                let (mut own, begins) = (String::new(), line);
                while let Some(letter) = letters.next().filter(|letter| *letter != '"') {
                    own.push(match letter {
                        '\\' => escaped(&mut letters),
                        letter => letter,
                    });
                    line += usize::from(letter == '\n');
                }
                found.push((begins, own));
            }
            _ => {}
        }
    }
    found
}

/// The character that a JSON escape stands for, after the backslash.
fn escaped(letters: &mut std::str::Chars<'_>) -> char {
    match letters.next() {
        Some('n' | 'r' | 't' | 'b' | 'f') => ' ',
        Some('u') => {
            let digits: String = letters.by_ref().take(4).collect();
            u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER)
        }
        Some(letter) => letter,
        None => char::REPLACEMENT_CHARACTER,
    }
}

pub(crate) fn remarks(text: &str) -> Vec<Remark> {
    let remark = |(line, key): (usize, PublicKey)| {
        let shown = key.fingerprint().map_or_else(
            || format!("{key}, which cannot be read"),
            |fingerprint| format!("{} {fingerprint}", crate::kind::shown(key.algorithm())),
        );
        let (weakness, violates) = match key.rsa_bits() {
            Some(bits) if bits < LEAST_BITS => (format!(", {bits} bits"), true),
            None if key.is_rsa() => (", of unknown length".to_owned(), true),
            _ if key.algorithm() == "ssh-dss" => (", 1024 bits".to_owned(), true),
            _ => (String::new(), false),
        };
        Remark { line, text: format!("key {shown}{weakness}"), violates }
    };
    keys(text).into_iter().map(remark).collect()
}

pub(crate) fn kept(text: &str) -> Vec<(usize, String)> {
    let keys = keys(text).into_iter();
    if !is_json(text) {
        return keys.map(|(line, key)| (line, key.line())).collect();
    }
    // Kept as JSON, since the first character decides how the text is read.
    let text = |(line, key): (usize, PublicKey)| {
        (line, format!("\"{}\"", key.line().replace('\\', "\\\\").replace('"', "\\\"")))
    };
    std::iter::once((1, "{".to_owned())).chain(keys.map(text)).collect()
}

#[cfg(test)]
mod tests {
    use crate::Kind;

    #[test]
    fn weak_keys_and_all_others_are_named() {
        // A host key of GitHub, which publishes the fingerprint.
        const ED25519: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl";
        let text = format!(
            "# ssh-ed25519 AAAA commented\n\n{ED25519} me@example.com\nfrom=\"10.0.0.0/8\" {ED25519}\nssh-rsa AAAA\nssh-dss \
             AAAAB3NzaC1kc3M= x\nnonsense\n"
        );
        let remarks = Kind::AuthorizedKeys.remarks(text.as_bytes(), "authorized_keys", 0o600, &[]).expect("read");
        let said: Vec<(usize, bool)> = remarks.iter().map(|remark| (remark.line, remark.violates)).collect();
        assert_eq!(said, [(3, false), (4, false), (5, true), (6, true)]);
        assert_eq!(remarks[0].text, "key ssh-ed25519 SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU");
        assert_eq!(remarks[0].text, remarks[1].text);
        assert!(!Kind::AuthorizedKeys.kept(text.as_bytes()).contains("example.com"));
    }
    #[test]
    fn keys_of_the_admin_container_are_those_of_its_user_data() {
        const ED25519: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl";
        let text = format!(
            "{{\n \"ssh\": {{\n  \"authorized-keys\": [\n   \"{ED25519} me@example.com\",\n   \"ssh-dss AAAAB3NzaC1kc3MAAAAB\"]}}}}\n"
        );
        let said = |text: &[u8]| {
            let remarks = Kind::AuthorizedKeys.remarks(text, "user-data", 0o600, &[]).expect("read");
            remarks.iter().map(|remark| (remark.line, remark.violates)).collect::<Vec<_>>()
        };
        assert_eq!(said(text.as_bytes()), [(4, false), (5, true)]);
        let kept = Kind::AuthorizedKeys.kept(text.as_bytes());
        assert_eq!(said(kept.as_bytes()), [(4, false), (5, true)]);
        assert!(!kept.contains("example.com"), "{kept}");
        assert_eq!(said(b"{\"ssh\":{}}"), []);
        assert_eq!(said(b"{\"ssh\": \"ssh-ed25519\\u0020AAAAC3NzaC1lZDI1NTE5 x"), [(1, false)]);
    }
}
