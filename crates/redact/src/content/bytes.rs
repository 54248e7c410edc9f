//! Changes bytes as text, even if they are not valid UTF-8.

use std::borrow::Cow;

use yaml;

/// Private-use characters, in blocks of 256: each character of one block stands for an invalid byte.
const PRIVATE: std::ops::RangeInclusive<u32> = 0xf_0000..=0x10_ff00;

/// Applies a change to bytes as UTF-8, leaving invalid bytes as they are; returns none if that is not possible.
pub(super) fn changed(bytes: &[u8], change: impl FnOnce(&str) -> Option<String>) -> Option<Vec<u8>> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return change(text).map(String::into_bytes);
    }
    let base = unused(bytes)?;
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().filter_map(|byte| char::from_u32(base + u32::from(*byte))));
    }
    let changed = change(&text)?;
    let mut bytes = Vec::with_capacity(changed.len());
    for letter in changed.chars() {
        match u32::from(letter).checked_sub(base).and_then(|byte| u8::try_from(byte).ok()) {
            Some(byte) => bytes.push(byte),
            None => bytes.extend(letter.encode_utf8(&mut [0; 4]).bytes()),
        }
    }
    Some(bytes)
}

/// Returns the first block of 256 private-use characters that does not occur in the bytes.
fn unused(bytes: &[u8]) -> Option<u32> {
    let used: Vec<u32> = bytes
        .utf8_chunks()
        .flat_map(|chunk| chunk.valid().chars())
        .map(|letter| u32::from(letter) & !0xff)
        .filter(|block| PRIVATE.contains(block))
        .collect();
    PRIVATE.step_by(0x100).find(|block| !used.contains(block))
}

/// Decodes UTF-16 with a byte order mark; returns the text and whether it is well-formed, or none for other bytes.
pub(super) fn utf16(bytes: &[u8]) -> Option<(Cow<'_, str>, bool)> {
    let (rest, unit): (_, fn([u8; 2]) -> u16) = match bytes {
        [0xff, 0xfe, rest @ ..] => (rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => (rest, u16::from_be_bytes),
        _ => return None,
    };
    if let Ok(text) = yaml::decode(bytes) {
        return Some((text, true));
    }
    let (pairs, _) = rest.as_chunks();
    let units: Vec<u16> = pairs.iter().map(|pair| unit(*pair)).collect();
    Some((String::from_utf16_lossy(&units).into(), false))
}

/// Returns the characters of text that appears to be UTF-16 or UTF-32 without a byte order mark, or none for other
/// bytes.
pub(super) fn wide(bytes: &[u8]) -> Option<String> {
    let letters: Vec<u8> = bytes.iter().copied().filter(|byte| *byte != 0).collect();
    (bytes.len() - letters.len() > bytes.len() / 3).then(|| String::from_utf8_lossy(&letters).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_no_text_stay() {
        let upper = |bytes: &[u8]| changed(bytes, |text| Some(text.to_uppercase()));
        assert_eq!(upper(b"a\xffb\xc3").as_deref(), Some(&b"A\xffB\xc3"[..]));
        assert_eq!(upper("\u{f00ff}\u{f01ff}a".as_bytes()).as_deref(), Some("\u{f00ff}\u{f01ff}A".as_bytes()));
        let mixed = ["\u{f00ff}a".as_bytes(), b"\xff"].concat();
        assert_eq!(upper(&mixed), Some(["\u{f00ff}A".as_bytes(), b"\xff"].concat()));
        assert_eq!(changed(b"a", |_| None), None);
    }

    #[test]
    fn wide_letters_are_noticed() {
        assert_eq!(wide(b"a\0b\0").as_deref(), Some("ab"));
        assert_eq!(wide(b"a=b\0c=d\0"), None);
        assert_eq!(utf16(b"\xff\xfea\0b"), Some(("a".into(), false)));
        assert_eq!(utf16(b"\xfe\xff\0a"), Some(("a".into(), true)));
        assert_eq!(utf16(b"a\0"), None);
    }
}
