//! Small scripts on a synthetic node: their output and status.

use audit_shell::{AuditOutcome, Limits, commands, interpret};
use kube_assay::node::Recorded;

const NODE: &str = r"
hostname: cp1
passwd: ['etcd:x:1001:1001:::']
group: ['etcd:x:1001:']
dirs:
- {path: /etc/kubernetes/pki, mode: '0700'}
- {path: /var/lib/etcd, mode: '0700', owner: etcd, group: etcd}
files:
- {path: /etc/kubernetes/admin.conf, mode: '0600', content: 'apiVersion: v1'}
- {path: /etc/kubernetes/pki/ca.crt, mode: '0644', content: 'crt'}
- {path: /etc/kubernetes/pki/ca.key, mode: '0600', content: 'key'}
- {path: '/etc/kubernetes/pki/a b.crt', mode: '0666', owner: etcd, group: etcd, content: 'odd'}
- {path: /etc/kubernetes/link.conf, symlink: /etc/kubernetes/admin.conf}
- path: /etc/enc.yaml
  content: |
    kind: EncryptionConfiguration
    resources:
    - resources: [secrets]
      providers:
      - aescbc:
          keys: []
      - identity: {}
processes:
- {pid: 10, cmd: '/usr/bin/kubelet --config=/var/lib/kubelet/config.yaml --client-ca-file=/etc/kubernetes/pki/ca.crt'}
- {pid: 11, cmd: 'etcd --data-dir=/var/lib/etcd --name=cp1', user: etcd}
- {pid: 12, cmd: 'kube-controller-manager --profiling=false'}
- {pid: 13, cmd: 'kube-apiserver --encryption-provider-config=/etc/enc.yaml --authorization-mode=Node,RBAC'}
";

fn run(script: &str) -> AuditOutcome {
    let node = Recorded::parse("node", NODE).expect("the node is well formed");
    interpret(script, &node, &Limits::default())
}

