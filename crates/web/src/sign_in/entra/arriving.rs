//! The way to Entra ID and back. What binds the way back to the browser that went is derived from a cookie, so that
//! nothing is kept meanwhile; each way is gone once.

use super::Entra;
use super::id_token::Person;
use crate::acts::on_own;
use crate::app::App;
use crate::problem::{Code, Problem};
use crate::reauthentication::proved_by;
use crate::session::Session;
use crate::sign_in::sessions::{Begun, later};
use crate::sign_in::{cookie, entering, proofs};
use axum::http::{HeaderMap, HeaderValue};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::body::Body;
use domain::credentials::{EntraLinked, FRESH_MINUTES, Proof};
use domain::file::Part;
use domain::ids::{AccountId, AccountKind, Hash, TenantId};
use domain::people::{UserAdded, UserChanged};
use domain::permission::{Role, Scope};
use domain::sealed::Retention;
use jiff::SignedDuration;
use std::collections::BTreeSet;
use subtle::ConstantTimeEq;

/// Where the provider sends browsers back to.
pub(crate) const RETURN: &str = "/sign-in/entra/return";
/// How long a person may take at the provider.
const WAY_GOOD_FOR: SignedDuration = SignedDuration::from_mins(10);
/// What ways that were gone are remembered under.
const GONE: &str = "entra";
/// Random bytes of a way.
const WAY_BYTES: usize = 32;
/// The longest name that is taken over, in characters.
const MAX_NAME_CHARS: usize = 200;

/// What a person goes to the provider for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Errand {
    /// To sign in.
    SignIn,
    /// To prove anew who it is.
    Prove,
}

impl Errand {
    const fn word(self) -> &'static str {
        match self {
            Self::SignIn => "in",
            Self::Prove => "again",
        }
    }
}

/// A way to the provider: its address, and the cookie that the way back needs.
#[derive(Debug)]
pub(crate) struct Way {
    pub(crate) to: String,
    pub(crate) cookie: Option<HeaderValue>,
}

/// What binds a way back to the browser that went: derived from its cookie, different for each use.
struct Bound {
    state: String,
    nonce: String,
    verifier: String,
}

fn bound(app: &App, way: &str, errand: Errand) -> Bound {
    let part =
        |what: &str| app.vault.token("entra", &format!("{what} {} {way}", errand.word())).0.as_simple().to_string();
    // RFC 7636 wants 43 characters at least.
    Bound { state: part("state"), nonce: part("nonce"), verifier: [part("verifier"), part("and its rest")].concat() }
}

