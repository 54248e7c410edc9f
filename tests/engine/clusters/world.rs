//! A synthetic cluster in memory whose objects can be changed individually.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::rc::Rc;

use cluster::lists::{Documents, Text};
use cluster::{About, Cluster, Listing, Resource, Shown};
use serde_json::Value;
use serde_json::value::RawValue;

/// An edition: a sequence of directories, of which objects in later ones replace those in earlier ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Edition {
    Hardened,
    Careless,
    Eks,
    Management,
}

impl Edition {
    /// The editions on which the general controls are tested.
    pub const ALL: [Self; 3] = [Self::Hardened, Self::Careless, Self::Eks];

    pub const fn layers(self) -> &'static [&'static str] {
        match self {
            Self::Hardened => &["kubernetes", "kubeadm", "hardened"],
            Self::Careless => &["kubernetes", "kubeadm", "careless"],
            Self::Eks => &["kubernetes", "eks"],
            Self::Management => &["kubernetes", "eks-anywhere-management"],
        }
    }

    /// Reads the files as `--cluster-objects` would.
    pub fn documents(self) -> Documents {
        documents(self.layers())
    }
}

/// Reads the files in some directories.
fn documents(layers: &[&str]) -> Documents {
    let mut texts = Vec::new();
    for layer in layers {
        let mut files: Vec<PathBuf> = std::fs::read_dir(directory(layer))
            .unwrap_or_else(|error| panic!("golden/clusters/{layer}: {error}"))
            .map(|entry| entry.expect("an entry").path())
            .filter(|path| !path.ends_with("answers.yaml"))
            .collect();
        files.sort();
        for path in files {
            let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            texts.push(Text { name: path.display().to_string(), text });
        }
    }
    let documents = Documents::new("golden/clusters", texts);
    assert_eq!(documents.mistakes(), [""; 0]);
    documents
}

pub fn directory(layer: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("golden/clusters").join(layer)
}

/// An object's name and text.
#[derive(Clone)]
struct Entry {
    id: Rc<str>,
    text: Rc<RawValue>,
}

/// How an incomplete list ends.
#[derive(Clone)]
pub enum Fate {
    /// It ends this way and contains nothing.
    Ends(Listing),
    /// It contains everything, plus an invalid object.
    Junk(&'static str),
}

/// A cluster in memory.
#[derive(Clone)]
pub struct World {
    lists: BTreeMap<Resource, Vec<Entry>>,
    ends: BTreeMap<Resource, Listing>,
    pub fates: BTreeMap<Resource, Fate>,
    /// Objects that replaced others.
    pub replaced: BTreeSet<String>,
    /// The version of the API server.
    pub version: Option<String>,
}

impl World {
    /// Returns an edition.
    pub fn of(edition: Edition) -> Self {
        Self::of_documents(&edition.documents())
    }

    /// Returns the contents of a single directory.
    pub fn of_layer(layer: &str) -> Self {
        Self::of_documents(&documents(&[layer]))
    }

    fn of_documents(documents: &Documents) -> Self {
        let mut world = Self {
            lists: BTreeMap::new(),
            ends: BTreeMap::new(),
            fates: BTreeMap::new(),
            replaced: BTreeSet::new(),
            version: documents.about().version,
        };
        for resource in Resource::ALL {
            let mut objects: Vec<Value> = Vec::new();
            let end = documents.list(resource, &mut |shown| match shown {
                Shown::Object(object) => objects.push(serde_json::from_str(object.get()).expect("JSON")),
                Shown::Again => panic!("documents are read once"),
            });
            world.ends.insert(resource, end);
            for object in objects {
                let id = id_of(resource, &object);
                if world.has(&id) {
                    world.replaced.insert(id);
                }
                world.put(object);
            }
        }
        world
    }

    /// Returns the number of objects.
    pub fn len(&self) -> usize {
        self.lists.values().map(Vec::len).sum()
    }

