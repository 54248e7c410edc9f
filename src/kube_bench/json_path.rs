//! kubectl's `JSONPath`: templates such as `{.authentication.anonymous.enabled}` in the forms that rule files use.
//!
//! What stands outside braces is taken as it is. Keys that are not there lead to nothing, and are no error.

use nom::branch::alt;
use nom::bytes::complete::{tag, take_while, take_while1};
use nom::character::complete::{char, i64 as number, none_of, one_of};
use nom::combinator::{map, opt, value, verify};
use nom::multi::{many0, separated_list1};
use nom::sequence::{delimited, pair, preceded};
use nom::{IResult, Parser};

use super::document::Value;

/// How deep ranges may lie within each other.
const DEEPEST: usize = 10;
/// How many values a path may find: wildcards multiply.
const MOST_FOUND: usize = 100_000;

/// A template.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct JsonPath {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq)]
enum Part {
    /// What stands outside of braces.
    Outside(String),
    /// What stands in braces: one step after the other.
    Walk(Vec<Step>),
    /// All between `{range …}` and `{end}`, for each of what the steps find.
    Range(Vec<Step>, Vec<Part>),
}

#[derive(Debug, Clone, PartialEq)]
enum Step {
    /// A key of a mapping.
    Key(String),
    /// All in a mapping or list.
    All,
    /// Items of a list: those from one to before another.
    Items(Option<i64>, Option<i64>),
    /// One item of a list; from the end if less than 0.
    Item(i64),
    /// Each of these in turn.
    Union(Vec<Step>),
    /// A text in quotes.
    Text(String),
}

/// What stands between two braces.
#[derive(Debug, Clone)]
enum Action {
    Walk(Vec<Step>),
    Range(Vec<Step>),
    End,
}

/// What a walk finds.
#[derive(Debug, Clone, Copy)]
enum Found<'a> {
    Value(&'a Value),
    Text(&'a str),
}

impl JsonPath {
    /// Reads a template; the error says what in it is not understood.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let (rest, actions) = template(text).map_err(|_| not_understood(text))?;
        if !rest.is_empty() {
            return Err(not_understood(rest));
        }
        let mut actions = actions.into_iter();
        let parts = nest(&mut actions, 0)?;
        Ok(Self { parts })
    }

    /// What it finds in a document, printed. The error says why nothing can be said.
    pub(super) fn find(&self, document: &Value) -> Result<String, String> {
        let mut out = String::new();
        for found in found(&self.parts, Found::Value(document))? {
            let texts = found
                .into_iter()
                .map(|found| match found {
                    Found::Value(value) => value.printed(),
                    Found::Text(text) => Ok(text.to_owned()),
                })
                .collect::<Result<Vec<_>, _>>()?;
            out.push_str(&texts.join(" "));
        }
        Ok(out)
    }
}

fn not_understood(rest: &str) -> String {
    format!("the path is not understood from {rest:?} on")
}

/// Texts and what stands in braces, in turn.
fn template(text: &str) -> IResult<&str, Vec<Result<String, Action>>> {
    let outside = map(take_while1(|c| c != '{'), |text: &str| Ok(text.to_owned()));
    let action = map(delimited(char('{'), action, pair(spaces, char('}'))), Err);
    many0(alt((outside, action))).parse(text)
}

fn spaces(text: &str) -> IResult<&str, &str> {
    take_while(|c| c == ' ').parse(text)
}

fn action(text: &str) -> IResult<&str, Action> {
    let word = |word| verify(preceded(spaces, tag(word)), |_: &str| true);
    alt((
        value(Action::End, (word("end"), nom::combinator::peek(pair(spaces, char('}'))))),
        map(preceded(pair(word("range"), char(' ')), steps), Action::Range),
        map(steps, Action::Walk),
    ))
    .parse(text)
}

fn steps(text: &str) -> IResult<&str, Vec<Step>> {
    let current = map(one_of("@$"), |_| None);
    let step = alt((map(quoted, |text| Some(Step::Text(text))), map(key, Some), map(bracket, Some), current));
    map(many0(preceded(spaces, step)), |steps| steps.into_iter().flatten().collect()).parse(text)
}

