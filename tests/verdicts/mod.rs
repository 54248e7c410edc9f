//! kube-bench 0.15.6's results for the nodes in `tests/nodes`, as stored in `kube-bench.txt`. The file contains none of
//! its texts, only check numbers, statuses, and digests of the rest.
//!
//! A line that begins with `=` names a benchmark and a target. Each line below it is a check: its number, `+` if it is
//! scored, a letter for its status on each node (in the order of the `nodes` line), and for each node the [`digest`] of
//! its expected result and reason as four hexadecimal digits. Checks are listed in the order in which they run.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The contents of `kube-bench.txt`.
pub const PACKED: &str = include_str!("kube-bench.txt");

/// One check on one node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed {
    /// The check number.
    pub id: String,
    /// Whether the check is scored.
    pub scored: bool,
    /// `PASS`, `FAIL`, `WARN` or `INFO`.
    pub status: &'static str,
    /// The [`digest`] of the expected result and the reason.
    pub digest: u16,
}

/// The checks of a node, by benchmark and target.
pub type Checks = BTreeMap<(String, String), Vec<Packed>>;

/// The letters of the statuses.
const STATUSES: [(u8, &str); 4] = [(b'P', "PASS"), (b'F', "FAIL"), (b'W', "WARN"), (b'I', "INFO")];

/// Returns the status with this name.
///
/// # Panics
///
/// If kube-bench has no such status.
pub fn status(name: &str) -> &'static str {
    let known = STATUSES.iter().map(|(_, status)| *status).find(|status| *status == name);
    known.unwrap_or_else(|| panic!("{name} is no status"))
}

/// Reads the file and returns the checks of each node.
///
/// # Panics
///
/// If the file is malformed: every line, and every node's letter and digest, must be present.
pub fn read(text: &str) -> BTreeMap<String, Checks> {
    let mut lines = text.lines().enumerate().filter(|(_, line)| !line.starts_with('#'));
    let (_, head) = lines.next().expect("the nodes are named");
    let nodes: Vec<&str> = head.strip_prefix("nodes ").expect("the first line names the nodes").split(' ').collect();
    let mut all: BTreeMap<String, Checks> = nodes.iter().map(|node| ((*node).to_owned(), Checks::new())).collect();
    let mut place = None;
    for (number, line) in lines {
        let wrong = || -> ! { panic!("kube-bench.txt:{}: {line:?} is no check", number + 1) };
        if let Some(named) = line.strip_prefix("= ") {
            let (benchmark, target) = named.split_once(' ').unwrap_or_else(|| wrong());
            place = Some((benchmark.to_owned(), target.to_owned()));
            continue;
        }
        let [id, scored, statuses, digests] = line.split(' ').collect::<Vec<_>>()[..] else { wrong() };
        let place = place.as_ref().unwrap_or_else(|| wrong());
        if statuses.len() != nodes.len() || digests.len() != 4 * nodes.len() || !matches!(scored, "+" | "-") {
            wrong();
        }
        for (index, node) in nodes.iter().enumerate() {
            let letter = statuses.as_bytes()[index];
            let status =
                STATUSES.iter().find(|(known, _)| *known == letter).map_or_else(|| wrong(), |(_, status)| *status);
            let digest = u16::from_str_radix(&digests[4 * index..4 * index + 4], 16).unwrap_or_else(|_| wrong());
            let check = Packed { id: id.to_owned(), scored: scored == "+", status, digest };
            all.get_mut(*node).expect("it is named").entry(place.clone()).or_default().push(check);
        }
    }
    all
}

/// Writes the text that [`read`] reads. Every node must have the same checks in the same order.
pub fn write(head: &str, places: &[(String, String)], nodes: &BTreeMap<String, Checks>) -> String {
    let names: Vec<&str> = nodes.keys().map(String::as_str).collect();
    let mut text = format!("{head}nodes {}\n", names.join(" "));
    for place in places {
        let _ = writeln!(text, "= {} {}", place.0, place.1);
        let of_nodes: Vec<&Vec<Packed>> = nodes.values().map(|checks| &checks[place]).collect();
        for (index, check) in of_nodes[0].iter().enumerate() {
            let same: Vec<&Packed> = of_nodes.iter().map(|checks| &checks[index]).collect();
            let is_same = |other: &&Packed| (&other.id, other.scored) == (&check.id, check.scored);
            assert!(same.iter().all(is_same), "{place:?} {check:?}");
            let statuses: String = same.iter().filter_map(|check| check.status.chars().next()).collect();
            let _ = write!(text, "{} {} {statuses} ", check.id, if check.scored { '+' } else { '-' });
            for check in same {
                let _ = write!(text, "{:04x}", check.digest);
            }
            text.push('\n');
        }
    }
    text
}

/// How many characters of a reason are compared: the recorded outputs contain no more.
const MOST_REASON: usize = 500;

/// Returns a digest of the expected result and the reason.
///
/// The processes in a pipeline write their errors in any order, so of a long reason only the command and its first line
/// count. `find` lists a directory in arbitrary order, which decides which line fails first: with `in_any_order`,
/// neither the order of lines nor numbers in the expected result count.
pub fn digest(expected: &str, reason: &str, in_any_order: bool) -> u16 {
    let cut: String = reason.chars().take(MOST_REASON).collect();
    let mut parts = cut.splitn(2, "\", output: \"");
    let (command, output) = (parts.next().unwrap_or_default(), parts.next());
    let is_long = cut.chars().count() == MOST_REASON;
    let (expected, reason) = if in_any_order {
        let words = expected.split(|c: char| c.is_ascii_digit() || c == '\n').filter(|word| !word.is_empty());
        let mut lines: Vec<&str> = cut.split("\\n").map(|line| line.rsplit('"').next().unwrap_or(line)).collect();
        lines.sort_unstable();
        (words.collect::<Vec<_>>().join("\n"), if is_long { command.to_owned() } else { lines.join("\n") })
    } else {
        let first = output.and_then(|output| output.split("\\n").next());
        let reason = first.filter(|_| is_long).map(|first| format!("{command}\n{first}"));
        (expected.to_owned(), reason.unwrap_or(cut))
    };
    // FNV-1a, folded: enough to detect a difference, and identical on every platform.
    let fold = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    let hash = expected.bytes().chain([0]).chain(reason.bytes()).fold(0xcbf2_9ce4_8422_2325, fold);
    let bytes = hash.to_be_bytes();
    u16::from_be_bytes([bytes[0] ^ bytes[2] ^ bytes[4] ^ bytes[6], bytes[1] ^ bytes[3] ^ bytes[5] ^ bytes[7]])
}
