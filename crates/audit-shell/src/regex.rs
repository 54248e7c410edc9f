//! The regular expressions of grep, sed and awk, by the `regex` crate: whole characters of UTF-8, no back-references.

use std::fmt::Write;

use regex::bytes::{Captures, Regex, RegexBuilder};

use super::budget::{Budget, Run};
use super::pattern::class;

/// What a compiled expression may take, and how many times the work of the first each of them is, to compile and to match:
/// the least that is enough is taken, and what is larger than the last is refused.
const SIZES: [(usize, usize); 3] = [(16 << 10, 1), (128 << 10, 8), (1 << 20, 64)];

/// About as much work as compiling the least expression is, in bytes looked at.
const BYTES_OF_COMPILING: usize = 16 << 10;

/// Any character but ASCII: a first byte and those that go on.
const WIDE: &str = r"[\xC0-\xFF][\x80-\xBF]*";

/// Which program reads the expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    Grep,
    /// As grep, but `\n` and `\t` are what they are in C.
    Sed,
}

/// How an expression is written and what it is held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "independent command-line switches of programs")]
pub(super) struct Manner {
    pub(super) dialect: Dialect,
    pub(super) extended: bool,
    pub(super) fixed: bool,
    pub(super) ignore_case: bool,
    pub(super) whole_words: bool,
    pub(super) whole_lines: bool,
}

impl Manner {
    pub(super) const fn new(dialect: Dialect, extended: bool) -> Self {
        Self { dialect, extended, fixed: false, ignore_case: false, whole_words: false, whole_lines: false }
    }
}

