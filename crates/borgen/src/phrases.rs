//! Messages of the libraries in Swedish, for tables. The phrases are in `web`, which shows them on pages too.

use crate::talk::Lang;
use serde_json::Value;

/// Puts `message` and `hint` of problems into a language.
pub(crate) fn in_language(lang: Lang, problems: &mut [Value]) {
    if lang != Lang::Sv {
        return;
    }
    for problem in problems {
        for member in ["message", "hint"] {
            if let Some(text) = problem.get(member).and_then(Value::as_str).map(web::in_swedish)
                && let Some(place) = problem.get_mut(member)
            {
                *place = Value::String(text);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_a_check_says_is_in_the_language_of_the_reader() {
        let said = |lang| {
            let mut problems = [json!({"message": "this is not UTF-8 text", "hint": null, "line": 1})];
            in_language(lang, &mut problems);
            problems[0]["message"].as_str().map(str::to_owned)
        };
        assert_eq!(said(Lang::En).as_deref(), Some("this is not UTF-8 text"));
        assert_eq!(said(Lang::Sv).as_deref(), Some("detta är inte text i UTF-8"));
    }
}
