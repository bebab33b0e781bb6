//! Pages go over the wire compressed, where the browser takes that and the reader came from us or by themselves. What
//! another site makes a browser ask for is never compressed: from the length of such an answer it could guess, try by
//! try, what stands in the page beside its own words.

use crate::problem::Problem;
use crate::speech::text_of;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use flate2::Compression;
use flate2::write::GzEncoder;
use http_body_util::BodyExt;
use std::io::Write as _;

/// Where the browser says that the request comes from.
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
/// What the answer depends on.
const VARIES: HeaderValue = HeaderValue::from_static("accept-encoding, sec-fetch-site");
/// A shorter page is sent as it is.
const MIN_BYTES: usize = 1_024;

/// Compresses the page that is answered.
pub(crate) async fn squeeze(request: Request, next: Next) -> Response {
    let may = may(request.headers());
    let response = next.run(request).await;
    if !is_page(response.headers()) {
        return response;
    }
    match squeezed(response, may).await {
        Ok(response) => response,
        Err(problem) => problem.into_response(),
    }
}

fn may(headers: &HeaderMap) -> bool {
    let takes = text_of(headers, &header::ACCEPT_ENCODING).is_some_and(|kinds| kinds.contains("gzip"));
    takes && matches!(text_of(headers, &SEC_FETCH_SITE), Some("same-origin" | "none"))
}

fn is_page(headers: &HeaderMap) -> bool {
    text_of(headers, &header::CONTENT_TYPE).is_some_and(|kind| kind.starts_with("text/html"))
        && !headers.contains_key(header::CONTENT_ENCODING)
}

async fn squeezed(response: Response, may: bool) -> Result<Response, Problem> {
    let (mut parts, body) = response.into_parts();
    parts.headers.append(header::VARY, VARIES);
    let whole = body.collect().await.map_err(|error| Problem::internal(&error))?.to_bytes();
    if !may || whole.len() < MIN_BYTES {
        return Ok(Response::from_parts(parts, Body::from(whole)));
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let small = encoder.write_all(&whole).and_then(|()| encoder.finish()).map_err(|error| Problem::internal(&error))?;
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    Ok(Response::from_parts(parts, Body::from(small)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::read::GzDecoder;
    use std::io::Read as _;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn only_who_comes_from_us_or_by_themselves_gets_a_compressed_page() {
        let gzip = ("accept-encoding", "gzip, deflate, br");
        assert!(may(&headers(&[gzip, ("sec-fetch-site", "same-origin")])));
        assert!(may(&headers(&[gzip, ("sec-fetch-site", "none")])));
        assert!(!may(&headers(&[gzip, ("sec-fetch-site", "cross-site")])));
        assert!(!may(&headers(&[gzip, ("sec-fetch-site", "same-site")])));
        assert!(!may(&headers(&[gzip])), "a browser that does not say is not trusted to have been asked by us");
        assert!(!may(&headers(&[("sec-fetch-site", "same-origin")])));
    }

    #[tokio::test]
    async fn a_compressed_page_is_the_same_page_and_smaller() {
        let page = "<p>row</p>".repeat(1_000);
        let response = squeezed(page.clone().into_response(), true).await.unwrap();
        assert_eq!(response.headers().get(header::CONTENT_ENCODING).unwrap(), "gzip");
        assert_eq!(response.headers().get(header::VARY).unwrap(), VARIES);
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        assert!(bytes.len() < page.len() / 10);
        let mut read = String::new();
        GzDecoder::new(&bytes[..]).read_to_string(&mut read).unwrap();
        assert_eq!(read, page);
        let plain = squeezed(page.clone().into_response(), false).await.unwrap();
        assert!(!plain.headers().contains_key(header::CONTENT_ENCODING));
        let tiny = squeezed("<p>short</p>".into_response(), true).await.unwrap();
        assert!(!tiny.headers().contains_key(header::CONTENT_ENCODING));
    }
}
