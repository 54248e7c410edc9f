//! The API of a cluster with given objects: discovery, paged lists, single objects.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::http::{Answer, Asked, Body};

/// A kind and all its objects.
pub struct Kind {
    pub group: String,
    pub version: String,
    pub plural: String,
    /// The kind's name, such as `Pod`.
    pub singular: String,
    pub objects: Vec<Value>,
}

/// All kinds, by path.
#[derive(Default)]
pub struct Lists {
    kinds: BTreeMap<String, Kind>,
    /// Kinds whose lists are forbidden, as named by RBAC.
    pub forbidden: Vec<String>,
}

impl Kind {
    fn path(&self) -> String {
        if self.group.is_empty() {
            format!("/api/{}/{}", self.version, self.plural)
        } else {
            format!("/apis/{}/{}/{}", self.group, self.version, self.plural)
        }
    }

    fn name(&self) -> String {
        if self.group.is_empty() { self.plural.clone() } else { format!("{}.{}", self.plural, self.group) }
    }

    fn api_version(&self) -> String {
        if self.group.is_empty() { self.version.clone() } else { format!("{}/{}", self.group, self.version) }
    }

    fn namespaced(&self) -> bool {
        self.objects.iter().any(|object| object["metadata"]["namespace"].is_string())
    }
}

impl Lists {
    /// Adds a kind.
    pub fn add(&mut self, kind: Kind) {
        self.kinds.insert(kind.path(), kind);
    }

    /// Reads the lists of a directory: `pods.json`, `roles.rbac.authorization.k8s.io.json`, each as the API or
    /// `kubectl get -o json` writes it.
    pub fn of_directory(directory: &Path) -> Self {
        let mut lists = Self::default();
        for entry in fs::read_dir(directory).unwrap_or_else(|error| panic!("{}: {error}", directory.display())) {
            let path = entry.expect("the directory can be listed").path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let Some(resource) = name.strip_suffix(".json") else { continue };
            let text = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let list: Value =
                serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let (plural, group) = resource.split_once('.').unwrap_or((resource, ""));
            let objects = list["items"].as_array().cloned().unwrap_or_default();
            let first = objects.first().unwrap_or(&Value::Null);
            let api_version = first["apiVersion"].as_str().or(list["apiVersion"].as_str()).unwrap_or("v1");
            let listed =
                list["kind"].as_str().and_then(|kind| kind.strip_suffix("List")).filter(|kind| !kind.is_empty());
            lists.add(Kind {
                group: group.to_owned(),
                version: api_version.rsplit('/').next().unwrap_or("v1").to_owned(),
                plural: plural.to_owned(),
                singular: first["kind"].as_str().or(listed).unwrap_or("Object").to_owned(),
                objects,
            });
        }
        lists
    }

    /// Answers a request as an API server does.
    pub fn answer(&self, asked: &Asked) -> Answer {
        if asked.header("authorization") != "Bearer let-me-in" && !asked.headers.contains_key("x-remote-user") {
            return Answer::status(401, "Unauthorized", "Unauthorized");
        }
        match asked.path.as_str() {
            "/version" => Answer::json(200, VERSION),
            "/api" | "/apis" => self.discovery(asked),
            path => {
                let (path, namespace) = without_namespace(path);
                let path = path.as_str();
                if let Some(kind) = self.kinds.get(path) {
                    return self.list(kind, &namespace, asked);
                }
                let resources = self.resources(path);
                if !resources.is_empty() {
                    let list = json!({ "kind": "APIResourceList", "apiVersion": "v1", "groupVersion": path.trim_start_matches("/apis/").trim_start_matches("/api/"), "resources": resources });
                    return Answer::json(200, list.to_string());
                }
                self.object(path, &namespace)
            }
        }
    }

