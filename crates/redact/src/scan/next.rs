//! What is looked for again and again is looked for once.

/// Where the next place of some kind is, remembered: from anywhere before it, it is the same.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Next(Option<(usize, usize)>);

impl Next {
    /// The next place from here on, as `search` finds it in a text where that is not known.
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

    /// The next of these bytes from here on; else the end of the text.
    pub(super) fn byte(&mut self, bytes: &[u8], at: usize, is_wanted: impl FnMut(u8) -> bool) -> usize {
        self.from(at, |at| first(bytes, at, is_wanted))
    }
}

/// The first of these bytes from here on; else the end of the text.
pub(super) fn first(bytes: &[u8], at: usize, mut is_wanted: impl FnMut(u8) -> bool) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    rest.iter().position(|byte| is_wanted(*byte)).map_or(bytes.len(), |length| at + length)
}
