//! The tests that each row of the threat model in `SECURITY.md` names must exist.

use std::fs;
use std::path::{Path, PathBuf};

/// Returns the rows of the table in the threat model, as cells.
fn rows(text: &str) -> Vec<Vec<&str>> {
    let model = text.split("\n## Threat model\n").nth(1).expect("there is a threat model");
    let model = model.split("\n## ").next().unwrap_or_default();
    let lines = model.lines().filter(|line| line.starts_with('|')).skip(2);
    lines.map(|line| line.trim_matches('|').split('|').map(str::trim).collect()).collect()
}

/// Returns the texts in backticks.
fn names(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

/// Returns why a name is not a test of the project; `None` if it is one.
fn problem(root: &Path, name: &str) -> Option<String> {
    if name.starts_with("tests/e2e/") {
        let is_script = Path::new(name).extension().is_some_and(|end| end == "sh") && root.join(name).is_file();
        return (!is_script).then(|| format!("{name}: no such script"));
    }
    let mut steps: Vec<&str> = name.split("::").collect();
    let (Some(test), Some(program)) = (steps.pop(), steps.first().copied()) else {
        return Some(format!("{name}: is no test's name"));
    };
    let places = places(root, program, &steps[1..]);
    let texts: Vec<String> = places.iter().filter_map(|place| fs::read_to_string(place).ok()).collect();
    if texts.is_empty() {
        return Some(format!(
            "{name}: no file {}",
            places.iter().map(|it| it.display().to_string()).collect::<Vec<_>>().join(", ")
        ));
    }
    (!texts.iter().any(|text| has_test(text, test))).then(|| format!("{name}: no such test there"))
}

/// Returns the possible paths of a module in a test program.
fn places(root: &Path, program: &str, modules: &[&str]) -> Vec<PathBuf> {
    let program = root.join("tests").join(program);
    let path = modules.join("/");
    if path.is_empty() {
        return vec![program.join("main.rs")];
    }
    vec![program.join(format!("{path}.rs")), program.join(path).join("mod.rs")]
}

/// Whether a text has a test of this name: a function after `#[test]`, or a line of a macro that creates one.
fn has_test(text: &str, name: &str) -> bool {
    let function = format!("fn {name}(");
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let is_function = |at: usize| {
        let above = lines[..at].iter().rev().take_while(|line| line.starts_with("#[") || line.starts_with("///"));
        lines[at].starts_with(&function) && above.clone().any(|line| line.starts_with("#[") && line.contains("test"))
    };
    let is_made = text.contains("macro_rules!") && lines.iter().any(|line| line.starts_with(&format!("{name}: ")));
    is_made || (0..lines.len()).any(is_function)
}

#[test]
fn every_row_of_the_threat_model_is_proven_by_tests_that_are_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join("SECURITY.md")).expect("it is there");
    let rows = rows(&text);
    assert!(rows.len() >= 9, "only {} rows were found", rows.len());
    let mut problems = Vec::new();
    for cells in rows {
        let [who, .., proof] = cells.as_slice() else { panic!("{cells:?}") };
        if cells.len() != 5 || names(proof).next().is_none() {
            problems.push(format!("{who}: no proof (name a test in the fifth column)"));
        }
        problems.extend(names(proof).filter_map(|name| problem(root, name)));
    }
    assert!(problems.is_empty(), "SECURITY.md:\n{}", problems.join("\n"));
}

#[test]
fn names_of_no_test_are_found() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (name, said) in [
        ("tests/e2e/none.sh", "no such script"),
        ("tests/e2e/common.bash", "no such script"),
        ("program::bad_input::none::x", "no file"),
        ("architecture::threats::problem", "no such test"),
        ("nothing", "no test's name"),
    ] {
        let found = problem(root, name);
        assert!(found.as_ref().is_some_and(|found| found.contains(said)), "{name}: {found:?}");
    }
    assert_eq!(problem(root, "architecture::threats::names_of_no_test_are_found"), None);
}
