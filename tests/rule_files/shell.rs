//! A real shell in a synthetic node, which runs many audits at once.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::Path;
use std::process::Command;

use kube_assay::kube_bench::{Audited, Auditor};
use probe::Node;

/// Runs the given files one after the other, as kube-bench does: on the shell's standard input.
const DRIVER: &str = r#"
for audit in /audits/*.sh; do
    name=${audit##*/}
    cat "$audit" | /bin/sh >"/answers/$name" 2>&1
    echo $? >"/answers/$name.status"
done
"#;

/// An auditor that notes the audits and answers nothing.
#[derive(Default)]
pub(crate) struct Asked(RefCell<BTreeSet<String>>);

impl Asked {
    pub(crate) fn scripts(self) -> Vec<String> {
        self.0.into_inner().into_iter().collect()
    }
}

impl Auditor for Asked {
    fn audit(&self, script: &str, _: &dyn Node) -> Audited {
        self.0.borrow_mut().insert(script.to_owned());
        Audited::Ran { output: String::new(), status: 0 }
    }
}

/// An auditor with given answers.
pub(crate) struct Answers(pub(crate) HashMap<String, (String, i32)>);

impl Auditor for Answers {
    fn audit(&self, script: &str, _: &dyn Node) -> Audited {
        match self.0.get(script) {
            Some((output, status)) => Audited::Ran { output: output.clone(), status: *status },
            None => Audited::NotRun { command: None, reason: "the answer is unknown".to_owned() },
        }
    }
}

/// An auditor that asks another one only once for each audit, for a single node.
pub(crate) struct Recalled<A> {
    auditor: A,
    answers: RefCell<HashMap<String, Audited>>,
}

impl<A> Recalled<A> {
    pub(crate) fn new(auditor: A) -> Self {
        Self { auditor, answers: RefCell::default() }
    }
}

impl<A: Auditor> Auditor for Recalled<A> {
    fn audit(&self, script: &str, node: &dyn Node) -> Audited {
        let known = self.answers.borrow().get(script).cloned();
        known.unwrap_or_else(|| {
            let answer = self.auditor.audit(script, node);
            self.answers.borrow_mut().insert(script.to_owned(), answer.clone());
            answer
        })
    }
}

/// Returns the answers of the shell in a synthetic node.
pub(crate) fn answers(simnode: &Path, node: &Path, scripts: &[String]) -> Answers {
    let place = tempfile::tempdir().expect("a temporary directory");
    let (audits, answers) = (place.path().join("audits"), place.path().join("answers"));
    fs::create_dir(&audits).expect("created");
    fs::create_dir(&answers).expect("created");
    for (number, script) in scripts.iter().enumerate() {
        fs::write(audits.join(format!("{number:05}.sh")), script).expect("written");
    }
    fs::write(audits.join("driver"), DRIVER).expect("written");
    let status = Command::new("python3")
        .arg(simnode)
        .args(["--bind", &format!("{}:/audits", audits.display())])
        .args(["--bind-rw", &format!("{}:/answers", answers.display())])
        .arg(node)
        .args(["--", "/bin/sh", "/audits/driver"])
        .status();
    let ran = status.is_ok_and(|status| status.success());
    assert!(ran, "{} does not run here (root and its setup are needed)", simnode.display());
    let mut known = HashMap::new();
    for (number, script) in scripts.iter().enumerate() {
        let output = fs::read(answers.join(format!("{number:05}.sh"))).expect("each audit is answered");
        let status = fs::read_to_string(answers.join(format!("{number:05}.sh.status"))).expect("each audit ends");
        let status = status.trim().parse().expect("a number");
        known.insert(script.clone(), (String::from_utf8_lossy(&output).into_owned(), status));
    }
    Answers(known)
}
