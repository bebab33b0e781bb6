//! The texts of messages, in English and Swedish, side by side. Every text for people on the pages is `web`'s; these
//! leave the house without passing them.

use crate::message::Subject;
use domain::cases::Mark;
use domain::paging::{Language, PageAbout};

/// What a message says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Words {
    /// In one line.
    pub(crate) title: &'static str,
    /// What is asked of the reader.
    pub(crate) text: &'static str,
    /// The word on the button that leads to the page.
    pub(crate) open: &'static str,
    /// What the id beside it is.
    pub(crate) id: &'static str,
}

const APPROVAL: [Words; 2] = [
    Words {
        title: "Emergency: an action waits for your approval",
        text: "A customer is losing money. Look at the proposal and approve or reject it, or say that you have taken it on. If nobody answers, whoever proposed it may act alone.",
        open: "Open the proposal",
        id: "Action",
    },
    Words {
        title: "Nödläge: en åtgärd väntar på ditt godkännande",
        text: "En kund förlorar pengar. Titta på förslaget och godkänn eller avslå det, eller säg att du har tagit det. Om ingen svarar får den som föreslog det agera ensam.",
        open: "Öppna förslaget",
        id: "Åtgärd",
    },
];
const TARGET: [Words; 2] = [
    Words {
        title: "Microsoft soon waits an hour for an answer",
        text: "A security alert has no answer yet. Look at the case and answer it.",
        open: "Open the case",
        id: "Case",
    },
    Words {
        title: "Microsoft har snart väntat en timme på svar",
        text: "Ett säkerhetslarm är ännu inte besvarat. Titta på ärendet och besvara det.",
        open: "Öppna ärendet",
        id: "Ärende",
    },
];
const LIMIT: [Words; 2] = [
    Words {
        title: "A security alert is near Microsoft’s limit",
        text: "It has to be resolved soon, or it counts against the partner. Look at the case and close it with its outcome.",
        open: "Open the case",
        id: "Case",
    },
    Words {
        title: "Ett säkerhetslarm är nära Microsofts gräns",
        text: "Det måste lösas snart, annars räknas det partnern till last. Titta på ärendet och stäng det med sitt utfall.",
        open: "Öppna ärendet",
        id: "Ärende",
    },
];
const TEST: [Words; 2] = [
    Words {
        title: "Test: Borgen reaches you here",
        text: "Nothing has happened. Somebody tries whether this channel works.",
        open: "Open Borgen",
        id: "Test",
    },
    Words {
        title: "Prov: Borgen når dig här",
        text: "Inget har hänt. Någon provar om den här kanalen fungerar.",
        open: "Öppna Borgen",
        id: "Prov",
    },
];

impl Words {
    pub(crate) const fn of(subject: Subject, language: Language) -> &'static Self {
        let [english, swedish] = match subject {
            Subject::Page(PageAbout::Approval { .. }) => &APPROVAL,
            Subject::Page(PageAbout::Answer { mark: Mark::Target, .. }) => &TARGET,
            Subject::Page(PageAbout::Answer { mark: Mark::Limit, .. }) => &LIMIT,
            Subject::Test => &TEST,
        };
        match language {
            Language::En => english,
            Language::Sv => swedish,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_is_missing_and_none_is_the_same_in_both_languages() {
        for [english, swedish] in [&APPROVAL, &TARGET, &LIMIT, &TEST] {
            for (one, other) in
                [(english.title, swedish.title), (english.text, swedish.text), (english.open, swedish.open)]
            {
                assert!(!one.is_empty() && !other.is_empty());
                assert_ne!(one, other);
            }
        }
    }
}
