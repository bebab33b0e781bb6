//! Table tests of `refusal.rs`: every error shape, status and code, and that nothing secret is repeated.

use super::*;
use http::HeaderValue;

fn answer(status: u16, body: &str) -> Response {
    Response { status, body: body.as_bytes().to_vec(), ..Response::default() }
}

fn now() -> Timestamp {
    "2026-05-02T03:04:05Z".parse().unwrap()
}

fn write() -> Call {
    Call::write("cancel", "x")
}

#[test]
fn each_of_the_four_shapes_and_the_logins_is_read() {
    for (body, code, message) in [
        (r#"{"code":"2011","description":"deleted","data":[],"source":"PartnerCenter"}"#, "2011", "deleted"),
        (
            r#"{"code":600074,"message":"m","description":"d","errorName":"AccountStatusNotFound","isRetryable":false,"parameters":{}}"#,
            "600074",
            "d",
        ),
        (
            r#"{"statusCode":429,"message":"Rate limit is exceeded. Try again in 57 seconds."}"#,
            "",
            "Rate limit is exceeded. Try again in 57 seconds.",
        ),
        (r#"{"error":{"code":"Forbidden","message":"no","innerError":{"date":"x"}}}"#, "Forbidden", "no"),
        (r#"{"code":"BadRequest","message":"filter"}"#, "BadRequest", "filter"),
        (
            r#"{"error":"invalid_grant","error_description":"AADSTS70008: lapsed","error_codes":[70008]}"#,
            "AADSTS70008",
            "",
        ),
        (r#"{"error":"invalid_grant","error_description":"AADSTS70008: lapsed"}"#, "AADSTS70008", ""),
        (r#"{"error":"invalid_client"}"#, "invalid_client", ""),
        ("\u{feff}{\"code\":\"2011\",\"description\":\"bom\"}", "2011", "bom"),
        (r#"{"Code":"2011","Description":"pascal"}"#, "2011", "pascal"),
        ("<html>gateway</html>", "", ""),
        ("", "", ""),
        ("[]", "", ""),
        ("null", "", ""),
    ] {
        assert_eq!(read_body(body.as_bytes()), Told { code: code.into(), message: message.into() }, "{body}");
    }
}

#[test]
fn status_and_code_decide_the_error() {
    let e1 = |code: &str| format!(r#"{{"code":"{code}","description":"d","source":"PartnerCenter"}}"#);
    let e2 = |code: u32| format!(r#"{{"code":{code},"message":"m","description":"d"}}"#);
    let call = write();
    let read_one = |status, body: &str| read(&write(), &answer(status, body), now());
    let code = String::new;
    assert_eq!(read_one(401, &e1("900421")), Error::MfaMissing { call: call.clone(), code: "900421".into() });
    assert_eq!(read_one(401, &e2(900_421)), Error::MfaMissing { call: call.clone(), code: "900421".into() });
    assert_eq!(read_one(401, &e1("900420")), Error::Unauthorized { call: call.clone(), code: "900420".into() });
    assert_eq!(read_one(401, ""), Error::Unauthorized { call: call.clone(), code: code() });
    assert_eq!(read_one(400, &e1("2055")), Error::StaleETag { call: call.clone() });
    assert_eq!(read_one(412, ""), Error::StaleETag { call: call.clone() });
    assert_eq!(read_one(403, &e1("900115")), Error::PlanStillActive { call: call.clone() });
    assert_eq!(read_one(409, &e2(900_278)), Error::PendingOperation { call: call.clone() });
    assert_eq!(read_one(404, &e1("20003")), Error::NotFound { call: call.clone(), code: "20003".into() });
    assert!(matches!(read_one(408, ""), Error::Doubt { .. }));
    for status in [500, 502, 503, 504] {
        assert_eq!(read_one(status, ""), Error::Remote5xx { call: call.clone(), status, retry_after: None });
    }
}

#[test]
fn every_refusal_code_has_its_kind() {
    let read_one = |status, code: &str| {
        let body = format!(r#"{{"code":"{code}","description":"d","source":"PartnerCenter"}}"#);
        read(&write(), &answer(status, &body), now())
    };
    for (status, code, kind) in [
        (403, "900308", RefusalKind::MissingRole),
        (403, "900309", RefusalKind::ConditionalAccess),
        (403, "900329", RefusalKind::AppOnlyNotSupported),
        (403, "20002", RefusalKind::Detached),
        (403, "800074", RefusalKind::CustomerBlocked),
        (403, "800069", RefusalKind::RiskCheck),
        (400, "800025", RefusalKind::CreditLine),
        (403, "900149", RefusalKind::PartnerSuspended),
        (403, "13605", RefusalKind::AgreementMissing),
        (400, "900117", RefusalKind::WindowPassed),
        (400, "800091", RefusalKind::WrongState),
        (409, "800014", RefusalKind::Busy),
        (400, "900311", RefusalKind::NeedsPerson),
        (403, "800066", RefusalKind::MaximumExceeded),
        (410, "x", RefusalKind::LinkExpired),
        (302, "x", RefusalKind::Other),
        (400, "1", RefusalKind::Other),
    ] {
        let Error::Refused { kind: found, status: told, code: kept, message, .. } = read_one(status, code) else {
            panic!("{status} {code} is a refusal");
        };
        assert_eq!((found, told, kept.as_str(), message.as_str()), (kind, status, code, "d"), "{status} {code}");
    }
}

#[test]
fn retry_after_is_read_from_seconds_a_date_and_the_gateways_words_and_is_bounded() {
    let words = r#"{"statusCode":429,"message":"Rate limit is exceeded. Try again in 57 seconds."}"#;
    for (header, body, seconds) in [
        (Some("12"), words, Some(12)),
        (Some("Sat, 02 May 2026 03:05:05 GMT"), "", Some(60)),
        (Some("Sat, 02 May 2026 03:00:00 GMT"), "", Some(0)),
        (Some("99999999"), "", Some(24 * 3600)),
        (Some("soon"), "", None),
        (None, words, Some(57)),
        (None, "", None),
    ] {
        let mut told = answer(429, body);
        if let Some(header) = header {
            told.headers.insert(RETRY_AFTER, HeaderValue::from_static(header));
        }
        let expected = Error::Throttled { call: write(), retry_after: seconds.map(Duration::from_secs) };
        assert_eq!(read(&write(), &told, now()), expected, "{header:?} {body}");
        let shown = expected.to_string();
        assert!(!shown.contains("Some(") && !shown.contains("None"), "{shown}");
    }
}

#[test]
fn the_login_demanding_multi_factor_is_told_as_such() {
    let call = Call::read("get a token", "t");
    for (status, body, mfa) in [
        (400, r#"{"error":"invalid_grant","error_codes":[50076]}"#, true),
        (400, r#"{"error":"interaction_required","error_description":"AADSTS50079: enrol"}"#, true),
        (400, r#"{"error":"invalid_grant","error_codes":[700082]}"#, false),
        (401, r#"{"code":"900421","description":"MFA required"}"#, true),
        (401, r#"{"error":"invalid_client","error_codes":[7000215]}"#, false),
    ] {
        let error = read_login(&call, &answer(status, body), now());
        assert_eq!(matches!(error, Error::MfaMissing { .. }), mfa, "{error}");
        assert_eq!(matches!(error, Error::Unauthorized { .. }), !mfa, "{error}");
        assert!(!error.in_doubt() && !error.retryable());
    }
}

#[test]
fn doubt_is_only_about_writes_and_a_write_in_doubt_is_not_simply_retried() {
    let reading = Call::read("read", "x");
    for (status, doubt) in
        [(503, true), (408, true), (429, false), (400, false), (401, false), (404, false), (409, false)]
    {
        assert_eq!(read(&write(), &answer(status, ""), now()).in_doubt(), doubt, "{status}");
        assert!(!read(&reading, &answer(status, ""), now()).in_doubt(), "{status}");
    }
    assert!(!read(&write(), &answer(503, ""), now()).retryable());
    assert!(read(&reading, &answer(503, ""), now()).retryable());
    assert!(read(&write(), &answer(429, ""), now()).retryable());
}

#[test]
fn an_error_repeats_neither_tokens_nor_bodies() {
    let token = format!("eyJ{}", "a".repeat(40));
    let long = "s".repeat(150);
    let body = format!(r#"{{"code":"1","description":"bad {token} and {long} end"}}"#);
    let error = read(&write(), &answer(400, &body), now());
    let told = format!("{error} {error:?}");
    assert!(!told.contains(&token) && !told.contains(&long), "{told}");
    assert!(!error.to_string().contains("bad"), "{error}");
    let Error::Refused { message, .. } = error else { panic!("a refusal") };
    assert_eq!(message, "bad [removed] and [removed] end");
}
