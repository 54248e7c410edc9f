//! Docker's state file of a container, `config.v2.json`.

use serde::{Deserialize, Serialize};

use crate::kind::{Remark, shown};

/// The fields that are inspected.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Container {
    /// Starts with `/`.
    name: String,
    state: State,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct State {
    running: bool,
}

const NO_CONTAINER: &str = "is not what Docker keeps of a container (look at docker ps --all)";

pub(crate) fn remarks(text: &str, names: &[String]) -> Result<Vec<Remark>, String> {
    let Container { name, state } = serde_json::from_str(text).map_err(|_| NO_CONTAINER.to_owned())?;
    let name = name.trim_start_matches('/');
    if !names.iter().any(|known| known == name) {
        return Ok(Vec::new());
    }
    let is = if state.running { "is running" } else { "is there, and stopped" };
    Ok(vec![Remark { line: 1, text: format!("container {} {is}", shown(name)), violates: state.running }])
}

pub(crate) fn kept(text: &str) -> Vec<(usize, String)> {
    let container = serde_json::from_str::<Container>(text).and_then(|container| serde_json::to_string(&container));
    // An unreadable file must stay unreadable in the recording.
    vec![(1, container.unwrap_or_else(|_| "-".to_owned()))]
}

#[cfg(test)]
mod tests {
    use crate::Kind;

    #[test]
    fn containers_of_some_names_run_or_do_not() {
        let said = |text: &str| {
            let remarks = Kind::Containers.remarks(text.as_bytes(), "config.v2.json", 0o600, &["smee".to_owned()]);
            remarks.map(|remarks| remarks.first().map(|remark| (remark.text.clone(), remark.violates)))
        };
        let of = |name: &str, running: bool| {
            format!(
                r#"{{"Config":{{"Env":["TOKEN=canary"]}},"Name":"{name}","State":{{"Running":{running},"Pid":7}}}}"#
            )
        };
        assert_eq!(said(&of("/smee", true)), Ok(Some(("container smee is running".to_owned(), true))));
        assert_eq!(said(&of("/smee", false)), Ok(Some(("container smee is there, and stopped".to_owned(), false))));
        assert_eq!(said(&of("/kind", true)), Ok(None));
        for broken in ["", "{", "[]", r#"{"Name":"/smee"}"#, r#"{"Name":3,"State":{"Running":true}}"#] {
            assert!(said(broken).is_err(), "{broken}");
        }
        let kept = Kind::Containers.kept(of("/smee", true).as_bytes());
        assert!(!kept.contains("canary") && !kept.contains("Pid"), "{kept}");
    }
}
