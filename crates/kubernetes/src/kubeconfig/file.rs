//! Reads and merges kubeconfig files.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use kube_client::config::{Kubeconfig, NamedAuthInfo, NamedCluster, NamedContext};
use probe::{Cause, Reason};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::files::{bytes, shown};
use crate::text;

/// The largest kubeconfig that is read, in bytes: a thousand clusters take 8 MB with their certificates.
const LARGEST: u64 = 32 << 20;

/// Reads one kubeconfig; returns it and its name in messages.
pub fn one(path: &Path) -> Result<(Kubeconfig, String), Reason> {
    let name = shown(path);
    match read(path)? {
        Some(config) => Ok((config, name)),
        None => Err(Reason::new(Cause::System, name, "no such file (check --kubeconfig)")),
    }
}

/// Reads and merges a list of kubeconfigs: the first to set a name or the current context wins. Missing files are
/// skipped, as in kubectl.
pub fn merged(list: &OsStr) -> Result<(Kubeconfig, String), Reason> {
    let paths: Vec<PathBuf> = env::split_paths(list).filter(|path| !path.as_os_str().is_empty()).collect();
    let mut merged = Kubeconfig::default();
    let mut found = false;
    for path in &paths {
        let Some(mut config) = read(path)? else { continue };
        found = true;
        // kubectl merges files without comparing these fields.
        (config.kind, config.api_version) = (None, None);
        merged = merged
            .merge(config)
            .map_err(|_| Reason::new(Cause::Malformed, shown(path), "cannot be merged with the files before it"))?;
    }
    let name = text::names(paths.iter().filter_map(|path| path.to_str()));
    if !found {
        let detail = format!("no such file ({name})");
        return Err(Reason::new(Cause::System, "KUBECONFIG", detail));
    }
    Ok((merged, if paths.len() == 1 { name } else { "KUBECONFIG".to_owned() }))
}

fn read(path: &Path) -> Result<Option<Kubeconfig>, Reason> {
    if !path.try_exists().unwrap_or(true) {
        return Ok(None);
    }
    let text = String::from_utf8(bytes(path, LARGEST)?)
        .map_err(|_| Reason::new(Cause::Malformed, shown(path), "not UTF-8 text"))?;
    let mut config = parse(text.trim_start_matches('\u{feff}'), &shown(path))?;
    resolve(&mut config, path.parent().unwrap_or(Path::new("")));
    Ok(Some(config))
}

/// Parses YAML (or JSON, which is YAML). Errors show only the location, since the text may be secret.
fn parse(text: &str, file: &str) -> Result<Kubeconfig, Reason> {
    let Some(document) = serde_yaml::Deserializer::from_str(text).next() else { return Ok(Kubeconfig::default()) };
    let value = Value::deserialize(document).map_err(|error| {
        let place = error.location().map(|place| format!(" (line {})", place.line())).unwrap_or_default();
        Reason::new(Cause::Malformed, file, format!("not YAML{place}"))
    })?;
    if value.is_null() {
        return Ok(Kubeconfig::default());
    }
    Kubeconfig::deserialize(&value).map_err(|_| {
        let part = first_odd::<NamedCluster>(&value, "clusters")
            .or_else(|| first_odd::<NamedAuthInfo>(&value, "users"))
            .or_else(|| first_odd::<NamedContext>(&value, "contexts"));
        let part = part.map(|part| format!(", because of {part}")).unwrap_or_default();
        Reason::new(Cause::Malformed, file, format!("not a kubeconfig{part} (check it with `kubectl config view`)"))
    })
}

/// The name or number of the first list entry that does not have its type.
fn first_odd<T: DeserializeOwned>(value: &Value, key: &str) -> Option<String> {
    let list = value.get(key)?;
    let Some(entries) = list.as_array() else {
        return (!list.is_null()).then(|| format!("`{key}`, which is not a list"));
    };
    let (index, odd) = entries.iter().enumerate().find(|(_, entry)| T::deserialize(*entry).is_err())?;
    Some(match odd.get("name").and_then(Value::as_str) {
        Some(name) => format!("`{}` in {key}", text::name(name)),
        None => format!("entry {} of {key}", index + 1),
    })
}

/// Resolves relative paths against the file's directory. A command without a slash is looked up in `PATH`.
fn resolve(config: &mut Kubeconfig, directory: &Path) {
    let absolute = |path: &mut Option<String>| {
        if let Some(relative) = path.as_mut().filter(|path| !path.is_empty() && Path::new(path.as_str()).is_relative())
        {
            *relative = directory.join(&*relative).to_string_lossy().into_owned();
        }
    };
    for cluster in config.clusters.iter_mut().filter_map(|named| named.cluster.as_mut()) {
        absolute(&mut cluster.certificate_authority);
    }
    for user in config.auth_infos.iter_mut().filter_map(|named| named.auth_info.as_mut()) {
        let paths = [&mut user.client_certificate, &mut user.client_key, &mut user.token_file];
        let command = user.exec.iter_mut().map(|exec| &mut exec.command);
        let command = command.filter(|command| command.as_ref().is_some_and(|command| command.contains('/')));
        paths.into_iter().chain(command).for_each(absolute);
    }
}
