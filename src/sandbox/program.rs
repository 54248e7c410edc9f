//! A system call filter as a BPF program, which the kernel runs before each call.
//!
//! At installation the kernel runs it once for each call number, and caches which calls are allowed regardless of their
//! arguments. It is therefore a binary tree of comparisons: a chain of a hundred comparisons would take half a
//! millisecond there.

use std::collections::BTreeMap;

use seccompiler::{BpfProgram, sock_filter};

/// The kernel's action for a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Allow,
    /// The call is not carried out and fails with this error.
    Refuse(u16),
}

/// The decision for one system call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Rule {
    Always(Verdict),
    /// Depends on the low 32 bits of one argument, which is all that the kernel reads of the arguments filtered here.
    By {
        argument: u8,
        patterns: Vec<Pattern>,
        matched: Verdict,
        otherwise: Verdict,
    },
}

/// Values with some of their bits fixed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pattern {
    pub(super) mask: u32,
    pub(super) value: u32,
}

impl Pattern {
    /// Matches exactly one value.
    pub(super) const fn is(value: u32) -> Self {
        Self { mask: u32::MAX, value }
    }
}

/// Rules by system call number, and the verdict for all other calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rules {
    pub(super) by_number: BTreeMap<u32, Rule>,
    pub(super) others: Verdict,
    /// The verdict for calls of another architecture, whatever their number.
    pub(super) foreign: Verdict,
}

/// The first call number of x32, which shares the architecture of `x86_64`; no other architecture has numbers this
/// high.
const FIRST_FOREIGN: u32 = 0x4000_0000;

/// Offsets in the kernel's `struct seccomp_data`. All supported architectures store the low half of an argument first.
const NUMBER: u32 = 0;
const ARCHITECTURE: u32 = 4;
const ARGUMENTS: u32 = 16;
const ARGUMENT_SIZE: u32 = 8;

/// BPF instructions. Source: <https://docs.kernel.org/networking/filter.html>.
const LOAD: u16 = 0x20;
const AND: u16 = 0x54;
const JUMP: u16 = 0x05;
const JUMP_IF_EQUAL: u16 = 0x15;
const JUMP_UNLESS_LESS: u16 = 0x35;
const RETURN: u16 = 0x06;

/// The distance below which a verdict is shared. Comparisons reach 255 instructions, and a few may follow.
const NEAR: usize = 200;

/// Return values. Source: <https://docs.kernel.org/userspace-api/seccomp_filter.html>.
const ALLOW: u32 = 0x7fff_0000;
const ERROR: u32 = 0x0005_0000;

impl Rules {
    /// Assembles the program for calls of `architecture`, the kernel's identifier.
    pub(super) fn assemble(&self, architecture: u32) -> BpfProgram {
        let (others, foreign) = (Rule::Always(self.others), Rule::Always(self.foreign));
        let mut code = Code::default();
        let tree = code.tree(&self.ranges(&others, &foreign));
        code.enter(tree);
        code.push(statement(LOAD, NUMBER));
        let native = code.length();
        let foreign = code.verdict(self.foreign);
        code.branch(JUMP_IF_EQUAL, architecture, native, foreign);
        code.push(statement(LOAD, ARCHITECTURE));
        code.program()
    }

    /// Returns the number at which each range begins, and the rule for that range.
    fn ranges<'r>(&'r self, others: &'r Rule, foreign: &'r Rule) -> Vec<(u32, &'r Rule)> {
        let mut ranges = vec![(0, others)];
        let mut put = |start: u32, rule| match ranges.last_mut() {
            Some((last, there)) if *last == start => *there = rule,
            Some((_, there)) if *there == rule => {}
            _ => ranges.push((start, rule)),
        };
        for (number, rule) in &self.by_number {
            put(*number, rule);
            put(number + 1, others);
        }
        put(FIRST_FOREIGN, foreign);
        ranges
    }
}

