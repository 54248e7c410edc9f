//! Reads recordings by passing the events of the YAML parser directly to serde.
//!
//! The library that writes recordings can read them too, but takes twice as long per byte, and the recording of a large
//! node has many bytes.

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::HashMap;
use std::fmt;

use granit_parser::{Event, Marker, ScalarStyle};
use serde::de::value::StrDeserializer;
use serde::de::{
    self, DeserializeSeed, Deserializer, Expected, IntoDeserializer as _, MapAccess, SeqAccess, Unexpected, Visitor,
};
use serde::forward_to_deserialize_any;
use yaml::Events;

/// The maximum nesting depth of mappings and lists.
const DEEPEST: u8 = 128;
/// The maximum number of values, and ends of lists and mappings, in a recording: a node with 50,000 files and 10,000
/// processes has half as many.
const MOST_PIECES: usize = 2_000_000;
/// The maximum number of nodes read, aliases expanded, as a multiple of the nodes in the text.
const MOST_READINGS: usize = 100;
/// The maximum bytes of scalars read, aliases expanded, as a multiple of the size of the text plus a constant.
const MOST_BYTES: (usize, usize) = (4, 8 << 20);

/// Why a text is not a recording, and where.
#[derive(Debug)]
pub(super) struct Refused {
    /// Line and column, from 1, if the position is known.
    pub(super) place: Option<(usize, usize)>,
    /// What is wrong, preceded by the keys that lead there.
    pub(super) detail: String,
}

/// Parses the only document of a text.
pub(super) fn read<T: de::DeserializeOwned>(text: &str) -> Result<T, Refused> {
    let document = Document::of(text)?;
    T::deserialize(Reader { document: &document, path: Path::Top, depth: 0 })
}

/// The parsed pieces of a text.
struct Document<'t> {
    pieces: Vec<(Piece<'t>, Marker)>,
    /// The index of the node that each anchor refers to.
    anchors: HashMap<usize, usize>,
    /// The index of the next piece.
    at: Cell<usize>,
    /// The number of pieces that may still be read.
    readings: Cell<usize>,
    /// The number of bytes of scalars that may still be read.
    bytes: Cell<usize>,
}

enum Piece<'t> {
    /// A scalar, and whether it is unquoted, so that it may be a number, boolean or null.
    Scalar(Cow<'t, str>, bool),
    List,
    Map,
    /// The end of a list or a mapping.
    End,
    Alias(usize),
}

impl<'t> Document<'t> {
    fn of(text: &'t str) -> Result<Self, Refused> {
        let refused = |place: &Marker, detail: String| Refused { place: Some((place.line(), place.col() + 1)), detail };
        let (mut pieces, mut anchors, mut is_whole) = (Vec::new(), HashMap::new(), false);
        let options = granit_parser::options! { emit_comments: false };
        for event in Events::of(text, options) {
            let (event, span) = event.map_err(|error| refused(error.marker(), error.info()))?;
            let (piece, anchor) = match event {
                Event::Scalar(text, style, anchor, tag) => {
                    (Piece::Scalar(text, style == ScalarStyle::Plain && tag.is_none()), anchor)
                }
                Event::SequenceStart(_, anchor, _) => (Piece::List, anchor),
                Event::MappingStart(_, anchor, _) => (Piece::Map, anchor),
                Event::SequenceEnd | Event::MappingEnd => (Piece::End, 0),
                Event::Alias(anchor) => (Piece::Alias(anchor), 0),
                Event::DocumentStart(..) if is_whole => {
                    return Err(refused(&span.start, "a second document (a recording is one)".to_owned()));
                }
                Event::DocumentEnd => {
                    is_whole = true;
                    continue;
                }
                _ => continue,
            };
            if pieces.len() == MOST_PIECES {
                let detail = format!("more than {MOST_PIECES} values, the limit for a recording");
                return Err(refused(&span.start, detail));
            }
            if anchor != 0 {
                anchors.insert(anchor, pieces.len());
            }
            pieces.push((piece, span.start));
        }
        let readings = Cell::new(pieces.len().saturating_mul(MOST_READINGS));
        let bytes = Cell::new(text.len().saturating_mul(MOST_BYTES.0).saturating_add(MOST_BYTES.1));
        Ok(Self { pieces, anchors, at: Cell::new(0), readings, bytes })
    }

