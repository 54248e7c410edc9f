//! Evaluates a template on a document.

use crate::kube_bench::document::Value;

use super::compare::compare;
use super::{Condition, Found, Part, Step, Word};

/// The maximum depth of nested ranges.
const DEEPEST: usize = 10;
/// The maximum number of values that a path may find: wildcards multiply.
const MOST_FOUND: usize = 100_000;
/// The maximum number of values that a path may visit in all its steps.
const MOST_STEPS: usize = 1_000_000;

/// Returns the values found by each part.
pub(super) fn found<'a>(parts: &'a [Part], document: &'a Value) -> Result<Vec<Vec<Found<'a>>>, String> {
    Walker::default().parts(parts, 0, Found::Value(document))
}

/// The state of an evaluation: its position in ranges, and the number of values visited.
#[derive(Default)]
struct Walker {
    looked: usize,
    /// `range` words whose range has not started yet.
    begun: usize,
    /// The number of enclosing ranges.
    depth: usize,
    /// `end` words that have not ended a range yet.
    ended: usize,
    /// The index of the part that ended the last range.
    last_end: Option<usize>,
}

/// Why a walk failed.
struct Fault {
    why: String,
    /// Whether the failed step had input, which is the result of the walk in that case.
    leaves: bool,
}

type Walked<T> = Result<T, Fault>;

impl Walker {
    /// Evaluates the parts from an index up to the end of their range.
    fn parts<'a>(&mut self, parts: &'a [Part], from: usize, start: Found<'a>) -> Result<Vec<Vec<Found<'a>>>, String> {
        let mut all = Vec::new();
        let mut at = from;
        while let Some(part) = parts.get(at) {
            self.look(1)?;
            let found = match part {
                Part::Outside(text) => vec![Found::Text(text)],
                Part::Walk(steps) => self.walk(steps, vec![start]).map_err(|fault| fault.why)?,
            };
            if self.ended > 0 && self.ended <= self.depth {
                self.ended -= 1;
                self.last_end = Some(at);
                break;
            }
            if self.begun == 0 {
                all.push(found);
                self.bounded(all.len())?;
                at += 1;
                continue;
            }
            self.begun -= 1;
            self.depth += 1;
            if self.depth > DEEPEST {
                return Err(format!("more than {DEEPEST} nested ranges"));
            }
            if found.is_empty() {
                // Without items there are no results, but the end of the range must be found.
                self.parts(parts, at + 1, Found::Nothing)?;
            }
            for item in found {
                all.extend(self.parts(parts, at + 1, item)?);
                self.bounded(all.len())?;
            }
            self.depth -= 1;
            // A range without an end covers all following parts, which are then evaluated once more, as in client-go.
            at = self.last_end.filter(|end| *end > at).unwrap_or(at) + 1;
        }
        Ok(all)
    }

    fn walk<'a>(&mut self, steps: &'a [Step], mut current: Vec<Found<'a>>) -> Walked<Vec<Found<'a>>> {
        for step in steps {
            let leaves = !current.is_empty();
            current = self.step(step, current).map_err(|why| Fault { why, leaves })?;
        }
        Ok(current)
    }

    fn look(&mut self, values: usize) -> Result<(), String> {
        self.looked = self.looked.saturating_add(values);
        if self.looked > MOST_STEPS { Err(format!("the path visits more than {MOST_STEPS} values")) } else { Ok(()) }
    }

    fn bounded(&mut self, found: usize) -> Result<(), String> {
        if found <= MOST_FOUND {
            return Ok(());
        }
        // Makes every later step fail too, so that a condition cannot hide the error.
        self.looked = usize::MAX;
        Err(format!("the path finds more than {MOST_FOUND} values"))
    }

    fn step<'a>(&mut self, step: &'a Step, current: Vec<Found<'a>>) -> Result<Vec<Found<'a>>, String> {
        self.look(current.len().max(1))?;
        let mut next = Vec::new();
        match step {
            Step::Text(text) => next.push(Found::Text(text)),
            Step::Literal(value) => next.resize(current.len(), Found::Value(value)),
            Step::Word(Word::Range) => {
                self.begun += 1;
                next = current;
            }
            Step::Word(Word::End) if self.depth > 0 => self.ended += 1,
            Step::Word(Word::End) => return Err("{end} without a range before it".to_owned()),
            Step::Word(Word::Unknown(word)) => {
                return Err(format!("the word {word} has no meaning (put it in quotes)"));
            }
            Step::Key(name) => {
                next.extend(current.iter().filter_map(|from| value_of(*from)?.get(name)).map(Found::Value));
            }
            Step::All => {
                for from in current {
                    self.inside(from, &mut next)?;
                }
            }
            Step::Deep => {
                for from in current {
                    self.deeper(from, &mut next)?;
                }
            }
            Step::Items(..) | Step::Item(_) => {
                for from in current {
                    let Some((range, by)) = items_of(step, from)? else { continue };
                    if range.is_empty() {
                        // client-go skips the remaining lists in this case.
                        break;
                    }
                    self.look(range.len())?;
                    self.bounded(next.len() + range.len())?;
                    next.extend(range.iter().step_by(by).map(Found::Value));
                }
            }
            Step::Union(unions) => {
                for steps in unions {
                    next.extend(self.walk(steps, current.clone()).map_err(|fault| fault.why)?);
                    self.bounded(next.len())?;
                }
            }
            Step::Where(condition) => {
                for from in current {
                    let Some(Value::List(items)) = value_of(from) else {
                        return Err("items are selected from a value that is not a list".to_owned());
                    };
                    self.look(items.len())?;
                    for item in items {
                        if self.holds(condition, Found::Value(item))? {
                            next.push(Found::Value(item));
                        }
                    }
                    self.bounded(next.len())?;
                }
            }
        }
        Ok(next)
    }

