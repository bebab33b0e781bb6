//! Asking people in: a link for one use, with which a person alone chooses password and second factor. Whoever manages
//! users hands the link on and learns nothing of what is chosen.

use super::{cookie, entering, passwords, proofs, sessions, totp};
use crate::acts::{on_own, told};
use crate::app::App;
use crate::body::{Ids, MAX_LABEL_CHARS, Sent, checked_text};
use crate::problem::{Code, FieldProblem, Problem};
use crate::session::Session;
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::body::Body;
use domain::credentials::{
    LINK_MINUTES, Proof, SIGN_IN_NAME_PURPOSE, SignedIn, UserEnrolled, UserInvited, compared_name, weigh_password,
};
use domain::file::Part;
use domain::ids::{AccountId, AccountKind, Hash};
use domain::people::{TokenRevoked, UserFile};
use domain::sealed::Retention;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Where a link leads, before its secret.
pub(crate) const WELCOME: &str = "/welcome/";
/// Random bytes of a link: 256 bits.
const LINK_BYTES: usize = 32;
/// The longest link that is looked at, in bytes.
const MAX_LINK_BYTES: usize = 200;

/// Who is asked in.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Invite {
    /// The name that the person will sign in under, as a mail address.
    #[schema(min_length = 1, max_length = 200)]
    pub(crate) sign_in_name: String,
}

/// A link for one use. It is shown this once.
#[derive(Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct InvitationLink {
    /// The link's secret, as `POST /enrolment` takes it.
    pub(crate) link: String,
    /// Where a browser goes with it, below the server's address.
    pub(crate) path: String,
    /// When it ends.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) expires: Timestamp,
}

/// A link, as it was handed over.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct HandedLink {
    #[schema(max_length = 200)]
    link: String,
}

/// What a person needs to choose how to sign in.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Enrolment {
    /// The person's name.
    pub(crate) name: Option<String>,
    /// The name to sign in under.
    pub(crate) sign_in_name: Option<String>,
    /// The secret for the authenticator app, in base 32.
    pub(crate) totp_secret: String,
    /// The same as an address that apps read.
    pub(crate) totp_address: String,
}

/// What the person chose.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Chosen {
    #[schema(max_length = 200)]
    pub(crate) link: String,
    #[schema(min_length = 12, max_length = 256)]
    pub(crate) password: String,
    /// What the authenticator app shows.
    #[schema(max_length = 64)]
    pub(crate) code: String,
}

/// The recovery codes of a person. They are shown this once.
#[derive(Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RecoveryCodes {
    /// Each is good once, in place of a code of the authenticator app.
    pub(crate) recovery_codes: Vec<String>,
}

/// Asks a person in by a link that is good once and for a quarter of an hour; links before it end.
#[utoipa::path(post, path = "/users/{id}:invite", tag = "users", operation_id = "inviteUser", request_body = Invite,
    responses((status = 200, description = "The link, to be handed to that person.", body = InvitationLink)))]
pub(crate) async fn invite(
    State(app): State<App>,
    session: Session,
    ids: Ids,
    Sent(invite): Sent<Invite>,
) -> Result<Json<InvitationLink>, Problem> {
    let account: AccountId = ids.first()?;
    invited(&app, &session, account, &invite.sign_in_name).await.map(Json)
}

/// Records that a person was asked in, and makes the link.
pub(crate) async fn invited(
    app: &App,
    session: &Session,
    account: AccountId,
    sign_in_name: &str,
) -> Result<InvitationLink, Problem> {
    let name = sign_in_name.trim().to_owned();
    checked_text("signInName", &name, MAX_LABEL_CHARS)?;
    let lookup = app.vault.token(SIGN_IN_NAME_PURPOSE, &compared_name(&name));
    let others = entering::of_name(app, lookup).await?;
    if others.iter().any(|(other, _)| *other != account) {
        return Err(Problem::field("signInName", "somebody else signs in under this name"));
    }
    let sealed = app.vault.seal(account, Retention::Contact, &name).await;
    let sign_in = sealed.map_err(|error| Problem::internal(&error))?;
    let mut random = [0; LINK_BYTES];
    app.entropy.fill(&mut random);
    let link = format!("{}.{}", account.0.as_simple(), URL_SAFE_NO_PAD.encode(random));
    let expires = sessions::later(app.doors().clock.now(), SignedDuration::from_mins(LINK_MINUTES));
    let digest = Hash::of(link.as_bytes());
    let acted = on_own(app, account, AccountKind::User, None, |view| {
        let Part::User(user) = &view.file.part else { return Err(Code::NotFound.into()) };
        let is_enrolled = user.credentials.password.is_some() || user.credentials.entra.is_some();
        if is_enrolled {
            // Whoever could ask a person in anew could become that person.
            return Err(Problem::from(Code::AlreadyEnrolled));
        }
        let invited = UserInvited { sign_in: sign_in.clone(), lookup, link: digest, expires };
        Ok(vec![told(session, view.at, Body::UserInvited(invited))])
    });
    if acted.await?.facts.is_empty() {
        return Err(Code::KeyReused.into());
    }
    Ok(InvitationLink { path: format!("{WELCOME}{link}"), link, expires })
}

/// Tells what a link is for: the secret that goes into the authenticator app.
#[utoipa::path(post, path = "/enrolment:look", tag = "sign-in", operation_id = "lookAtEnrolment", request_body = HandedLink,
    responses((status = 200, description = "What is needed to choose.", body = Enrolment)))]
