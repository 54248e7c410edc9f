//! kubectl's `JSONPath`: templates such as `{.authentication.anonymous.enabled}` in the forms that rule files use.
//!
//! What stands outside braces is taken as it is. Keys that are not there lead to nothing, and are no error.

use nom::branch::alt;
use nom::bytes::complete::{tag, take_while, take_while1};
use nom::character::complete::{char, i64 as number, none_of, one_of};
use nom::combinator::{map, opt, recognize, value, verify};
use nom::multi::{many0, separated_list1};
use nom::sequence::{delimited, pair, preceded};
use nom::{IResult, Parser};

use super::document::Value;

/// How deep ranges may lie within each other.
const DEEPEST: usize = 10;
/// How many values a path may find: wildcards multiply.
const MOST_FOUND: usize = 100_000;
/// How many values a path may look at, over all its steps.
const MOST_STEPS: usize = 1_000_000;
/// How many filters a template may have: they can lie within each other.
const MOST_FILTERS: usize = 32;

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
    /// Items of a list: those from one to before another, each of so many.
    Items(Option<i64>, Option<i64>, Option<i64>),
    /// One item of a list; from the end if less than 0.
    Item(i64),
    /// Each of these in turn.
    Union(Vec<Step>),
    /// A text in quotes.
    Text(String),
    /// All that holds something, at any depth, that from which it starts first: `..`.
    Deep,
    /// Those items of a list that a condition holds for.
    Where(Condition),
}

/// What stands in `[?(…)]`.
#[derive(Debug, Clone, PartialEq)]
enum Condition {
    /// Something is found.
    Exists(Vec<Step>),
    /// The one thing that is found compares with another.
    Compares(Operand, Comparison, Operand),
}

/// A side of a comparison.
#[derive(Debug, Clone, PartialEq)]
enum Operand {
    Path(Vec<Step>),
    Literal(Value),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Equal,
    NotEqual,
    Less,
    Greater,
    LessOrEqual,
    GreaterOrEqual,
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
        if text.matches("[?(").count() > MOST_FILTERS {
            return Err(format!("the path has more than {MOST_FILTERS} filters"));
        }
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
        for found in found(&self.parts, Found::Value(document), &mut 0)? {
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
    path("").parse(text)
}

/// The steps of a path whose keys end at these letters, too.
fn path(ends: &'static str) -> impl Fn(&str) -> IResult<&str, Vec<Step>> {
    move |text| {
        let current = map(one_of("@$"), |_| None);
        let text_step = map(quoted, |text| Some(Step::Text(text)));
        let key = |text| key(ends, text);
        let step = alt((text_step, map(deep, Some), map(key, Some), map(bracket, Some), current));
        map(many0(preceded(spaces, step)), |steps| steps.into_iter().flatten().collect()).parse(text)
    }
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

/// `..`, after which a key can stand without a dot of its own; its dot is left to be read.
fn deep(text: &str) -> IResult<&str, Step> {
    let (rest, _) = tag("..").parse(text)?;
    let names = |c: char| c.is_alphanumeric() || c == '_';
    let follows = text.get(1..).filter(|_| rest.starts_with(names)).unwrap_or(rest);
    // Two of them in a row are a mistake.
    if follows.starts_with("..") {
        return Err(nom::Err::Error(nom::error::Error::new(rest, nom::error::ErrorKind::Verify)));
    }
    Ok((follows, Step::Deep))
}

/// `.name`, in which a backslash takes the meaning from a dot.
fn key<'t>(ends: &str, text: &'t str) -> IResult<&'t str, Step> {
    let plain = verify(none_of(" \t\r\n.,[]$@{}\\"), |letter: &char| !ends.contains(*letter));
    let character = alt((preceded(char('\\'), nom::character::complete::anychar), plain));
    let name = map(many0(character), |chars| chars.into_iter().collect::<String>());
    map(preceded(char('.'), verify(name, |name: &String| !name.is_empty())), |name| match name.as_str() {
        "*" => Step::All,
        _ => Step::Key(name),
    })
    .parse(text)
}

/// `[?(…)]`, or what [`items`] reads.
fn bracket(text: &str) -> IResult<&str, Step> {
    alt((filter, items)).parse(text)
}

