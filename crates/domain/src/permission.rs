//! Who may do what: the one permission table. Four roles named as in Partner Center, and an auditor who reads.
//! How a caller is recognised is `web`'s; here is only what a recognised caller may do.

use crate::ids::AccountId;
use crate::people::UserFile;
use money::Money;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A role, named as in Partner Center.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Exposure, policies, approvals, audit.
    GlobalAdministrator,
    /// Onboarding of users, MFA, who has access.
    UserAdministrator,
    /// Alerts, cases, containment.
    AdminAgent,
    /// Who owes what.
    BillingAdministrator,
    /// Reads everything within its scope and changes nothing.
    Auditor,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 5] = [
        Self::GlobalAdministrator,
        Self::UserAdministrator,
        Self::AdminAgent,
        Self::BillingAdministrator,
        Self::Auditor,
    ];

    /// The stable word of the role, as in the API.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::GlobalAdministrator => "global_administrator",
            Self::UserAdministrator => "user_administrator",
            Self::AdminAgent => "admin_agent",
            Self::BillingAdministrator => "billing_administrator",
            Self::Auditor => "auditor",
        }
    }

    /// The role with this word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.word() == word)
    }
}

/// Something a caller may be allowed to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    /// See customers, subscriptions, signals, notices, cases and actions.
    CustomerRead,
    /// Open every sealed value: addresses, raw evidence, notes of cases.
    PersonalRead,
    /// Open names, numbers and addresses of customers and people, and read what was said with a customer.
    ContactRead,
    /// Write down a customer's contacts, conversations with it and notes about it.
    ContactWrite,
    /// Claim, note, answer and close cases.
    SignalTriage,
    /// Propose an action, withdraw one's own, propose to revert.
    ActionPropose,
    /// Propose an action in the emergency class, which one may come to approve alone.
    ActionProposeEmergency,
    /// Approve or reject an action.
    ActionApprove,
    /// Switch actions on or off for a connection.
    ActionSwitch,
    /// Declare an incident and lift a cap in it.
    IncidentManage,
    /// See policy files and their history; try a change on history.
    PolicyRead,
    /// Publish policy files.
    PolicyPublish,
    /// Add users, change roles, issue and revoke tokens.
    UserManage,
    /// Add connections and intake keys; see parked events and lag.
    ConnectionManage,
    /// Read and export the journal.
    AuditRead,
    /// Put one's own views of lists into everybody's navigation.
    ViewShare,
}

impl Permission {
    /// Every permission.
    pub const ALL: [Self; 16] = [
        Self::CustomerRead,
        Self::PersonalRead,
        Self::ContactRead,
        Self::ContactWrite,
        Self::SignalTriage,
        Self::ActionPropose,
        Self::ActionProposeEmergency,
        Self::ActionApprove,
        Self::ActionSwitch,
        Self::IncidentManage,
        Self::PolicyRead,
        Self::PolicyPublish,
        Self::UserManage,
        Self::ConnectionManage,
        Self::AuditRead,
        Self::ViewShare,
    ];
}

/// The table.
#[must_use]
pub const fn allows(role: Role, permission: Permission) -> bool {
    use Permission as P;
    match role {
        Role::GlobalAdministrator => !matches!(permission, P::UserManage),
        Role::UserAdministrator => matches!(permission, P::CustomerRead | P::UserManage | P::AuditRead | P::ViewShare),
        Role::AdminAgent => matches!(
            permission,
            P::CustomerRead
                | P::PersonalRead
                | P::ContactRead
                | P::ContactWrite
                | P::SignalTriage
                | P::ActionPropose
                | P::ActionProposeEmergency
                | P::ActionApprove
                | P::PolicyRead
                | P::ViewShare
        ),
        Role::BillingAdministrator => {
            // Who asks for money calls the customer, and has to know what was said before.
            matches!(
                permission,
                P::CustomerRead
                    | P::ContactRead
                    | P::ContactWrite
                    | P::ActionPropose
                    | P::ActionApprove
                    | P::PolicyRead
                    | P::ViewShare
            )
        }
        Role::Auditor => matches!(permission, P::CustomerRead | P::PolicyRead | P::AuditRead),
    }
}

