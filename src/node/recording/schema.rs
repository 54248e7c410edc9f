//! The JSON Schema of recorded nodes, generated from the types that read them and stored in `benchmarks/schema`.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::{env, fs};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema, schema_for};

use super::certificates::Time;
use super::form::{Bytes, Item, Lines, Mode, Recording};

/// A path, or an item with more fields.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[expect(dead_code, reason = "only its schema is made")]
pub(super) enum PathOrItem {
    /// A path.
    Path(String),
    /// An item with its path.
    Item(Box<Item>),
}

impl JsonSchema for Bytes {
    fn schema_name() -> Cow<'static, str> {
        "Bytes".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "Text, or the base64 of bytes that are not text.",
            "anyOf": [
                { "type": ["string", "integer"] },
                {
                    "type": "object",
                    "properties": { "base64": { "type": "string" } },
                    "required": ["base64"],
                    "additionalProperties": false,
                },
            ],
        })
    }
}

impl JsonSchema for Lines {
    fn schema_name() -> Cow<'static, str> {
        "Lines".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let line = generator.subschema_for::<Bytes>();
        json_schema!({
            "description": "A list of lines, or text.",
            "anyOf": [{ "type": "array", "items": line }, { "type": ["string", "null"] }],
        })
    }
}

impl JsonSchema for Mode {
    fn schema_name() -> Cow<'static, str> {
        "Mode".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "Permission bits in octal, in quotes: '0644'.",
            "type": "string",
            "pattern": "^(0o)?0*[0-7]{1,4}$",
        })
    }
}

impl JsonSchema for Time {
    fn schema_name() -> Cow<'static, str> {
        "Time".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "description": "A time: 2026-11-30T10:12:03Z.", "type": "string", "format": "date-time" })
    }
}

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benchmarks/schema/recorded-node.json");

#[test]
fn the_shipped_schema_is_that_of_the_types() {
    let made = serde_json::to_string_pretty(&schema_for!(Recording)).expect("plain data") + "\n";
    if env::var_os("KUBE_ASSAY_BLESS").is_some() {
        fs::write(PATH, &made).expect("written");
    }
    let shipped = fs::read_to_string(PATH).expect("it is shipped");
    assert!(made == shipped, "benchmarks/schema/recorded-node.json has drifted (KUBE_ASSAY_BLESS=1 rewrites it)");
}

#[test]
fn every_recorded_node_is_taken_and_unknown_keys_are_not() {
    let schema: serde_json::Value = serde_json::from_str(&fs::read_to_string(PATH).expect("shipped")).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let mut nodes = BTreeMap::new();
    for directory in ["golden/nodes", "golden/nodes/made-up"] {
        let directory = format!("{}/{directory}", env!("CARGO_MANIFEST_DIR"));
        for entry in fs::read_dir(&directory).expect("it is there") {
            let path = entry.expect("an entry").path();
            if path.extension().is_some_and(|extension| extension == "yaml") {
                let text = fs::read_to_string(&path).expect("text");
                nodes.insert(path, serde_yaml::from_str::<serde_json::Value>(&text).expect("YAML"));
            }
        }
    }
    assert!(nodes.len() >= 12, "{nodes:?}");
    for (path, node) in &nodes {
        let found: Vec<String> =
            validator.iter_errors(node).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(found.is_empty(), "{}: {}", path.display(), found.join("\n"));
    }
    for text in [
        "form: 2\nhostnam: a\n",
        "files: [{ path: /a, mod: '0644' }]\n",
        "processes: [{ argv: [a], exec: /a }]\n",
        "absent: [{ paht: /a }]\n",
        "asked: { process: [a] }\n",
        "hostname: { base46: YQ== }\n",
        "files: [{ path: /a, errors: { metadata: { cause: gone } } }]\n",
        "files: [{ path: /a, mode: '0888' }]\n",
    ] {
        let node: serde_json::Value = serde_yaml::from_str(text).expect("YAML");
        assert!(!validator.is_valid(&node), "{text}");
        assert!(serde_yaml::from_str::<Recording>(text).is_err(), "{text}");
    }
}
