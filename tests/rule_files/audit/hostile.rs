//! Scripts that are harmful or never end: they are limited or refused, and change nothing.

use std::fs;
use std::time::{Duration, Instant};

use audit_shell::{Allowance, AuditOutcome, Limits, commands, interpret, interpret_within};
use kube_assay::node::{Live, LiveOptions, Recorded};

fn live(root: &std::path::Path) -> Live {
    Live::open(LiveOptions { root: root.to_owned(), proc: "/proc".into() }).expect("the root is a directory")
}

#[test]
fn hostile_scripts_are_refused_in_time() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    fs::create_dir(root.join("dir")).unwrap();
    fs::write(root.join("file"), "content\n").unwrap();
    nix::unistd::mkfifo(&root.join("fifo"), nix::sys::stat::Mode::from_bits_truncate(0o600)).unwrap();
    let node = live(root);
    let deep = |open: &str, close: &str| format!("{}echo a{}", open.repeat(10_000), close.repeat(10_000));
    let scripts = [
        "while true; do :; done".to_owned(),
        "while true; do echo x; done | head -n1".to_owned(),
        "until false; do true; done".to_owned(),
        "x=aaaaaaaa; while true; do x=$x$x; done".to_owned(),
        "for a in $(cat /file); do while :; do cat /file; done; done".to_owned(),
        ":(){ :|:& };:".to_owned(),
        "f() { f; }; f".to_owned(),
        "sleep 1 &".to_owned(),
        "cat /fifo".to_owned(),
        "while read x; do echo $x; done < /fifo".to_owned(),
        "echo x > /file".to_owned(),
        "echo x >> /file".to_owned(),
        "cat /file > /new".to_owned(),
        "find / -delete".to_owned(),
        "find / -fprint /new".to_owned(),
        "sed -i s/c/d/ /file".to_owned(),
        "sed 's/c/d/w /new' /file".to_owned(),
        "awk '{print > \"/new\"}' /file".to_owned(),
        "awk 'BEGIN{while(1){}}'".to_owned(),
        "sort -o /new /file".to_owned(),
        "echo 'unbalanced".to_owned(),
        "echo \"unbalanced".to_owned(),
        "echo `unbalanced".to_owned(),
        "echo $((1+1))".to_owned(),
        "cat <<EOF\nx\nEOF".to_owned(),
        "echo ${x//a/b}".to_owned(),
        "x='sh -c \"$x\"'; export x; eval \"$x\"; f='eval $f'; eval \"$f\"".to_owned(),
        "f='eval \"$f\"'; eval \"$f\"".to_owned(),
        "echo a | grep -E '(((a{255}){255}){255}){255}'".to_owned(),
        "echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa | grep '\\(a*\\)*\\1b'".to_owned(),
        "printf '%999999999s' x".to_owned(),
        deep("(", ")"),
        deep("$(", ")"),
        deep("{ ", "; }"),
        deep("if ", ";then :;fi"),
        deep("${x:-", "}"),
        deep("! ", ""),
        format!("echo a | awk '{}'", "(".repeat(10_000)),
        format!("echo a | sed '{}'", "{".repeat(10_000)),
        format!("find / {}", "\\( ".repeat(10_000)),
        format!("find / {} -name a", "! ".repeat(10_000)),
    ];
    // A tenth of the usual limit: unoptimized, on a busy machine, the rest would take minutes.
    let limits = Limits { steps: 200_000, output: 8 << 20, ..Limits::default() };
    for script in scripts {
        let shown: String = script.chars().take(70).collect();
        let started = Instant::now();
        let outcome = interpret(&script, &node, &limits);
        // Collecting the command names is limited, too.
        let _ = commands(&script);
        assert!(started.elapsed() < Duration::from_mins(2), "{shown}: took {:?}", started.elapsed());
        let fine = match &outcome {
            AuditOutcome::Refused { .. } | AuditOutcome::Exceeded { .. } | AuditOutcome::NeedsProcess { .. } => true,
            // Scripts that a shell would refuse as well.
            AuditOutcome::Done { stdout, status } => *status == 2 && stdout.contains("Syntax error"),
        };
        assert!(fine, "{shown}: {outcome:?}");
    }
    let mut names: Vec<String> =
        fs::read_dir(root).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert_eq!(names, ["dir", "fifo", "file"]);
    assert_eq!(fs::read_to_string(root.join("file")).unwrap(), "content\n");
}

/// Returns a script that first makes `$x` a text of 8 bytes, doubled this many times.
fn long(doublings: usize, script: &str) -> String {
    let rounds = "1 ".repeat(doublings);
    format!("x='a a/a:1 '; for i in {rounds}; do x=\"$x$x\"; done; {script}")
}