/// Script, output, status.
const CASES: &[(&str, &str, i32)] = &[
    // Lists, pipes and quotes.
    ("echo a; echo b", "a\nb\n", 0),
    ("true && echo yes || echo no", "yes\n", 0),
    ("false && echo yes || echo no", "no\n", 0),
    ("! true", "", 1),
    ("echo 'a  b' \"c  d\" e\\ f", "a  b c  d e f\n", 0),
    ("echo a \\\n  b # comment\necho c", "a b\nc\n", 0),
    ("(exit 3); echo $?", "3\n", 0),
    ("{ echo a; echo b; } | wc -l", "2\n", 0),
    ("X=1; (X=2); echo $X; X=3 true; echo $X", "1\n1\n", 0),
    ("printf 'a\\nb\\n' | { read x; echo \"<$x>\"; read y; echo \"<$y>\"; }", "<a>\n<b>\n", 0),
    ("exit 7; echo never", "", 7),
    // Variables.
    ("X='a b'; echo $X \"$X\" ${X}c ${#X}", "a b a b a bc 3\n", 0),
    ("echo ${Y:-none} ${Y-none} ${X:+set}.", "none none .\n", 0),
    ("P=/a/b/c.txt; echo ${P##*/} ${P#*/} ${P%.*} ${P%%/*}.", "c.txt a/b/c.txt /a/b/c .\n", 0),
    ("X='  a   b '; for i in $X; do echo \"<$i>\"; done", "<a>\n<b>\n", 0),
    ("X=''; for i in $X; do echo never; done; echo \"[$X]\"", "[]\n", 0),
    ("sh -c 'echo $0 $1 $#' name one two", "name one 2\n", 0),
    (
        "sh -c 'for i in \"$@\"; do echo \"<$i>\"; done; for i in $@ x$*; do echo \"[$i]\"; done' x a '' 'b c' ''",
        "<a>\n<>\n<b c>\n<>\n[a]\n[b]\n[c]\n[xa]\n[b]\n[c]\n",
        0,
    ),
    ("sh -c 'for i in \"$@\" a\"$@\"b; do echo \"<$i>\"; done' x '' ''", "<>\n<>\n<a>\n<b>\n", 0),
    ("set_=1; echo $set_ $1.", "1 .\n", 0),
    // Substitution.
    ("X=$(echo a; echo b); echo \"$X\"; echo $X", "a\nb\na b\n", 0),
    ("echo `echo a \\`echo b\\``", "a b\n", 0),
    ("X=$(false); echo $?", "1\n", 0),
    ("echo \"$(printf 'x\\n\\n')\"y", "xy\n", 0),
    // Compound commands.
    ("if test -e /nosuch; then echo a; elif test -d /etc; then echo b; else echo c; fi", "b\n", 0),
    ("if false; then echo a; fi; echo $?", "0\n", 0),
    ("for x in a b c; do if [ $x = b ]; then continue; fi; echo $x; done", "a\nc\n", 0),
    ("while read -r a b; do echo \"$b-$a\"; done < /etc/enc.yaml | head -n1", "EncryptionConfiguration-kind:\n", 0),
    ("case kubelet.conf in *.yaml) echo y;; kube*|x) echo k;; *) echo n;; esac", "k\n", 0),
    ("i=; while [ \"$i\" != xxx ]; do i=x$i; done; echo $i", "xxx\n", 0),
    // Tests.
    ("[ -z '' ] && [ -n a ] && [ a != b ] && [ 2 -gt 1 ] && [ ! -e /nosuch ] && echo ok", "ok\n", 0),
    ("test -z; echo $?; test; echo $?", "0\n1\n", 0),
    ("[ a = a -a b = c ]; echo $?; [ a = b -o c = c ]; echo $?", "1\n0\n", 0),
    ("[ 1 -eq x ]", "/bin/sh: 1: [: Illegal number: x\n", 2),
    ("[ a", "/bin/sh: 1: [: missing ]\n", 2),
    ("test a b", "/bin/sh: 1: test: a: unexpected operator\n", 2),
    ("[ a == a ]", "/bin/sh: 1: [: a: unexpected operator\n", 2),
    ("/usr/bin/test a == a && echo program", "program\n", 0),
    // Keywords of bash are not keywords of `dash`.
    ("[[ a = a ]] || echo $?", "/bin/sh: 1: [[: not found\n127\n", 0),
    ("if [[ -n a && b == b ]]; then echo yes; else echo no; fi", "/bin/sh: 1: [[: not found\nno\n", 0),
    ("[[ a || -n x ]]", "/bin/sh: 1: [[: not found\n/bin/sh: 1: -n: not found\n", 127),
    ("command -v [[; echo $?", "127\n", 0),
    ("test -L /etc/kubernetes/link.conf && test -f /etc/kubernetes/link.conf && echo link", "link\n", 0),
    // Files.
    ("stat -c 'permissions=%a %n' /etc/kubernetes/admin.conf", "permissions=600 /etc/kubernetes/admin.conf\n", 0),
    ("stat -c %U:%G /var/lib/etcd", "etcd:etcd\n", 0),
    ("stat -c %a /nosuch /etc/kubernetes/pki", "stat: cannot statx '/nosuch': No such file or directory\n700\n", 1),
    ("stat -c %a", "stat: missing operand\nTry 'stat --help' for more information.\n", 1),
    ("stat -c %a /etc/kubernetes/link.conf; stat -L -c %a /etc/kubernetes/link.conf", "777\n600\n", 0),
    ("stat -c %a /etc/kubernetes/pki/*.key", "600\n", 0),
    (
        "stat -c %a /etc/kubernetes/pki/*.nosuch",
        "stat: cannot statx '/etc/kubernetes/pki/*.nosuch': No such file or directory\n",
        1,
    ),
    ("cat /etc/kubernetes/admin.conf", "apiVersion: v1", 0),
    ("cat /nosuch /etc", "cat: /nosuch: No such file or directory\ncat: /etc: Is a directory\n", 1),
    ("cat /nosuch 2>/dev/null; cat /nosuch > /dev/null 2>&1; echo $?", "1\n", 0),
    ("cat < /nosuch", "/bin/sh: 1: cannot open /nosuch: No such file\n", 2),
    ("find /etc/kubernetes/pki -name '*.crt' | sort", "/etc/kubernetes/pki/a b.crt\n/etc/kubernetes/pki/ca.crt\n", 0),
    (
        "find /etc/kubernetes/pki -name '*.crt' ! -name 'a*' -exec stat -c '%a %n' {} \\;",
        "644 /etc/kubernetes/pki/ca.crt\n",
        0,
    ),
    ("find /etc/kubernetes/pki -type f -perm 600 -o -type d", "/etc/kubernetes/pki\n/etc/kubernetes/pki/ca.key\n", 0),
    ("find /etc/kubernetes -maxdepth 1 -mindepth 1 -type l", "/etc/kubernetes/link.conf\n", 0),
    ("find /etc/kubernetes/pki -type f -exec stat -c %a {} +", "666\n644\n600\n", 0),
    ("find /nosuch -type f", "find: ‘/nosuch’: No such file or directory\n", 1),
    ("find /etc/kubernetes -name '*.key' | xargs stat -c mode=%a", "mode=600\n", 0),
    (
        "find /etc/kubernetes/pki -name 'a*' | xargs stat -c %a",
        "stat: cannot statx '/etc/kubernetes/pki/a': No such file or directory\nstat: cannot statx 'b.crt': No such file or directory\n",
        123,
    ),
    ("find /etc/kubernetes/pki -name 'a*' -print0 | xargs -0 stat -c %a", "666\n", 0),
    ("true | xargs stat -c %a", "stat: missing operand\nTry 'stat --help' for more information.\n", 123),
    ("true | xargs --no-run-if-empty stat -c %a", "", 0),
    ("echo /etc | xargs -I{} echo in {}: {}", "in /etc: /etc\n", 0),
    ("basename /a/b.crt .crt; dirname /a/b; dirname x", "b\n/a\n.\n", 0),
    // Text.
    (
        "grep -A1 'providers:' /etc/enc.yaml | tail -n1 | grep -o '[A-Za-z]*' | sed 's/^/provider=/'",
        "provider=aescbc\n",
        0,
    ),
    ("grep -c identity /etc/enc.yaml; grep -q nosuch /etc/enc.yaml; echo $?", "1\n1\n", 0),
    ("grep x /nosuch", "grep: /nosuch: No such file or directory\n", 2),
    ("printf 'ab\\nAB\\n' | grep -i 'A[b]'; printf 'a.b\\n' | grep -F a.b", "ab\nAB\na.b\n", 0),
    ("printf 'foo bar\\nfoobar\\n' | grep -w foo; printf 'aab\\n' | grep -oE 'a|aa'", "foo bar\naa\n", 0),
    ("printf 'a\\nb\\nc\\nd\\ne\\n' | grep -e a -e d -A1", "a\nb\n--\nd\ne\n", 0),
    ("echo '(' | grep -E '('", "grep: Unmatched ( or \\(\n", 2),
    (
        "echo '--x=1,AlwaysAdmit,y' | grep -- '--x=\\(\\w\\+\\|,\\)*AlwaysAdmit\\(\\w\\+\\|,\\)*'",
        "--x=1,AlwaysAdmit,y\n",
        0,
    ),
    ("echo 'a b=c d' | sed 's%.*b[= ]\\([^ ]*\\).*%\\1%'", "c\n", 0),
    ("printf '1\\n2\\n3\\n' | sed -n '2p;$p'; printf '1\\n2\\n3\\n' | sed '/2/d'", "2\n3\n1\n3\n", 0),
    ("printf x | sed -n p - /dev/null; printf 'y\\n' | sed = - /dev/null", "x1\ny\n", 0),
    ("echo aaa | sed 's/a/b/g; s/b/[&]/2'", "b[b]b\n", 0),
    ("echo 'a:b c' | awk -F: '{print $2}' | awk '{ print $1 \" \" $2; print NF }'", "b c\n2\n", 0),
    ("printf 'a\\nb\\n' | awk 'END{print NR}'; printf 'x 1\\ny 2\\n' | awk '$2 > 1 {print $1}'", "2\ny\n", 0),
    ("echo 'k --client-ca-file=/x --y' | awk -F '--client-ca-file=' '{print $2}' | awk '{print $1}'", "/x\n", 0),
    ("printf 'b\\na\\nb\\n' | sort | uniq; printf 'b\\na\\nb\\n' | sort -u | wc -l", "a\nb\n2\n", 0),
    ("echo 'a=b=c' | cut -d= -f2-; echo abcdef | cut -c2-3", "b=c\nbc\n", 0),
    ("echo ' A b ' | tr -d '[:space:]' | tr A-Z a-z", "ab", 0),
    ("echo a,b,c,d | cut -d, -f2,1-2,4; echo abcdef | cut -c5-,1-2", "a,b,d\nabef\n", 0),
    ("echo hello | tr -s l; echo abc | tr abc xy; echo aab | tr -c 'b\\n' _", "helo\nxyy\n__b\n", 0),
    (
        "printf 'a\\nb\\nc' | head -n -1; printf 'a\\nb\\nc' | tail -n +2; printf abc | head -c 2; printf abc | tail -c1",
        "a\nb\nb\ncabc",
        0,
    ),
    ("printf '10\\n9\\n1\\n' | sort -n; printf '10\\n9\\n10\\n' | sort -nru", "1\n9\n10\n10\n9\n", 0),
    ("case b] in [!a-c]*) echo other;; [b]]) echo set;; esac; case '[' in [) echo open;; esac", "set\nopen\n", 0),
    ("printf '%s=%5d|%-3s|\\n' a 7 b c 8 d", "a=    7|b  |\nc=    8|d  |\n", 0),
    // Processes.
    (
        "ps -ef | grep kubelet | grep -v grep | grep -o -- '--config=[^ ]*'",
        "--config=/var/lib/kubelet/config.yaml\n",
        0,
    ),
    ("ps -ef | grep etcd | grep -v apiserver | grep -c .", "2\n", 0),
    ("ps -fC kube-controller-manager | grep -c profiling; ps -fC nosuch > /dev/null; echo $?", "1\n1\n", 0),
    ("ps -C etcd -o args=; ps -C etcd -o user=", "etcd --data-dir=/var/lib/etcd --name=cp1\netcd\n", 0),
    ("ps -C etcd -o cmd= | sed 's/.*--data-dir=//; s/ .*//' | xargs stat -c %U:%G", "etcd:etcd\n", 0),
    // Missing programs, and files that no shell can run.
    ("/usr/local/bin/master-exec etcd", "/bin/sh: 1: /usr/local/bin/master-exec: not found\n", 127),
    ("'a b\nc'", "/bin/sh: 2: a b\nc: not found\n", 127),
    ("/etc", "/bin/sh: 1: /etc: Permission denied\n", 126),
    ("stat ((A))/x", "/bin/sh: 1: Syntax error: \"(\" unexpected (expecting \")\")\n", 2),
    ("echo a\nfi", "a\n/bin/sh: 2: Syntax error: \"fi\" unexpected\n", 2),
    ("sh -c 'if true; then echo'", "sh: 1: Syntax error: end of file unexpected (expecting \"fi\")\n", 2),
    ("a <<< b", "/bin/sh: 1: Syntax error: redirection unexpected\n", 2),
    ("a | | b", "/bin/sh: 1: Syntax error: \"|\" unexpected\n", 2),
    ("command -v nosuch; echo $?; command -v test", "127\ntest\n", 0),
];

