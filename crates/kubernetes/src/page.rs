//! Splits a page of a list into its undecoded objects.

use std::borrow::Cow;
use std::fmt;

use memchr::{memchr2, memchr2_iter};
use serde::de::{IgnoredAny, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// The largest object that is passed on, in bytes: etcd's default limit is 1.5 MiB.
const LARGEST_OBJECT: usize = 8 << 20;
/// The deepest nesting of an object: decoders stop at 128 levels.
const DEEPEST: usize = 100;
/// The most objects of a page, in case a server ignores the requested limit: each takes 16 bytes.
const MOST_OBJECTS: usize = 1 << 20;

/// A page of a list.
pub struct Page<'b> {
    /// The token of the next page; empty after the last.
    pub next: Cow<'b, str>,
    /// The objects.
    pub objects: Objects<'b>,
}

#[derive(Deserialize)]
struct Read<'b> {
    #[serde(borrow)]
    kind: Cow<'b, str>,
    #[serde(borrow, default)]
    metadata: Option<Metadata<'b>>,
    /// A CRD may choose the name of its list kind, but lists always have this field, even if `null`.
    #[serde(borrow, default, deserialize_with = "given")]
    items: Option<Objects<'b>>,
}

/// Deserializes objects; `null` means none.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Objects<'de>>, D::Error> {
    Option::deserialize(deserializer).map(|objects| Some(objects.unwrap_or_default()))
}

#[derive(Default, Deserialize)]
struct Metadata<'b> {
    #[serde(borrow, default, rename = "continue")]
    next: Option<Cow<'b, str>>,
}

/// The objects of a page.
#[derive(Default)]
pub struct Objects<'b>(pub Vec<&'b RawValue>);

impl<'de: 'b, 'b> Deserialize<'de> for Objects<'b> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bounded;

        impl<'de> Visitor<'de> for Bounded {
            type Value = Objects<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of objects")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                let mut objects = Vec::new();
                while let Some(object) = list.next_element()? {
                    if objects.len() == MOST_OBJECTS {
                        return Err(serde::de::Error::custom("too many objects"));
                    }
                    objects.push(object);
                }
                Ok(Objects(objects))
            }
        }

        deserializer.deserialize_seq(Bounded)
    }
}

/// Parses a page; `None` if it is incomplete or not a Kubernetes list.
pub fn read(body: &[u8]) -> Option<Page<'_>> {
    let page: Read<'_> = serde_json::from_slice(body).ok()?;
    if page.kind == "Status" {
        return None;
    }
    let next = page.metadata.and_then(|metadata| metadata.next).unwrap_or_default();
    Some(Page { next, objects: page.items? })
}

/// Why an object must not be passed on, if so.
pub fn fault(object: &RawValue) -> Option<String> {
    let text = object.get();
    if !text.starts_with('{') {
        return Some("an entry of the list is not an object".to_owned());
    }
    if text.len() > LARGEST_OBJECT {
        return Some(format!("larger than {} MiB", LARGEST_OBJECT >> 20));
    }
    is_deeper(text.as_bytes(), DEEPEST).then(|| format!("nested more than {DEEPEST} levels deep"))
}

/// The `namespace/name` of an object, as far as present.
pub fn name(object: &RawValue) -> String {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Named {
        metadata: Names,
    }
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Names {
        namespace: String,
        name: String,
    }
    let Named { metadata } = serde_json::from_str(object.get()).unwrap_or_default();
    let joined =
        if metadata.namespace.is_empty() { metadata.name } else { format!("{}/{}", metadata.namespace, metadata.name) };
    crate::text::name(&joined)
}

/// Whether a text is a JSON object, with any fields.
pub fn is_object(body: &[u8]) -> bool {
    body.trim_ascii_start().starts_with(b"{") && serde_json::from_slice::<IgnoredAny>(body).is_ok()
}