/// The roles that allow something, to say in a refusal who may.
#[must_use]
pub fn roles_allowing(permission: Permission) -> Vec<Role> {
    Role::ALL.into_iter().filter(|role| allows(*role, permission)).collect()
}

/// Which customers a user sees and acts on. Every query takes one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Every customer of the partner.
    All,
    /// Only the customers of these resellers, and these customers.
    Only {
        /// Resellers whose customers are seen.
        resellers: BTreeSet<AccountId>,
        /// Single customers that are seen: a portfolio.
        customers: BTreeSet<AccountId>,
    },
}

impl Scope {
    /// Whether a customer with this reseller is inside.
    #[must_use]
    pub fn covers(&self, customer: AccountId, reseller: Option<AccountId>) -> bool {
        match self {
            Self::All => true,
            Self::Only { resellers, customers } => {
                customers.contains(&customer) || reseller.is_some_and(|reseller| resellers.contains(&reseller))
            }
        }
    }
}

/// A caller that was recognised: what every operation is authorised against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The user's account.
    pub user: AccountId,
    /// The roles that the user has and the token carries.
    pub roles: BTreeSet<Role>,
    /// Which customers the caller sees.
    pub scope: Scope,
    /// The most money at stake that the caller may approve; nothing is without limit.
    pub approves_up_to: Option<Money>,
}

impl Caller {
    /// The caller that a user is.
    #[must_use]
    pub fn of(user: AccountId, file: &UserFile) -> Self {
        Self { user, roles: file.roles.clone(), scope: file.scope.clone(), approves_up_to: file.approves_up_to }
    }

    /// The limit of this caller that an action is above; nothing when it may approve so much. What is not known, or in
    /// another currency, is above every limit.
    #[must_use]
    pub fn limit_below(&self, at_stake: Option<Money>) -> Option<Money> {
        let limit = self.approves_up_to?;
        let is_within = at_stake.is_some_and(|money| money.currency == limit.currency && money.minor <= limit.minor);
        (!is_within).then_some(limit)
    }

    /// Whether one of the caller's roles allows it. An auditor changes nothing, whatever else it is.
    #[must_use]
    pub fn may(&self, permission: Permission) -> bool {
        if self.roles.contains(&Role::Auditor) && !allows(Role::Auditor, permission) {
            return false;
        }
        self.roles.iter().any(|role| allows(*role, permission))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_auditor_changes_nothing_even_with_another_role() {
        let caller = Caller {
            user: AccountId::of_partner(),
            roles: BTreeSet::from([Role::Auditor, Role::AdminAgent]),
            scope: Scope::All,
            approves_up_to: None,
        };
        let allowed: Vec<_> = Permission::ALL.into_iter().filter(|permission| caller.may(*permission)).collect();
        assert_eq!(allowed, [Permission::CustomerRead, Permission::PolicyRead, Permission::AuditRead]);
    }

    #[test]
    fn every_permission_is_held_by_some_role() {
        for permission in Permission::ALL {
            assert!(!roles_allowing(permission).is_empty(), "{permission:?}");
        }
    }

    #[test]
    fn who_manages_users_can_neither_propose_nor_approve() {
        assert!(!allows(Role::UserAdministrator, Permission::ActionPropose));
        assert!(!allows(Role::UserAdministrator, Permission::ActionApprove));
        assert!(!allows(Role::GlobalAdministrator, Permission::UserManage));
    }

    #[test]
    fn an_emergency_is_proposed_by_who_contains_and_not_by_who_bills() {
        let roles = [Role::GlobalAdministrator, Role::AdminAgent];
        assert_eq!(roles_allowing(Permission::ActionProposeEmergency), roles);
    }

    #[test]
    fn a_portfolio_covers_its_customers_and_its_resellers_customers_only() {
        let (a, b, reseller) = (AccountId::of_partner(), AccountId::of_policy(), AccountId(uuid::Uuid::nil()));
        let scope = Scope::Only { resellers: BTreeSet::from([reseller]), customers: BTreeSet::from([a]) };
        assert!(scope.covers(a, None));
        assert!(scope.covers(b, Some(reseller)));
        assert!(!scope.covers(b, None));
        assert!(Scope::All.covers(b, None));
    }
}
