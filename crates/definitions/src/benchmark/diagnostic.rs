//! Diagnostics: mistakes in definition files, with their locations.

use std::fmt;

use sorting::Sorting;

/// Every code that a [`Diagnostic`] can have, with its meaning.
pub const CODES: &[(&str, &str)] = &[
    ("ambiguous-word", "an unquoted word that YAML parsers interpret differently, such as `yes` or `0600`"),
    ("anchor", "an anchor or an alias"),
    ("bad-executable", "the name of an executable that no process can have"),
    ("bad-flag", "a flag that is not written as `--name`"),
    ("bad-glob", "a pattern for file names that is empty or contains directories"),
    ("bad-key", "a mapping or a list as a key"),
    ("bad-key-path", "a key path that cannot be parsed"),
    ("bad-name", "a name that definitions cannot refer to"),
    ("bad-namespace", "a name that no namespace can have"),
    ("bad-path", "a path that is not absolute, or has `*` elsewhere than in its last part"),
    ("bad-place", "a place without a location to look at"),
    ("bad-reference", "a page whose address does not start with https://"),
    ("bad-template", "a `{{…}}` that is not a parameter, place or snippet"),
    ("bad-unit", "a text that is not the name of a systemd service"),
    ("bad-unit-setting", "a text that is not the section and the name of a systemd setting"),
    ("bad-version", "a value that is not a Kubernetes release line"),
    ("circular", "a benchmark that extends itself"),
    ("contradiction", "two statements that cannot both be meant"),
    ("duplicate-definition", "two files that define the same thing"),
    ("duplicate-entry", "the same thing twice in a list"),
    ("duplicate-key", "the same key twice in a mapping"),
    ("duplicate-number", "the same number twice in a target"),
    ("empty-file", "a file in which nothing is defined"),
    ("empty-text", "a text or a list without anything in it"),
    ("idle-control", "a control that no benchmark contains (a warning)"),
    ("misfit", "a definition that replaces another one and breaks what refers to it"),
    ("misplaced-file", "a file in a directory where none is looked for"),
    ("misplaced-template", "`{{…}}` where nothing is filled in"),
    ("missing-key", "a key that must be given"),
    ("missing-parameter", "a parameter that must be given"),
    ("missing-unset", "a condition that does not say what unset means"),
    ("no-condition", "an expectation that expects nothing"),
    ("no-config", "a key path for a component without a configuration file"),
    ("no-process", "settings of a component that has no process"),
    ("no-setting", "an expectation that names no setting"),
    ("no-unit", "the unit of a component that names none"),
    ("not-boolean", "a flag compared with true or false that the component does not list as boolean"),
    ("not-map", "an entry of a flag that the component does not list as a map"),
    ("number-group", "a number that does not belong to its group"),
    ("number-order", "a number that does not come in its order"),
    ("part-of", "a component that is part of what cannot have parts"),
    ("several-documents", "more than one YAML document in a file"),
    ("syntax", "a file that is not YAML"),
    ("tag", "a YAML tag"),
    ("too-deep", "nested mappings and lists beyond reason"),
    ("unknown-benchmark", "a benchmark that is not defined"),
    ("unknown-component", "a component that is not defined"),
    ("unknown-control", "a control that is not defined"),
    ("unknown-key", "a key that has no meaning there"),
    ("unknown-number", "a number that the benchmark lacks"),
    ("unknown-parameter", "a parameter that the control lacks"),
    ("unknown-place", "a place that the component lacks"),
    ("unknown-platform", "a platform that does not exist"),
    ("unknown-snippet", "a snippet that is not defined"),
    ("unknown-target", "a target that does not exist"),
    ("unknown-word", "a word that is none of those that may stand there"),
    ("unreadable-file", "a file whose text cannot be had"),
    ("unused-control", "a control that the extended benchmark does not ask for"),
    ("unused-parameter", "a parameter that nothing refers to"),
    ("version-range", "a range that ends before it begins"),
    ("wrong-type", "a value of the wrong kind"),
    ("wrong-value", "a value that its condition cannot be compared with"),
];

/// The most characters of a source line that are shown.
const SHOWN: usize = 160;

/// The severity of a mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// The definitions are refused.
    Error,
    /// The definitions are accepted, but are probably not what was intended.
    Warning,
}

impl Severity {
    /// Returns the machine-readable name: `error` or `warning`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// A mistake and its location.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The kind of mistake: one of [`CODES`].
    pub code: &'static str,
    /// Whether the definitions are refused because of it.
    pub severity: Severity,
    /// The file, by its [`super::SourceFile::name`].
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// The number of characters of the line concerned; at least 1.
    pub length: usize,
    /// What is wrong, in one line.
    pub message: String,
    /// How to fix it, in one line.
    pub hint: Option<String>,
    /// The source line.
    pub source: String,
}

impl fmt::Display for Diagnostic {
    /// Writes the message with its location, the source line, carets under the mistake, and the hint; no trailing line
    /// break.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.severity == Severity::Warning { "warning: " } else { "" };
        write!(f, "{}:{}:{}: {kind}{}", printable(&self.file), self.line, self.column, self.message)?;
        if !self.source.trim().is_empty() {
            let before = self.column.saturating_sub(1);
            // Of a very long line, only the part around the mistake is shown.
            let cut = if before < SHOWN { 0 } else { before - SHOWN / 2 };
            let shown: String = self.source.chars().skip(cut).take(SHOWN).collect();
            let indent: String = shown.chars().take(before - cut).map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
            let room = shown.chars().count().saturating_sub(before - cut).max(1);
            let carets = "^".repeat(self.length.clamp(1, room));
            write!(f, "\n{}\n{indent}{carets}", printable(shown.trim_end()))?;
        }
        match &self.hint {
            Some(hint) => write!(f, "\nhint: {hint}"),
            None => Ok(()),
        }
    }
}

/// Replaces everything that a terminal would act on (control characters, changes of text direction), since definitions
/// may come from untrusted sources.
fn printable(text: &str) -> String {
    let turns =
        |c| matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().map(|c| if turns(c) || c.is_control() && c != '\t' { '\u{fffd}' } else { c }).collect()
}

/// All mistakes found, by file and line; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    /// Returns the value if there are no mistakes, otherwise the mistakes as an error.
    ///
    /// # Errors
    ///
    /// If there is any mistake.
    pub fn unless_any<T>(mut mistakes: Vec<Diagnostic>, value: T) -> Result<T, Self> {
        if mistakes.is_empty() {
            return Ok(value);
        }
        mistakes.order_by(|a, b| (&a.file, a.line, a.column).cmp(&(&b.file, b.line, b.column)));
        Err(Self(mistakes))
    }

    /// Returns the mistakes, by file and line.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.0.iter()
    }
}

impl fmt::Display for Diagnostics {
    /// Writes all mistakes, separated by empty lines; no trailing line break.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, mistake) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n\n")?;
            }
            mistake.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for Diagnostics {}