    fn peek(&self) -> Option<&(Piece<'t>, Marker)> {
        self.pieces.get(self.at.get())
    }

    fn skip(&self) {
        self.at.set(self.at.get() + 1);
    }

    /// Whether the target of an alias is null.
    fn is_null_at(&self, anchor: usize) -> bool {
        let stands_for = self.anchors.get(&anchor).and_then(|begin| self.pieces.get(*begin));
        matches!(stands_for, Some((Piece::Scalar(text, true), _)) if is_null(text))
    }
}

/// The path of a node in the document: `processes[0].pid`.
#[derive(Clone, Copy)]
enum Path<'p> {
    Top,
    Item(&'p Path<'p>, usize),
    Value(&'p Path<'p>, &'p str),
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Top => Ok(()),
            Self::Item(list, index) => write!(f, "{list}[{index}]"),
            Self::Value(Path::Top, key) => f.write_str(key),
            Self::Value(map, key) => write!(f, "{map}.{key}"),
        }
    }
}

/// Reads the node that begins at the document's next piece.
#[derive(Clone, Copy)]
struct Reader<'d> {
    document: &'d Document<'d>,
    path: Path<'d>,
    depth: u8,
}

impl<'d> Reader<'d> {
    /// Consumes the next piece. Returns it and its position.
    fn next(&self) -> Result<(&'d Piece<'d>, &'d Marker), Refused> {
        let readings = self.document.readings.get();
        let (piece, place) = self.document.peek().ok_or_else(|| Refused::because("ends before any value"))?;
        let length = if let Piece::Scalar(text, _) = piece { text.len() } else { 0 };
        let bytes = self.document.bytes.get().checked_sub(length);
        let (Some(readings), Some(bytes)) = (readings.checked_sub(1), bytes) else {
            return Err(Refused::because("aliases that expand to too much").at(place, &self.path));
        };
        self.document.readings.set(readings);
        self.document.bytes.set(bytes);
        self.document.skip();
        Ok((piece, place))
    }

    /// Begins reading the node here, or the target of an alias here.
    fn begin(self) -> Result<Begun<'d>, Refused> {
        let (piece, place) = self.next()?;
        let Piece::Alias(anchor) = piece else { return Ok(Begun { piece, place, reader: self, back: None }) };
        let back = self.document.at.get();
        let inside = || Refused::because("an alias inside its own anchor");
        let begin = self.document.anchors.get(anchor).ok_or_else(inside);
        let (begin, reader) =
            begin.and_then(|begin| Ok((begin, self.deeper()?))).map_err(|refused| refused.at(place, &self.path))?;
        self.document.at.set(*begin);
        let (piece, place) = reader.next()?;
        Ok(Begun { piece, place, reader, back: Some(back) })
    }

    fn deeper(self) -> Result<Self, Refused> {
        if self.depth >= DEEPEST {
            return Err(Refused::because(format!("more than {DEEPEST} nested mappings and lists")));
        }
        Ok(Self { depth: self.depth + 1, ..self })
    }

    /// Whether the next piece ends a list or a mapping.
    fn is_at_end(&self) -> bool {
        matches!(self.document.peek(), None | Some((Piece::End, _)))
    }

    fn list<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        let mut items = Items { of: self.deeper()?, count: 0, is_empty: false };
        let value = visitor.visit_seq(&mut items)?;
        self.end()?;
        Ok(value)
    }

    fn map<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        let value = visitor.visit_map(&mut Entries { of: self.deeper()?, key: None, is_empty: false })?;
        self.end()?;
        Ok(value)
    }

    fn end(&self) -> Result<(), Refused> {
        match self.next()? {
            (Piece::End, _) => Ok(()),
            (_, place) => Err(Refused::because("an unknown extra value").at(place, &self.path)),
        }
    }
}

