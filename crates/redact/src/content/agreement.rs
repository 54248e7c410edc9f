//! Whether masking has preserved the meaning of a YAML document.

use yaml::{self, Content, Document, Node};

use super::assignments;
use crate::MASK;

/// Whether two contents, as the program reads them, differ only where a text was masked.
pub(super) fn holds(original: &[u8], masked: &[u8]) -> bool {
    match (read(original), read(masked)) {
        (None, None) => true,
        // No reader takes lines of assignments for YAML.
        (Some(document), _) if is_assignments(&document) => true,
        (Some(original), Some(masked)) => {
            let duplicates = original.duplicates.iter().zip(&masked.duplicates);
            original.duplicates.len() == masked.duplicates.len()
                && duplicates.fold(true, |holds, (one, other)| holds && one.1 == other.1 && is_text(&one.0, &other.0))
                && match (&original.root, &masked.root) {
                    (None, None) => true,
                    (Some(original), Some(masked)) => is_node(original, masked),
                    _ => false,
                }
        }
        _ => false,
    }
}

/// Whether the bytes cannot be parsed as YAML.
pub(super) fn is_malformed(bytes: &[u8]) -> bool {
    read(bytes).is_none()
}

/// Returns the first document; none if it is malformed. Every reader of files rejects a document that is just a scalar.
fn read(bytes: &[u8]) -> Option<Document> {
    let document = yaml::parse(&yaml::decode(bytes).ok()?).ok()?;
    let is_text = document.root.as_ref().is_some_and(|root| matches!(root.content, Content::Scalar { .. }));
    let is_null = document.root.as_ref().is_some_and(|root| root.is_null());
    (!is_text || is_null).then_some(document)
}

fn is_assignments(document: &Document) -> bool {
    match document.root.as_ref().map(|root| &root.content) {
        Some(Content::Map(entries)) => assignments(entries.iter().map(|entry| entry.key.as_str())),
        _ => false,
    }
}

fn is_node(original: &Node, masked: &Node) -> bool {
    original.line == masked.line
        && match (&original.content, &masked.content) {
            (Content::Scalar { text, plain }, Content::Scalar { text: other, plain: other_plain }) => {
                (text == other && plain == other_plain) || other.contains(MASK)
            }
            (Content::List(items), Content::List(others)) => {
                items.len() == others.len() && items.iter().zip(others).all(|(item, other)| is_node(item, other))
            }
            (Content::Map(entries), Content::Map(others)) => {
                entries.len() == others.len()
                    && entries.iter().zip(others).all(|(entry, other)| {
                        entry.line == other.line
                            && is_text(&entry.key, &other.key)
                            && is_node(&entry.value, &other.value)
                    })
            }
            _ => false,
        }
}

fn is_text(original: &str, masked: &str) -> bool {
    original == masked || masked.contains(MASK)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_masked_texts_may_differ() {
        let table = [
            ("a: 1\n", "a: 1\n", true),
            ("a: x\n", "a: \"(masked)\"\n", true),
            ("a: x\n", "a: y\n", false),
            ("a: 1\n", "a: '1'\n", false),
            ("a: [x]\n", "a: (masked)\n", false),
            ("a: {x: y}\n", "a: {x: y, z: 1}\n", false),
            ("a: x\nb: 1\n", "a: (masked)\n\nb: 1\n", false),
            ("x: 1\n", "(masked): 1\n", true),
            ("x: 1\ny: 1\n", "(masked): 1\n(masked): 1\n", false),
            ("a: [\n", "a: [ (masked)\n", true),
            ("a: [\n", "a: []\n", false),
            ("a: []\n", "a: [\n", false),
            ("TOKEN=x\n", "TOKEN=(masked)\n", true),
            ("TOKEN=\"x: y\"\n", "TOKEN=\"(masked)\"\n", true),
            ("", "", true),
            ("a: 1\n---\nb: 1\n", "a: 1\n---\nc: 2\n", true),
        ];
        for (original, masked, expected) in table {
            assert_eq!(holds(original.as_bytes(), masked.as_bytes()), expected, "{original} {masked}");
        }
        assert!(holds(b"a: \xff\n", b"b: \xff"));
        assert!(!holds(b"a: \xff\n", b"a: (masked)\n"));
        assert!(holds(b"\xff\xfea\0:\0 \0b\0", b"a: (masked)"));
    }
}
