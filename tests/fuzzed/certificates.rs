//! Certificates: whatever the bytes, the result is bounded and safe to display.

use certificates::{MOST, read};

/// Input: the bytes of the file.
pub fn hold(bytes: &[u8]) -> String {
    let held = read(bytes);
    assert_eq!(held, read(bytes), "read in two ways");
    assert!(held.found.len() <= MOST && held.broken.len() <= MOST + 1 && held.named.len() <= 16, "{held:?}");
    for certificate in &held.found {
        for text in [&certificate.subject, &certificate.issuer] {
            assert!(text.len() <= 515 && !text.contains(char::is_control), "{text:?}");
        }
        let groups: usize = certificate.groups.iter().map(String::len).sum();
        // Each invalid byte becomes three bytes (U+FFFD).
        assert!(groups <= 3 * bytes.len(), "{groups} bytes of {}", bytes.len());
    }
    for broken in &held.broken {
        assert!(broken.detail.len() <= 128, "{}", broken.detail);
    }
    // PEM blocks are found wherever they begin, but only in text files.
    if bytes.starts_with(b"-----BEGIN ") {
        assert_eq!(read(&[b"a remark\n", bytes].concat()), held, "a remark counts");
    }
    format!("{} found, {} broken, {} named", held.found.len(), held.broken.len(), held.named.len())
}
