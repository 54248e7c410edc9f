//! Calico selectors, such as `projectcalico.org/name not in {"kube-system"} && has(team)`.

/// The maximum nesting of parentheses.
const DEEPEST: usize = 32;

/// A label's value, if known.
pub(super) enum Label<'a> {
    Value(&'a str),
    Missing,
    Unknown,
}

/// Whether a selector selects objects with partly known labels. `None` if that depends on unknown labels, or the
/// selector cannot be parsed.
pub(super) fn selects<'a>(selector: &str, label: &dyn Fn(&str) -> Label<'a>) -> Option<bool> {
    if selector.trim().is_empty() {
        return Some(true);
    }
    let mut parser = Parser { rest: selector, label, depth: 0 };
    let value = parser.any().ok()?;
    parser.rest.trim_start().is_empty().then_some(value)?
}

/// The selector cannot be parsed.
struct Unclear;

type Value = Result<Option<bool>, Unclear>;

struct Parser<'p, 'a> {
    rest: &'p str,
    label: &'p dyn Fn(&str) -> Label<'a>,
    depth: usize,
}

fn not(value: Option<bool>) -> Option<bool> {
    value.map(|value| !value)
}

impl<'p> Parser<'p, '_> {
    fn take(&mut self, token: &str) -> bool {
        match self.rest.trim_start().strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn expect(&mut self, token: &str) -> Result<(), Unclear> {
        if self.take(token) { Ok(()) } else { Err(Unclear) }
    }

    /// Parses a disjunction.
    fn any(&mut self) -> Value {
        let mut value = self.all()?;
        while self.take("||") {
            value = match (value, self.all()?) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                _ => None,
            };
        }
        Ok(value)
    }

    /// Parses a conjunction.
    fn all(&mut self) -> Value {
        let mut value = self.term()?;
        while self.take("&&") {
            value = match (value, self.term()?) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (Some(true), Some(true)) => Some(true),
                _ => None,
            };
        }
        Ok(value)
    }

    fn term(&mut self) -> Value {
        let mut negated = false;
        while self.take("!") {
            negated = !negated;
        }
        let value = self.plain()?;
        Ok(if negated { not(value) } else { value })
    }

    fn plain(&mut self) -> Value {
        if self.take("(") {
            self.depth += 1;
            if self.depth > DEEPEST {
                return Err(Unclear);
            }
            let value = self.any()?;
            self.depth -= 1;
            self.expect(")")?;
            return Ok(value);
        }
        let name = self.name()?;
        match name {
            "all" if self.take("(") => self.expect(")").map(|()| Some(true)),
            "global" if self.take("(") => self.expect(")").map(|()| Some(false)),
            "has" if self.take("(") => {
                let name = self.name()?;
                self.expect(")")?;
                Ok(match (self.label)(name) {
                    Label::Value(_) => Some(true),
                    Label::Missing => Some(false),
                    Label::Unknown => None,
                })
            }
            name => self.comparison(name),
        }
    }

    fn comparison(&mut self, name: &str) -> Value {
        let label = (self.label)(name);
        let compare = |holds: &dyn Fn(&str) -> bool, missing: bool| match label {
            Label::Value(value) => Some(holds(value)),
            Label::Missing => Some(missing),
            Label::Unknown => None,
        };
        if self.take("==") {
            let text = self.text()?;
            return Ok(compare(&|value| value == text, false));
        }
        if self.take("!=") {
            let text = self.text()?;
            return Ok(compare(&|value| value != text, true));
        }
        match self.name()? {
            "in" => {
                let set = self.set()?;
                Ok(compare(&|value| set.contains(&value), false))
            }
            "not" => {
                if self.name()? != "in" {
                    return Err(Unclear);
                }
                let set = self.set()?;
                Ok(compare(&|value| !set.contains(&value), true))
            }
            "contains" => {
                let text = self.text()?;
                Ok(compare(&|value| value.contains(text), false))
            }
            word @ ("starts" | "ends") => {
                if self.name()? != "with" {
                    return Err(Unclear);
                }
                let text = self.text()?;
                let holds =
                    |value: &str| if word == "starts" { value.starts_with(text) } else { value.ends_with(text) };
                Ok(compare(&holds, false))
            }
            _ => Err(Unclear),
        }
    }

    fn set(&mut self) -> Result<Vec<&'p str>, Unclear> {
        self.expect("{")?;
        let mut set = Vec::new();
        while !self.take("}") {
            set.push(self.text()?);
            if !self.take(",") {
                self.expect("}")?;
                break;
            }
        }
        Ok(set)
    }

    fn text(&mut self) -> Result<&'p str, Unclear> {
        let rest = self.rest.trim_start();
        let quote = rest.chars().next().filter(|first| matches!(first, '"' | '\'')).ok_or(Unclear)?;
        let (text, rest) = rest[1..].split_once(quote).ok_or(Unclear)?;
        self.rest = rest;
        Ok(text)
    }

    fn name(&mut self) -> Result<&'p str, Unclear> {
        let rest = self.rest.trim_start();
        let is_part = |part: char| part.is_ascii_alphanumeric() || matches!(part, '_' | '.' | '/' | '-');
        let end = rest.find(|part| !is_part(part)).unwrap_or(rest.len());
        if end == 0 {
            return Err(Unclear);
        }
        self.rest = &rest[end..];
        Ok(&rest[..end])
    }
}

