//! Certificates of a kubeconfig: embedded ones, and the files it refers to.

use probe::{BrokenCertificate, CertificateFile};
use yaml::{Content, Node};

use super::{Gathered, pem};

/// The largest kubeconfig, in bytes.
const LARGEST: usize = 1 << 20;

/// The most files followed per kubeconfig.
const MOST_FILES: usize = 16;

/// The lists of a kubeconfig, the object in each item, and the key of its certificate file. The key with `-data`
/// contains the certificate itself, and takes precedence.
const KEYS: [(&str, &str, &str); 2] =
    [("clusters", "cluster", "certificate-authority"), ("users", "user", "client-certificate")];

/// Adds the certificates of a kubeconfig; adds nothing if the text is not one.
pub(crate) fn read(bytes: &[u8], gathered: &mut Gathered) {
    let Some(root) = Some(bytes)
        .filter(|bytes| bytes.len() <= LARGEST)
        .and_then(|bytes| yaml::decode(bytes).ok())
        .and_then(|text| yaml::parse(&text).ok()?.root)
    else {
        return;
    };
    for (list, inner, name) in KEYS {
        let Some(Content::List(items)) = root.get(list).map(|list| &list.content) else { continue };
        for (index, item) in items.iter().enumerate() {
            let Some(item) = item.get(inner) else { continue };
            let key = format!("{list}[{index}].{inner}.{name}");
            if let Some(data) = text(item, &format!("{name}-data")) {
                held(&format!("{key}-data"), data, gathered);
            } else if let Some(path) = text(item, name) {
                file(key, path, gathered);
            }
        }
    }
}

/// A non-empty text.
fn text<'n>(item: &'n Node, key: &str) -> Option<&'n str> {
    match &item.get(key)?.content {
        Content::Scalar { text, .. } if !text.is_empty() && !item.get(key)?.is_null() => Some(text),
        _ => None,
    }
}

/// Adds the certificates in a value, which is base64 of PEM.
fn held(key: &str, data: &str, gathered: &mut Gathered) {
    let letters: Vec<u8> = data.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    match pem::decoded(&letters) {
        Ok(text) if pem::begins(&text) => gathered.pem(Some(key), &text),
        Ok(_) if gathered.takes(Some(key)) => gathered.add(Some(key), Err("is not PEM")),
        Err(why) if gathered.takes(Some(key)) => gathered.add(Some(key), Err(why)),
        Ok(_) | Err(_) => {}
    }
}

/// Adds a referenced file, once.
fn file(key: String, path: &str, gathered: &mut Gathered) {
    let named = &mut gathered.certificates.named;
    if named.iter().any(|known| known.path == path) {
        return;
    }
    if named.len() < MOST_FILES {
        named.push(CertificateFile { key, path: path.to_owned() });
    } else if gathered.takes(Some(&key)) {
        let detail = format!("names more than {MOST_FILES} certificate files, the limit (check it by hand)");
        gathered.certificates.broken.push(BrokenCertificate { key: Some(key), detail });
    }
}
