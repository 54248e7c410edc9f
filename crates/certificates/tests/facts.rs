//! Reading certificates, and data that contains none.

use std::fmt::Write as _;

use base64ct::{Base64, Encoding as _};
use certificates::{LARGEST, MOST, read};
use probe::{Certificate, Certificates};

/// Certificates made by openssl, with comments between them.
const MADE: &str = include_str!("certificates.pem");

/// The PEM blocks of [`MADE`].
fn blocks() -> Vec<&'static str> {
    let end = "-----\n";
    let block = |rest: &'static str| {
        let label_end = rest.find(end)? + end.len();
        Some(&rest[..label_end + rest[label_end..].find(end)? + end.len()])
    };
    MADE.match_indices("-----BEGIN ").filter_map(|(at, _)| block(&MADE[at..])).collect()
}

/// The PEM block of the kubelet's certificate.
fn kubelet() -> &'static str {
    blocks()[1]
}

fn der(block: &str) -> Vec<u8> {
    let letters: String = block.lines().filter(|line| !line.starts_with('-')).collect();
    Base64::decode_vec(&letters).expect("base64")
}

/// Subjects of the certificates found, then errors and paths.
fn told(text: &[u8]) -> Vec<String> {
    let Certificates { found, broken, named } = read(text);
    let at = |key: Option<String>| key.map_or_else(String::new, |key| format!("{key}: "));
    let found = found.into_iter().map(|it| format!("{}{}", at(it.key), it.subject));
    let broken = broken.into_iter().map(|it| format!("{}{}", at(it.key), it.detail));
    found.chain(broken).chain(named.into_iter().map(|it| format!("{} -> {}", it.key, it.path))).collect()
}

const KUBELET: &str = "CN=system:node:node-a,O=system:nodes";