/// The way to the provider.
pub(crate) async fn way(app: &App, headers: &HeaderMap, errand: Errand) -> Result<Way, Problem> {
    let entra = entra(app)?;
    let addresses = entra.addresses().await.map_err(|error| Problem::internal(&error))?;
    let mut random = [0; WAY_BYTES];
    app.entropy.fill(&mut random);
    let way = URL_SAFE_NO_PAD.encode(random);
    let bound = bound(app, &way, errand);
    let mut query = form_urlencoded::Serializer::new(String::new());
    query
        .append_pair("client_id", &entra.settings.client_id)
        .append_pair("response_type", "code")
        .append_pair("response_mode", "query")
        .append_pair("redirect_uri", &entra.return_address())
        .append_pair("scope", "openid profile")
        .append_pair("state", &bound.state)
        .append_pair("nonce", &bound.nonce)
        .append_pair("code_challenge", &URL_SAFE_NO_PAD.encode(Hash::of(bound.verifier.as_bytes()).0))
        .append_pair("code_challenge_method", "S256")
        .append_pair("claims", r#"{"id_token":{"auth_time":{"essential":true}}}"#);
    if errand == Errand::Prove {
        query.append_pair("prompt", "login").append_pair("max_age", "0");
    }
    let to = format!("{}?{}", addresses.authorization_endpoint, query.finish());
    let cookie = cookie::of_way(headers, &format!("{}.{way}", errand.word()), WAY_GOOD_FOR.as_secs());
    Ok(Way { to, cookie })
}

/// Who came back from the provider, and for what.
pub(crate) async fn back(
    app: &App,
    headers: &HeaderMap,
    code: &str,
    state: &str,
) -> Result<(Errand, AccountId, bool), Problem> {
    let refused = || Problem::from(Code::SignInRefused);
    let entra = entra(app)?;
    let (word, way) = cookie::way(headers).and_then(|way| way.split_once('.')).ok_or_else(refused)?;
    let errand =
        [Errand::SignIn, Errand::Prove].into_iter().find(|errand| errand.word() == word).ok_or_else(refused)?;
    let bound = bound(app, way, errand);
    let is_ours: bool = bound.state.as_bytes().ct_eq(state.as_bytes()).into();
    let now = app.doors().clock.now();
    let digest = Hash::of(way.as_bytes()).to_string();
    if !is_ours || !app.desk.store.first_seen(GONE, &digest, now, later(now, WAY_GOOD_FOR)).await? {
        return Err(refused());
    }
    let person = entra.person(app, code, &bound.verifier, &bound.nonce).await.map_err(|error| {
        tracing::warn!(error.message = %error, "a sign-in by Entra ID was refused");
        refused()
    })?;
    let age = person.proved.map(|proved| now.duration_since(proved));
    let fresh =
        age.is_some_and(|age| age < SignedDuration::from_mins(FRESH_MINUTES)) && person.several_factors != Some(false);
    let account = known(app, entra, &person).await?;
    Ok((errand, account, fresh))
}

/// Begins the session of who came back to sign in.
pub(crate) async fn signed_in(
    app: &App,
    headers: &HeaderMap,
    account: AccountId,
    fresh: bool,
) -> Result<Begun, Problem> {
    entering::begin(app, account, Proof::Entra, headers, fresh).await
}

/// Notes that the person of a session came back with a fresh proof. Somebody else's proof is none.
pub(crate) async fn proved(app: &App, session: &Session, account: AccountId, fresh: bool) -> Result<(), Problem> {
    if session.caller.user != account || !fresh {
        return Err(Code::ReauthenticationNeeded.into());
    }
    proved_by(app, session, Proof::Entra).await
}

/// The account of a person, with the roles that the provider gives it now. Who is seen for the first time and does not
/// administrate sees no customer until somebody says which.
async fn known(app: &App, entra: &Entra, person: &Person) -> Result<AccountId, Problem> {
    let roles = roles(entra, person);
    if roles.is_empty() {
        return Err(Code::NoRole.into());
    }
    let tenant = TenantId(person.tenant);
    let account = AccountId::of_entra_user(tenant, person.object);
    let name: String = person.name.as_deref().unwrap_or("Entra ID").chars().take(MAX_NAME_CHARS).collect();
    let name = app.vault.seal(account, Retention::Contact, &name).await.map_err(|error| Problem::internal(&error))?;
    let administrates = roles.contains(&Role::GlobalAdministrator) || roles.contains(&Role::UserAdministrator);
    let nobody = Scope::Only { resellers: BTreeSet::new(), customers: BTreeSet::new() };
    on_own(app, account, AccountKind::User, None, |view| {
        let bodies = match &view.file.part {
            Part::User(user) if !user.active => return Err(Code::SignInRefused.into()),
            Part::User(user) if user.roles == roles => Vec::new(),
            Part::User(user) => {
                let changed = UserChanged { roles: roles.clone(), scope: user.scope.clone(), active: true };
                vec![Body::UserChanged(changed)]
            }
            Part::Unborn => {
                let scope = if administrates { Scope::All } else { nobody.clone() };
                let added = UserAdded { name: name.clone(), roles: roles.clone(), scope };
                let linked = EntraLinked { tenant, object: person.object };
                vec![Body::UserAdded(added), Body::EntraLinked(linked)]
            }
            _ => return Err(Code::SignInRefused.into()),
        };
        Ok(bodies.into_iter().map(|body| proofs::by_person(account, view.at, body)).collect())
    })
    .await?;
    Ok(account)
}

/// Our roles of a person. An auditor changes nothing, so that who is one has no other.
fn roles(entra: &Entra, person: &Person) -> BTreeSet<Role> {
    let roles: BTreeSet<Role> =
        person.roles.iter().filter_map(|role| entra.settings.roles.get(role).copied()).collect();
    if roles.contains(&Role::Auditor) { BTreeSet::from([Role::Auditor]) } else { roles }
}

fn entra(app: &App) -> Result<&Entra, Problem> {
    app.doors().entra.as_ref().ok_or_else(|| Code::NotFound.into())
}
