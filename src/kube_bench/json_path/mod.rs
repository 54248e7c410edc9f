//! kubectl's `JSONPath`: templates such as `{.authentication.anonymous.enabled}`, with client-go's syntax and
//! semantics.
//!
//! Text outside braces is copied. Missing keys yield nothing, and are not an error.

mod compare;
mod parse;
mod walk;

use super::document::Value;

/// A template.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct JsonPath {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq)]
enum Part {
    /// Text outside braces.
    Outside(String),
    /// The steps of an expression in braces.
    Walk(Vec<Step>),
}

#[derive(Debug, Clone, PartialEq)]
enum Step {
    /// A key of a mapping.
    Key(String),
    /// All values of a mapping or list.
    All,
    /// A slice of a list: start, end (exclusive) and step.
    Items(Option<i64>, Option<i64>, Option<i64>),
    /// One item of a list; negative indices count from the end.
    Item(i64),
    /// The results of several paths, one after the other.
    Union(Vec<Vec<Step>>),
    /// A quoted string.
    Text(String),
    /// A number, `true` or `false`.
    Literal(Value),
    /// An unquoted word.
    Word(Word),
    /// Every non-empty value at any depth, starting with the current one: `..`.
    Deep,
    /// The items of a list that match a condition.
    Where(Condition),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Word {
    /// Starts a range: the parts up to its end are evaluated for each value found here.
    Range,
    /// Ends a range.
    End,
    /// Any other word.
    Unknown(String),
}

/// The condition in `[?(…)]`.
#[derive(Debug, Clone, PartialEq)]
enum Condition {
    /// The path yields something.
    Exists(Vec<Step>),
    /// The single result of one path compares with that of another.
    Compares(Vec<Step>, Comparison, Vec<Step>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Comparison {
    Equal,
    NotEqual,
    Less,
    Greater,
    LessOrEqual,
    GreaterOrEqual,
    /// An invalid operator.
    Unknown(String),
}

impl Comparison {
    fn of(signs: &str) -> Self {
        match signs {
            "==" => Self::Equal,
            "!=" => Self::NotEqual,
            "<" => Self::Less,
            ">" => Self::Greater,
            "<=" => Self::LessOrEqual,
            ">=" => Self::GreaterOrEqual,
            other => Self::Unknown(other.to_owned()),
        }
    }
}

/// A result of a path.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Found<'a> {
    Value(&'a Value),
    Text(&'a str),
    /// A byte of a string: the elements of a string are its bytes.
    Byte(u8),
    /// Nothing: the current value in a range without items.
    Nothing,
}

impl Found<'_> {
    fn printed(self) -> Result<String, String> {
        match self {
            Found::Value(value) => value.printed(),
            Found::Text(text) => Ok(text.to_owned()),
            Found::Byte(byte) => Ok(byte.to_string()),
            Found::Nothing => Ok(String::new()),
        }
    }
}

impl JsonPath {
    /// Parses a template; the error says which part is invalid.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        parse::template(text).map(|parts| Self { parts })
    }

    /// Evaluates the template on a document and returns the printed results. The error says why it failed.
    pub(super) fn find(&self, document: &Value) -> Result<String, String> {
        let mut out = String::new();
        for found in walk::found(&self.parts, document)? {
            let texts = found.into_iter().map(Found::printed).collect::<Result<Vec<_>, _>>()?;
            out.push_str(&texts.join(" "));
        }
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kube_bench::document;

    const YAML: &str = "
authentication: {anonymous: {enabled: false}}
port: 0
client-transport-security: {auto-tls: true}
tlsCipherSuites: [A, B]
on: {deep: 1}
'off': quoted
webhooks:
- {name: one, port: 443, 'on': true}
- {name: two, port: 8443, 'on': false}
- {port: 1, odd: x}
nothing: null
";

    /// The documents as kubectl decodes them: JSON, in which integers are floats too.
    const JSON: &str = r#"{"s": "xy", "n": null, "t": true, "l": ["A", "B", "C"], "e": [], "": "empty", "*": "star",
        "a.b": "dotted", "a b": "space", "a'b": "quote", "ab": {"a": {"b": "deep"}},
        "r": [{"p": [{"aes": {"k": ["1", "2"]}}, {"id": {}}]}, {"p": []}, {"p": [{"kms": {"k": ["x"]}}]}],
        "w": [{"name": "one", "on": true, "x": "1"}, {"name": "two", "on": false}, {"odd": "x)y]"}]}"#;

    fn find(document: &str, path: &str) -> Result<String, String> {
        let document = document::read(document).expect("a document");
        JsonPath::parse(path)?.find(&document)
    }

    #[test]
    fn paths_find_in_yaml() {
        for (path, expected) in [
            ("{.authentication.anonymous.enabled}", "false"),
            ("{$.port}", "0"),
            ("{ .port }", "0"),
            ("{.client-transport-security.auto-tls}", "true"),
            ("{.absent.deeper}", ""),
            ("{.port.deeper}", ""),
            ("{.nothing}", "null"),
            ("{.tlsCipherSuites}", r#"["A","B"]"#),
            ("port={.port}\n", "port=0\n"),
            // These unquoted keys are not strings.
            ("{.on.deep}", ""),
            ("{['on']}", ""),
            ("{.off}", "quoted"),
            ("{.webhooks[?(@.port > 442)].name}", "one two"),
            ("{.webhooks[?(@.port<=443)].port}", "443 1"),
            ("{.webhooks[?(@.port == 8443)].name}", "two"),
            ("{.webhooks[?(@.on==false)].name}", "two"),
            ("{.webhooks[?(@.on)].name}", "one two"),
        ] {
            assert_eq!(find(YAML, path).as_deref(), Ok(expected), "{path}");
        }
        for path in ["{}", "{.authentication}", "{.webhooks[?(@.port == 1.5)]}", "{.webhooks[?(@.port == '443')]}"] {
            assert!(find(YAML, path).is_err(), "{path}");
        }
    }

    /// Expected values recorded from kubectl 1.32, path by path.
    #[test]
    fn paths_find_what_kubectl_finds() {
        for (path, expected) in [
            // Names in brackets are parsed as paths.
            ("{['a.b']}", ""),
            ("{['ab.a.b']}", "deep"),
            (r"{['a\.b']}", "dotted"),
            (r"{.a\.b}", "dotted"),
            ("{['s']}", "xy"),
            ("{['s','t']}", "xy true"),
            ("{[ 's' , 't' ]}", "xy true"),
            ("{.ab['a','b']}", r#"{"b":"deep"}"#),
            ("{['']}", "empty"),
            ("{.}", "empty"),
            (r"{.a\ b}", "space"),
            ("{.a'b}", "quote"),
            ("{.s|.t}", ""),
            ("{.ab['a}']}", r#"{"b":"deep"}"#),
            // Items
            ("{.l[]}", "A"),
            ("{.l[0]}", "A"),
            ("{.l[-1]}", "C"),
            ("{.l[0:2]}", "A B"),
            ("{.l[1:]}", "B C"),
            ("{.l[:1]}", "A"),
            ("{.l[:]}", "A B C"),
            ("{.l[*]}", "A B C"),
            ("{.l.*}", "A B C"),
            ("{.l[::2]}", "A C"),
            ("{.l[0:3:2]}", "A C"),
            ("{.l[1:1]}", ""),
            ("{.l[1:1:0]}", ""),
            ("{.l[*,0]}", "A B C A"),
            ("{.l[1,1,1]}", "B B B"),
            ("{.e[*]}", ""),
            // If one list has none of the items, the lists after it are skipped.
            ("{.r[*].p[*].kms.k[*]}", ""),
            ("{.r[2].p[*].kms.k[*]}", "x"),
            ("{.r[2,0].p[0].*.k}", r#"["x"] ["1","2"]"#),
            ("{.s.*}", "120 121"),
            ("{.n}", "null"),
            ("{.n.x}{.n[0]}", ""),
            ("{.absent[0]}", ""),
            ("{.absent 'x'}", "x"),
            // At any depth
            ("{..name}", "one two"),
            ("{...name}", "one two"),
            ("{.r..k}", r#"["1","2"] ["x"]"#),
            ("{.ab..b}", "deep"),
            ("{.l[0]..}", "A"),
            ("{.absent..name}", ""),
            // Strings, numbers and words
            (r#"{'x'}{"y"}"#, "xy"),
            (r"{'a\'b'}", "a'b"),
            (r#"{"a'b"}"#, "a'b"),
            (r#"{"a\"b"}"#, "a\"b"),
            (r"{'\n\t\x41\u00e9\101\\ '}", "\n\tAéA\\ "),
            ("{1}{-1.5}{true}{false}", "1-1.5truefalse"),
            ("{.s.s 'q'}", "q"),
            // Ranges
            ("{range .l[*]}{}{','}{end}", "A,B,C,"),
            ("{range.l[*]}{@}{','}{end}!", "A,B,C,!"),
            ("{range .l[*]}x{.s}", "xxxxxy"),
            ("{range .r[*]}{range .p[*]}{.kms.k[0]};{end}|{end}done", ";;||x;|done"),
            ("{range .r[*]}{range .p[*]}{.kms.k[0]};{end}", ";;x;"),
            ("{range .absent[*]}{.x}{end}z", "z"),
            ("{range .e[*]}{.x}{end}z{.s}", "zxy"),
            ("{range .w[?(@.name)]}{.name};{end}", "one;two;"),
            // Conditions
            (r#"{.w[?(@.name=="two")].name}"#, "two"),
            ("{.w[?(@.name != 'two')].name}", "one"),
            ("{.w[?(@.name > 'one')].name}", "two"),
            ("{.w[?('two'==@.name)].name}", "two"),
            ("{.w[?(@.name==@.name)].name}", "one two"),
            ("{.w[?(@.on==true)].name}", "one"),
            ("{.w[?(@.absent)].name}", ""),
            ("{.w[?(@.odd == 'x)y]')].odd}", "x)y]"),
            ("{.w[?(@.name[0])].name}", "one two"),
            ("{.w[?(nope)].name}", "one two"),
            ("{.w[?()].name}", "one two"),
            ("{.l[?(@=='A')]}", "A"),
            ("{.l[?(@ == \"Z\")]}", ""),
            // Braces
            ("{.s}}", "xy}"),
            ("}{.s}", "}xy"),
            ("plain", "plain"),
            ("", ""),
        ] {
            assert_eq!(find(JSON, path).as_deref(), Ok(expected), "{path}");
        }
    }

    #[test]
    fn paths_are_refused_that_kubectl_refuses() {
        for path in [
            r#"{["s"]}"#,
            "{[ 's' ]}",
            "{['a b']}",
            "{['a'b']}",
            "{['l[0']}",
            "{.l[3]}",
            "{.l[-4]}",
            "{.l[2:1]}",
            "{.l[::0]}",
            "{.l[::-1]}",
            "{.l[ 0 ]}",
            "{.l[+1]}",
            "{.l[-]}",
            "{.l[a]}",
            "{.l[1:2:3:4]}",
            "{.l[99999999999999999999]}",
            "{.e[0]}",
            "{.s[0]}",
            "{[*]}",
            "{..*}",
            "{..[0]}",
            "{....name}",
            r"{'\q'}",
            r#"{'a\"b'}"#,
            r"{'\\'}",
            r"{'\x4'}",
            r"{'\777'}",
            "{1.2.3}",
            "{nope}",
            "{end}",
            "{.w[?(@.on < true)].name}",
            "{.w[?(@.name =~ 'o')].name}",
            "{.w[?(@.name = 'one')].name}",
            "{.w[?(@.name => 'one')].name}",
            "{.w[?(@.name==1)].name}",
            "{.w[?(@.name==)].name}",
            "{.w[?(==1)].name}",
            "{.w[?(@.name=='two'].name}",
            "{.w[?(@.name=='two'))].name}",
            "{.w[?(@.*=='two')].name}",
            "{.s[?(@)]}",
            "{.n[?(@)]}",
            "{.r[?(@.p[?(@.kms)])].p}",
            "{\t.s}",
            "{.s\n}",
            "{.s,.t}",
            "{{.s}}",
            "{.s",
            "{.l[}",
            "{'x}",
            "{.l['",
        ] {
            assert!(find(JSON, path).is_err(), "{path}: {:?}", find(JSON, path));
        }
    }

    #[test]
    fn paths_that_multiply_are_bounded() {
        let nested = format!("{{.webhooks{}@.a{}}}", "[?(@.a".repeat(5000), ")]".repeat(5000));
        assert!(find(YAML, &nested).is_err());
        let unions = format!("{{{}}}", "['a".repeat(5000));
        assert!(find(YAML, &unions).is_err());
        let multiplied = format!("{{.webhooks[{}0]['port','port','name']}}", "0,".repeat(60_000));
        assert!(find(YAML, &multiplied).is_err());
        // Exceeding a limit in a condition is an error, not a mismatch.
        let condition = format!("{{.r[?(@.p[{}0])].x}}", "0,".repeat(120_000));
        assert!(find(JSON, &condition).is_err());
        let all = format!("{{.webhooks[{}0]}}", "0,".repeat(90_000));
        assert!(find(YAML, &all.replace(']', "]..*..*")).is_err());
        let descents = format!("{{{}}}", "..['deep','webhooks','list']".repeat(500));
        assert_eq!(find(YAML, &descents).as_deref(), Ok(""));
        let many = format!("{{range .webhooks[*]}}{{..port}}{{end}}{{.webhooks[{}0].port}}", "0,".repeat(120_000));
        assert!(find(YAML, &many).is_err());
        assert!(find(YAML, &"{range .webhooks[*]}".repeat(50)).is_err());
        let unended = "{range .tlsCipherSuites[*]}".repeat(9);
        assert!(find(YAML, &format!("{unended}{{.x}}")).is_ok());
        assert!(find(YAML, &"{".repeat(100_000)).is_err());
        assert!(find(YAML, &format!("{{.{}}}", "\\".repeat(100_000))).is_ok());
    }
}