/// Subject, groups, not before, not after, whether it is a CA's, and whether it is self-issued.
type Row = (&'static str, &'static [&'static str], i64, i64, bool, bool);

#[test]
fn what_counts_of_a_certificate() {
    let (start, end) = (1_767_225_600, 1_798_761_600);
    let kubelet = (KUBELET, &["system:nodes"][..], 1_766_218_150, 1_797_754_150, false, false);
    let table: [Row; 10] = [
        ("CN=kubernetes", &[], 1_735_689_600, 2_051_222_400, true, true),
        kubelet,
        kubelet,
        ("CN=forever", &[], -631_152_000, 253_402_300_799, false, true),
        ("CN=to 2050", &[], 2_524_607_999, 2_524_608_000, false, false),
        (
            r#"CN=\  #\"quoted\" \\ \<s\>\;\ ,OU=x+OU=y,O=a\, b,O=system:masters,DC=example,DC=org"#,
            &["system:masters", "a, b"],
            start,
            end,
            false,
            false,
        ),
        (r"CN=a\0APASS\1B[2J\C2\85é", &[], start, end, false, false),
        (r"CN=\#x,1.2.3.4=#0C03616263", &[], start, end, false, false),
        ("", &[], start, end, false, false),
        ("CN=日本,O=Österreich", &["Österreich"], start, end, false, false),
    ];
    let Certificates { found, broken, named } = read(MADE.as_bytes());
    assert!(broken.is_empty() && named.is_empty(), "{broken:?} {named:?}");
    let expected = table.map(|(subject, groups, not_before, not_after, is_ca, self_issued)| Certificate {
        key: None,
        subject: subject.to_owned(),
        groups: groups.iter().map(|group| (*group).to_owned()).collect(),
        issuer: if self_issued { subject } else { "CN=kubernetes" }.to_owned(),
        not_before,
        not_after,
        is_ca,
        self_issued,
    });
    assert_eq!(found, expected);
}

#[test]
fn one_certificate_in_whatever_form() {
    let block = kubelet();
    let key = "-----BEGIN EC PRIVATE KEY-----\nQUJD\n-----END EC PRIVATE KEY-----\n";
    let table: [(&str, Vec<u8>); 9] = [
        ("PEM", block.into()),
        ("DER", der(block)),
        ("Windows' lines", block.replace('\n', "\r\n").into()),
        ("no line break at the end", block.trim_end().into()),
        ("spaces behind its lines", block.replace('\n', " \t\n").into()),
        ("a key before it", format!("{key}{block}").into()),
        ("a key behind it", format!("{block}{key}").into()),
        ("an older label", block.replace("CERTIFICATE", "X509 CERTIFICATE").into()),
        ("headers", block.replacen('\n', "\nProc-Type: 4\n\n", 1).into()),
    ];
    for (label, text) in table {
        assert_eq!(told(&text), [KUBELET], "{label}");
    }
}

#[test]
fn what_is_no_certificate_is_told() {
    let block = kubelet();
    let whole = der(block);
    let half = &block[..block.len() / 2];
    let as_block = |bytes: &[u8]| {
        format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", Base64::encode_string(bytes))
    };
    let none: &[&str] = &[];
    let mut behind = whole.clone();
    behind.push(0);
    let without_end = "certificate 1: its PEM block has no end";
    let not_one = "certificate 1: is not an X.509 certificate";
    let table: [(&str, Vec<u8>, &[&str]); 17] = [
        ("nothing", Vec::new(), none),
        ("words", b"no certificate\n".to_vec(), none),
        ("zeros", vec![0; 1000], none),
        ("bytes that are no text", vec![0xff; 1000], none),
        ("a key", b"-----BEGIN PRIVATE KEY-----\nQUJD\n-----END PRIVATE KEY-----\n".to_vec(), none),
        ("a key without an end", b"-----BEGIN PRIVATE KEY-----\nQUJD\n".to_vec(), none),
        ("half a block", half.into(), &[without_end]),
        ("half a block before a whole one", format!("{half}\n{block}").into(), &[KUBELET, without_end]),
        (
            "another end",
            block.replace("END CERT", "END NEW CERT").into(),
            &["certificate 1: its PEM block has an END line that does not match"],
        ),
        ("letters that are none", block.replacen('M', "*", 1).into(), &["certificate 1: is not valid base64"]),
        ("an empty block", as_block(b"").into(), &[not_one]),
        ("half a certificate in PEM", as_block(&whole[..whole.len() / 2]).into(), &[not_one]),
        ("half a certificate in DER", whole[..whole.len() / 2].into(), &[not_one]),
        ("another sequence in DER", vec![0x30, 0x81, 3, 2, 1, 1], &[not_one]),
        ("more behind it", as_block(&behind).into(), &["certificate 1: has trailing data"]),
        ("a length beyond all", vec![0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 0], &[not_one]),
        ("a huge one", as_block(&vec![0x30; LARGEST + 100]).into(), &["certificate 1: exceeds the limit of 64 KiB"]),
    ];
    for (label, text, expected) in table {
        assert_eq!(told(&text), expected, "{label}");
    }
}

#[test]
fn each_byte_of_a_certificate_may_be_another() {
    let whole = der(kubelet());
    let mut changed = 0;
    for at in 0..whole.len() {
        for byte in [0, 0x30, 0x7f, 0x80, 0xff] {
            let mut bytes = whole.clone();
            bytes[at] = byte;
            let Certificates { found, broken, .. } = read(&bytes);
            assert!(found.len() + broken.len() <= 1, "{at}");
            changed += usize::from(!broken.is_empty());
        }
        assert_ne!(told(&whole[..at]), [KUBELET], "{at}");
    }
    assert!(changed > 100, "{changed}");
}

#[test]
fn of_many_certificates_the_first_are_read_and_the_rest_is_told() {
    let text = kubelet().repeat(10_000);
    let Certificates { found, broken, .. } = read(text.as_bytes());
    assert_eq!(found.len(), MOST);
    let [rest] = broken.as_slice() else { panic!("{broken:?}") };
    assert_eq!(rest.detail, "holds more than 256 certificates, the limit for a file (check it by hand)");
    let broken = read("-----BEGIN CERTIFICATE-----\n".repeat(100_000).as_bytes()).broken;
    assert_eq!(broken.len(), MOST + 1);
    assert!(read(&vec![b'\n'; 4 << 20]).found.is_empty());
}

#[test]
fn names_are_bounded() {
    // A name of 60,000 letters, in a certificate with no other content.
    let field = |tag: u8, inner: &[u8]| {
        let mut bytes = vec![tag, 0x82];
        bytes.extend(u16::try_from(inner.len()).expect("short").to_be_bytes());
        if inner.len() < 128 {
            bytes = vec![tag, u8::try_from(inner.len()).expect("short")];
        } else if inner.len() < 256 {
            bytes = vec![tag, 0x81, u8::try_from(inner.len()).expect("short")];
        }
        bytes.extend(inner);
        bytes
    };
    let of_length = |length: usize| {
        let value = [vec![6, 3, 0x55, 4, 10], field(12, "é".repeat(length / 2).as_bytes())].concat();
        let name = field(0x30, &field(0x31, &field(0x30, &value)));
        let dates = field(0x30, &[field(23, b"260101000000Z"), field(23, b"270101000000Z")].concat());
        let none = field(0x30, b"");
        let content = [field(2, &[1]), none.clone(), name.clone(), dates, name, none.clone()].concat();
        read(&field(0x30, &[field(0x30, &content), none, field(3, &[0])].concat()))
    };
    let Certificates { found, broken, .. } = of_length(4000);
    let [one] = found.as_slice() else { panic!("{broken:?}") };
    assert_eq!((one.subject.len(), one.groups[0].len()), (512 + "…".len(), 4000));
    assert!(one.subject.ends_with("é…") && one.self_issued);
    assert_eq!(of_length(20_000).broken[0].detail, "certificate 1: has no readable issuer");
}

#[test]
fn kubeconfigs_hold_certificates_and_name_files_of_them() {
    let data = |text: &str| Base64::encode_string(text.as_bytes());
    let client = "users[0].user.client-certificate";
    let ca = "clusters[0].cluster.certificate-authority";
    let user = |value: &str| format!("apiVersion: v1\nkind: Config\nusers:\n- name: a\n  user: {{ {value} }}\n");
    let held = |text: &str| user(&format!("client-certificate-data: {}, client-key-data: QUJD", data(text)));
    let mut many = String::from("users:\n");
    for number in 0..20 {
        writeln!(many, "- user: {{ client-certificate: /{number}.crt }}").expect("text");
    }
    let both = format!(
        "clusters: [{{ name: a, cluster: {{ certificate-authority: ca.crt }} }}]\nusers: [{{ name: b, user: {{ client-certificate-data: {}, \
         client-certificate: /gone }} }}]\n",
        data(kubelet())
    );
    let table: [(&str, String, Vec<String>); 11] = [
        ("data", held(kubelet()), vec![format!("{client}-data: {KUBELET}")]),
        (
            "data with line breaks",
            held(kubelet()).replacen("-data: ", "-data: \"\\n", 1).replacen(", client-key", "\\n\", client-key", 1),
            vec![format!("{client}-data: {KUBELET}")],
        ),
        ("data that counts before a file", both, vec![format!("{client}-data: {KUBELET}"), format!("{ca} -> ca.crt")]),
        ("a file", user("client-certificate: pki/a.pem"), vec![format!("{client} -> pki/a.pem")]),
        ("nothing given", user("client-certificate: \"\", client-certificate-data: ~"), vec![]),
        ("a token", user("token: abc"), vec![]),
        (
            "no base64",
            user("client-certificate-data: '%'"),
            vec![format!("{client}-data: certificate 1: is not valid base64")],
        ),
        ("no PEM", held("ABC"), vec![format!("{client}-data: certificate 1: is not PEM")]),
        (
            "half a certificate",
            held(&kubelet()[..200]),
            vec![format!("{client}-data: certificate 1: its PEM block has no end")],
        ),
        ("no mapping", "- users\n".to_owned(), vec![]),
        (
            "JSON",
            format!("{{\"users\": [{{\"user\": {{\"client-certificate-data\": \"{}\"}}}}]}}", data(kubelet())),
            vec![format!("{client}-data: {KUBELET}")],
        ),
    ];
    for (label, text, expected) in table {
        assert_eq!(told(text.as_bytes()), expected, "{label}");
    }
    let Certificates { named, broken, .. } = read(many.as_bytes());
    assert_eq!((named.len(), broken.len()), (16, 4));
    assert!(broken[0].detail.starts_with("names more than 16 certificate files"), "{broken:?}");
}
