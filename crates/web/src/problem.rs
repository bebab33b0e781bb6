//! What a caller is told when something does not go: problem details of RFC 9457, each with a stable code.
//! The texts are in `locales/`; which language is spoken is chosen in `speech`.

use crate::reasons::ReasonView;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::permission::Role;
use serde::Serialize;
use std::ops::{Deref, DerefMut};

/// The media type of problem details.
pub(crate) const PROBLEM_JSON: &str = "application/problem+json";
/// The header that repeats the code of a problem, for callers that look at headers only.
pub(crate) const ERROR_CODE: HeaderName = HeaderName::from_static("x-error-code");

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $word:literal, $status:ident;)*) => {
        /// Everything that can be told. A code's word never changes its meaning.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Code {
            $($(#[$doc])* $variant,)*
        }

        impl Code {
            /// Every code.
            #[cfg(test)]
            pub(crate) const ALL: &[Self] = &[$(Self::$variant),*];

            /// The stable word.
            pub(crate) const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// The status it is answered with.
            pub(crate) const fn status(self) -> StatusCode {
                match self { $(Self::$variant => StatusCode::$status,)* }
            }
        }
    };
}

codes! {
    /// The request can't be read at all.
    BadRequest = "badRequest", BAD_REQUEST;
    /// A parameter that the route does not know.
    UnknownParameter = "unknownParameter", BAD_REQUEST;
    /// A parameter with a value that does not go.
    BadParameter = "badParameter", BAD_REQUEST;
    /// A term of the filter that is not known.
    BadFilter = "badFilter", BAD_REQUEST;
    /// A body that is no JSON.
    BadJson = "badJson", BAD_REQUEST;
    /// Nobody, or nobody any more.
    Unauthenticated = "unauthenticated", UNAUTHORIZED;
    /// Name, password or second factor is wrong; which of them is not told.
    SignInRefused = "signInRefused", UNAUTHORIZED;
    /// The identity provider gives the person no role of ours.
    NoRole = "noRole", FORBIDDEN;
    /// A link that is used, has ended, or never was.
    LinkNoGood = "linkNoGood", GONE;
    /// Too many tries that failed.
    TooManyTries = "tooManyTries", TOO_MANY_REQUESTS;
    /// None of the caller's roles allows it.
    RoleMissing = "roleMissing", FORBIDDEN;
    /// It needs a caller who sees every customer.
    ScopeTooNarrow = "scopeTooNarrow", FORBIDDEN;
    /// The action has more at stake than the caller may approve.
    AboveLimit = "aboveLimit", FORBIDDEN;
    /// Whoever proposed can't approve.
    ProposerCannotApprove = "proposerCannotApprove", FORBIDDEN;
    /// Alone, one has to prove one's identity anew.
    ReauthenticationNeeded = "reauthenticationNeeded", FORBIDDEN;
    /// Nobody changes what they themselves may do.
    NotYourself = "notYourself", FORBIDDEN;
    /// A person makes its own tokens, and nobody else does.
    TokensAreOwn = "tokensAreOwn", FORBIDDEN;
    /// The person signs in already, so nobody asks it in anew.
    AlreadyEnrolled = "alreadyEnrolled", CONFLICT;
    /// The caller has no password and authenticator app here.
    NoLocalAccount = "noLocalAccount", CONFLICT;
    /// It is recorded; another Global administrator has to want it as well.
    SecondAdministratorNeeded = "secondAdministratorNeeded", CONFLICT;
    /// One person can't make itself the only one that decides.
    NotAlone = "notAlone", FORBIDDEN;
    /// The form was not sent by a page of this session.
    ForeignForm = "foreignForm", FORBIDDEN;
    /// There is no such thing, or none that the caller may know of.
    NotFound = "notFound", NOT_FOUND;
    /// The address has no such method.
    MethodNotAllowed = "methodNotAllowed", METHOD_NOT_ALLOWED;
    /// The caller accepts none of the forms there are.
    NotAcceptable = "notAcceptable", NOT_ACCEPTABLE;
    /// A request with the same key is under way.
    RequestRunning = "requestRunning", CONFLICT;
    /// It is past the point where this goes.
    NotInThisState = "notInThisState", CONFLICT;
    /// A case can't be closed as harmless while an action of it is open.
    ActionOpen = "actionOpen", CONFLICT;
    /// The action is not the one that was shown.
    OtherParameters = "otherParameters", CONFLICT;
    /// No rule of the case can be snoozed.
    NothingToSnooze = "nothingToSnooze", CONFLICT;
    /// Nobody approved in time.
    ProposalExpired = "proposalExpired", CONFLICT;
    /// The caller has approved before.
    AlreadyApproved = "alreadyApproved", CONFLICT;
    /// Another person has taken the page on.
    PageAnswered = "pageAnswered", CONFLICT;
    /// A later release wrote to the account.
    ReadOnly = "readOnly", CONFLICT;
    /// More of them than one holder may have.
    TooMany = "tooMany", CONFLICT;
    /// The resource was changed meanwhile.
    Stale = "stale", PRECONDITION_FAILED;
    /// The body is too large.
    BodyTooLarge = "bodyTooLarge", PAYLOAD_TOO_LARGE;
    /// The body is of a kind that is not taken.
    UnsupportedMediaType = "unsupportedMediaType", UNSUPPORTED_MEDIA_TYPE;
    /// The body is JSON, but not what is wanted.
    BadBody = "badBody", UNPROCESSABLE_ENTITY;
    /// A password that is short, common, or has the name in it.
    WeakPassword = "weakPassword", UNPROCESSABLE_ENTITY;
    /// The code is not the one that is good now, or was used.
    SecondFactorWrong = "wrongCode", UNPROCESSABLE_ENTITY;
    /// The key was used for another request.
    KeyReused = "keyReused", UNPROCESSABLE_ENTITY;
    /// The policy's guard rails refuse it.
    Refused = "refused", UNPROCESSABLE_ENTITY;
    /// The policy files do not pass the check.
    PolicyRefused = "policyRefused", UNPROCESSABLE_ENTITY;
    /// A change needs the state it is based on.
    IfMatchMissing = "ifMatchMissing", PRECONDITION_REQUIRED;
    /// Something went wrong here.
    Internal = "internal", INTERNAL_SERVER_ERROR;
    /// More at once than is taken.
    Busy = "busy", SERVICE_UNAVAILABLE;
    /// It took too long.
    TimedOut = "timedOut", SERVICE_UNAVAILABLE;
    /// No policy has been published.
    NoPolicy = "noPolicy", SERVICE_UNAVAILABLE;
}

