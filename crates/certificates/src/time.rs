//! Certificate times as in RFC 5280: with seconds, in UTC.

use der::asn1::AnyRef;
use der::{Tag, Tagged as _};

/// The seconds since 1970 of a `UTCTime` (years 1950 to 2049) or a `GeneralizedTime` (years 0000 to 9999).
pub(crate) fn seconds(time: AnyRef<'_>) -> Option<i64> {
    let digits = time.value().strip_suffix(b"Z")?;
    let two = |at: usize| match digits.get(at..at + 2)? {
        [tens @ b'0'..=b'9', ones @ b'0'..=b'9'] => Some(i64::from(tens - b'0') * 10 + i64::from(ones - b'0')),
        _ => None,
    };
    let (year, rest) = match (time.tag(), digits.len()) {
        (Tag::UtcTime, 12) => (two(0).map(|year| if year < 50 { 2000 + year } else { 1900 + year })?, 2),
        (Tag::GeneralizedTime, 14) => (two(0)? * 100 + two(2)?, 4),
        _ => return None,
    };
    let (month, day) = (two(rest)?, two(rest + 2)?);
    let (hour, minute, second) = (two(rest + 4)?, two(rest + 6)?, two(rest + 8)?);
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 => 28 + i64::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=days).contains(&day) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    // With years that start in March, the leap day is the last day of the year.
    let (shifted_year, shifted_month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let day_of_year = (153 * shifted_month + 2) / 5 + day - 1;
    let leap_days = shifted_year.div_euclid(4) - shifted_year.div_euclid(100) + shifted_year.div_euclid(400);
    // There are 719,468 days from March 1 of year 0 to 1970.
    let days = shifted_year * 365 + leap_days + day_of_year - 719_468;
    Some(((days * 24 + hour) * 60 + minute) * 60 + second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_both_forms_are_seconds() {
        let table = [
            (Tag::UtcTime, "700101000000Z", Some(0)),
            (Tag::UtcTime, "491231235959Z", Some(2_524_607_999)),
            (Tag::UtcTime, "500101000000Z", Some(-631_152_000)),
            (Tag::UtcTime, "240229120000Z", Some(1_709_208_000)),
            (Tag::GeneralizedTime, "20500101000000Z", Some(2_524_608_000)),
            (Tag::GeneralizedTime, "20000229000000Z", Some(951_782_400)),
            (Tag::GeneralizedTime, "99991231235959Z", Some(253_402_300_799)),
            (Tag::GeneralizedTime, "00000101000000Z", Some(-62_167_219_200)),
            (Tag::UtcTime, "230229120000Z", None),
            (Tag::GeneralizedTime, "19000229000000Z", None),
            (Tag::UtcTime, "241301000000Z", None),
            (Tag::UtcTime, "240001000000Z", None),
            (Tag::UtcTime, "240100000000Z", None),
            (Tag::UtcTime, "240101240000Z", None),
            (Tag::UtcTime, "240101000060Z", None),
            (Tag::UtcTime, "2401010000Z", None),
            (Tag::UtcTime, "240101000000+0100", None),
            (Tag::UtcTime, "240101000000", None),
            (Tag::UtcTime, "20240101000000Z", None),
            (Tag::GeneralizedTime, "240101000000Z", None),
            (Tag::UtcTime, "24010100000aZ", None),
            (Tag::UtcTime, "Z", None),
            (Tag::UtcTime, "", None),
            (Tag::Ia5String, "240101000000Z", None),
        ];
        for (tag, text, expected) in table {
            let time = AnyRef::new(tag, text.as_bytes()).expect("short");
            assert_eq!(seconds(time), expected, "{tag} {text}");
        }
    }
}