fn quoted(text: &str) -> IResult<&str, String> {
    let within = |quote: char| {
        let escaped = preceded(char('\\'), nom::character::complete::anychar);
        let plain = verify(nom::character::complete::anychar, move |c| *c != quote && *c != '\\');
        delimited(
            char(quote),
            map(many0(alt((escaped, plain))), |chars| chars.into_iter().collect::<String>()),
            char(quote),
        )
    };
    alt((within('\''), within('"'))).parse(text)
}

/// `.name`, in which a backslash takes the meaning from a dot.
fn key(text: &str) -> IResult<&str, Step> {
    let character = alt((preceded(char('\\'), nom::character::complete::anychar), none_of(" \t\r\n.,[]$@{}\\")));
    let name = map(many0(character), |chars| chars.into_iter().collect::<String>());
    map(preceded(char('.'), verify(name, |name: &String| !name.is_empty())), |name| match name.as_str() {
        "*" => Step::All,
        _ => Step::Key(name),
    })
    .parse(text)
}

/// `[*]`, `[2]`, `[1:3]`, `['name']`, or several of them with commas.
fn bracket(text: &str) -> IResult<&str, Step> {
    let range = map((opt(number), char(':'), opt(number)), |(from, _, to)| Step::Items(from, to));
    let one =
        alt((range, map(number, Step::Item), map(quoted, Step::Key), map(char('*'), |_| Step::Items(None, None))));
    let several = separated_list1(char(','), delimited(spaces, one, spaces));
    map(delimited(char('['), several, char(']')), |mut steps| match steps.pop() {
        Some(only) if steps.is_empty() => only,
        last => {
            steps.extend(last);
            Step::Union(steps)
        }
    })
    .parse(text)
}

/// Puts what lies between `{range …}` and `{end}` into the range.
fn nest(actions: &mut dyn Iterator<Item = Result<String, Action>>, depth: usize) -> Result<Vec<Part>, String> {
    if depth > DEEPEST {
        return Err(format!("more than {DEEPEST} ranges within each other"));
    }
    let mut parts = Vec::new();
    while let Some(action) = actions.next() {
        parts.push(match action {
            Ok(text) => Part::Outside(text),
            Err(Action::Walk(steps)) => Part::Walk(steps),
            Err(Action::Range(steps)) => Part::Range(steps, nest(actions, depth + 1)?),
            Err(Action::End) if depth > 0 => return Ok(parts),
            Err(Action::End) => return Err("{end} without a range before it".to_owned()),
        });
    }
    Ok(parts)
}

/// What each of the parts finds, beginning at `start`.
fn found<'a>(parts: &'a [Part], start: Found<'a>) -> Result<Vec<Vec<Found<'a>>>, String> {
    let mut all = Vec::new();
    for part in parts {
        match part {
            Part::Outside(text) => all.push(vec![Found::Text(text)]),
            Part::Walk(steps) => all.push(walk(steps, start)?),
            Part::Range(steps, body) => {
                for item in walk(steps, start)? {
                    all.extend(found(body, item)?);
                    bounded(all.len())?;
                }
            }
        }
    }
    Ok(all)
}

fn bounded(found: usize) -> Result<(), String> {
    if found > MOST_FOUND { Err(format!("the path finds more than {MOST_FOUND} values")) } else { Ok(()) }
}

fn walk<'a>(steps: &'a [Step], start: Found<'a>) -> Result<Vec<Found<'a>>, String> {
    let mut current = vec![start];
    for step in steps {
        let mut next = Vec::new();
        for found in current {
            take(step, found, &mut next)?;
            bounded(next.len())?;
        }
        current = next;
    }
    Ok(current)
}

fn take<'a>(step: &'a Step, from: Found<'a>, next: &mut Vec<Found<'a>>) -> Result<(), String> {
    match (step, from) {
        (Step::Text(text), _) => next.push(Found::Text(text)),
        (Step::Union(steps), _) => {
            for step in steps {
                take(step, from, next)?;
            }
        }
        (_, Found::Value(Value::Null)) => {}
        (Step::Key(name), Found::Value(value)) => next.extend(value.get(name).map(Found::Value)),
        (Step::All, Found::Value(Value::List(items))) => next.extend(items.iter().map(Found::Value)),
        (Step::All, Found::Value(Value::Map(entries) | Value::YamlMap(entries))) => {
            next.extend(entries.iter().map(|(_, value)| Found::Value(value)));
        }
        (Step::Items(from, to), Found::Value(Value::List(items))) => {
            next.extend(cut(items, from.unwrap_or(0), *to)?.iter().map(Found::Value));
        }
        (Step::Item(index), Found::Value(Value::List(items))) => {
            let last = if *index == -1 { None } else { Some(index.saturating_add(1)) };
            next.extend(cut(items, *index, last)?.iter().map(Found::Value));
        }
        (Step::Items(..) | Step::Item(_), _) => return Err("items are asked for where there is no list".to_owned()),
        (Step::Key(_) | Step::All, _) => {}
    }
    Ok(())
}

