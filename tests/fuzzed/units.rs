//! systemd units, their drop-ins and environment files: they are parsed, or refused, and all reported locations exist.

use std::collections::BTreeMap;

use kube_assay::component::{ServiceUnit, SetIn, Unit, Variable, environment_file};
use probe::{Observed, Reason};

use super::parts;

const FILES: [&str; 2] = ["/etc/systemd/system/kubelet.service", "/etc/systemd/system/kubelet.service.d/10-x.conf"];
const VARIABLES: &str = "/etc/default/kubelet";

/// Input: a unit, its drop-in, and an environment file.
pub fn hold(bytes: &[u8]) -> String {
    let [unit, drop_in, file] = parts(bytes);
    let read = unit_of([unit, drop_in]);
    assert_eq!(read, unit_of([unit, drop_in]), "read in two ways");
    let variables = environment_file(VARIABLES, file);
    let is_there = |set_in: &SetIn| {
        let known = [(FILES[0], unit), (FILES[1], drop_in), (VARIABLES, file)];
        let lines = |bytes: &[u8]| bytes.split(|byte| *byte == b'\n').count();
        known.iter().any(|(name, bytes)| *name == set_in.file && set_in.line.is_some_and(|at| at <= lines(bytes)))
    };
    for (name, variable) in &variables {
        assert!(is_name(name), "{name:?}");
        assert!(variable.set_in.as_ref().is_some_and(is_there), "{variable:?}");
    }
    a_comment_moves_lines_and_nothing_else(unit, file);
    let said = match &read {
        Err(why) => {
            assert!(FILES.contains(&why.subject.as_str()), "{why:?}");
            format!("refused: {}", why.detail)
        }
        Ok(read) => {
            what_is_taken_back_is_gone(unit, drop_in);
            let service = ServiceUnit::of(read);
            let said = format!(
                "program {}, {} files, {} names",
                service.program.is_some(),
                service.files.len(),
                service.referred().len()
            );
            assert!(service.program.as_ref().is_none_or(|program| service.command.first() == Some(program)));
            assert!(service.files.iter().all(|file| is_there(&file.named_in)), "{:?}", service.files);
            let all = service.variables(vec![variables.clone()]);
            for (name, variable) in &all {
                let set_in = variable.as_present().and_then(|variable| variable.set_in.as_ref());
                assert!(set_in.is_none_or(is_there), "{name}: {variable:?}");
            }
            said
        }
    };
    format!("{said}, {} variables", variables.len())
}

fn unit_of(files: [&[u8]; 2]) -> Result<Unit, Reason> {
    let mut unit = Unit::default();
    for (file, bytes) in FILES.iter().zip(files) {
        unit.add(file, bytes)?;
    }
    Ok(unit)
}

/// Whether a text is a valid variable name.
fn is_name(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|first: char| first.is_ascii_digit())
        && name.bytes().all(|letter| letter.is_ascii_alphanumeric() || letter == b'_')
}

/// Checks that a comment line added above a file only shifts its line numbers by one.
fn a_comment_moves_lines_and_nothing_else(unit: &[u8], file: &[u8]) {
    let below = |bytes: &[u8]| [b"# a comment\n", bytes].concat();
    let moved = |mut variables: BTreeMap<String, Variable>, lines: usize| {
        for line in variables.values_mut().filter_map(|variable| variable.set_in.as_mut()?.line.as_mut()) {
            *line += lines;
        }
        variables
    };
    assert_eq!(environment_file("f", &below(file)), moved(environment_file("f", file), 1));
    // A byte order mark is only recognized at the start of the file.
    if !unit.starts_with("\u{feff}".as_bytes())
        && let Ok(read) = unit_of([unit, b""])
    {
        let said = |unit: &Unit, lines: usize| -> Vec<(String, String, usize)> {
            let service = unit.section("Service");
            service.map(|it| (it.name.clone(), it.value.clone(), it.line + lines)).collect()
        };
        let again = unit_of([&below(unit), b""]).unwrap_or_else(|why| panic!("{why}"));
        assert_eq!(said(&again, 0), said(&read, 1));
    }
}

/// Checks that a last drop-in that resets every list leaves nothing of it.
fn what_is_taken_back_is_gone(unit: &[u8], drop_in: &[u8]) {
    const NOTHING: &[u8] = b"[Service]\nEnvironment=\nEnvironmentFile=\nPassEnvironment=\n";
    let mut read = unit_of([unit, drop_in]).unwrap_or_else(|why| panic!("{why}"));
    read.add("/run/systemd/system/kubelet.service.d/99-x.conf", NOTHING).unwrap_or_else(|why| panic!("{why}"));
    let service = ServiceUnit::of(&read);
    assert_eq!(service.files, []);
    let left: BTreeMap<String, Observed<Variable>> = service.variables(Vec::new());
    assert_eq!(left, BTreeMap::new());
}
