//! The subject of a question, as messages name it.

use probe::{Question, Root};

/// Returns the subject of an unknown answer: `/etc/kubernetes/pki`, `process 123's executable`.
pub(super) fn subject(question: &Question) -> String {
    match question {
        Question::HostName => "the node's name".to_owned(),
        Question::Accounts => "the node's accounts".to_owned(),
        Question::Processes { called, .. } => format!("processes called {}", called.join(", ")),
        Question::AllProcesses => "the list of all processes".to_owned(),
        Question::Arguments(pid) => format!("process {pid}'s command line"),
        Question::Executable(pid) | Question::ExecutableFile(pid) => format!("process {pid}'s executable"),
        Question::ProgramVersion { executable, .. } => executable.clone(),
        Question::WorkingDirectory(pid) => format!("process {pid}'s working directory"),
        Question::Standing(pid) => format!("process {pid}'s namespaces"),
        Question::CommandName(pid) => format!("process {pid}'s name"),
        Question::Cgroup(pid) => format!("process {pid}'s cgroup"),
        Question::Environment { pid, .. } => format!("process {pid}'s environment"),
        Question::Metadata(location)
        | Question::Content(location)
        | Question::Directory(location)
        | Question::PrivateKey(location)
        | Question::Certificates(location) => location.to_string(),
        Question::Time => "the time".to_owned(),
    }
}

/// Returns the subject of everything that is unknown because a file system is inaccessible.
pub(super) fn file_system(root: Root) -> String {
    match root {
        Root::Node => "the node's file system".to_owned(),
        Root::Process(pid) => format!("process {pid}'s file system"),
    }
}
