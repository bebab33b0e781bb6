//! What facts say: the one table of kinds, with class and schema. A kind's word and schema never change meaning;
//! a later shape gets the next schema number, and reading takes every number up to it.

use crate::activity::{ActivityRecorded, ActivityReviewed};
use crate::cases::{Claimed, ClockPassed, Closed, Grown, IncidentJoined, Noted, Opened, Reopened};
use crate::contacts::{CallRecorded, ContactRecorded, ContactRemoved, CustomerNoted};
use crate::containment::{
    Approved, Expired, Finished, LookOrdered, PermitLifted, PermitRefused, Proposed, Refused, Rejected, Released,
    Requested, Reviewed, StepEnded, StepOrdered, Stopped,
};
use crate::credentials::{
    EntraLinked, PasswordChanged, PolicyWanted, RecoveryMade, RecoveryUsed, SignInRefused, SignedIn, SteppedUp,
    TotpChanged, UserEnrolled, UserInvited,
};
use crate::customers::{AzureSubscriptionSeen, CustomerRegistered, SubscriptionSeen};
use crate::effects::{EffectFinished, EffectStarted};
use crate::erasure::{ErasureDone, ErasureOrdered, MasterKeyExchanged};
use crate::fact::Class;
use crate::notices::{AlertJoined, AlertSeen, AnswerOrdered, AnswerRequested};
use crate::paging::{PageAcknowledged, PageOrdered};
use crate::people::{
    ActionsSwitched, ApprovalsLimited, CapLifted, ConnectionAdded, ConnectionHealth, IncidentDeclared, IncidentEnded,
    JournalChecked, PolicyAdopted, PolicyPublished, PostureRecorded, TokenIssued, TokenRevoked, UserAdded, UserChanged,
};
use crate::signals::{FindingRecorded, FindingSetAside, SignalRaised, SignalRepeated};
use crate::snoozes::{RuleSnoozed, SnoozeEnded, SnoozeLifted};
use crate::views::{LooksChosen, ViewChosen, ViewDeleted, ViewSaved};
use serde_json::value::{RawValue, to_raw_value};

