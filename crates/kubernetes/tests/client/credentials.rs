//! Kubeconfigs as kubectl reads them, and the credentials that the client sends.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::time::Duration;

use crate::fake::http::Answer;
use crate::fake::lists::VERSION;
use crate::fake::{Site, kubeconfig};
use kubernetes::{Limits, Options, ServiceAccount, Source, connect};
use probe::Observed;

fn options(source: Source) -> Options {
    let limits = Limits { requests_per_second: 1000.0, connect_timeout: Duration::from_secs(2), ..Limits::default() };
    Options { limits, ..Options::new(source, "kube-assay/test") }
}

fn file(path: PathBuf) -> Options {
    options(Source::File(path))
}

fn refused(options: &Options) -> String {
    match connect(options) {
        Ok(api) => match api.version() {
            Observed::Unknown(reason) => reason.to_string(),
            _ => panic!("it is let in"),
        },
        Err(reason) => reason.to_string(),
    }
}

/// A server that returns its version to any client.
fn open() -> Site {
    Site::new(|_| Answer::json(200, VERSION))
}

/// The credentials that the server receives for these lines of the kubeconfig's user.
fn told(site: &Site, user: &[&str]) -> String {
    let options = file(site.kubeconfig(&["certificate-authority: ca.crt"], user));
    told_by(site, &options)
}