/// Why an expression cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Problem {
    /// It is none; what GNU's programs say of it.
    Invalid(&'static str),
    /// It is not interpreted.
    Unknown(&'static str),
}

/// A compiled expression.
#[derive(Debug)]
pub(super) struct Regular {
    regex: Regex,
    /// Where there are alternatives: the same up to the end of the text, since the longest of them counts.
    longest: Option<Regex>,
    /// Whether what follows a match can decide on it, so that the longest cannot be told.
    looks_ahead: bool,
    /// How many times the usual work it is to match it.
    weight: usize,
}

/// An expression, or why it cannot be used.
type Compiled = Run<Result<Regular, Problem>>;

impl Regular {
    /// Any of several expressions.
    pub(super) fn new(patterns: &[&[u8]], manner: Manner, budget: &Budget) -> Compiled {
        match Self::translated(patterns, manner) {
            Ok((text, writer)) => Self::compiled(&text, &writer, manner, budget),
            Err(problem) => {
                budget.look(patterns.iter().map(|pattern| pattern.len()).sum())?;
                Ok(Err(problem))
            }
        }
    }

    /// The expression as the crate reads it.
    fn translated(patterns: &[&[u8]], manner: Manner) -> Result<(String, Writer), Problem> {
        let mut alternatives = Vec::new();
        let mut writer = Writer { alternates: patterns.len() > 1, ..Writer::default() };
        for pattern in patterns {
            writer.text.clear();
            if manner.fixed {
                for byte in *pattern {
                    writer.byte(*byte);
                }
            } else {
                translate(pattern, manner, &mut writer)?;
            }
            alternatives.push(format!("(?:{})", writer.text));
        }
        let mut text = alternatives.join("|");
        if manner.whole_words {
            text = format!(r"\b{{start-half}}(?:{text})\b{{end-half}}");
            writer.looks_ahead = true;
        }
        if manner.whole_lines {
            text = format!("^(?:{text})$");
        }
        Ok((text, writer))
    }

    fn compiled(text: &str, writer: &Writer, manner: Manner, budget: &Budget) -> Compiled {
        let build = |text: &str, size: usize| {
            RegexBuilder::new(text)
                .unicode(false)
                .case_insensitive(manner.ignore_case)
                .dot_matches_new_line(true)
                .size_limit(size)
                .dfa_size_limit(1 << 20)
                .nest_limit(64)
                .build()
        };
        let up_to_end = writer.alternates.then(|| format!("(?:{text})$"));
        for (size, weight) in SIZES {
            budget.look(text.len().saturating_add(BYTES_OF_COMPILING).saturating_mul(weight))?;
            let longest = match up_to_end.as_deref().map(|text| build(text, size)).transpose() {
                Err(regex::Error::CompiledTooBig(_)) => continue,
                longest => longest,
            };
            let regex = match build(text, size) {
                Err(regex::Error::CompiledTooBig(_)) => continue,
                regex => regex,
            };
            if let (Ok(regex), Ok(longest)) = (regex, longest) {
                return Ok(Ok(Self { regex, longest, looks_ahead: writer.looks_ahead, weight }));
            }
            break;
        }
        Ok(Err(Problem::Unknown("an expression that is too large or not interpreted")))
    }

    fn look(&self, bytes: usize, budget: &Budget) -> Run<()> {
        budget.look(bytes.saturating_mul(self.weight))
    }

    /// How many bytes it takes, at most.
    pub(super) fn size(&self) -> usize {
        let largest = SIZES.iter().find(|(_, weight)| *weight == self.weight);
        largest.map_or(0, |(size, _)| size.saturating_mul(4))
    }

    /// Whether it matches anywhere.
    pub(super) fn is_match(&self, text: &[u8], budget: &Budget) -> Run<bool> {
        self.look(text.len(), budget)?;
        Ok(self.regex.is_match(text))
    }

    /// The first match from `start` on, and its groups.
    pub(super) fn find<'t>(&self, text: &'t [u8], start: usize, budget: &Budget) -> Run<Option<Captures<'t>>> {
        self.look(text.len().saturating_sub(start), budget)?;
        let Some(found) = self.regex.captures_at(text, start) else { return Ok(None) };
        let (Some(longest), Some(whole)) = (&self.longest, found.get(0)) else { return Ok(Some(found)) };
        if self.looks_ahead {
            return Ok(Some(found));
        }
        for end in (whole.end() + 1..=text.len()).rev() {
            let shorter = text.get(..end).unwrap_or_default();
            self.look(end.saturating_sub(whole.start()), budget)?;
            if let Some(longer) = longest.captures_at(shorter, whole.start())
                && longer.get(0).is_some_and(|longer| longer.start() == whole.start())
            {
                return Ok(Some(longer));
            }
        }
        Ok(Some(found))
    }
}

/// Writes an expression as the crate reads it.
#[derive(Debug, Default)]
struct Writer {
    text: String,
    alternates: bool,
    looks_ahead: bool,
}

impl Writer {
    /// A byte that means itself.
    fn byte(&mut self, byte: u8) {
        if byte.is_ascii_alphanumeric() || byte == b' ' {
            self.text.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _ = write!(self.text, r"\x{byte:02X}");
        }
    }
}

