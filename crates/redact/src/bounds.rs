//! Reports of bounded size: long texts are cut, long lists counted.
//!
//! Users who write a node's files and start its processes decide how much it reports. Truncated values state their
//! length, and omitted items are counted, so that nothing is lost silently.

use std::rc::Rc;

use model::{Check, Cluster, EksAnywhere, Evidence, Found, Listed, LookedAt, Note, Run, Source};
use sorting::Sorting;

use crate::mask_text;

/// The longest text of a node that is kept whole, in bytes.
const MOST_TEXT: usize = 4 << 10;

/// The longest audit output or remediation that is kept whole, in bytes. These consist of lines, so they get more room.
const MOST_LINES: usize = 64 << 10;

/// The limit for a text once [`ROOM`] is used up, in bytes.
const LEAST_TEXT: usize = 96;

/// How many bytes of a long text are masked before it is cut, so that a secret that crosses the cut is recognized.
const WINDOW: usize = 64 << 10;

/// How many pieces of evidence of one check are listed.
const MOST_EVIDENCE: usize = 100;

/// How many kinds of unlisted evidence are counted separately.
const MOST_KINDS: usize = 10;

/// How many items of one value, or units of one check, are listed.
const MOST_ITEMS: usize = 20;

/// How many notices of a run are listed.
const MOST_NOTICES: usize = 200;

/// The room for all texts of a report together, in characters as the longest format writes them. A text may appear five
/// times: as evidence, reason and value, and all of that again within another format.
const ROOM: usize = 640 << 10;

/// The size of a piece of evidence without its texts, in characters.
const OF_EVIDENCE: usize = 256;

/// How many characters the longest format needs for a byte that it has to escape, at most.
const ESCAPED: u8 = 7;

/// The remaining size of a report.
#[derive(Debug)]
pub struct Bounds {
    left: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { left: ROOM }
    }
}

impl Bounds {
    /// Bounds the texts and lists of a check. Its evidence has to be sorted.
    pub fn check(&mut self, check: &mut Check) {
        let most = if self.left == 0 { 1 } else { MOST_EVIDENCE };
        if check.evidence.len() > most {
            check.evidence = listed(std::mem::take(&mut check.evidence), most);
        }
        for evidence in &mut check.evidence {
            self.take(OF_EVIDENCE);
            self.evidence(evidence);
        }
        if let Some(reason) = &mut check.reason {
            self.text(&mut reason.subject);
            self.text(&mut reason.detail);
        }
        match &mut check.looked_at {
            Some(LookedAt::Files { paths, .. }) => self.list(paths),
            Some(LookedAt::Settings { processes, more, .. }) => shorten(processes, MOST_EVIDENCE, more),
            Some(LookedAt::Unit { units, more, .. }) => {
                shorten(units, MOST_ITEMS, more);
                self.texts(&mut units.iter_mut());
            }
            Some(LookedAt::Objects { .. } | LookedAt::Audit { .. }) | None => {}
        }
        self.lines(&mut check.remediation);
    }

    /// Bounds the texts and lists of the run as a whole.
    pub fn run(&mut self, run: &mut Run) {
        let Run { host, root, platform, kubernetes, cluster, benchmark, further, profile, targets, notices, .. } = run;
        if let Some(Cluster { source, version, distribution, eks_anywhere, network, policy_engines, nodes }) = cluster {
            let lists = network.iter_mut().chain(policy_engines);
            self.texts(&mut [source].into_iter().chain(version).chain(distribution).chain(lists));
            if let Some(EksAnywhere { title, evidence, name, version, bundles, provider, manages, .. }) = eks_anywhere {
                let known = [name, version, bundles, provider].into_iter().flatten();
                self.texts(&mut [title, evidence].into_iter().chain(known));
                self.list(manages);
            }
            while nodes.len() > MOST_ITEMS {
                nodes.pop_last();
            }
        }
        let more = notices.len().saturating_sub(MOST_NOTICES);
        if more > 0 {
            notices.truncate(MOST_NOTICES);
            notices.push(model::Notice::new("notices-left-out", format!("{more} more notices omitted")));
        }
        self.texts(&mut [&mut host.name, root, &mut kubernetes.evidence, &mut benchmark.evidence].into_iter());
        self.texts(&mut further.iter_mut().map(|benchmark| &mut benchmark.evidence));
        self.texts(&mut platform.iter_mut().flat_map(|platform| &mut platform.evidence));
        self.texts(&mut profile.iter_mut().map(|profile| &mut profile.evidence));
        self.texts(&mut targets.iter_mut().flat_map(|target| &mut target.evidence));
        self.texts(&mut notices.iter_mut().map(|notice| &mut notice.text));
    }

