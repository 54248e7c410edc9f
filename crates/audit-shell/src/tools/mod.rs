//! The programs that audits use, with the behaviour of Debian's: procps, coreutils, findutils, grep, sed and awk.

mod awk;
mod cat;
mod context;
mod cut;
mod find;
mod grep;
mod head_tail;
mod ls;
mod options;
mod paths;
mod print;
mod ps;
mod sed;
mod sort;
mod stat;
mod test;
mod tr;
mod wc;
mod xargs;

use super::budget::Run;
use super::state::Shell;
use super::streams::Streams;
use context::Context;

pub(super) use print::{echo, printf};
pub(super) use test::test;

/// A program; returns its exit status.
pub(super) type Tool = fn(&mut Context<'_, '_>) -> Run<i32>;

/// The directories of programs.
const PLACES: [&[u8]; 5] = [b"/bin/", b"/usr/bin/", b"/sbin/", b"/usr/sbin/", b"/usr/local/bin/"];

/// The programs implemented here.
const TOOLS: [(&[u8], Tool); 30] = [
    (b"ps", ps::ps),
    (b"grep", grep::grep),
    (b"egrep", grep::egrep),
    (b"fgrep", grep::fgrep),
    (b"stat", stat::stat),
    (b"find", find::find),
    (b"xargs", xargs::xargs),
    (b"cat", cat::cat),
    (b"sed", sed::sed),
    (b"awk", awk::awk),
    (b"gawk", awk::awk),
    (b"mawk", awk::awk),
    (b"tail", head_tail::tail),
    (b"head", head_tail::head),
    (b"cut", cut::cut),
    (b"tr", tr::tr),
    (b"sort", sort::sort),
    (b"uniq", sort::uniq),
    (b"wc", wc::wc),
    (b"ls", ls::ls),
    (b"basename", paths::basename),
    (b"dirname", paths::dirname),
    (b"readlink", paths::readlink),
    (b"realpath", paths::realpath),
    (b"echo", print::echo_program),
    (b"printf", print::printf_program),
    (b"test", test::test_program),
    (b"[", test::test_program),
    (b"true", |_| Ok(0)),
    (b"false", |_| Ok(1)),
];

/// The name of a program without a known directory.
pub(super) fn base(name: &[u8]) -> &[u8] {
    PLACES.iter().find_map(|place| name.strip_prefix(*place)).unwrap_or(name)
}

/// The program of this name, if it is implemented.
pub(super) fn find(name: &[u8]) -> Option<Tool> {
    let name = base(name);
    TOOLS.iter().find(|(known, _)| *known == name).map(|(_, tool)| *tool)
}

/// Runs a program.
pub(super) fn run(tool: Tool, shell: &mut Shell<'_>, arguments: &[Vec<u8>], streams: &Streams) -> Run<i32> {
    let (name, arguments) = arguments.split_first().map_or((&[][..], &[][..]), |(name, rest)| (name.as_slice(), rest));
    tool(&mut Context { name: name.to_vec(), arguments: arguments.to_vec(), shell, streams })
}
