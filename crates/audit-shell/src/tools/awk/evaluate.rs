//! Evaluates an awk program on lines.

use std::collections::BTreeMap;

use super::super::context::Context;
use super::program::{Expression, Rule, Statement, When};
use crate::budget::Run;
use crate::regex::{Dialect, Manner, Regular};
use crate::tools::print::printf;

/// The maximum number of fields in a line.
const MOST_FIELDS: usize = 65_536;

/// A number, a string, or input text, which is compared as a number if it looks like one.
#[derive(Debug, Clone, PartialEq)]
enum Value {
    Number(f64),
    Text(Vec<u8>),
    Given(Vec<u8>),
    Unset,
}

/// How execution continues after a statement.
enum Next {
    On,
    Line,
    Exit,
}

pub(super) struct Machine<'m, 'c, 'n> {
    pub(super) context: &'m mut Context<'c, 'n>,
    variables: BTreeMap<String, Value>,
    line: Vec<u8>,
    fields: Vec<Vec<u8>>,
    regulars: BTreeMap<Vec<u8>, Regular>,
    lines: usize,
    /// The exit status of the program.
    pub(super) status: i32,
    exited: bool,
}

impl<'m, 'c, 'n> Machine<'m, 'c, 'n> {
    pub(super) fn new(context: &'m mut Context<'c, 'n>, separator: Vec<u8>, given: Vec<(String, Vec<u8>)>) -> Self {
        let mut variables = BTreeMap::from([
            ("FS".to_owned(), Value::Text(separator)),
            ("OFS".to_owned(), Value::Text(b" ".to_vec())),
            ("ORS".to_owned(), Value::Text(b"\n".to_vec())),
        ]);
        variables.extend(given.into_iter().map(|(name, value)| (name, Value::Given(value))));
        Self {
            context,
            variables,
            line: Vec::new(),
            fields: Vec::new(),
            regulars: BTreeMap::new(),
            lines: 0,
            status: 0,
            exited: false,
        }
    }

    /// Runs the `BEGIN` rules.
    pub(super) fn begin(&mut self, rules: &[Rule]) -> Run<()> {
        for rule in rules.iter().filter(|rule| matches!(rule.when, When::Begin)) {
            if let Next::Exit = self.statements(rule.action.as_deref().unwrap_or_default())? {
                self.exited = true;
                break;
            }
        }
        Ok(())
    }

