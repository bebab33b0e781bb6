//! A message to somebody on call: what it is about, never of whom. No name, no address and no secret is in it.

use crate::words::Words;
use domain::cases::Mark;
use domain::paging::{Language, PageAbout};
use jiff::Timestamp;

/// What a message is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// Somebody is to be woken.
    Page(PageAbout),
    /// Somebody tries whether the channel works.
    Test,
}

/// A message, the same on every try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its id: a receiver knows a repeat by it.
    pub id: String,
    /// What it is about.
    pub subject: Subject,
    /// The language to write in.
    pub language: Language,
    /// When this try is made.
    pub at: Timestamp,
    /// How people reach the pages, without a slash at the end; nothing when that is not known.
    pub base: Option<String>,
}

impl Message {
    /// The stable word of what it is about, for programs.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self.subject {
            Subject::Page(PageAbout::Approval { .. }) => "action.approval_wanted",
            Subject::Page(PageAbout::Answer { mark: Mark::Target, .. }) => "alert.answer_target_near",
            Subject::Page(PageAbout::Answer { mark: Mark::Limit, .. }) => "alert.answer_limit_near",
            Subject::Test => "channel.test",
        }
    }

    /// The id of what it is about, an opaque one.
    pub(crate) fn about(&self) -> Option<(&'static str, String)> {
        match self.subject {
            Subject::Page(PageAbout::Approval { action }) => Some(("action", action.to_string())),
            Subject::Page(PageAbout::Answer { case, .. }) => Some(("case", case.to_string())),
            Subject::Test => None,
        }
    }

    /// Where a person goes on.
    pub(crate) fn link(&self) -> Option<String> {
        let base = self.base.as_deref()?.trim_end_matches('/');
        Some(match self.about() {
            Some((what, id)) => format!("{base}/{what}s/{id}"),
            None => format!("{base}/"),
        })
    }

    pub(crate) const fn words(&self) -> &'static Words {
        Words::of(self.subject, self.language)
    }
}
