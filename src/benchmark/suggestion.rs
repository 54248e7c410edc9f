//! "Did you mean": the known name that a misspelt one is nearest to.

/// How many known names a hint lists.
const LISTED: usize = 18;

/// The name that `text` was probably meant to be.
pub(crate) fn nearest<'k>(text: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    // One slip for each three characters, and one more: `fals` is near `false`, `pass` is not near `fail`.
    let limit = text.chars().count() / 3 + 1;
    known
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(text, name), name))
        .filter(|&(distance, name)| distance <= limit && distance < name.chars().count())
        .min()
        .map(|(_, name)| name)
}

/// A hint for an unknown name: the nearest one, or what there is to choose from.
pub(crate) fn hint<'k>(text: &str, known: impl IntoIterator<Item = &'k str>) -> Option<String> {
    let known: Vec<&str> = known.into_iter().collect();
    if let Some(name) = nearest(text, known.iter().copied()) {
        return Some(format!("did you mean {name:?}?"));
    }
    (!known.is_empty() && known.len() <= LISTED).then(|| format!("one of: {}", known.join(", ")))
}