pub(crate) async fn look(State(app): State<App>, Sent(handed): Sent<HandedLink>) -> Result<Json<Enrolment>, Problem> {
    offered(&app, &handed.link).await.map(Json)
}

/// Takes what a person chose. The link is used up, the session comes as a cookie.
#[utoipa::path(post, path = "/enrolment", tag = "sign-in", operation_id = "enrol", request_body = Chosen,
    responses((status = 200, description = "The recovery codes; the cookie of the session is set.", body = RecoveryCodes)))]
pub(crate) async fn enrol(
    State(app): State<App>,
    headers: HeaderMap,
    Sent(chosen): Sent<Chosen>,
) -> Result<Response, Problem> {
    cookie::check_origin(&headers, false)?;
    let (codes, begun) = enrolled(&app, &chosen).await?;
    let mut response = Json(RecoveryCodes { recovery_codes: codes }).into_response();
    entering::put_session(&mut response, &headers, &begun);
    Ok(response)
}

/// What a good link offers.
pub(crate) async fn offered(app: &App, link: &str) -> Result<Enrolment, Problem> {
    let (account, user) = owner(app, link).await?;
    let reader = crate::present::Reader::of_own(app);
    let name = open(reader.open(account, &user.name).await);
    let sign_in_name = match &user.credentials.sign_in {
        Some(sign_in) => open(reader.open(account, &sign_in.name).await),
        None => None,
    };
    let totp_secret = proofs::offered_secret(app, link);
    let shown = sign_in_name.as_deref().or(name.as_deref()).unwrap_or_default();
    let totp_address = totp::address(&totp_secret, shown);
    Ok(Enrolment { name, sign_in_name, totp_secret, totp_address })
}

fn open(value: crate::present::Personal<String>) -> Option<String> {
    match value {
        crate::present::Personal::Open { value } => Some(value),
        _ => None,
    }
}

/// The user of a good link. One that is used, ended or never was is answered alike.
async fn owner(app: &App, link: &str) -> Result<(AccountId, UserFile), Problem> {
    let no_good = || Problem::from(Code::LinkNoGood);
    let (account, _) = link.split_once('.').filter(|_| link.len() <= MAX_LINK_BYTES).ok_or_else(no_good)?;
    let account: AccountId = account.parse().map_err(|_| no_good())?;
    let Part::User(user) = app.desk.file(account).await?.part else { return Err(no_good()) };
    let is_good = user.active && user.credentials.admits(Hash::of(link.as_bytes()), app.doors().clock.now());
    if is_good { Ok((account, user)) } else { Err(no_good()) }
}

/// Records what a person chose, ends what others handed out for this user, and begins the first session.
pub(crate) async fn enrolled(app: &App, chosen: &Chosen) -> Result<(Vec<String>, sessions::Begun), Problem> {
    let (account, _) = owner(app, &chosen.link).await?;
    let offered = offered(app, &chosen.link).await?;
    check_password(&chosen.password, &[offered.name.as_deref(), offered.sign_in_name.as_deref()])?;
    let secret = offered.totp_secret;
    if !proofs::use_code_of(app, account, &secret, &chosen.code).await? {
        return Err(wrong_code());
    }
    let digest = passwords::digest(app, &chosen.password).await?;
    let sealed = async |text: &String| {
        let sealed = app.vault.seal(account, Retention::Contact, text).await;
        sealed.map_err(|error| Problem::internal(&error))
    };
    let (password, totp) = (sealed(&digest).await?, sealed(&secret).await?);
    let (codes, recovery) = proofs::recovery_codes(app);
    let link = Hash::of(chosen.link.as_bytes());
    let (now, session) = (app.doors().clock.now(), sessions::new_id(app));
    on_own(app, account, AccountKind::User, None, |view| {
        let user = match &view.file.part {
            Part::User(user) if user.active && user.credentials.admits(link, now) => user,
            _ => return Err(Code::LinkNoGood.into()),
        };
        let enrolled =
            UserEnrolled { link, password: password.clone(), totp: totp.clone(), recovery: recovery.clone() };
        // Tokens from before were seen by somebody else.
        let tokens = user.tokens.keys().map(|token| Body::TokenRevoked(TokenRevoked { token: *token }));
        let begun = Body::SignedIn(SignedIn { session, by: Proof::Link });
        let bodies = [Body::UserEnrolled(enrolled)].into_iter().chain(tokens).chain([begun]);
        Ok(bodies.map(|body| proofs::by_person(account, view.at, body)).collect())
    })
    .await?;
    Ok((codes, sessions::begin(app, account, session, true).await?))
}

/// Refuses a password that is weak, with the reason at its field.
pub(crate) fn check_password(password: &str, names: &[Option<&str>]) -> Result<(), Problem> {
    let names: Vec<&str> = names.iter().copied().flatten().collect();
    weigh_password(password, &names).map_err(|weak| {
        let mut problem = Problem::from(Code::WeakPassword).with("why", weak.word());
        problem.errors.push(FieldProblem::new("password", weak.word(), "choose another password"));
        problem
    })
}

/// The code of the authenticator app is not the one that is good now.
pub(crate) fn wrong_code() -> Problem {
    let mut problem = Problem::from(Code::SecondFactorWrong);
    problem.errors.push(FieldProblem::new("code", "invalid", "it is not the code that the app shows now, or was used"));
    problem
}
