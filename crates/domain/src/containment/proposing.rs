//! From a person's request to a proposal: which steps, what they touch, what the guard rails say.

use super::guarding::{Proposal, look};
use super::{
    Action, ActionClass, ActionOutcome, ActionState, Blast, Destroys, GoesOnBilling, MAX_ENDED_ACTIONS,
    MAX_OPEN_ACTIONS, MAX_STEPS, PlanSnapshot, Proposed, Refused, Requested, StepEnd, StepKind, StepState,
};
use crate::body::Body;
use crate::cases::{Case, at_stake, burn};
use crate::customers::{AzureStatus, SubscriptionKind, SubscriptionStatus};
use crate::fact::NewFact;
use crate::file::CustomerFile;
use crate::ids::{AccountId, ActionId, AzureSubscriptionId, CaseId, Hash, SubscriptionId, derived_id};
use crate::paging::rule_for;
use crate::permission::Role;
use crate::policy::{PlaybookStep, Policy, Reach};
use crate::reason::Reason;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// About how long it takes until a cancelled Azure subscription runs again.
const UNDO_MINUTES_PER_SUBSCRIPTION: u32 = 15;

impl CustomerFile {
    pub(crate) fn action_proposed(&mut self, at: Timestamp, proposed: &Proposed) {
        self.requests.remove(&proposed.requested_in);
        let action = Action {
            proposed: proposed.clone(),
            proposed_at: at,
            approvals: Vec::new(),
            state: ActionState::Proposed,
            steps: vec![StepState::Waiting; proposed.steps.len()],
            review_by: None,
            snapshots: BTreeMap::new(),
            touched: BTreeSet::new(),
            page: None,
        };
        self.actions.insert(proposed.action, action);
        self.drop_old_actions();
    }

    /// Ended actions beyond the limit go, the oldest first; what is open stays.
    fn drop_old_actions(&mut self) {
        let mut ended: Vec<_> = self
            .actions
            .values()
            .filter(|action| !action.is_open())
            .map(|action| (action.proposed.requested_in, action.proposed.action))
            .collect();
        ended.sort_unstable();
        let surplus = ended.len().saturating_sub(MAX_ENDED_ACTIONS);
        for (_, action) in ended.into_iter().take(surplus) {
            self.actions.remove(&action);
        }
    }
}

/// Answers the next request with a proposal or with the reasons against it.
pub(super) fn decide(account: AccountId, file: &CustomerFile, policy: &Policy, at: Timestamp) -> Vec<NewFact> {
    let Some((requested_in, request)) = file.requests.first_key_value() else { return Vec::new() };
    let body = match propose(account, *requested_in, request, file, policy, at) {
        Ok(proposed) => Body::ActionProposed(proposed),
        Err(reasons) => Body::ActionRefused(Refused { requested_in: *requested_in, reasons }),
    };
    vec![NewFact::decided(at, body)]
}

fn propose(
    account: AccountId,
    requested_in: u64,
    request: &Requested,
    file: &CustomerFile,
    policy: &Policy,
    at: Timestamp,
) -> Result<Proposed, Vec<Reason>> {
    if file.actions.values().filter(|action| action.is_open()).count() >= MAX_OPEN_ACTIONS {
        return Err(vec![Reason::TooManyOpen]);
    }
    // An action that reverts belongs to the case of the one it reverts, whatever the request says.
    let reverted = request.revert_of.and_then(|action| file.actions.get(&action));
    let case_id = reverted.map_or(request.case, |action| action.proposed.case);
    let case = file.cases.get(&case_id);
    let steps = match request.revert_of {
        Some(action) => steps_back(file, action)?,
        None => steps_of(request, case.ok_or_else(|| vec![Reason::NoOpenCase])?, file, policy)?,
    };
    if steps.is_empty() {
        return Err(vec![Reason::NothingToStop]);
    }
    let per_hour = case.and_then(burn);
    let at_stake = at_stake(per_hour.or(case.and_then(|case| case.assumed_per_hour)), policy);
    let proposal = Proposal { case: case_id, steps: &steps, class: request.class, at_stake };
    let (guards, reasons) = look(file, policy, &proposal);
    if !reasons.is_empty() {
        return Err(reasons);
    }
    let action = ActionId(derived_id(account, "action", requested_in, 0));
    let named = request.targets.as_ref().or(case.map(|case| &case.attacked));
    let widened = request.revert_of.is_none() && named.is_some_and(|named| takes_more(&steps, named));
    Ok(Proposed {
        action,
        requested_in,
        case: case_id,
        playbook: request.playbook.clone(),
        class: request.class,
        revert_of: request.revert_of,
        proposer: request.proposer,
        blast: Blast { widened, ..blast(&steps, per_hour, file) },
        at_stake,
        roles: roles(request.class, at_stake, policy),
        guards,
        page: rule_for(request.class, request.proposer, policy, at),
        parameters: parameters_of(action, case_id, &steps, request.class),
        expires: at.saturating_add(policy.clocks.proposal_expires_after).unwrap_or(Timestamp::MAX),
        steps,
    })
}

