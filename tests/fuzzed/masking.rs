//! Masking: no secret of a known form survives, whatever surrounds it, and masking takes linear time.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::time::Duration;

use nix::time::{ClockId, clock_gettime};
use redact::content;

use super::parts;

/// Input: the text before a secret, the text after it, and a unit to repeat.
pub fn hold(bytes: &[u8]) -> String {
    let [before, after, unit] = parts(bytes);
    for secret in secrets(bytes) {
        let text = [before, secret.text.as_bytes(), after].concat();
        let shown = String::from_utf8_lossy(&text);
        for (way, masked) in maskings(&text) {
            let survives = masked.windows(secret.core.len()).any(|window| window == secret.core.as_bytes());
            assert!(
                !survives,
                "{way} keeps the {}:\n{shown}\n-----\n{}",
                secret.form,
                String::from_utf8_lossy(&masked)
            );
        }
    }
    let text = String::from_utf8_lossy(bytes);
    let once = redact::mask_output(&text).into_owned();
    assert_eq!(redact::mask_output(&once), once, "what is masked is masked again");
    costs_are_linear(unit);
    let kept = match content::content(bytes) {
        Ok(again) => format!("content is the same {}", again == bytes),
        Err(why) => format!("content {why:?}"),
    };
    format!("{kept}, text is the same {}, {} masks", once == text, once.matches(redact::MASK).count().min(3))
}

/// A secret of a known form: its text, and the part that must not survive.
struct Secret {
    form: &'static str,
    text: String,
    core: String,
}

const DIGITS: &[u8] = b"0123456789";
const LOWER: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
const MIXED: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const UPPER: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/// Returns one secret of each form, each on its own line.
fn secrets(seed: &[u8]) -> Vec<Secret> {
    let mut hasher = DefaultHasher::new();
    seed.hash(&mut hasher);
    let mut state = hasher.finish() | 1;
    let mut random = |length: usize, letters: &[u8]| -> String {
        let letter = |_| {
            // xorshift64, so that the same input produces the same secrets.
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            char::from(letters[usize::try_from(state >> 33).unwrap_or(0) % letters.len()])
        };
        (0..length).map(letter).collect()
    };
    let mut made = Vec::new();
    let mut put = |form, before: &str, core: String, after: &str| {
        made.push(Secret { form, text: format!("\n{before}{core}{after}\n"), core });
    };
    put("web token", "", format!("eyJ{}.eyJ{}.{}", random(20, MIXED), random(30, MIXED), random(30, MIXED)), "");
    put("bootstrap token", "", format!("{}.{}", random(6, LOWER), random(16, LOWER)), "");
    put("password in a URL", "https://user:", format!("Pw{}", random(12, MIXED)), "@10.0.0.1:2379/");
    put("bearer token", "Authorization: Bearer ", format!("Tk{}", random(24, MIXED)), "");
    put("named password", "password=", format!("Pw{}", random(12, MIXED)), "");
    put("named token", "--token=", format!("Tk{}", random(12, MIXED)), "");
    put("encoded key", "", format!("LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVktLS0tLQ{}", random(40, MIXED)), "");
    put("token of GitHub", "", format!("ghp_{}", random(36, MIXED)), "");
    put("token of GitLab", "", format!("glpat-{}1a", random(18, MIXED)), "");
    put("token of Slack", "", format!("xoxb-{}-{}-{}", random(12, DIGITS), random(13, DIGITS), random(24, MIXED)), "");
    put("key of Stripe", "", format!("sk_live_{}1a", random(22, MIXED)), "");
    put("token of npm", "", format!("npm_{}", random(36, MIXED)), "");
    put("token of Vault", "", format!("hvs.{}", random(40, MIXED)), "");
    put("id of AWS", "", format!("AKIA{}", random(16, UPPER)), "");
    put("key of age", "", format!("AGE-SECRET-KEY-1{}", random(58, UPPER)), "");
    put("key of Google", "", format!("AIza{}", random(35, MIXED)), "");
    put("hash of a password", "", format!("$6${}${}", random(8, MIXED), random(86, MIXED)), "");
    put("password of a data source", "root:", format!("Pw{}", random(12, MIXED)), "@tcp(127.0.0.1:3306)/db");
    put("shared access signature", "https://a.example/c?sv=1&sig=", format!("Sg{}", random(40, MIXED)), "&se=2030");
    let key = random(64, MIXED);
    put("private key", "-----BEGIN RSA PRIVATE KEY-----\n", key, "\n-----END RSA PRIVATE KEY-----");
    made
}

/// Masks a text with every masking function.
fn maskings(bytes: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let text = String::from_utf8_lossy(bytes);
    let mut masked = vec![
        ("mask_text", redact::mask_text(&text).into_owned().into_bytes()),
        ("mask_output", redact::mask_output(&text).into_owned().into_bytes()),
        ("mask_argument", redact::mask_argument("--authorization-mode", &text).into_owned().into_bytes()),
        ("an argument", content::arguments(vec![b"kubelet".to_vec(), bytes.to_vec()]).concat()),
        ("a variable", content::variable("ETCD_NAME", bytes)),
    ];
    masked.extend(content::content(bytes).ok().map(|masked| ("a content", masked)));
    masked
}

/// The lengths compared, and the maximum ratio of their times. Four times the length should take four times as long if
/// masking is linear, and sixteen times as long if it is quadratic.
const LENGTHS: [usize; 2] = [4 << 10, 16 << 10];
const MOST_TIMES: u32 = 9;
/// Shorter times are not compared: the clock is not precise enough.
const WORTH_COMPARING: Duration = Duration::from_millis(10);

type Masking = fn(&[u8]) -> usize;
const MASKINGS: [(&str, Masking); 3] = [
    ("mask_output", |bytes| redact::mask_output(&String::from_utf8_lossy(bytes)).len()),
    ("an argument", |bytes| content::arguments(vec![bytes.to_vec()]).len()),
    ("a content", |bytes| content::content(bytes).map_or(0, |masked| masked.len())),
];

/// Checks that CPU time grows linearly with the length of a text that repeats a unit.
fn costs_are_linear(unit: &[u8]) {
    if unit.is_empty() || unit.len() > 64 {
        return;
    }
    let [short, long] = LENGTHS.map(|length| unit.repeat(length / unit.len()));
    for (way, mask) in MASKINGS {
        let least = |text: &[u8]| (0..3).map(|_| time_of(|| mask(text))).min().unwrap_or_default();
        let is_worth_it = time_of(|| mask(&long)) > WORTH_COMPARING;
        let times = || (least(&short), least(&long));
        if is_worth_it
            && let (one, four) = times()
            && four > one * MOST_TIMES
        {
            panic!("{way}: {one:?} for {} bytes, {four:?} for {} of {unit:?}", short.len(), long.len());
        }
    }
}

/// Returns the CPU time that the work takes on this thread.
fn time_of(work: impl Fn() -> usize) -> Duration {
    let now = || clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).map(Duration::from).expect("a thread has a clock");
    let begin = now();
    std::hint::black_box(work());
    now().saturating_sub(begin)
}