    /// Bounds the output of an audit, which is cut at the end of a line. Masks nothing.
    pub fn printed(&mut self, printed: &mut Rc<str>) {
        let most = self.most(MOST_LINES);
        if printed.len() > most {
            *printed = cut(at_end_of_line(printed, most), printed.len()).into();
        }
        self.take(weight(printed));
    }

    /// Like [`Bounds::printed`], for an owned text.
    pub fn lines(&mut self, text: &mut String) {
        let most = self.most(MOST_LINES);
        if text.len() > most {
            *text = cut(at_end_of_line(text, most), text.len());
        }
        self.take(weight(text));
    }

    /// Bounds one text of a node; masks it before cutting it.
    fn text(&mut self, text: &mut String) {
        let most = self.most(MOST_TEXT);
        if text.len() > most {
            // Once cut, a secret might no longer be recognizable.
            let masked = mask_text(&text[..text.floor_char_boundary(WINDOW.max(most))]);
            *text = cut(&masked[..masked.floor_char_boundary(most)], text.len());
        }
        self.take(weight(text));
    }

    fn texts(&mut self, texts: &mut dyn Iterator<Item = &mut String>) {
        for text in texts {
            self.text(text);
        }
    }

    fn list(&mut self, list: &mut Listed) {
        self.texts(&mut list.first.iter_mut());
    }

    fn evidence(&mut self, evidence: &mut Evidence) {
        match &mut evidence.source {
            Source::Setting { path, key, .. } => {
                self.text(path);
                self.text(key);
            }
            Source::Argument { flag: text, .. }
            | Source::Variable { name: text, .. }
            | Source::File { path: text }
            | Source::Component { component: text } => self.text(text),
            Source::Object { namespace, name, part, .. } => {
                self.texts(&mut [name].into_iter().chain(namespace).chain(part));
            }
            Source::Default { .. } | Source::Further { .. } | Source::Audit => {}
        }
        match &mut evidence.found {
            Found::Value { value, notes } => {
                self.text(value);
                for note in notes {
                    self.note(note);
                }
            }
            Found::NotSet { given, nor_in, .. } => {
                self.texts(&mut given.iter_mut());
                self.texts(&mut nor_in.iter_mut().map(|place| &mut place.file));
            }
            Found::NotInFile { place, .. } => self.text(&mut place.file),
            Found::NoUnit { name: text } | Found::Unseen(text) => self.text(text),
            Found::Owner { user, group, .. } => self.texts(&mut user.iter_mut().chain(group)),
            Found::Missing { named_by } => self.texts(&mut named_by.iter_mut()),
            Found::NoFile { looked_for, .. } => self.list(looked_for),
            Found::NoService { processes, more } => shorten(processes, MOST_EVIDENCE, more),
            Found::Output(printed) => self.printed(printed),
            Found::Certificate(found) => self.texts(&mut [&mut found.subject, &mut found.issuer].into_iter()),
            Found::Mode(_) | Found::Empty | Found::Unlisted | Found::Present => {}
        }
    }

    fn note(&mut self, note: &mut Note) {
        match note {
            Note::NotAccepted(items) | Note::Path(items) => {
                let more = items.len().saturating_sub(MOST_ITEMS);
                if more > 0 {
                    items.truncate(MOST_ITEMS);
                    items.push(format!("and {more} more"));
                }
                self.texts(&mut items.iter_mut());
            }
            Note::OnlyFor(limits) => self.list(limits),
            Note::Gate { group: text, .. }
            | Note::Malformed(text)
            | Note::Meaning(text)
            | Note::PassedBy(text)
            | Note::Exempt(text) => self.text(text),
        }
    }

