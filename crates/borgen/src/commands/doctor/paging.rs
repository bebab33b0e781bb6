//! Whether whoever is on call can be reached: the channels of the settings, and who the policy in force names. A
//! message is sent only when that was asked for.

use super::Health;
use super::checks::Ward;
use crate::wiring::paging::channels;
use domain::paging::Language;
use domain::policy::Policy;
use outside::{Message, Subject};
use runtime::Channels;
use std::collections::BTreeSet;
use std::fmt::Display;

impl Ward<'_> {
    /// The channels that the settings name; with `--page` a test message is sent by each.
    pub(super) async fn channels(&mut self, send: bool) {
        let channels = match channels(&self.settings) {
            Ok(channels) => channels,
            Err(error) => {
                let fix = self.console.text("fix-channel", &[]);
                let detail = format!("{error}: {}", self.console.said(&error.root_cause().to_string()));
                return self.note("check-channel", Health::Bad, detail, Some(fix));
            }
        };
        let names: Vec<String> = channels.names().map(str::to_owned).collect();
        for name in names {
            if send {
                self.try_channel(&channels, &name).await;
            } else {
                let fix = self.console.text("fix-channel-untried", &[]);
                self.note("check-channel", Health::Good, name, Some(fix));
            }
        }
    }

    async fn try_channel(&mut self, channels: &Channels, name: &str) {
        let at = desk::Clock::now(&desk::seam::SystemClock::new());
        let message = Message {
            id: format!("msg_test_{}", at.as_microsecond()),
            subject: Subject::Test,
            language: match self.console.lang {
                crate::talk::Lang::En => Language::En,
                crate::talk::Lang::Sv => Language::Sv,
            },
            at,
            base: channels.base().map(str::to_owned),
        };
        match channels.send(name, &message).await {
            Ok(()) => {
                let told = self.console.text("channel-reached", &[("channel", &name)]);
                self.note("check-channel", Health::Good, told, None);
            }
            Err(unsent) => {
                let fix = self.console.text("fix-channel", &[]);
                self.note("check-channel", Health::Bad, format!("{name}: {}", unsent.code), Some(fix));
            }
        }
    }

    /// Who the policy in force wakes, and whether the settings have the channels for it.
    pub(super) fn on_call(&mut self, policy: &Policy) {
        let Some(on_call) = &policy.on_call else {
            if policy.approvals.emergency.enabled {
                let minutes = policy.approvals.emergency.page_unanswered_after.as_mins();
                let detail = self.console.text("nobody-on-call", &[("minutes", &minutes)]);
                let fix = self.console.text("fix-nobody-on-call", &[]);
                self.note("check-on-call", Health::Warning, detail, Some(fix));
            }
            return;
        };
        let known: BTreeSet<String> = self.settings.channels().into_keys().collect();
        let wanted: BTreeSet<&str> = on_call.receivers.values().map(|receiver| receiver.channel.as_str()).collect();
        let missing: Vec<&str> = wanted.into_iter().filter(|channel| !known.contains(*channel)).collect();
        if missing.is_empty() {
            let count: &dyn Display = &on_call.receivers.len();
            let detail = self.console.text("somebody-on-call", &[("count", count)]);
            self.note("check-on-call", Health::Good, detail, None);
        } else {
            let detail = missing.join(", ");
            let fix = self.console.text("fix-on-call-channel", &[("channel", &detail)]);
            self.note("check-on-call", Health::Bad, detail.clone(), Some(fix));
        }
    }
}
