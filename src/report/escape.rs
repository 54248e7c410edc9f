//! Escapes for text from a node.
//!
//! Such text may be crafted to deceive: terminal control sequences, line breaks that forge a line, characters that XML
//! forbids or that reverse the reading direction. Every report writes them as visible escapes.

use std::borrow::Cow;
use std::io::{self, Write};

/// Escapes text for one line: every control and invisible character becomes visible (`\n`, `\x1b`, `\u{202e}`).
pub fn line(text: &str) -> Cow<'_, str> {
    replace(text, shown)
}

/// Escapes text for several lines: like [`line()`], but keeps line breaks and tabs.
pub fn lines(text: &str) -> Cow<'_, str> {
    replace(text, |c| if matches!(c, '\n' | '\t') { None } else { shown(c) })
}

/// Escapes the text of an XML element: like [`lines`], with XML's own characters as references, so that `]]>` is safe
/// too.
///
/// Quotes stay: some readers do not decode references, and the text may be JSON.
pub fn xml_text(text: &str) -> Cow<'_, str> {
    replace(text, |c| if matches!(c, '\n' | '\t' | '"') { None } else { xml(c) })
}

/// Escapes an XML attribute in double quotes: like [`xml_text`], with quotes, line breaks and tabs as references, since
/// readers turn unescaped breaks and tabs into spaces.
pub fn xml_attribute(text: &str) -> Cow<'_, str> {
    replace(text, |c| match c {
        '\n' => Some("&#10;".into()),
        '\t' => Some("&#9;".into()),
        _ => xml(c),
    })
}

/// Writes part of a JSON string whose control characters are already escaped: deceptive characters and the ASCII
/// characters in `others` become escapes too, which makes no difference to a parser.
///
/// # Errors
///
/// If the writer fails.
pub fn json(fragment: &str, others: &[u8], out: &mut (impl Write + ?Sized)) -> io::Result<()> {
    // Most texts need no escapes, which is checked several bytes at a time.
    if others.is_empty() && fragment.is_ascii() && !fragment.as_bytes().contains(&0x7f) {
        return out.write_all(fragment.as_bytes());
    }
    let mut rest = fragment;
    // Scans bytes instead of characters, since texts can be long: a non-ASCII character starts with a byte from 0xc2.
    while let Some(at) = rest.bytes().position(|byte| matches!(byte, 0x7f | 0xc2..) || others.contains(&byte)) {
        let (before, after) = rest.split_at(at);
        out.write_all(before.as_bytes())?;
        let mut letters = after.chars();
        match letters.next() {
            Some(c) if c.is_ascii() || is_deceptive(c) => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    write!(out, "\\u{unit:04x}")?;
                }
            }
            other => out.write_all(other.unwrap_or_default().encode_utf8(&mut [0; 4]).as_bytes())?,
        }
        rest = letters.as_str();
    }
    out.write_all(rest.as_bytes())
}

/// Writes the contents of a JSON string: [`json`] for a text in which nothing is escaped yet, given as UTF-8.
///
/// # Errors
///
/// If the writer fails.
pub fn json_text(text: &[u8], out: &mut (impl Write + ?Sized)) -> io::Result<()> {
    let mut rest = text;
    loop {
        let (plain, after) = rest.split_at(plain_json(rest));
        out.write_all(plain)?;
        let Some((&byte, behind)) = after.split_first() else { return Ok(()) };
        rest = behind;
        match byte {
            b'"' => out.write_all(b"\\\"")?,
            b'\\' => out.write_all(b"\\\\")?,
            b'\n' => out.write_all(b"\\n")?,
            b'\r' => out.write_all(b"\\r")?,
            b'\t' => out.write_all(b"\\t")?,
            0x08 => out.write_all(b"\\b")?,
            0x0c => out.write_all(b"\\f")?,
            ..0x20 => write!(out, "\\u{byte:04x}")?,
            _ => {
                let end = after.iter().position(|byte| *byte < 0x7f).unwrap_or(after.len());
                let (others, behind) = after.split_at(end);
                json(&String::from_utf8_lossy(others), b"", out)?;
                rest = behind;
            }
        }
    }
}

/// Returns the number of leading bytes that stand for themselves in a JSON string: printable ASCII characters other than
/// quotes and backslashes.
fn plain_json(text: &[u8]) -> usize {
    let (words, _) = text.as_chunks();
    let plain = 8 * words.iter().take_while(|word| are_plain_json(u64::from_ne_bytes(**word))).count();
    let (_, rest) = text.split_at(plain);
    let is_plain = |byte: &u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\');
    plain + rest.iter().take_while(|byte| is_plain(byte)).count()
}

