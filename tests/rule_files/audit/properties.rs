//! Compares generated scripts with a real shell: output and status must be equal.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use audit_shell::{AuditOutcome, Limits, interpret};
use kube_assay::node::{Live, LiveOptions};
use proptest::prelude::*;

/// Texts for the generated scripts and files. None contains a quote character.
const TEXTS: [&str; 12] =
    ["a", "b", "--flag=value", "name: x", "  two  words ", "A", "a.b", "1", "22", "", "k=v=w", "a,b,,c"];

fn files(root: &Path) {
    let write = |name: &str, text: &str, mode: u32| {
        let path = root.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    };
    write("one.conf", "a\nb\n--flag=value\nname: x\n", 0o600);
    write("two.crt", "two\nlines", 0o644);
    write("empty.key", "", 0o400);
    write("dir/three.key", "x: 1\ny: 2\n  anonymous:\n    enabled: false\n", 0o640);
    write("dir/sub/four.crt", "a b c\nd e f\n\ng  h\n", 0o755);
}

fn text() -> impl Strategy<Value = String> {
    proptest::sample::select(TEXTS.to_vec()).prop_map(str::to_owned)
}

fn path() -> impl Strategy<Value = String> {
    let paths = [
        "one.conf",
        "two.crt",
        "empty.key",
        "dir",
        "dir/three.key",
        "dir/sub/four.crt",
        "nosuch",
        "one.conf/x",
        "*.crt",
        "d*/*",
        "[eo]*",
    ];
    proptest::sample::select(paths.to_vec()).prop_map(|path| format!("@/{path}"))
}

fn expression() -> impl Strategy<Value = String> {
    let all = [
        "a",
        "^a",
        "b$",
        "[a-c]",
        "[^ ]*",
        "x.*",
        "--flag",
        "\\(a\\|b\\)",
        "a\\+",
        ".",
        "",
        "^$",
        "[[:space:]]",
        "e\\b",
        "\\w\\+:",
    ];
    proptest::sample::select(all.to_vec()).prop_map(str::to_owned)
}

/// Generates a pattern that is not empty, which sed would take for the previous one.
fn solid() -> impl Strategy<Value = String> {
    expression().prop_map(|pattern| if pattern.is_empty() { "x".to_owned() } else { pattern })
}

/// Generates the beginning of a pipeline.
fn source() -> impl Strategy<Value = String> {
    prop_oneof![
        (text(), text()).prop_map(|(one, other)| format!("echo '{one}' \"{other}\" {}", one.trim())),
        path().prop_map(|path| format!("cat {path}")),
        (text(), text()).prop_map(|(one, other)| format!("printf '%s\\n' '{one}' '{other}' b a")),
        (path(), proptest::sample::select(vec!["%a", "permissions=%a", "%U:%G", "%a %n", "%s", "%F"]))
            .prop_map(|(path, format)| format!("stat -c '{format}' {path}")),
        (
            path(),
            proptest::sample::select(vec![
                "",
                "-name '*.crt'",
                "-type f",
                "! -name '*.key'",
                "-type d -o -name 'f*'",
                "-maxdepth 1",
                "-mindepth 1 -type f -exec stat -c %a {} \\;",
                "-perm 600",
                "\\( -name '*.key' -and -not -perm 640 \\)"
            ])
        )
            .prop_map(|(path, rest)| format!("find {path} {rest} | sort")),
        (expression(), path(), grep_options())
            .prop_map(|(pattern, path, options)| format!("grep {options} -e '{pattern}' {path}")),
        (path(), 1..4).prop_map(|(path, count)| format!("head -n{count} {path}")),
        path().prop_map(|path| format!("ls {path}")),
        path().prop_map(|path| format!("wc -l < {path}")),
    ]
}

fn grep_options() -> impl Strategy<Value = String> {
    let options =
        ["", "-v", "-c", "-q", "-o", "-i", "-A1", "-B 1", "-w", "-n", "-x", "-vc", "-s", "-l", "-h", "-C1", "-m1"];
    proptest::sample::select(options.to_vec()).prop_map(str::to_owned)
}