/// Translates one expression.
fn translate(pattern: &[u8], manner: Manner, writer: &mut Writer) -> Result<(), Problem> {
    let extended = manner.extended;
    let mut rest = pattern;
    let mut open = 0_usize;
    // Whether an expression begins here, so that `*` is a letter in basic ones and `^` is an anchor.
    let mut begins = true;
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        let begun = std::mem::replace(&mut begins, false);
        match byte {
            b'\\' => {
                let Some((escaped, after)) = after.split_first() else {
                    return Err(Problem::Invalid("Trailing backslash"));
                };
                let mut place = Place { begun, begins, open };
                rest = escape(*escaped, after, manner, &mut place, writer)?;
                Place { begins, open, .. } = place;
            }
            b'[' => rest = bracket(after, writer)?,
            b'.' => {
                let _ = write!(writer.text, r"(?:[\x00-\x7F]|{WIDE})");
            }
            b'*' if begun => {
                if extended {
                    return Err(Problem::Unknown("a repetition of nothing"));
                }
                writer.byte(b'*');
            }
            b'*' => writer.text.push('*'),
            b'+' | b'?' if extended => {
                if begun {
                    return Err(Problem::Unknown("a repetition of nothing"));
                }
                writer.text.push(char::from(*byte));
            }
            b'{' if extended => {
                let end = after.iter().position(|byte| *byte == b'}');
                match end.and_then(|end| Some((repetition(after.get(..end)?)?, end))) {
                    Some(_) if begun => return Err(Problem::Unknown("a repetition of nothing")),
                    Some((bounds, end)) => {
                        writer.text.push_str(&bounds);
                        rest = after.get(end + 1..).unwrap_or_default();
                    }
                    None => writer.byte(b'{'),
                }
            }
            b'(' if extended => {
                open += 1;
                begins = true;
                writer.text.push('(');
            }
            b')' if extended && open > 0 => {
                open -= 1;
                writer.text.push(')');
            }
            b'|' if extended => {
                begins = true;
                writer.alternates = true;
                writer.text.push('|');
            }
            b'^' if extended || begun => {
                begins = true;
                writer.text.push('^');
            }
            b'$' if extended || after.is_empty() || after.starts_with(b"\\)") || after.starts_with(b"\\|") => {
                writer.looks_ahead = true;
                writer.text.push('$');
            }
            byte => rest = character(*byte, after, writer),
        }
    }
    if open > 0 {
        return Err(Problem::Invalid("Unmatched ( or \\("));
    }
    Ok(())
}

/// Where in an expression something stands.
struct Place {
    /// Whether an expression begins here.
    begun: bool,
    /// Whether one begins behind it.
    begins: bool,
    /// How many groups are open.
    open: usize,
}

/// What a backslash and the letter behind it mean; what follows them.
fn escape<'p>(
    escaped: u8,
    rest: &'p [u8],
    manner: Manner,
    place: &mut Place,
    writer: &mut Writer,
) -> Result<&'p [u8], Problem> {
    let extended = manner.extended;
    match escaped {
        b'(' if !extended => {
            place.open += 1;
            place.begins = true;
            writer.text.push('(');
        }
        b')' if !extended => {
            place.open = place.open.checked_sub(1).ok_or(Problem::Invalid("Unmatched ) or \\)"))?;
            writer.text.push(')');
        }
        b'|' if !extended => {
            place.begins = true;
            writer.alternates = true;
            writer.text.push('|');
        }
        b'+' | b'?' if !extended && place.begun => writer.byte(escaped),
        b'+' | b'?' if !extended => writer.text.push(char::from(escaped)),
        b'{' if !extended && place.begun => return Err(Problem::Unknown("a repetition of nothing")),
        b'{' if !extended => {
            let end = rest.windows(2).position(|pair| pair == b"\\}");
            let end = end.ok_or(Problem::Invalid("Unmatched \\{"))?;
            let bounds = rest.get(..end).and_then(repetition);
            writer.text.push_str(&bounds.ok_or(Problem::Invalid("Invalid content of \\{\\}"))?);
            return Ok(rest.get(end + 2..).unwrap_or_default());
        }
        b'w' | b's' => {
            let _ = write!(writer.text, "\\{}", char::from(escaped));
        }
        b'W' | b'S' => {
            let _ = write!(writer.text, r"(?:[\x00-\x7F&&\{}]|{WIDE})", char::from(escaped));
        }
        b'b' | b'B' | b'<' | b'>' => {
            writer.looks_ahead = true;
            let _ = write!(writer.text, "\\{}", char::from(escaped));
        }
        b'`' => writer.text.push_str(r"\A"),
        b'\'' => writer.text.push_str(r"\z"),
        b'1'..=b'9' => return Err(Problem::Unknown("a back-reference")),
        b'n' if manner.dialect == Dialect::Sed => writer.byte(b'\n'),
        b't' if manner.dialect == Dialect::Sed => writer.byte(b'\t'),
        b'a' | b'f' | b'v' | b'd' | b'o' | b'x' | b'c' if manner.dialect == Dialect::Sed => {
            return Err(Problem::Unknown("an escape of sed"));
        }
        escaped => return Ok(character(escaped, rest, writer)),
    }
    Ok(rest)
}

