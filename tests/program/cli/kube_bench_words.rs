//! Commands that kube-bench users type, in current and older releases: they work, or the error says what to type
//! instead.

use std::os::unix::fs::symlink;
use std::process::Command;

use super::{refused, says};
use crate::synthetic::{Node, Said};

const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "\n");

/// A node, and the program under kube-bench's name.
struct KubeBench(Node);

impl KubeBench {
    fn new() -> Self {
        let node = Node::control_plane();
        symlink(assert_cmd::cargo::cargo_bin!("kube-assay"), node.outside().join("kube-bench")).expect("linked");
        Self(node)
    }

    fn says(&self, words: &[&str]) -> Said {
        let mut command = assert_cmd::Command::from_std(Command::new(self.0.outside().join("kube-bench")));
        command.arg("--root").arg(self.0.root()).arg("--proc").arg(self.0.proc());
        Said::of(command.current_dir(self.0.outside()).args(words))
    }

    fn refuses(&self, words: &[&str], message: &str) {
        let said = self.says(words);
        assert_eq!((said.code, said.out.as_str()), (255, ""), "{words:?}: {}", said.err);
        assert!(said.err.contains(message), "{words:?}: {}", said.err);
    }
}

/// kube-bench prints only the version number.
#[test]
fn its_version_is_a_number_alone() {
    let kube_bench = KubeBench::new();
    for words in [&["version"][..], &["--json", "version"], &["version", "-v", "3"]] {
        assert_eq!(kube_bench.says(words).out, VERSION, "{words:?}");
    }
    assert_eq!(says(&["--compat", "version"]).out, VERSION);
    assert_eq!(says(&["version"]).out, format!("kube-assay {VERSION}"));
    for words in [&["-V"][..], &["--tool-version"], &["-V", "run"]] {
        assert_eq!(kube_bench.says(words).out, format!("kube-assay {VERSION}"), "{words:?}");
    }
}

/// Flags of glog, which kube-bench uses for logging, and those that klog adds.
#[test]
fn flags_of_its_logging_change_nothing() {
    let kube_bench = KubeBench::new();
    let started = |text: &str| text.lines().skip(1).map(str::to_owned).collect::<Vec<_>>();
    let plain = kube_bench.says(&["run"]);
    assert_eq!(plain.code, 0, "{}", plain.err);
    let log = kube_bench.0.outside().join("log").display().to_string();
    for words in [
        &["--v=5"][..],
        &["--v", "5"],
        &["-v", "5"],
        &["-v5"],
        &["-v=5"],
        &["-v=-1"],
        &["-v", "1000"],
        &["--logtostderr"],
        &["--logtostderr=false"],
        &["--alsologtostderr=true"],
        &["--stderrthreshold", "2"],
        &["--stderrthreshold=ERROR"],
        &["--vmodule", "a=2,b/c=3"],
        &["--log_backtrace_at", "a.go:1"],
        &["--log_dir", &log],
        &["--log-dir", &log],
        &["--log_link", &log],
        &["--logbuflevel", "-1"],
        &["--log_file", &log],
        &["--log_file_max_size=1800"],
        &["--skip_headers"],
        &["--skip_log_headers=true"],
        &["--add_dir_header"],
        &["--one_output"],
    ] {
        for words in [words.to_vec(), [&["run"], words].concat()] {
            let words = [&words[..], &["-s", "policies"]].concat();
            let said = kube_bench.says(&words);
            assert!(said.code == 0 && said.out.contains("\ntotal: "), "{words:?}: {}", said.err);
        }
    }
    assert!(!std::fs::exists(&log).expect("known"), "nothing is logged");
    // The output is the same, except for the time.
    let with = kube_bench.says(&["run", "--logtostderr", "--skip_headers", "--log_file", &log]);
    assert_eq!(started(&with.out), started(&plain.out));
    kube_bench.refuses(&["--v=loud"], "invalid value 'loud' for '--verbose[=<N>]'");
    // Other command lines refuse them with an explanation.
    assert_eq!(says(&["run", "--logtostderr", "--root", "/nowhere"]).code, 1);
    refused(
        &says(&["list", "--logtostderr"]),
        &["--logtostderr: a logging flag of kube-bench, which only run accepts ("],
    );
    refused(&says(&["explain", "1.2.1", "--vmodule", "a=1"]), &["--vmodule: a logging flag of kube-bench, which only"]);
    refused(&says(&["run", "--log_file", "x"]), &["--log_file: a logging flag of klog, accepted with --compat only ("]);
    refused(&says(&["--skip_headers"]), &["--skip_headers: a logging flag of klog, accepted with --compat only ("]);
}