#[test]
fn all_audits_of_a_run_have_one_budget() {
    let directory = tempfile::tempdir().unwrap();
    let node = live(directory.path());
    let limits = Limits { steps: 2_000, output: 4 << 10, depth: 48 };
    let said = |scripts: &[&str], allowance: Limits| -> Vec<String> {
        let allowance = Allowance::new(allowance);
        let outcome = |script: &&str| match interpret_within(script, &node, &limits, &allowance) {
            AuditOutcome::Done { stdout, .. } => stdout,
            AuditOutcome::Exceeded { reason } => reason,
            other => panic!("{script}: {other:?}"),
        };
        scripts.iter().map(outcome).collect()
    };
    let (endless, short) = ("while :; do :; done", "echo a");
    let steps = said(&[endless, short, endless, endless, short], Limits { steps: 5_000, ..Limits::default() });
    let expected = [
        "takes more steps than an audit may take (2000)",
        "a\n",
        "takes more steps than an audit may take (2000)",
        "takes more steps than all audits of a run may take (5000 in all)",
        "not run: the audits before it took all the steps that a run may (5000)",
    ];
    assert_eq!(steps, expected);
    let loud = "while :; do echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; done";
    let output = said(&[loud, loud, short], Limits { output: 6 << 10, ..Limits::default() });
    let expected = [
        "prints more than an audit may print (4096 bytes)",
        "prints more than all audits of a run may print (6144 bytes in all)",
        "not run: the audits before it took all the output that a run may (6144 bytes)",
    ];
    assert_eq!(output, expected);
    // Many short audits stay within the limit.
    let many = said(&[short; 300], Limits { steps: 5_000, ..Limits::default() });
    assert!(many.iter().all(|said| said == "a\n"), "{many:?}");
}

#[test]
fn work_is_counted_before_it_is_done() {
    let many = |text: &str, times: usize| text.repeat(times);
    let endless = |body: &str| format!("while true; do {body}; done");
    let scripts = [
        // A word, line or text that grows a thousandfold.
        long(16, &format!("echo {}", many("$x", 5_000))),
        long(16, &format!("echo {}", many("\"$x\" ", 5_000))),
        endless(&format!("printf '{}' > /dev/null", many("%4096s", 1_000))),
        long(14, &format!("echo \"$x\" | sed 's/.*/{}/'", many("&", 10_000))),
        long(14, &format!("echo \"$x\" | awk '{{print {}}}'", many("$0 ", 200))),
        long(14, &format!("echo \"$x\" | awk '{{print {}0}}'", many("$0,", 10_000))),
        long(
            14,
            &format!("echo \"$x\" | awk '{{{}}}'", (0..2_000).fold(String::new(), |all, n| all + &format!("a{n}=$0;"))),
        ),
        endless("echo a | awk '{$65536=1}'"),
        long(14, "echo a | awk -v \"OFS=$x\" '{$65536=1}'"),
        long(14, "echo \"$x\" | xargs -I{} echo \"$x{}{}{}{}{}{}{}{}\""),
        long(14, &format!("echo \"$x\" | xargs -I{{}} echo {}", many("{}", 10_000))),
        endless(&format!("stat -c '{}' /etc/kubernetes /etc/kubernetes", many("%n", 10_000))),
        endless(&format!("ps -eo {}", many("cmd,", 10_000))),
        long(18, "for i in $x; do for j in $x; do :; done; done"),
        long(16, "echo $x | xargs -n1 echo"),
        // A single step that takes long.
        endless(&format!("stat -c %a {}", many("/a", 20_000))),
        endless("echo a | grep -E '((a{90}){90}|b)'"),
        endless("echo a | grep -E '(a{60}){60}'"),
        long(16, &endless("echo \"$x\" | grep -E '(a|aa|.){1,200}b' ")),
        long(14, &endless("case $x in [$x]*) ;; *[!$x]) ;; esac")),
        long(14, &endless("y=${x%$x}; y=${x##*b}")),
        endless(&format!("case a in {}) ;; esac", many("[", 20_000))),
        endless(&format!("echo {} > /dev/null", many("[[:", 5_000))),
        long(14, &endless("echo \"$x\" | tr \"$x\" b > /dev/null")),
        long(14, &endless(&format!("echo \"$x\" | cut -d' ' -f{}1 > /dev/null", many("1,", 10_000)))),
        long(14, &endless("echo \"$x\" | tr ' ' '\\n' | sort -n > /dev/null")),
        long(14, &endless("for i in 1; do (y=1); $(z=1); done")),
        long(14, &endless("eval \"a$x=1\"; (b=1)")),
        long(12, &format!("sh -c '{}' sh $x", endless("for i in \"$@\"; do shift; done"))),
        endless(&format!("find / {}", many("-true ", 10_000))),
        endless("find / -exec find / -exec echo {} +"),
        endless(&format!("ps -C {}", many("a,", 10_000))),
        endless(&format!("ls {}", many("-l ", 5_000))),
        endless(&format!("eval '{}'", many(":;", 5_000))),
        many("a;", 200_000),
        many("`", 200_000),
        many("echo \\\n", 50_000),
        // Scripts that would overflow the stack.
        format!("echo a | awk '{{print {}1}}'", many("1+", 50_000)),
        format!("echo a | awk '{{print {}1}}'", many("1 ", 50_000)),
        format!("echo a | awk '{}1'", many("a||", 30_000)),
        format!("{}echo", many("command ", 10_000)),
        format!("echo a | {}echo", many("xargs ", 10_000)),
        format!("f='{}eval \"$f\"{}'; eval \"$f\"", many("{ ", 30), many("; }", 30)),
        format!("f='echo {}$(eval \"$f\"){}'; eval \"$f\"", many("${x:-", 30), many("}", 30)),
        "f='sh -c \"$f\"'; export f; find / -exec sh -c 'eval \"$0\"' 'find / -exec sh -c \"$0\" \"$0\" \\;' \\;"
            .to_owned(),
    ];
    let node = Recorded::parse(
        "node",
        "files: [{path: /etc/kubernetes/x, content: 'a b'}]\nprocesses: [{pid: 2, cmd: 'a b'}]\ndirs: [{path: /a/a/a}]",
    )
    .unwrap();
    let limits = Limits { steps: 200_000, output: 8 << 20, ..Limits::default() };
    for script in scripts {
        let shown: String = script.chars().take(150).collect();
        let started = Instant::now();
        let outcome = interpret(&script, &node, &limits);
        let _ = commands(&script);
        let taken = started.elapsed();
        assert!(taken < Duration::from_mins(1), "{shown}: took {taken:?}");
        if let AuditOutcome::Done { stdout, .. } = &outcome {
            assert!(stdout.len() <= 3 * limits.output, "{shown}: printed {} bytes", stdout.len());
        }
    }
}

