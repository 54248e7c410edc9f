//! How the API servers of a node are configured for Pod Security admission, which only files show; the API does not.
//!
//! Source: <https://kubernetes.io/docs/tasks/configure-pod-container/enforce-standards-admission-controller/>;
//! `ConfigFor` and `makeAbs` in `pkg/admission/config.go` of <https://github.com/kubernetes/apiserver>.

use std::path::Path;

use crate::component::{Document, Given, Instance, OpenshiftFile, Origin, Reading, own};
use definitions::benchmark::{Component, KeyPath, Setting};
use probe::{Excerpt, Form, Node, Reason};

use super::configuration;
use super::inventory::Inventory;

/// The Pod Security admission configuration of an API server, as written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PodSecurity {
    /// Where it is set: `/etc/kubernetes/admission.yaml`, or the API server if nothing configures it.
    pub source: String,
    /// What turns Pod Security off: `--disable-admission-plugins of kube-apiserver (process 812)`.
    pub turned_off: Option<String>,
    /// `defaults.enforce`; empty if not set.
    pub enforce: String,
    /// `defaults.enforce-version`; empty if not set.
    pub enforce_version: String,
    /// `exemptions.usernames`.
    pub usernames: Vec<String>,
    /// `exemptions.namespaces`.
    pub namespaces: Vec<String>,
    /// `exemptions.runtimeClasses`.
    pub runtime_classes: Vec<String>,
}

/// The component that admits pods.
const APISERVER: &str = "apiserver";

/// The plugin.
const PLUGIN: &str = "PodSecurity";

/// In the file named by `--admission-control-config-file`: the entry that contains the plugin's configuration, and its
/// key that names a separate configuration file.
const OF_KUBERNETES: [&str; 2] = ["plugins[name=PodSecurity]", "path"];

/// The entry and its key in OpenShift's file.
const OF_OPENSHIFT: [&str; 2] = ["admission.pluginConfig.PodSecurity", "location"];

/// The keys to read from a plugin's configuration.
const KEYS: [&str; 5] = [
    "defaults.enforce",
    "defaults.enforce-version",
    "exemptions.usernames",
    "exemptions.namespaces",
    "exemptions.runtimeClasses",
];

/// Returns the configuration of each API server that runs on the node, or why it is not known.
pub fn pod_security(node: &dyn Node, inventory: &Inventory<'_>) -> Vec<Result<PodSecurity, Reason>> {
    let Some(component) = inventory.library.components.get(APISERVER) else { return Vec::new() };
    let configured = |instance| Look { node, inventory, component, instance }.configured();
    inventory.of(APISERVER).iter().map(configured).collect()
}

/// The file that configures the plugins.
struct Named {
    path: String,
    /// The setting that names it.
    origin: Origin,
    /// The entry in it that contains the plugin's configuration, and its key that names a separate configuration file.
    keys: [&'static str; 2],
}

/// Examines the settings of one API server.
struct Look<'a> {
    node: &'a dyn Node,
    inventory: &'a Inventory<'a>,
    component: &'a Component,
    instance: &'a Instance,
}

impl Look<'_> {
    fn configured(&self) -> Result<PodSecurity, Reason> {
        let process = format!("{} (process {})", self.instance.name, self.instance.pid);
        if let Some(flag) = self.turned_off()? {
            return Ok(PodSecurity { turned_off: Some(format!("{flag} of {process}")), ..PodSecurity::default() });
        }
        let Some(Named { path, origin, keys: [holder, other] }) = self.named()? else {
            return Ok(PodSecurity { source: process, ..PodSecurity::default() });
        };
        let within = format!("{holder}.configuration");
        let named = format!("{holder}.{other}");
        let keys = KEYS.map(|key| format!("{within}.{key}"));
        let document =
            self.read(&path, &origin, keys.iter().cloned().chain([format!("{within}=there"), named.clone()]))?;
        // An inline configuration takes precedence over a separate file.
        let is_there = !found(&document, &within)?.is_empty();
        let elsewhere = found(&document, &named)?.concat();
        if is_there || elsewhere.is_empty() {
            return of(&document, path, &keys);
        }
        // A relative path starts at the directory of the file that contains it.
        let elsewhere = Path::new(&path).parent().unwrap_or(Path::new("")).join(elsewhere).display().to_string();
        let keys = KEYS.map(str::to_owned);
        let origin = Origin::File { path, line: None, key: named };
        of(&self.read(&elsewhere, &origin, keys.iter().cloned())?, elsewhere, &keys)
    }

    /// The flag that turns the plugin off, if one does.
    fn turned_off(&self) -> Result<Option<&'static str>, Reason> {
        for (flag, turns_off) in [(own::DISABLE_ADMISSION_PLUGINS, true), (own::ADMISSION_CONTROL, false)] {
            // The older flag lists all enabled plugins.
            if let Some((given, _)) = self.given(flag)?
                && given.items().iter().any(|plugin| plugin == PLUGIN) == turns_off
            {
                return Ok(Some(flag));
            }
        }
        Ok(None)
    }

    /// The file that configures the plugins.
    fn named(&self) -> Result<Option<Named>, Reason> {
        let why = match self.given(own::ADMISSION_CONFIG_FILE) {
            Ok(given) => {
                return Ok(given.map(|(given, origin)| Named { path: given.text(), origin, keys: OF_KUBERNETES }));
            }
            Err(why) => why,
        };
        // OpenShift generates the plugins' file from its own when it starts.
        let file = OpenshiftFile::of(APISERVER).map_or(&[][..], |file| file.named_by);
        for flag in file {
            if let Some((given, origin)) = self.given(flag)? {
                return Ok(Some(Named { path: given.text(), origin, keys: OF_OPENSHIFT }));
            }
        }
        Err(why)
    }

    fn given(&self, flag: &'static str) -> Result<Option<(Given, Origin)>, Reason> {
        match self.instance.read(&Setting::of_flag(flag), self.component) {
            Reading::Set { given, origin } if !given.is_empty() => Ok(Some((given, origin))),
            Reading::Set { .. } | Reading::Unset(_) => Ok(None),
            Reading::Unknown(why) => Err(why),
        }
    }

    fn read(&self, path: &str, origin: &Origin, parts: impl Iterator<Item = String>) -> Result<Document, Reason> {
        let parts: Vec<String> = parts.collect();
        let excerpt = || Excerpt::new(Form::Document, parts.iter().cloned());
        configuration::file(self.node, &self.inventory.room, self.instance, self.component, (path, origin), &excerpt)
    }
}

/// Reads these keys of a document.
fn of(document: &Document, source: String, keys: &[String; KEYS.len()]) -> Result<PodSecurity, Reason> {
    let [enforce, enforce_version, usernames, namespaces, runtime_classes] = keys;
    Ok(PodSecurity {
        source,
        turned_off: None,
        enforce: found(document, enforce)?.concat(),
        enforce_version: found(document, enforce_version)?.concat(),
        usernames: found(document, usernames)?,
        namespaces: found(document, namespaces)?,
        runtime_classes: found(document, runtime_classes)?,
    })
}

/// The texts that a key path leads to, or the items of the list.
fn found(document: &Document, key: &str) -> Result<Vec<String>, Reason> {
    match document.unrecorded(key) {
        Some(why) => Err(why),
        None => {
            Ok(key.parse::<KeyPath>().map_or_else(|_| Vec::new(), |path| Given::Values(document.find(&path)).items()))
        }
    }
}
