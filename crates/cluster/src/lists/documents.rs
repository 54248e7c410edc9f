//! Objects as printed by `kubectl get … -o json` and `-o yaml`, and files that map resources to lists.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::Path;

use probe::{Cause, Reason};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::cluster::{About, Cluster, Listing, Shown};
use crate::resource::Resource;

/// One text and its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// The file's name. Resources in its stem (`pods.json`, `roles,rolebindings.yaml`) count as listed, even if there
    /// are no objects, but only if the text contains a list or an object: a failed command leaves an empty file.
    pub name: String,
    /// The text: JSON, or YAML according to the file name.
    pub text: String,
}

/// The objects in a set of texts.
#[derive(Debug, Default)]
pub struct Documents {
    source: String,
    /// The texts as JSON; YAML is converted.
    texts: Vec<String>,
    /// The locations of a resource's objects: the index of the text, and the range in it.
    objects: BTreeMap<Resource, Vec<(usize, Range<usize>)>>,
    /// Resources that were listed completely.
    listed: BTreeSet<Resource>,
    /// Why a resource is incomplete.
    broken: BTreeMap<Resource, Reason>,
    /// Why a text was not read whose name states no resource: any list may have been in it.
    unread: Option<Reason>,
    remarks: Vec<String>,
    version: Option<String>,
}

/// The fields of an object that identify its kind.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Head {
    #[serde(default)]
    kind: Option<String>,
    #[serde(default)]
    api_version: Option<String>,
}

/// The metadata of a list.
#[derive(Deserialize)]
struct ListMetadata {
    /// Where the rest of the list begins, if the API server returned only a part.
    #[serde(default)]
    r#continue: Option<String>,
}

impl Head {
    /// Returns the resource of this kind in the API version that is stated.
    fn resource(&self, kind: &str) -> Option<Resource> {
        Resource::of_kind(kind, self.api_version.as_deref().unwrap_or_default())
    }

    /// Returns the resource that a kind of list contains, such as pods for `PodList`.
    fn listed_by(&self, kind: &str) -> Option<Resource> {
        self.resource(kind.strip_suffix("List").filter(|kind| !kind.is_empty())?)
    }
}

/// Returns the API server's refusal, which was printed instead of a list.
fn refusal(status: &RawValue) -> String {
    #[derive(Deserialize)]
    struct Status {
        #[serde(default)]
        message: Option<String>,
    }
    let message = read::<Status>(status).ok().and_then(|status| status.message);
    format!("an error of the API server instead of a list: {}", message.as_deref().unwrap_or("no message"))
}

impl Documents {
    /// Reads texts that came from `source`. An unreadable text gives a remark, and makes the resources in its name
    /// unknown.
    pub fn new(source: &str, texts: impl IntoIterator<Item = Text>) -> Self {
        let mut documents = Self { source: source.to_owned(), ..Self::default() };
        for text in texts {
            documents.take(text);
        }
        documents
    }

    /// Whether there are no relevant objects.
    pub fn is_empty(&self) -> bool {
        self.objects.is_empty() && self.listed.is_empty()
    }

    /// Errors while reading.
    pub fn mistakes(&self) -> &[String] {
        &self.remarks
    }

    /// Records that a file could not be read. The resources in its name become unknown; if there are none, all that are
    /// not listed elsewhere.
    pub fn refuse(&mut self, name: &str, why: &str) {
        self.leave_out(name, &Unread::because(why));
    }

    fn leave_out(&mut self, name: &str, Unread { why, part_of }: &Unread) {
        let reason = Reason::new(Cause::Malformed, name, why.as_str());
        let named = resources_of(name);
        if named.is_empty() {
            self.unread.get_or_insert_with(|| reason.clone());
        }
        self.broken.extend(named.into_iter().chain(*part_of).map(|resource| (resource, reason.clone())));
        self.remarks.push(format!("{name}: {why}"));
    }

    /// Adds a text. Unreadable parts give a remark, and make the resources in its name unknown.
    pub fn take(&mut self, Text { name, text }: Text) {
        let extension = Path::new(&name).extension();
        let is_yaml = extension.is_some_and(|extension| extension == "yaml" || extension == "yml");
        let parts = if is_yaml { from_yaml(&text) } else { Ok(vec![text]) };
        let is_blank = parts.as_ref().is_ok_and(|parts| parts.iter().all(|json| json.trim().is_empty()));
        let taken = parts.and_then(|parts| {
            parts.into_iter().try_fold(false, |shows, json| self.take_json(json).map(|shows_more| shows || shows_more))
        });
        let named = resources_of(&name);
        match taken {
            Ok(true) => self.listed.extend(named),
            // Even where there are no objects, kubectl prints a list.
            Ok(false) if is_blank || !named.is_empty() => {
                self.refuse(&name, "contains no list (run kubectl get again)");
            }
            Ok(false) => {}
            Err(unread) => self.leave_out(&name, &unread),
        }
    }

