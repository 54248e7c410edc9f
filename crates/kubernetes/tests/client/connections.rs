//! Servers that cannot be reached or trusted, and clients that are rejected: one clear line each.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use crate::fake::certificates::{Authority, Leaf};
use crate::fake::http::Answer;
use crate::fake::lists::VERSION;
use crate::fake::{Site, kubeconfig};
use kubernetes::{Limits, Options, Source, connect};
use probe::Observed;

fn options(kubeconfig: PathBuf) -> Options {
    let limits = Limits {
        requests_per_second: 1000.0,
        connect_timeout: Duration::from_secs(1),
        page_timeout: Duration::from_secs(5),
        ..Limits::default()
    };
    Options { limits, ..Options::new(Source::File(kubeconfig), "kube-assay/test") }
}

/// The server's version, or why it is unknown.
fn version(options: &Options) -> Result<String, String> {
    let api = connect(options).map_err(|reason| reason.to_string())?;
    match api.version() {
        Observed::Present(version) => Ok(version.git_version),
        Observed::Absent => panic!("it is there or not known"),
        Observed::Unknown(reason) => Err(reason.to_string()),
    }
}

fn refused(options: &Options) -> String {
    version(options).expect_err("it is refused")
}

/// A server that returns its version to any client, with a certificate of the given kind.
fn with_leaf(leaf: impl FnOnce(&Authority) -> Leaf) -> Site {
    Site::with_leaf(|_| Answer::json(200, VERSION), leaf)
}