/// kube-bench's order of precedence: JUnit, JSON, then remote outputs.
#[test]
fn of_several_outputs_one_is_written() {
    let kube_bench = KubeBench::new();
    for (words, start) in [
        (&["--json", "--junit"][..], "<?xml"),
        (&["--junit", "run", "--json"], "<?xml"),
        (&["--json", "--pgsql"], "{\"Controls\":"),
        (&["--asff", "--json", "run"], "{\"Controls\":"),
        (&["--asff", "--pgsql", "--junit", "--json"], "<?xml"),
        (&["--pgsql=false", "--json"], "{\"Controls\":"),
    ] {
        let said = kube_bench.says(words);
        assert_eq!(said.code, 0, "{words:?}: {}", said.err);
        assert!(said.out.starts_with(start), "{words:?}: {}", said.out);
    }
    kube_bench.refuses(&["--pgsql"], "--pgsql: PostgreSQL output is not supported (write the report with --json, and");
    kube_bench.refuses(&["run", "--asff"], "--asff: AWS Security Hub output is not supported (write the report with");
    assert_eq!(kube_bench.says(&["--asff", "version"]).out, VERSION);
    // Under its own name, the program has no such precedence.
    refused(&says(&["demo", "--json", "--junit"]), &["more than one format for one report"]);
    refused(&says(&["run", "--asff", "--json"]), &["--asff: AWS Security Hub output is not supported"]);
    refused(&says(&["list", "--pgsql"]), &["--pgsql: PostgreSQL output is not supported"]);
    refused(&says(&["report", "x", "--asff"]), &["--asff: AWS Security Hub output is not supported"]);
}

#[test]
fn what_older_releases_had_works_or_is_told() {
    let kube_bench = KubeBench::new();
    for target in ["master", "node"] {
        let said = kube_bench.says(&[target, "--json"]);
        assert!(said.code == 0 && said.out.contains(&format!("\"node_type\":\"{target}\"")), "{}", said.err);
    }
    for (words, message) in [
        (&["federated"][..], "federated: not a subcommand of kube-bench (removed together with federation"),
        (&["install"], "install: not a subcommand of kube-bench (a command of its container image: copy the program"),
        (&["etcd"], "etcd: not a subcommand of kube-bench (use run --targets etcd)"),
        (&["policies", "--json"], "policies: not a subcommand of kube-bench (use run --targets policies)"),
        (&["worker"], "worker: not a subcommand of kube-bench (use run --targets worker)"),
        (&["run", "master"], "master: not an argument, but a target (use --targets master)"),
        (&["master", "-f", "x.yaml"], "-f: no longer a flag of kube-bench (use --config-dir DIR"),
        (&["node", "--file=x.yaml"], "--file: no longer a flag of kube-bench (use --config-dir DIR and"),
        (
            &["--installation", "kops"],
            "--installation: no longer a flag of kube-bench, which detects the installation (leave",
        ),
        (&["list"], "list: not a subcommand of kube-bench (run kube-assay list, without --compat)"),
        (
            &["run", "--with-contents"],
            "--with-contents: not a flag of kube-bench (run kube-assay record, without --compat)",
        ),
        (&["mastr"], "a similar subcommand exists: 'master'"),
        (&["--jsno"], "a similar argument exists: '--json'"),
    ] {
        kube_bench.refuses(words, message);
    }
    // Without kube-bench's name as well.
    refused(&says(&["master"]), &["master: not a subcommand, but a target (give --targets master)"]);
    refused(
        &says(&["run", "--installation", "kops"]),
        &["--installation: no longer a flag of kube-bench, which detects"],
    );
}

/// Options of other subcommands are reported as such, wherever they stand, with and without a subcommand.
#[test]
fn options_of_other_subcommands_are_told_with_their_owner() {
    for (words, message) in [
        (&["--file", "x"][..], "--file: not an option of run (record has it; use --outputfile FILE)"),
        (&["--with-contents"], "--with-contents: not an option of run (record has it)"),
        (
            &["list", "--exit-code", "3"],
            "--exit-code: not an option of list (available in run, demo, report, cluster and pod-security)",
        ),
        (
            &["explain", "1.2.1", "--outputfile", "x"],
            "--outputfile: not an option of explain (available in run, demo, report and cluster",
        ),
        (
            &["detect", "--compat=false", "--noresults"],
            "--noresults: not an option of detect (available in run, demo, report and cluster",
        ),
        (
            &["convert", "--include-test-output"],
            "--include-test-output: not an option of convert (available in run, demo, report and cluster",
        ),
    ] {
        refused(&says(words), &[message]);
    }
}
