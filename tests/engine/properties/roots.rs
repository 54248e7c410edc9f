//! Whatever links exist, nothing outside the root is visible.

use std::os::unix::fs::{MetadataExt, symlink};
use std::path::Path;

use probe::{Answer, Node, Observed};
use proptest::prelude::*;

use crate::node::support::{Place, content, directory, metadata};

/// Names in the tree, some of which also exist outside.
const NAMES: [&str; 6] = ["a", "b", "c", "outside", "root", "of mine"];

/// Generates paths and link targets.
fn steps() -> impl Strategy<Value = String> {
    let step =
        prop_oneof![3 => prop::sample::select(NAMES.to_vec()), 3 => Just(".."), 1 => Just("."), 1 => Just("secret")];
    prop::collection::vec(step, 1..7).prop_map(|steps| steps.join("/"))
}

/// An entry of the tree.
#[derive(Debug, Clone)]
enum Thing {
    File,
    Directory,
    /// A link, relative or from `/`.
    Link(String),
    /// A link to the real path of the outside directory, followed by this.
    Outside(String),
}

fn thing() -> impl Strategy<Value = Thing> {
    prop_oneof![
        2 => Just(Thing::File),
        3 => Just(Thing::Directory),
        5 => (steps(), any::<bool>())
            .prop_map(|(steps, absolute)| Thing::Link(if absolute { format!("/{steps}") } else { steps })),
        2 => prop::sample::select(vec!["", "/outside", "/outside/secret", "/root/../outside/secret"])
            .prop_map(|tail| Thing::Outside(tail.to_owned())),
    ]
}

fn tree() -> impl Strategy<Value = Vec<(String, Thing)>> {
    let path = prop::collection::vec(prop::sample::select(NAMES.to_vec()), 1..4).prop_map(|names| names.join("/"));
    prop::collection::vec((path, thing()), 1..14)
}

/// Creates the tree; impossible entries (below a file, or where something exists) are skipped.
fn plant(place: &Place, tree: &[(String, Thing)]) {
    let root = place.dir.path().join("root");
    for (path, thing) in tree {
        let mut at = root.clone();
        // Never through a link, which could create files outside.
        let reaches = Path::new(path).parent().into_iter().flat_map(Path::components).all(|step| {
            at.push(step);
            let _ = std::fs::create_dir(&at);
            at.symlink_metadata().is_ok_and(|there| there.is_dir())
        });
        let at = root.join(path);
        if !reaches || at.symlink_metadata().is_ok() {
            continue;
        }
        match thing {
            Thing::File => std::fs::write(at, "inside"),
            Thing::Directory => std::fs::create_dir(at),
            Thing::Link(target) => symlink(target, at),
            Thing::Outside(tail) => symlink(format!("{}{tail}", place.dir.path().display()), at),
        }
        .expect("it can be made");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_path_leaves_the_root(tree in tree(), asked in prop::collection::vec(steps(), 1..24)) {
        let place = Place::new();
        plant(&place, &tree);
        let node = place.live();
        let paths = asked.iter().map(String::as_str).chain(tree.iter().map(|(path, _)| path.as_str()));
        let outside = format!("{}/outside/secret", place.dir.path().display());
        for path in paths.map(|path| format!("/{path}")).chain([outside, "/../outside/secret".to_owned()]) {
            if let Observed::Present(Answer::Content(content)) = node.ask(&content(&path)) {
                prop_assert_eq!(content.bytes, b"inside", "{} is read", path);
            }
            if let Observed::Present(Answer::Entries(entries)) = node.ask(&directory(&path)) {
                prop_assert!(entries.iter().all(|entry| entry.name != "secret" && entry.name != "proc"), "{} is listed", path);
            }
            if let Observed::Present(Answer::Metadata(found)) = node.ask(&metadata(&path)) {
                let inside = place.dir.path().join("root").join(found.resolved.strip_prefix("/").expect("absolute"));
                let there = inside.symlink_metadata().expect("it lies in the root");
                prop_assert_eq!(found.identity, (there.dev(), there.ino()), "{} leads to {:?}", path, found.resolved);
            }
        }
    }
}
