//! SOCKS version 5 (RFC 1928, RFC 1929); the proxy resolves the server's name. hyper-util's implementation would link
//! `getaddrinfo`, which must not be in a static binary (see `resolve`).

use std::io;
use std::net::IpAddr;

use thiserror::Error;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

/// Why a proxy did not connect to the server.
#[derive(Debug, Error)]
pub enum SocksError {
    /// The connection to the proxy broke.
    #[error("the proxy closed the connection")]
    Closed(#[from] io::Error),
    /// It is not a SOCKS 5 proxy.
    #[error("the proxy does not speak SOCKS version 5")]
    Version,
    /// It rejected the credentials.
    #[error("the proxy does not accept the user and password")]
    User,
    /// A name, user or password exceeds the protocol's limit.
    #[error("a name, user or password has more than 255 bytes")]
    TooLong,
    /// It refused the connection.
    #[error("{0}")]
    Refused(&'static str),
}

const VERSION: u8 = 5;
const NO_USER: u8 = 0;
const USER: u8 = 2;

/// Asks a proxy to connect to a host, with optional user and password.
pub async fn connect<S: AsyncRead + AsyncWrite + Unpin>(
    proxy: &mut S,
    host: &str,
    port: u16,
    user: Option<(&str, &str)>,
) -> Result<(), SocksError> {
    let methods: &[u8] = if user.is_some() { &[VERSION, 2, NO_USER, USER] } else { &[VERSION, 1, NO_USER] };
    proxy.write_all(methods).await?;
    match (read::<2, _>(proxy).await?, user) {
        ([VERSION, NO_USER], _) => {}
        ([VERSION, USER], Some((name, password))) => {
            let mut message = vec![1];
            push(&mut message, name)?;
            push(&mut message, password)?;
            proxy.write_all(&message).await?;
            if read::<2, _>(proxy).await? != [1, 0] {
                return Err(SocksError::User);
            }
        }
        ([VERSION, _], _) => return Err(SocksError::User),
        _ => return Err(SocksError::Version),
    }
    let mut message = vec![VERSION, 1, 0];
    match host.parse() {
        Ok(IpAddr::V4(address)) => {
            message.push(1);
            message.extend(address.octets());
        }
        Ok(IpAddr::V6(address)) => {
            message.push(4);
            message.extend(address.octets());
        }
        Err(_) => {
            message.push(3);
            push(&mut message, host)?;
        }
    }
    message.extend(port.to_be_bytes());
    proxy.write_all(&message).await?;
    let [version, answer, _, form] = read(proxy).await?;
    if version != VERSION {
        return Err(SocksError::Version);
    }
    if answer != 0 {
        return Err(SocksError::Refused(refusal(answer)));
    }
    // The bound address is not used.
    let rest = match form {
        1 => 4,
        4 => 16,
        3 => usize::from(read::<1, _>(proxy).await?[0]),
        _ => return Err(SocksError::Version),
    };
    proxy.read_exact(&mut [0; 255 + 2][..rest + 2]).await?;
    Ok(())
}

async fn read<const N: usize, S: AsyncRead + Unpin>(stream: &mut S) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    stream.read_exact(&mut bytes).await?;
    Ok(bytes)
}

fn push(message: &mut Vec<u8>, text: &str) -> Result<(), SocksError> {
    message.push(u8::try_from(text.len()).map_err(|_| SocksError::TooLong)?);
    message.extend(text.as_bytes());
    Ok(())
}

const fn refusal(answer: u8) -> &'static str {
    match answer {
        2 => "the proxy does not allow the connection",
        3 => "the proxy cannot reach the network of the server",
        4 => "the proxy cannot reach the server",
        5 => "the server refused the proxy's connection",
        6 => "the proxy got no answer from the server in time",
        _ => "the proxy failed",
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::duplex;
    use tokio::runtime::Builder;

    use super::*;

    /// Runs the exchange against a proxy that sends `answers`; returns the bytes sent to it and the result.
    fn asked(host: &str, user: Option<(&str, &str)>, answers: &[u8]) -> (Vec<u8>, Result<(), String>) {
        let runtime = Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(async {
            let (mut ours, mut theirs) = duplex(4096);
            theirs.write_all(answers).await.expect("it fits");
            theirs.shutdown().await.expect("it ends");
            let outcome = connect(&mut ours, host, 6443, user).await.map_err(|error| error.to_string());
            drop(ours);
            let mut sent = Vec::new();
            theirs.read_to_end(&mut sent).await.expect("it ends");
            (sent, outcome)
        })
    }

    #[test]
    fn the_proxy_is_asked_by_name_or_address() {
        let (sent, outcome) = asked("api", None, &[5, 0, 5, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
        assert_eq!((sent, outcome), ([&[5, 1, 0, 5, 1, 0, 3, 3], b"api".as_slice(), &[25, 43]].concat(), Ok(())));
        let (sent, outcome) = asked("10.0.0.1", None, &[5, 0, 5, 0, 0, 3, 1, b'x', 0, 0]);
        assert_eq!((&sent[3..], outcome), ([5, 1, 0, 1, 10, 0, 0, 1, 25, 43].as_slice(), Ok(())));
        let (sent, outcome) = asked("::1", Some(("u", "pw")), &[&[5, 2, 1, 0, 5, 0, 0, 4][..], &[0; 18]].concat());
        assert_eq!((&sent[..10], outcome), ([5, 2, 0, 2, 1, 1, b'u', 2, b'p', b'w'].as_slice(), Ok(())));
    }

    #[test]
    fn what_goes_wrong_is_said() {
        type User = Option<(&'static str, &'static str)>;
        let long = "x".repeat(256);
        let table: [(&str, User, &[u8], &str); 8] = [
            ("a", None, b"HTTP/1.1 400", "the proxy does not speak SOCKS version 5"),
            ("a", None, &[], "the proxy closed the connection"),
            ("a", None, &[5, 255], "the proxy does not accept the user and password"),
            ("a", Some(("u", "p")), &[5, 2, 1, 1], "the proxy does not accept the user and password"),
            ("a", None, &[5, 2], "the proxy does not accept the user and password"),
            ("a", None, &[5, 0, 5, 5, 0, 1, 0, 0, 0, 0, 0, 0], "the server refused the proxy's connection"),
            ("a", None, &[5, 0, 5, 0, 0, 3, 255, 0], "the proxy closed the connection"),
            (&long, None, &[5, 0], "a name, user or password has more than 255 bytes"),
        ];
        for (host, user, answers, expected) in table {
            assert_eq!(asked(host, user, answers).1, Err(expected.to_owned()));
        }
    }
}
