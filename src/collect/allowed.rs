//! What a recording may contain: only what definitions and readers read from a node.

use std::collections::BTreeSet;

use crate::component::{
    CommandLines, EMBEDDER_DATABASE, OpenshiftFile, PROXIES_OF_ETCD, Sets, Toml, arguments_excerpt, document_excerpt,
    embedder_flags, lines_excerpt, names_excerpt, own, unit_excerpt, variables_excerpt,
};
use definitions::SharedText;
use definitions::benchmark::Library;
use probe::{Excerpt, Form, Location, Reason};

use super::layout::sign::Of;
use super::layout::table::LAYOUTS;
use super::{distribution, environment, pause_image, runtime, runtime_record, said, static_pod};

/// Returns the flags, words and variables that are read from any node.
pub fn sets(library: &Library) -> Sets {
    let components = || library.components.values();
    let (with_words, alone) = embedder_flags();
    let dashed = |name: &str| SharedText::from(format!("--{name}"));
    let mut boolean: BTreeSet<SharedText> = sorting::set(alone.map(dashed));
    let mut read = library.flags_read();
    read.extend(own::FLAGS.iter().map(|flag| SharedText::from(*flag)));
    read.extend(of_layouts().map(SharedText::from));
    read.extend(distribution::flags().map(SharedText::from));
    let files = components().filter_map(|component| OpenshiftFile::of(&component.key));
    read.extend(files.flat_map(|file| file.flags().map(SharedText::from).collect::<Vec<_>>()));
    read.extend(with_words.map(dashed));
    read.extend(boolean.iter().cloned());
    let mut known: BTreeSet<SharedText> = sorting::set(library.flags_known().into_iter().map(SharedText::from));
    known.extend(read.iter().cloned());
    boolean.extend(components().flat_map(|component| component.flags.boolean.iter().cloned()));
    let named = components()
        .flat_map(|component| component.executables.iter().chain(&component.bare).chain(&component.embedded_in));
    let words = named.flat_map(|name| name.split(' ')).map(str::to_owned);
    let known_words = static_pod::starters().chain(PROXIES_OF_ETCD);
    let programs = words.chain(known_words.map(str::to_owned)).collect();
    let databases = [dashed(EMBEDDER_DATABASE)].into();
    Sets { read, known, boolean, programs, variables: environment::all_names(library), databases }
}

/// The flags by which layouts are recognized.
fn of_layouts() -> impl Iterator<Item = &'static str> {
    let flags = |of: &Of| match of {
        Of::Flag { flags, .. } => *flags,
        _ => &[],
    };
    LAYOUTS.iter().flat_map(|layout| layout.signs).flat_map(move |sign| flags(&sign.of)).copied()
}

/// Returns the component programs that a script starts, in the form of the last commands of such a script.
pub fn started_by(script: &str, library: &Library) -> Option<String> {
    let names = library.components.values().flat_map(|component| &component.executables);
    let started: Vec<&str> = names.filter(|name| static_pod::in_script(script, name)).map(SharedText::as_str).collect();
    (!started.is_empty()).then(|| started.join("; exec "))
}

/// Reduces the contents of a file to the parts that its readers use.
///
/// # Errors
///
/// Returns the reason if the file's reader rejects it.
pub fn excerpt(
    location: &Location,
    Excerpt { form, parts }: &Excerpt,
    bytes: &[u8],
    lines: &CommandLines<'_>,
) -> Result<Vec<u8>, Reason> {
    let file = location.to_string();
    Ok(match form {
        Form::Document => document_excerpt(&file, bytes, parts, lines)?,
        Form::Toml => {
            let keys: Vec<Vec<&str>> = parts.iter().map(|part| part.split(runtime::PART).collect()).collect();
            let wanted: Vec<&[&str]> = keys.iter().map(Vec::as_slice).collect();
            Toml::parse(&file, bytes, &wanted)?.essential(&wanted, &|item| lines.shown("", item)).into_bytes()
        }
        Form::Unit => unit_excerpt(bytes, parts, lines),
        Form::Variables => variables_excerpt(bytes, parts, lines),
        Form::Names => names_excerpt(bytes, parts),
        Form::Arguments => arguments_excerpt(bytes, lines),
        Form::Container => runtime_record::excerpt(location, bytes, lines),
        Form::Said => said::kept(location, parts, bytes)?,
        Form::Lines => lines_excerpt(bytes, parts, lines),
        Form::Version => pause_image::excerpt(bytes, lines),
    })
}