/// A node being read. The code that does not depend on the target type is here, since the functions below are compiled
/// for each type in a recording.
struct Begun<'d> {
    piece: &'d Piece<'d>,
    place: &'d Marker,
    reader: Reader<'d>,
    /// Where to continue after the alias that led here.
    back: Option<usize>,
}

impl Begun<'_> {
    /// Whether there is no value here.
    fn is_empty(&self) -> bool {
        matches!(self.piece, Piece::Scalar(text, true) if text.is_empty())
    }

    /// Passes the node to a visitor.
    fn visit<'de, V: Visitor<'de>>(&self, visitor: V) -> Result<V::Value, Refused> {
        match self.piece {
            Piece::Scalar(text, true) => match Plain::of(text) {
                Plain::Nothing => visitor.visit_unit(),
                Plain::Bool(value) => visitor.visit_bool(value),
                Plain::Natural(number) => visitor.visit_u64(number),
                Plain::Whole(number) => visitor.visit_i64(number),
                Plain::Number(number) => visitor.visit_f64(number),
                Plain::Text => visitor.visit_str(text),
            },
            Piece::Scalar(text, false) => visitor.visit_str(text),
            Piece::List => self.reader.list(visitor),
            Piece::Map => self.reader.map(visitor),
            Piece::Alias(_) | Piece::End => Err(Refused::because("a missing value")),
        }
    }

    /// Finishes reading: continues after the alias, or adds the position to the error.
    fn end<T>(&self, value: Result<T, Refused>) -> Result<T, Refused> {
        if value.is_ok() {
            self.go_back();
        }
        value.map_err(|refused| refused.at(self.place, &self.reader.path))
    }

    fn go_back(&self) {
        if let Some(back) = self.back {
            self.reader.document.at.set(back);
        }
    }

    /// Returns the error that the node does not have the type that `wanted` expects.
    fn unexpected(&self, wanted: &dyn Expected) -> Refused {
        match self.piece {
            Piece::List => de::Error::invalid_type(Unexpected::Seq, wanted),
            _ => de::Error::invalid_type(Unexpected::Map, wanted),
        }
    }
}

impl<'de> Deserializer<'de> for Reader<'_> {
    type Error = Refused;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        let begun = self.begin()?;
        begun.end(begun.visit(visitor))
    }

    /// Reads any scalar as text, even if it is a number.
    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        let begun = self.begin()?;
        begun.end(match begun.piece {
            Piece::Scalar(text, _) => visitor.visit_str(text),
            _ => Err(begun.unexpected(&visitor)),
        })
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        self.deserialize_str(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        let is_none = match self.document.peek() {
            Some((Piece::Scalar(text, true), _)) => is_null(text),
            Some((Piece::Alias(anchor), _)) => self.document.is_null_at(*anchor),
            _ => false,
        };
        if !is_none {
            return visitor.visit_some(self);
        }
        self.begin()?.go_back();
        visitor.visit_none()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Refused> {
        visitor.visit_newtype_struct(self)
    }

    /// Reads a missing value as an empty list.
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        match self.document.peek() {
            Some((Piece::Scalar(text, true), _)) if text.is_empty() => {
                self.next()?;
                visitor.visit_seq(&mut Items { of: self, count: 0, is_empty: true })
            }
            _ => self.deserialize_any(visitor),
        }
    }

    /// Reads a missing value, or an empty document, as an empty mapping.
    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        let nothing = || Entries { of: self, key: None, is_empty: true };
        if self.document.peek().is_none() {
            return visitor.visit_map(&mut nothing());
        }
        let begun = self.begin()?;
        if begun.is_empty() {
            begun.go_back();
            return visitor.visit_map(&mut nothing());
        }
        begun.end(match begun.piece {
            // A mapping's visitor would accept a list as the values in order.
            Piece::List => Err(begun.unexpected(&visitor)),
            _ => begun.visit(visitor),
        })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refused> {
        self.deserialize_map(visitor)
    }

    /// Enums in recordings are plain names.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refused> {
        let begun = self.begin()?;
        begun.end(match begun.piece {
            Piece::Scalar(text, _) => {
                let text: StrDeserializer<'_, Refused> = text.as_ref().into_deserializer();
                visitor.visit_enum(text)
            }
            _ => Err(begun.unexpected(&visitor)),
        })
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char bytes byte_buf unit unit_struct tuple tuple_struct
        ignored_any
    }
}