    const fn most(&self, usual: usize) -> usize {
        if self.left == 0 { LEAST_TEXT } else { usual }
    }

    const fn take(&mut self, weight: usize) {
        self.left = self.left.saturating_sub(weight);
    }
}

/// Returns the indexes of the first pieces of evidence of each kind, at most `most`: among a thousand alike, readers
/// look for the one that differs.
fn firsts(all: &[Evidence], most: usize) -> Vec<usize> {
    let mut firsts: Vec<(usize, &Evidence)> = Vec::new();
    for (index, piece) in all.iter().enumerate() {
        let is_known = |(_, first): &(usize, &Evidence)| first.violates == piece.violates && first.found == piece.found;
        if firsts.len() < most && !firsts.iter().any(is_known) {
            firsts.push((index, piece));
        }
    }
    firsts.into_iter().map(|(index, _)| index).collect()
}

/// Returns at most `most` pieces of evidence, followed by the number of further ones of each kind.
fn listed(evidence: Vec<Evidence>, most: usize) -> Vec<Evidence> {
    let is_further = |evidence: &Evidence| matches!(evidence.source, Source::Further { .. });
    let (mut further, all): (Vec<_>, Vec<_>) = evidence.into_iter().partition(is_further);
    let firsts = firsts(&all, most);
    let (mut named, mut room) = (Vec::new(), most - firsts.len());
    for (index, mut piece) in all.into_iter().enumerate() {
        if firsts.contains(&index) {
            named.push(piece);
        } else if let Some(left) = room.checked_sub(1) {
            room = left;
            named.push(piece);
        } else {
            piece.source = Source::Further { count: 1 };
            further.push(piece);
        }
    }
    let mut kinds: Vec<Evidence> = Vec::new();
    for Evidence { source, found, expected, violates } in further {
        let Source::Further { count: more } = source else { continue };
        let is_kind = matches!(found, Found::Mode(_) | Found::Owner { .. });
        let known = kinds.iter_mut().find(|kind| is_kind && kind.violates == violates && kind.found == found);
        let fallback = |kind: &&mut Evidence| kind.violates == violates && kind.found == Found::Unlisted;
        if let Some(Evidence { source: Source::Further { count }, .. }) = known {
            *count += more;
        } else if is_kind && kinds.len() < MOST_KINDS {
            kinds.push(Evidence { source, found, expected, violates });
        } else if let Some(Evidence { source: Source::Further { count }, .. }) = kinds.iter_mut().find(fallback) {
            *count += more;
        } else {
            kinds.push(Evidence { source, found: Found::Unlisted, expected: None, violates });
        }
    }
    named.extend(kinds);
    // Violations come first, as before.
    named.order_by_key(|evidence| !evidence.violates);
    named
}

/// Keeps the first items of a list and counts the omitted ones.
fn shorten<T>(list: &mut Vec<T>, most: usize, more: &mut usize) {
    *more += list.len().saturating_sub(most);
    list.truncate(most);
}

/// Returns the start of a longer text, with the length of the whole in bytes.
fn cut(begin: &str, whole: usize) -> String {
    format!("{begin}… (cut: {whole} bytes in total)")
}

/// Returns the start of a text up to the last line end, or else the last space, before `most`: half a secret might not
/// be recognizable.
fn at_end_of_line(text: &str, most: usize) -> &str {
    let begin = &text[..text.floor_char_boundary(most)];
    let end = begin.rfind('\n').or_else(|| begin.rfind(' ')).unwrap_or(begin.len());
    &begin[..end]
}

/// Returns how many characters the longest format needs for a text, at most.
fn weight(text: &str) -> usize {
    text.bytes().map(|byte| usize::from(WEIGHTS[usize::from(byte)])).sum()
}