/// The items from one to before another, both counted from the end if less than 0.
fn cut(items: &[Value], from: i64, to: Option<i64>) -> Result<&[Value], String> {
    let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
    let place = |index: i64| if index < 0 { index.saturating_add(length) } else { index };
    let (from, to) = (place(from), to.map_or(length, place));
    if from == to {
        return Ok(&[]);
    }
    let out = || format!("items {from} to {to} are asked for where there are {length}");
    let range = usize::try_from(from).map_err(|_| out())?..usize::try_from(to).map_err(|_| out())?;
    items.get(range).ok_or_else(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kube_bench::document;

    const DOCUMENT: &str = "
authentication: {anonymous: {enabled: false}}
port: 0
client-transport-security: {auto-tls: true}
tlsCipherSuites: [A, B]
resources:
- providers:
  - aescbc: {keys: [{name: one}]}
  - identity: {}
- providers:
  - kms: {keys: [x]}
nothing: null
a.b: dotted
";

    fn find(path: &str) -> Result<String, String> {
        let document = document::read(DOCUMENT).expect("YAML");
        JsonPath::parse(path)?.find(&document)
    }

    #[test]
    fn paths_find_what_kubectl_finds() {
        for (path, expected) in [
            ("{.authentication.anonymous.enabled}", "false"),
            ("{$.port}", "0"),
            ("{ .port }", "0"),
            ("{.client-transport-security.auto-tls}", "true"),
            ("{.absent.deeper}", ""),
            ("{.port.deeper}", ""),
            ("{.nothing}", "null"),
            ("{.nothing.deeper}", ""),
            ("{range .tlsCipherSuites[:]}{}{','}{end}", "A,B,"),
            ("{range .absent[:]}{}{','}{end}", ""),
            ("{.tlsCipherSuites}", r#"["A","B"]"#),
            ("{.tlsCipherSuites[*]}", "A B"),
            ("{.tlsCipherSuites[0]}", "A"),
            ("{.tlsCipherSuites[-1]}", "B"),
            ("{.tlsCipherSuites[0:1]}", "A"),
            ("{.tlsCipherSuites[0,1]}", "A B"),
            ("{['port']}", "0"),
            ("{.a\\.b}", "dotted"),
            ("{.resources[*].providers[*].kms.keys[*]}}", "x}"),
            ("{.tlsCipherSuites.*}", "A B"),
            ("port={.port}\n", "port=0\n"),
            (".port", ".port"),
            ("", ""),
            ("{}", ""),
        ] {
            if path == "{}" {
                assert!(find(path).is_err(), "a mapping of YAML is not printed");
            } else {
                assert_eq!(find(path).as_deref(), Ok(expected), "{path}");
            }
        }
    }

    #[test]
    fn what_cannot_be_found_is_an_error() {
        for path in [
            "{.port",
            "{.tlsCipherSuites[2]}",
            "{.tlsCipherSuites[1:0]}",
            "{.port[0]}",
            "{.authentication}",
            "{end}",
            "{..port}",
            "{.tlsCipherSuites[?(@ == 'A')]}",
            "{.tlsCipherSuites[",
            "{'x}",
        ] {
            assert!(find(path).is_err(), "{path}: {:?}", find(path));
        }
    }

    #[test]
    fn ranges_lie_within_each_other_up_to_a_bound() {
        assert_eq!(
            find("{range .resources[*]}{range .providers[*]}{.kms.keys[0]}{';'}{end}{'|'}{end}").as_deref(),
            Ok(";;|x;|")
        );
        assert!(find(&"{range .resources[*]}".repeat(50)).is_err());
    }
}