/// One wrong place in a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FieldProblem {
    /// Where: a path into the body, a parameter, or a policy file; line:column for a body that is no JSON.
    pub(crate) field: String,
    /// A stable word of what is wrong.
    pub(crate) code: String,
    /// What is wrong, for developers.
    pub(crate) detail: String,
    /// The line, for a policy file or a body that is no JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) line: Option<u64>,
    /// The column, for a policy file or a body that is no JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) column: Option<u64>,
}

impl FieldProblem {
    /// A wrong place that is not in a file.
    pub(crate) fn new(field: impl Into<String>, code: &str, detail: impl Into<String>) -> Self {
        Self { field: field.into(), code: code.to_owned(), detail: detail.into(), line: None, column: None }
    }
}

/// A problem on its way out. It becomes a body when the language of the reader is known.
#[derive(Debug, Clone)]
pub(crate) struct Problem(pub(crate) Box<Told>);

/// What a problem tells.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    /// What it is.
    pub(crate) code: Code,
    /// What its text mentions.
    pub(crate) args: Vec<(&'static str, String)>,
    /// The roles that may do it, for a refusal by role.
    pub(crate) roles: Vec<Role>,
    /// What is wrong, place by place.
    pub(crate) errors: Vec<FieldProblem>,
    /// Why the policy refuses.
    pub(crate) reasons: Vec<domain::reason::Reason>,
    /// The state of the resource now, for a stale change.
    pub(crate) etag: Option<String>,
    /// When to try again, in seconds.
    pub(crate) retry_after_seconds: Option<u32>,
}

impl From<Code> for Problem {
    fn from(code: Code) -> Self {
        Self(Box::new(Told {
            code,
            args: Vec::new(),
            roles: Vec::new(),
            errors: Vec::new(),
            reasons: Vec::new(),
            etag: None,
            retry_after_seconds: None,
        }))
    }
}

impl Deref for Problem {
    type Target = Told;
    fn deref(&self) -> &Told {
        &self.0
    }
}

impl DerefMut for Problem {
    fn deref_mut(&mut self) -> &mut Told {
        &mut self.0
    }
}

impl Problem {
    /// Names something in the text.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.args.push((name, value.into()));
        self
    }

    /// A parameter that does not go, and why.
    pub(crate) fn parameter(name: &str, detail: impl Into<String>) -> Self {
        let mut problem = Self::from(Code::BadParameter).with("parameter", name);
        problem.errors.push(FieldProblem::new(name, "invalid", detail));
        problem
    }

    /// A part of the body that does not go, and why.
    pub(crate) fn field(name: &str, detail: impl Into<String>) -> Self {
        let mut problem = Self::from(Code::BadBody);
        problem.errors.push(FieldProblem::new(name, "invalid", detail));
        problem
    }

    /// None of the caller's roles allows it; these do.
    pub(crate) fn roles(roles: Vec<Role>) -> Self {
        let names: Vec<&str> = roles.iter().map(|role| role.word()).collect();
        let mut problem = Self::from(Code::RoleMissing).with("roles", names.join(", "));
        problem.roles = roles;
        problem
    }

    /// Something went wrong here. It is logged with its cause; the caller learns nothing of it.
    pub(crate) fn internal(error: &dyn std::error::Error) -> Self {
        tracing::error!(error.message = %error, "a request failed");
        Self::from(Code::Internal)
    }
}

/// A problem as it is sent.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProblemDetails {
    /// A stable name of the kind of problem.
    #[serde(rename = "type")]
    #[schema(example = "urn:borgen:problem:notFound")]
    pub(crate) kind: String,
    /// What it is, in the reader's language.
    pub(crate) title: String,
    /// The status of the answer.
    pub(crate) status: u16,
    /// What happened and what to do, in the reader's language.
    pub(crate) detail: String,
    /// The address that was asked.
    pub(crate) instance: String,
    /// The stable word of the problem.
    pub(crate) code: String,
    /// What is wrong, place by place.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) errors: Vec<FieldProblem>,
    /// The roles that may do it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<String>)]
    pub(crate) roles: Vec<Role>,
    /// Why the policy refuses.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) reasons: Vec<ReasonView>,
    /// What to name when asking about it.
    pub(crate) trace_id: String,
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.code.status().into_response();
        let headers = response.headers_mut();
        headers.insert(ERROR_CODE, HeaderValue::from_static(self.code.word()));
        if let Some(etag) = self.etag.as_deref().and_then(|etag| HeaderValue::from_str(etag).ok()) {
            headers.insert(header::ETAG, etag);
        }
        if let Some(seconds) = self.retry_after_seconds {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.code == Code::Unauthenticated {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"borgen\""));
        }
        response.extensions_mut().insert(self);
        response
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code.word())
    }
}

impl std::error::Error for Problem {}