    fn list(&self, kind: &Kind, namespace: &str, asked: &Asked) -> Answer {
        if self.forbidden.contains(&kind.name()) {
            let message = format!(
                "{} is forbidden: User \"system:serviceaccount:audit:tester\" cannot list resource \"{}\" in API group \
                 \"{}\" at the cluster scope",
                kind.name(),
                kind.plural,
                kind.group
            );
            return Answer::status(403, "Forbidden", &message);
        }
        let limit = asked.part("limit").parse().ok().filter(|limit| *limit > 0).unwrap_or(usize::MAX);
        let begin: usize = asked.part("continue").parse().unwrap_or(0);
        let within = |object: &&Value| namespace.is_empty() || object["metadata"]["namespace"] == namespace;
        let all: Vec<&Value> = kind.objects.iter().filter(within).collect();
        let page: Vec<&Value> = all.iter().skip(begin).take(limit).copied().collect();
        let end = begin + page.len();
        let next = if end < all.len() { end.to_string() } else { String::new() };
        let list = json!({
            "kind": format!("{}List", kind.singular), "apiVersion": kind.api_version(),
            "metadata": { "resourceVersion": "7", "continue": next }, "items": page,
        });
        Answer::json(200, list.to_string())
    }

    fn object(&self, path: &str, namespace: &str) -> Answer {
        let (kind, name) = path.rsplit_once('/').unwrap_or_default();
        let object = self.kinds.get(kind).and_then(|kind| {
            kind.objects.iter().find(|object| {
                let metadata = &object["metadata"];
                metadata["name"] == name && metadata["namespace"].as_str().unwrap_or_default() == namespace
            })
        });
        match object {
            Some(object) => Answer::json(200, object.to_string()),
            None => Answer::status(404, "NotFound", "the server could not find the requested resource"),
        }
    }

    fn resources(&self, version: &str) -> Vec<Value> {
        let below = |kind: &&Kind| kind.path().strip_suffix(&format!("/{}", kind.plural)) == Some(version);
        let kinds = self.kinds.values().filter(below);
        kinds
            .map(|kind| json!({ "name": kind.plural, "singularName": kind.singular.to_lowercase(), "namespaced": kind.namespaced(), "kind": kind.singular, "verbs": ["get", "list"] }))
            .collect()
    }

    fn discovery(&self, asked: &Asked) -> Answer {
        let core = asked.path == "/api";
        let mut groups: BTreeMap<&str, Vec<&Kind>> = BTreeMap::new();
        for kind in self.kinds.values().filter(|kind| kind.group.is_empty() == core) {
            groups.entry(&kind.group).or_default().push(kind);
        }
        if !asked.header("accept").contains("g=apidiscovery.k8s.io;v=v2;") {
            if core {
                return Answer::json(200, r#"{"kind":"APIVersions","versions":["v1"]}"#);
            }
            let groups = groups.into_iter().map(|(name, kinds)| {
                let version = json!({ "groupVersion": kinds[0].api_version(), "version": kinds[0].version });
                json!({ "name": name, "versions": [version], "preferredVersion": version })
            });
            let list = json!({ "kind": "APIGroupList", "apiVersion": "v1", "groups": groups.collect::<Vec<_>>() });
            return Answer::json(200, list.to_string());
        }
        let items = groups.into_iter().map(|(name, kinds)| {
            let mut versions: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
            for kind in kinds {
                versions.entry(&kind.version).or_default().push(json!({
                    "resource": kind.plural, "singularResource": kind.singular.to_lowercase(), "verbs": ["get", "list"],
                    "responseKind": { "group": kind.group, "version": kind.version, "kind": kind.singular },
                    "scope": if kind.namespaced() { "Namespaced" } else { "Cluster" },
                }));
            }
            let versions = versions.into_iter().map(
                |(version, resources)| json!({ "version": version, "resources": resources, "freshness": "Current" }),
            );
            json!({ "metadata": { "name": name }, "versions": versions.collect::<Vec<_>>() })
        });
        let list = json!({
            "kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": {},
            "items": items.collect::<Vec<_>>(),
        });
        let form = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
        Answer::new(200, form, Body::Whole(list.to_string().into_bytes()))
    }
}

/// Splits the namespace off a path: `/api/v1/namespaces/a/pods/b` is `/api/v1/pods/b` in `a`.
fn without_namespace(path: &str) -> (String, String) {
    let Some((version, rest)) = path.split_once("/namespaces/") else { return (path.to_owned(), String::new()) };
    match rest.split_once('/') {
        Some((namespace, rest)) => (format!("{version}/{rest}"), namespace.to_owned()),
        None => (path.to_owned(), String::new()),
    }
}

/// The answer to `/version`.
pub const VERSION: &str = r#"{"major":"1","minor":"34","gitVersion":"v1.34.2","gitCommit":"fake","goVersion":"go1.24","platform":"linux/amd64"}"#;
