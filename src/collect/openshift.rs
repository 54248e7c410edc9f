//! Arguments in a file of OpenShift, which an argument names.

use crate::component::{Instance, OpenshiftFile, Origin, openshift_arguments};
use definitions::benchmark::Component;
use probe::{Excerpt, Form, Node};

use super::configuration;
use super::room::Room;

/// Adds the arguments from the file that the instance's own arguments name, if they name one. Its contents are
/// equivalent to arguments, so if it cannot be read, the arguments are not known.
pub(super) fn add_arguments(node: &dyn Node, room: &Room, instance: &mut Instance, component: &Component) {
    let Some(file) = OpenshiftFile::of(&component.key) else { return };
    let named = file.named_by.iter().find_map(|flag| Some((*flag, instance.arguments.last(flag)?)));
    let Some((flag, path)) = named.filter(|(_, path)| !path.is_empty()) else { return };
    let origin = Origin::Argument(flag.to_owned());
    let excerpt = || Excerpt::new(Form::Document, file.parts());
    match configuration::file(node, room, instance, component, (path, &origin), &excerpt) {
        Err(why) => instance.unread = Some(why),
        Ok(document) => {
            let of_file = openshift_arguments(&file, &document, component);
            let mut own = std::mem::take(&mut instance.arguments);
            if file.replaces {
                own.retain(|argument| !of_file.has(&argument.flag));
            }
            instance.arguments = own.after(of_file);
        }
    }
}
