//! Mutants of settings: every way of giving a component a value.

use serde_yaml::Value;

use super::cis::Setting;
use super::machine::{Machine, empty, put, take};
use super::mutant::{Direction, Family};
use super::values::word;

/// The path for configuration files of programs that have none.
const ELSEWHERE: &str = "/opt/elsewhere/config.yaml";

/// Returns the families for settings that must all hold.
pub fn families(base: &Machine, settings: &[Setting]) -> Vec<Family> {
    settings
        .iter()
        .enumerate()
        .flat_map(|(index, setting)| {
            let others = settings.iter().enumerate().filter(|(other, _)| *other != index);
            let others: Vec<&Setting> = others.map(|(_, other)| other).collect();
            let with_others = others.iter().fold(base.clone(), |machine, other| {
                plain(&bare(&machine, other), other, Direction::Pass)
                    .unwrap_or_else(|| panic!("{}: nothing makes it pass", other.flag))
            });
            let untold = bare(&with_others, setting);
            let directions = [Direction::Pass, Direction::Fail];
            directions.into_iter().filter_map(move |direction| one(&untold, setting, &others, direction))
        })
        .collect()
}

/// Returns the family that changes the verdict of one setting.
fn one(bare: &Machine, setting: &Setting, others: &[&Setting], direction: Direction) -> Option<Family> {
    let before = plain(bare, setting, direction.opposite())?;
    let mut family = Family::new(direction, format!("{}, {}", setting.flag, direction.opposite().name()), before);
    let other = setting.value(direction.opposite());
    for (index, value) in setting.values(direction).iter().enumerate() {
        let telling = Telling { bare, setting, others, value, other, thorough: index == 0 };
        telling.arguments(&mut family);
        telling.configuration(&mut family);
        telling.file_of_its_own(&mut family);
        if direction == Direction::Fail && index == 0 {
            let good = &family.before;
            if let Some(bad) = plain(bare, setting, Direction::Fail) {
                family.add("a second process is bad", good.with_second(&setting.of, &bad));
            }
        }
    }
    if setting.unset == direction {
        unset(bare, setting, others, &mut family);
    }
    Some(family)
}

/// Returns the node without any trace of the setting.
fn bare(machine: &Machine, setting: &Setting) -> Machine {
    let mut bare = machine.without_flag(&setting.of, &setting.flag);
    if let Some(file) = &setting.file {
        bare = bare.without_flag(&setting.of, &file.named_by);
    }
    if let Some(key) = &setting.key {
        let drop_ins = bare.argument(&setting.of, "--config-dir").map(|directory| bare.files_in(&directory));
        let config = bare.argument(&setting.of, config_flag(&setting.of));
        for path in config.into_iter().chain(drop_ins.unwrap_or_default()) {
            let mut document = bare.document(&path);
            take(&mut document, key);
            bare = bare.with_document(&path, &document);
        }
    }
    bare
}

/// Reaches a verdict in the simplest way: one argument (or one key, if the configuration file takes precedence), or
/// nothing.
fn plain(bare: &Machine, setting: &Setting, direction: Direction) -> Option<Machine> {
    match setting.value(direction) {
        None if setting.unset == direction => Some(bare.clone()),
        None => None,
        Some(value) => {
            let mut family = Family::new(direction, "", bare.clone());
            Telling { bare, setting, others: &[], value, other: None, thorough: false }.arguments(&mut family);
            family.mutants.pop().map(|mutant| mutant.after)
        }
    }
}

/// Returns the flag that names a program's configuration file.
fn config_flag(program: &str) -> &'static str {
    if program == "etcd" { "--config-file" } else { "--config" }
}

/// Whether a program ignores arguments for settings that its configuration file can contain.
fn file_counts_alone(program: &str) -> bool {
    matches!(program, "etcd" | "kube-scheduler" | "kube-proxy")
}

/// Returns etcd's environment variable for a flag.
fn variable(flag: &str) -> String {
    format!("ETCD_{}", flag.trim_start_matches('-').replace('-', "_").to_uppercase())
}

/// A value given to a component.
struct Telling<'a> {
    /// The node without the setting.
    bare: &'a Machine,
    setting: &'a Setting,
    /// The other settings, which must hold and do.
    others: &'a [&'a Setting],
    value: &'a Value,
    /// A value with the opposite verdict, for sources that must not count.
    other: Option<&'a Value>,
    /// Whether to try every way, not only the simplest ones.
    thorough: bool,
}