/// A character that means itself: its first byte, and those of `rest` that belong to it.
fn character<'p>(first: u8, rest: &'p [u8], writer: &mut Writer) -> &'p [u8] {
    if first < 0xC0 {
        writer.byte(first);
        return rest;
    }
    let length = rest.iter().take_while(|byte| (0x80..0xC0).contains(*byte)).count().min(3);
    let (more, rest) = rest.split_at(length);
    writer.text.push_str("(?:");
    writer.byte(first);
    for byte in more {
        writer.byte(*byte);
    }
    writer.text.push(')');
    rest
}

/// `n`, `n,`, `,m` or `n,m`.
fn repetition(bounds: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(bounds).ok()?;
    let number = |text: &str| text.parse::<u16>().ok().filter(|number| *number <= 255);
    match text.split_once(',') {
        None => Some(format!("{{{}}}", number(text)?)),
        Some(("", "")) => Some("{0,}".to_owned()),
        Some(("", most)) => Some(format!("{{0,{}}}", number(most)?)),
        Some((least, "")) => Some(format!("{{{},}}", number(least)?)),
        Some((least, most)) => {
            let (least, most) = (number(least)?, number(most)?);
            (least <= most).then(|| format!("{{{least},{most}}}"))
        }
    }
}

/// A set, behind its opening bracket; what follows it.
fn bracket<'p>(pattern: &'p [u8], writer: &mut Writer) -> Result<&'p [u8], Problem> {
    const OPEN: Problem = Problem::Invalid("Unmatched [, [^, [:, [., or [=");
    let (negated, mut rest) = match pattern.split_first() {
        Some((b'^', rest)) => (true, rest),
        _ => (false, pattern),
    };
    let start = rest;
    let mut ranges: Vec<(u8, u8)> = Vec::new();
    loop {
        let (byte, after) = rest.split_first().ok_or(OPEN)?;
        if *byte == b']' && rest.len() < start.len() {
            rest = after;
            break;
        }
        if !byte.is_ascii() {
            return Err(Problem::Unknown("a set with characters beyond ASCII"));
        }
        if *byte == b'[' && matches!(after.first(), Some(b':' | b'.' | b'=')) {
            let Some(inside) = after.strip_prefix(b":") else {
                return Err(Problem::Unknown("a set with collating elements"));
            };
            let end = inside.windows(2).position(|pair| pair == b":]").ok_or(OPEN)?;
            let named = inside.get(..end).and_then(class);
            ranges.extend(named.ok_or(Problem::Invalid("Invalid character class name"))?);
            rest = inside.get(end + 2..).unwrap_or_default();
            continue;
        }
        match after {
            [b'-', last, more @ ..] if *last != b']' => {
                if !last.is_ascii() || *last == b'[' {
                    return Err(Problem::Unknown("a set with a range that is not interpreted"));
                }
                if byte > last {
                    return Err(Problem::Invalid("Invalid range end"));
                }
                ranges.push((*byte, *last));
                rest = more;
            }
            _ => {
                ranges.push((*byte, *byte));
                rest = after;
            }
        }
    }
    // `[:space:]` alone is a mistake of those who forget the outer brackets.
    if let Some(inside) = start.get(..start.len().saturating_sub(rest.len() + 1))
        && inside.len() > 2
        && inside.starts_with(b":")
        && inside.ends_with(b":")
        && !negated
    {
        return Err(Problem::Invalid("character class syntax is [[:space:]], not [:space:]"));
    }
    let mut set = String::new();
    for (first, last) in ranges {
        let _ = write!(set, r"\x{first:02X}-\x{last:02X}");
    }
    let _ =
        if negated { write!(writer.text, r"(?:[\x00-\x7F&&[^{set}]]|{WIDE})") } else { write!(writer.text, "[{set}]") };
    Ok(rest)
}