#[test]
fn what_is_too_long_is_said_as_the_system_says_it() {
    let node = Recorded::parse("node", "dirs: [{path: /a}]").unwrap();
    let path = "/a".repeat(3_000);
    let outcome = interpret(&format!("stat -c %a {path}; cat {path}*"), &node, &Limits::default());
    let why = "File name too long";
    let expected = format!("stat: cannot statx '{path}': {why}\ncat: {path}*: {why}\n");
    assert_eq!(outcome, AuditOutcome::Done { stdout: expected, status: 1 });
}

#[test]
fn devices_are_not_read() {
    let node = live(std::path::Path::new("/"));
    for script in ["cat /dev/zero", "head -c 5 /dev/zero", "grep x /dev/tty", "tail -f /dev/null"] {
        let outcome = interpret(script, &node, &Limits::default());
        assert!(
            matches!(outcome, AuditOutcome::Refused { .. } | AuditOutcome::Exceeded { .. }),
            "{script}: {outcome:?}"
        );
    }
    assert_eq!(
        interpret("cat /dev/null | wc -c", &node, &Limits::default()),
        AuditOutcome::Done { stdout: "0\n".to_owned(), status: 0 }
    );
}

#[test]
fn no_link_leads_out_of_the_root() {
    let directory = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink("/etc/passwd", directory.path().join("link")).unwrap();
    let outcome = interpret("cat /link /../../../etc/passwd", &live(directory.path()), &Limits::default());
    let expected = "cat: /link: No such file or directory\ncat: /../../../etc/passwd: No such file or directory\n";
    assert_eq!(outcome, AuditOutcome::Done { stdout: expected.to_owned(), status: 1 });
}

mod random {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 1500 } else { 20_000 }))]

        /// Whatever the text, the interpreter ends within the limits.
        #[test]
        fn any_text_ends(pieces in proptest::collection::vec(prop_oneof![
            proptest::sample::select(vec![
                "(", ")", "{ ", "; }", "$(", "`", "\"", "'", "$x", "${", "}", "|", "||", "&&", ";", "\n", "if ", " then ",
                " else ", " fi", "while ", " do ", "done", "for x in ", "case a in ", "esac", ";;", " >", "<", "2>&1",
                "/dev/null", "grep ", "sed ", "awk ", "find / ", "xargs ", "stat -c ", "echo ", "test ", "[ ", " ]", "-e ",
                "a* ", "[a-", "\\", "s/a/b/", "{print $1}", "%s", "printf ", "read x", "x=", "eval ", "sh -c ", "! ", "# ",
            ]).prop_map(str::to_owned),
            "\\PC{0,6}",
        ], 0..24)) {
            let script = pieces.concat();
            let node = Recorded::parse("node", "files: [{path: /a/b, content: 'a b'}]").unwrap();
            let limits = Limits { steps: 20_000, output: 1 << 20, depth: 24 };
            let _ = commands(&script);
            if let AuditOutcome::Done { stdout, .. } = interpret(&script, &node, &limits) {
                prop_assert!(stdout.len() <= 3 << 20);
            }
        }
    }
}
