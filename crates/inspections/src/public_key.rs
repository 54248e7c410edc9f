//! SSH public keys, as in `authorized_keys`.

use std::fmt;

use base64ct::{Base64Unpadded, Encoding};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};

/// A public key, without its options and comment.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PublicKey {
    /// The algorithm, such as `ssh-ed25519`; empty if the line is not a key.
    algorithm: String,
    /// The key in base64.
    body: String,
}

impl PublicKey {
    /// Parses a line of `authorized_keys`. Options may contain quoted spaces, but not followed by an algorithm's name.
    pub fn new(line: &str) -> Self {
        let mut words = line.split_ascii_whitespace();
        let Some(algorithm) = words.find(|word| is_algorithm(word)) else { return Self::default() };
        let body = words.next().unwrap_or_default().trim_end_matches('=');
        Self { algorithm: algorithm.to_owned(), body: body.to_owned() }
    }

    /// Whether the line is a key.
    pub const fn is_known(&self) -> bool {
        !self.algorithm.is_empty() && !self.body.is_empty()
    }

    /// The bits of an RSA key's modulus; `None` for other algorithms, or if the key cannot be read.
    pub fn rsa_bits(&self) -> Option<usize> {
        if self.algorithm != "ssh-rsa" {
            return None;
        }
        let bytes = decoded(&self.body)?;
        let (algorithm, rest) = field(&bytes)?;
        let (_, rest) = field(rest)?;
        let (modulus, _) = field(rest)?;
        let first = modulus.iter().position(|byte| *byte != 0)?;
        let leading = usize::try_from(modulus[first].leading_zeros()).ok()?;
        (algorithm == b"ssh-rsa").then(|| (modulus.len() - first) * 8 - leading)
    }

    /// The fingerprint as ssh-keygen prints it: `SHA256:` and the digest in base64; `None` if the key cannot be read.
    pub fn fingerprint(&self) -> Option<String> {
        let digest = Sha256::digest(decoded(&self.body)?);
        Some(format!("SHA256:{}", Base64Unpadded::encode_string(&digest)))
    }

    /// The key as a line, without options and comment.
    pub fn line(&self) -> String {
        format!("{} {}", self.algorithm, self.body)
    }

    /// The algorithm, such as `ssh-ed25519`.
    pub fn algorithm(&self) -> &str {
        &self.algorithm
    }

    /// Whether it is an RSA key, whatever its length.
    pub fn is_rsa(&self) -> bool {
        self.algorithm == "ssh-rsa"
    }
}

impl fmt::Display for PublicKey {
    /// Formats as `ssh-rsa …ZY4lCe`: keys differ at their end.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let start = self.body.char_indices().rev().nth(7).map_or(0, |(place, _)| place);
        write!(f, "{} …{}", self.algorithm, &self.body[start..])
    }
}

impl<'de> Deserialize<'de> for PublicKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::<String>::deserialize(deserializer)?.map_or_else(Self::default, |line| Self::new(&line)))
    }
}

impl Serialize for PublicKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{} {}", self.algorithm, self.body))
    }
}

fn is_algorithm(word: &str) -> bool {
    ["ssh-", "ecdsa-sha2-", "sk-ssh-", "sk-ecdsa-"].iter().any(|start| word.starts_with(start))
}

/// A four-byte length, followed by that many bytes.
fn field(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)
}

fn decoded(base64: &str) -> Option<Vec<u8>> {
    Base64Unpadded::decode_vec(base64).ok()
}

#[cfg(test)]
mod tests {
    use base64ct::{Base64Unpadded, Encoding};

    use super::PublicKey;

    /// `ssh-rsa` with a modulus of this many bits.
    fn rsa(bits: usize) -> String {
        let field = |bytes: &[u8]| [&u32::try_from(bytes.len()).expect("short").to_be_bytes()[..], bytes].concat();
        let mut modulus = vec![0xff_u8; bits.div_ceil(8)];
        modulus[0] = 0xff >> (modulus.len() * 8 - bits);
        modulus.insert(0, 0);
        let all = [field(b"ssh-rsa"), field(&[1, 0, 1]), field(&modulus)].concat();
        let text = Base64Unpadded::encode_string(&all);
        format!("ssh-rsa {text}== me@example.com")
    }

    #[test]
    fn the_length_of_rsa_keys_is_read() {
        for bits in [1024, 2047, 2048, 3072, 4096] {
            assert_eq!(PublicKey::new(&rsa(bits)).rsa_bits(), Some(bits));
        }
        for line in ["ssh-rsa AAAA", "ssh-rsa !!!", "ssh-rsa", "ssh-rsa AAAAB3NzaC1yc2H/////", "ssh-ed25519 AAAAC3Nz"] {
            assert_eq!(PublicKey::new(line).rsa_bits(), None, "{line}");
        }
    }

    #[test]
    fn neither_comments_nor_options_tell_keys_apart() {
        let plain = PublicKey::new("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIabcdefghijk a@b");
        for line in [
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIabcdefghijk",
            "command=\"x y\",no-pty ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIabcdefghijk c",
            "  ssh-ed25519\tAAAAC3NzaC1lZDI1NTE5AAAAIabcdefghijk== \n",
        ] {
            assert_eq!(PublicKey::new(line), plain, "{line}");
        }
        assert_eq!(plain.to_string(), "ssh-ed25519 …defghijk");
        for line in ["", "not a key", "ssh-ed25519"] {
            assert!(!PublicKey::new(line).is_known(), "{line}");
        }
    }
}
