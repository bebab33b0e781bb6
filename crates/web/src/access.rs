//! What a route asks of its caller. Every route has one of these; the table of them is `routes`.

use crate::problem::{Code, Problem};
use domain::permission::{Caller, Permission, Role, Scope, allows, roles_allowing};

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everyone, without a token.
    Public,
    /// Who has the permission.
    Needs(Needs),
}

/// What a caller has to have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Needs {
    /// The permission.
    pub permission: Permission,
    /// The one role, where a rule names a role and not a permission.
    pub role: Option<Role>,
    /// Whether it concerns the whole partner, so that the caller has to see every customer.
    pub whole_partner: bool,
}

impl Needs {
    /// The roles that may, to say so in a refusal.
    #[must_use]
    pub fn roles(&self) -> Vec<Role> {
        let wanted = |role: &Role| self.role.is_none_or(|only| only == *role);
        roles_allowing(self.permission).into_iter().filter(wanted).collect()
    }

    /// Lets a caller pass, or says which roles may.
    pub(crate) fn admit(self, caller: &Caller) -> Result<(), Problem> {
        // An auditor changes nothing, whatever else it is: `may` says so, and a named role does not get around it.
        let has_role = self.role.is_none_or(|role| caller.roles.contains(&role) && allows(role, self.permission));
        if !caller.may(self.permission) || !has_role {
            return Err(Problem::roles(self.roles()));
        }
        if self.whole_partner && caller.scope != Scope::All {
            return Err(Code::ScopeTooNarrow.into());
        }
        Ok(())
    }
}
