//! The syntax tree of an audit.

/// A sequence of commands.
pub(super) type List = Vec<Chain>;

/// Pipelines joined by `&&` and `||`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Chain {
    pub(super) first: Pipeline,
    pub(super) rest: Vec<(Connector, Pipeline)>,
    /// Whether it runs in the background (`&`).
    pub(super) background: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Connector {
    And,
    Or,
}

/// Commands connected by pipes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pipeline {
    /// Whether its status is negated (`!`).
    pub(super) negated: bool,
    pub(super) commands: Vec<Command>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Command {
    /// Its line, from 1.
    pub(super) line: usize,
    pub(super) shape: Shape,
    pub(super) redirections: Vec<Redirection>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Shape {
    Simple {
        assignments: Vec<(String, Word)>,
        words: Vec<Word>,
    },
    /// `{ … }`
    Group(List),
    /// `( … )`
    Subshell(List),
    /// The conditions and bodies of `if` and `elif`, and `else`.
    If {
        branches: Vec<(List, List)>,
        otherwise: List,
    },
    /// Without words, iterates over the arguments of the shell.
    For {
        variable: String,
        words: Option<Vec<Word>>,
        body: List,
    },
    /// `while` or `until`.
    While {
        until: bool,
        condition: List,
        body: List,
    },
    Case {
        word: Word,
        arms: Vec<(Vec<Word>, List)>,
    },
    /// Parsed to list its commands, but not interpreted.
    Function(Box<Command>),
}

/// A redirection of one stream of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Redirection {
    /// 0, 1, 2 …
    pub(super) stream: u32,
    pub(super) kind: RedirectionKind,
    pub(super) word: Word,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RedirectionKind {
    /// `<`
    From,
    /// `>`, `>>`, `>|`
    To,
    /// `>&` or `<&`
    Copy,
}

/// A word as written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Word(pub(super) Vec<Part>);

/// A part of a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    Text {
        text: String,
        quoted: bool,
    },
    Parameter {
        parameter: Parameter,
        quoted: bool,
    },
    /// A command substitution.
    Output {
        commands: Script,
        quoted: bool,
    },
    /// Unsupported syntax, with its description.
    Unknown(&'static str),
}

/// A variable expansion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Parameter {
    /// A name, a number, or one of `@*#?$!-`.
    pub(super) name: String,
    pub(super) change: Change,
}

/// How an expansion modifies the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Change {
    None,
    /// `${#x}`
    Length,
    /// `-`, `=`, `?`, `+`; with a colon, an empty value counts as unset.
    Otherwise {
        how: char,
        colon: bool,
        word: Word,
    },
    /// `%`, `%%`, `#`, `##`
    Without {
        suffix: bool,
        longest: bool,
        pattern: Word,
    },
}

/// A whole audit, or the text of a nested shell, by lines as a shell reads it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Script {
    pub(super) lines: Vec<List>,
    /// The syntax error that a shell reports after running those lines.
    pub(super) error: Option<SyntaxError>,
}

/// A shell's message for text that it cannot parse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SyntaxError {
    pub(super) line: usize,
    pub(super) message: String,
}
