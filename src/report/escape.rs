//! What a node holds may be made to deceive: terminal sequences, line breaks that forge a line, characters that XML
//! forbids or that turn the reading direction round. Each report writes them as visible escapes.

use std::borrow::Cow;
use std::io::{self, Write};

/// For one line: every control and invisible character is shown (`\n`, `\x1b`, `\u{202e}`).
pub fn line(text: &str) -> Cow<'_, str> {
    replace(text, shown)
}

/// For several lines: as [`line()`], but line breaks and tabs stay.
pub fn lines(text: &str) -> Cow<'_, str> {
    replace(text, |c| if matches!(c, '\n' | '\t') { None } else { shown(c) })
}

/// For the text of an XML element: as [`lines`], and XML's own characters as references, so that `]]>` is safe too.
pub fn xml_text(text: &str) -> Cow<'_, str> {
    replace(text, |c| if matches!(c, '\n' | '\t') { None } else { xml(c) })
}

/// For an XML attribute: as [`xml_text`], with line breaks and tabs as references, which a reader would else turn into
/// spaces.
pub fn xml_attribute(text: &str) -> Cow<'_, str> {
    replace(text, |c| match c {
        '\n' => Some("&#10;".into()),
        '\t' => Some("&#9;".into()),
        _ => xml(c),
    })
}

/// For a part of a text in JSON, whose control characters are escapes already: what does something instead of being
/// seen is an escape too, and those of the ASCII characters `others` holds. To a parser it is the same.
///
/// # Errors
///
/// What the writer answers.
pub fn json(fragment: &str, others: &[u8], out: &mut (impl Write + ?Sized)) -> io::Result<()> {
    // Most texts hold none. That is seen several bytes at a time.
    if others.is_empty() && fragment.is_ascii() && !fragment.as_bytes().contains(&0x7f) {
        return out.write_all(fragment.as_bytes());
    }
    let mut rest = fragment;
    // Byte by byte, since texts can be long and few of them hold any: what is not ASCII begins with a byte from 0xc2.
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

/// Whether a character does something instead of being seen, or XML forbids it.
pub fn is_deceptive(c: char) -> bool {
    c.is_control()
        || matches!(c,
            // Marks and overrides of the reading direction, joiners and spaces without width, line separators.
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            // No characters at all.
            | '\u{fffe}' | '\u{ffff}'
            // Tags, invisible everywhere.
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
        '\'' => Some("&apos;".into()),
        _ => shown(c),
    }
}

fn replace(text: &str, replacement: impl Fn(char) -> Option<Cow<'static, str>>) -> Cow<'_, str> {
    let mut replaced = String::new();
    // What is not copied yet, and how much of it is known to stay.
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

/// Whether a character that begins with this byte may be one to replace, in any format. Most are plain ASCII, and are
/// not looked at one by one.
const fn is_conspicuous(byte: u8) -> bool {
    matches!(byte, ..b' ' | 0x7f | 0xc2.. | b'<' | b'>' | b'&' | b'"' | b'\'')
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
        assert_eq!(xml_text("]]><&>\"'\n\0\u{ffff}"), "]]&gt;&lt;&amp;&gt;&quot;&apos;\n\\x00\\u{ffff}");
        assert_eq!(xml_attribute("a\n\t\"\r"), "a&#10;&#9;&quot;\\r");
    }
}