/// Whether valid JSON is nested deeper than `most` levels. Fast, since every object of every list passes through it.
fn is_deeper(json: &[u8], most: usize) -> bool {
    // Most objects have fewer brackets than `most`, even counting those in strings.
    if memchr2_iter(b'{', b'[', json).nth(most).is_none() {
        return false;
    }
    let mut depth = 0_usize;
    let mut rest = json;
    while let Some((byte, behind)) = rest.split_first() {
        rest = behind;
        match byte {
            b'{' | b'[' if depth == most => return true,
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            b'"' => rest = behind_text(behind),
            _ => {}
        }
    }
    false
}

/// The rest after a string whose opening quote has already been read.
fn behind_text(json: &[u8]) -> &[u8] {
    let mut rest = json;
    while let Some(at) = memchr2(b'"', b'\\', rest) {
        let is_end = rest[at] == b'"';
        // An escape also covers the next byte.
        rest = rest.get(at + if is_end { 1 } else { 2 }..).unwrap_or_default();
        if is_end {
            return rest;
        }
    }
    &[]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_are_handed_on_as_they_stand() {
        let body = br#"{"kind":"PodList","metadata":{"resourceVersion":"7","continue":"a\u0062"},"items":[ {"a" : 1.50} ,{}]}"#;
        let page = read(body).expect("a page");
        assert_eq!(page.next, "ab");
        let objects: Vec<&str> = page.objects.0.iter().map(|object| object.get()).collect();
        assert_eq!(objects, [r#"{"a" : 1.50}"#, "{}"]);
        for empty in
            [r#"{"kind":"PodList","items":null}"#, r#"{"kind":"List","metadata":{"continue":null},"items":[]}"#]
        {
            assert!(read(empty.as_bytes()).expect("a page").objects.0.is_empty());
        }
    }

    #[test]
    fn what_is_no_whole_list_is_none() {
        let whole = r#"{"kind":"PodList","metadata":{},"items":[{"a":"b"}]}"#;
        assert!(read(whole.as_bytes()).is_some());
        for end in 0..whole.len() {
            assert!(read(&whole.as_bytes()[..end]).is_none(), "{end}");
        }
        let table = [
            r#"{"kind":"Status","items":[]}"#,
            r#"{"kind":"PodList"} x"#,
            r#"{"kind":"PodList","metadata":{}}"#,
            r#"{"kind":"Pod","metadata":{"name":"a"}}"#,
            r#"{"items":[]}"#,
            r#"{"kind":"PodList","items":{}}"#,
            r#"{"kind":"PodList","items":[],"items":[]}"#,
            r#"{"kind":7,"items":[]}"#,
            "[]",
            "",
            "<html>",
        ];
        for body in table {
            assert!(read(body.as_bytes()).is_none(), "{body}");
        }
        assert!(read(b"{\"kind\":\"PodList\",\"items\":[{\"a\":\"\xff\"}]}").is_none());
    }

    #[test]
    fn depth_is_measured_outside_of_strings() {
        let table = [
            ("{}", 1),
            (r#"{"a":[[1]]}"#, 3),
            (r#"{"a":[],"b":[{}]}"#, 3),
            (r#"{"[[[\"[[":"\\"}"#, 1),
            (r#"{"\\":[["\"]]["]]}"#, 3),
            ("1", 0),
        ];
        for (json, depth) in table {
            assert!(!is_deeper(json.as_bytes(), depth), "{json}");
            assert!(depth == 0 || is_deeper(json.as_bytes(), depth - 1), "{json}");
        }
    }

    #[test]
    fn an_object_that_no_decoder_takes_is_named() {
        let nested = format!(
            r#"{{"kind":"List","items":[{{"metadata":{{"name":"deep","namespace":"a\nb"}},"x":{}{}}}, 7]}}"#,
            "[".repeat(1_000_000),
            "]".repeat(1_000_000)
        );
        let page = read(nested.as_bytes()).expect("a page");
        let objects = page.objects.0;
        assert_eq!(fault(objects[0]).as_deref(), Some("nested more than 100 levels deep"));
        assert_eq!(name(objects[0]), r"a\nb/deep");
        assert!(fault(objects[1]).is_some());
    }
}
