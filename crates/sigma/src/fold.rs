//! Case folding of text: what "case-insensitive" means in this engine.
//! Simple Unicode folding, one character to one character, so that `?` still
//! counts characters. Nothing here knows rules or events.

/// Folds one character: upper case first, then lower case, when both are single characters.
///
/// Equal results mean "the same letter" in the sense of Unicode simple case folding:
/// `Å` and `å` are one letter, `ß` and `SS` are two different texts.
#[must_use]
pub(crate) fn fold_char(c: char) -> char {
    if c.is_ascii() {
        return c.to_ascii_lowercase();
    }
    // Dotless i has no fold of its own: folding it would make it equal to i.
    if c == '\u{131}' {
        return c;
    }
    let upper = single(c.to_uppercase()).unwrap_or(c);
    single(upper.to_lowercase()).unwrap_or(upper)
}

fn single(mut chars: impl Iterator<Item = char>) -> Option<char> {
    let first = chars.next()?;
    chars.next().is_none().then_some(first)
}

/// Writes the folded text into `out`, which is emptied first. Allocates only when `out` grows.
pub(crate) fn fold_into(text: &str, out: &mut String) {
    out.clear();
    if text.is_ascii() {
        out.push_str(text);
        out.make_ascii_lowercase();
    } else {
        out.extend(text.chars().map(fold_char));
    }
}

/// Returns the folded text.
#[must_use]
pub(crate) fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    fold_into(text, &mut out);
    out
}

/// Replaces every dash that `windash` treats as one (`-`, `/`, en dash, em dash,
/// horizontal bar) by `-`, in place of writing out all permutations.
#[must_use]
pub(crate) fn unify_dashes(text: &str) -> String {
    text.chars().map(|c| if matches!(c, '/' | '\u{2013}' | '\u{2014}' | '\u{2015}') { '-' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn swedish_letters_fold_and_sharp_s_stays_itself() {
        assert_eq!(fold("ÅTERSTÄLL Ö"), "återställ ö");
        assert_ne!(fold("ß"), fold("SS"));
        assert_ne!(fold("\u{130}"), fold("i\u{307}"));
    }

    #[test]
    fn folding_agrees_with_the_regex_crate_on_every_character() {
        // The two tables may be of different Unicode versions.
        let unassigned = regex::Regex::new(r"^\p{Cn}$").unwrap();
        let mut text = String::new();
        for c in (0x80..0x2_FFFF_u32).filter_map(char::from_u32) {
            let folded = fold_char(c);
            if folded == c || unassigned.is_match(&c.to_string()) {
                continue;
            }
            text.clear();
            text.push(folded);
            let pattern = regex::RegexBuilder::new(&format!("^{}$", regex::escape(&c.to_string())))
                .case_insensitive(true)
                .build()
                .unwrap();
            assert!(pattern.is_match(&text), "{c:?} {folded:?}");
        }
    }
}
