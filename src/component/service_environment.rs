//! The environment variables that systemd sets for a service, according to its units and environment files.
//!
//! Sources: systemd.syntax(7) and systemd.exec(5), <https://www.freedesktop.org/software/systemd/man/latest/>.

use std::collections::{BTreeMap, BTreeSet};

use probe::{Cause, Observed, Reason};

use super::set_in::{SetIn, Variable};
use super::unit::{Assignment, Unit};

/// The environment of a service according to its unit and drop-ins, merged as systemd does it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServiceUnit {
    /// The program that it starts, without systemd's prefix characters; none if no unit names one.
    pub program: Option<String>,
    /// The words of its command line, program first; empty if no unit has one.
    pub command: Vec<String>,
    /// Whether the program gets flags.
    pub has_arguments: bool,
    /// Whether its command line refers to variables.
    pub refers_to_variables: bool,
    /// The environment files that it names, in order of precedence, lowest first.
    pub files: Vec<EnvironmentFile>,
    variables: BTreeMap<String, Observed<Variable>>,
    /// The variables passed on from systemd's own environment, by name.
    passed: BTreeMap<String, SetIn>,
    /// The variables that are removed at the end: names, or names with values.
    unset: BTreeSet<String>,
}

/// An environment file that a unit names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvironmentFile {
    /// The path as written in the unit, which may contain `*` as a wildcard.
    pub path: String,
    /// Whether the file may be missing.
    pub optional: bool,
    /// Where the unit names it.
    pub named_in: SetIn,
}

impl ServiceUnit {
    /// Reads the `[Service]` section of a unit.
    pub fn of(unit: &Unit) -> Self {
        let mut service = Self::default();
        for assignment in unit.section(SECTION) {
            service.take(assignment);
        }
        service
    }

    fn take(&mut self, assignment: &Assignment) {
        let Assignment { name, value, file, line, .. } = assignment;
        let set_in = SetIn { file: file.to_string(), line: Some(*line) };
        match name.as_str() {
            "ExecStart" => {
                self.program = program(assignment);
                self.command = assignment.words();
                if let (Some(first), Some(program)) = (self.command.first_mut(), &self.program) {
                    first.clone_from(program);
                }
                self.has_arguments = has_arguments(assignment);
                self.refers_to_variables = refers_to_variables(assignment);
            }
            "Environment" if value.is_empty() => self.variables.clear(),
            "Environment" => {
                for (name, value) in assignment.words().iter().filter_map(|word| pair(word)) {
                    let variable = plain(value).map_or_else(
                        || Observed::Unknown(specifier(&set_in, name)),
                        |value| Observed::Present(Variable { value, set_in: Some(set_in.clone()) }),
                    );
                    self.variables.insert(name.to_owned(), variable);
                }
            }
            "EnvironmentFile" if value.is_empty() => self.files.clear(),
            "EnvironmentFile" => {
                let (path, optional) = value.strip_prefix('-').map_or((value.as_str(), false), |path| (path, true));
                self.files.push(EnvironmentFile { path: path.to_owned(), optional, named_in: set_in });
            }
            "PassEnvironment" if value.is_empty() => self.passed.clear(),
            "PassEnvironment" => {
                self.passed.extend(assignment.words().into_iter().map(|name| (name, set_in.clone())));
            }
            "UnsetEnvironment" if value.is_empty() => self.unset.clear(),
            "UnsetEnvironment" => self.unset.extend(assignment.words()),
            _ => {}
        }
    }

    /// Returns the names of the variables that its command line refers to, directly or for a shell.
    pub fn referred(&self) -> BTreeSet<&str> {
        self.command.iter().flat_map(|word| word.split('$').skip(1)).map(leading_name).collect()
    }

    /// Returns the variables of the service, given the contents of its environment files in order.
    pub fn variables(self, files: Vec<BTreeMap<String, Variable>>) -> BTreeMap<String, Observed<Variable>> {
        let handed_on = |(name, set_in): (String, SetIn)| {
            let why = Reason::new(
                Cause::System,
                &set_in.file,
                format!("PassEnvironment hands on {name} from systemd's own environment, which is not known"),
            );
            (name, Observed::Unknown(why))
        };
        let mut variables = sorting::map(self.passed.into_iter().map(handed_on));
        variables.extend(self.variables);
        for file in files {
            variables.extend(file.into_iter().map(|(name, variable)| (name, Observed::Present(variable))));
        }
        variables.retain(|name, variable| {
            // An entry with a value removes the variable only if it has that value.
            let pair = variable.as_present().map(|variable| format!("{name}={}", variable.value));
            !self.unset.contains(name) && !pair.is_some_and(|pair| self.unset.contains(&pair))
        });
        variables
    }
}

