//! "Did you mean": the known word that is nearest to what was written.

/// Longer words are not compared: nobody misspells them, and the table would grow with them.
const MAX_WORD_CHARS: usize = 64;

/// The nearest of the known words, if it is near enough to have been meant.
pub(crate) fn nearest<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let near = |word: &'a str| {
        let changes = changes_between(&written.to_ascii_lowercase(), &word.to_ascii_lowercase())?;
        let allowed = (word.chars().count() / 3).max(1);
        (changes <= allowed).then_some((changes, word))
    };
    known.into_iter().filter_map(near).min().map(|(_, word)| word)
}

/// The hint that names the nearest word, or else all of them.
pub(crate) fn hint(written: &str, known: &[&str]) -> Option<String> {
    match nearest(written, known.iter().copied()) {
        Some(word) => Some(format!("did you mean `{word}`?")),
        None if known.is_empty() => None,
        None => Some(format!("known are: {}", known.join(", "))),
    }
}

/// How many letters have to be changed, added or taken away (Levenshtein's distance, one row at a time).
fn changes_between(left: &str, right: &str) -> Option<usize> {
    let right: Vec<char> = right.chars().collect();
    if left.chars().count() > MAX_WORD_CHARS || right.len() > MAX_WORD_CHARS {
        return None;
    }
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (above, letter) in left.chars().enumerate() {
        let mut diagonal = above;
        let mut beside = above + 1;
        if let Some(first) = row.first_mut() {
            *first = beside;
        }
        for (other, cell) in right.iter().zip(row.iter_mut().skip(1)) {
            let replaced = diagonal + usize::from(*other != letter);
            diagonal = *cell;
            beside = replaced.min(*cell + 1).min(beside + 1);
            *cell = beside;
        }
    }
    row.last().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_distance_counts_single_letters() {
        for (left, right, changes) in
            [("", "abc", 3), ("target", "target", 0), ("taget", "target", 1), ("limit", "emit", 2)]
        {
            assert_eq!(changes_between(left, right), Some(changes), "{left} {right}");
        }
    }

    #[test]
    fn a_near_word_is_suggested_and_a_far_one_is_not() {
        assert_eq!(nearest("targt", ["limit", "target"]), Some("target"));
        assert_eq!(nearest("Target", ["limit", "target"]), Some("target"));
        assert_eq!(nearest("colour", ["limit", "target"]), None);
        assert_eq!(hint("colour", &["limit", "target"]).as_deref(), Some("known are: limit, target"));
    }
}
