//! X.509 certificates in files: their subjects, validity, and whether they are CA certificates.
//!
//! A file is PEM with any number of blocks, a single DER certificate, or a kubeconfig. Any input is read in linear
//! time and bounded memory. Signatures are not verified, private keys are neither decoded nor kept, and there is no
//! clock: the caller compares the dates.

mod kubeconfig;
mod name;
mod pem;
mod time;
mod x509;

use probe::{BrokenCertificate, Certificates};

/// The most certificates read from a file. Bundles of public CAs have about 150.
pub const MOST: usize = 256;

/// The largest certificate, in bytes: those with hundreds of names take a tenth of it.
pub const LARGEST: usize = 64 << 10;

/// Reads the certificates of a file. A file that neither contains nor refers to any gives an empty result.
pub fn read(bytes: &[u8]) -> Certificates {
    let mut gathered = Gathered::default();
    match bytes {
        // A DER sequence with a long-form length; no text starts with these bytes.
        [0x30, 0x80..=0xff, ..] if gathered.takes(None) => gathered.add(None, x509::certificate(bytes, false)),
        _ if pem::begins(bytes) => gathered.pem(None, bytes),
        _ => kubeconfig::read(bytes, &mut gathered),
    }
    gathered.certificates
}

/// The certificates read so far.
#[derive(Default)]
struct Gathered {
    certificates: Certificates,
    count: usize,
}

impl Gathered {
    /// Counts one more certificate; returns whether it is within the limit. Exceeding it is reported once.
    fn takes(&mut self, key: Option<&str>) -> bool {
        self.count += 1;
        if self.count == MOST + 1 {
            let detail = format!("holds more than {MOST} certificates, the limit for a file (check it by hand)");
            self.certificates.broken.push(BrokenCertificate { key: key.map(str::to_owned), detail });
        }
        self.count <= MOST
    }

    /// Adds the certificates in PEM text.
    fn pem(&mut self, key: Option<&str>, text: &[u8]) {
        for block in pem::blocks(text) {
            if !self.takes(key) {
                return;
            }
            self.add(key, block.and_then(|block| x509::certificate(&block.bytes, block.is_trusted)));
        }
    }

    /// Adds a parsed certificate, which has been counted.
    fn add(&mut self, key: Option<&str>, read: Result<probe::Certificate, &'static str>) {
        let key = key.map(str::to_owned);
        match read {
            Ok(certificate) => self.certificates.found.push(probe::Certificate { key, ..certificate }),
            Err(why) => {
                let detail = format!("certificate {}: {why}", self.count);
                self.certificates.broken.push(BrokenCertificate { key, detail });
            }
        }
    }
}
