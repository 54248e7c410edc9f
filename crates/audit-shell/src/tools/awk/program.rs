//! Parses an awk program.

/// The maximum number of chained operators: each makes the tree one level deeper.
const MOST_LINKS: usize = 256;

/// The maximum depth of nested expressions and blocks.
const MOST_LEVELS: usize = 48;

#[derive(Debug, Clone)]
pub(super) struct Rule {
    pub(super) when: When,
    /// `None` prints the line.
    pub(super) action: Option<Vec<Statement>>,
}

#[derive(Debug, Clone)]
pub(super) enum When {
    Begin,
    End,
    Always,
    If(Expression),
}

#[derive(Debug, Clone)]
pub(super) enum Statement {
    Print(Vec<Expression>),
    Printf(Vec<Expression>),
    If { condition: Expression, then: Vec<Statement>, otherwise: Vec<Statement> },
    Expression(Expression),
    Next,
    Exit(Option<Expression>),
}

#[derive(Debug, Clone)]
pub(super) enum Expression {
    Number(f64),
    Text(Vec<u8>),
    /// `/…/`, matched against the line unless it is an operand of a match.
    Regular(Vec<u8>),
    Variable(String),
    Field(Box<Expression>),
    Assign {
        to: Box<Expression>,
        with: Option<char>,
        value: Box<Expression>,
    },
    /// `x++` and similar: `after` returns the old value, `by` is the increment.
    Step {
        of: Box<Expression>,
        after: bool,
        by: f64,
    },
    Not(Box<Expression>),
    Minus(Box<Expression>),
    And(Box<Expression>, Box<Expression>),
    Or(Box<Expression>, Box<Expression>),
    Choose(Box<Expression>, Box<Expression>, Box<Expression>),
    Match {
        text: Box<Expression>,
        regular: Box<Expression>,
        negated: bool,
    },
    Compare(Box<Expression>, &'static str, Box<Expression>),
    Arithmetic(Box<Expression>, char, Box<Expression>),
    Join(Box<Expression>, Box<Expression>),
    Call(String, Vec<Expression>),
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Number(f64),
    Text(Vec<u8>),
    Regular(Vec<u8>),
    Name(String),
    /// A name directly followed by a parenthesis.
    Function(String),
    Mark(&'static str),
    Break,
}

const MARKS: [&str; 35] = [
    "&&", "||", "==", "!=", "<=", ">=", "!~", "++", "--", "+=", "-=", "*=", "/=", "%=", "{", "}", "(", ")", "[", "]",
    ";", ",", "+", "-", "*", "/", "%", "!", "<", ">", "=", "~", "?", ":", "$",
];

/// A parse result, or the unsupported syntax.
type Parsed<T> = Result<T, String>;

/// Resolves backslash escapes in a string.
pub(super) fn unescaped(text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.iter();
    while let Some(byte) = rest.next() {
        if *byte != b'\\' {
            bytes.push(*byte);
            continue;
        }
        match rest.next() {
            Some(b'n') => bytes.push(b'\n'),
            Some(b't') => bytes.push(b'\t'),
            Some(b'r') => bytes.push(b'\r'),
            Some(b'"') => bytes.push(b'"'),
            Some(b'/') => bytes.push(b'/'),
            Some(b'\\') | None => bytes.push(b'\\'),
            // Kept, since such strings are usually regular expressions.
            Some(other) => bytes.extend([b'\\', *other]),
        }
    }
    bytes
}

fn tokens(text: &[u8]) -> Parsed<Vec<Token>> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut rest = text;
    while let Some((byte, after)) = rest.split_first() {
        let is_value = matches!(
            tokens.last(),
            Some(Token::Number(_) | Token::Text(_) | Token::Name(_) | Token::Mark(")" | "]" | "$" | "++" | "--"))
        );
        match byte {
            b' ' | b'\t' | b'\r' => rest = after,
            b'\n' => {
                tokens.push(Token::Break);
                rest = after;
            }
            b'\\' if after.starts_with(b"\n") => rest = after.get(1..).unwrap_or_default(),
            b'#' => {
                let end = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
                rest = rest.get(end..).unwrap_or_default();
            }
            b'"' | b'/' if *byte == b'"' || !is_value => {
                let mut body = Vec::new();
                let mut letters = after.iter().enumerate();
                let end = loop {
                    match letters.next() {
                        None | Some((_, b'\n')) => return Err("an unclosed string".to_owned()),
                        Some((at, letter)) if letter == byte => break at,
                        Some((_, b'\\')) => {
                            body.push(b'\\');
                            body.extend(letters.next().map(|(_, letter)| *letter));
                        }
                        Some((_, letter)) => body.push(*letter),
                    }
                };
                rest = after.get(end + 1..).unwrap_or_default();
                tokens.push(if *byte == b'"' {
                    Token::Text(unescaped(&body))
                } else {
                    Token::Regular(unslashed(&body))
                });
            }
            b'0'..=b'9' | b'.' => {
                let length = rest.iter().take_while(|byte| byte.is_ascii_digit() || **byte == b'.').count();
                let (digits, after) = rest.split_at(length);
                let number = String::from_utf8_lossy(digits).parse().map_err(|_| "a number that is none".to_owned())?;
                tokens.push(Token::Number(number));
                rest = after;
            }
            byte if byte.is_ascii_alphabetic() || *byte == b'_' => {
                let length = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
                let (name, after) = rest.split_at(length);
                let name = String::from_utf8_lossy(name).into_owned();
                tokens.push(if after.starts_with(b"(") { Token::Function(name) } else { Token::Name(name) });
                rest = after;
            }
            _ => {
                let mark = MARKS.iter().find(|mark| rest.starts_with(mark.as_bytes()));
                let mark = mark.ok_or_else(|| format!("{:?}", char::from(*byte)))?;
                tokens.push(Token::Mark(mark));
                rest = rest.get(mark.len()..).unwrap_or_default();
            }
        }
    }
    Ok(tokens)
}

/// Removes backslashes before slashes, which only the delimiters of an expression need.
fn unslashed(text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.iter();
    while let Some(byte) = rest.next() {
        match (byte, rest.as_slice().first()) {
            (b'\\', Some(b'/')) => {}
            (b'\\', Some(next)) => {
                bytes.extend([b'\\', *next]);
                rest.next();
            }
            (byte, _) => bytes.push(*byte),
        }
    }
    bytes
}

pub(super) fn parse(text: &[u8]) -> Parsed<Vec<Rule>> {
    let tokens = tokens(text)?;
    let mut parser = Parser { tokens: &tokens, at: 0, level: 0, links: 0 };
    let mut rules = Vec::new();
    loop {
        parser.skip_ends();
        if parser.at >= tokens.len() {
            return Ok(rules);
        }
        let when = match parser.peek() {
            Some(Token::Name(name)) if name == "BEGIN" => {
                parser.at += 1;
                When::Begin
            }
            Some(Token::Name(name)) if name == "END" => {
                parser.at += 1;
                When::End
            }
            Some(Token::Mark("{")) => When::Always,
            _ => When::If(parser.expression()?),
        };
        let action = if parser.is("{") { Some(parser.block()?) } else { None };
        if action.is_none() && !matches!(when, When::If(_)) {
            return Err("a rule without an action".to_owned());
        }
        rules.push(Rule { when, action });
    }
}

struct Parser<'t> {
    tokens: &'t [Token],
    at: usize,
    level: usize,
    /// The number of operators that deepened the tree without parentheses.
    links: usize,
}