    /// Appends the direct elements of a value.
    fn inside<'a>(&mut self, from: Found<'a>, next: &mut Vec<Found<'a>>) -> Result<(), String> {
        let text = match from {
            Found::Value(Value::Text(text)) => text,
            Found::Text(text) => text,
            _ => "",
        };
        let count = match from {
            Found::Value(Value::List(items)) => items.len(),
            Found::Value(Value::Map(entries)) => entries.len(),
            Found::Value(Value::YamlMap(entries)) => entries.len(),
            _ => text.len(),
        };
        self.bounded(next.len() + count)?;
        match from {
            Found::Value(Value::List(items)) => next.extend(items.iter().map(Found::Value)),
            Found::Value(Value::Map(entries)) => next.extend(entries.iter().map(|(_, value)| Found::Value(value))),
            Found::Value(Value::YamlMap(entries)) => next.extend(entries.iter().map(|(_, value)| Found::Value(value))),
            _ => next.extend(text.bytes().map(Found::Byte)),
        }
        Ok(())
    }

    /// Appends every non-empty value: the given one, and then its descendants, outermost first.
    fn deeper<'a>(&mut self, from: Found<'a>, next: &mut Vec<Found<'a>>) -> Result<(), String> {
        let mut rest = vec![from];
        while let Some(from) = rest.pop() {
            self.look(1)?;
            self.bounded(next.len())?;
            let inside = match from {
                Found::Value(Value::Text(text)) => !text.is_empty(),
                Found::Text(text) => !text.is_empty(),
                _ => {
                    let before = rest.len();
                    self.inside(from, &mut rest)?;
                    if let Some(inside) = rest.get_mut(before..) {
                        inside.reverse();
                    }
                    rest.len() > before
                }
            };
            if inside {
                next.push(from);
            }
        }
        Ok(())
    }

    /// Whether a condition holds for an item.
    fn holds<'a>(&mut self, condition: &'a Condition, item: Found<'a>) -> Result<bool, String> {
        let (left, how, right) = match condition {
            // The input of a failed step counts as a result.
            Condition::Exists(steps) => {
                let found = self.walk(steps, vec![item]);
                self.look(0)?;
                return Ok(found.map_or_else(|fault| fault.leaves, |found| !found.is_empty()));
            }
            Condition::Compares(left, how, right) => (left, how, right),
        };
        let mut one = |steps: &'a [Step]| match self.walk(steps, vec![item]).map_err(|fault| fault.why)?.as_slice() {
            [] => Ok(None),
            [one] => Ok(Some(*one)),
            _ => Err("more than one value is compared at a time".to_owned()),
        };
        let Some(left) = one(left)? else { return Ok(false) };
        let Some(right) = one(right)? else { return Ok(false) };
        compare(left, how, right)
    }
}

fn value_of(found: Found<'_>) -> Option<&Value> {
    match found {
        Found::Value(value) => Some(value),
        Found::Text(_) | Found::Byte(_) | Found::Nothing => None,
    }
}

/// The slice of a list that a step selects, and its step width; `None` for null.
fn items_of<'a>(step: &Step, from: Found<'a>) -> Result<Option<(&'a [Value], usize)>, String> {
    let items = match value_of(from) {
        Some(Value::Null) => return Ok(None),
        Some(Value::List(items)) => items,
        _ => return Err("items are requested from a value that is not a list".to_owned()),
    };
    let (from, to, by) = match step {
        // Index -1 has no end: the slice ends with the list.
        Step::Item(index) => (*index, if *index == -1 { None } else { Some(index.saturating_add(1)) }, None),
        Step::Items(from, to, by) => (from.unwrap_or(0), *to, *by),
        _ => (0, None, None),
    };
    let range = cut(items, from, to)?;
    match by.map(usize::try_from) {
        None => Ok(Some((range, 1))),
        Some(Ok(by)) if by > 0 => Ok(Some((range, by))),
        Some(_) if range.is_empty() => Ok(Some((range, 1))),
        Some(_) => Err("a step of less than one item is requested".to_owned()),
    }
}

/// The items of a half-open range; negative bounds count from the end.
fn cut(items: &[Value], from: i64, to: Option<i64>) -> Result<&[Value], String> {
    let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
    let place = |index: i64| if index < 0 { index.saturating_add(length) } else { index };
    let (from, to) = (place(from), to.map_or(length, place));
    if from == to {
        return Ok(&[]);
    }
    let out = || format!("items {from} to {to} are requested, but there are {length}");
    let first = usize::try_from(from).ok().filter(|first| *first < items.len()).ok_or_else(out)?;
    items.get(first..usize::try_from(to).map_err(|_| out())?).ok_or_else(out)
}