/// Generates a further command of a pipeline.
fn filter() -> impl Strategy<Value = String> {
    prop_oneof![
        (expression(), grep_options()).prop_map(|(pattern, options)| format!("grep {options} -e '{pattern}'")),
        solid().prop_map(|pattern| format!("sed 's/{pattern}/<&>/'")),
        solid().prop_map(|pattern| format!("sed -n '/{pattern}/p'")),
        proptest::sample::select(vec![
            "sed 's%.*flag[= ]\\([^ ]*\\).*%\\1%'",
            "sed -n '2p'",
            "sed '1d;$d'",
            "sed -e 's/a/b/g' -e 's/b/c/'",
            "sed '/a/,/b/d'",
            "sed 's/ */_/g'",
            "awk '{print $1}'",
            "awk -F: '{print $2}'",
            "awk 'END{print NR}'",
            "awk '{ print $2 \" \" $1 }'",
            "awk -F '=' '{print $NF}'",
            "awk 'NR>1'",
            "awk '/a/{print NF}'",
            "awk '{print NR\": \"$0}'",
            "awk '{ if ($1 == \"a\") print \"yes\"; else print \"no\" }'",
            "sort",
            "sort -u",
            "sort -r",
            "sort -n",
            "uniq",
            "uniq -c",
            "wc -l",
            "wc -w",
            "wc -c",
            "wc",
            "head -n 2",
            "tail -n1",
            "tail -n +2",
            "head -1",
            "cut -d= -f2",
            "cut -d' ' -f1",
            "cut -c1-3",
            "cut -d: -f1-2 -s",
            "tr a-z A-Z",
            "tr -d '\\n'",
            "tr -s ' '",
            "tr ' ' '\\n'",
            "cat",
            "xargs",
            "xargs echo x",
            "xargs -r -n 1 echo",
            "xargs -I{} echo '<{}>'",
            "xargs --no-run-if-empty stat -c %a",
            "while read -r x y; do echo \"$y/$x\"; done",
            "{ read first; echo \"$first\"; cat; }",
            "if grep -q a; then echo yes; else echo no; fi",
        ])
        .prop_map(str::to_owned),
    ]
}

fn pipeline() -> impl Strategy<Value = String> {
    (source(), proptest::collection::vec(filter(), 0..3), any::<bool>()).prop_map(|(source, filters, silent)| {
        let mut line = source;
        if silent {
            line.push_str(" 2>/dev/null");
        }
        for filter in filters {
            let _ = write!(line, " | {filter}");
        }
        line
    })
}

fn condition() -> impl Strategy<Value = String> {
    prop_oneof![
        (proptest::sample::select(vec!["-e", "-f", "-d", "-s", "-r", "-L"]), path())
            .prop_map(|(test, path)| format!("test {test} \"{path}\"")),
        (text(), text()).prop_map(|(one, other)| format!("[ '{one}' = '{other}' ]")),
        text().prop_map(|text| format!("[ -n '{text}' -a ! -z \"$v\" ]")),
        (0..4, 0..4).prop_map(|(one, other)| format!("[ {one} -ge {other} ]")),
        pipeline().prop_map(|pipeline| format!("{pipeline} > /dev/null")),
    ]
}