impl Telling<'_> {
    /// Formats a value for the flag; for a map, with the entry's name.
    fn word(&self, value: &Value) -> String {
        match &self.setting.entry {
            Some(entry) => format!("{entry}={}", word(value)),
            None => word(value),
        }
    }

    fn key(&self) -> Option<String> {
        let key = self.setting.key.as_ref()?;
        Some(self.setting.entry.as_ref().map_or_else(|| key.clone(), |entry| format!("{key}.{entry}")))
    }

    fn add_words(&self, family: &mut Family, machine: &Machine, words: &[&str]) {
        family.add(words.join(" "), machine.with_words(&self.setting.of, words));
    }

    /// Sets the value by argument, or by the variable that replaces it.
    fn arguments(&self, family: &mut Family) {
        let Setting { of, flag, entry, key, .. } = self.setting;
        let machine = if file_counts_alone(of) && key.is_some() {
            self.bare.without_flag(of, config_flag(of))
        } else {
            self.bare.clone()
        };
        let word = self.word(self.value);
        let equals = format!("{flag}={word}");
        self.add_words(family, &machine, &[&equals]);
        if !self.thorough {
            return;
        }
        let is_switch = self.value.is_bool() && entry.is_none();
        if !is_switch {
            self.add_words(family, &machine, &[flag, &word]);
        }
        self.add_words(family, &machine, &["--v=2", &equals, "--log-flush-frequency=5s"]);
        if of == "etcd" {
            self.add_words(family, &machine, &[&equals[1..]]);
            let name = variable(flag);
            family.add(format!("${name}={word}"), machine.with_variable(of, &name, &word));
        } else if flag[2..].contains('-') {
            let name = flag[2..].replace('-', "_");
            self.add_words(family, &machine, &[&format!("--{name}={word}")]);
        }
        self.spellings(family, &machine);
        self.repetitions(family, &machine);
        self.strangers(family, &machine);
    }

    /// Spells the value differently.
    fn spellings(&self, family: &mut Family, machine: &Machine) {
        let Setting { flag, entry, .. } = self.setting;
        match self.value {
            Value::Bool(truth) => {
                let words = if *truth { ["1", "t", "T", "TRUE", "True"] } else { ["0", "f", "F", "FALSE", "False"] };
                for word in words {
                    let word = self.word(&Value::from(word));
                    self.add_words(family, machine, &[&format!("{flag}={word}")]);
                }
                if *truth && entry.is_none() {
                    self.add_words(family, machine, &[flag]);
                    self.add_words(family, machine, &[flag, "--v=2"]);
                }
            }
            // etcd's numeric formats do not matter for these settings.
            Value::Number(number) => {
                if let Some(number) = number.as_u64() {
                    self.add_words(family, machine, &[&format!("{flag}={number:#x}")]);
                    self.add_words(family, machine, &[&format!("{flag}=+{number}")]);
                }
            }
            _ => {}
        }
    }

    /// Repeats the flag: for scalars the last one wins, lists and maps accumulate.
    fn repetitions(&self, family: &mut Family, machine: &Machine) {
        let Setting { of, flag, entry, .. } = self.setting;
        let word = self.word(self.value);
        let equals = format!("{flag}={word}");
        if let Value::Sequence(items) = self.value {
            let words: Vec<String> = items.iter().map(|item| format!("{flag}={}", self.word(item))).collect();
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            self.add_words(family, machine, &words);
            self.add_words(family, machine, &[&format!("{flag}=\"{}\"", word.replace(',', "\",\""))]);
        } else if let Some(other) = self.other {
            let other = self.word(other);
            self.add_words(family, machine, &[&format!("{flag}={other}"), &equals]);
            if of == "etcd" {
                let unheard = machine.with_variable(of, &variable(flag), &other);
                family.add(format!("${}={other} {equals}", variable(flag)), unheard.with_words(of, &[&equals]));
            }
            if entry.is_some() {
                self.add_words(family, machine, &[&format!("{flag}={other},{word}")]);
                self.add_words(family, machine, &[&format!("{flag}=Neutral=true,{word},Other=false")]);
                self.add_words(family, machine, &[&equals, &format!("{flag}=Neutral=false")]);
            }
        }
    }

    /// Adds the argument to other processes, where it must not count.
    fn strangers(&self, family: &mut Family, machine: &Machine) {
        let Setting { of, flag, .. } = self.setting;
        let Some(other) = self.other else { return };
        let told = machine.with_words(of, &[&format!("{flag}={}", self.word(self.value))]);
        let line = format!("{of} {flag}={}", self.word(other));
        family.add(format!("told; a shell says {line}"), told.with_stranger(&["/usr/bin/bash", "-c", &line]));
    }

    /// Sets the value in the configuration file, alone and against other sources.
    fn configuration(&self, family: &mut Family) {
        let Setting { of, zero_in_file_is_unset, .. } = self.setting;
        let Some(key) = self.key() else { return };
        if *zero_in_file_is_unset && is_zero(self.value) {
            return;
        }
        let (machine, path) = self.with_file();
        let mut document = machine.document(&path);
        put(&mut document, &key, self.value.clone());
        let told = machine.with_document(&path, &document);
        family.add(format!("{path}: {key}: {}", word(self.value)), told.clone());
        if !self.thorough {
            return;
        }
        family.add(format!("{path}, as JSON: {key}: {}", word(self.value)), machine.with_json(&path, &document));
        if let Value::Bool(truth) = self.value {
            for spelling in if *truth { ["yes", "on", "True"] } else { ["no", "off", "False"] } {
                let text = serde_yaml::to_string(&document).expect("YAML");
                let name = key.rsplit('.').next().unwrap_or(&key);
                let respelt = text.replace(&format!("{name}: {truth}"), &format!("{name}: {spelling}"));
                // If other mappings had a key of that name, they would be changed too.
                family.add(format!("{path}: {key}: {spelling}"), machine.with_file(&path, &respelt));
            }
        }
        let Some(other) = self.other else { return };
        let mut against = machine.document(&path);
        put(&mut against, &key, other.clone());
        let moved = machine.without_flag(of, config_flag(of)).with_words(of, &[config_flag(of), "/opt/moved.yaml"]);
        let moved = moved.with_document(&path, &against).with_document("/opt/moved.yaml", &document);
        family.add(format!("/opt/moved.yaml: {key}: {}, against {path}", word(self.value)), moved);
        if file_counts_alone(of) {
            self.against_arguments(family, &told, other);
        } else {
            self.with_arguments(family, &machine, &path, &against);
            self.drop_ins(family, &machine, &path, &document, &against, &key);
        }
    }

    /// Returns the node with a configuration file in use, and the file's path.
    fn with_file(&self) -> (Machine, String) {
        let of = &self.setting.of;
        let flag = config_flag(of);
        if let Some(path) = self.bare.argument(of, flag) {
            return (self.bare.clone(), path);
        }
        let machine = self.bare.with_words(of, &[&format!("{flag}={ELSEWHERE}")]);
        let mut document = empty();
        // From here on only this file counts, so it must contain the other settings.
        for other in self.others {
            if let (Some(key), Some(value)) = (&other.key, other.value(Direction::Pass)) {
                put(&mut document, key, value.clone());
            }
        }
        (machine.with_document(ELSEWHERE, &document), ELSEWHERE.to_owned())
    }

    /// Sets the value in the file, and the opposite in arguments, which no longer count.
    fn against_arguments(&self, family: &mut Family, told: &Machine, other: &Value) {
        let Setting { of, flag, .. } = self.setting;
        let argument = format!("{flag}={}", self.word(other));
        family.add(format!("the file says it, {argument} does not count"), told.with_words(of, &[&argument]));
        if of == "etcd" {
            let name = variable(flag);
            let told = told.with_variable(of, &name, &self.word(other));
            family.add(format!("the file says it, ${name} does not count"), told);
        }
    }

    /// Sets the value by argument, and the opposite in the file.
    fn with_arguments(&self, family: &mut Family, machine: &Machine, path: &str, against: &Value) {
        let Setting { of, flag, .. } = self.setting;
        let argument = format!("{flag}={}", self.word(self.value));
        let told = machine.with_document(path, against).with_words(of, &[&argument]);
        family.add(format!("{argument}, against {path}"), told.clone());
        family.add(format!("{argument}, and no {}", config_flag(of)), told.without_flag(of, config_flag(of)));
    }

    /// Sets the value in a drop-in, against the file and earlier drop-ins.
    fn drop_ins(
        &self,
        family: &mut Family,
        machine: &Machine,
        path: &str,
        document: &Value,
        against: &Value,
        key: &str,
    ) {
        let of = &self.setting.of;
        let (machine, directory) = match machine.argument(of, "--config-dir") {
            Some(directory) => (machine.clone(), directory),
            None => {
                let directory = "/etc/kubernetes/kubelet.conf.d";
                (machine.with_words(of, &["--config-dir", directory]).with_directory(directory), directory.to_owned())
            }
        };
        let part = |value: &Value| {
            let mut document = empty();
            put(&mut document, key, value.clone());
            document
        };
        let other = part(self.other.expect("the caller has looked"));
        let told = part(self.value);
        let bad_file = machine.with_document(path, against);
        let by = |machine: &Machine, name: &str, document: &Value| {
            machine.with_document(&format!("{directory}/{name}"), document)
        };
        family.add(format!("drop-in 90: {key}, against {path}"), by(&bad_file, "90-told.conf", &told));
        let json = bad_file.with_json(&format!("{directory}/90-told.conf"), &told);
        family.add(format!("drop-in 90, as JSON: {key}, against {path}"), json);
        let two = by(&by(&bad_file, "90-told.conf", &told), "80-other.conf", &other);
        family.add(format!("drop-in 90: {key}, against drop-in 80 and {path}"), two);
        let unread = by(&machine.with_document(path, document), "90-other.yaml", &other);
        family.add(format!("{path}: {key}; 90-other.yaml is no drop-in"), unread);
        let argument = format!("{}={}", self.setting.flag, self.word(self.value));
        let by_argument = by(&bad_file, "90-other.conf", &other).with_words(of, &[&argument]);
        family.add(format!("{argument}, against drop-in 90"), by_argument);
    }

    /// Sets the value in a separate file, which an argument names.
    fn file_of_its_own(&self, family: &mut Family) {
        let Some(file) = &self.setting.file else { return };
        let path = "/etc/kubernetes/pki/of-its-own.yaml";
        let mut document = empty();
        put(&mut document, &file.key, self.value.clone());
        let machine = self.bare.with_document(path, &document);
        let argument = format!("{}={path}", file.named_by);
        let title = format!("{argument}: {}: {}", file.key, word(self.value));
        family.add(title, machine.with_words(&self.setting.of, &[&argument]));
        if let Some(other) = self.other.filter(|_| self.thorough) {
            let words = [argument.as_str(), &format!("{}={}", self.setting.flag, self.word(other))];
            family.add(
                format!("{} says it, {} does not count", words[0], words[1]),
                machine.with_words(&self.setting.of, &words),
            );
        }
    }
}

