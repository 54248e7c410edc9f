//! Parses templates with the syntax that client-go's `jsonpath` accepts and rejects.
//!
//! Source: <https://pkg.go.dev/k8s.io/client-go/util/jsonpath>, verified with kubectl 1.32.

use crate::kube_bench::document::Value;

use super::{Comparison, Condition, Part, Step, Word};

/// The maximum depth of nested templates: names, unions and filters in brackets are templates themselves.
const DEEPEST: usize = 8;

/// Parses a template; the error says which part is invalid.
pub(super) fn template(text: &str) -> Result<Vec<Part>, String> {
    Reader { rest: text, depth: 0 }.parts()
}

struct Reader<'t> {
    rest: &'t str,
    depth: usize,
}

impl<'t> Reader<'t> {
    fn parts(&mut self) -> Result<Vec<Part>, String> {
        let mut parts = Vec::new();
        while let Some((outside, rest)) = self.rest.split_once('{') {
            if !outside.is_empty() {
                parts.push(Part::Outside(outside.to_owned()));
            }
            self.rest = rest;
            parts.push(Part::Walk(self.steps()?));
        }
        if !self.rest.is_empty() {
            parts.push(Part::Outside(self.rest.to_owned()));
        }
        Ok(parts)
    }

    /// Parses the content of braces, including the closing one.
    fn steps(&mut self) -> Result<Vec<Step>, String> {
        let mut steps: Vec<Step> = Vec::new();
        loop {
            let before = self.rest;
            if self.takes("}") {
                return Ok(steps);
            }
            if self.takes("[?(") {
                steps.push(self.filter()?);
                continue;
            }
            if self.takes("..") {
                if steps.last() == Some(&Step::Deep) {
                    return Err(format!("the path descends twice at {before:?}"));
                }
                steps.push(Step::Deep);
                if self.rest.starts_with(|letter: char| letter == '_' || letter.is_alphanumeric()) {
                    steps.push(self.key());
                }
                continue;
            }
            let Some(letter) = self.next() else { return Err("an unclosed brace".to_owned()) };
            match letter {
                ' ' | '@' | '$' => {}
                '[' => self.brackets(&mut steps)?,
                '"' | '\'' => steps.push(Step::Text(self.quoted(letter)?)),
                '.' => steps.push(self.key()),
                '+' | '-' | '0'..='9' => {
                    self.rest = before;
                    steps.push(self.number()?);
                }
                '_' => {
                    self.rest = before;
                    steps.push(self.word());
                }
                letter if letter.is_alphanumeric() => {
                    self.rest = before;
                    steps.push(self.word());
                }
                _ => return Err(format!("the path is not understood from {before:?} on")),
            }
        }
    }

