//! Home directories, from the node's `/etc/passwd`.

use std::path::{Path, PathBuf};

use inspections::{Kind, LoginUser, login_users};
use probe::{Answer, Cause, Excerpt, Form, Location, Node, Observed, Question, Reason, normalize};
use sorting::Sorting;

use super::{ask, said};

/// The file that lists users.
const PASSWD: &str = "/etc/passwd";

/// The maximum number of home directories to search.
const MOST: usize = 1_000;

/// The users who may log in; empty if the file does not exist.
fn users(node: &dyn Node) -> Result<Vec<LoginUser>, Reason> {
    let location = Location::node(PASSWD);
    let excerpt = || Excerpt::new(Form::Said, [Kind::Accounts.name()]);
    match ask::read(node, &location, &excerpt) {
        Observed::Present(content) => said::whole(&location, &content.bytes).map(login_users),
        Observed::Absent => Ok(Vec::new()),
        Observed::Unknown(why) => Err(why),
    }
}

/// The home directory of a user, unless it is `/` or not an absolute path.
fn home(user: &LoginUser) -> Option<PathBuf> {
    let home = normalize(Path::new(&user.home));
    (home.is_absolute() && home != Path::new("/")).then_some(home)
}

/// Returns the home directories of users who may log in, without duplicates.
///
/// # Errors
///
/// Returns the reason if they are not known or too many.
pub(super) fn all(node: &dyn Node) -> Result<Vec<PathBuf>, Reason> {
    let mut homes: Vec<PathBuf> = users(node)?.iter().filter_map(home).collect();
    homes.order();
    homes.dedup();
    if homes.len() > MOST {
        let detail = format!("names more than {MOST} home directories (look at them by hand)");
        return Err(Reason::new(Cause::TooLarge, PASSWD, detail));
    }
    Ok(homes)
}

/// Returns the home directory of a directory's owner.
///
/// # Errors
///
/// Returns the reason if it is not known.
pub(super) fn of_owner(node: &dyn Node, directory: &Path) -> Result<PathBuf, Reason> {
    let uid = match node.ask(&Question::Metadata(Location::node(directory))) {
        Observed::Present(Answer::Metadata(metadata)) => metadata.uid,
        Observed::Unknown(why) => return Err(why),
        Observed::Present(_) | Observed::Absent => {
            return Err(Reason::new(Cause::Vanished, directory.display(), "went away while it was looked at"));
        }
    };
    let own = users(node)?.into_iter().filter(|user| user.uid == uid).find_map(|user| home(&user));
    match (own, uid) {
        (Some(home), _) => Ok(home),
        (None, 0) => Ok(PathBuf::from("/root")),
        (None, uid) => {
            let detail = format!(
                "names no home directory of user {uid}, who owns {}, so the files there are not known (look at them by \
                 hand)",
                directory.display()
            );
            Err(Reason::new(Cause::System, PASSWD, detail))
        }
    }
}