#[test]
fn a_server_is_believed_by_its_authority_alone() {
    const HOSTS: [&str; 2] = ["localhost", "127.0.0.1"];
    type Case = (fn(&Authority) -> Leaf, &'static str);
    let table: [Case; 6] = [
        (
            |_| Authority::new("fake-ca").leaf(&HOSTS),
            "its certificate is signed by an unknown authority (check that cert",
        ),
        (|authority| authority.expired(&HOSTS), "its certificate has expired (renew it"),
        (|authority| authority.not_yet(&HOSTS), "its certificate is not valid yet (check the clock of this machine)"),
        (
            |authority| authority.leaf(&["api.example.com"]),
            "its certificate is for a different name: api.example.com (set tls-server-name in the kubeconfig)",
        ),
        (Authority::version_one, "its certificate is X.509 version 1, which is not accepted (reissue it as version 3"),
        (|authority| authority.authority_as_leaf(&HOSTS), "its certificate is a CA certificate, which is not accep"),
    ];
    for (leaf, expected) in table {
        let site = with_leaf(leaf);
        let words = refused(&options(site.trusted()));
        let server = format!("https://localhost:{}: ", site.server.address.port());
        assert!(words.starts_with(&(server + expected)), "{words}");
        assert!(site.server.paths().is_empty(), "no token was sent");
    }
    let site = with_leaf(|authority| authority.leaf(&HOSTS));
    assert_eq!(version(&options(site.trusted())), Ok("v1.34.2".to_owned()));
}

#[test]
fn what_cannot_be_verified_is_taken_only_where_the_option_says_so() {
    for leaf in [Authority::version_one, |authority: &Authority| authority.expired(&["x"])] {
        let site = with_leaf(leaf);
        let file = site.kubeconfig(&["insecure-skip-tls-verify: true"], &["token: let-me-in"]);
        let words = refused(&options(file.clone()));
        let expected = "cluster `fake`: insecure-skip-tls-verify is set, which is not accepted from a file";
        assert!(words.contains(expected), "{words}");
        let insecure = Options { insecure_skip_tls_verify: true, ..options(file) };
        assert_eq!(version(&insecure), Ok("v1.34.2".to_owned()));
        let insecure = Options { insecure_skip_tls_verify: true, ..options(site.trusted()) };
        assert_eq!(version(&insecure), Ok("v1.34.2".to_owned()), "whatever authority the file names");
    }
}

#[test]
fn the_name_of_the_certificate_may_be_another() {
    let site = with_leaf(|authority| authority.leaf(&["api.example.com"]));
    let file = site.kubeconfig(&["certificate-authority: ca.crt", "tls-server-name: api.example.com"], &[]);
    assert_eq!(version(&options(file)), Ok("v1.34.2".to_owned()));
    let file = site.kubeconfig(&["certificate-authority: ca.crt", "tls-server-name: 'a b'"], &[]);
    assert!(refused(&options(file)).ends_with("tls-server-name `a b` is not a valid name"));
}

#[test]
fn without_an_authority_that_of_the_machine_counts() {
    let site = with_leaf(|authority| authority.leaf(&["localhost"]));
    let words = refused(&options(site.kubeconfig(&[], &[])));
    let known = ["signed by an unknown authority", "the kubeconfig names none, and this machine has none"];
    assert!(known.iter().any(|known| words.contains(known)), "{words}");
}

#[test]
fn a_client_certificate_says_who_asks() {
    let site = with_leaf(|authority| authority.leaf(&["localhost"]));
    let user = site.authority.user("alice", "system:masters");
    site.file("alice.crt", &user.pem());
    site.file("alice.key", &user.key());
    let lines = ["client-certificate: alice.crt", "client-key: alice.key"];
    let file = site.kubeconfig(&["certificate-authority: ca.crt"], &lines);
    assert_eq!(version(&options(file)), Ok("v1.34.2".to_owned()));
    assert_eq!(site.server.last().header("authorization"), "");

    let stranger = Authority::new("another").user("alice", "system:masters");
    site.file("alice.crt", &stranger.pem());
    let file = site.kubeconfig(&["certificate-authority: ca.crt"], &lines);
    let words = refused(&options(file.clone()));
    assert!(words.contains("alice.key: not the key of ") && words.ends_with("alice.crt"), "{words}");
    site.file("alice.key", &stranger.key());
    let words = refused(&options(file.clone()));
    assert!(words.contains("refused the client certificate (check client-certificate in the kubeconfig)"), "{words}");
    let old = site.authority.version_one();
    site.file("alice.crt", &old.pem());
    site.file("alice.key", &old.key());
    let words = refused(&options(file.clone()));
    assert!(
        words.contains("alice.crt: an X.509 certificate of version 1, which is not accepted (reissue it"),
        "{words}"
    );
    site.file("alice.key", "-----BEGIN NONSENSE-----");
    assert!(refused(&options(file)).contains("alice.key: no private key in PEM"));
}

#[test]
fn a_server_that_is_not_there_is_said_to_be_none() {
    let free = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    let directory = tempfile::tempdir().expect("a directory");
    let write = |server: &str| {
        let path = directory.path().join("config");
        let text = kubeconfig(&[&format!("server: {server}")], &["token: t"]);
        std::fs::write(&path, text).expect("it is written");
        path
    };
    let words = refused(&options(write(&format!("https://{free}"))));
    assert!(words.starts_with(&format!("https://{free}: connection refused (check the server")), "{words}");
    let words = refused(&options(write("https://no-such-host.invalid:6443")));
    let known = ["no such host (check", "no name server answered (check", "no connection within 1 s (check"];
    assert!(
        known.iter().any(|known| words.starts_with(&format!("https://no-such-host.invalid:6443: {known}"))),
        "{words}"
    );
}

#[test]
fn a_connection_has_its_time() {
    // Accepts connections but never answers.
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("config");
    let server = format!("server: https://{}", silent.local_addr().expect("an address"));
    std::fs::write(&path, kubeconfig(&[&server], &["token: t"])).expect("it is written");
    let begin = Instant::now();
    let api = connect(&options(path)).expect("it is made");
    let Observed::Unknown(reason) = api.version() else { panic!("it does not answer") };
    assert!(reason.to_string().contains("no connection within 1 s (check the address, and firewalls"), "{reason}");
    let Observed::Unknown(again) = api.version() else { panic!("it does not answer") };
    assert_eq!((again, api.requests()), (reason, 1), "it is not asked again and again");
    assert!(begin.elapsed() < Duration::from_secs(3));
}

#[test]
fn a_server_of_another_protocol_is_said_to_be_one() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = stream.read(&mut [0; 512]);
            let _ = stream.write_all(b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent TLS to an HTTP server\n");
        }
    });
    let directory = tempfile::tempdir().expect("a directory");
    let write = |server: &str, user: &[&str]| {
        let path = directory.path().join("config");
        std::fs::write(&path, kubeconfig(&[&format!("server: {server}")], user)).expect("it is written");
        path
    };
    let words = refused(&options(write(&format!("https://{address}"), &["token: t"])));
    assert!(words.contains("does not speak TLS (check the port, and whether"), "{words}");
    let words = refused(&options(write(&format!("http://{address}"), &[])));
    assert!(words.contains("answered 400 with something other than a Kubernetes object"), "{words}");
    let words = refused(&options(write("http://api.example.com", &["token: secret"])));
    assert_eq!(words, "http://api.example.com/: credentials are not sent over http (use https)");
}

