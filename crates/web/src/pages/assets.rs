//! What pages load: one style sheet, one script of ours and others' together, and a chart where there is one. All of it
//! is in the program; every address carries a hash of its content, so that browsers keep it for ever.

use crate::problem::{Code, Problem};
use crate::speech::text_of;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::ids::Hash;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write as _;
use std::sync::LazyLock;

/// How many letters of the hash stand in an address.
const HASH_CHARS: usize = 16;

/// A file that pages load.
#[derive(Debug)]
pub(crate) struct Asset {
    name: &'static str,
    kind: &'static str,
    bytes: &'static [u8],
    gzip: Vec<u8>,
    hash: String,
    path: String,
}

/// htmx, its extension for streams and our own script as one file. htmx looks at the page as soon as the browser has a
/// moment, which may be before the next file has come: what that would have registered is then never asked, the page never
/// opens its stream, and nothing says so.
const SCRIPT: &str = concat!(
    include_str!("../../assets/vendor/htmx-4.0.1/htmx.min.js"),
    "\n",
    include_str!("../../assets/vendor/htmx-4.0.1/hx-sse.min.js"),
    "\n",
    include_str!("../../assets/app.js"),
);

const FILES: [(&str, &str, &[u8]); 5] = [
    ("app.css", "text/css; charset=utf-8", include_bytes!("../../assets/app.css")),
    ("app.js", "text/javascript; charset=utf-8", SCRIPT.as_bytes()),
    ("icon.svg", "image/svg+xml", include_bytes!("../../assets/icon.svg")),
    (
        "uplot.js",
        "text/javascript; charset=utf-8",
        include_bytes!("../../assets/vendor/uplot-1.6.32/uPlot.iife.min.js"),
    ),
    ("uplot.css", "text/css; charset=utf-8", include_bytes!("../../assets/vendor/uplot-1.6.32/uPlot.min.css")),
];

static ASSETS: LazyLock<Vec<Asset>> = LazyLock::new(|| FILES.into_iter().map(Asset::of).collect());

impl Asset {
    fn of((name, kind, bytes): (&'static str, &'static str, &'static [u8])) -> Self {
        let hash: String = Hash::of(bytes).to_string().chars().take(HASH_CHARS).collect();
        let path = format!("/assets/{hash}/{name}");
        Self { name, kind, bytes, gzip: squeezed(bytes), hash, path }
    }
}

/// The bytes, compressed; nothing when that does not go, which only means that they are sent as they are.
fn squeezed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).unwrap_or_default()
}

/// The address of a file; a name that is not in the list leads nowhere.
pub(crate) fn path(name: &str) -> &'static str {
    ASSETS.iter().find(|asset| asset.name == name).map_or("/assets/missing", |asset| asset.path.as_str())
}

/// One file.
pub(crate) async fn serve(Path((hash, name)): Path<(String, String)>, headers: HeaderMap) -> Result<Response, Problem> {
    let asset = ASSETS.iter().find(|asset| asset.name == name && asset.hash == hash).ok_or(Code::NotFound)?;
    let tag = format!("\"{}\"", asset.hash);
    let known = text_of(&headers, &header::IF_NONE_MATCH).is_some_and(|tags| tags.contains(&tag));
    let squeeze = !asset.gzip.is_empty()
        && text_of(&headers, &header::ACCEPT_ENCODING).is_some_and(|kinds| kinds.contains("gzip"));
    let mut response = match (known, squeeze) {
        (true, _) => StatusCode::NOT_MODIFIED.into_response(),
        (false, true) => asset.gzip.clone().into_response(),
        (false, false) => asset.bytes.into_response(),
    };
    let answered = response.headers_mut();
    if squeeze && !known {
        answered.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    answered.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.kind));
    answered.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    answered.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        answered.insert(header::ETAG, tag);
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The fields of a manifest of `[[file]]` tables with texts in them.
    fn manifest() -> Vec<Vec<(String, String)>> {
        let text = include_str!("../../assets/vendor/MANIFEST.toml");
        let tables = text.split("[[file]]").skip(1);
        let field = |line: &str| {
            let (name, value) = line.split_once(" = ")?;
            Some((name.to_owned(), value.trim_matches('"').to_owned()))
        };
        tables.map(|table| table.lines().filter_map(field).collect()).collect()
    }

    #[test]
    fn what_others_wrote_is_as_the_manifest_says_and_nothing_else_is_there() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/vendor");
        let mut listed = Vec::new();
        for file in manifest() {
            let field = |wanted: &str| file.iter().find(|(name, _)| name == wanted).unwrap().1.clone();
            let (path, version) = (field("path"), field("version"));
            let bytes = std::fs::read(folder.join(&path)).unwrap();
            assert_eq!(Hash::of(&bytes).to_string(), field("sha256"), "{path}");
            assert!(path.contains(&format!("-{version}/")), "{path} is not of {version}");
            assert!(["0BSD", "MIT"].contains(&field("licence").as_str()), "{path}");
            listed.push(path);
        }
        let mut there = Vec::new();
        for package in std::fs::read_dir(&folder).unwrap().map(Result::unwrap).filter(|one| one.path().is_dir()) {
            let name = package.file_name().into_string().unwrap();
            for file in std::fs::read_dir(package.path()).unwrap() {
                there.push(format!("{name}/{}", file.unwrap().file_name().into_string().unwrap()));
            }
        }
        listed.sort();
        there.sort();
        assert_eq!(listed, there);
    }

    #[test]
    fn a_page_with_a_chart_loads_less_than_a_hundred_kilobytes() {
        let wire: usize = ASSETS.iter().map(|asset| asset.gzip.len()).sum();
        // 30 kB are left for the page itself.
        assert!(wire < 70_000, "{wire} bytes");
    }

    #[test]
    fn the_scripts_of_our_own_need_no_eval_and_no_inline_code() {
        let script = include_str!("../../assets/app.js");
        for word in ["eval(", "new Function", "innerHTML", "outerHTML", "document.write", "insertAdjacentHTML"] {
            assert!(!script.contains(word), "{word}");
        }
    }
}