    /// Adds a text, and returns whether it contains a list or an object, relevant or not.
    fn take_json(&mut self, text: String) -> Result<bool, Unread> {
        let index = self.texts.len();
        let mut found = Found {
            text: &text,
            index,
            objects: Vec::new(),
            listed: BTreeSet::new(),
            version: None,
            shows_objects: false,
        };
        let mut values = serde_json::Deserializer::from_str(&text).into_iter::<&RawValue>();
        values.try_for_each(|value| value.map_err(|error| not_json(&error)).and_then(|value| found.document(value)))?;
        let Found { objects, listed, version, shows_objects, .. } = found;
        self.version = self.version.take().or(version);
        for (resource, place) in objects {
            self.objects.entry(resource).or_default().push(place);
        }
        self.listed.extend(listed);
        self.texts.push(text);
        Ok(shows_objects)
    }
}

impl Cluster for Documents {
    fn about(&self) -> About {
        // Other platforms do not have these resources.
        let is_anywhere =
            Resource::ALL.into_iter().any(|resource| resource.is_of_eks_anywhere() && self.knows(resource));
        let assumed: Vec<String> = Resource::ALL
            .into_iter()
            .filter(|resource| self.unread.is_none() && resource.served().optional && !self.knows(*resource))
            .filter(|resource| is_anywhere || !resource.is_of_eks_anywhere())
            .map(|resource| resource.to_string())
            .collect();
        let mut remarks = self.remarks.clone();
        if !assumed.is_empty() {
            remarks.push(format!(
                "{}: no list of {}; assumed not installed (if they are, add the output of kubectl get)",
                self.source,
                assumed.join(", ")
            ));
        }
        About { source: self.source.clone(), version: self.version.clone(), remarks }
    }

    fn list(&self, resource: Resource, visit: &mut dyn FnMut(Shown<'_>)) -> Listing {
        for (index, range) in self.objects.get(&resource).into_iter().flatten() {
            if let Ok(object) = serde_json::from_str(&self.texts[*index][range.clone()]) {
                visit(Shown::Object(object));
            }
        }
        if let Some(reason) = self.broken.get(&resource) {
            return Listing::Unknown(reason.clone());
        }
        if self.listed.contains(&resource) {
            return Listing::Complete;
        }
        if self.objects.contains_key(&resource) {
            let detail = format!("only single objects (add the output of kubectl get {resource} -A -o json)");
            return Listing::Unknown(Reason::new(Cause::NotRecorded, resource, detail));
        }
        if resource.served().optional {
            return self.unread.clone().map_or(Listing::Absent, Listing::Unknown);
        }
        let all = if matches!(resource, Resource::ConfigMaps) { "-n kube-system" } else { "-A" };
        let detail = format!("not in {} (add the output of kubectl get {resource} {all} -o json)", self.source);
        Listing::Unknown(Reason::new(Cause::NotRecorded, resource, detail))
    }
}

impl Documents {
    fn knows(&self, resource: Resource) -> bool {
        self.listed.contains(&resource) || self.objects.contains_key(&resource) || self.broken.contains_key(&resource)
    }
}

/// Why a text is not used.
struct Unread {
    why: String,
    /// The resource of which it contains only a part. The other parts may be in other texts, where nothing distinguishes
    /// the last one from a whole list.
    part_of: Option<Resource>,
}

impl Unread {
    fn because(why: impl Into<String>) -> Self {
        Self { why: why.into(), part_of: None }
    }

    fn part(why: &str, part_of: Option<Resource>) -> Self {
        Self { part_of, ..Self::because(why) }
    }
}

/// The contents of one text.
struct Found<'t> {
    text: &'t str,
    index: usize,
    objects: Vec<(Resource, (usize, Range<usize>))>,
    listed: BTreeSet<Resource>,
    /// The API server's version, as `kubectl version -o json` prints it.
    version: Option<String>,
    /// Whether there is a list, even an empty one, or an object of any kind.
    shows_objects: bool,
}