/// The items of a list.
struct Items<'d> {
    of: Reader<'d>,
    count: usize,
    /// Whether the list is empty, regardless of the next piece.
    is_empty: bool,
}

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = Refused;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Refused> {
        if self.is_empty || self.of.is_at_end() {
            return Ok(None);
        }
        let index = self.count;
        self.count += 1;
        seed.deserialize(Reader { path: Path::Item(&self.of.path, index), ..self.of }).map(Some)
    }
}

/// The entries of a mapping.
struct Entries<'d> {
    of: Reader<'d>,
    /// The key whose value comes next.
    key: Option<&'d str>,
    /// Whether the mapping is empty, regardless of the next piece.
    is_empty: bool,
}

impl<'de> MapAccess<'de> for Entries<'_> {
    type Error = Refused;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Refused> {
        if self.is_empty || self.of.is_at_end() {
            return Ok(None);
        }
        self.key = match self.of.document.peek() {
            Some((Piece::Scalar(text, _), _)) => Some(text),
            _ => None,
        };
        seed.deserialize(self.of).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Refused> {
        let path = Path::Value(&self.of.path, self.key.unwrap_or("?"));
        seed.deserialize(Reader { path, ..self.of })
    }
}

impl Refused {
    fn because(detail: impl Into<String>) -> Self {
        Self { place: None, detail: detail.into() }
    }

