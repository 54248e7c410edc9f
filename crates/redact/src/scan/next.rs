//! Remembers search results, so that no search is repeated.

/// The position of the next byte of some kind. It stays valid from any start between that of the search and the result.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Next(Option<(usize, usize)>);

impl Next {
    /// Returns the next position from `at` on, calling `search` only if it is not remembered.
    pub(crate) fn from(&mut self, at: usize, search: impl FnOnce(usize) -> usize) -> usize {
        match self.0 {
            Some((from, place)) if (from..=place).contains(&at) => place,
            _ => {
                let place = search(at);
                self.0 = Some((at, place));
                place
            }
        }
    }

    /// Returns the position of the next wanted byte from `at` on, or the end of the text.
    pub(super) fn byte(&mut self, bytes: &[u8], at: usize, is_wanted: impl FnMut(u8) -> bool) -> usize {
        self.from(at, |at| first(bytes, at, is_wanted))
    }
}

/// Returns the position of the first wanted byte from `at` on, or the end of the text.
pub(super) fn first(bytes: &[u8], at: usize, mut is_wanted: impl FnMut(u8) -> bool) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    rest.iter().position(|byte| is_wanted(*byte)).map_or(bytes.len(), |length| at + length)
}