#[cfg(test)]
mod tests {
    use super::{Label, selects};

    fn label(name: &str) -> Label<'static> {
        match name {
            "projectcalico.org/name" => Label::Value("shop"),
            "team" => Label::Missing,
            _ => Label::Unknown,
        }
    }

    #[test]
    fn selectors_are_decided_by_what_is_known() {
        for (selector, expected) in [
            ("", Some(true)),
            ("  ", Some(true)),
            ("all()", Some(true)),
            (" all( ) ", Some(true)),
            ("global()", Some(false)),
            ("!all()", Some(false)),
            ("!!all()", Some(true)),
            ("has(projectcalico.org/name)", Some(true)),
            ("has(team)", Some(false)),
            ("!has(team)", Some(true)),
            ("has(app)", None),
            ("!has(app)", None),
            ("projectcalico.org/name == 'shop'", Some(true)),
            ("projectcalico.org/name=='other'", Some(false)),
            ("projectcalico.org/name != \"shop\"", Some(false)),
            ("team == 'x'", Some(false)),
            ("team != 'x'", Some(true)),
            ("app == 'x'", None),
            ("projectcalico.org/name in {'a', 'shop'}", Some(true)),
            ("projectcalico.org/name in {}", Some(false)),
            ("team in {'a'}", Some(false)),
            ("team not in {'a'}", Some(true)),
            (
                r#"has(projectcalico.org/name) && projectcalico.org/name not in {"kube-system", "calico-system"}"#,
                Some(true),
            ),
            ("projectcalico.org/name starts with 'sh'", Some(true)),
            ("projectcalico.org/name ends with 'sh'", Some(false)),
            ("projectcalico.org/name contains 'ho'", Some(true)),
            ("team starts with 'sh'", Some(false)),
            ("app contains 'ho'", None),
            ("has(app) || all()", Some(true)),
            ("all() || has(app)", Some(true)),
            ("has(team) && has(app)", Some(false)),
            ("all() || has(team) && has(team)", Some(true)),
            ("has(team) && has(team) || all()", Some(true)),
            ("has(app) && has(team)", Some(false)),
            ("has(app) && all()", None),
            ("(has(app) || has(team)) && all()", None),
            ("!(has(team) || has(team))", Some(true)),
            ("all(", None),
            ("all() all()", None),
            ("projectcalico.org/name = 'shop'", None),
            ("projectcalico.org/name == shop", None),
            ("projectcalico.org/name in {'a'", None),
            ("projectcalico.org/name not at {'a'}", None),
            ("&&", None),
            ("ü", None),
        ] {
            assert_eq!(selects(selector, &label), expected, "{selector}");
        }
        assert_eq!(selects(&"(".repeat(1_000_000), &label), None);
        assert_eq!(selects(&"!".repeat(1_000_000), &label), None);
    }
}
