//! What of files' content needs to be recorded.

use crate::component::essential_of_manifest;
use probe::Location;

use super::inventory::Inventory;
use super::{environment, pause_image, runtime, runtime_record};

/// What of a file's content needs to be recorded, where that is not the whole.
pub fn essential(inventory: &Inventory<'_>, location: &Location, bytes: &[u8]) -> Option<Vec<u8>> {
    let stand_in = inventory.stand_ins.iter().find_map(|stand_in| {
        let (_, kind) = stand_in.files.iter().find(|(file, _)| file == location)?;
        kind.essential(bytes, &stand_in.names, inventory.library)
    });
    let of_manifest = || {
        let is_manifest = inventory.static_pods.containers.iter().any(|pod| pod.manifest == *location);
        is_manifest.then(|| essential_of_manifest(bytes, &environment::all_names(inventory.library))).flatten()
    };
    inventory
        .embedded
        .essential(location, bytes, inventory.library)
        .or(stand_in)
        .or_else(of_manifest)
        .or_else(|| inventory.argument_files.values().find_map(|files| files.essential(location, bytes)))
        .or_else(|| runtime_record::essential(location, bytes))
        .or_else(|| pause_image::essential(location, bytes))
        .or_else(|| runtime::essential(location, bytes))
}
