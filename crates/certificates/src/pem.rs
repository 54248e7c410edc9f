//! PEM blocks (RFC 7468), as found by Go and OpenSSL: their lines start in the first column, anything may stand
//! between blocks, and lines may end with CRLF.

use base64ct::{Base64, Encoding as _};

use super::LARGEST;

const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"-----END ";

/// The labels of certificate blocks.
const LABELS: [&[u8]; 3] = [b"CERTIFICATE", b"X509 CERTIFICATE", TRUSTED];

/// The label of a certificate that is followed by OpenSSL's trust data.
const TRUSTED: &[u8] = b"TRUSTED CERTIFICATE";

/// A block that contains a certificate.
pub(crate) struct Block {
    /// The decoded bytes.
    pub(crate) bytes: Vec<u8>,
    /// Whether trust data may follow the certificate.
    pub(crate) is_trusted: bool,
}

/// Whether a text contains any block.
pub(crate) fn begins(text: &[u8]) -> bool {
    text.split(|byte| *byte == b'\n').any(|line| label(line, BEGIN).is_some())
}

/// The certificate blocks of a text. Other blocks, such as keys, are not decoded.
pub(crate) fn blocks(text: &[u8]) -> impl Iterator<Item = Result<Block, &'static str>> {
    let mut lines = text.split(|byte| *byte == b'\n').peekable();
    std::iter::from_fn(move || {
        loop {
            let Some(begun) = label(lines.next()?, BEGIN) else { continue };
            if !LABELS.contains(&begun) {
                continue;
            }
            let mut letters = Vec::new();
            let mut is_too_large = false;
            loop {
                // The start of another block also ends an unterminated one.
                let Some(line) = lines.next_if(|line| label(line, BEGIN).is_none()) else {
                    return Some(Err("its PEM block has no end"));
                };
                if let Some(ended) = label(line, END) {
                    return Some(if ended != begun {
                        Err("its PEM block has an END line that does not match")
                    } else if is_too_large {
                        Err("exceeds the limit of 64 KiB")
                    } else {
                        decoded(&letters).map(|bytes| Block { bytes, is_trusted: begun == TRUSTED })
                    });
                }
                // Headers contain a colon, unlike base64. No tool writes them today.
                if !line.contains(&b':') && !is_too_large {
                    letters.extend(line.iter().filter(|byte| !byte.is_ascii_whitespace()));
                    is_too_large = letters.len() > LARGEST.div_ceil(3) * 4;
                }
            }
        }
    })
}

/// Decodes base64, of a PEM block or of a kubeconfig value.
pub(crate) fn decoded(letters: &[u8]) -> Result<Vec<u8>, &'static str> {
    let text = str::from_utf8(letters).map_err(|_| NOT_BASE64)?;
    Base64::decode_vec(text).map_err(|_| NOT_BASE64)
}

const NOT_BASE64: &str = "is not valid base64";

/// The label of a line that begins or ends a block.
fn label<'l>(line: &'l [u8], word: &[u8]) -> Option<&'l [u8]> {
    line.trim_ascii_end().strip_prefix(word)?.strip_suffix(b"-----")
}
