//! Tests with every format of a secret, and with texts that only look like one.

use crate::text::mask_output;
use crate::{MASK, content, mask_text};

/// Returns the lines of a table, with `\n` resolved.
fn lines(table: &'static str) -> impl Iterator<Item = String> {
    let lines = table.lines().filter(|line| !line.starts_with("# ") && !line.is_empty());
    lines.map(|line| line.replace("\\\\", "\u{1}").replace("\\n", "\n").replace('\u{1}', "\\"))
}

/// Returns texts with secrets, each with its masked form and the secrets it contains.
fn secrets() -> impl Iterator<Item = (String, String, Vec<String>)> {
    lines(include_str!("../../../../golden/secrets.txt")).map(|line| {
        let line = line.replace('·', "");
        let mut parts = line.split(['⟦', '⟧']);
        let (mut text, mut masked, mut secrets) = (String::new(), String::new(), Vec::new());
        while let Some(open) = parts.next() {
            text.push_str(open);
            masked.push_str(open);
            if let Some(secret) = parts.next() {
                text.push_str(secret);
                masked.push_str(MASK);
                secrets.push(secret.to_owned());
            }
        }
        (text, masked, secrets)
    })
}

#[test]
fn every_form_is_masked_and_nothing_else() {
    let mut wrong = Vec::new();
    for (text, expected, _) in secrets() {
        let masked = mask_output(&text);
        if masked != expected || mask_text(&text) != expected || mask_output(&masked) != masked {
            wrong.push(format!("{text}\n  {masked}\n  {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_form_is_masked_in_a_recording() {
    let mut wrong = Vec::new();
    for (text, _, secrets) in secrets() {
        let quoted = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
        for content in [
            text.clone(),
            format!("a: b\nc: \"{quoted}\"\n"),
            format!("a: 1\n# {}\n", text.replace('\n', "\n# ")),
            format!("{{\"a\": [\"{quoted}\", 1]}}"),
            format!("[Service]\nExecStart=/x {text}\n"),
        ] {
            let masked = content::content(content.as_bytes()).unwrap_or_default();
            let masked = String::from_utf8_lossy(&masked);
            wrong.extend(left(&secrets, &masked).map(|secret| format!("{content}\n  {secret}\n  {masked}")));
        }
        let is_command = !text.contains(['"', '\n']) && COMMANDS.iter().any(|command| text.contains(command));
        let apart = text.split(' ').filter(|_| is_command).map(str::to_owned).collect();
        for line in [vec!["sh".to_owned(), "-c".to_owned(), text.clone()], apart] {
            let masked = content::arguments(line.iter().map(|word| word.clone().into_bytes()).collect()).join(&b' ');
            let masked = String::from_utf8_lossy(&masked);
            wrong.extend(left(&secrets, &masked).map(|secret| format!("{line:?}\n  {secret}\n  {masked}")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Words of the table that start command lines.
const COMMANDS: [&str; 10] = [
    "curl ",
    "mysql ",
    "mysqldump ",
    "mariadb ",
    "sshpass ",
    "etcdctl ",
    "login ",
    "redis-cli ",
    "ldapsearch ",
    "skopeo ",
];

/// Returns the secrets that a text still contains, ignoring punctuation around them.
fn left<'s>(secrets: &'s [String], text: &str) -> impl Iterator<Item = &'s String> {
    secrets
        .iter()
        .filter(move |secret| text.contains(secret.trim_matches(|letter: char| !letter.is_ascii_alphanumeric())))
}

#[test]
fn what_is_public_stays() {
    let mut wrong = Vec::new();
    for text in lines(include_str!("../../../../golden/public.txt")) {
        let argument = content::arguments(vec![b"x".to_vec(), text.clone().into_bytes()]).pop().unwrap_or_default();
        for masked in
            [mask_text(&text).into_owned(), mask_output(&text).into_owned(), String::from_utf8_lossy(&argument).into()]
        {
            if masked != text {
                wrong.push(format!("{text}\n  {masked}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
