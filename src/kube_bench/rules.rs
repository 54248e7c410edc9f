//! Reads rule files: groups of checks with their audits and tests.
//!
//! What kube-bench silently ignores (unknown keys, invalid operators, duplicate ids) becomes a remark; what it cannot
//! read is an error.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::comparison::{OPERATORS, expression, is_plain};
use super::json_path::JsonPath;
use super::remark::Remark;
use yaml::{Content, Node};

/// A rule file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Controls {
    pub(super) id: String,
    pub(super) version: String,
    pub(super) text: String,
    /// The target.
    pub(super) target: String,
    pub(super) groups: Vec<Group>,
}

/// A group of checks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) id: String,
    pub(super) text: String,
    /// `skip` or empty.
    pub(super) kind: String,
    pub(super) checks: Vec<Check>,
}

/// A check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Check {
    pub(super) id: String,
    pub(super) text: String,
    pub(super) audit: String,
    pub(super) audit_env: String,
    pub(super) audit_config: String,
    /// `manual`, `skip` or empty.
    pub(super) kind: String,
    pub(super) tests: Option<Tests>,
    pub(super) remediation: String,
    pub(super) scored: bool,
    pub(super) multiple: bool,
    /// Whether environment variables are only read if the rule file has an audit for them.
    pub(super) no_default_env: bool,
    pub(super) line: usize,
}

/// What the output of the audits must contain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tests {
    pub(super) items: Vec<Item>,
    /// `and`, `or`, or empty, which means `and`.
    pub(super) bin_op: String,
}

/// A test item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) flag: String,
    pub(super) path: String,
    pub(super) env: String,
    /// Whether the flag, path or variable must be present, or absent.
    pub(super) set: bool,
    pub(super) compare: Option<Compare>,
}

/// The operator and value of a comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Compare {
    pub(super) operator: String,
    pub(super) value: String,
}

/// Parses a rule file after substitution. `file` is its display path.
pub(super) fn read(file: &str, text: &str, remarks: &mut Vec<Remark>) -> Result<Controls, Remark> {
    let document = yaml::parse(text).map_err(|fault| Remark::at(file, fault.line, fault.message))?;
    for (key, line) in document.duplicates {
        remarks.push(Remark::at(file, line, format!("the key {key:?} is given twice; the last one counts")));
    }
    let root = document.root.ok_or_else(|| Remark::on(file, "it is empty (add controls, groups and checks)"))?;
    Reader { file, remarks, ids: BTreeMap::new() }.controls(&root)
}

/// Returns an error if the rule file's type differs from the target in its name.
pub(super) fn for_target(controls: &Controls, file: &str, target: &str) -> Result<(), Remark> {
    if controls.target == target {
        return Ok(());
    }
    let message = format!("its type is {:?}, but its name says {target:?} (they must be the same)", controls.target);
    Err(Remark::on(file, message))
}

struct Reader<'a> {
    file: &'a str,
    remarks: &'a mut Vec<Remark>,
    /// The ids of the checks read so far, with their lines.
    ids: BTreeMap<String, usize>,
}

