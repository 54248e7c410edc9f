//! The shell: walks the tree and runs commands.

mod builtins;

use std::rc::Rc;

use super::budget::{Budget, Run, Stop};
use super::state::{Arguments, Shell};
use super::streams::{Input, Sink, Streams};
use super::tree::{Chain, Command, Connector, List, Part, Pipeline, Redirection, RedirectionKind, Script, Shape, Word};
use super::view::Lack;
use super::{Allowance, AuditOutcome, Limits, parse, tools};
use probe::{FileKind, Node};

pub(super) use builtins::is_builtin;

/// Whether no program can have this name: it is text meant as an argument, or bash syntax.
pub(super) fn is_no_program(name: &[u8]) -> bool {
    name.is_empty() || name == b"[[" || name.starts_with(b"-") || name.iter().any(u8::is_ascii_whitespace)
}

/// Runs an audit as `/bin/sh` runs its standard input.
pub(super) fn run(script: &str, node: &dyn Node, limits: &Limits, allowance: &Allowance) -> AuditOutcome {
    let tree = match parse::script(script.trim()) {
        Ok(tree) => tree,
        Err(refusal) => return AuditOutcome::Refused { reason: format!("line {}: {}", refusal.line, refusal.detail) },
    };
    let output = Sink::memory();
    let streams = Streams { input: Input::default(), output: output.clone(), errors: output.clone() };
    let budget = Rc::new(Budget::new(limits, allowance));
    let ended = Shell::new(node, budget.clone()).whole(&tree, &streams);
    budget.settle(allowance);
    match ended {
        Ok(status) => AuditOutcome::Done { stdout: String::from_utf8_lossy(&output.take()).into_owned(), status },
        Err(Stop::NeedsProcess(command)) => AuditOutcome::NeedsProcess { command },
        Err(Stop::Refused(reason)) => AuditOutcome::Refused { reason },
        Err(Stop::Exceeded(reason)) => AuditOutcome::Exceeded { reason },
        // At the top level these end the shell, or do nothing.
        Err(Stop::Exit(status)) => AuditOutcome::Done { stdout: String::new(), status },
        Err(Stop::Break(_) | Stop::Continue(_)) => AuditOutcome::Done { stdout: String::new(), status: 0 },
    }
}