/// The hash that approvals are bound to.
#[must_use]
pub fn parameters_of(action: ActionId, case: CaseId, steps: &[StepKind], class: ActionClass) -> Hash {
    // The types have no map with other keys than text and no floats, so that writing them can't fail.
    let bytes = serde_json::to_vec(&(action, case, steps, class)).unwrap_or_default();
    Hash::of(&bytes)
}

fn roles(class: ActionClass, at_stake: Option<money::Money>, policy: &Policy) -> Vec<Role> {
    match class {
        ActionClass::Normal => policy.roles_for(at_stake).to_vec(),
        ActionClass::Emergency => vec![Role::AdminAgent],
    }
}

/// The steps of a playbook with the customer's subscriptions filled in.
fn steps_of(
    request: &Requested,
    case: &Case,
    file: &CustomerFile,
    policy: &Policy,
) -> Result<Vec<StepKind>, Vec<Reason>> {
    let name = &request.playbook;
    let playbook = policy.playbooks.get(name).ok_or_else(|| vec![Reason::NoPlaybook { playbook: name.clone() }])?;
    let attacked = request.targets.as_ref().unwrap_or(&case.attacked);
    let known = |id: &AzureSubscriptionId| file.holdings.azure.get(id).map(|azure| (azure.plan, *id));
    let attacked: BTreeSet<_> = attacked.iter().filter_map(known).collect();
    if attacked.is_empty() {
        return Err(vec![Reason::NoTarget]);
    }
    let plans: BTreeSet<SubscriptionId> = attacked.iter().map(|(plan, _)| *plan).collect();
    let is_active =
        |id: &AzureSubscriptionId| file.holdings.azure.get(id).is_some_and(|azure| azure.status == AzureStatus::Active);
    let reached: Vec<_> = match playbook.reach {
        Reach::Attacked => attacked.into_iter().filter(|(_, id)| is_active(id)).collect(),
        Reach::Plan => plans.iter().flat_map(|plan| file.holdings.active_under(*plan).map(|id| (*plan, id))).collect(),
    };
    let plan_is_active = |plan: &SubscriptionId| {
        file.holdings.subscriptions.get(plan).is_none_or(|known| known.status == SubscriptionStatus::Active)
    };
    let mut steps = Vec::new();
    for step in &playbook.steps {
        match step {
            PlaybookStep::CancelAzureSubscriptions => steps.extend(
                reached
                    .iter()
                    .map(|(plan, id)| StepKind::CancelAzureSubscription { plan: *plan, azure_subscription: *id }),
            ),
            PlaybookStep::SuspendPlans => {
                let emptied = |plan: &SubscriptionId| is_emptied_by(&steps, *plan, file);
                let plans: Vec<_> = plans.iter().copied().filter(plan_is_active).filter(emptied).collect();
                steps.extend(plans.into_iter().map(|plan| StepKind::SuspendPlan { plan }));
            }
        }
    }
    if steps.len() > MAX_STEPS {
        return Err(vec![Reason::TooManyOpen]);
    }
    Ok(steps)
}

/// Whether the steps cancel Azure subscriptions that nobody named.
fn takes_more(steps: &[StepKind], named: &BTreeSet<AzureSubscriptionId>) -> bool {
    cancelled_by(steps).any(|id| !named.contains(&id))
}

