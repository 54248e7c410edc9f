//! Files named by variables that are set in shell files.

use std::path::{Path, PathBuf};

use definitions::benchmark::{Component, NamedIn};
use inspections::{Kind, paths};
use probe::{Cause, Excerpt, Form, Location, Observed, Reason, normalize};

use super::place::Places;
use super::seen::Seen;
use super::{ask, homes, said};

impl Places<'_> {
    /// Returns the files that a variable names in shell files, and the message for when it is not set.
    pub(super) fn named_in(&self, component: &Component, NamedIn { place, variable }: &NamedIn) -> (Vec<Seen>, String) {
        let nothing = format!("{variable} is set in no file of the administrator's shell");
        let files = component.places.get(place).map(|place| self.at(component, place)).unwrap_or_default();
        let mut seen = Vec::new();
        for file in files {
            match &file.metadata {
                Observed::Present(_) => match self.named_by(&file, variable) {
                    Ok(named) => seen.extend(named),
                    Err(why) => seen.push(Seen::unknown(why)),
                },
                Observed::Unknown(why) => seen.push(Seen::unknown(why.clone())),
                Observed::Absent => {}
            }
        }
        (seen, nothing)
    }

    fn named_by(&self, file: &Seen, variable: &str) -> Result<Vec<Seen>, Reason> {
        let excerpt = || Excerpt::new(Form::Said, [Kind::Shell.name()]);
        let bytes = match ask::read(self.node, &file.location, &excerpt) {
            Observed::Present(content) => content.bytes,
            Observed::Absent => return Ok(Vec::new()),
            Observed::Unknown(why) => return Err(why),
        };
        let text = String::from_utf8_lossy(said::whole(&file.location, &bytes)?);
        let named = paths(&text, variable).into_iter().map(|(line, path)| {
            let at = format!("{}:{line}", file.path);
            match path.map(|path| self.of_shell(path)) {
                Some(Ok(Some(path))) => self.look(Location::node(path), Some(format!("{variable} in {at}"))),
                Some(Err(why)) => Seen::unknown(why),
                Some(Ok(None)) | None => {
                    let detail = format!("{variable} is set to no plain path (look at the file that it names)");
                    Seen::unknown(Reason::new(Cause::Malformed, at, detail))
                }
            }
        });
        Ok(named.collect())
    }

    /// A path as the administrator's shell expands it; `None` if it depends on the shell's working directory.
    fn of_shell(&self, path: &str) -> Result<Option<PathBuf>, Reason> {
        let beside = ["~/", "$HOME/", "${HOME}/"].into_iter().find_map(|home| path.strip_prefix(home));
        if let (Some(rest), Some(directory)) = (beside, &self.inventory.cluster_directory) {
            return homes::of_owner(self.node, directory).map(|home| Some(normalize(&home.join(rest))));
        }
        Ok(path.starts_with('/').then(|| normalize(Path::new(path))))
    }
}