/// A program under construction, from its end to its start: jumps only lead forward, so their targets are known. A
/// place is the number of instructions from there to the end.
#[derive(Debug, Default)]
struct Code {
    /// The instructions, the last one first.
    reversed: Vec<sock_filter>,
    /// The latest place of each verdict, which every jump that reaches it shares.
    verdicts: Vec<(Verdict, usize)>,
}

impl Code {
    /// Returns the place of the next instruction, once it is added.
    fn length(&self) -> usize {
        self.reversed.len()
    }

    fn push(&mut self, instruction: sock_filter) {
        self.reversed.push(instruction);
    }

    fn program(mut self) -> BpfProgram {
        self.reversed.reverse();
        self.reversed
    }

    /// Returns the place of a binary search for the range of the loaded number.
    fn tree(&mut self, ranges: &[(u32, &Rule)]) -> usize {
        let (below, rest) = ranges.split_at(ranges.len() / 2);
        let Some((start, rule)) = rest.first() else { return self.length() };
        if below.is_empty() {
            return self.leaf(rule);
        }
        let rest = self.tree(rest);
        let below = self.tree(below);
        self.branch(JUMP_UNLESS_LESS, *start, rest, below)
    }

    /// Returns the place of what decides a rule.
    fn leaf(&mut self, rule: &Rule) -> usize {
        match rule {
            Rule::Always(verdict) => self.verdict(*verdict),
            Rule::By { argument, patterns, matched, otherwise } => {
                let load = || statement(LOAD, ARGUMENTS + ARGUMENT_SIZE * u32::from(*argument));
                let mut next = self.verdict(*otherwise);
                for (index, Pattern { mask, value }) in patterns.iter().enumerate().rev() {
                    let matched = self.verdict(*matched);
                    self.branch(JUMP_IF_EQUAL, *value, matched, next);
                    if *mask != u32::MAX {
                        self.push(statement(AND, *mask));
                    }
                    // A mask modifies the loaded value, so it is loaded again; full values are compared in turn.
                    let before = index.checked_sub(1).and_then(|before| patterns.get(before));
                    if *mask != u32::MAX || before.is_none_or(|before| before.mask != u32::MAX) {
                        self.push(load());
                    }
                    next = self.length();
                }
                next
            }
        }
    }

    /// Returns a place of a verdict that a jump reaches from here.
    fn verdict(&mut self, verdict: Verdict) -> usize {
        let known = self.verdicts.iter().find(|(of, _)| *of == verdict).map(|(_, place)| *place);
        if let Some(place) = known.filter(|place| self.length() - place < NEAR) {
            return place;
        }
        self.push(give(verdict));
        let place = self.length();
        self.verdicts.retain(|(of, _)| *of != verdict);
        self.verdicts.push((verdict, place));
        place
    }

    /// Adds a comparison of the loaded value and returns its place.
    fn branch(&mut self, code: u16, value: u32, then: usize, otherwise: usize) -> usize {
        let (then, otherwise) = (self.near(then), self.near(otherwise));
        let distance = |place| u8::try_from(self.length() - place).unwrap_or(u8::MAX);
        let (jt, jf) = (distance(then), distance(otherwise));
        self.push(jump(code, value, jt, jf));
        self.length()
    }

    /// Returns a place from which execution continues at `place`, and which the next instruction reaches.
    fn near(&mut self, place: usize) -> usize {
        // Room for a second jump, which is added between this one and the comparison.
        if self.length() - place < usize::from(u8::MAX) {
            return place;
        }
        self.enter(place);
        self.length()
    }

    /// Continues at `place`, wherever that is.
    fn enter(&mut self, place: usize) {
        let distance = self.length() - place;
        if distance > 0 {
            self.push(statement(JUMP, u32::try_from(distance).unwrap_or(u32::MAX)));
        }
    }
}

fn statement(code: u16, k: u32) -> sock_filter {
    sock_filter { code, jt: 0, jf: 0, k }
}

fn jump(code: u16, k: u32, jt: u8, jf: u8) -> sock_filter {
    sock_filter { code, jt, jf, k }
}

