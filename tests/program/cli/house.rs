//! A custom control and its files, used by the tests of added definitions.

use std::fs;
use std::path::Path;

/// The control `house/max-requests`, for a file `controls/house.yaml`.
pub const CONTROL: &str = "\
max-requests:
  title: The API server bounds the requests in flight to {{most}}
  parameters: { most: ~ }
  level: 1
  severity: low
  rationale: An unbounded server can be drowned.
  audit: { settings: apiserver }
  expect: { flag: --max-requests-inflight, at_most: \"{{most}}\", unset: pass }
  remediation: Set --max-requests-inflight={{most}} in {{apiserver.manifest}}.
";

/// Writes these files below a directory, which is created if missing.
pub fn write(directory: &Path, files: &[(&str, &str)]) {
    fs::create_dir_all(directory).expect("created");
    for (path, text) in files {
        let path = directory.join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("created");
        fs::write(path, text).expect("written");
    }
}
