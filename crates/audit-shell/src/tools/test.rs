//! `test` and `[`, as builtins of `dash` and as programs.

use super::context::Context;
use crate::budget::Run;
use crate::state::Shell;
use probe::FileKind;

/// The status of a test, and the message if it cannot be evaluated.
type Tested = Run<(i32, Option<Vec<u8>>)>;

/// Runs `test` or `[` as a program.
pub(super) fn test_program(context: &mut Context<'_, '_>) -> Run<i32> {
    let name = super::base(&context.name).to_vec();
    let (status, message) = test(context.shell, &name, &context.arguments, true)?;
    if let Some(message) = message {
        context.complain(&message)?;
    }
    Ok(status)
}

/// Evaluates a test; the program also supports `==`.
pub(crate) fn test(shell: &Shell<'_>, name: &[u8], arguments: &[Vec<u8>], is_program: bool) -> Tested {
    let mut arguments: Vec<&[u8]> = arguments.iter().map(Vec::as_slice).collect();
    let closing: Option<&[u8]> = match name {
        b"[" => Some(b"]"),
        _ => None,
    };
    if let Some(closing) = closing
        && arguments.pop() != Some(closing)
    {
        return Ok((2, Some([b"missing ".as_slice(), closing].concat())));
    }
    if arguments.is_empty() {
        return Ok((1, None));
    }
    let mut tester = Tester { shell, arguments: &arguments, at: 0, is_program };
    let negated = arguments.len() >= 3 && arguments.first() == Some(&b"!".as_slice()) && arguments.len() <= 4;
    if negated {
        tester.at = 1;
    }
    match tester.either(0)? {
        Err(message) => Ok((2, Some(message))),
        Ok(_) if tester.at < arguments.len() => {
            // The message names the last argument that was used.
            let rest = tester.at.checked_sub(1).and_then(|last| arguments.get(last)).copied().unwrap_or_default();
            Ok((2, Some([rest, b": unexpected operator"].concat())))
        }
        Ok(truth) => Ok((i32::from(truth == negated), None)),
    }
}

struct Tester<'t, 'n> {
    shell: &'t Shell<'n>,
    arguments: &'t [&'t [u8]],
    at: usize,
    is_program: bool,
}

/// The result of an expression, or the error message.
type Truth = Run<Result<bool, Vec<u8>>>;

impl<'t> Tester<'t, '_> {
    fn next(&self, ahead: usize) -> Option<&'t [u8]> {
        self.arguments.get(self.at + ahead).copied()
    }

    fn is_binary(&self, operator: &[u8]) -> bool {
        let plain: [&[u8]; 10] = [b"=", b"!=", b"<", b">", b"-eq", b"-ne", b"-lt", b"-le", b"-gt", b"-ge"];
        plain.contains(&operator) || (self.is_program && operator == b"==")
    }

    fn either(&mut self, level: usize) -> Truth {
        let mut truth = match self.both(level)? {
            Ok(truth) => truth,
            Err(message) => return Ok(Err(message)),
        };
        while matches!(self.next(0), Some(b"-o")) {
            self.at += 1;
            match self.both(level)? {
                Ok(other) => truth |= other,
                Err(message) => return Ok(Err(message)),
            }
        }
        Ok(Ok(truth))
    }

    fn both(&mut self, level: usize) -> Truth {
        let mut truth = match self.not(level)? {
            Ok(truth) => truth,
            Err(message) => return Ok(Err(message)),
        };
        while matches!(self.next(0), Some(b"-a")) {
            self.at += 1;
            match self.not(level)? {
                Ok(other) => truth &= other,
                Err(message) => return Ok(Err(message)),
            }
        }
        Ok(Ok(truth))
    }

    fn not(&mut self, level: usize) -> Truth {
        self.shell.budget.step()?;
        if level > 32 {
            return Ok(Err(b"nested too deep".to_vec()));
        }
        if self.next(0) == Some(b"!")
            && self.next(1).is_some()
            && !self.next(1).is_some_and(|next| self.is_binary(next) && self.next(2).is_some())
        {
            self.at += 1;
            return Ok(self.not(level + 1)?.map(|truth| !truth));
        }
        self.primary(level)
    }

    fn primary(&mut self, level: usize) -> Truth {
        let Some(first) = self.next(0) else { return Ok(Err(b"argument expected".to_vec())) };
        if let (Some(operator), Some(right)) = (self.next(1), self.next(2))
            && self.is_binary(operator)
        {
            self.at += 3;
            return Ok(compare(first, operator, right));
        }
        if first == b"(" && self.next(1).is_some() {
            self.at += 1;
            let truth = self.either(level + 1)?;
            if truth.is_ok() && self.next(0) != Some(b")") {
                return Ok(Err(b"closing paren expected".to_vec()));
            }
            self.at += 1;
            return Ok(truth);
        }
        if let ([b'-', letter], Some(operand)) = (first, self.next(1))
            && b"bcdefghknprstuwxzLOGS".contains(letter)
        {
            self.at += 2;
            return self.unary(*letter, operand).map(Ok);
        }
        if let Some(operator) = self.next(1)
            && self.is_binary(operator)
        {
            return Ok(Err([operator, b": argument expected"].concat()));
        }
        self.at += 1;
        Ok(Ok(!first.is_empty()))
    }

    fn unary(&self, letter: u8, operand: &[u8]) -> Run<bool> {
        let node = &self.shell.node;
        Ok(match letter {
            b'n' => !operand.is_empty(),
            b'z' => operand.is_empty(),
            b'h' | b'L' => node.is_link(operand)?,
            // Streams of an audit are never terminals.
            b't' => false,
            b'e' if operand == b"/dev/null" => true,
            _ => {
                let Ok(found) = node.metadata(operand)? else { return Ok(false) };
                match letter {
                    b'f' => found.kind == FileKind::File,
                    b'd' => found.kind == FileKind::Directory,
                    b'p' => found.kind == FileKind::Fifo,
                    b'S' => found.kind == FileKind::Socket,
                    b'b' | b'c' => found.kind == FileKind::Device,
                    b's' => found.size > 0,
                    b'u' => found.mode & 0o4000 != 0,
                    b'g' => found.mode & 0o2000 != 0,
                    b'k' => found.mode & 0o1000 != 0,
                    // Audits run as root.
                    b'x' => found.mode & 0o111 != 0 || found.kind == FileKind::Directory,
                    b'O' => found.uid == 0,
                    b'G' => found.gid == 0,
                    _ => true,
                }
            }
        })
    }
}

fn compare(left: &[u8], operator: &[u8], right: &[u8]) -> Result<bool, Vec<u8>> {
    let text = match operator {
        b"=" | b"==" => Some(left == right),
        b"!=" => Some(left != right),
        b"<" => Some(left < right),
        b">" => Some(left > right),
        _ => None,
    };
    if let Some(truth) = text {
        return Ok(truth);
    }
    let number = |text: &[u8]| {
        let parsed = String::from_utf8_lossy(text).trim().parse::<i64>();
        parsed.map_err(|_| [b"Illegal number: ", text].concat())
    };
    let (left, right) = match (number(left), number(right)) {
        (Ok(left), Ok(right)) => (left, right),
        (Err(message), _) | (_, Err(message)) => return Err(message),
    };
    Ok(match operator {
        b"-eq" => left == right,
        b"-ne" => left != right,
        b"-lt" => left < right,
        b"-le" => left <= right,
        b"-gt" => left > right,
        _ => left >= right,
    })
}