fn told_by(site: &Site, options: &Options) -> String {
    let api = connect(options).unwrap_or_else(|reason| panic!("{reason}"));
    match api.version() {
        Observed::Present(_) => site.server.last().header("authorization").to_owned(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_user_is_shown_as_the_kubeconfig_says() {
    let site = open();
    site.file("token", "from-file\n");
    let table: [(&[&str], &str); 7] = [
        (&["token: abc"], "Bearer abc"),
        (&["tokenFile: token"], "Bearer from-file"),
        (&["token: abc", "tokenFile: token"], "Bearer from-file"),
        (&["token: abc", "tokenFile: gone"], "Bearer abc"),
        (&["username: alice", "password: 'a:b'"], "Basic YWxpY2U6YTpi"),
        (&["token: ''", "client-certificate: ''"], ""),
        (&[], ""),
    ];
    for (user, expected) in table {
        assert_eq!(told(&site, user), expected, "{user:?}");
    }
    let lines = ["token: abc", "as: bob", "as-groups: [g1, g2]", "as-user-extra: {a/b: [x]}"];
    told(&site, &lines);
    let last = site.server.last();
    assert_eq!(last.header("impersonate-user"), "bob");
    assert_eq!(last.header("impersonate-extra-a%2fb"), "x");
}

#[test]
fn what_is_wrong_is_said_without_what_is_secret() {
    let site = open();
    let table: [(&[&str], &[&str], &str); 12] = [
        (&[], &["token: \"sec\\nret\""], "user `tester`: its token contains invalid characters"),
        (&[], &["tokenFile: gone"], "gone: no such file"),
        (&[], &["tokenFile: ."], ": not a file"),
        (&[], &["username: a", "token: secret"], "user `tester`: username and token exclude each other"),
        (&[], &["client-key-data: secret"], "user `tester`: client-key-data is not base64"),
        (&[], &["client-key-data: c2VjcmV0"], "user `tester`: client-key without client-certificate"),
        (&[], &["client-certificate: gone.crt"], "gone.crt: no such file"),
        (
            &[],
            &["auth-provider: {name: gcp, config: {access-token: secret}}"],
            "auth-provider `gcp` is not supported (install gke-gcloud-auth-plugin",
        ),
        (&[], &["auth-provider: {name: oidc}"], "auth-provider `oidc` is not supported (use an exec plugin"),
        (&["certificate-authority-data: c2VjcmV0"], &[], "certificate-authority-data: no certificates in PEM"),
        (&["proxy-url: 'ftp://secret@x'"], &[], "proxy-url of the kubeconfig: `ftp` proxies are not supported"),
        (&["server: 'https://user:secret@x'"], &[], "cluster `fake`: server must be a URL such as"),
    ];
    for (cluster, user, expected) in table {
        let words = refused(&file(site.kubeconfig(cluster, user)));
        assert!(words.contains(expected), "{words}");
        assert!(!words.contains("secret") && !words.contains("sec\\nret"), "{words}");
        assert_eq!(words.lines().count(), 1);
    }
}

#[test]
fn a_file_that_is_no_kubeconfig_is_said_to_be_none() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("config");
    let table = [
        ("", "no current-context (pass --context NAME; it has none)"),
        ("null", "no current-context"),
        ("a: [", "not YAML (line "),
        ("token: secret\n\tx: y", "not YAML (line 2)"),
        ("[]", "not a kubeconfig"),
        ("clusters: 7", "not a kubeconfig, because of `clusters`, which is not a list"),
        ("users:\n- name: a\n  user: {token: {secret: 1}}", "because of `a` in users (check it with `kubectl config"),
        ("users:\n- 7", "because of entry 1 of users"),
        ("current-context: a\nunknown: {fields: [1]}", "no context `a` (it has none)"),
        (
            "current-context: a\ncontexts:\n- name: a\n  context: {cluster: b}",
            "cluster `b` of context `a` is not in it",
        ),
        (
            "current-context: \"a\\e[2J\"\ncontexts:\n- name: b\n  context: {cluster: b}",
            r"no context `a\u{1b}[2J` (it has b)",
        ),
        (
            "current-context: a\ncontexts:\n- name: a\n  context: {cluster: b, user: c}\nclusters:\n- name: b\n  cluster: {server: x}",
            "user `c` of context `a` is not in it",
        ),
        (
            "current-context: a\ncontexts:\n- name: a\n  context: {cluster: b}\nclusters:\n- name: b\n  cluster: {}",
            "cluster `b`: no server",
        ),
    ];
    for (text, expected) in table {
        fs::write(&path, text).expect("it is written");
        let words = refused(&file(path.clone()));
        assert!(words.starts_with(&*path.to_string_lossy()), "{words}");
        assert!(words.contains(expected), "{words}\nshould say {expected}");
        assert!(!words.contains("secret") && words.lines().count() == 1, "{words}");
    }
    fs::write(&path, [0xff, 0xfe, 0]).expect("it is written");
    assert!(refused(&file(path.clone())).contains("not UTF-8 text"));
    fs::write(&path, "a: &a [x,x,x,x,x,x,x,x,x]\n".to_owned() + &bomb()).expect("it is written");
    assert!(refused(&file(path)).contains("not YAML"), "aliases are not written out without end");
}

/// YAML aliases that would expand beyond any memory.
fn bomb() -> String {
    let line = |number: u8| {
        let (name, before) = (char::from(b'b' + number), char::from(b'a' + number));
        format!("{name}: &{name} [{}]\n", vec![format!("*{before}"); 9].join(","))
    };
    (0..20).map(line).collect()
}

#[test]
fn lists_of_files_are_merged_and_the_first_wins() {
    let site = open();
    let first = site.file("first", "current-context: two\nusers:\n- name: tester\n  user: {token: first}\n");
    let context = "contexts:\n- name: two\n  context: {cluster: fake, user: tester}\n";
    let second = site.file("second", &format!("kind: Other\ncurrent-context: gone\n{context}"));
    let third = site.trusted();
    let list = |paths: &[&PathBuf]| {
        let mut list = OsString::new();
        for path in paths {
            list.push(path);
            list.push("::");
        }
        options(Source::List(list))
    };
    let gone = PathBuf::from("/no/such/file");
    let all = list(&[&gone, &first, &second, &third]);
    assert_eq!(told_by(&site, &all), "Bearer first");
    assert_eq!(told_by(&site, &Options { context: Some("fake".into()), ..all.clone() }), "Bearer first");
    assert!(
        refused(&Options { context: Some("x".into()), ..all })
            .contains("KUBECONFIG: no context `x` (it has two, fake)")
    );
    assert_eq!(refused(&list(&[&gone])), "KUBECONFIG: no such file (/no/such/file)");
    assert_eq!(refused(&file(gone)), "/no/such/file: no such file (check --kubeconfig)");
}

#[test]
fn programs_are_run_only_where_that_is_allowed() {
    let site = open();
    let plugin = site.file(
        "plugin",
        "#!/bin/sh\necho \"$KUBERNETES_EXEC_INFO\" > \"$OUT\"\necho '{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1\",\"status\":{\"token\":\"made-'$1'\"}}'\n",
    );
    fs::set_permissions(&plugin, fs::Permissions::from_mode(0o755)).expect("its mode is set");
    let out = site.directory.path().join("out");
    let env = format!("  env: [{{name: OUT, value: {}}}]", out.display());
    let exec = [
        "exec:",
        "  apiVersion: client.authentication.k8s.io/v1",
        "  command: ./plugin",
        "  args: [now]",
        &env,
        "  interactiveMode: IfAvailable",
        "  provideClusterInfo: true",
    ];
    let closed = file(site.kubeconfig(&["certificate-authority: ca.crt"], &exec));
    let words = refused(&closed);
    let expected = format!(
        "its credentials are made by `{}`, which may be any",
        plugin.display().to_string().replace("/plugin", "/./plugin")
    );
    assert!(words.contains(&expected) && words.ends_with("(pass --allow-exec to run it)"), "{words}");
    assert!(!out.exists(), "it was not run");
    assert_eq!(told_by(&site, &Options { allow_exec: true, ..closed }), "Bearer made-now");
    let info: serde_json::Value = serde_json::from_str(&fs::read_to_string(out).expect("it was told")).expect("JSON");
    assert_eq!(info["kind"], "ExecCredential");
    assert_eq!(info["spec"]["interactive"], false);
    assert!(info["spec"]["cluster"]["server"].as_str().expect("a URL").starts_with("https://localhost"));
    assert!(info["spec"]["cluster"]["certificate-authority-data"].is_string());
    // A token takes precedence over an exec plugin, which then does not run.
    let both: Vec<&str> = ["token: abc"].into_iter().chain(exec).collect();
    assert_eq!(told(&site, &both), "Bearer abc");
}

#[test]
fn programs_that_fail_say_one_line() {
    let site = open();
    let script = |text: &str| {
        vec![
            "exec:".to_owned(),
            "  apiVersion: client.authentication.k8s.io/v1".to_owned(),
            "  command: sh".to_owned(),
            format!("  args: ['-c', '{text}']"),
        ]
    };
    let table = [
        (script("echo secret; echo >&2 not logged in; echo >&2 more; exit 1"), "`sh` failed: not logged in"),
        (script("echo secret"), "`sh` did not print an ExecCredential in JSON"),
        (
            script(r#"echo {\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1beta1\"}"#),
            "whose version differs from",
        ),
        (
            script(
                r#"echo {\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1\",\"status\":{}}"#,
            ),
            "returned neither a token nor",
        ),
        (script("yes secret"), "`sh` failed"),
    ];
    for (lines, expected) in table {
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let closed = file(site.kubeconfig(&["certificate-authority: ca.crt"], &lines));
        let words = refused(&Options { allow_exec: true, ..closed });
        assert!(words.contains(expected) && words.lines().count() == 1 && !words.contains("secret"), "{words}");
    }
    let table = [
        (
            "command: no-such-program\n      installHint: |\n        Install it.\n        More.",
            "`no-such-program` not found (Install it.)",
        ),
        ("command: ''", "exec without command"),
        ("command: x\n      interactiveMode: Always", "`x` needs a terminal"),
    ];
    for (lines, expected) in table {
        let lines = ["exec:", "  apiVersion: client.authentication.k8s.io/v1", &format!("  {lines}")];
        let closed = file(site.kubeconfig(&["certificate-authority: ca.crt"], &lines));
        let words = refused(&Options { allow_exec: true, ..closed });
        assert!(words.contains(expected), "{words}");
    }
    let closed = file(site.kubeconfig(&[], &["exec: {apiVersion: client.authentication.k8s.io/v1alpha1, command: x}"]));
    assert!(refused(&closed).contains("exec has apiVersion `client.authentication.k8s.io/v1alpha1` (update it to"));
}

#[test]
fn a_program_makes_a_certificate() {
    let site = open();
    let user = site.authority.user("alice", "audit");
    let made = serde_json::json!({
        "kind": "ExecCredential", "apiVersion": "client.authentication.k8s.io/v1beta1",
        "status": { "clientCertificateData": user.pem(), "clientKeyData": user.key() },
    });
    site.file("made.json", &made.to_string());
    let args = format!("  args: [{}/made.json]", site.directory.path().display());
    let exec = ["exec:", "  apiVersion: client.authentication.k8s.io/v1beta1", "  command: cat", &args];
    let closed = file(site.kubeconfig(&["certificate-authority: ca.crt"], &exec));
    assert_eq!(told_by(&site, &Options { allow_exec: true, ..closed }), "");
}

#[test]
fn a_token_that_was_exchanged_is_read_again() {
    let site = Site::new(|asked| match asked.header("authorization") {
        "Bearer new" => Answer::json(200, VERSION),
        _ => Answer::status(401, "Unauthorized", "Unauthorized"),
    });
    site.file("token", "old");
    let api = connect(&file(site.kubeconfig(&["certificate-authority: ca.crt"], &["tokenFile: token"]))).expect("made");
    let Observed::Unknown(reason) = api.version() else { panic!("the token is old") };
    assert!(reason.to_string().contains("unauthorized: the credentials are not accepted"), "{reason}");
    assert_eq!(api.requests(), 1, "the same token is of no use");
    site.file("token", "new");
    assert!(matches!(api.version(), Observed::Present(_)));
    assert_eq!(api.requests(), 3);
}

#[test]
fn a_pod_asks_by_its_service_account() {
    let site = open();
    site.file("ca.crt", &site.authority.pem());
    site.file("token", "of-the-pod");
    let account = |host: &str| ServiceAccount {
        host: host.to_owned(),
        port: site.server.address.port().to_string(),
        directory: site.directory.path().to_owned(),
    };
    assert_eq!(told_by(&site, &options(Source::InCluster(account("127.0.0.1")))), "Bearer of-the-pod");
    assert!(refused(&options(Source::InCluster(account("a b")))).starts_with("KUBERNETES_SERVICE_HOST: `a b:"));
    fs::remove_file(site.directory.path().join("token")).expect("it was there");
    assert!(refused(&options(Source::InCluster(account("::1")))).ends_with("token: no such file"));
}

#[test]
fn a_kubeconfig_in_json_with_data_in_lines_is_read() {
    let site = open();
    let data = site.authority.base64();
    let lines: Vec<String> =
        data.as_bytes().chunks(60).map(|line| String::from_utf8_lossy(line).into_owned()).collect();
    let server = format!("https://localhost:{}", site.server.address.port());
    let config = serde_json::json!({
        "current-context": "c",
        "clusters": [{ "name": "k", "cluster": { "server": server, "certificate-authority-data": lines.join("\n") } }],
        "users": [{ "name": "u", "user": { "token": "t" } }],
        "contexts": [{ "name": "c", "context": { "cluster": "k", "user": "u", "namespace": "x" } }],
        "preferences": {}, "users-of-tomorrow": [1],
    });
    let path = site.file("json", &format!("\u{feff}{config:#}"));
    assert_eq!(told_by(&site, &file(path)), "Bearer t");
    let one = site.file("documents", &format!("{}---\nnonsense: [\n", kubeconfig(&["server: x"], &[])));
    assert!(!refused(&file(one)).contains("YAML"), "only the first document counts");
}
