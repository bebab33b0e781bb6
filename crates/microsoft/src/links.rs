//! Links told by Microsoft: made absolute, and refused when they leave the host they came from. A continuation is sent with
//! a token, so a foreign host would be given it.

use reqwest::Url;

/// The longest link that is followed, in bytes.
const MAX_LINK_BYTES: usize = 16 * 1024;

/// A link that leaves its host, is no URL, or is too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a link that leaves its host")]
pub(crate) struct ForeignLink;

/// A link of Partner Center: relative with or without `/v1`, or absolute on the same host.
pub(crate) fn partner_center(base: &str, link: &str) -> Result<String, ForeignLink> {
    let below = below_base(base, link)?;
    let versioned = below.starts_with("/v1/") || below.starts_with("/webhooks/");
    let url = if versioned { format!("{base}{below}") } else { format!("{base}/v1{below}") };
    within(base, &url).map(|()| url)
}

/// A link of Graph or Azure: absolute on the same host, or relative to it.
pub(crate) fn absolute(base: &str, link: &str) -> Result<String, ForeignLink> {
    let url = format!("{base}{}", below_base(base, link)?);
    within(base, &url).map(|()| url)
}

/// The part of the link after the base, beginning with a slash.
fn below_base(base: &str, link: &str) -> Result<String, ForeignLink> {
    let link = link.trim();
    if link.len() > MAX_LINK_BYTES
        || link.is_empty()
        || link.starts_with("//")
        || link.contains(['\\', '\r', '\n', '\t'])
    {
        return Err(ForeignLink);
    }
    let head = link.split(['?', '#']).next().unwrap_or_default();
    let base_url = Url::parse(base).map_err(|_| ForeignLink)?;
    let path_and_query = if head.contains("://") {
        within(base, link)?;
        let url = Url::parse(link).map_err(|_| ForeignLink)?;
        url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()))
    } else if link.starts_with('/') {
        link.to_owned()
    } else {
        format!("/{link}")
    };
    let prefix = base_url.path().trim_end_matches('/');
    let below = path_and_query.strip_prefix(prefix).filter(|rest| rest.starts_with('/'));
    Ok(below.map_or_else(|| path_and_query.clone(), str::to_owned))
}

/// Accepts a URL on the same scheme, host and port, below the base's path, without credentials in it.
pub(crate) fn within(base: &str, link: &str) -> Result<(), ForeignLink> {
    let base = Url::parse(base).map_err(|_| ForeignLink)?;
    let url = Url::parse(link).map_err(|_| ForeignLink)?;
    let same_origin = url.scheme() == base.scheme()
        && url.host_str().is_some()
        && url.host_str() == base.host_str()
        && url.port_or_known_default() == base.port_or_known_default();
    let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    let prefix = base.path().trim_end_matches('/');
    let below = url.path().strip_prefix(prefix).is_some_and(|rest| rest.starts_with('/'));
    if same_origin && plain && below && link.len() <= MAX_LINK_BYTES { Ok(()) } else { Err(ForeignLink) }
}

/// Percent-encodes everything but letters, digits and `-._~`: for form fields and query values.
pub(crate) fn percent(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            for half in [byte >> 4, byte & 0x0f] {
                encoded.extend(char::from_digit(u32::from(half), 16).map(|digit| digit.to_ascii_uppercase()));
            }
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partner_center_links_are_normalised_with_and_without_the_version() {
        let base = "https://api.partnercenter.microsoft.com";
        let expected = "https://api.partnercenter.microsoft.com/v1/customers?size=2&seekOperation=Next";
        for link in [
            "/customers?size=2&seekOperation=Next",
            "customers?size=2&seekOperation=Next",
            "/v1/customers?size=2&seekOperation=Next",
            "https://api.partnercenter.microsoft.com/v1/customers?size=2&seekOperation=Next",
            "https://api.partnercenter.microsoft.com/customers?size=2&seekOperation=Next",
        ] {
            assert_eq!(partner_center(base, link).as_deref(), Ok(expected), "{link}");
        }
    }

    #[test]
    fn a_sandbox_link_may_or_may_not_repeat_the_role_prefix() {
        let base = "http://127.0.0.1:4000/partnercenter";
        for link in [
            "/customers?a=1",
            "/partnercenter/v1/customers?a=1",
            "http://127.0.0.1:4000/partnercenter/v1/customers?a=1",
        ] {
            assert_eq!(
                partner_center(base, link).as_deref(),
                Ok("http://127.0.0.1:4000/partnercenter/v1/customers?a=1")
            );
        }
    }

    #[test]
    fn a_link_that_leaves_its_host_is_refused() {
        let base = "https://graph.microsoft.com";
        for link in [
            "https://evil.example/beta/x",
            "http://graph.microsoft.com/beta/x",
            "https://graph.microsoft.com.evil.example/beta/x",
            "https://graph.microsoft.com@evil.example/beta/x",
            "https://user:pw@graph.microsoft.com/beta/x",
            "https://graph.microsoft.com:444/beta/x",
            "//evil.example/beta/x",
            "/\\evil.example/x",
            "",
            "javascript://graph.microsoft.com/%0aalert(1)",
        ] {
            assert_eq!(absolute(base, link), Err(ForeignLink), "{link}");
            assert_eq!(partner_center(base, link), Err(ForeignLink), "{link}");
        }
        let sandbox = "http://127.0.0.1:1/graph";
        assert_eq!(absolute(sandbox, "http://127.0.0.1:1/arm/x"), Err(ForeignLink));
        assert_eq!(absolute(sandbox, "/graph/../arm/x"), Err(ForeignLink));
    }

    #[test]
    fn everything_that_could_end_a_value_is_encoded() {
        assert_eq!(percent("a b&c='é'"), "a%20b%26c%3D%27%C3%A9%27");
    }
}