impl<'t> Found<'t> {
    fn document(&mut self, value: &'t RawValue) -> Result<(), Unread> {
        if value.get().starts_with('[') {
            let items: Vec<&RawValue> = read(value)?;
            self.shows_objects = true;
            return items.into_iter().try_for_each(|item| self.object(item, None, false));
        }
        if !value.get().starts_with('{') {
            return Err(Unread::because("neither a Kubernetes object nor a list of them"));
        }
        let fields: BTreeMap<String, &'t RawValue> = read(value)?;
        let head: Head = read(value)?;
        match (&head.kind, fields.get("items")) {
            (Some(kind), Some(items)) if kind.ends_with("List") => {
                let of = head.listed_by(kind);
                let metadata = fields.get("metadata").and_then(|metadata| read::<ListMetadata>(metadata).ok());
                let is_part = metadata.and_then(|metadata| metadata.r#continue).is_some_and(|token| !token.is_empty());
                // Lists of other kinds are of no interest, whole or not.
                if is_part && (of.is_some() || kind == "List") {
                    let part = "only the first part of a list (its metadata.continue is set; list all objects)";
                    return Err(Unread::part(part, of));
                }
                self.list(kind, &head, items)
            }
            (Some(kind), None) if kind == "List" || head.listed_by(kind).is_some() => {
                Err(Unread::part("a list without items (run kubectl get again)", head.listed_by(kind)))
            }
            (Some(kind), _) if kind == "Status" => Err(Unread::because(refusal(value))),
            (Some(_), _) => self.object(value, None, false),
            // In YAML, the kind of a list follows its items.
            (None, Some(_)) => Err(Unread::because("a list without its kind: cut off (run kubectl get again)")),
            (None, None) => {
                #[derive(Deserialize)]
                #[serde(rename_all = "camelCase")]
                struct Version {
                    git_version: String,
                }
                let version = fields.get("serverVersion").and_then(|version| read::<Version>(version).ok());
                self.version = self.version.take().or(version.map(|version| version.git_version));
                for (name, list) in fields {
                    // Other keys do not name resources.
                    if let Some(resource) = Resource::named(&name) {
                        self.mapped(resource, list)?;
                    }
                }
                Ok(())
            }
        }
    }

    /// Reads a list with a kind: of one kind, as from the API, or of several, as from kubectl.
    fn list(&mut self, kind: &str, head: &Head, items: &'t RawValue) -> Result<(), Unread> {
        let of = head.listed_by(kind);
        self.shows_objects = true;
        self.listed.extend(of);
        let items: Option<Vec<&RawValue>> = read(items)?;
        items.unwrap_or_default().into_iter().try_for_each(|item| self.object(item, of, true))
    }

    /// Reads a list keyed by its resource: the items themselves, or an object that contains them.
    fn mapped(&mut self, resource: Resource, list: &'t RawValue) -> Result<(), Unread> {
        #[derive(Deserialize)]
        struct Items<'t> {
            #[serde(borrow, default)]
            items: Option<Vec<&'t RawValue>>,
        }
        let items = if list.get().starts_with('{') {
            read::<Items<'t>>(list)?.items
        } else {
            read::<Option<Vec<&RawValue>>>(list)?
        };
        self.shows_objects = true;
        self.listed.insert(resource);
        for item in items.unwrap_or_default() {
            self.add(resource, item);
        }
        Ok(())
    }

    /// Reads an object; `of` is its kind if the object does not state it.
    fn object(&mut self, object: &'t RawValue, of: Option<Resource>, is_listed: bool) -> Result<(), Unread> {
        let head: Head = read(object)?;
        self.shows_objects |= head.kind.is_some();
        let resource = match &head.kind {
            Some(kind) => head.resource(kind),
            None => of,
        };
        let Some(resource) = resource else { return Ok(()) };
        if is_listed {
            self.listed.insert(resource);
        }
        self.add(resource, object);
        Ok(())
    }

    fn add(&mut self, resource: Resource, object: &'t RawValue) {
        let start = object.get().as_ptr() as usize - self.text.as_ptr() as usize;
        self.objects.push((resource, (self.index, start..start + object.get().len())));
    }
}

fn read<'t, T: Deserialize<'t>>(value: &'t RawValue) -> Result<T, Unread> {
    serde_json::from_str(value.get()).map_err(|error| not_json(&error))
}

fn not_json(error: &serde_json::Error) -> Unread {
    Unread::because(format!("not JSON as kubectl prints it: {error}"))
}

/// The resources in a file's name.
fn resources_of(name: &str) -> Vec<Resource> {
    let file = name.rsplit('/').next().unwrap_or(name);
    let stem = file.strip_suffix(".json").or_else(|| file.strip_suffix(".yaml")).or_else(|| file.strip_suffix(".yml"));
    stem.unwrap_or(file).split(',').filter_map(|part| Resource::named(part.trim())).collect()
}

/// The documents of a YAML text as JSON.
fn from_yaml(text: &str) -> Result<Vec<String>, Unread> {
    serde_yaml::Deserializer::from_str(text)
        .map(|document| serde_json::Value::deserialize(document).map_err(|error| error.to_string()))
        .filter(|value| !matches!(value, Ok(serde_json::Value::Null)))
        .map(|value| value.map(|value| value.to_string()))
        .collect::<Result<_, _>>()
        .map_err(|error| Unread::because(format!("not YAML as kubectl prints it: {error}")))
}
