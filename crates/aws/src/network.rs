//! Address ranges.

/// Whether these ranges together cover all IPv4 or all IPv6 addresses. `0.0.0.0/1` and `128.0.0.0/1` do, just as
/// `0.0.0.0/0` does.
pub(crate) fn hold_everything<'r>(ranges: impl IntoIterator<Item = &'r str>) -> bool {
    let (mut of_4, mut of_6) = (Vec::new(), Vec::new());
    for range in ranges {
        match Range::of(range) {
            Some(Range { first, last, is_4: true }) => of_4.push((first, last)),
            Some(Range { first, last, is_4: false }) => of_6.push((first, last)),
            None => {}
        }
    }
    covers(of_4, u128::from(u32::MAX)) || covers(of_6, u128::MAX)
}

/// Whether a text is an address range.
pub(crate) fn is_range(text: &str) -> bool {
    Range::of(text).is_some()
}

struct Range {
    first: u128,
    last: u128,
    is_4: bool,
}

impl Range {
    fn of(text: &str) -> Option<Self> {
        let (address, length) = text.trim().split_once('/')?;
        let length: u32 = length.parse().ok()?;
        let (address, width) = match address.parse().ok()? {
            core::net::IpAddr::V4(address) => (u128::from(u32::from(address)), 32),
            core::net::IpAddr::V6(address) => (u128::from(address), 128),
        };
        let free = u32::checked_sub(width, length)?;
        let ones = if free == 128 { u128::MAX } else { (1 << free) - 1 };
        Some(Self { first: address & !ones, last: address | ones, is_4: width == 32 })
    }
}

fn covers(mut ranges: Vec<(u128, u128)>, highest: u128) -> bool {
    ranges.sort_unstable();
    let mut next = 0;
    for (first, last) in ranges {
        if first > next {
            return false;
        }
        if last >= highest {
            return true;
        }
        next = next.max(last + 1);
    }
    false
}

#[cfg(test)]
mod tests {
    use super::{hold_everything, is_range};

    #[test]
    fn everything_is_held_by_one_range_or_by_several() {
        let table: [(&[&str], bool); 9] = [
            (&[], false),
            (&["0.0.0.0/0"], true),
            (&["::/0"], true),
            (&["203.0.113.5/0"], true),
            (&["10.0.0.0/8", "192.0.2.0/24"], false),
            (&["128.0.0.0/1", "0.0.0.0/1"], true),
            (&["0.0.0.0/1", "128.0.0.0/2", "192.0.0.0/2"], true),
            (&["0.0.0.0/1", "192.0.0.0/2"], false),
            (&["::/1", "8000::/1"], true),
        ];
        for (ranges, expected) in table {
            assert_eq!(hold_everything(ranges.iter().copied()), expected, "{ranges:?}");
        }
        assert!(is_range("10.0.0.0/8") && !is_range("10.0.0.0") && !is_range("0.0.0.0/33") && !is_range("all"));
    }
}
