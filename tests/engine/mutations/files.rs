//! Mutants of files: every mode bit, every part of an owner, and every file that counts.

use super::cis::Files;
use super::machine::Machine;
use super::mutant::{Direction, Family};

/// A user that the node knows, and one that it does not.
const SOMEBODY: u32 = 1001;
const NOBODY_KNOWN: u32 = 54_321;

/// The requirement on a file.
#[derive(Clone, Copy)]
enum Wanted {
    /// No permissions beyond this mode.
    Mode(u32),
    /// User ID and group ID.
    Owner(u32, u32),
}

impl Wanted {
    fn of(files: &Files) -> Self {
        match (files.mode.as_deref(), files.owner.as_deref()) {
            (Some(mode), None) => Self::Mode(u32::from_str_radix(mode, 8).expect("an octal mode")),
            (None, Some("root:root")) => Self::Owner(0, 0),
            // The IDs of user and group `etcd` on the synthetic nodes.
            (None, Some("etcd:etcd")) => Self::Owner(1001, 1001),
            _ => panic!("a mode, or an owner that is known here"),
        }
    }

    /// Returns a node on which a file exactly meets the requirement.
    fn good(self, machine: &Machine, path: &str) -> Machine {
        match self {
            Self::Mode(mode) => machine.with_mode(path, mode),
            Self::Owner(uid, gid) => machine.with_owner(path, uid, gid),
        }
    }

    /// Returns a node on which a file violates the requirement.
    fn bad(self, machine: &Machine, path: &str) -> Machine {
        match self {
            Self::Mode(_) => machine.with_mode(path, 0o777),
            Self::Owner(..) => machine.with_owner(path, NOBODY_KNOWN, NOBODY_KNOWN),
        }
    }

    /// Returns all variants that meet the requirement.
    fn all_good(self, machine: &Machine, path: &str) -> Vec<(String, Machine)> {
        match self {
            Self::Mode(most) => {
                let fewer = (0..12).map(|bit| 1 << bit).filter(|bit| most & bit != 0).map(|bit| most & !bit);
                let modes = [most, 0].into_iter().chain(fewer);
                modes.map(|mode| (format!("{path}: mode {mode:o}"), machine.with_mode(path, mode))).collect()
            }
            Self::Owner(uid, gid) => vec![(format!("{path}: owner {uid}:{gid}"), machine.with_owner(path, uid, gid))],
        }
    }

    /// Returns all variants that violate the requirement in one respect.
    fn all_bad(self, machine: &Machine, path: &str) -> Vec<(String, Machine)> {
        match self {
            Self::Mode(most) => {
                let wider = (0..12).map(|bit| 1 << bit).filter(|bit| most & bit == 0);
                // One bit more than allowed, and that bit alone: 004 is not stricter than 600.
                let modes = wider.flat_map(|bit| [most | bit, bit]);
                modes.map(|mode| (format!("{path}: mode {mode:o}"), machine.with_mode(path, mode))).collect()
            }
            Self::Owner(uid, gid) => {
                let others = |good: u32| [0, SOMEBODY, NOBODY_KNOWN].into_iter().filter(move |id| *id != good);
                let mut owners: Vec<(u32, u32)> = others(uid).map(|uid| (uid, gid)).collect();
                owners.extend(others(gid).map(|gid| (uid, gid)));
                owners.extend(others(uid).map(|id| (id, id)));
                owners
                    .into_iter()
                    .map(|(uid, gid)| (format!("{path}: owner {uid}:{gid}"), machine.with_owner(path, uid, gid)))
                    .collect()
            }
        }
    }
}

