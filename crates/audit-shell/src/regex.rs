//! The regular expressions of grep, sed and awk, on top of the `regex` crate: whole UTF-8 characters, no
//! back-references.

use std::fmt::Write;

use regex::bytes::{Captures, Regex, RegexBuilder};

use super::budget::{Budget, Run};
use super::pattern::class;

/// The maximum sizes of a compiled expression, in bytes, with the cost factor of compiling and matching for each. The
/// smallest sufficient one is used; larger expressions are refused.
const SIZES: [(usize, usize); 3] = [(16 << 10, 1), (128 << 10, 8), (1 << 20, 64)];

/// The approximate cost of compiling the smallest expression, in bytes inspected.
const BYTES_OF_COMPILING: usize = 16 << 10;

/// Any non-ASCII character: a first byte and its continuation bytes.
const WIDE: &str = r"[\xC0-\xFF][\x80-\xBF]*";

/// The program that reads the expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    Grep,
    /// Like grep, but `\n` and `\t` have their C meaning.
    Sed,
}

/// The syntax of an expression and how it is matched.
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
    /// It is invalid; the message of GNU's programs.
    Invalid(&'static str),
    /// It is not supported.
    Unknown(&'static str),
}

/// A compiled expression.
#[derive(Debug)]
pub(super) struct Regular {
    regex: Regex,
    /// With alternatives: the expression anchored to the end of the text, to find the longest match.
    longest: Option<Regex>,
    /// Whether text after a match can affect it, so that the longest match cannot be determined.
    looks_ahead: bool,
    /// The cost factor of matching.
    weight: usize,
}

/// A compiled expression, or why it cannot be used.
type Compiled = Run<Result<Regular, Problem>>;

impl Regular {
    /// Compiles an expression that matches any of several patterns.
    pub(super) fn new(patterns: &[&[u8]], manner: Manner, budget: &Budget) -> Compiled {
        match Self::translated(patterns, manner) {
            Ok((text, writer)) => Self::compiled(&text, &writer, manner, budget),
            Err(problem) => {
                budget.look(patterns.iter().map(|pattern| pattern.len()).sum())?;
                Ok(Err(problem))
            }
        }
    }

    /// Translates patterns to the syntax of the crate.
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

    /// Its maximum size in bytes.
    pub(super) fn size(&self) -> usize {
        let largest = SIZES.iter().find(|(_, weight)| *weight == self.weight);
        largest.map_or(0, |(size, _)| size.saturating_mul(4))
    }

    /// Whether it matches anywhere in the text.
    pub(super) fn is_match(&self, text: &[u8], budget: &Budget) -> Run<bool> {
        self.look(text.len(), budget)?;
        Ok(self.regex.is_match(text))
    }

    /// Returns the first match from `start` on, with its groups.
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

/// Builds an expression in the syntax of the crate.
#[derive(Debug, Default)]
struct Writer {
    text: String,
    alternates: bool,
    looks_ahead: bool,
}

impl Writer {
    /// Appends a literal byte.
    fn byte(&mut self, byte: u8) {
        if byte.is_ascii_alphanumeric() || byte == b' ' {
            self.text.push(char::from(byte));
        } else {
            // Writing to a `String` cannot fail.
            let _ = write!(self.text, r"\x{byte:02X}");
        }
    }
}

/// Translates one pattern.
fn translate(pattern: &[u8], manner: Manner, writer: &mut Writer) -> Result<(), Problem> {
    let extended = manner.extended;
    let mut rest = pattern;
    let mut open = 0_usize;
    // Whether a pattern begins here, so that `*` is literal in basic ones and `^` is an anchor.
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

/// A position in a pattern.
struct Place {
    /// Whether a pattern begins here.
    begun: bool,
    /// Whether one begins after it.
    begins: bool,
    /// The number of open groups.
    open: usize,
}

/// Translates a backslash escape, and returns the rest.
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

/// Appends a literal character: its first byte, and its continuation bytes in `rest`, which follows it.
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

/// Translates `n`, `n,`, `,m` or `n,m`.
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

/// Translates a set after its opening bracket, and returns the rest.
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
    // GNU's programs report `[:space:]` without the outer brackets as an error.
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