fn script() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        3 => pipeline(),
        1 => (condition(), pipeline(), pipeline()).prop_map(|(condition, then, otherwise)| format!("if {condition}; then {then}\nelse {otherwise}; fi")),
        1 => (condition(), pipeline()).prop_map(|(condition, then)| format!("{condition} && {then} || echo no $?")),
        1 => pipeline().prop_map(|pipeline| format!("v=$({pipeline}); echo \"$v\" $v ${{v:-none}} \"${{v%b*}}\" ${{#v}}; echo $?")),
        1 => (path(), pipeline()).prop_map(|(path, pipeline)| format!("for p in {path} $v; do echo \"$p\"; {pipeline}; done")),
        1 => (text(), pipeline()).prop_map(|(text, pipeline)| format!("case '{text}' in a*|--*) {pipeline};; *' '*) echo space;; [0-9]*) ;; *) echo \"$0 $#\";; esac")),
        1 => pipeline().prop_map(|pipeline| format!("( {pipeline} ); echo `echo $?`")),
        1 => condition().prop_map(|condition| format!("! {condition}; echo $?")),
        1 => pipeline().prop_map(|pipeline| format!("/bin/sh -c \"{}\"", pipeline.replace('\\', "\\\\").replace('"', "\\\"").replace('$', "\\$"))),
    ];
    proptest::collection::vec(piece, 1..4).prop_map(|pieces| pieces.join("\n"))
}

/// Runs a script on standard input of this machine's shell; returns its output and status.
pub(crate) fn shell(script: &str) -> (String, i32) {
    let (mut reader, writer) = std::io::pipe().unwrap();
    let mut child = Command::new("/bin/sh")
        .env_clear()
        .env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
        .env("LC_ALL", "C.UTF-8")
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(writer.try_clone().unwrap())
        .stderr(writer)
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
    let status = child.wait().unwrap().code().unwrap_or(-1);
    let mut output = Vec::new();
    std::io::Read::read_to_end(&mut reader, &mut output).unwrap();
    (String::from_utf8_lossy(&output).into_owned(), status)
}

/// Whether this machine has the shell and programs that are emulated.
fn is_debian() -> bool {
    let sh = fs::canonicalize("/bin/sh").is_ok_and(|path| path.ends_with("dash"));
    sh && ["/usr/bin/find", "/usr/bin/stat", "/usr/bin/sed"].iter().all(|path| {
        Command::new(path)
            .arg("--version")
            .output()
            .is_ok_and(|said| String::from_utf8_lossy(&said.stdout).contains("GNU"))
    })
}

#[test]
fn generated_scripts_do_what_a_shell_does() {
    if !is_debian() {
        eprintln!("skipped: /bin/sh is not dash, or the programs are not GNU's");
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    files(directory.path());
    let root = directory.path().to_str().unwrap().to_owned();
    let node = Live::open(LiveOptions { root: "/".into(), proc: "/proc".into() }).unwrap();
    let cases = std::env::var("AUDIT_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(250);
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases,
        failure_persistence: None,
        max_shrink_iters: 400,
        ..ProptestConfig::default()
    });
    let native = std::cell::Cell::new(0_u32);
    let others = std::cell::RefCell::new(Vec::new());
    let ran = runner.run(&script(), |script| {
        let script = script.replace('@', &root);
        match interpret(&script, &node, &Limits::default()) {
            AuditOutcome::Done { stdout, status } => {
                native.set(native.get() + 1);
                // Whether a program notices that its reader has ended is a race, so a difference is retried.
                let ours = (stdout, status);
                let mut expected = (String::new(), 0);
                for _ in 0..5 {
                    expected = shell(&script);
                    let broken =
                        |line: &&str| line.contains("terminated by signal 13") || line.ends_with("Broken pipe");
                    if expected.0.lines().any(|line| broken(&line)) {
                        let kept = expected.0.split_inclusive('\n').filter(|line| !broken(&line.trim_end()));
                        expected.0 = kept.collect();
                    }
                    if expected == ours {
                        break;
                    }
                }
                prop_assert_eq!(ours, expected, "{}", script);
            }
            // Unsupported scripts are not compared; there must be few of them (see below).
            other => others.borrow_mut().push(format!("{other:?}: {script}")),
        }
        Ok(())
    });
    if let Err(error) = ran {
        panic!("{error}");
    }
    assert!(
        native.get() > cases * 95 / 100,
        "only {} of {cases} scripts ran:\n{}",
        native.get(),
        others.borrow().join("\n")
    );
}