    fn takes(&mut self, start: &str) -> bool {
        match self.rest.strip_prefix(start) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn next(&mut self) -> Option<char> {
        let mut letters = self.rest.chars();
        let letter = letters.next()?;
        self.rest = letters.as_str();
        Some(letter)
    }

    /// Takes the text before a byte offset.
    fn until(&mut self, end: usize) -> &'t str {
        let (taken, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }

    /// Parses a name after its dot, possibly empty. A backslash escapes characters that would end the name.
    fn key(&mut self) -> Step {
        let mut escaped = false;
        let end = self.rest.find(|letter: char| {
            let ends = !escaped && ends_a_name(letter);
            escaped = !escaped && letter == '\\';
            ends
        });
        match self.until(end.unwrap_or(self.rest.len())) {
            "*" => Step::All,
            name => Step::Key(name.replace('\\', "")),
        }
    }

    /// Parses `range`, `end`, `true`, `false` or an unknown word.
    fn word(&mut self) -> Step {
        let end = self.rest.find(ends_a_name).unwrap_or(self.rest.len());
        match self.until(end) {
            "range" => Step::Word(Word::Range),
            "end" => Step::Word(Word::End),
            "true" => Step::Literal(Value::Boolean(true)),
            "false" => Step::Literal(Value::Boolean(false)),
            other => Step::Word(Word::Unknown(other.to_owned())),
        }
    }

    fn number(&mut self) -> Result<Step, String> {
        let sign = usize::from(self.rest.starts_with(['+', '-']));
        let digits = self.rest.get(sign..).unwrap_or_default();
        let end = digits.find(|letter: char| letter != '.' && !letter.is_ascii_digit()).unwrap_or(digits.len());
        let text = self.until(sign + end);
        if let Ok(number) = text.parse::<i64>() {
            return Ok(Step::Literal(Value::Whole(number.to_string())));
        }
        match text.parse::<f64>() {
            Ok(number) => Ok(Step::Literal(Value::Number(number))),
            Err(_) => Err(format!("{text:?} is no number")),
        }
    }

    /// Parses a string after its opening quote.
    fn quoted(&mut self, quote: char) -> Result<String, String> {
        let mut before = quote;
        let end = self.rest.find(|letter: char| {
            let ends = letter == '\n' || (letter == quote && before != '\\');
            before = letter;
            ends
        });
        let open = || "a quote is not closed".to_owned();
        let text = self.until(end.ok_or_else(open)?);
        if self.next() != Some(quote) {
            return Err(open());
        }
        unquoted(text, quote).ok_or_else(|| format!("{text:?} is no text in quotes"))
    }

    /// Parses `[*]`, `[2]`, `[1:3]`, `[::2]`, `['name']`, or several of them separated by commas, after the opening
    /// bracket.
    fn brackets(&mut self, steps: &mut Vec<Step>) -> Result<(), String> {
        let end = self.rest.find([']', '\n']).filter(|end| self.rest.as_bytes().get(*end) == Some(&b']'));
        let text = self.until(end.ok_or("a bracket is not closed")?);
        self.takes("]");
        if text.contains(',') {
            let one = |part: &str| self.within(&format!("[{}]", part.trim_matches(' ')));
            steps.push(Step::Union(text.split(',').map(one).collect::<Result<_, _>>()?));
            return Ok(());
        }
        if let Some(name) = text.strip_prefix('\'').and_then(|text| text.strip_suffix('\''))
            && !name.contains('\'')
        {
            // A bracketed name is parsed again: dots in it separate keys.
            steps.extend(self.within(&format!(".{name}"))?);
            return Ok(());
        }
        steps.push(items(if text == "*" { ":" } else { text })?);
        Ok(())
    }

    /// Parses a filter after `[?(`.
    fn filter(&mut self) -> Result<Step, String> {
        // A parenthesis closes the filter if it comes before any quote, or after a pair of quotes.
        let (mut quote, mut closed, mut before) = (None, false, '(');
        let end = self.rest.find(|letter: char| {
            match (letter, quote) {
                ('"' | '\'', None) => quote = Some(letter),
                (letter, Some(quote)) if letter == quote && before != '\\' => closed = true,
                _ => {}
            }
            before = letter;
            letter == '\n' || (letter == ')' && quote.is_some() == closed)
        });
        let text = self.until(end.ok_or("an unclosed filter")?);
        if !self.takes(")]") {
            return Err("an unclosed filter".to_owned());
        }
        let is_sign = |letter: char| "!<>=".contains(letter);
        let Some((left, rest)) = text.find(is_sign).filter(|at| *at > 0).and_then(|at| text.split_at_checked(at))
        else {
            return Ok(Step::Where(Condition::Exists(self.within(text)?)));
        };
        // The operator. If nothing else follows, its last character belongs to the right side.
        let signs = rest.find(|letter| !is_sign(letter)).unwrap_or_else(|| rest.len().saturating_sub(1));
        let (signs, right) = rest.split_at_checked(signs).unwrap_or((rest, ""));
        if signs.is_empty() {
            return Ok(Step::Where(Condition::Exists(self.within(text)?)));
        }
        Ok(Step::Where(Condition::Compares(self.within(left)?, Comparison::of(signs), self.within(right)?)))
    }

    /// Parses a text as if it were in braces. If the text closes the braces itself, the rest is ignored.
    fn within(&self, text: &str) -> Result<Vec<Step>, String> {
        if self.depth >= DEEPEST {
            return Err(format!("more than {DEEPEST} nested brackets"));
        }
        let text = format!("{text}}}");
        let mut inner = Reader { rest: &text, depth: self.depth + 1 };
        let steps = inner.steps()?;
        // The rest must be valid, but is not used.
        inner.parts()?;
        Ok(steps)
    }
}

/// Whether a character ends a name.
fn ends_a_name(letter: char) -> bool {
    " \t\r\n.,[]$@{}".contains(letter)
}

/// Parses an index or slice, such as `2`, `1:3` or `::2`; an empty one is the first item.
fn items(text: &str) -> Result<Step, String> {
    let refused = || format!("[{text}] is not a list index");
    let is_index = |part: &str| {
        let digits = part.strip_prefix('-').unwrap_or(part);
        digits.bytes().all(|byte| byte.is_ascii_digit())
    };
    let number = |part: &str| part.parse::<i64>().map_err(|_| refused());
    let parts: Vec<&str> = text.split(':').collect();
    if !parts.iter().all(|part| is_index(part)) {
        return Err(refused());
    }
    let given = |part: Option<&&str>| part.filter(|part| !part.is_empty()).map(|part| number(part)).transpose();
    match parts.as_slice() {
        [""] => Ok(Step::Item(0)),
        [index] => Ok(Step::Item(number(index)?)),
        [from, rest @ ..] if rest.len() < 3 => {
            Ok(Step::Items(given(Some(from))?, given(rest.first())?, given(rest.get(1))?))
        }
        _ => Err(refused()),
    }
}

/// Unescapes a Go string without its quotes.
fn unquoted(text: &str, quote: char) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut letters = text.chars();
    let number = |letters: &mut std::str::Chars<'_>, digits: usize, radix: u32, first: Option<u32>| {
        let mut value = first.unwrap_or_default();
        for _ in 0..digits {
            value = value.checked_mul(radix)?.checked_add(letters.next()?.to_digit(radix)?)?;
        }
        Some(value)
    };
    while let Some(letter) = letters.next() {
        let letter = match letter {
            '\\' => match letters.next()? {
                'a' => '\u{7}',
                'b' => '\u{8}',
                'f' => '\u{c}',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'v' => '\u{b}',
                '\\' => '\\',
                letter @ ('\'' | '"') if letter == quote => letter,
                'x' => {
                    bytes.push(u8::try_from(number(&mut letters, 2, 16, None)?).ok()?);
                    continue;
                }
                first @ '0'..='7' => {
                    bytes.push(u8::try_from(number(&mut letters, 2, 8, first.to_digit(8))?).ok()?);
                    continue;
                }
                'u' => char::from_u32(number(&mut letters, 4, 16, None)?)?,
                'U' => char::from_u32(number(&mut letters, 8, 16, None)?)?,
                _ => return None,
            },
            letter if letter == quote => return None,
            letter => letter,
        };
        bytes.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
    }
    Some(String::from_utf8_lossy(&bytes).into_owned())
}