/// Returns the families for a control of files.
pub fn families(base: &Machine, files: &Files) -> Vec<Family> {
    let wanted = Wanted::of(files);
    let counting = match &files.below {
        Some(directory) => base.below(directory, &files.names, files.directories),
        None => files.paths.clone(),
    };
    let good = counting.iter().fold(base.clone(), |machine, path| wanted.good(&machine, path));
    let mut families = Vec::new();
    let mut to_fail = Family::new(Direction::Fail, "all as it should be", good.clone());
    for (index, path) in counting.iter().enumerate() {
        let bad = wanted.bad(&good, path);
        if index == 0 {
            let mut to_pass = Family::new(Direction::Pass, format!("{path} is bad"), bad);
            for (title, after) in wanted.all_good(&good, path) {
                to_pass.add(title, after);
            }
            families.push(to_pass);
            for (title, after) in wanted.all_bad(&good, path) {
                to_fail.add(title, after);
            }
        } else {
            families
                .push(Family::new(Direction::Pass, format!("{path} is bad"), bad.clone()).with("fixed", good.clone()));
            to_fail.add(format!("{path} alone is bad"), bad);
        }
        if files.missing == Some(Direction::Fail) && counting.len() == 1 {
            to_fail.add(format!("{path} is missing"), good.without(path));
        }
        if files.below.is_none() && !files.directory && index == 0 {
            let linked = good.with_link(path, "/opt/real");
            to_fail.add(format!("{path} leads to a file that is bad"), wanted.bad(&linked, "/opt/real"));
        }
    }
    if let Some(also) = &files.also {
        also_counts(&good, wanted, files, also, &mut to_fail, &mut families);
    }
    if let Some(directory) = &files.below {
        tree(&good, wanted, files, directory, &mut to_fail, &mut families);
    }
    families.extend(moved(&good, wanted, files));
    families.push(to_fail);
    families
}

/// A file that counts as soon as it exists.
fn also_counts(
    good: &Machine,
    wanted: Wanted,
    files: &Files,
    also: &str,
    to_fail: &mut Family,
    families: &mut Vec<Family>,
) {
    let there = match files.paths.first() {
        Some(path) => good.with_copy(path, also),
        None => wanted.good(&good.with_file(also, ""), also),
    };
    let bad = wanted.bad(&there, also);
    to_fail.add(format!("{also} is there, and bad"), bad.clone());
    families.push(Family::new(Direction::Pass, format!("{also} is bad"), bad).with("fixed", there));
}

/// Files among others, in a subdirectory and with a space in the name, and files that do not count.
fn tree(
    good: &Machine,
    wanted: Wanted,
    files: &Files,
    directory: &str,
    to_fail: &mut Family,
    families: &mut Vec<Family>,
) {
    let names = if files.names.is_empty() { ".any" } else { &files.names };
    for path in
        [format!("{directory}/zz{names}"), format!("{directory}/of mine{names}"), format!("{directory}/a/b/c{names}")]
    {
        let there = good.with_file(&path, "");
        to_fail.add(format!("{path} is there, and bad"), wanted.bad(&there, &path));
        let there = wanted.good(&there, &path);
        let bad = wanted.bad(&there, &path);
        families.push(Family::new(Direction::Pass, format!("{path} is bad"), bad).with("fixed", there));
    }
    if files.directories {
        let deep = good.with_directory(&format!("{directory}/a")).with_directory(&format!("{directory}/a/deep"));
        to_fail.add("a directory below is bad", wanted.bad(&deep, &format!("{directory}/a/deep")));
    }
    let mut others = Family::new(
        Direction::Pass,
        "one is bad",
        wanted.bad(&good.with_file(&format!("{directory}/x{names}"), ""), &format!("{directory}/x{names}")),
    );
    if !files.names.is_empty() {
        for other in [
            format!("{directory}/x{names}.old"),
            format!("{directory}/other.txt"),
            format!("{directory}/{}", &names[1..]),
        ] {
            others
                .add(format!("only {other} is, which does not count"), wanted.bad(&good.with_file(&other, ""), &other));
        }
    }
    let outside = format!("{directory}-old/x{names}");
    others.add(format!("only {outside} is, which does not count"), wanted.bad(&good.with_file(&outside, ""), &outside));
    families.push(others);
}

/// An argument names another file, which then counts instead of the usual one.
fn moved(good: &Machine, wanted: Wanted, files: &Files) -> Vec<Family> {
    let (Some(argument), Some(usual)) = (&files.named_by, files.paths.first()) else { return Vec::new() };
    let elsewhere = "/opt/of mine/moved";
    let named = good.with_copy(usual, elsewhere).without_flag(&argument.of, &argument.flag);
    let named = named.with_words(&argument.of, &[&argument.flag, elsewhere]);
    let title = format!("{} {elsewhere}", argument.flag);
    let to_fail = Family::new(Direction::Fail, title.clone(), named.clone())
        .with(format!("{elsewhere} is bad, {usual} is not"), wanted.bad(&named, elsewhere));
    let usual_bad = wanted.bad(good, usual);
    let to_pass = Family::new(Direction::Pass, format!("{usual} is bad"), usual_bad)
        .with(format!("{title}, which is good"), wanted.bad(&named, usual));
    vec![to_fail, to_pass]
}
