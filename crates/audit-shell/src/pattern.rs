//! Shell patterns: `*`, `?`, `[…]`.

use std::mem::size_of;

use super::budget::{Budget, Run};

/// A piece of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Byte(u8),
    Any,
    Many,
    Set(Set),
}

/// A set of bytes, one bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Set([u64; 4]);

impl Set {
    fn add(&mut self, first: u8, last: u8) {
        for byte in first..=last {
            if let Some(bits) = self.0.get_mut(usize::from(byte >> 6)) {
                *bits |= 1 << (byte & 63);
            }
        }
    }

    fn holds(&self, byte: u8) -> bool {
        self.0.get(usize::from(byte >> 6)).is_some_and(|bits| bits >> (byte & 63) & 1 == 1)
    }
}

/// A compiled pattern.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Pattern(Vec<Piece>);

impl Pattern {
    /// Compiles a pattern from bytes and whether each is quoted, hence literal.
    pub(super) fn new(bytes: &[(u8, bool)], budget: &Budget) -> Run<Self> {
        // An unclosed set is scanned to the end, once per bracket.
        let brackets = bytes.iter().filter(|(byte, quoted)| *byte == b'[' && !quoted).count();
        budget.look(bytes.len().saturating_mul(brackets + 1))?;
        budget.bytes(bytes.len().saturating_mul(size_of::<Piece>()))?;
        let mut pieces = Vec::with_capacity(bytes.len());
        let mut rest = bytes;
        while let Some(((byte, quoted), after)) = rest.split_first() {
            rest = after;
            pieces.push(match (byte, quoted) {
                (b'*', false) => Piece::Many,
                (b'?', false) => Piece::Any,
                (b'[', false) => match set(after) {
                    Some((set, after)) => {
                        rest = after;
                        set
                    }
                    None => Piece::Byte(b'['),
                },
                (byte, _) => Piece::Byte(*byte),
            });
        }
        Ok(Self(pieces))
    }

    /// Compiles a pattern given to a program, in which a backslash quotes.
    pub(super) fn of_argument(text: &[u8], budget: &Budget) -> Run<Self> {
        let mut bytes = Vec::with_capacity(text.len());
        let mut rest = text.iter();
        while let Some(byte) = rest.next() {
            match byte {
                b'\\' => bytes.extend(rest.next().map(|byte| (*byte, true))),
                byte => bytes.push((*byte, false)),
            }
        }
        Self::new(&bytes, budget)
    }

    /// Whether these bytes can contain special characters.
    pub(super) fn can_be_special(bytes: &[(u8, bool)]) -> bool {
        bytes.iter().any(|(byte, quoted)| !quoted && matches!(byte, b'*' | b'?' | b'['))
    }

    /// Whether it contains anything but literal bytes.
    pub(super) fn is_special(&self) -> bool {
        self.0.iter().any(|piece| !matches!(piece, Piece::Byte(_)))
    }

    /// Whether it begins with a literal dot, without which hidden names do not match.
    pub(super) fn begins_with_dot(&self) -> bool {
        self.0.first() == Some(&Piece::Byte(b'.'))
    }

    /// Whether the whole `name` matches.
    pub(super) fn matches(&self, name: &[u8], budget: &Budget) -> Run<bool> {
        let (mut at, mut piece) = (0, 0);
        // The last star and the end of what it matches so far, for backtracking.
        let mut star: Option<(usize, usize)> = None;
        loop {
            budget.step()?;
            let byte = name.get(at);
            let fits = match (self.0.get(piece), byte) {
                (Some(Piece::Many), _) => {
                    star = Some((piece, at));
                    piece += 1;
                    continue;
                }
                (None, None) => return Ok(true),
                (Some(Piece::Any), Some(_)) => true,
                (Some(Piece::Byte(wanted)), Some(byte)) => wanted == byte,
                (Some(Piece::Set(set)), Some(byte)) => set.holds(*byte),
                (None, Some(_)) | (Some(_), None) => false,
            };
            if fits {
                at += 1;
                piece += 1;
            } else if let Some((many, taken)) = star
                && taken < name.len()
            {
                star = Some((many, taken + 1));
                (at, piece) = (taken + 1, many + 1);
            } else {
                return Ok(false);
            }
        }
    }
}

/// Parses a set after its opening bracket, and returns the rest; `None` if it is not closed.
fn set(bytes: &[(u8, bool)]) -> Option<(Piece, &[(u8, bool)])> {
    let (negated, mut rest) = match bytes.split_first()? {
        ((b'!' | b'^', false), rest) => (true, rest),
        _ => (false, bytes),
    };
    let mut set = Set::default();
    let mut is_first = true;
    loop {
        let ((byte, quoted), after) = rest.split_first()?;
        if *byte == b']' && !quoted && !is_first {
            let set = if negated { Set(set.0.map(|bits| !bits)) } else { set };
            return Some((Piece::Set(set), after));
        }
        is_first = false;
        if *byte == b'[' && !quoted && after.first() == Some(&(b':', false)) {
            let end = after
                .windows(2)
                .position(|pair| pair.iter().map(|(byte, _)| *byte).eq(*b":]"))
                .filter(|end| *end > 0)?;
            let name: Vec<u8> = after.get(1..end)?.iter().map(|(byte, _)| *byte).collect();
            for (first, last) in class(&name)? {
                set.add(*first, *last);
            }
            rest = after.get(end + 2..)?;
            continue;
        }
        match after {
            [(b'-', false), (last, quoted), more @ ..] if *last != b']' || *quoted => {
                set.add(*byte, *last);
                rest = more;
            }
            _ => {
                set.add(*byte, *byte);
                rest = after;
            }
        }
    }
}

/// The byte ranges of a character class in the C locale.
pub(super) fn class(name: &[u8]) -> Option<&'static [(u8, u8)]> {
    Some(match name {
        b"alpha" => &[(b'A', b'Z'), (b'a', b'z')],
        b"digit" => &[(b'0', b'9')],
        b"alnum" => &[(b'0', b'9'), (b'A', b'Z'), (b'a', b'z')],
        b"upper" => &[(b'A', b'Z')],
        b"lower" => &[(b'a', b'z')],
        b"space" => &[(b'\t', b'\r'), (b' ', b' ')],
        b"blank" => &[(b'\t', b'\t'), (b' ', b' ')],
        b"punct" => &[(b'!', b'/'), (b':', b'@'), (b'[', b'`'), (b'{', b'~')],
        b"xdigit" => &[(b'0', b'9'), (b'A', b'F'), (b'a', b'f')],
        b"print" => &[(b' ', b'~')],
        b"graph" => &[(b'!', b'~')],
        b"cntrl" => &[(0, 31), (127, 127)],
        _ => return None,
    })
}
