//! Properties of everything that parses a node's files, recordings and reports, for arbitrary bytes.
//!
//! Each property takes any bytes, panics if it is violated, and otherwise returns a short description of the outcome.
//! The targets in `fuzz/` feed it generated inputs; `tests/engine/properties/fuzzed.rs` replays the inputs in
//! `fuzz/corpus`.

pub mod accounts;
#[allow(dead_code, reason = "not every test program that has these tries certificates")]
pub mod certificates;
pub mod cgroups;
pub mod configurations;
#[cfg(feature = "cluster")]
#[allow(dead_code, reason = "not every test program that has these tries kubeconfigs")]
pub mod kubeconfigs;
pub mod manifests;
pub mod masking;
#[cfg(feature = "cluster")]
#[allow(dead_code, reason = "not every test program that has these tries objects")]
pub mod objects;
pub mod recordings;
pub mod toml;
pub mod units;

/// Splits an input into several files, separated by a line of dashes; missing parts are empty.
fn parts<const COUNT: usize>(bytes: &[u8]) -> [&[u8]; COUNT] {
    const LINE: &[u8] = b"\n-----\n";
    let mut rest = bytes;
    std::array::from_fn(|index| {
        let at = rest.windows(LINE.len()).position(|window| window == LINE).filter(|_| index + 1 < COUNT);
        let (part, behind) = at.map_or((rest, &b""[..]), |at| (&rest[..at], &rest[at + LINE.len()..]));
        rest = behind;
        part
    })
}

/// Encodes bytes in base64, as recordings do for non-text content.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let bits = (0..3).fold(0, |bits, at| bits << 8 | usize::from(three.get(at).copied().unwrap_or(0)));
        for place in 0..4 {
            let letter = LETTERS[bits >> (18 - 6 * place) & 63];
            text.push(if place > three.len() { '=' } else { char::from(letter) });
        }
    }
    text
}

/// Creates a recorded node with these files.
fn node_with(files: &[(&str, &[u8])]) -> kube_assay::node::Recorded {
    let file =
        |(path, bytes): &(&str, &[u8])| format!("- {{path: {path}, content: {{base64: \"{}\"}}}}\n", base64(bytes));
    let text: String = std::iter::once("files:\n".to_owned()).chain(files.iter().map(file)).collect();
    kube_assay::node::Recorded::parse("node.yaml", &text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}