fn is_zero(value: &Value) -> bool {
    word(value).chars().all(|c| !('1'..='9').contains(&c))
}

/// Leaves the setting unset, in every way.
fn unset(bare: &Machine, setting: &Setting, others: &[&Setting], family: &mut Family) {
    let Setting { of, flag, .. } = setting;
    family.add("nothing says it", bare.clone());
    let sample = setting.good.iter().chain(&setting.bad).next();
    let is_text = matches!(sample, Some(Value::String(_) | Value::Sequence(_))) && !setting.zero_in_file_is_unset;
    let alone = file_counts_alone(of) && setting.key.is_some();
    let without_file = if alone { bare.without_flag(of, config_flag(of)) } else { bare.clone() };
    if is_text {
        family.add(format!("{flag}="), without_file.with_words(of, &[&format!("{flag}=")]));
    }
    let other = setting.value(setting.unset.opposite());
    let Some(other) = other else { return };
    let telling = Telling { bare, setting, others, value: other, other: None, thorough: false };
    let argument = format!("{flag}={}", telling.word(other));
    let line = format!("{of} {argument}");
    family.add(format!("only a shell says {line}"), bare.with_stranger(&["/usr/bin/bash", "-c", &line]));
    if setting.entry.is_some() {
        family.add("another entry", bare.with_words(of, &[&format!("{flag}=Neutral={}", word(other))]));
    }
    if of == "etcd" {
        let name = variable(flag);
        family.add(format!("${name} is empty"), without_file.with_variable(of, &name, ""));
        let near = format!("{name}_");
        family.add(format!("only ${near} says it"), without_file.with_variable(of, &near, &word(other)));
    }
    let Some(key) = telling.key() else { return };
    let (machine, path) = telling.with_file();
    let mut document = machine.document(&path);
    put(&mut document, &key, Value::Null);
    family.add(format!("{path}: {key}: null"), machine.with_document(&path, &document));
    if setting.zero_in_file_is_unset {
        put(&mut document, &key, Value::from("0s"));
        family.add(format!("{path}: {key}: 0s"), machine.with_document(&path, &document));
    }
    put(&mut document, &key, other.clone());
    if !setting.unset_depends_on_file {
        let unused = machine.with_document(&path, &document).without_flag(of, config_flag(of));
        family.add(format!("{path} says it, but nothing names that file"), unused.without_flag(of, "--config-dir"));
    }
    if alone {
        family.add(format!("{path} is silent, {argument} does not count"), machine.with_words(of, &[&argument]));
    }
}