/// Whether all eight bytes of a word are printable ASCII characters other than quotes and backslashes.
const fn are_plain_json(word: u64) -> bool {
    /// The same byte eight times.
    const fn all(byte: u8) -> u64 {
        u64::from_ne_bytes([byte; 8])
    }
    /// Sets the highest bit of each byte that is zero, and perhaps of others if one is.
    const fn zeros(word: u64) -> u64 {
        word.wrapping_sub(all(1)) & !word
    }
    let below_space = word.wrapping_sub(all(b' ')) & !word;
    let others = zeros(word ^ all(b'"')) | zeros(word ^ all(b'\\')) | zeros(word ^ all(0x7f));
    (word | below_space | others) & all(0x80) == 0
}

/// Whether a character acts instead of being displayed, is invisible, or is forbidden in XML.
pub fn is_deceptive(c: char) -> bool {
    c.is_control()
        || matches!(c,
            // Direction marks and overrides, zero-width joiners and spaces, line separators.
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            // Not characters.
            | '\u{fffe}' | '\u{ffff}'
            // Tag characters, which are always invisible.
            | '\u{e0000}'..='\u{e007f}')
}

fn shown(c: char) -> Option<Cow<'static, str>> {
    Some(match c {
        '\n' => "\\n".into(),
        '\r' => "\\r".into(),
        '\t' => "\\t".into(),
        _ if !is_deceptive(c) => return None,
        _ if c.is_ascii() => format!("\\x{:02x}", u32::from(c)).into(),
        _ => format!("\\u{{{:x}}}", u32::from(c)).into(),
    })
}

fn xml(c: char) -> Option<Cow<'static, str>> {
    match c {
        '<' => Some("&lt;".into()),
        '>' => Some("&gt;".into()),
        '&' => Some("&amp;".into()),
        '"' => Some("&quot;".into()),
        _ => shown(c),
    }
}

fn replace(text: &str, replacement: impl Fn(char) -> Option<Cow<'static, str>>) -> Cow<'_, str> {
    let mut replaced = String::new();
    // The text that is not copied yet, and how many of its bytes need no replacement.
    let (mut rest, mut kept) = (text, 0);
    while let Some(at) = rest.bytes().skip(kept).position(is_conspicuous) {
        let (before, after) = rest.split_at(kept + at);
        let mut letters = after.chars();
        let Some(c) = letters.next() else { break };
        match replacement(c) {
            None => kept = before.len() + c.len_utf8(),
            Some(instead) => {
                replaced.push_str(before);
                replaced.push_str(&instead);
                (rest, kept) = (letters.as_str(), 0);
            }
        }
    }
    if rest.len() == text.len() {
        return Cow::Borrowed(text);
    }
    replaced.push_str(rest);
    Cow::Owned(replaced)
}

/// Whether a character that starts with this byte may need a replacement in some format. Rules out most of ASCII.
const fn is_conspicuous(byte: u8) -> bool {
    matches!(byte, ..b' ' | 0x7f | 0xc2.. | b'<' | b'>' | b'&' | b'"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_stays_one_line() {
        assert_eq!(line("a\nb\r\tc\u{1b}[31m\u{9b}2J\u{202e}x\u{7f}"), "a\\nb\\r\\tc\\x1b[31m\\u{9b}2J\\u{202e}x\\x7f");
        assert_eq!(line("\u{2028}\u{200b}\u{feff}\u{e0041}"), "\\u{2028}\\u{200b}\\u{feff}\\u{e0041}");
    }

    #[test]
    fn ordinary_text_is_left_alone() {
        for text in ["", "--a=b", "C:\\n", "Straße 北京 🙂", "<a href='x'>"] {
            assert!(matches!(line(text), Cow::Borrowed(same) if same == text), "{text}");
        }
    }

    #[test]
    fn several_lines_keep_their_breaks() {
        assert_eq!(lines("a\n\tb\u{7}\r"), "a\n\tb\\x07\\r");
    }

    #[test]
    fn xml_is_escaped() {
        assert_eq!(xml_text("]]><&>\"'\n\0\u{ffff}"), "]]&gt;&lt;&amp;&gt;\"'\n\\x00\\u{ffff}");
        assert_eq!(xml_attribute("a\n\t\"'\r<"), "a&#10;&#9;&quot;'\\r&lt;");
    }
}