    /// Adds the position of the error, unless a more precise one is known.
    fn at(self, place: &Marker, path: &Path<'_>) -> Self {
        if self.place.is_some() {
            return self;
        }
        let detail = match path {
            Path::Top => self.detail,
            path => format!("{path}: {}", self.detail),
        };
        Self { place: Some((place.line(), place.col() + 1)), detail }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}

impl std::error::Error for Refused {}

impl de::Error for Refused {
    fn custom<T: fmt::Display>(detail: T) -> Self {
        Self::because(detail.to_string())
    }
}

/// Whether an unquoted scalar is null (YAML 1.2, core schema).
fn is_null(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

/// The value of an unquoted scalar.
enum Plain {
    Nothing,
    Bool(bool),
    Natural(u64),
    Whole(i64),
    Number(f64),
    Text,
}

impl Plain {
    /// Resolves it according to the core schema of YAML 1.2.
    fn of(text: &str) -> Self {
        match text {
            _ if is_null(text) => return Self::Nothing,
            "true" | "True" | "TRUE" => return Self::Bool(true),
            "false" | "False" | "FALSE" => return Self::Bool(false),
            // Fast path: most scalars are neither of these, nor numbers.
            _ if !text.starts_with(|letter: char| letter.is_ascii_digit() || matches!(letter, '+' | '-' | '.')) => {
                return Self::Text;
            }
            _ => {}
        }
        let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
        let is_negative = text.starts_with('-');
        // Numbers have no leading zeros, but file modes do.
        let is_padded = unsigned.len() > 1 && unsigned.starts_with('0') && unsigned.bytes().all(|b| b.is_ascii_digit());
        if is_padded || unsigned.starts_with(['+', '-']) {
            return Self::Text;
        }
        let (digits, radix) = match unsigned.get(..2) {
            Some("0x") => (&unsigned[2..], 16),
            Some("0o") => (&unsigned[2..], 8),
            Some("0b") => (&unsigned[2..], 2),
            _ => (unsigned, 10),
        };
        let whole = if digits.starts_with(['+', '-']) { None } else { u64::from_str_radix(digits, radix).ok() };
        match (whole, unsigned) {
            (Some(whole), _) if is_negative => 0_i64.checked_sub_unsigned(whole).map_or(Self::Text, Self::Whole),
            (Some(whole), _) => Self::Natural(whole),
            (None, ".inf" | ".Inf" | ".INF") => {
                Self::Number(if is_negative { f64::NEG_INFINITY } else { f64::INFINITY })
            }
            (None, ".nan" | ".NaN" | ".NAN") if unsigned == text => Self::Number(f64::NAN),
            (None, _) => match text.parse::<f64>() {
                Ok(number) if number.is_finite() => Self::Number(number),
                _ => Self::Text,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use serde_json::{Value, json};

    use super::*;

    /// Compares the result with that of the library that writes recordings.
    #[test]
    fn a_text_is_read_as_the_library_that_writes_it_reads_it() {
        for text in [
            "",
            "a: 1\n",
            "a: [1, -1, +1, 0x1f, 0o17, 0b11, 0644, -07, 1.5, 1e3, .5, '1', ~, null, '', 'null']\n",
            "a: [true, 'true', yes, no, True, off, 1.2.3, 4h0m0s, 18446744073709551615, -9223372036854775808]\n",
            "a: |\n  one\n  two\nb: >-\n  one\n  two\nc: |2\n    one\n   two\n",
            "a: {b: {c: [[], {}]}}\nd: \"\\u00e9\\x41\\n\"\n",
            "a: &x [1, 2]\nb: *x\nc: {d: *x}\n",
            "- a\n- b: c\n  d: e\n-\n  - f\n",
            "'a b': 'it''s'\n? c\n: d\n",
            "a:\nb: ~\n",
        ] {
            let expected = serde_yaml::from_str::<Value>(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            let found =
                if text.is_empty() { Value::Null } else { read(text).unwrap_or_else(|why| panic!("{text}: {why}")) };
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_refused_with_its_place() {
        for (text, place, detail) in [
            ("a: [1\n", None, ""),
            ("a: *x\n", None, ""),
            ("a: 1\n---\nb: 2\n", None, "a second document"),
            ("a: &x [*x]\n", None, ""),
        ] {
            let refused = read::<Value>(text).expect_err(text);
            assert!(place.is_none() || refused.place == place, "{text}: {refused:?}");
            assert!(refused.detail.starts_with(detail), "{text}: {refused:?}");
        }
        let refused = read::<Vec<Vec<u8>>>("- [1]\n- [1, x]\n").expect_err("x is no number");
        assert_eq!(refused.place, Some((2, 7)));
        assert_eq!(refused.detail, "[1][1]: invalid type: string \"x\", expected u8");
    }

    #[test]
    fn what_aliases_stand_for_is_bounded() {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..9 {
            let below = format!("*a{}", level - 1);
            let _ = writeln!(text, "a{level}: &a{level} [{}]", [below.as_str(); 10].join(", "));
        }
        let refused = read::<Value>(&text).expect_err("a thousand million texts");
        assert!(refused.detail.ends_with("aliases that expand to too much"), "{refused:?}");
        let long = format!("a: &x {}\nb: [{}]\n", "x".repeat(1 << 20), ["*x"; 50].join(", "));
        let refused = read::<Value>(&long).expect_err("fifty times as much");
        assert!(refused.detail.ends_with("aliases that expand to too much"), "{refused:?}");
        let deep = format!("{}{}", "[".repeat(400), "]".repeat(400));
        assert!(read::<Value>(&deep).is_err());
        assert_eq!(read::<Value>("a: &x 1\nb: [*x, *x]\n").expect("fine"), json!({"a": 1, "b": [1, 1]}));
    }
}