fn specifier(set_in: &SetIn, name: &str) -> Reason {
    Reason::new(Cause::System, &set_in.file, format!("{name} holds a % specifier, which only systemd can resolve"))
}

/// Returns the name at the start of the text behind a dollar sign: `NAME`, `{NAME}`; empty if there is none.
fn leading_name(text: &str) -> &str {
    let text = text.strip_prefix('{').unwrap_or(text);
    text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').next().unwrap_or_default()
}

/// Returns the variables in an environment file; the last one of a name wins.
pub fn environment_file(file: &str, bytes: &[u8]) -> BTreeMap<String, Variable> {
    let variable = |entry: Entry| {
        let set_in = Some(SetIn { file: file.to_owned(), line: Some(entry.first) });
        (entry.name, Variable { value: entry.value, set_in })
    };
    sorting::map(entries(&String::from_utf8_lossy(bytes)).into_iter().map(variable))
}

/// The section of a unit that configures the service's processes.
pub(super) const SECTION: &str = "Service";

/// Returns the program of a command line, without systemd's prefix characters.
pub fn program(command: &Assignment) -> Option<String> {
    let word = command.words().into_iter().next()?;
    Some(word.trim_start_matches(['@', '-', ':', '+', '!', '|']).to_owned()).filter(|program| !program.is_empty())
}

/// Whether a command line has flags behind the program, possibly within a shell script.
fn has_arguments(command: &Assignment) -> bool {
    command.words().iter().skip(1).any(|word| word.contains('-'))
}

fn refers_to_variables(command: &Assignment) -> bool {
    command.words().iter().any(|word| word.contains('$'))
}

/// Splits `NAME=value`; none if the name is not a valid variable name.
pub(super) fn pair(word: &str) -> Option<(&str, &str)> {
    word.split_once('=').filter(|(name, _)| is_name(name))
}

fn is_name(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|first: char| first.is_ascii_digit())
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}

/// Replaces `%%` with a percent sign; none if the value contains another specifier.
pub fn plain(value: &str) -> Option<String> {
    let mut parts = value.split("%%");
    parts.all(|part| !part.contains('%')).then(|| value.replace("%%", "%"))
}

/// Quotes a word for a unit.
pub(super) fn quoted(word: &str) -> String {
    let mut text = String::from("\"");
    for letter in word.chars() {
        match letter {
            '"' | '\\' => text.extend(['\\', letter]),
            '\n' => text.push_str("\\n"),
            '\t' => text.push_str("\\t"),
            _ => text.push(letter),
        }
    }
    text + "\""
}

/// A variable of an environment file.
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) value: String,
    /// Its first line, from 1.
    pub(super) first: usize,
    /// Its last line, from 1.
    pub(super) last: usize,
}

/// Returns the variables of a file: one per line, unless a quote or a backslash continues it on the next.
pub(super) fn entries(text: &str) -> Vec<Entry> {
    let mut found = Vec::new();
    let mut lines = text.lines().enumerate();
    while let Some((index, line)) = lines.next() {
        let line = line.trim_start();
        if line.starts_with(['#', ';']) {
            continue;
        }
        let Some((name, start)) = line.split_once('=') else { continue };
        let mut value = FileValue::default();
        value.take(start.trim_start());
        let mut last = index + 1;
        while value.goes_on {
            let Some((index, line)) = lines.next() else { break };
            last = index + 1;
            value.take(line);
        }
        let name = name.trim_end();
        if is_name(name) {
            found.push(Entry { name: name.to_owned(), value: value.end(), first: index + 1, last });
        }
    }
    found
}

/// A value in an environment file, read line by line.
#[derive(Default)]
struct FileValue {
    text: String,
    /// The length of the text without trailing white space that may be removed, in bytes.
    kept: usize,
    quote: Option<char>,
    /// Whether an unquoted character was read: later quotes are literal.
    is_plain: bool,
    goes_on: bool,
}

