//! The syntax tree of an audit.

/// Commands one after the other.
pub(super) type List = Vec<Chain>;

/// Pipelines that depend on each other's success: `a && b || c`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Chain {
    pub(super) first: Pipeline,
    pub(super) rest: Vec<(Connector, Pipeline)>,
    /// Whether the shell would not wait for it (`&`).
    pub(super) background: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Connector {
    And,
    Or,
}

/// Commands each of which reads what the one before prints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pipeline {
    /// Whether its status is turned around (`!`).
    pub(super) negated: bool,
    pub(super) commands: Vec<Command>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Command {
    /// Where it stands, from 1.
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
    /// `if` and `elif` with what follows each, and `else`.
    If {
        branches: Vec<(List, List)>,
        otherwise: List,
    },
    /// Without words, over the arguments of the shell.
    For {
        variable: String,
        words: Option<Vec<Word>>,
        body: List,
    },
    /// `while`, or `until`.
    While {
        until: bool,
        condition: List,
        body: List,
    },
    Case {
        word: Word,
        arms: Vec<(Vec<Word>, List)>,
    },
    /// Parsed so that its commands are known; not interpreted.
    Function(Box<Command>),
}

/// Where a stream of a command comes from or goes to.
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

/// A word as it is written.
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
    /// What commands print.
    Output {
        commands: Script,
        quoted: bool,
    },
    /// Something that is not interpreted; what it is.
    Unknown(&'static str),
}

/// The value of a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Parameter {
    /// A name, a number, or one of `@*#?$!-`.
    pub(super) name: String,
    pub(super) change: Change,
}

/// What becomes of the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Change {
    None,
    /// `${#x}`
    Length,
    /// `-`, `=`, `?`, `+`; with a colon, an empty value counts as none.
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

/// A whole audit, or the text of a nested shell: line by line, as a shell reads it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Script {
    pub(super) lines: Vec<List>,
    /// What a shell finds wrong after having run those lines.
    pub(super) error: Option<SyntaxError>,
}

/// What a shell says of text that it cannot parse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SyntaxError {
    pub(super) line: usize,
    pub(super) message: String,
}
