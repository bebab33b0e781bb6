//! Policies by which one person alone decides: nobody brings that about alone, unless there is nobody else.

use crate::acts::{on_own, told};
use crate::app::App;
use crate::problem::{Code, Problem};
use crate::session::Session;
use domain::body::Body;
use domain::credentials::{PolicyWanted, SECONDING_HOURS};
use domain::file::Part;
use domain::ids::{AccountId, AccountKind, Hash};
use domain::permission::Role;
use jiff::{SignedDuration, Timestamp};
use store::rows;
use store::rows::users::{Entry, UserRow};

/// Pages of users that are looked through; a partner with more has no single operator.
const MAX_PAGES: usize = 100;

/// Lets a policy with a single operator pass, or says who else has to want it. With another Global administrator the
/// wish is recorded, and whoever of them publishes the same files next publishes them.
pub(crate) async fn check(app: &App, session: &Session, hash: Hash) -> Result<(), Problem> {
    let others = others(app, session).await?;
    if others.is_empty() {
        return Ok(());
    }
    let administrators: Vec<AccountId> = others
        .iter()
        .filter(|(_, row)| row.roles.contains(&Role::GlobalAdministrator))
        .map(|(account, _)| *account)
        .collect();
    if administrators.is_empty() {
        let is_on = |policy: &domain::policy::Policy| policy.approvals.single_operator.enabled;
        let already = app.policy(app.desk.clock.now()).await?.is_some_and(|policy| is_on(&policy));
        return if already { Ok(()) } else { Err(Code::NotAlone.into()) };
    }
    let now = app.doors().clock.now();
    let wanted = match app.desk.file(AccountId::of_policy()).await?.part {
        Part::Policy(policy) => policy.wanted,
        _ => None,
    };
    let is_seconded =
        wanted.is_some_and(|wanted| wanted.hash == hash && now < wanted.until && administrators.contains(&wanted.by));
    if is_seconded {
        return Ok(());
    }
    let until = now.saturating_add(SignedDuration::from_hours(SECONDING_HOURS)).unwrap_or(Timestamp::MAX);
    let wish = PolicyWanted { hash, by: session.caller.user, until };
    on_own(app, AccountId::of_policy(), AccountKind::Policy, None, |view| {
        Ok(vec![told(session, view.at, Body::PolicyWanted(wish))])
    })
    .await?;
    Err(Code::SecondAdministratorNeeded.into())
}

/// Everybody else who can come in now.
async fn others(app: &App, session: &Session) -> Result<Vec<(AccountId, UserRow)>, Problem> {
    let filter = rows::Filter { status: "active".to_owned(), ..rows::Filter::default() };
    let (mut found, mut after) = (Vec::new(), None);
    for _ in 0..MAX_PAGES {
        let page = rows::users::list(&app.desk.store, &filter, after.as_ref(), rows::MAX_PAGE).await?;
        let others = page.items.into_iter().filter(|listed| listed.account != session.caller.user);
        let comes_in = others.filter(|listed| can_come_in(&listed.row, app.desk.clock.now()));
        found.extend(comes_in.map(|listed| (listed.account, listed.row)));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    Ok(found)
}

fn can_come_in(row: &UserRow, now: Timestamp) -> bool {
    let signs_in = matches!(row.entry, Entry::Local | Entry::Entra);
    signs_in || row.tokens.iter().any(|token| token.expires.is_none_or(|expires| now < expires))
}
