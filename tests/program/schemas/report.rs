//! `docs/report.schema.json`: the format of native reports, generated from the model.

use model::Report;
use schemars::schema_for;
use serde_json::json;

use super::{kept, root};

const PATH: &str = "docs/report.schema.json";

#[test]
fn the_schema_of_reports_is_that_of_the_model() {
    kept(PATH, &schema_for!(Report).to_value());
}

#[test]
fn what_is_no_report_is_refused() {
    let text = std::fs::read_to_string(root().join(PATH)).expect("it is there");
    let schema: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let golden = root().join("golden/reports/external-etcd.native.json");
    let report: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(golden).expect("it is there")).expect("JSON");
    assert!(validator.is_valid(&report));
    for (path, value) in [
        ("/schema", json!(2)),
        ("/run/unheard-of", json!(1)),
        ("/run/started", json!(7)),
        ("/targets/0/groups/0/checks/0/verdict", json!("perhaps")),
        ("/targets/0/groups/0/checks/0/scored", json!("yes")),
        ("/targets/0/groups/0/checks/0/evidence", json!([{}])),
    ] {
        let mut other = report.clone();
        let (above, key) = path.rsplit_once('/').expect("a path");
        other.pointer_mut(above).expect(path)[key] = value;
        assert!(!validator.is_valid(&other), "{path}");
    }
}
