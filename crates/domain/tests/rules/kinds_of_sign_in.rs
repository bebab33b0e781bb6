//! One fact of every kind about how people prove who they are: a part of what the golden file was written from.

use crate::kinds::{TOKEN, later};
use crate::world::*;
use domain::body::Body;
use domain::credentials::{
    EntraLinked, PasswordChanged, PolicyWanted, Proof, RecoveryMade, RecoveryUsed, SignInRefused, SignedIn, SteppedUp,
    TotpChanged, UserEnrolled, UserInvited,
};
use domain::ids::Hash;
use domain::signals::Token;
use std::collections::BTreeSet;
use uuid::Uuid;

pub(crate) fn of_sign_in() -> Vec<Body> {
    let link = Hash::of(b"link");
    let codes = BTreeSet::from([Hash::of(b"code 1"), Hash::of(b"code 2")]);
    let signed_in = |by| Body::SignedIn(SignedIn { session: TOKEN, by });
    vec![
        Body::UserInvited(UserInvited {
            sign_in: sealed("name"),
            lookup: Token(Uuid::from_u128(9)),
            link,
            expires: later(),
        }),
        Body::UserEnrolled(UserEnrolled {
            link,
            password: sealed("password"),
            totp: sealed("totp"),
            recovery: codes.clone(),
        }),
        Body::PasswordChanged(PasswordChanged { password: sealed("password") }),
        Body::TotpChanged(TotpChanged { secret: sealed("totp") }),
        Body::RecoveryMade(RecoveryMade { digests: codes }),
        Body::RecoveryUsed(RecoveryUsed { digest: Hash::of(b"code 1") }),
        Body::EntraLinked(EntraLinked { tenant: tenant(), object: Uuid::from_u128(8) }),
        signed_in(Proof::Link),
        signed_in(Proof::Totp),
        signed_in(Proof::Recovery),
        signed_in(Proof::Entra),
        Body::SignInRefused(SignInRefused { password_held: true }),
        Body::SteppedUp(SteppedUp { by: Proof::Totp }),
        Body::PolicyWanted(PolicyWanted { hash: Hash::of(b"bundle"), by: person(1), until: later() }),
    ]
}
