//! Calendar days.

use std::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

/// A day (UTC).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: i32,
    month: u8,
    day: u8,
}

impl Date {
    /// Parses the day at the start of a text: `2026-11-29`, or an RFC 3339 time. `None` if there is no such day.
    pub fn parse(text: &str) -> Option<Self> {
        let (date, rest) = text.split_at_checked(10)?;
        if !(rest.is_empty() || rest.starts_with(['T', 't', ' '])) {
            return None;
        }
        let mut parts = date.split('-');
        let mut number = |digits: usize| {
            let part =
                parts.next().filter(|part| part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit()))?;
            part.parse::<u16>().ok()
        };
        let (year, month, day) = (number(4)?, number(2)?, number(2)?);
        let date = Self { year: year.into(), month: u8::try_from(month).ok()?, day: u8::try_from(day).ok()? };
        (parts.next().is_none() && (1..=12).contains(&month) && day >= 1 && date.day <= date.days_of_month())
            .then_some(date)
    }

    const fn days_of_month(self) -> u8 {
        match self.month {
            4 | 6 | 9 | 11 => 30,
            2 if self.year % 4 == 0 && (self.year % 100 != 0 || self.year % 400 == 0) => 29,
            2 => 28,
            _ => 31,
        }
    }

    /// The same day this many months later; the last day of that month if it is shorter.
    #[must_use]
    pub fn months_later(self, months: u8) -> Self {
        let month = i32::from(self.month) - 1 + i32::from(months);
        let of = u8::try_from(month.rem_euclid(12) + 1).unwrap_or(1);
        let first = Self { year: self.year + month.div_euclid(12), month: of, day: 1 };
        Self { day: self.day.min(first.days_of_month()), ..first }
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| D::Error::custom(format!("`{text}`: expected a day such as 2026-11-29")))
    }
}

#[cfg(test)]
mod tests {
    use super::Date;

    #[test]
    fn days_are_read() {
        let table = [
            ("2026-11-29", Some("2026-11-29")),
            ("2026-11-29T10:00:00Z", Some("2026-11-29")),
            ("2024-02-29", Some("2024-02-29")),
            ("2023-02-29", None),
            ("1900-02-29", None),
            ("2000-02-29", Some("2000-02-29")),
            ("2026-13-01", None),
            ("2024-31-12", None),
            ("2026-00-01", None),
            ("2026-11-00", None),
            ("2026-11-31", None),
            ("2026-11-299", None),
            ("2026-1-29", None),
            ("+026-11-29", None),
            ("2026-11-2é", None),
            ("2026-11-29x", None),
            ("", None),
        ];
        for (text, expected) in table {
            assert_eq!(Date::parse(text).map(|date| date.to_string()).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn months_are_added() {
        let table = [
            ("2026-11-29", 4, "2027-03-29"),
            ("2026-10-31", 4, "2027-02-28"),
            ("2026-01-15", 0, "2026-01-15"),
            ("2026-12-01", 24, "2028-12-01"),
        ];
        for (from, months, expected) in table {
            let date = Date::parse(from).expect("a day").months_later(months);
            assert_eq!(date.to_string(), expected, "{from} {months}");
        }
        assert!(Date::parse("2026-11-29") < Date::parse("2026-12-01"));
    }
}
