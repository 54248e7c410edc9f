//! Replays the corpus of the fuzz targets, each file through the property of its target, and then mutations of it, so
//! that some fuzzing happens without a nightly toolchain. `KUBE_ASSAY_FUZZ_SECONDS=600` extends it to that many
//! seconds.

use std::any::Any;
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use std::{env, fs};

use crate::fuzzed::{accounts, certificates, cgroups, configurations, manifests, masking, recordings, toml, units};
#[cfg(feature = "cluster")]
use crate::fuzzed::{kubeconfigs, objects};

type Property = fn(&[u8]) -> String;

/// The number of mutated inputs for each target.
const CHANGED: usize = 50;
/// The maximum length of mutated inputs.
const LONGEST: usize = 8 << 10;

/// Runs the inputs of a target through its property; they must produce at least `least` different outcomes.
fn replay(target: &str, hold: Property, least: usize) {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let kept = fs::read_dir(&corpus).unwrap_or_else(|error| panic!("{}: {error}", corpus.display()));
    let mut paths: Vec<_> = kept.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    let inputs: Vec<Vec<u8>> = paths.iter().map(|path| fs::read(path).expect("readable")).collect();
    let ends: BTreeSet<String> = inputs.iter().map(|input| held(hold, input)).collect();
    assert!(ends.len() >= least, "{target}: only {} ways to end: {ends:#?}", ends.len());
    let seconds = env::var("KUBE_ASSAY_FUZZ_SECONDS").ok().and_then(|seconds| seconds.parse().ok());
    let mut random = Random(1);
    let mut count = 0;
    let began = Instant::now();
    if seconds.is_some() {
        random.0 = SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |since| since.subsec_nanos().into());
    }
    while seconds.map_or(count < CHANGED, |seconds| began.elapsed() < Duration::from_secs(seconds)) {
        held(hold, &random.changed(&inputs));
        count += 1;
    }
    println!("{target}: {count} changed inputs in {:?}", began.elapsed());
}

/// Returns the outcome of an input; if the property is violated, panics and shows the input.
fn held(hold: Property, input: &[u8]) -> String {
    catch_unwind(AssertUnwindSafe(|| hold(input))).unwrap_or_else(|why: Box<dyn Any + Send>| {
        let said = why.downcast_ref::<String>().map(String::as_str).or_else(|| why.downcast_ref().copied());
        panic!("{}\nthe input: {}", said.unwrap_or("a panic"), input.escape_ascii())
    })
}

/// A seeded random number generator (xorshift64).
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 |= u64::from(self.0 == 0);
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap_or(0) % end.max(1)
    }

    /// Returns a random part of some bytes, usually a short one.
    fn part<'b>(&mut self, bytes: &'b [u8]) -> &'b [u8] {
        let start = self.below(bytes.len() + 1);
        let most = if self.below(4) == 0 { bytes.len() - start } else { 16.min(bytes.len() - start) };
        let length = self.below(most + 1);
        &bytes[start..start + length]
    }

    /// Returns one of the inputs, mutated.
    fn changed(&mut self, inputs: &[Vec<u8>]) -> Vec<u8> {
        const SIGNS: &[u8] = b"\n\r\t \0\xff\xef\xc3\x1b:=\"'`{}[]()<>|&*!?-\\/%$#;,.@~_+01aZ";
        let mut input = inputs[self.below(inputs.len())].clone();
        for _ in 0..=self.below(6) {
            let other = &inputs[self.below(inputs.len())];
            let at = self.below(input.len() + 1);
            let end = at + self.part(&input[at..]).len();
            match self.below(7) {
                0 => drop(input.splice(at..at, [SIGNS[self.below(SIGNS.len())]])),
                1 => drop(input.splice(at..end, [SIGNS[self.below(SIGNS.len())]])),
                2 => drop(input.drain(at..end)),
                3 => {
                    let again = input[at..end].repeat(1 + self.below(8));
                    input.splice(at..at, again);
                }
                4 => drop(input.splice(at..at, self.part(other).to_vec())),
                5 => {
                    input.truncate(at);
                    input.extend_from_slice(&other[self.below(other.len() + 1)..]);
                }
                _ => drop(input.splice(at..at, *b"\n-----\n")),
            }
            input.truncate(LONGEST);
        }
        input
    }
}

macro_rules! replayed {
    ($($target:ident: $least:literal)*) => {$(
        #[test]
        fn $target() {
            replay(stringify!($target), $target::hold, $least);
        }
    )*};
}

#[cfg(feature = "cluster")]
replayed! {
    kubeconfigs: 8
    objects: 6
}

replayed! {
    accounts: 5
    certificates: 5
    cgroups: 5
    configurations: 10
    manifests: 3
    masking: 4
    recordings: 5
    toml: 5
    units: 5
}