#[test]
fn scripts_print_what_a_shell_prints() {
    let mut problems = Vec::new();
    for (script, output, status) in CASES {
        let expected = AuditOutcome::Done { stdout: (*output).to_owned(), status: *status };
        let outcome = run(script);
        if outcome != expected {
            problems.push(format!("{script}\n   should be {expected:?}\n   is        {outcome:?}"));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn programs_that_are_not_interpreted_are_named_when_they_are_reached() {
    for (script, command) in [
        ("oc get nodes", "oc"),
        ("echo a; kubectl get pods | jq .", "kubectl"),
        ("X=$(openssl x509); echo $X", "openssl"),
        ("sh -c 'journalctl -u k3s'", "journalctl"),
        ("echo a | xargs gcloud", "gcloud"),
        ("find /etc -maxdepth 0 -exec systemctl {} \\;", "systemctl"),
    ] {
        assert_eq!(run(script), AuditOutcome::NeedsProcess { command: command.to_owned() }, "{script}");
    }
    let done = AuditOutcome::Done { stdout: "a\n".to_owned(), status: 0 };
    assert_eq!(run("false && oc get nodes; echo a"), done, "what is not reached is not needed");
}

#[test]
fn commands_are_listed_whether_or_not_they_are_reached() {
    let script = "if false; then oc get x | jq .; fi; X=$(openssl y \"`cut -f1`\")\nsh -c 'ps -ef | grep x' | xargs -r stat -c %a; $Y z; find / -exec ls {} \\;; f() { tr a b; }";
    let found: Vec<String> = commands(script).unwrap().into_iter().collect();
    assert_eq!(found, ["cut", "false", "find", "grep", "jq", "ls", "oc", "openssl", "ps", "sh", "stat", "tr", "xargs"]);
    let error = commands("echo a\nif true; then echo").unwrap_err();
    assert_eq!(error.to_string(), "line 2: end of file unexpected (expecting \"fi\")");
}

#[test]
fn what_a_recording_was_not_asked_is_refused() {
    let node = Recorded::parse("node", "form: 2\nabsent: [/nosuch]\n").unwrap();
    let limits = Limits::default();
    for script in ["stat -c %a /etc/passwd", "ps -ef", "cat /etc/x", "test -e /etc/x"] {
        let AuditOutcome::Refused { reason } = interpret(script, &node, &limits) else { panic!("{script}") };
        assert!(reason.contains("not recorded"), "{script}: {reason}");
    }
    let absent = interpret("test -e /nosuch || echo absent", &node, &limits);
    assert_eq!(absent, AuditOutcome::Done { stdout: "absent\n".to_owned(), status: 0 });
}
