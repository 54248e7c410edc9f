//! The programs that audits use, as Debian's behave: procps, coreutils, findutils, grep, sed and awk.

mod awk;
mod cat;
mod cut;
mod ends;
mod find;
mod grep;
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

use super::budget::{Run, Stop};
use super::shell::Shell;
use super::streams::Streams;
use super::view::Lack;

pub(super) use print::{echo, printf};
pub(super) use test::test;

/// A program: answers its status.
pub(super) type Tool = fn(&mut Context<'_, '_>) -> Run<i32>;

/// How many lines are listed without being counted as kept.
const FREE_LINES: usize = 100_000;

/// Where programs lie.
const PLACES: [&[u8]; 5] = [b"/bin/", b"/usr/bin/", b"/sbin/", b"/usr/sbin/", b"/usr/local/bin/"];

/// The programs that are interpreted.
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
    (b"tail", ends::tail),
    (b"head", ends::head),
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

/// The name of a program without the place where programs lie.
pub(super) fn base(name: &[u8]) -> &[u8] {
    PLACES.iter().find_map(|place| name.strip_prefix(*place)).unwrap_or(name)
}

/// The program of this name, if it is interpreted.
pub(super) fn find(name: &[u8]) -> Option<Tool> {
    let name = base(name);
    TOOLS.iter().find(|(known, _)| *known == name).map(|(_, tool)| *tool)
}

/// Runs a program.
pub(super) fn run(tool: Tool, shell: &mut Shell<'_>, arguments: &[Vec<u8>], streams: &Streams) -> Run<i32> {
    let (name, arguments) = arguments.split_first().map_or((&[][..], &[][..]), |(name, rest)| (name.as_slice(), rest));
    tool(&mut Context { name: name.to_vec(), arguments: arguments.to_vec(), shell, streams })
}

/// What a program is given.
pub(super) struct Context<'c, 'n> {
    /// As what it was started.
    pub(super) name: Vec<u8>,
    pub(super) arguments: Vec<Vec<u8>>,
    pub(super) shell: &'c mut Shell<'n>,
    pub(super) streams: &'c Streams,
}

impl Context<'_, '_> {
    fn print(&self, bytes: &[u8]) -> Run<()> {
        self.streams.output.write(bytes, &self.shell.budget)
    }

    /// Prints a line.
    fn line(&self, bytes: &[u8]) -> Run<()> {
        self.print(bytes)?;
        self.print(b"\n")
    }

    /// Says something under its name.
    fn complain(&self, message: &[u8]) -> Run<()> {
        let line = [&self.name, b": ".as_slice(), message, b"\n"].concat();
        self.streams.errors.write(&line, &self.shell.budget)
    }

    /// Says something, and where help is to be found.
    fn usage(&self, message: &str) -> Run<()> {
        self.complain(message.as_bytes())?;
        let name = String::from_utf8_lossy(&self.name);
        self.streams.errors.write(format!("Try '{name} --help' for more information.\n").as_bytes(), &self.shell.budget)
    }

    /// That it is used in a way that is not interpreted.
    fn refuse(&self, what: &str) -> Stop {
        let (line, name) = (self.shell.line, String::from_utf8_lossy(&self.name).into_owned());
        Stop::Refused(format!("line {line}: {name}: {what} is not interpreted"))
    }

    /// The lines of a text, to go to and fro in.
    #[expect(clippy::naive_bytecount, reason = "the compiler makes it fast enough, without another crate")]
    fn all_lines<'b>(&self, bytes: &'b [u8]) -> Run<Vec<&'b [u8]>> {
        let many = bytes.iter().filter(|byte| **byte == b'\n').count() + 1;
        // So many that the list is what counts.
        if many > FREE_LINES {
            self.shell.budget.bytes(many.saturating_mul(size_of::<&[u8]>()))?;
        }
        Ok(lines(bytes).0.collect())
    }

    /// What a file holds; `-` is what the program reads.
    fn content(&self, path: &[u8]) -> Run<Result<Vec<u8>, Lack>> {
        let bytes = if path == b"-" { Ok(self.streams.input.rest()) } else { self.shell.node.content(path)? };
        if let Ok(bytes) = &bytes {
            self.shell.budget.look(bytes.len())?;
        }
        Ok(bytes)
    }
}

/// The lines of a text, and whether the last one has an end.
fn lines(bytes: &[u8]) -> (impl Iterator<Item = &[u8]>, bool) {
    let ended = bytes.is_empty() || bytes.ends_with(b"\n");
    let body = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let count = if bytes.is_empty() { 0 } else { usize::MAX };
    (body.split(|byte| *byte == b'\n').take(count), ended)
}

/// A name in the quotes of GNU's messages.
fn quoted(name: &[u8]) -> Vec<u8> {
    let plain = !name.iter().any(|byte| *byte < b' ' || *byte == b'\'');
    if plain {
        return [b"'", name, b"'"].concat();
    }
    if !name.iter().any(|byte| *byte < b' ' || matches!(byte, b'"' | b'$' | b'`' | b'\\')) {
        return [b"\"", name, b"\""].concat();
    }
    let mut text = b"'".to_vec();
    for byte in name {
        match byte {
            b'\n' => text.extend(b"'$'\\n''"),
            b'\t' => text.extend(b"'$'\\t''"),
            b'\'' => text.extend(b"'\\''"),
            byte => text.push(*byte),
        }
    }
    text.push(b'\'');
    text
}