impl<'t> Parser<'t> {
    fn peek(&self) -> Option<&'t Token> {
        self.tokens.get(self.at)
    }

    fn is(&self, mark: &str) -> bool {
        matches!(self.peek(), Some(Token::Mark(next)) if *next == mark)
    }

    fn take(&mut self, mark: &str) -> bool {
        let is = self.is(mark);
        self.at += usize::from(is);
        is
    }

    fn expect(&mut self, mark: &str) -> Parsed<()> {
        if self.take(mark) { Ok(()) } else { Err(format!("a program that lacks {mark}")) }
    }

    fn skip_breaks(&mut self) {
        while self.peek() == Some(&Token::Break) {
            self.at += 1;
        }
    }

    fn skip_ends(&mut self) {
        while self.peek() == Some(&Token::Break) || self.is(";") {
            self.at += 1;
        }
    }

    fn deeper<T>(&mut self, parse: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.level >= MOST_LEVELS {
            return Err("so deep a program".to_owned());
        }
        self.level += 1;
        let parsed = parse(self);
        self.level -= 1;
        parsed
    }

    /// Counts an operator that can be chained.
    fn link(&mut self) -> Parsed<()> {
        self.links += 1;
        if self.links > MOST_LINKS { Err("so long a program".to_owned()) } else { Ok(()) }
    }

    fn block(&mut self) -> Parsed<Vec<Statement>> {
        self.deeper(|parser| {
            parser.expect("{")?;
            let mut statements = Vec::new();
            loop {
                parser.skip_ends();
                if parser.take("}") {
                    return Ok(statements);
                }
                if parser.peek().is_none() {
                    return Err("a program that lacks }".to_owned());
                }
                statements.push(parser.statement()?);
            }
        })
    }

    fn body(&mut self) -> Parsed<Vec<Statement>> {
        self.skip_breaks();
        if self.is("{") { self.block() } else { self.deeper(|parser| Ok(vec![parser.statement()?])) }
    }

    fn statement(&mut self) -> Parsed<Statement> {
        let Some(Token::Name(name) | Token::Function(name)) = self.peek() else {
            return self.expression().map(Statement::Expression);
        };
        match name.as_str() {
            "print" | "printf" => {
                self.at += 1;
                let values = self.values()?;
                if self.is(">") || matches!(self.peek(), Some(Token::Mark("|" | "||"))) {
                    return Err("output to a file or a program".to_owned());
                }
                Ok(if name == "print" { Statement::Print(values) } else { Statement::Printf(values) })
            }
            "if" => {
                self.at += 1;
                self.expect("(")?;
                let condition = self.expression()?;
                self.expect(")")?;
                let then = self.body()?;
                let before = self.at;
                self.skip_ends();
                if matches!(self.peek(), Some(Token::Name(name)) if name == "else") {
                    self.at += 1;
                    return Ok(Statement::If { condition, then, otherwise: self.body()? });
                }
                self.at = before;
                Ok(Statement::If { condition, then, otherwise: Vec::new() })
            }
            "next" => {
                self.at += 1;
                Ok(Statement::Next)
            }
            "exit" => {
                self.at += 1;
                let ends = matches!(self.peek(), None | Some(Token::Break | Token::Mark(";" | "}")));
                Ok(Statement::Exit(if ends { None } else { Some(self.expression()?) }))
            }
            "for" | "while" | "do" | "function" | "func" | "delete" | "getline" | "return" | "break" | "continue"
            | "nextfile" | "switch" => Err(format!("the word {name}")),
            _ => self.expression().map(Statement::Expression),
        }
    }

    /// Parses the arguments of `print`, with or without parentheses.
    fn values(&mut self) -> Parsed<Vec<Expression>> {
        let mut values = Vec::new();
        if matches!(self.peek(), None | Some(Token::Break | Token::Mark(";" | "}"))) {
            return Ok(values);
        }
        let before = self.at;
        if self.take("(") {
            let mut inside = vec![self.expression()?];
            while self.take(",") {
                inside.push(self.expression()?);
            }
            if self.take(")") && matches!(self.peek(), None | Some(Token::Break | Token::Mark(";" | "}"))) {
                return Ok(inside);
            }
            self.at = before;
        }
        loop {
            // An unparenthesised `>` would redirect to a file.
            values.push(self.choice(false)?);
            if !self.take(",") {
                return Ok(values);
            }
            self.skip_breaks();
        }
    }

    fn expression(&mut self) -> Parsed<Expression> {
        self.deeper(|parser| parser.choice(true))
    }

    /// Parses assignments and `?:`; with `greater`, `>` is a comparison.
    fn choice(&mut self, greater: bool) -> Parsed<Expression> {
        let left = self.or(greater)?;
        if matches!(left, Expression::Variable(_) | Expression::Field(_)) {
            for (mark, with) in [
                ("=", None),
                ("+=", Some('+')),
                ("-=", Some('-')),
                ("*=", Some('*')),
                ("/=", Some('/')),
                ("%=", Some('%')),
            ] {
                if self.take(mark) {
                    let value = self.deeper(|parser| parser.choice(greater))?;
                    return Ok(Expression::Assign { to: Box::new(left), with, value: Box::new(value) });
                }
            }
        }
        if self.take("?") {
            let yes = self.deeper(|parser| parser.choice(greater))?;
            self.expect(":")?;
            let no = self.deeper(|parser| parser.choice(greater))?;
            return Ok(Expression::Choose(Box::new(left), Box::new(yes), Box::new(no)));
        }
        Ok(left)
    }

    fn or(&mut self, greater: bool) -> Parsed<Expression> {
        let mut left = self.and(greater)?;
        while self.take("||") {
            self.link()?;
            self.skip_breaks();
            left = Expression::Or(Box::new(left), Box::new(self.and(greater)?));
        }
        Ok(left)
    }

    fn and(&mut self, greater: bool) -> Parsed<Expression> {
        let mut left = self.matching(greater)?;
        while self.take("&&") {
            self.link()?;
            self.skip_breaks();
            left = Expression::And(Box::new(left), Box::new(self.matching(greater)?));
        }
        Ok(left)
    }

    fn matching(&mut self, greater: bool) -> Parsed<Expression> {
        let mut left = self.comparing(greater)?;
        loop {
            let negated = self.is("!~");
            if !self.take("!~") && !self.take("~") {
                return Ok(left);
            }
            self.link()?;
            let regular = Box::new(self.comparing(greater)?);
            left = Expression::Match { text: Box::new(left), regular, negated };
        }
    }

    fn comparing(&mut self, greater: bool) -> Parsed<Expression> {
        let left = self.joining()?;
        for mark in ["==", "!=", "<=", ">=", "<", ">"] {
            if (mark != ">" || greater) && self.take(mark) {
                return Ok(Expression::Compare(Box::new(left), mark, Box::new(self.joining()?)));
            }
        }
        Ok(left)
    }

    fn joining(&mut self) -> Parsed<Expression> {
        let mut left = self.adding()?;
        loop {
            let begins = match self.peek() {
                Some(Token::Number(_) | Token::Text(_) | Token::Function(_) | Token::Mark("$" | "(" | "!")) => true,
                Some(Token::Name(name)) => name != "in",
                _ => false,
            };
            if !begins {
                return Ok(left);
            }
            self.link()?;
            left = Expression::Join(Box::new(left), Box::new(self.adding()?));
        }
    }

    fn adding(&mut self) -> Parsed<Expression> {
        let mut left = self.multiplying()?;
        loop {
            let sign = if self.take("+") {
                '+'
            } else if self.take("-") {
                '-'
            } else {
                return Ok(left);
            };
            self.link()?;
            left = Expression::Arithmetic(Box::new(left), sign, Box::new(self.multiplying()?));
        }
    }

    fn multiplying(&mut self) -> Parsed<Expression> {
        let mut left = self.unary()?;
        loop {
            let sign = if self.take("*") {
                '*'
            } else if self.take("/") {
                '/'
            } else if self.take("%") {
                '%'
            } else {
                return Ok(left);
            };
            self.link()?;
            left = Expression::Arithmetic(Box::new(left), sign, Box::new(self.unary()?));
        }
    }

    fn unary(&mut self) -> Parsed<Expression> {
        self.deeper(|parser| {
            if parser.take("!") {
                return Ok(Expression::Not(Box::new(parser.unary()?)));
            }
            if parser.take("-") {
                return Ok(Expression::Minus(Box::new(parser.unary()?)));
            }
            for (mark, by) in [("++", 1.0), ("--", -1.0)] {
                if parser.take(mark) {
                    let of = Box::new(parser.primary()?);
                    return Ok(Expression::Step { of, after: false, by });
                }
            }
            let value = parser.primary()?;
            if matches!(value, Expression::Variable(_) | Expression::Field(_)) {
                for (mark, by) in [("++", 1.0), ("--", -1.0)] {
                    if parser.take(mark) {
                        return Ok(Expression::Step { of: Box::new(value), after: true, by });
                    }
                }
            }
            Ok(value)
        })
    }

    fn primary(&mut self) -> Parsed<Expression> {
        let token = self.peek().ok_or_else(|| "a program that ends early".to_owned())?;
        self.at += 1;
        match token {
            Token::Number(number) => Ok(Expression::Number(*number)),
            Token::Text(text) => Ok(Expression::Text(text.clone())),
            Token::Regular(text) => Ok(Expression::Regular(text.clone())),
            Token::Name(name) if name == "length" => Ok(Expression::Call(name.clone(), Vec::new())),
            Token::Name(name) if self.is("[") => Err(format!("the array {name}")),
            Token::Name(name) => Ok(Expression::Variable(name.clone())),
            Token::Function(name) => {
                self.expect("(")?;
                let mut values = Vec::new();
                if !self.take(")") {
                    loop {
                        values.push(self.expression()?);
                        if self.take(")") {
                            break;
                        }
                        self.expect(",")?;
                    }
                }
                Ok(Expression::Call(name.clone(), values))
            }
            Token::Mark("$") => {
                let of = if self.take("-") {
                    return Err("a negative field".to_owned());
                } else {
                    self.deeper(Self::primary)?
                };
                Ok(Expression::Field(Box::new(of)))
            }
            Token::Mark("(") => {
                let inside = self.expression()?;
                self.expect(")")?;
                Ok(inside)
            }
            Token::Mark(mark) => Err(format!("{mark} in this place")),
            Token::Break => Err("a line break in this place".to_owned()),
        }
    }
}
