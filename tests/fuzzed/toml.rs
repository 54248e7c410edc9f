//! containerd's configuration: it is parsed, or refused with a line number. A comment added above it only shifts line
//! numbers.

use kube_assay::component::{Toml, TomlSetting};

const FILE: &str = "/etc/containerd/config.toml";
const CRI: [&str; 2] = ["plugins", "io.containerd.grpc.v1.cri"];
const WANTED: &[&[&str]] =
    &[&["version"], &["imports"], &["root"], &[CRI[0], CRI[1], "cni", "conf_dir"], &[CRI[0], CRI[1], "sandbox_image"]];

/// Input: the bytes of the file.
pub fn hold(bytes: &[u8]) -> String {
    let read = Toml::parse(FILE, bytes, WANTED);
    assert_eq!(read, Toml::parse(FILE, bytes, WANTED), "read in two ways");
    let toml = match read {
        Ok(toml) => toml,
        Err(why) => {
            assert_eq!(why.subject, FILE);
            assert!(why.detail.len() <= 256, "{} bytes are said", why.detail.len());
            return format!("refused: {}", why.detail);
        }
    };
    let found: Vec<&TomlSetting> = WANTED.iter().filter_map(|key| toml.get(key)).collect();
    let lines = bytes.split(|byte| *byte == b'\n').count();
    for setting in &found {
        assert!((1..=lines).contains(&setting.line), "{setting:?} of {lines} lines");
        assert!(setting.is_list || setting.items.len() == 1, "{setting:?}");
        let length: usize = setting.items.iter().map(String::len).sum();
        assert!(length <= bytes.len(), "{length} bytes of {}", bytes.len());
    }
    // A byte order mark is only recognized at the start of the file.
    if !bytes.starts_with("\u{feff}".as_bytes()) {
        let below =
            Toml::parse(FILE, &[b"# a comment\n", bytes].concat(), WANTED).unwrap_or_else(|why| panic!("{why}"));
        for (key, setting) in WANTED.iter().filter_map(|key| Some((key, toml.get(key)?))) {
            let moved = TomlSetting { line: setting.line + 1, ..setting.clone() };
            assert_eq!(below.get(key), Some(&moved));
        }
        assert_eq!(below.speaks_of(CRI), toml.speaks_of(CRI));
    }
    format!("read, {} settings, tables {}", found.len(), toml.speaks_of(CRI))
}
