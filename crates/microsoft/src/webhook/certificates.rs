//! The certificates that webhook deliveries are signed with: from where they may be fetched, how often, and what is kept.
//! The URL is the sender's word, so it is held against the allow-list before anything else happens.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::{HeaderMap, Method};
use jiff::{SignedDuration, Timestamp};
use reqwest::Url;

use super::Rejection;
use super::trust::Chain;
use crate::cloud::CertificateSource;
use crate::links;
use crate::seam::{Outbound, Request, SendError};

/// The largest certificate file that is read.
pub const MAX_CERTIFICATE_BYTES: usize = 16 * 1024;
/// How many certificates are kept; Microsoft uses one.
const MAX_CERTIFICATES: usize = 16;
/// How long the certificate's host may take.
const FETCH_TIME_LIMIT: Duration = Duration::from_secs(5);
/// A URL is fetched again at the earliest after this, whatever deliveries claim.
const REFETCH_AFTER: SignedDuration = SignedDuration::from_mins(10);
/// A certificate is fetched anew after this, so that a withdrawn one does not live on here.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(24);

/// A URL that the allow-list allows; there is no other way to make one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CertificateUrl(String);

impl CertificateUrl {
    /// The URL.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn allowed(source: &CertificateSource, told: &str) -> Result<Self, Rejection> {
        let url = Url::parse(told).map_err(|_| Rejection::ForeignCertificateUrl)?;
        let bare =
            url.username().is_empty() && url.password().is_none() && url.query().is_none() && url.fragment().is_none();
        let listed = match source {
            CertificateSource::Https(entries) => {
                url.scheme() == "https" && url.port().is_none() && entries.iter().any(|entry| covers(entry, &url))
            }
            CertificateSource::Loopback(prefix) => is_loopback(&url) && links::within(prefix, url.as_str()).is_ok(),
        };
        if bare && listed { Ok(Self(url.into())) } else { Err(Rejection::ForeignCertificateUrl) }
    }
}

/// An entry is `host/path/`; with a leading dot it covers every host below it, never the host itself.
fn covers(entry: &str, url: &Url) -> bool {
    let (host, path) = entry.split_once('/').unwrap_or((entry, ""));
    let told = url.host_str().unwrap_or_default();
    let host_fits = if host.starts_with('.') { told.ends_with(host) && told.len() > host.len() } else { told == host };
    let path_fits = url.path().strip_prefix('/').is_some_and(|rest| rest.starts_with(path));
    !host.trim_start_matches('.').is_empty() && host_fits && path_fits
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

/// What is known of a URL.
pub(super) enum Lookup {
    /// A certificate is at hand; when it fails, it may be fetched anew.
    Known { chain: Arc<Chain>, may_refetch: bool },
    /// It should be fetched.
    Fetch,
    /// It was asked for a moment ago, or too many other URLs were.
    Wait,
}

#[derive(Debug, Clone)]
struct Entry {
    chain: Option<Arc<Chain>>,
    tried_at: Timestamp,
    fetched_at: Timestamp,
}

/// The certificates at hand, by URL; bounded in number and in how often each is fetched.
#[derive(Debug, Default)]
pub struct CertificateCache {
    entries: Mutex<HashMap<CertificateUrl, Entry>>,
}

impl CertificateCache {
    pub(super) fn look_up(&self, url: &CertificateUrl, now: Timestamp) -> Lookup {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        match entries.get(url) {
            Some(entry) => {
                let may_refetch = is_due(entry, now);
                let fresh = now.duration_since(entry.fetched_at) < KEPT_FOR;
                match &entry.chain {
                    Some(chain) if fresh => Lookup::Known { chain: Arc::clone(chain), may_refetch },
                    _ if may_refetch => Lookup::Fetch,
                    _ => Lookup::Wait,
                }
            }
            None if entries.len() < MAX_CERTIFICATES || entries.values().any(|entry| is_spent(entry, now)) => {
                Lookup::Fetch
            }
            None => Lookup::Wait,
        }
    }

    /// Takes the right to fetch, which only one caller gets at a time.
    fn begin(&self, url: &CertificateUrl, now: Timestamp) -> bool {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = entries.get_mut(url) {
            let due = is_due(entry, now);
            if due {
                entry.tried_at = now;
            }
            return due;
        }
        if entries.len() >= MAX_CERTIFICATES {
            entries.retain(|_, entry| !is_spent(entry, now));
        }
        if entries.len() >= MAX_CERTIFICATES {
            return false;
        }
        entries.insert(url.clone(), Entry { chain: None, tried_at: now, fetched_at: now });
        true
    }

    fn keep(&self, url: &CertificateUrl, chain: Chain, now: Timestamp) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.insert(url.clone(), Entry { chain: Some(Arc::new(chain)), tried_at: now, fetched_at: now });
    }
}

fn is_due(entry: &Entry, now: Timestamp) -> bool {
    now.duration_since(entry.tried_at) >= REFETCH_AFTER
}