fn cancelled_by(steps: &[StepKind]) -> impl Iterator<Item = AzureSubscriptionId> {
    steps.iter().filter_map(|step| match step {
        StepKind::CancelAzureSubscription { azure_subscription, .. } => Some(*azure_subscription),
        StepKind::SuspendPlan { .. }
        | StepKind::ReactivatePlan { .. }
        | StepKind::ReactivateAzureSubscription { .. } => None,
    })
}

/// Whether every Azure subscription under a plan is inactive after these steps: before, Microsoft refuses to
/// suspend it (900115).
fn is_emptied_by(steps: &[StepKind], plan: SubscriptionId, file: &CustomerFile) -> bool {
    let cancelled: BTreeSet<AzureSubscriptionId> = cancelled_by(steps).collect();
    file.holdings.active_under(plan).all(|id| cancelled.contains(&id))
}

/// What undoes an action: the plans first, since nothing under a suspended plan can be made active.
fn steps_back(file: &CustomerFile, action: ActionId) -> Result<Vec<StepKind>, Vec<Reason>> {
    let action = file.actions.get(&action).ok_or_else(|| vec![Reason::NothingToStop])?;
    if !matches!(
        action.state,
        ActionState::Finished(ActionOutcome::Verified | ActionOutcome::Failed) | ActionState::Stopped
    ) {
        return Err(vec![Reason::NothingToStop]);
    }
    // What was sent and not read back may have taken effect too: putting it back asks at Microsoft first.
    let was_done = |(step, (_, state)): &(usize, (&StepKind, &StepState))| match state {
        StepState::Ended(StepEnd::Verified) => true,
        StepState::Ended(StepEnd::Failed { .. }) => action.touched.contains(step),
        _ => false,
    };
    let undone = |(_, (kind, _)): (usize, (&StepKind, &StepState))| match kind {
        StepKind::SuspendPlan { plan } => {
            let snapshot: Option<PlanSnapshot> = action.snapshots.get(plan).cloned();
            Some((0, StepKind::ReactivatePlan { plan: *plan, snapshot }))
        }
        StepKind::CancelAzureSubscription { plan, azure_subscription } => {
            let step = StepKind::ReactivateAzureSubscription { plan: *plan, azure_subscription: *azure_subscription };
            Some((1, step))
        }
        StepKind::ReactivatePlan { .. } | StepKind::ReactivateAzureSubscription { .. } => None,
    };
    let mut back: Vec<_> = action.steps_with_states().enumerate().filter(was_done).filter_map(undone).collect();
    back.sort_by_key(|(order, _)| *order);
    Ok(back.into_iter().map(|(_, step)| step).collect())
}

fn blast(steps: &[StepKind], per_hour: Option<money::Money>, file: &CustomerFile) -> Blast {
    let count = |wanted: fn(&StepKind) -> bool| {
        u32::try_from(steps.iter().filter(|step| wanted(step)).count()).unwrap_or(u32::MAX)
    };
    let azure = count(|step| {
        matches!(step, StepKind::CancelAzureSubscription { .. } | StepKind::ReactivateAzureSubscription { .. })
    });
    let cancels = steps.iter().any(|step| matches!(step, StepKind::CancelAzureSubscription { .. }));
    let suspends = steps.iter().any(|step| matches!(step, StepKind::SuspendPlan { .. }));
    let has_seats = file.holdings.subscriptions.values().any(|subscription| {
        subscription.kind == SubscriptionKind::Seats && subscription.status == SubscriptionStatus::Active
    });
    let seats = has_seats.then_some(GoesOnBilling::Seats);
    let destroyed = [
        cancels.then_some(Destroys::RunningState),
        cancels.then_some(Destroys::DataAfterRetention),
        suspends.then_some(Destroys::ScheduledChanges),
    ];
    Blast {
        azure_subscriptions: azure,
        plans: count(|step| matches!(step, StepKind::SuspendPlan { .. } | StepKind::ReactivatePlan { .. })),
        // Azure subscriptions have no seats: no user loses a mailbox by this.
        users: 0,
        saved_per_hour: per_hour.filter(|_| cancels),
        goes_on_billing: [GoesOnBilling::Reservations, GoesOnBilling::Marketplace].into_iter().chain(seats).collect(),
        destroys: destroyed.into_iter().flatten().collect(),
        undo_minutes: azure.saturating_mul(UNDO_MINUTES_PER_SUBSCRIPTION),
        widened: false,
    }
}
