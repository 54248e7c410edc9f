//! How a template is followed through a document.

use crate::kube_bench::document::Value;

use super::compare::compare;
use super::{Condition, Found, Part, Step, Word};

/// How deep ranges may lie within each other.
const DEEPEST: usize = 10;
/// How many values a path may find: wildcards multiply.
const MOST_FOUND: usize = 100_000;
/// How many values a path may look at, over all its steps.
const MOST_STEPS: usize = 1_000_000;

/// What each of the parts finds in a document.
pub(super) fn found<'a>(parts: &'a [Part], document: &'a Value) -> Result<Vec<Vec<Found<'a>>>, String> {
    Walker::default().parts(parts, 0, Found::Value(document))
}

/// Where a walk through ranges is, and how much it has looked at.
#[derive(Default)]
struct Walker {
    looked: usize,
    /// Ranges that were named and have not begun.
    begun: usize,
    /// How many ranges there are around.
    depth: usize,
    /// Ends that were named and have not ended a range.
    ended: usize,
    /// The part that ended the last range.
    last_end: Option<usize>,
}

/// Why a walk ended.
struct Fault {
    why: String,
    /// Whether the step that failed had something to begin with, which is what is left of the walk then.
    leaves: bool,
}

type Walked<T> = Result<T, Fault>;

impl Walker {
    /// What the parts from one on find, up to the end of the range that they are in.
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
                // Nothing is found for nothing, but the end must be.
                self.parts(parts, at + 1, Found::Nothing)?;
            }
            for item in found {
                all.extend(self.parts(parts, at + 1, item)?);
                self.bounded(all.len())?;
            }
            self.depth -= 1;
            // A range without an end takes all that follows, which is then found once more.
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
        // No condition makes something else of that.
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
                        // client-go looks at no further list then.
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

    /// What lies directly in something.
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

    /// All that holds something: a value, and then what lies in it, from the outside inwards.
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
            // What is left where a step failed counts as found.
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

/// The items that a step takes of a list, and each how many-th of them; none of nothing.
fn items_of<'a>(step: &Step, from: Found<'a>) -> Result<Option<(&'a [Value], usize)>, String> {
    let items = match value_of(from) {
        Some(Value::Null) => return Ok(None),
        Some(Value::List(items)) => items,
        _ => return Err("items are requested from a value that is not a list".to_owned()),
    };
    let (from, to, by) = match step {
        // The last one ends where the list does.
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

/// The items from one to before another, both counted from the end if less than 0.
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