/// A proxy that accepts one connection and returns the request head that it received.
fn proxy(answer: &'static [u8], to: std::net::SocketAddr) -> (u16, thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let told = thread::spawn(move || {
        let (mut client, _) = listener.accept().expect("a connection");
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            client.read_exact(&mut byte).expect("a request");
            head.push(byte[0]);
        }
        client.write_all(answer).expect("it is answered");
        if answer.starts_with(b"HTTP/1.1 200") {
            let mut server = TcpStream::connect(to).expect("the server is there");
            let mut back = (server.try_clone().expect("a socket"), client.try_clone().expect("a socket"));
            thread::spawn(move || std::io::copy(&mut client, &mut server));
            thread::spawn(move || std::io::copy(&mut back.0, &mut back.1));
        }
        String::from_utf8_lossy(&head).into_owned()
    });
    (port, told)
}

#[test]
fn a_proxy_leads_to_the_server() {
    let site = with_leaf(|authority| authority.leaf(&["api.example.com"]));
    let (port, told) = proxy(b"HTTP/1.1 200 Connection established\r\n\r\n", site.server.address);
    let url = format!("proxy-url: http://user:p%40ss@127.0.0.1:{port}");
    let file = site.kubeconfig(&["server: https://api.example.com:6443", "certificate-authority: ca.crt", &url], &[]);
    assert_eq!(version(&options(file)), Ok("v1.34.2".to_owned()));
    let told = told.join().expect("it ends");
    assert!(told.starts_with("CONNECT api.example.com:6443 HTTP/1.1\r\n"), "the proxy looks the name up: {told}");
    assert!(told.to_lowercase().contains("proxy-authorization: basic dXNlcjpwQHNz".to_lowercase().as_str()), "{told}");

    let (port, _told) = proxy(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", site.server.address);
    let url = format!("proxy-url: http://user:secret@127.0.0.1:{port}");
    let file = site.kubeconfig(&["server: https://api.example.com:6443", "certificate-authority: ca.crt", &url], &[]);
    let words = refused(&options(file));
    assert!(words.starts_with("https://api.example.com:6443: not reached through the proxy: "), "{words}");
    assert!(words.ends_with("(check proxy-url)") && !words.contains("secret"), "{words}");
}

#[test]
fn a_server_that_begins_anew_is_waited_for() {
    let site = Site::with_leaf(
        |_| Answer::json(200, VERSION).with("Connection", "close"),
        |authority| authority.leaf(&["localhost"]),
    );
    let to = site.server.address;
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let forward = move |listener: &TcpListener| {
        let (client, _) = listener.accept().expect("a connection");
        let server = TcpStream::connect(to).expect("the server is there");
        for (mut from, mut into) in
            [(client.try_clone().expect("a socket"), server.try_clone().expect("a socket")), (server, client)]
        {
            thread::spawn(move || {
                let _ = std::io::copy(&mut from, &mut into);
                let _ = into.shutdown(std::net::Shutdown::Write);
            });
        }
    };
    thread::spawn(move || {
        forward(&listener);
        drop(listener);
        thread::sleep(Duration::from_secs(1));
        forward(&TcpListener::bind(("127.0.0.1", port)).expect("the port is free again"));
    });
    let server = format!("server: https://localhost:{port}");
    let api = connect(&options(site.kubeconfig(&[&server, "certificate-authority: ca.crt"], &[]))).expect("it is made");
    assert!(matches!(api.version(), Observed::Present(_)));
    thread::sleep(Duration::from_millis(200));
    let again = api.version();
    assert!(matches!(again, Observed::Present(_)), "{again:?}");
    assert!(api.requests() > 2, "it was refused in between");
    let Observed::Unknown(reason) = api.version() else { panic!("it is gone for good") };
    assert!(reason.to_string().contains("connection refused"), "{reason}");
    let requests = api.requests();
    assert!(matches!(api.version(), Observed::Unknown(_)));
    assert_eq!(api.requests(), requests);
}

#[test]
fn a_server_that_speaks_no_http_is_said_to_be_one() {
    let site = Site::with_leaf(|_| Answer::json(200, VERSION), |authority| authority.leaf(&["localhost"]));
    let leaf = site.authority.leaf(&["localhost"]);
    let tls = crate::fake::certificates::server(&leaf, None);
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let connection = rustls::ServerConnection::new(tls.clone()).expect("TLS");
            let mut stream = rustls::StreamOwned::new(connection, stream);
            let _ = stream.write_all(b"SSH-2.0-OpenSSH_9.9\r\n\r\n").and_then(|()| stream.flush());
            thread::sleep(Duration::from_secs(2));
        }
    });
    let server = format!("server: https://localhost:{port}");
    let words = refused(&options(site.kubeconfig(&[&server, "certificate-authority: ca.crt"], &[])));
    assert!(words.ends_with("does not speak HTTP (check the port in the kubeconfig)"), "{words}");
}
