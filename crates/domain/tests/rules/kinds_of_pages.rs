//! One fact of every kind about waking people: a part of what the golden file was written from.

use crate::kinds::{ACTION, CASE, later, proposed};
use crate::world::*;
use domain::body::Body;
use domain::cases::Mark;
use domain::containment::Proposed;
use domain::paging::{Language, PageAbout, PageAcknowledged, PageOrdered, PageRule};

pub(crate) fn of_pages() -> Vec<Body> {
    let ordered = |about, language, user| {
        Body::PageOrdered(PageOrdered {
            about,
            step: 1,
            receiver: "anna".to_owned(),
            user,
            channel: "anna-phone".to_owned(),
            language,
            good_until: later(),
        })
    };
    let approval = PageAbout::Approval { action: ACTION };
    let answer = |mark| PageAbout::Answer { case: CASE, mark };
    let rules = [PageRule::None, PageRule::NobodyToPage];
    let proposals = rules.map(|page| Body::ActionProposed(Proposed { page, ..proposed() }));
    let pages = [
        ordered(approval, Language::Sv, Some(person(3))),
        ordered(answer(Mark::Target), Language::En, None),
        ordered(answer(Mark::Limit), Language::En, None),
        Body::PageAcknowledged(PageAcknowledged { about: approval, by: person(3) }),
    ];
    proposals.into_iter().chain(pages).collect()
}