impl FileValue {
    fn take(&mut self, line: &str) {
        self.goes_on = false;
        let mut letters = line.chars();
        while let Some(letter) = letters.next() {
            match (self.quote, letter) {
                (Some(quote), _) if letter == quote => {
                    self.quote = None;
                    self.kept = self.text.len();
                }
                (None, '"' | '\'') if !self.is_plain => self.quote = Some(letter),
                (Some('"') | None, '\\') => match letters.next() {
                    None => {
                        self.is_plain |= self.quote.is_none();
                        self.goes_on = true;
                        return;
                    }
                    // In double quotes, a backslash is literal unless the next character is special.
                    Some(next) => {
                        if self.quote.is_some() && !"\"\\`$".contains(next) {
                            self.text.push('\\');
                        }
                        self.push(next);
                    }
                },
                (None, _) if letter.is_ascii_whitespace() && self.is_plain => self.text.push(letter),
                (None, _) if letter.is_ascii_whitespace() => {}
                _ => self.push(letter),
            }
        }
        if self.quote.is_some() {
            self.push('\n');
            self.goes_on = true;
        }
    }

    fn push(&mut self, letter: char) {
        self.is_plain |= self.quote.is_none();
        self.text.push(letter);
        self.kept = self.text.len();
    }

    fn end(mut self) -> String {
        self.text.truncate(self.kept);
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::component::{CommandLines, Sets, unit_excerpt, variables_excerpt};

    fn set(variables: &BTreeMap<String, Observed<Variable>>) -> Vec<(&str, &str, &str)> {
        variables
            .iter()
            .map(|(name, variable)| match variable {
                Observed::Present(Variable { value, set_in: Some(set_in) }) => {
                    (name.as_str(), value.as_str(), set_in.file.as_str())
                }
                _ => (name.as_str(), "?", ""),
            })
            .collect()
    }

    /// Returns the service of a unit and its drop-ins.
    fn service(files: &[(&str, &[u8])]) -> ServiceUnit {
        let mut unit = Unit::default();
        for (file, bytes) in files {
            unit.add(file, bytes).expect("this is a unit");
        }
        ServiceUnit::of(&unit)
    }

    /// Returns excerpts of the bytes as a unit and as an environment file, in which these variables are read.
    fn kept(bytes: &[u8], names: &BTreeSet<String>) -> [Vec<u8>; 2] {
        let sets = Sets { variables: names.clone(), ..Sets::default() };
        let lines = CommandLines::new(&sets, &|_, value| value.to_owned(), &|_| None);
        [unit_excerpt(bytes, names, &lines), variables_excerpt(bytes, names, &lines)]
    }

    #[test]
    fn a_unit_says_what_its_service_finds_in_its_environment() {
        let file =
            b"[Unit]\nEnvironment=X=1\n[Service]\n# Environment=C=1\nEnvironment=A=1 \"B=two words\" 'C=it\\'s' D\n\
              Environment = E=%% F=%i\nEnvironmentFile=-/etc/default/etcd\nExecStart=-/opt/bin/etcd --name=%H\n\
              PassEnvironment=P A\nUnsetEnvironment=U B=other C\nEnvironment=U=1\n[Install]\nEnvironment=Y=1\n";
        let drop_in = b"[Service]\nEnvironment=\"A=1 \\\n; no comment\n  2\"\nEnvironmentFile=/etc/etcd/etcd.env";
        let unit = service(&[("etcd.service", file), ("10-a.conf", drop_in)]);
        assert_eq!(unit.program.as_deref(), Some("/opt/bin/etcd"));
        let files: Vec<_> = unit.files.iter().map(|file| (file.path.as_str(), file.optional)).collect();
        assert_eq!(files, [("/etc/default/etcd", true), ("/etc/etcd/etcd.env", false)]);
        let file = environment_file("etcd.env", b"E=from the file\n");
        let variables = unit.variables(vec![BTreeMap::new(), file]);
        let expected = [
            ("A", "1    2", "10-a.conf"),
            ("B", "two words", "etcd.service"),
            ("E", "from the file", "etcd.env"),
            ("F", "?", ""),
            ("P", "?", ""),
        ];
        assert_eq!(set(&variables), expected);
    }

    #[test]
    fn an_empty_setting_takes_back_what_was_said_before() {
        let file = b"[Service]\nEnvironment=A=1\nEnvironmentFile=/a\nExecStart=/bin/sh\nPassEnvironment=P\n";
        let drop_in = b"[Service]\nEnvironment=\nEnvironmentFile=\nExecStart=\nPassEnvironment=\nEnvironment=B=2\n";
        let unit = service(&[("a", file), ("b", drop_in)]);
        assert_eq!((unit.program.clone(), unit.files.len()), (None, 0));
        assert_eq!(set(&unit.variables(Vec::new())), [("B", "2", "b")]);
    }

    #[test]
    fn files_of_variables_are_read_as_systemd_reads_them() {
        let text = "# A=comment\n; A=comment\nA=1\nB = \" two  words \"  \nC=it's fine'  # said\nD=a\\\nb\nE=\"a\nb\"\nF='$A \\n'\n\
                    G=\"\\$A \\n\"\nexport H=1\n1X=1\nnothing\nA=2\nI=\nJ=a b \nM='a' \"b\" c'd\nK=\"open\nL=1";
        let read = environment_file("f", text.as_bytes());
        let values: Vec<_> = read.iter().map(|(name, variable)| (name.as_str(), variable.value.as_str())).collect();
        let expected = [
            ("A", "2"),
            ("B", " two  words "),
            ("C", "it's fine'  # said"),
            ("D", "ab"),
            ("E", "a\nb"),
            ("F", "$A \\n"),
            ("G", "$A \\n"),
            ("I", ""),
            ("J", "a b"),
            ("K", "open\nL=1\n"),
            ("M", "abc'd"),
        ];
        assert_eq!(values, expected);
        let line = |name: &str| read.get(name).and_then(|variable| variable.set_in.as_ref()?.line);
        assert_eq!((line("A"), line("E"), line("F")), (Some(15), Some(8), Some(10)));
    }

    #[test]
    fn only_what_is_asked_for_is_kept_and_every_line_stays() {
        let names = BTreeSet::from(["ETCD_A".to_owned(), "ETCD_B".to_owned()]);
        let unit = b"[Unit]\nDescription=etcd\n[Service]\nEnvironment=TOKEN=abc ETCD_A=1 \"ETCD_B=a \\\"b\\\" %i\"\n\
                     Environment=SECRET=x \\\n  MORE=y\nEnvironmentFile=-/etc/etcd.env\nExecStart=/opt/bin/etcd --token abc\n\
                     UnsetEnvironment=TOKEN ETCD_A=0\nEnvironment=\nRestart=always\n[Install]\nWantedBy=x\n";
        let [kept, _] = self::kept(unit, &names);
        let expected = "\n\n[Service]\nEnvironment=\"ETCD_A=1\" \"ETCD_B=a \\\"b\\\" %i\"\nEnvironment=\"(withheld\"\n\nEnvironmentFile=-/etc/etcd.env\n\
                        ExecStart=\"/opt/bin/etcd\" \"--token\" \"(withheld:1)\"\nUnsetEnvironment=\"ETCD_A=0\"\nEnvironment=\n";
        assert_eq!(String::from_utf8_lossy(&kept), expected);
        assert_eq!(self::kept(&kept, &names)[0], kept, "what is kept needs no more to be left out");
        let file = b"# comment\nTOKEN=abc\nETCD_A=\"1\n2\"\nSECRET='x\nETCD_B=no'\nETCD_B=3\n\nTOKEN=d\n";
        let [_, kept] = self::kept(file, &names);
        assert_eq!(String::from_utf8_lossy(&kept), "\n\nETCD_A=\"1\n2\"\n\n\nETCD_B=3\n");
        assert_eq!(self::kept(&kept, &names)[1], kept);
    }

    #[test]
    fn a_unit_of_a_single_endless_line_is_read_once() {
        let text = format!("[Service]\nEnvironment=A=1 \\\n{}B=2\n", "\\\n".repeat(1 << 20));
        let unit = service(&[("u", text.as_bytes())]);
        assert_eq!(set(&unit.variables(Vec::new())), [("A", "1", "u"), ("B", "2", "u")]);
    }

    #[test]
    fn what_is_kept_of_a_unit_says_the_same_as_the_whole() {
        let unit =
            b"[Service]\nEnvironment='A=1' B=\\\"x\\\"\\ty%%\nPassEnvironment=A P\nExecStart=@/usr/bin/etcd etcd\n";
        let names = ["A", "B", "P"].map(str::to_owned).into_iter().collect();
        // Excerpts keep only the first word of the command.
        let read = |bytes: &[u8]| ServiceUnit { command: Vec::new(), ..service(&[("u", bytes)]) };
        assert_eq!(read(unit), read(&kept(unit, &names)[0]));
    }
}
