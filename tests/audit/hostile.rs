//! Scripts that would harm, or never end: bounded or refused, and nothing is touched.

use std::fs;
use std::time::{Duration, Instant};

use kube_assay::kube_bench::audit::{Limits, Outcome, commands, interpret};
use kube_assay::node::{Live, LiveOptions};

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
    // A tenth of the usual work: without optimisation, on a busy machine, the rest takes minutes.
    let limits = Limits { steps: 200_000, output: 8 << 20, ..Limits::default() };
    for script in scripts {
        let shown: String = script.chars().take(70).collect();
        let started = Instant::now();
        let outcome = interpret(&script, &node, &limits);
        // Reading the names has bounds, too.
        let _ = commands(&script);
        assert!(started.elapsed() < Duration::from_mins(2), "{shown}: took {:?}", started.elapsed());
        let fine = match &outcome {
            Outcome::Refused { .. } | Outcome::Exceeded { .. } | Outcome::NeedsProcess { .. } => true,
            // What a shell would refuse as well.
            Outcome::Done { stdout, status } => *status == 2 && stdout.contains("Syntax error"),
        };
        assert!(fine, "{shown}: {outcome:?}");
    }
    let mut names: Vec<String> =
        fs::read_dir(root).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert_eq!(names, ["dir", "fifo", "file"]);
    assert_eq!(fs::read_to_string(root.join("file")).unwrap(), "content\n");
}

#[test]
fn devices_are_not_read() {
    let node = live(std::path::Path::new("/"));
    for script in ["cat /dev/zero", "head -c 5 /dev/zero", "grep x /dev/tty", "tail -f /dev/null"] {
        let outcome = interpret(script, &node, &Limits::default());
        assert!(matches!(outcome, Outcome::Refused { .. } | Outcome::Exceeded { .. }), "{script}: {outcome:?}");
    }
    assert_eq!(
        interpret("cat /dev/null | wc -c", &node, &Limits::default()),
        Outcome::Done { stdout: "0\n".to_owned(), status: 0 }
    );
}

#[test]
fn no_link_leads_out_of_the_root() {
    let directory = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink("/etc/passwd", directory.path().join("link")).unwrap();
    let outcome = interpret("cat /link /../../../etc/passwd", &live(directory.path()), &Limits::default());
    let expected = "cat: /link: No such file or directory\ncat: /../../../etc/passwd: No such file or directory\n";
    assert_eq!(outcome, Outcome::Done { stdout: expected.to_owned(), status: 1 });
}

mod random {
    use kube_assay::node::Recorded;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 1500 } else { 20_000 }))]

        /// Whatever the text, there is an answer within the limits.
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
            if let Outcome::Done { stdout, .. } = interpret(&script, &node, &limits) {
                prop_assert!(stdout.len() <= 3 << 20);
            }
        }
    }
}