impl Shell<'_> {
    /// Runs a whole script. `exit`, `break` and `continue` do not propagate out of it.
    pub(super) fn whole(&mut self, script: &Script, streams: &Streams) -> Run<i32> {
        for list in &script.lines {
            match self.list(list, streams) {
                Ok(()) | Err(Stop::Break(_) | Stop::Continue(_)) => {}
                Err(Stop::Exit(status)) => return Ok(status),
                Err(stop) => return Err(stop),
            }
        }
        if let Some(error) = &script.error {
            self.line = error.line;
            self.complain(format!("Syntax error: {}", error.message).as_bytes(), streams)?;
            self.status = 2;
        }
        Ok(self.status)
    }

    fn list(&mut self, list: &List, streams: &Streams) -> Run<()> {
        list.iter().try_for_each(|chain| self.chain(chain, streams))
    }

    fn chain(&mut self, chain: &Chain, streams: &Streams) -> Run<()> {
        if chain.background {
            let line = chain.first.commands.first().map_or(self.line, |command| command.line);
            return Err(Stop::Refused(format!("line {line}: runs something in the background (&)")));
        }
        self.pipeline(&chain.first, streams)?;
        for (connector, pipeline) in &chain.rest {
            if (self.status == 0) == (*connector == Connector::And) {
                self.pipeline(pipeline, streams)?;
            }
        }
        Ok(())
    }

    fn pipeline(&mut self, pipeline: &Pipeline, streams: &Streams) -> Run<()> {
        if let [command] = &pipeline.commands[..] {
            self.command(command, streams)?;
        } else {
            self.beside = Rc::new(self.beside_of(pipeline)?);
            let mut input = streams.input.clone();
            let last = pipeline.commands.len().saturating_sub(1);
            for (index, command) in pipeline.commands.iter().enumerate() {
                let output = if index == last { streams.output.clone() } else { Sink::memory() };
                let mut part = self.part();
                let inside = Streams { input, output: output.clone(), errors: streams.errors.clone() };
                self.status = match part.command(command, &inside) {
                    Ok(()) => part.status,
                    Err(Stop::Exit(status)) => status,
                    Err(Stop::Break(_) | Stop::Continue(_)) => 0,
                    Err(stop) => return Err(stop),
                };
                input = if index == last { Input::default() } else { Input::new(output.take()) };
            }
            self.beside = Rc::default();
        }
        if pipeline.negated {
            self.status = i32::from(self.status == 0);
        }
        Ok(())
    }

    /// The arguments of the commands that run concurrently in a pipeline, if one of its commands is `ps`.
    fn beside_of(&mut self, pipeline: &Pipeline) -> Run<Vec<Arguments>> {
        let words = |command: &Command| match &command.shape {
            Shape::Simple { words, .. } => words.clone(),
            _ => Vec::new(),
        };
        let lists = |command: &Command| {
            let first = words(command).into_iter().next();
            first.is_some_and(
                |Word(parts)| matches!(&parts[..], [Part::Text { text, .. }] if tools::base(text.as_bytes()) == b"ps"),
            )
        };
        if !pipeline.commands.iter().any(lists) {
            return Ok(Vec::new());
        }
        let nowhere = Streams { input: Input::default(), output: Sink::Nowhere, errors: Sink::Nowhere };
        let mut beside = Vec::new();
        for command in pipeline.commands.iter().filter(|command| !lists(command)) {
            let words = words(command);
            // A compound command, or one with pending substitutions, shows up as a copy of the shell.
            let is_plain =
                |word: &Word| word.0.iter().all(|part| matches!(part, Part::Text { .. } | Part::Parameter { .. }));
            if words.is_empty() || !words.iter().all(is_plain) {
                beside.push(vec![self.name.to_vec()]);
                continue;
            }
            let arguments = self.part().words(&words, &nowhere)?;
            if arguments.first().is_some_and(|name| !is_builtin(name)) {
                beside.push(arguments);
            }
        }
        Ok(beside)
    }

    fn command(&mut self, command: &Command, streams: &Streams) -> Run<()> {
        self.budget.step()?;
        if let Shape::Simple { assignments, words } = &command.shape {
            self.line = command.line;
            return self.simple(assignments, words, &command.redirections, streams);
        }
        let Some(streams) = self.redirected(&command.redirections, streams)? else { return Ok(()) };
        let budget = self.budget.clone();
        budget.deeper(|| self.compound(&command.shape, command.line, &streams))
    }

    fn compound(&mut self, shape: &Shape, line: usize, streams: &Streams) -> Run<()> {
        match shape {
            Shape::Simple { .. } => Ok(()),
            Shape::Group(list) => self.list(list, streams),
            Shape::Subshell(list) => {
                let mut part = self.part();
                self.status = match part.list(list, streams) {
                    Ok(()) => part.status,
                    Err(Stop::Exit(status)) => status,
                    Err(Stop::Break(_) | Stop::Continue(_)) => 0,
                    Err(stop) => return Err(stop),
                };
                Ok(())
            }
            Shape::If { branches, otherwise } => {
                for (condition, then) in branches {
                    self.list(condition, streams)?;
                    if self.status == 0 {
                        return self.list(then, streams);
                    }
                }
                self.status = 0;
                self.list(otherwise, streams)
            }
            Shape::For { variable, words, body } => {
                let values = match words {
                    Some(words) => self.words(words, streams)?,
                    None => self.arguments.to_vec(),
                };
                self.status = 0;
                for value in values {
                    self.budget.step()?;
                    self.assign(variable, &value)?;
                    if !self.round(body, streams)? {
                        break;
                    }
                }
                Ok(())
            }
            Shape::While { until, condition, body } => {
                let mut status = 0;
                loop {
                    self.budget.step()?;
                    self.loops += 1;
                    let looked = self.list(condition, streams);
                    self.loops -= 1;
                    looked?;
                    if (self.status == 0) == *until {
                        break;
                    }
                    let goes_on = self.round(body, streams)?;
                    status = self.status;
                    if !goes_on {
                        break;
                    }
                }
                self.status = status;
                Ok(())
            }
            Shape::Case { word, arms } => {
                let value = self.value(word, streams)?;
                self.status = 0;
                for (patterns, list) in arms {
                    for pattern in patterns {
                        if self.pattern(pattern, streams)?.matches(&value, &self.budget)? {
                            return self.list(list, streams);
                        }
                    }
                }
                Ok(())
            }
            Shape::Function(_) => {
                Err(Stop::Refused(format!("line {line}: defines a function, which is not interpreted")))
            }
        }
    }

    /// Runs one iteration of a loop; returns whether another may follow.
    fn round(&mut self, body: &List, streams: &Streams) -> Run<bool> {
        self.loops += 1;
        let ran = self.list(body, streams);
        self.loops -= 1;
        match ran {
            Ok(()) | Err(Stop::Continue(0 | 1)) => Ok(true),
            Err(Stop::Break(0 | 1)) => Ok(false),
            Err(Stop::Break(loops)) if self.loops > 0 => Err(Stop::Break(loops - 1)),
            Err(Stop::Continue(loops)) if self.loops > 0 => Err(Stop::Continue(loops - 1)),
            Err(Stop::Break(_)) => Ok(false),
            Err(Stop::Continue(_)) => Ok(true),
            Err(stop) => Err(stop),
        }
    }

    fn simple(
        &mut self,
        assignments: &[(String, Word)],
        words: &[Word],
        redirections: &[Redirection],
        streams: &Streams,
    ) -> Run<()> {
        let before = self.status;
        if words.is_empty() {
            self.status = 0;
        }
        let arguments = self.words(words, streams)?;
        let Some(inside) = self.redirected(redirections, streams)? else { return Ok(()) };
        let mut given = Vec::new();
        for (name, word) in assignments {
            let value = self.value(word, streams)?;
            if arguments.is_empty() {
                self.assign(name, &value)?;
            } else {
                given.push((name, value));
            }
        }
        if arguments.is_empty() {
            return Ok(());
        }
        if words.is_empty() {
            self.status = before;
        }
        // Assignments before a command apply to that command only.
        let mut kept = Vec::new();
        for (name, value) in given {
            kept.push((name, self.set(name, Some(value.into()))?));
        }
        let ran = self.run(&arguments, &inside);
        for (name, value) in kept {
            self.set(name, value)?;
        }
        self.status = ran?;
        Ok(())
    }

    /// Runs a builtin or a program.
    fn run(&mut self, arguments: &Arguments, streams: &Streams) -> Run<i32> {
        let Some(name) = arguments.first().cloned() else { return Ok(0) };
        if let Some(status) = self.builtin(&name, arguments, streams)? {
            return Ok(status);
        }
        match self.program(&name, arguments, streams)? {
            Ok(status) => Ok(status),
            Err(lack) => {
                let text: &[u8] = if lack == Lack::NotFound { b"not found" } else { lack.text().as_bytes() };
                self.complain(&[&name, b": ".as_slice(), text].concat(), streams)?;
                Ok(if lack == Lack::NotFound { 127 } else { 126 })
            }
        }
    }

    /// Runs a program; `Lack` is why it cannot be executed.
    pub(super) fn program(&mut self, name: &[u8], arguments: &Arguments, streams: &Streams) -> Run<Result<i32, Lack>> {
        self.budget.step()?;
        if matches!(tools::base(name), b"sh" | b"dash") {
            return self.nested(arguments, streams).map(Ok);
        }
        if let Some(tool) = tools::find(name) {
            return tools::run(tool, self, arguments, streams).map(Ok);
        }
        let needed = || Stop::NeedsProcess(String::from_utf8_lossy(name).into_owned());
        // bash and busybox are assumed on every node, even if a recording does not list them.
        if name.contains(&b'/') && !matches!(tools::base(name), b"bash" | b"busybox") {
            return match self.node.metadata(name) {
                Ok(Ok(metadata)) if metadata.kind == FileKind::Directory => Ok(Err(Lack::Denied)),
                Ok(Err(Lack::NotFound | Lack::NotADirectory)) => Ok(Err(Lack::NotFound)),
                _ => Err(needed()),
            };
        }
        if is_no_program(name) { Ok(Err(Lack::NotFound)) } else { Err(needed()) }
    }

    /// Runs `sh -c TEXT [NAME [ARGUMENT…]]`.
    fn nested(&mut self, arguments: &Arguments, streams: &Streams) -> Run<i32> {
        let (Some(option), Some(text)) = (arguments.get(1), arguments.get(2)) else {
            return Err(Stop::Refused(format!("line {}: a shell without -c", self.line)));
        };
        if option != b"-c" {
            return Err(Stop::Refused(format!("line {}: an option of sh that is not interpreted", self.line)));
        }
        let text = String::from_utf8_lossy(text);
        self.budget.parse(text.len())?;
        let script = parse::script(&text).map_err(|refusal| {
            Stop::Refused(format!("line {}: in sh -c, line {}: {}", self.line, refusal.line, refusal.detail))
        })?;
        let mut inside = self.part();
        inside.name = Rc::from(arguments.get(3).or_else(|| arguments.first()).map_or(&[][..], Vec::as_slice));
        inside.arguments = Rc::new(arguments.get(4..).unwrap_or_default().to_vec());
        inside.status = 0;
        let budget = self.budget.clone();
        budget.deeper(|| inside.whole(&script, streams))
    }

    /// The streams of a command after redirection; `None` if one cannot be opened.
    fn redirected(&mut self, redirections: &[Redirection], streams: &Streams) -> Run<Option<Streams>> {
        let mut inside = streams.clone();
        for Redirection { stream, kind, word } in redirections {
            let target = self.value(word, streams)?;
            let refused = |what: &str| Stop::Refused(format!("line {}: {what}", self.line));
            match (kind, stream) {
                (RedirectionKind::From, 0) => match self.node.content(&target)? {
                    Ok(bytes) => inside.input = Input::new(bytes),
                    Err(Lack::IsADirectory) => return Err(refused("reads a directory as a file")),
                    Err(lack) => {
                        let absent = matches!(lack, Lack::NotFound | Lack::NotADirectory);
                        let why = if absent { "No such file" } else { lack.text() };
                        self.complain(&[b"cannot open ", &target[..], b": ", why.as_bytes()].concat(), &inside)?;
                        self.status = 2;
                        return Ok(None);
                    }
                },
                (RedirectionKind::To, 1) if target == b"/dev/null" => inside.output = Sink::Nowhere,
                (RedirectionKind::To, 2) if target == b"/dev/null" => inside.errors = Sink::Nowhere,
                (RedirectionKind::To, 1) if target == b"/dev/stderr" => inside.output = inside.errors.clone(),
                (RedirectionKind::To, 2) if target == b"/dev/stdout" => inside.errors = inside.output.clone(),
                (RedirectionKind::Copy, 1) if target == b"2" => inside.output = inside.errors.clone(),
                (RedirectionKind::Copy, 2) if target == b"1" => inside.errors = inside.output.clone(),
                (RedirectionKind::Copy, 0..=2) if target == stream.to_string().as_bytes() => {}
                (RedirectionKind::To, _) => return Err(refused("writes to a file, which is never done")),
                _ => return Err(refused("a redirection that is not interpreted")),
            }
        }
        Ok(Some(inside))
    }
}