/// A URL that never gave a certificate, or whose certificate is old, may make room for another.
fn is_spent(entry: &Entry, now: Timestamp) -> bool {
    let old = now.duration_since(entry.fetched_at) >= KEPT_FOR;
    is_due(entry, now) && (entry.chain.is_none() || old)
}

/// Why a certificate is not at hand after a fetch.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchFailed {
    /// Another caller is fetching it, or it failed a moment ago.
    #[error("the certificate is being fetched or failed a moment ago")]
    NotNow,
    /// The host did not answer in time, or with too much.
    #[error("the certificate's host gave no answer")]
    NoAnswer(#[source] SendError),
    /// The host answered something else than 200; redirects are not followed.
    #[error("the certificate's host answered {0}")]
    Status(u16),
    /// What came is no certificate.
    #[error("what was fetched is no certificate")]
    Unreadable,
}

/// Fetches a certificate that `check` asked for: once, without redirects or token, with limits on size, time and frequency.
pub async fn fetch(
    outbound: &dyn Outbound,
    url: &CertificateUrl,
    certificates: &CertificateCache,
    now: Timestamp,
) -> Result<(), FetchFailed> {
    if !certificates.begin(url, now) {
        return Err(FetchFailed::NotNow);
    }
    let request = Request {
        method: Method::GET,
        url: url.0.clone(),
        headers: HeaderMap::new(),
        body: None,
        time_limit: FETCH_TIME_LIMIT,
        max_response_bytes: MAX_CERTIFICATE_BYTES,
    };
    let response = outbound.send(request).await.map_err(FetchFailed::NoAnswer)?;
    if response.status != 200 {
        return Err(FetchFailed::Status(response.status));
    }
    let chain = Chain::read(&response.body).ok_or(FetchFailed::Unreadable)?;
    certificates.keep(url, chain, now);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_listed_https_host_and_path_are_allowed() {
        let source = CertificateSource::Https(vec!["certs.example/cert/".to_owned(), ".sub.example".to_owned()]);
        for (told, allowed) in [
            ("https://certs.example/cert/a.cer", true),
            ("https://CERTS.example:443/cert/a.cer", true),
            ("https://a.sub.example/x.cer", true),
            ("https://sub.example/x.cer", false),
            ("https://evilsub.example/x.cer", false),
            ("http://certs.example/cert/a.cer", false),
            ("https://certs.example:8443/cert/a.cer", false),
            ("https://certs.example/other/a.cer", false),
            ("https://certs.example/cert/../other/a.cer", false),
            ("https://certs.example/cert/%2e%2e/other/a.cer", false),
            ("https://certs.example/cert/a.cer?sig=1", false),
            ("https://certs.example/cert/a.cer#x", false),
            ("https://certs.example.evil.example/cert/a.cer", false),
            ("https://certs.example@evil.example/cert/a.cer", false),
            ("https://evil.example/certs.example/cert/a.cer", false),
            ("https://169.254.169.254/cert/a.cer", false),
            ("file:///etc/passwd", false),
            ("certs.example/cert/a.cer", false),
            ("", false),
        ] {
            assert_eq!(CertificateUrl::allowed(&source, told).is_ok(), allowed, "{told}");
        }
    }

    #[test]
    fn the_sandbox_is_allowed_on_loopback_only() {
        let here = CertificateSource::Loopback("http://127.0.0.1:4000/cert/".to_owned());
        assert!(CertificateUrl::allowed(&here, "http://127.0.0.1:4000/cert/a.cer").is_ok());
        for told in
            ["http://127.0.0.1:4001/cert/a.cer", "http://127.0.0.1:4000/other/a.cer", "http://10.0.0.1:4000/cert/a.cer"]
        {
            assert!(CertificateUrl::allowed(&here, told).is_err(), "{told}");
        }
        let elsewhere = CertificateSource::Loopback("http://10.0.0.1:4000/cert/".to_owned());
        assert!(CertificateUrl::allowed(&elsewhere, "http://10.0.0.1:4000/cert/a.cer").is_err());
    }

    #[test]
    fn a_flood_of_urls_leads_to_a_bounded_number_of_fetches() {
        let source = CertificateSource::Https(vec!["certs.example/".to_owned()]);
        let cache = CertificateCache::default();
        let now: Timestamp = "2026-05-02T03:04:05Z".parse().unwrap();
        let fetches = (0..1000)
            .filter(|n| {
                let url = CertificateUrl::allowed(&source, &format!("https://certs.example/{n}")).unwrap();
                matches!(cache.look_up(&url, now), Lookup::Fetch) && cache.begin(&url, now)
            })
            .count();
        assert_eq!(fetches, MAX_CERTIFICATES);
        let real = CertificateUrl::allowed(&source, "https://certs.example/real").unwrap();
        assert!(matches!(cache.look_up(&real, now), Lookup::Wait));
        let later = now + REFETCH_AFTER;
        assert!(matches!(cache.look_up(&real, later), Lookup::Fetch) && cache.begin(&real, later));
    }
}