    /// Runs the rules for a line; returns whether to read more lines.
    pub(super) fn line(&mut self, rules: &[Rule], line: &[u8]) -> Run<bool> {
        if self.exited {
            return Ok(false);
        }
        self.context.shell.budget.look(line.len())?;
        self.lines += 1;
        self.set_line(line.to_vec())?;
        for rule in rules {
            let applies = match &rule.when {
                When::Begin | When::End => false,
                When::Always => true,
                When::If(condition) => self.truth(condition)?,
            };
            if !applies {
                continue;
            }
            let Some(action) = &rule.action else {
                let line = self.line.clone();
                self.context.line(&line)?;
                continue;
            };
            match self.statements(action)? {
                Next::On => {}
                Next::Line => break,
                Next::Exit => {
                    self.exited = true;
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    /// Runs the `END` rules.
    pub(super) fn end(&mut self, rules: &[Rule]) -> Run<()> {
        for rule in rules.iter().filter(|rule| matches!(rule.when, When::End)) {
            if let Next::Exit = self.statements(rule.action.as_deref().unwrap_or_default())? {
                break;
            }
        }
        Ok(())
    }

    fn statements(&mut self, statements: &[Statement]) -> Run<Next> {
        for statement in statements {
            self.context.shell.budget.step()?;
            match statement {
                Statement::Print(values) => {
                    let mut texts = Vec::new();
                    for value in values {
                        let value = self.value(value)?;
                        texts.push(text(&value));
                    }
                    if values.is_empty() {
                        texts.push(self.line.clone());
                    }
                    let between = text(&self.variable("OFS"));
                    self.keep(between.len().saturating_mul(texts.len()))?;
                    let mut line = texts.join(&between[..]);
                    line.extend(text(&self.variable("ORS")));
                    self.context.print(&line)?;
                }
                Statement::Printf(values) => {
                    let mut texts = Vec::new();
                    for value in values {
                        let value = self.value(value)?;
                        texts.push(text(&value));
                    }
                    if texts.is_empty() {
                        return Err(self.context.refuse("printf without a format"));
                    }
                    // A shell's printf reuses the format for more values; awk's does not.
                    let conversions = texts.first().map_or(0, |format| format.split(|byte| *byte == b'%').count() - 1);
                    texts.truncate(conversions + 1);
                    let streams = self.context.streams.clone();
                    printf(self.context.shell, &texts, &streams)?;
                }
                Statement::If { condition, then, otherwise } => {
                    let chosen = if self.truth(condition)? { then } else { otherwise };
                    match self.statements(chosen)? {
                        Next::On => {}
                        next => return Ok(next),
                    }
                }
                Statement::Expression(expression) => {
                    self.value(expression)?;
                }
                Statement::Next => return Ok(Next::Line),
                Statement::Exit(status) => {
                    if let Some(status) = status {
                        let status = number(&self.value(status)?);
                        self.status = whole(status) & 255;
                    }
                    return Ok(Next::Exit);
                }
            }
        }
        Ok(Next::On)
    }

    fn truth(&mut self, expression: &Expression) -> Run<bool> {
        let value = self.value(expression)?;
        Ok(match &value {
            Value::Number(number) => *number != 0.0,
            Value::Text(text) => !text.is_empty(),
            Value::Given(text) => looks_like_number(text).map_or(!text.is_empty(), |number| number != 0.0),
            Value::Unset => false,
        })
    }

    fn variable(&self, name: &str) -> Value {
        match name {
            "NR" | "FNR" => count(self.lines),
            "NF" => count(self.fields.len()),
            _ => self.variables.get(name).cloned().unwrap_or(Value::Unset),
        }
    }

    /// Accounts for bytes that are copied.
    fn keep(&self, bytes: usize) -> Run<()> {
        self.context.shell.budget.look(bytes)?;
        self.context.shell.budget.bytes(bytes)
    }

    /// Evaluates an expression. A value with text is a copy, and accounted for.
    fn value(&mut self, expression: &Expression) -> Run<Value> {
        let value = self.value_of(expression)?;
        if let Value::Text(text) | Value::Given(text) = &value {
            self.keep(text.len())?;
        }
        Ok(value)
    }

    fn value_of(&mut self, expression: &Expression) -> Run<Value> {
        self.context.shell.budget.step()?;
        let truth = |truth: bool| Value::Number(if truth { 1.0 } else { 0.0 });
        Ok(match expression {
            Expression::Number(number) => Value::Number(*number),
            Expression::Text(text) => Value::Text(text.clone()),
            Expression::Regular(pattern) => {
                let line = self.line.clone();
                truth(self.matches(&line, pattern)?)
            }
            Expression::Variable(name) => self.variable(name),
            Expression::Field(place) => {
                let place = self.place(place)?;
                self.field(place)
            }
            Expression::Assign { to, with, value } => {
                let mut value = self.value(value)?;
                if let Some(sign) = with {
                    let old = self.value(to)?;
                    value = Value::Number(self.calculate(number(&old), *sign, number(&value))?);
                }
                self.assign(to, value.clone())?;
                value
            }
            Expression::Step { of, after, by } => {
                let old = number(&self.value(of)?);
                self.assign(of, Value::Number(old + by))?;
                Value::Number(if *after { old } else { old + by })
            }
            Expression::Not(inner) => truth(!self.truth(inner)?),
            Expression::Minus(inner) => Value::Number(-number(&self.value(inner)?)),
            Expression::And(left, right) => truth(self.truth(left)? && self.truth(right)?),
            Expression::Or(left, right) => truth(self.truth(left)? || self.truth(right)?),
            Expression::Choose(condition, yes, no) => {
                let chosen = if self.truth(condition)? { yes } else { no };
                self.value(chosen)?
            }
            Expression::Match { text: left, regular, negated } => {
                let left = text(&self.value(left)?);
                let pattern = self.pattern(regular)?;
                truth(self.matches(&left, &pattern)? != *negated)
            }
            Expression::Compare(left, how, right) => {
                let (left, right) = (self.value(left)?, self.value(right)?);
                truth(compares(&left, how, &right))
            }
            Expression::Arithmetic(left, sign, right) => {
                let (left, right) = (number(&self.value(left)?), number(&self.value(right)?));
                Value::Number(self.calculate(left, *sign, right)?)
            }
            Expression::Join(left, right) => {
                let mut joined = text(&self.value(left)?);
                joined.extend(text(&self.value(right)?));
                Value::Text(joined)
            }
            Expression::Call(name, values) => self.call(name, values)?,
        })
    }

    fn calculate(&self, left: f64, sign: char, right: f64) -> Run<f64> {
        Ok(match sign {
            '+' => left + right,
            '-' => left - right,
            '*' => left * right,
            _ if right == 0.0 => return Err(self.context.refuse("a division by zero")),
            '/' => left / right,
            _ => left % right,
        })
    }

    fn pattern(&mut self, expression: &Expression) -> Run<Vec<u8>> {
        match expression {
            Expression::Regular(pattern) => Ok(pattern.clone()),
            other => Ok(text(&self.value(other)?)),
        }
    }

    fn place(&mut self, expression: &Expression) -> Run<usize> {
        let place = whole(number(&self.value(expression)?));
        let place = usize::try_from(place).ok().filter(|place| *place <= MOST_FIELDS);
        place.ok_or_else(|| self.context.refuse("a field of this number"))
    }

    fn field(&self, place: usize) -> Value {
        match place.checked_sub(1) {
            None => Value::Given(self.line.clone()),
            Some(index) => self.fields.get(index).cloned().map_or(Value::Unset, Value::Given),
        }
    }

    fn assign(&mut self, to: &Expression, value: Value) -> Run<()> {
        match to {
            Expression::Variable(name) if matches!(name.as_str(), "NR" | "NF" | "FNR" | "RS") => {
                return Err(self.context.refuse(&format!("an assignment to {name}")));
            }
            Expression::Variable(name) => {
                self.variables.insert(name.clone(), value);
            }
            Expression::Field(place) => {
                let place = self.place(place)?;
                match place.checked_sub(1) {
                    None => self.set_line(text(&value))?,
                    Some(index) => {
                        let separator = text(&self.variable("OFS"));
                        let many = self.fields.len().max(place);
                        self.keep(many.saturating_mul(separator.len() + size_of::<Vec<u8>>()))?;
                        if self.fields.len() < place {
                            self.fields.resize(place, Vec::new());
                        }
                        if let Some(field) = self.fields.get_mut(index) {
                            *field = text(&value);
                        }
                        self.keep(self.fields.iter().map(Vec::len).sum())?;
                        self.line = self.fields.join(&separator[..]);
                    }
                }
            }
            _ => return Err(self.context.refuse("an assignment to this")),
        }
        Ok(())
    }

    fn set_line(&mut self, line: Vec<u8>) -> Run<()> {
        let separator = text(&self.variable("FS"));
        self.fields = match separator.as_slice() {
            b" " => {
                let fields = line.split(u8::is_ascii_whitespace).filter(|field| !field.is_empty());
                fields.map(<[u8]>::to_vec).take(MOST_FIELDS + 1).collect()
            }
            _ if line.is_empty() => Vec::new(),
            // A single character is literal, even if it is special in expressions.
            [letter] if *letter != b'\\' => {
                line.split(|byte| byte == letter).map(<[u8]>::to_vec).take(MOST_FIELDS + 1).collect()
            }
            pattern => {
                self.compile(pattern)?;
                let mut fields = Vec::new();
                let (mut start, mut from) = (0, 0);
                while let Some(regular) = self.regulars.get(pattern) {
                    let found = regular.find(&line, from, &self.context.shell.budget)?;
                    let Some(found) = found.and_then(|captures| captures.get(0)) else { break };
                    if found.is_empty() {
                        from = found.end() + 1;
                        if from > line.len() {
                            break;
                        }
                        continue;
                    }
                    if fields.len() > MOST_FIELDS {
                        break;
                    }
                    fields.push(line.get(start..found.start()).unwrap_or_default().to_vec());
                    start = found.end();
                    from = start;
                }
                fields.push(line.get(start..).unwrap_or_default().to_vec());
                fields
            }
        };
        if self.fields.len() > MOST_FIELDS {
            return Err(self.context.refuse("so many fields"));
        }
        self.context.shell.budget.bytes(line.len())?;
        self.line = line;
        Ok(())
    }

    fn compile(&mut self, pattern: &[u8]) -> Run<()> {
        if !self.regulars.contains_key(pattern) {
            let budget = &self.context.shell.budget;
            let regular = Regular::new(&[pattern], Manner::new(Dialect::Sed, true), budget)?;
            let regular = regular.map_err(|_| self.context.refuse("an expression of this form"))?;
            budget.bytes(regular.size())?;
            self.regulars.insert(pattern.to_vec(), regular);
        }
        Ok(())
    }

    fn matches(&mut self, text: &[u8], pattern: &[u8]) -> Run<bool> {
        self.compile(pattern)?;
        match self.regulars.get(pattern) {
            Some(regular) => regular.is_match(text, &self.context.shell.budget),
            None => Ok(false),
        }
    }

    fn call(&mut self, name: &str, values: &[Expression]) -> Run<Value> {
        if matches!(name, "sub" | "gsub") {
            return self.substitute(name == "gsub", values);
        }
        let mut given = Vec::new();
        for value in values {
            given.push(self.value(value)?);
        }
        Ok(match (name, given.as_slice()) {
            ("length", []) => count(String::from_utf8_lossy(&self.line).chars().count()),
            ("length", [value]) => count(String::from_utf8_lossy(&text(value)).chars().count()),
            ("tolower", [value]) => Value::Text(text(value).to_ascii_lowercase()),
            ("toupper", [value]) => Value::Text(text(value).to_ascii_uppercase()),
            ("index", [value, wanted]) => {
                let (value, wanted) = (text(value), text(wanted));
                self.context.shell.budget.look(value.len().saturating_mul(wanted.len().max(1)))?;
                let place = value.windows(wanted.len().max(1)).position(|window| window == wanted);
                count(place.map_or(0, |place| place + 1))
            }
            ("int", [value]) => Value::Number(number(value).trunc()),
            _ => return Err(self.context.refuse(&format!("the function {name}"))),
        })
    }

    fn substitute(&mut self, every: bool, values: &[Expression]) -> Run<Value> {
        let ([pattern, replacement] | [pattern, replacement, _]) = values else {
            return Err(self.context.refuse("a substitution of this form"));
        };
        let whole = Expression::Field(Box::new(Expression::Number(0.0)));
        let target = values.get(2).unwrap_or(&whole);
        let pattern = self.pattern(pattern)?;
        let replacement = text(&self.value(replacement)?);
        if replacement.contains(&b'&') || replacement.contains(&b'\\') {
            return Err(self.context.refuse("a replacement with & or a backslash"));
        }
        let line = text(&self.value(target)?);
        self.compile(&pattern)?;
        let (mut changed, mut start, mut from, mut done) = (Vec::new(), 0, 0, 0_usize);
        while let Some(regular) = self.regulars.get(&pattern) {
            let found = regular.find(&line, from, &self.context.shell.budget)?;
            let Some(found) = found.and_then(|captures| captures.get(0)) else { break };
            if found.is_empty() {
                return Err(self.context.refuse("a substitution of nothing"));
            }
            self.keep(replacement.len())?;
            changed.extend(line.get(start..found.start()).unwrap_or_default());
            changed.extend(&replacement);
            done += 1;
            start = found.end();
            from = start;
            if !every {
                break;
            }
        }
        if done > 0 {
            changed.extend(line.get(start..).unwrap_or_default());
            self.assign(target, Value::Given(changed))?;
        }
        Ok(count(done))
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below what a float holds")]
fn count(number: usize) -> Value {
    Value::Number(number as f64)
}

#[expect(clippy::cast_possible_truncation, reason = "a cast of a float stops at the ends")]
fn whole(number: f64) -> i32 {
    number as i32
}

fn text(value: &Value) -> Vec<u8> {
    match value {
        Value::Number(number) if number.fract() == 0.0 && number.abs() < 1e15 => format!("{number:.0}").into_bytes(),
        Value::Number(number) => {
            // Six digits, like awk's `%.6g`.
            let text = format!("{number:.6}");
            text.trim_end_matches('0').trim_end_matches('.').as_bytes().to_vec()
        }
        Value::Text(text) | Value::Given(text) => text.clone(),
        Value::Unset => Vec::new(),
    }
}

fn number(value: &Value) -> f64 {
    match value {
        Value::Number(number) => *number,
        Value::Text(text) | Value::Given(text) => {
            let text = text.trim_ascii_start();
            let signed = usize::from(matches!(text.first(), Some(b'-' | b'+')));
            let digits = text.iter().skip(signed).take_while(|byte| byte.is_ascii_digit() || **byte == b'.').count();
            String::from_utf8_lossy(text.get(..signed + digits).unwrap_or_default()).parse().unwrap_or(0.0)
        }
        Value::Unset => 0.0,
    }
}

fn looks_like_number(text: &[u8]) -> Option<f64> {
    let text = text.trim_ascii();
    if text.iter().any(u8::is_ascii_alphabetic) {
        return None;
    }
    String::from_utf8_lossy(text).parse().ok()
}

fn compares(left: &Value, how: &str, right: &Value) -> bool {
    let numeric = |value: &Value| match value {
        Value::Number(number) => Some(*number),
        Value::Given(text) => looks_like_number(text),
        Value::Unset => Some(0.0),
        Value::Text(_) => None,
    };
    let order = match (numeric(left), numeric(right)) {
        (Some(left), Some(right)) => left.partial_cmp(&right),
        _ => Some(text(left).cmp(&text(right))),
    };
    let Some(order) = order else { return how == "!=" };
    match how {
        "==" => order.is_eq(),
        "!=" => order.is_ne(),
        "<" => order.is_lt(),
        "<=" => order.is_le(),
        ">" => order.is_gt(),
        _ => order.is_ge(),
    }
}