/// `[?(@.a == "b")]`, `[?(@.a)]`
fn filter(text: &str) -> IResult<&str, Step> {
    let (rest, left) = preceded(tag("[?("), operand).parse(text)?;
    let (rest, right) = opt(pair(preceded(spaces, comparison), operand)).parse(rest)?;
    let (rest, _) = pair(spaces, tag(")]")).parse(rest)?;
    let condition = match (left, right) {
        (left, Some((how, right))) => Condition::Compares(left, how, right),
        (Operand::Path(steps), None) => Condition::Exists(steps),
        // A text is always found.
        (Operand::Literal(_), None) => Condition::Exists(Vec::new()),
    };
    Ok((rest, Step::Where(condition)))
}

fn comparison(text: &str) -> IResult<&str, Comparison> {
    alt((
        value(Comparison::Equal, tag("==")),
        value(Comparison::NotEqual, tag("!=")),
        value(Comparison::LessOrEqual, tag("<=")),
        value(Comparison::GreaterOrEqual, tag(">=")),
        value(Comparison::Less, tag("<")),
        value(Comparison::Greater, tag(">")),
    ))
    .parse(text)
}

/// A text in quotes, a number, yes or no, or a path from the item.
fn operand(text: &str) -> IResult<&str, Operand> {
    let digits = || take_while1(|c: char| c.is_ascii_digit());
    let sign = || opt(one_of("+-"));
    let decimal = recognize((sign(), digits(), char('.'), digits()));
    let decimal = map(decimal, |text: &str| text.parse().map_or(Value::Null, Value::Number));
    let whole = map(recognize((sign(), digits())), |text: &str| {
        text.parse::<i64>().map_or(Value::Null, |number| Value::Whole(number.to_string()))
    });
    let word = |word, meant: bool| value(Value::Boolean(meant), tag(word));
    let literal = alt((map(quoted, Value::Text), decimal, whole, word("true", true), word("false", false)));
    // A path that goes no step is the item itself.
    let begins = nom::combinator::peek(preceded(spaces, one_of("@$.[")));
    let path = map(preceded(begins, path("!<>=)")), Operand::Path);
    preceded(spaces, alt((map(literal, Operand::Literal), path))).parse(text)
}