impl Reader<'_> {
    fn controls(&mut self, node: &Node) -> Result<Controls, Remark> {
        let fields = self.fields(node, "a rule file", &["controls", "version", "id", "text", "type", "groups"])?;
        let groups = fields.list("groups")?;
        Ok(Controls {
            id: fields.text("id")?,
            version: fields.text("version")?,
            text: fields.text("text")?,
            target: fields.text("type")?,
            groups: groups.iter().map(|group| self.group(group)).collect::<Result<_, _>>()?,
        })
    }

    fn group(&mut self, node: &Node) -> Result<Group, Remark> {
        let fields = self.fields(node, "a group", &["id", "text", "type", "checks"])?;
        let kind = fields.text("type")?;
        if !matches!(kind.as_str(), "" | "skip") {
            self.remark(node.line, format!("the type {kind:?} has no meaning for a group (only skip does)"));
        }
        let checks = fields.list("checks")?;
        Ok(Group {
            id: fields.text("id")?,
            text: fields.text("text")?,
            kind,
            checks: checks.iter().map(|check| self.check(check)).collect::<Result<_, _>>()?,
        })
    }

    fn check(&mut self, node: &Node) -> Result<Check, Remark> {
        let keys = [
            "id",
            "text",
            "audit",
            "audit_env",
            "audit_config",
            "type",
            "tests",
            "remediation",
            "scored",
            "set",
            "use_multiple_values",
            "disableEnvTesting",
        ];
        let fields = self.fields(node, "a check", &keys)?;
        let id = fields.text("id")?;
        match self.ids.get(&id) {
            Some(first) => {
                let message = format!("the check {id} is given twice, first in line {first}; both are run");
                self.remark(node.line, message);
            }
            None => {
                self.ids.insert(id.clone(), node.line);
            }
        }
        let kind = fields.text("type")?;
        if !matches!(kind.as_str(), "" | "manual" | "skip") {
            self.remark(node.line, format!("the type {kind:?} has no meaning (only manual and skip do)"));
        }
        let tests = match fields.get("tests") {
            Some(tests) => Some(self.tests(tests)?),
            None => None,
        };
        Ok(Check {
            id,
            text: fields.text("text")?,
            audit: fields.text("audit")?,
            audit_env: fields.text("audit_env")?,
            audit_config: fields.text("audit_config")?,
            kind,
            tests,
            remediation: fields.text("remediation")?,
            scored: fields.flag("scored", false)?,
            multiple: fields.flag("use_multiple_values", false)?,
            no_default_env: fields.flag("disableEnvTesting", false)?,
            line: node.line,
        })
    }

    fn tests(&mut self, node: &Node) -> Result<Tests, Remark> {
        let fields = self.fields(node, "tests", &["test_items", "bin_op"])?;
        let bin_op = fields.text("bin_op")?;
        if !matches!(bin_op.as_str(), "" | "and" | "or") {
            self.remark(node.line, format!("bin_op is {bin_op:?}, so the check never passes (take and, or or)"));
        }
        let items = fields.list("test_items")?;
        Ok(Tests { items: items.iter().map(|item| self.item(item)).collect::<Result<_, _>>()?, bin_op })
    }

    fn item(&mut self, node: &Node) -> Result<Item, Remark> {
        let fields = self.fields(node, "a test item", &["flag", "path", "env", "set", "compare", "output", "value"])?;
        let compare = match fields.get("compare") {
            Some(compare) => Some(self.compare(compare)?),
            None => None,
        };
        let path = fields.text("path")?;
        if let Err(message) = JsonPath::parse(&path) {
            self.remark(node.line, format!("path {path:?}: {message}; the test never passes"));
        }
        let flag = fields.text("flag")?;
        if !is_plain(&flag) && expression(&flag).is_err() {
            self.remark(node.line, format!("flag {flag:?}: not a regular expression; the test never passes"));
        }
        Ok(Item { flag, path, env: fields.text("env")?, set: fields.flag("set", true)?, compare })
    }

    fn compare(&mut self, node: &Node) -> Result<Compare, Remark> {
        let fields = self.fields(node, "compare", &["op", "value"])?;
        let (operator, value) = (fields.text("op")?, fields.text("value")?);
        if !operator.is_empty() && !OPERATORS.contains(&operator.as_str()) {
            let message =
                format!("unknown operator {operator:?}; the test never passes{}", meant(&operator, &OPERATORS));
            self.remark(node.line, message);
        }
        if operator == "regex" && expression(&value).is_err() {
            self.remark(node.line, format!("value {value:?}: not a regular expression; the test never passes"));
        }
        Ok(Compare { operator, value })
    }

    fn remark(&mut self, line: usize, message: String) {
        self.remarks.push(Remark::at(self.file, line, message));
    }

    /// Returns the fields of a mapping; unknown keys become remarks.
    fn fields<'n>(&mut self, node: &'n Node, what: &str, keys: &[&str]) -> Result<Fields<'n>, Remark> {
        let fields = Fields { file: self.file.to_owned(), node };
        match &node.content {
            Content::Map(entries) => {
                for entry in entries.iter().filter(|entry| !keys.contains(&entry.key.as_str())) {
                    let message = format!("unknown key {:?} in {what}{}", entry.key, meant(&entry.key, keys));
                    self.remark(entry.line, message);
                }
                Ok(fields)
            }
            _ if node.is_null() => Ok(fields),
            _ => Err(Remark::at(self.file, node.line, format!("{what} must be a mapping of names to values"))),
        }
    }
}

/// Suggests a known word that is similar.
fn meant(word: &str, known: &[&str]) -> String {
    known
        .iter()
        .map(|known| (strsim::damerau_levenshtein(word, known), known))
        .filter(|(distance, _)| *distance <= 2)
        .min()
        .map_or(String::new(), |(_, known)| format!(" (is {known} meant?)"))
}

/// The fields of a mapping.
struct Fields<'n> {
    file: String,
    node: &'n Node,
}

impl<'n> Fields<'n> {
    /// A field, if present and not null.
    fn get(&self, key: &str) -> Option<&'n Node> {
        self.node.get(key).map(Rc::as_ref).filter(|node| !node.is_null())
    }

    /// A string, or any scalar as written; empty if missing.
    fn text(&self, key: &str) -> Result<String, Remark> {
        match self.get(key) {
            None => Ok(String::new()),
            Some(Node { content: Content::Scalar { text, .. }, .. }) => Ok(text.clone()),
            Some(node) => Err(Remark::at(&self.file, node.line, format!("{key} must be a string"))),
        }
    }

    fn flag(&self, key: &str, unset: bool) -> Result<bool, Remark> {
        match self.get(key) {
            None => Ok(unset),
            Some(node) => match &node.content {
                Content::Scalar { text, .. } => yaml::boolean(text),
                Content::List(_) | Content::Map(_) => None,
            }
            .ok_or_else(|| Remark::at(&self.file, node.line, format!("{key} must be true or false"))),
        }
    }

    /// A list without null items; empty if missing.
    fn list(&self, key: &str) -> Result<Vec<&'n Node>, Remark> {
        match self.get(key) {
            None => Ok(Vec::new()),
            Some(Node { content: Content::List(items), .. }) => {
                Ok(items.iter().map(Rc::as_ref).filter(|item| !item.is_null()).collect())
            }
            Some(node) => Err(Remark::at(&self.file, node.line, format!("{key} must be a list"))),
        }
    }
}