/// The weight of each byte. A table, since every reported byte is weighed.
const WEIGHTS: [u8; 256] = {
    let mut weights = [ESCAPED; 256];
    let mut byte = 0_u8;
    while byte < 0x80 {
        if byte.is_ascii_alphanumeric()
            || matches!(
                byte,
                b' ' | b'.' | b'/' | b'-' | b'_' | b'=' | b':' | b',' | b'(' | b')' | b'{' | b'}' | b'[' | b']'
            )
        {
            weights[byte as usize] = 1;
        }
        byte += 1;
    }
    weights
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MASK;

    fn seen(path: String, mode: &str, violates: bool) -> Evidence {
        Evidence { source: Source::File { path }, found: Found::Mode(mode.to_owned()), expected: None, violates }
    }

    #[test]
    fn evidence_that_is_not_listed_is_counted_by_kind() {
        let mut all: Vec<Evidence> = (0..3000).map(|number| seen(format!("/a{number}"), "666", true)).collect();
        all.extend((0..70).map(|number| seen(format!("/b{number}"), &format!("{number}"), true)));
        all.extend((0..50).map(|number| seen(format!("/c{number}"), "600", false)));
        all.push(Evidence { source: Source::Further { count: 7 }, ..seen(String::new(), "666", true) });
        let all = listed(all, MOST_EVIDENCE);
        let of = |violates: bool| {
            let counts = all.iter().filter(move |it| it.violates == violates).map(|it| match it.source {
                Source::Further { count } => count,
                _ => 1,
            });
            counts.sum::<usize>()
        };
        assert_eq!((of(true), of(false)), (3077, 50));
        assert!(all.len() <= MOST_EVIDENCE + MOST_KINDS + 2, "{}", all.len());
        assert!(
            all.iter().any(|it| it.source == Source::Further { count: 2978 } && it.found == Found::Mode("666".into()))
        );
        assert!(all.is_sorted_by_key(|it| !it.violates));
        assert!(all.iter().any(|it| it.source == Source::File { path: "/c0".to_owned() }));
    }

    #[test]
    fn long_texts_are_cut_behind_what_was_masked() {
        let secret = "password=hunter2hunter2hunter2hunter2";
        for at in [0, MOST_TEXT - 60, MOST_TEXT - 20, MOST_TEXT - 1, MOST_TEXT + 10] {
            let mut text = format!("{} {secret} {}", "x".repeat(at), "é".repeat(MOST_TEXT));
            let whole = text.len();
            Bounds::default().text(&mut text);
            assert!(text.ends_with(&format!("… (cut: {whole} bytes in total)")), "{at}");
            assert!(text.len() < MOST_TEXT + 60, "{at}");
            assert!(!text.contains("hunter2"), "{at}");
            assert!(at > MOST_TEXT - 60 || text.contains(MASK), "{at}");
        }
        let mut short = "x".repeat(MOST_TEXT);
        Bounds::default().text(&mut short);
        assert_eq!(short.len(), MOST_TEXT);
    }

    #[test]
    fn lists_that_are_cut_say_how_many_more_there_are() {
        let (mut processes, mut more) = ((0..130).collect::<Vec<i32>>(), 3);
        shorten(&mut processes, MOST_EVIDENCE, &mut more);
        assert_eq!((processes.len(), more), (100, 33));
        shorten(&mut processes, MOST_EVIDENCE, &mut more);
        assert_eq!((processes.len(), more), (100, 33));
    }

    #[test]
    fn what_is_printed_is_cut_at_the_end_of_a_line() {
        let mut bounds = Bounds::default();
        let mut printed: Rc<str> = "a line of it\n".repeat(MOST_LINES / 4).into();
        bounds.printed(&mut printed);
        assert!(printed.contains("a line of it… (cut: "), "{}", &printed[printed.len() - 60..]);
        assert!(printed.len() <= MOST_LINES + 60);
        for _ in 0..20 {
            bounds.printed(&mut "\u{1b}".repeat(MOST_LINES).into());
        }
        let mut late: Rc<str> = "a line of it\n".repeat(100).into();
        bounds.printed(&mut late);
        assert!(late.len() <= LEAST_TEXT + 60, "{late}");
    }
}