macro_rules! bodies {
    ($($(#[$doc:meta])* $variant:ident($shape:ty) = $word:literal, $class:ident, $schema:literal;)*) => {
        /// What a fact says.
        #[derive(Debug, Clone, PartialEq)]
        pub enum Body {
            $($(#[$doc])* $variant($shape),)*
        }

        impl Body {
            /// Every kind's word, class and newest schema.
            pub const KINDS: &[(&str, Class, u16)] = &[$(($word, Class::$class, $schema)),*];

            /// The stable word of the kind.
            #[must_use]
            pub const fn kind(&self) -> &'static str {
                match self { $(Self::$variant(_) => $word,)* }
            }

            /// How a fact of this kind comes to be.
            #[must_use]
            pub const fn class(&self) -> Class {
                match self { $(Self::$variant(_) => Class::$class,)* }
            }

            /// The schema that this release writes.
            #[must_use]
            pub const fn schema(&self) -> u16 {
                match self { $(Self::$variant(_) => $schema,)* }
            }

            pub(crate) fn to_raw(&self) -> Result<Box<RawValue>, serde_json::Error> {
                match self { $(Self::$variant(shape) => to_raw_value(shape),)* }
            }

            /// Reads a body of a kind and schema; nothing when this release does not know them.
            pub(crate) fn from_raw(kind: &str, schema: u16, raw: &RawValue) -> Result<Option<Self>, serde_json::Error> {
                match kind {
                    $($word if (1..=$schema).contains(&schema) => {
                        serde_json::from_str::<$shape>(raw.get()).map(|shape| Some(Self::$variant(shape)))
                    })*
                    _ => Ok(None),
                }
            }
        }
    };
}

bodies! {
    /// Partner Center lists this tenant as a customer. Schema 1 had no debtor: it was the customer itself.
    CustomerRegistered(CustomerRegistered) = "customer.registered", Observed, 2;
    /// A subscription as Partner Center shows it.
    SubscriptionSeen(SubscriptionSeen) = "subscription.seen", Observed, 1;
    /// An Azure subscription as Partner Center shows it.
    AzureSubscriptionSeen(AzureSubscriptionSeen) = "azure_subscription.seen", Observed, 1;
    /// A rule fired.
    FindingRecorded(FindingRecorded) = "finding.recorded", Found, 1;
    /// A finding is below the level that makes a signal.
    FindingSetAside(FindingSetAside) = "finding.set_aside", Decided, 1;
    /// A finding is a signal of a case.
    SignalRaised(SignalRaised) = "signal.raised", Decided, 1;
    /// A finding repeats a signal.
    SignalRepeated(SignalRepeated) = "signal.repeated", Decided, 1;
    /// An alert as Microsoft shows it.
    AlertSeen(AlertSeen) = "alert.seen", Observed, 1;
    /// An alert belongs to a case.
    AlertJoined(AlertJoined) = "alert.joined", Decided, 1;
    /// A person wants an alert answered.
    AnswerRequested(AnswerRequested) = "answer.requested", Observed, 1;
    /// An alert is to be answered.
    AnswerOrdered(AnswerOrdered) = "answer.ordered", Decided, 1;
    /// A case is opened.
    CaseOpened(Opened) = "case.opened", Decided, 1;
    /// A case became larger.
    CaseGrown(Grown) = "case.grown", Decided, 1;
    /// A mark of the answer clock was passed.
    ClockPassed(ClockPassed) = "case.clock_passed", Decided, 1;
    /// A person took a case.
    CaseClaimed(Claimed) = "case.claimed", Observed, 1;
    /// A person noted something.
    CaseNoted(Noted) = "case.noted", Observed, 1;
    /// A person closed a case.
    CaseClosed(Closed) = "case.closed", Observed, 1;
    /// A person opened a case again.
    CaseReopened(Reopened) = "case.reopened", Observed, 1;
    /// A case is part of an incident.
    IncidentJoined(IncidentJoined) = "incident.joined", Observed, 1;
    /// A person wants containment.
    ContainmentRequested(Requested) = "containment.requested", Observed, 1;
    /// An action is ready to be approved. Schema 1 did not say whether it takes more than was named, schema 2 not who is
    /// woken about it.
    ActionProposed(Proposed) = "action.proposed", Decided, 3;
    /// What was asked for is refused.
    ActionRefused(Refused) = "action.refused", Decided, 1;
    /// A person said yes.
    ActionApproved(Approved) = "action.approved", Answer, 1;
    /// A person said no.
    ActionRejected(Rejected) = "action.rejected", Answer, 1;
    /// A person withdrew or stopped an action.
    ActionStopped(Stopped) = "action.stopped", Observed, 1;
    /// Enough people said yes. Schema 1 knew no release because nobody could be paged.
    ActionReleased(Released) = "action.released", Decided, 2;
    /// Nobody said yes in time.
    ActionExpired(Expired) = "action.expired", Decided, 1;
    /// A step is to be carried out.
    StepOrdered(StepOrdered) = "step.ordered", Decided, 1;
    /// A step is to be looked for.
    LookOrdered(LookOrdered) = "look.ordered", Decided, 1;
    /// A step has ended.
    StepEnded(StepEnded) = "step.ended", Decided, 1;
    /// An action has ended.
    ActionFinished(Finished) = "action.finished", Decided, 1;
    /// A person reviewed an action.
    ActionReviewed(Reviewed) = "action.reviewed", Observed, 1;
    /// Somebody on call is to be woken.
    PageOrdered(PageOrdered) = "page.ordered", Decided, 1;
    /// A person has seen a page and takes it on.
    PageAcknowledged(PageAcknowledged) = "page.acknowledged", Answer, 1;
    /// A cap was used up.
    PermitRefused(PermitRefused) = "permit.refused", Observed, 1;
    /// A cap was lifted.
    PermitLifted(PermitLifted) = "permit.lifted", Observed, 1;
    /// An effect is about to be tried.
    EffectStarted(EffectStarted) = "effect.started", Answer, 1;
    /// An effect has ended.
    EffectFinished(EffectFinished) = "effect.finished", Answer, 1;
    /// From here on these policy files decide.
    PolicyAdopted(PolicyAdopted) = "policy.adopted", Observed, 1;
    /// Policy files were published.
    PolicyPublished(PolicyPublished) = "policy.published", Observed, 1;
    /// A person works at the partner.
    UserAdded(UserAdded) = "user.added", Observed, 1;
    /// What a user may do has changed.
    UserChanged(UserChanged) = "user.changed", Observed, 1;
    /// A token or key was handed out.
    TokenIssued(TokenIssued) = "token.issued", Observed, 1;
    /// A token or key is no longer good.
    TokenRevoked(TokenRevoked) = "token.revoked", Observed, 1;
    /// A Partner Center tenant was connected.
    ConnectionAdded(ConnectionAdded) = "connection.added", Observed, 1;
    /// Actions were switched on or off.
    ActionsSwitched(ActionsSwitched) = "actions.switched", Observed, 1;
    /// A part of a connection began to work or to fail.
    ConnectionHealth(ConnectionHealth) = "connection.health", Observed, 1;
    /// The MFA state of the partner's administrators on a day.
    PostureRecorded(PostureRecorded) = "posture.recorded", Observed, 1;
    /// Several cases have one cause.
    IncidentDeclared(IncidentDeclared) = "incident.declared", Observed, 1;
    /// An incident is over.
    IncidentEnded(IncidentEnded) = "incident.ended", Observed, 1;
    /// A cap was lifted by a named person.
    CapLifted(CapLifted) = "cap.lifted", Observed, 1;
    /// A person ordered that personal data be erased.
    ErasureOrdered(ErasureOrdered) = "erasure.ordered", Observed, 1;
    /// Personal data are erased.
    ErasureDone(ErasureDone) = "erasure.done", Observed, 1;
    /// The key that wraps the others was exchanged.
    MasterKeyExchanged(MasterKeyExchanged) = "master_key.exchanged", Observed, 1;
    /// A person was asked in by a link for one use.
    UserInvited(UserInvited) = "user.invited", Observed, 1;
    /// A person used the link and chose how to sign in.
    UserEnrolled(UserEnrolled) = "user.enrolled", Observed, 1;
    /// A person chose another password.
    PasswordChanged(PasswordChanged) = "password.changed", Observed, 1;
    /// A person's one-time codes come from another secret.
    TotpChanged(TotpChanged) = "totp.changed", Observed, 1;
    /// Recovery codes were made.
    RecoveryMade(RecoveryMade) = "recovery.made", Observed, 1;
    /// A recovery code was used up.
    RecoveryUsed(RecoveryUsed) = "recovery.used", Observed, 1;
    /// The user is a person of Entra ID.
    EntraLinked(EntraLinked) = "entra.linked", Observed, 1;
    /// A person signed in.
    SignedIn(SignedIn) = "user.signed_in", Observed, 1;
    /// Somebody tried to sign in as this person and was refused.
    SignInRefused(SignInRefused) = "sign_in.refused", Observed, 1;
    /// A person proved anew to be itself.
    SteppedUp(SteppedUp) = "user.stepped_up", Observed, 1;
    /// A Global administrator wants a policy that another one has to want as well.
    PolicyWanted(PolicyWanted) = "policy.wanted", Observed, 1;
    /// A person does not want to be asked about a rule for a while.
    RuleSnoozed(RuleSnoozed) = "rule.snoozed", Observed, 1;
    /// A person ended a snooze before its time.
    SnoozeLifted(SnoozeLifted) = "snooze.lifted", Observed, 1;
    /// A snooze is over.
    SnoozeEnded(SnoozeEnded) = "snooze.ended", Decided, 1;
    /// A person keeps a view of a list.
    ViewSaved(ViewSaved) = "view.saved", Observed, 1;
    /// A person does not keep a view any longer.
    ViewDeleted(ViewDeleted) = "view.deleted", Observed, 1;
    /// A person wants a list to begin with a view.
    ViewChosen(ViewChosen) = "view.chosen", Observed, 1;
    /// How a person wants pages to look.
    LooksChosen(LooksChosen) = "looks.chosen", Observed, 1;
    /// How much a user may approve.
    ApprovalsLimited(ApprovalsLimited) = "approvals.limited", Observed, 1;
    /// A person had the journal checked.
    JournalChecked(JournalChecked) = "journal.checked", Observed, 1;
    /// Something was done in Partner Center.
    ActivityRecorded(ActivityRecorded) = "activity.recorded", Observed, 1;
    /// A person looked at what was done in Partner Center.
    ActivityReviewed(ActivityReviewed) = "activity.reviewed", Observed, 1;
    /// A person wrote down whom to speak with.
    ContactRecorded(ContactRecorded) = "contact.recorded", Observed, 1;
    /// A contact is no longer one.
    ContactRemoved(ContactRemoved) = "contact.removed", Observed, 1;
    /// A person spoke with the customer.
    CallRecorded(CallRecorded) = "call.recorded", Observed, 1;
    /// A person noted something about the customer.
    CustomerNoted(CustomerNoted) = "customer.noted", Observed, 1;
}
