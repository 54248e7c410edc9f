//! Parses scalars as Go's standard library does, which the components use.

use std::time::Duration;

use nom::branch::alt;
use nom::bytes::complete::{tag, take_while, take_while1};
use nom::combinator::{all_consuming, opt, value, verify};
use nom::multi::many1;
use nom::{IResult, Parser};

/// Parses a boolean as Go's `strconv.ParseBool` does.
///
/// ```
/// use kube_assay::component::parse_boolean;
/// assert_eq!(parse_boolean("0"), Some(false));
/// assert_eq!(parse_boolean("True"), Some(true));
/// assert_eq!(parse_boolean("no"), None);
/// ```
pub fn parse_boolean(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

/// Parses an integer as pflag does: Go's `strconv.ParseInt` with base 0, which accepts `0x1f`, `0b1`, `0o17` and `017`.
///
/// ```
/// use kube_assay::component::parse_integer;
/// assert_eq!(parse_integer("-1"), Some(-1));
/// assert_eq!(parse_integer("030"), Some(24));
/// assert_eq!(parse_integer("ten"), None);
/// ```
pub fn parse_integer(text: &str) -> Option<i64> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, text.get(1..)?),
        b'+' => (false, text.get(1..)?),
        _ => (false, text),
    };
    let lower = digits.to_ascii_lowercase();
    let (base, digits, prefixed) = if let Some(rest) = lower.strip_prefix("0x") {
        (16, rest, true)
    } else if let Some(rest) = lower.strip_prefix("0b") {
        (2, rest, true)
    } else if let Some(rest) = lower.strip_prefix("0o") {
        (8, rest, true)
    } else if lower.len() > 1 && lower.starts_with('0') {
        (8, lower.get(1..)?, true)
    } else {
        (10, lower.as_str(), false)
    };
    // Underscores are allowed between digits and after a prefix, but not first, last or doubled.
    if digits.ends_with('_') || digits.contains("__") || (!prefixed && digits.starts_with('_')) {
        return None;
    }
    let digits: String = digits.chars().filter(|c| *c != '_').collect();
    if digits.is_empty() || !digits.chars().all(|c| c.is_digit(base)) {
        return None;
    }
    let magnitude = i128::from_str_radix(&digits, base).ok()?;
    i64::try_from(if negative { -magnitude } else { magnitude }).ok()
}

/// Parses a duration as Go's `time.ParseDuration` does; returns whether it is negative, and its absolute value.
///
/// ```
/// use kube_assay::component::parse_duration;
/// use std::time::Duration;
/// assert_eq!(parse_duration("4h0m0s"), Some((false, Duration::from_secs(14_400))));
/// assert_eq!(parse_duration("0"), Some((false, Duration::ZERO)));
/// assert_eq!(parse_duration("5"), None);
/// ```
pub fn parse_duration(text: &str) -> Option<(bool, Duration)> {
    let (rest, negative) = sign(text).ok()?;
    if rest == "0" {
        return Some((false, Duration::ZERO));
    }
    let (_, parts) = all_consuming(many1(duration_part)).parse(rest).ok()?;
    let nanoseconds = parts.into_iter().try_fold(0_u128, u128::checked_add)?;
    // Go's durations are 64-bit nanoseconds.
    let nanoseconds = u64::try_from(nanoseconds).ok().filter(|n| i64::try_from(*n).is_ok())?;
    Some((negative && nanoseconds > 0, Duration::from_nanos(nanoseconds)))
}

/// Parses an optional sign; returns whether it is a minus.
fn sign(input: &str) -> IResult<&str, bool> {
    let (rest, sign) = opt(alt((tag("-"), tag("+")))).parse(input)?;
    Ok((rest, sign == Some("-")))
}

/// Parses a number with a unit, in nanoseconds, dropping fractions of one.
fn duration_part(input: &str) -> IResult<&str, u128> {
    let digits = |c: char| c.is_ascii_digit();
    let (rest, (whole, fraction, unit)) = (
        take_while(digits),
        opt((tag("."), take_while(digits))),
        alt((
            value(1_u128, tag("ns")),
            value(1_000, alt((tag("us"), tag("µs"), tag("μs")))),
            value(1_000_000, tag("ms")),
            value(1_000_000_000, tag("s")),
            value(60_000_000_000, tag("m")),
            value(3_600_000_000_000, tag("h")),
        )),
    )
        .parse(input)?;
    let fraction = fraction.map_or("", |(_, digits): (&str, &str)| digits);
    let refused = || nom::Err::Error(nom::error::Error::new(input, nom::error::ErrorKind::Digit));
    if whole.is_empty() && fraction.is_empty() {
        return Err(refused());
    }
    let whole: u128 = if whole.is_empty() { 0 } else { whole.parse().map_err(|_| refused())? };
    let mut nanoseconds = whole.checked_mul(unit).ok_or_else(refused)?;
    let mut scale = unit;
    for digit in fraction.chars().filter_map(|c| c.to_digit(10)) {
        scale /= 10;
        nanoseconds = nanoseconds.checked_add(scale * u128::from(digit)).ok_or_else(refused)?;
    }
    Ok((rest, nanoseconds))
}

/// Parses a name of one or more allowed characters, as all flag grammars have it.
pub(super) fn word(allowed: impl Fn(char) -> bool) -> impl Fn(&str) -> IResult<&str, &str> {
    move |input| verify(take_while1(&allowed), |text: &str| !text.is_empty()).parse(input)
}
