//! Decoding of YAML input: UTF-8, or UTF-16 with a byte order mark.

use std::borrow::Cow;

use super::Fault;

/// Decodes bytes to text; the fault says where they are not valid.
pub fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, Fault> {
    match bytes {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        _ => match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Cow::Borrowed(text)),
            Err(error) => {
                let before = String::from_utf8_lossy(bytes.get(..error.valid_up_to()).unwrap_or_default());
                Err(fault_after(&before, "not valid YAML: not UTF-8"))
            }
        },
    }
}

fn utf16<'b>(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<Cow<'b, str>, Fault> {
    let (pairs, rest) = bytes.as_chunks();
    let mut text = String::with_capacity(pairs.len());
    for letter in char::decode_utf16(pairs.iter().map(|pair| unit(*pair))) {
        match letter {
            Ok(letter) => text.push(letter),
            Err(_) => return Err(fault_after(&text, "not valid YAML: not UTF-16")),
        }
    }
    if rest.is_empty() {
        Ok(Cow::Owned(text))
    } else {
        Err(fault_after(&text, "not valid YAML: an incomplete UTF-16 character"))
    }
}

/// Creates a fault located at the end of `before`.
fn fault_after(before: &str, message: &str) -> Fault {
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    Fault { line, column, message: message.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_either_encoding_are_read() {
        let little: Vec<u8> =
            [0xff, 0xfe].into_iter().chain("a: ö\n".encode_utf16().flat_map(u16::to_le_bytes)).collect();
        let big: Vec<u8> = [0xfe, 0xff].into_iter().chain("a: ö\n".encode_utf16().flat_map(u16::to_be_bytes)).collect();
        for bytes in ["a: ö\n".as_bytes(), &little, &big] {
            assert_eq!(decode(bytes).as_deref(), Ok("a: ö\n"));
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_told_with_their_place() {
        for (bytes, line, column) in
            [(&b"a: 1\n\xc3\xb6\xff"[..], 2, 2), (b"\xff\xfea\0b", 1, 2), (b"\xfe\xff\0a\0\n\xd8\0\0a", 2, 1)]
        {
            let fault = decode(bytes).expect_err("it is not text");
            assert_eq!((fault.line, fault.column), (line, column), "{bytes:?}: {fault:?}");
        }
    }
}