    /// Returns the names of the objects.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.lists.values().flatten().map(|entry| &*entry.id)
    }

    pub fn has(&self, id: &str) -> bool {
        self.ids().any(|own| own == id)
    }

    /// Returns an object by name: `Deployment shop/web`, `ClusterRole view`. A Calico policy is a
    /// `CalicoNetworkPolicy`.
    pub fn get(&self, id: &str) -> Value {
        let entry = self.lists.values().flatten().find(|entry| &*entry.id == id);
        let entry = entry.unwrap_or_else(|| panic!("there is no {id}"));
        serde_json::from_str(entry.text.get()).expect("JSON")
    }

    /// Adds an object, replacing the one with the same name.
    #[expect(clippy::needless_pass_by_value, reason = "objects are made where they are put")]
    pub fn put(&mut self, object: Value) {
        let text = |field: &str| object[field].as_str().unwrap_or_default().to_owned();
        let resource = Resource::of_kind(&text("kind"), &text("apiVersion"))
            .unwrap_or_else(|| panic!("no resource has such objects: {object}"));
        let id: Rc<str> = id_of(resource, &object).into();
        let raw = serde_json::value::to_raw_value(&object).expect("JSON");
        let entry = Entry { id: Rc::clone(&id), text: Rc::from(raw) };
        let list = self.lists.entry(resource).or_default();
        match list.iter_mut().find(|own| own.id == id) {
            Some(own) => *own = entry,
            None => list.push(entry),
        }
    }

    /// Removes an object.
    pub fn remove(&mut self, id: &str) {
        assert!(self.has(id), "there is no {id}");
        for list in self.lists.values_mut() {
            list.retain(|entry| &*entry.id != id);
        }
    }

    /// Edits an object, which must change.
    pub fn edit(&mut self, id: &str, change: impl FnOnce(&mut Value)) {
        let before = self.get(id);
        let mut after = before.clone();
        change(&mut after);
        assert_ne!(before, after, "{id} is not changed");
        self.remove(id);
        self.put(after);
    }

    /// Returns the names of all objects of a kind.
    pub fn of_kind(&self, kind: &str) -> Vec<String> {
        let start = format!("{kind} ");
        self.ids().filter(|id| id.starts_with(&start)).map(str::to_owned).collect()
    }
}

fn id_of(resource: Resource, object: &Value) -> String {
    let prefix = match resource {
        Resource::CalicoNetworkPolicies | Resource::CalicoGlobalNetworkPolicies => "Calico",
        _ => "",
    };
    let metadata = &object["metadata"];
    let name = metadata["name"].as_str().unwrap_or_default();
    // If users define the kinds of a resource, each object states its own.
    let of_any = object["kind"].as_str().filter(|_| resource.served().has_every_kind());
    let kind = of_any.unwrap_or(resource.served().kind);
    match metadata["namespace"].as_str() {
        Some(namespace) => format!("{prefix}{kind} {namespace}/{name}"),
        None => format!("{prefix}{kind} {name}"),
    }
}

impl Cluster for World {
    fn about(&self) -> About {
        About { source: "golden/clusters".to_owned(), version: self.version.clone(), remarks: Vec::new() }
    }

    fn list(&self, resource: Resource, visit: &mut dyn FnMut(Shown<'_>)) -> Listing {
        let end = self.ends.get(&resource).expect("each resource was listed").clone();
        match self.fates.get(&resource) {
            Some(Fate::Ends(end)) => return end.clone(),
            Some(Fate::Junk(text)) => {
                let junk: Box<RawValue> = serde_json::from_str(text).expect("JSON");
                visit(Shown::Object(&junk));
            }
            None => {}
        }
        for entry in self.lists.get(&resource).into_iter().flatten() {
            visit(Shown::Object(&entry.text));
        }
        // Objects added to an absent list make it complete.
        match end {
            Listing::Absent if self.lists.get(&resource).is_some_and(|list| !list.is_empty()) => Listing::Complete,
            end => end,
        }
    }
}