/// `[*]`, `[2]`, `[1:3]`, `[::2]`, `['name']`, or several of them with commas.
fn items(text: &str) -> IResult<&str, Step> {
    let range =
        map((opt(number), char(':'), opt(number), opt(preceded(char(':'), opt(number)))), |(from, _, to, by)| {
            Step::Items(from, to, by.flatten())
        });
    let one = alt((
        range,
        map(number, Step::Item),
        map(quoted, Step::Key),
        map(char('*'), |_| Step::Items(None, None, None)),
    ));
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
fn found<'a>(parts: &'a [Part], start: Found<'a>, looked: &mut usize) -> Result<Vec<Vec<Found<'a>>>, String> {
    let mut all = Vec::new();
    for part in parts {
        match part {
            Part::Outside(text) => all.push(vec![Found::Text(text)]),
            Part::Walk(steps) => all.push(walk(steps, start, looked)?),
            Part::Range(steps, body) => {
                for item in walk(steps, start, looked)? {
                    all.extend(found(body, item, looked)?);
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

fn walk<'a>(steps: &'a [Step], start: Found<'a>, looked: &mut usize) -> Result<Vec<Found<'a>>, String> {
    let mut current = vec![start];
    for step in steps {
        let mut next = Vec::new();
        for found in current {
            take(step, found, &mut next, looked)?;
            bounded(next.len())?;
        }
        current = next;
    }
    Ok(current)
}

fn take<'a>(step: &'a Step, from: Found<'a>, next: &mut Vec<Found<'a>>, looked: &mut usize) -> Result<(), String> {
    *looked += 1;
    if *looked > MOST_STEPS {
        return Err(format!("the path looks at more than {MOST_STEPS} values"));
    }
    match (step, from) {
        (Step::Text(text), _) => next.push(Found::Text(text)),
        (Step::Union(steps), _) => {
            for step in steps {
                take(step, from, next, looked)?;
                bounded(next.len())?;
            }
        }
        (Step::Where(condition), Found::Value(Value::List(items))) => {
            for item in items {
                if holds(condition, item, looked)? {
                    next.push(Found::Value(item));
                }
            }
        }
        (Step::Where(_), _) => return Err("items are chosen where there is no list".to_owned()),
        (_, Found::Value(Value::Null)) => {}
        (Step::Key(name), Found::Value(value)) => next.extend(value.get(name).map(Found::Value)),
        (Step::All, Found::Value(Value::List(items))) => next.extend(items.iter().map(Found::Value)),
        (Step::All, Found::Value(Value::Map(entries) | Value::YamlMap(entries))) => {
            next.extend(entries.iter().map(|(_, value)| Found::Value(value)));
        }
        (Step::Items(from, to, by), Found::Value(Value::List(items))) => {
            let by = match by.map(usize::try_from) {
                None => 1,
                Some(Ok(by)) if by > 0 => by,
                Some(_) => return Err("each item of less than one is asked for".to_owned()),
            };
            next.extend(cut(items, from.unwrap_or(0), *to)?.iter().step_by(by).map(Found::Value));
        }
        (Step::Deep, Found::Value(value)) => deeper(value, next)?,
        (Step::Item(index), Found::Value(Value::List(items))) => {
            let last = if *index == -1 { None } else { Some(index.saturating_add(1)) };
            next.extend(cut(items, *index, last)?.iter().map(Found::Value));
        }
        (Step::Items(..) | Step::Item(_), _) => return Err("items are asked for where there is no list".to_owned()),
        (Step::Key(_) | Step::All | Step::Deep, _) => {}
    }
    Ok(())
}

/// All that holds something: a value, and then what lies in it, from the outside inwards.
fn deeper<'a>(value: &'a Value, next: &mut Vec<Found<'a>>) -> Result<(), String> {
    let mut rest = vec![value];
    while let Some(value) = rest.pop() {
        bounded(next.len().max(rest.len()))?;
        match value {
            Value::List(items) if !items.is_empty() => {
                next.push(Found::Value(value));
                rest.extend(items.iter().rev());
            }
            Value::Map(entries) | Value::YamlMap(entries) if !entries.is_empty() => {
                next.push(Found::Value(value));
                rest.extend(entries.iter().rev().map(|(_, value)| value));
            }
            Value::Text(text) if !text.is_empty() => next.push(Found::Value(value)),
            _ => {}
        }
    }
    Ok(())
}

/// Whether a condition holds for an item.
fn holds<'a>(condition: &'a Condition, item: &'a Value, looked: &mut usize) -> Result<bool, String> {
    let item = Found::Value(item);
    let (left, how, right) = match condition {
        Condition::Exists(steps) => return Ok(!walk(steps, item, looked)?.is_empty()),
        Condition::Compares(left, how, right) => (left, *how, right),
    };
    let mut one = |operand: &'a Operand| -> Result<Option<Found<'a>>, String> {
        match operand {
            Operand::Literal(value) => Ok(Some(Found::Value(value))),
            Operand::Path(steps) => match walk(steps, item, looked)?.as_slice() {
                [] => Ok(None),
                [one] => Ok(Some(*one)),
                _ => Err("more than one value is compared at a time".to_owned()),
            },
        }
    };
    let Some(left) = one(left)? else { return Ok(false) };
    let Some(right) = one(right)? else { return Ok(false) };
    compare(left, how, right)
}

/// Compares two values of one kind. Those of two kinds are an error, and so are whole numbers with others.
fn compare(left: Found<'_>, how: Comparison, right: Found<'_>) -> Result<bool, String> {
    let text = |found| match found {
        Found::Text(text) => Some(text),
        Found::Value(Value::Text(text)) => Some(text.as_str()),
        Found::Value(_) => None,
    };
    let order = match (left, right) {
        (Found::Value(Value::Whole(left)), Found::Value(Value::Whole(right))) => {
            let number = |text: &str| text.parse::<i128>().ok();
            number(left).zip(number(right)).map(|(left, right)| left.cmp(&right))
        }
        (Found::Value(Value::Number(left)), Found::Value(Value::Number(right))) => left.partial_cmp(right),
        (Found::Value(Value::Boolean(left)), Found::Value(Value::Boolean(right))) => {
            if !matches!(how, Comparison::Equal | Comparison::NotEqual) {
                return Err("yes and no are compared by size".to_owned());
            }
            Some(left.cmp(right))
        }
        _ => match text(left).zip(text(right)) {
            Some((left, right)) => Some(left.cmp(right)),
            None => return Err("values of two kinds are compared".to_owned()),
        },
    };
    let Some(order) = order else { return Ok(how == Comparison::NotEqual) };
    Ok(match how {
        Comparison::Equal => order.is_eq(),
        Comparison::NotEqual => order.is_ne(),
        Comparison::Less => order.is_lt(),
        Comparison::Greater => order.is_gt(),
        Comparison::LessOrEqual => order.is_le(),
        Comparison::GreaterOrEqual => order.is_ge(),
    })
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
webhooks:
- {name: one, port: 443, on: true, rules: [{verbs: [get]}]}
- {name: two, port: 8443, on: false}
- {port: 1, odd: x}
deep: {port: 7, list: [{port: 8}, {name: inner}]}
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
            ("{.tlsCipherSuites[::2]}", "A"),
            ("{.webhooks[0:3:2].port}", "443 1"),
            ("{.webhooks[-2].name}", "two"),
            ("{.webhooks[1:].port}", "8443 1"),
            ("{.webhooks[:-1].port}", "443 8443"),
            ("{.webhooks[3:].port}", ""),
            (r#"{.webhooks[?(@.name=="two")].port}"#, "8443"),
            ("{.webhooks[?(@.name != 'two')].port}", "443"),
            ("{.webhooks[?(@.name)].port}", "443 8443"),
            ("{.webhooks[?(@.rules[0].verbs[0]=='get')].name}", "one"),
            ("{.webhooks[?(@.port > 442)].name}", "one two"),
            ("{.webhooks[?(@.port<=443)].port}", "443 1"),
            ("{.webhooks[?(@.on==false)].name}", "two"),
            ("{.webhooks[?(@.on==true)].name}", "one"),
            ("{.webhooks[?('two'==@.name)].port}", "8443"),
            ("{.tlsCipherSuites[?(@=='A')]}", "A"),
            ("{.tlsCipherSuites[?(@ == 'Z')]}", ""),
            ("{range .webhooks[?(@.name)]}{.name}{';'}{end}", "one;two;"),
            ("{.deep..port}", "7 8"),
            ("{..port}", "0 443 8443 1 7 8"),
            ("{..verbs[0]}", "get"),
            ("{.deep..['name']}", "inner"),
            ("{.absent..port}", ""),
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
            "{....port}",
            "{..[0]}",
            "{.port[?(@ == 0)]}",
            "{.nothing[?(@.x)]}",
            "{.webhooks[?(@.port == 'x')]}",
            "{.webhooks[?(@.port == 1.5)]}",
            "{.webhooks[?(@.on < true)]}",
            "{.webhooks[?(@.port == 1]}",
            "{.webhooks[?()]}",
            "{.webhooks[?(@.port =~ 1)]}",
            "{.webhooks[?(@.* == 1)]}",
            "{.tlsCipherSuites[::0]}",
            "{.tlsCipherSuites[::-1]}",
            "{.tlsCipherSuites[3:]}",
            "{.tlsCipherSuites[",
            "{'x}",
        ] {
            assert!(find(path).is_err(), "{path}: {:?}", find(path));
        }
    }

    #[test]
    fn paths_that_multiply_are_bounded() {
        let nested = format!("{{.webhooks{}@.a{}}}", "[?(@.a".repeat(5000), ")]".repeat(5000));
        assert!(find(&nested).is_err());
        let multiplied = format!(
            "{{{}}}",
            ".webhooks[0:3]['port','port','name']"
                .replace(".webhooks", &format!(".webhooks[{}0]", "0,".repeat(60_000)))
        );
        assert!(find(&multiplied).is_err());
        let descents = format!("{{{}}}", "..['deep','webhooks','list']".repeat(500));
        assert_eq!(find(&descents).as_deref(), Ok(""));
        let many = format!("{{range .webhooks[*]}}{{..port}}{{end}}{{.webhooks[{}0].port}}", "0,".repeat(120_000));
        assert!(find(&many).is_err());
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
