use std::net::UdpSocket;
use std::thread;

use super::*;

/// A name server that knows only `api.corp.example` (two addresses, through an alias). It answers this many questions
/// and returns the names queried.
fn name_server(questions: usize) -> (u16, thread::JoinHandle<Vec<String>>) {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
    let port = socket.local_addr().expect("an address").port();
    let answering = thread::spawn(move || {
        let mut asked = Vec::new();
        for _ in 0..questions {
            let mut buffer = [0; 1500];
            let (length, from) = socket.recv_from(&mut buffer).expect("a question");
            let question = &buffer[..length];
            let mut name = Vec::new();
            let mut at = 12;
            while question[at] != 0 {
                let end = at + 1 + usize::from(question[at]);
                name.push(String::from_utf8_lossy(&question[at + 1..end]).into_owned());
                at = end;
            }
            let name = name.join(".");
            let kind = question[at + 2];
            socket.send_to(&answer(question, at + 5, name == "api.corp.example", kind), from).expect("it is sent");
            asked.push(format!("{name} {kind}"));
        }
        asked
    });
    (port, answering)
}

/// A hand-written DNS answer (RFC 1035): the question, an alias, and the alias's address.
fn answer(question: &[u8], end: usize, known: bool, kind: u8) -> Vec<u8> {
    let mut message = question[..end].to_vec();
    message[2..12].copy_from_slice(&[
        0x81,
        if known { 0x80 } else { 0x83 },
        0,
        1,
        0,
        if known { 2 } else { 0 },
        0,
        0,
        0,
        0,
    ]);
    if known {
        // api.corp.example is an alias of real.corp.example.
        message.extend([0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 9, 0, 7, 4]);
        message.extend(b"real");
        message.extend([0xc0, 16]);
        let alias = u8::try_from(end + 12).expect("a short message");
        message.extend([0xc0, alias, 0, kind, 0, 1, 0, 0, 0, 9]);
        match kind {
            1 => message.extend([0, 4, 10, 0, 0, 7]),
            _ => message.extend([0, 16, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7]),
        }
    }
    message
}

fn look_up(hosts: &str, resolv_conf: &str, port: u16, name: &str) -> Result<Vec<String>, NameError> {
    let directory = tempfile::tempdir().expect("a directory");
    let file = |name: &str, text: &str| {
        let path = directory.path().join(name);
        fs::write(&path, text).expect("it is written");
        path
    };
    let names = Names::of_files(file("hosts", hosts), file("resolv.conf", resolv_conf), port);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let found = runtime.block_on(names.look_up(name.to_owned()))?;
    Ok(found.iter().map(IpAddr::to_string).collect())
}

#[test]
fn hosts_go_before_name_servers() {
    let found = look_up("10.9.8.7 api.corp.example\n", "nameserver 127.0.0.1\n", 9, "api.corp.example");
    assert_eq!(found, Ok(vec!["10.9.8.7".to_owned()]));
}

#[test]
fn a_name_is_searched_for_and_aliases_are_followed() {
    let (port, server) = name_server(4);
    let found = look_up("", "nameserver 127.0.0.1\nsearch other.example corp.example\n", port, "api");
    assert_eq!(found, Ok(vec!["10.0.0.7".to_owned(), "fd00::7".to_owned()]));
    let mut asked = server.join().expect("it ends");
    asked.sort();
    assert_eq!(asked, ["api.corp.example 1", "api.corp.example 28", "api.other.example 1", "api.other.example 28"]);
}

#[test]
fn an_unknown_name_is_said_to_be_none() {
    let (port, _server) = name_server(2);
    assert_eq!(look_up("", "nameserver 127.0.0.1\n", port, "gone.example"), Err(NameError::NotFound));
    let label = "x".repeat(64);
    assert_eq!(look_up("", "nameserver 127.0.0.1\n", port, &label), Err(NameError::NotFound), "no name at all");
}

#[test]
fn a_name_server_that_is_not_there_is_told_apart() {
    let closed = UdpSocket::bind("127.0.0.1:0").expect("a port");
    let port = closed.local_addr().expect("an address").port();
    let silent = look_up("", "nameserver 127.0.0.1\noptions timeout:1\n", port, "api.example");
    assert_eq!(silent, Err(NameError::NoAnswer));
}