fn give(verdict: Verdict) -> sock_filter {
    let value = match verdict {
        Verdict::Allow => ALLOW,
        Verdict::Refuse(error) => ERROR | u32::from(error),
    };
    statement(RETURN, value)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Runs a program as the kernel does. Terminates since no jump goes backwards.
    pub(in crate::sandbox) fn verdict(
        program: &[sock_filter],
        architecture: u32,
        number: u32,
        arguments: [u64; 6],
    ) -> u32 {
        let mut at = 0;
        let mut loaded = 0_u32;
        loop {
            let sock_filter { code, jt, jf, k } = program[at].clone();
            at += 1;
            let jump = |condition: bool| usize::from(if condition { jt } else { jf });
            match code {
                LOAD => {
                    loaded = match k {
                        NUMBER => number,
                        ARCHITECTURE => architecture,
                        offset => {
                            let argument = arguments[((offset - ARGUMENTS) / ARGUMENT_SIZE) as usize];
                            u32::try_from(argument & 0xffff_ffff).expect("it is masked")
                        }
                    }
                }
                AND => loaded &= k,
                JUMP => at += k as usize,
                JUMP_IF_EQUAL => at += jump(loaded == k),
                JUMP_UNLESS_LESS => at += jump(loaded >= k),
                RETURN => return k,
                other => panic!("no such instruction: {other:#x}"),
            }
        }
    }

    const ENOSYS: u32 = 38;
    const NATIVE: u32 = 0xc000_003e;
    const NONE: [u64; 6] = [0; 6];

    #[test]
    fn every_number_gets_its_rule() {
        let refuse = Verdict::Refuse(38);
        // Enough numbers that the halves of the tree are farther apart than a jump reaches.
        let by = |value| Rule::By {
            argument: 1,
            patterns: vec![Pattern::is(value), Pattern { mask: 0b110, value: 0b100 }],
            matched: Verdict::Allow,
            otherwise: Verdict::Refuse(1),
        };
        let mut by_number: BTreeMap<u32, Rule> = (0..200).map(|number| (number * 3, by(number))).collect();
        by_number.insert(7, Rule::Always(Verdict::Allow));
        by_number.insert(8, Rule::Always(Verdict::Allow));
        let rules = Rules { by_number, others: refuse, foreign: Verdict::Refuse(2) };
        let program = rules.assemble(NATIVE);
        assert!(program.len() > 600 && program.len() < 4096, "{}", program.len());
        for number in 0..1000 {
            let expected = |argument: u32| match number {
                7 | 8 => ALLOW,
                _ if number >= 600 || number % 3 != 0 => ERROR | ENOSYS,
                _ if argument == number / 3 || argument & 0b110 == 0b100 => ALLOW,
                _ => ERROR | 1,
            };
            for argument in [0, number / 3, 4, 5, 6, 8, 12] {
                // The high half is ignored.
                for high in [0, 1_u64 << 32] {
                    let arguments = [99, u64::from(argument) | high, 0, 0, 0, 0];
                    let found = verdict(&program, NATIVE, number, arguments);
                    assert_eq!(found, expected(argument), "{number} {argument}");
                }
            }
        }
    }

    #[test]
    fn calls_of_other_architectures_are_told_apart() {
        let rules = |others| Rules { by_number: BTreeMap::new(), others, foreign: Verdict::Refuse(38) };
        for others in [Verdict::Allow, Verdict::Refuse(1)] {
            let program = rules(others).assemble(NATIVE);
            let native = verdict(&program, NATIVE, 41, NONE);
            assert_eq!(native, if others == Verdict::Allow { ALLOW } else { ERROR | 1 });
            assert_eq!(verdict(&program, 0x4000_0003, 41, NONE), ERROR | ENOSYS, "of i386");
            assert_eq!(verdict(&program, NATIVE, 0x4000_0000 + 41, NONE), ERROR | ENOSYS, "of x32");
            assert_eq!(verdict(&program, NATIVE, u32::MAX, NONE), ERROR | ENOSYS);
        }
    }
}
