//! Files compiled into the binary: the stylesheet, the icons, the mark, and the pictures of those who have none.
//! Not here: what people upload (`media`) and the pages that use these files (`web/pages`).
//! Start reading at `router`; `icons.svg` lists every icon by its id, and the two PNG files are drawn from the SVG beside them.

use std::io::Write;
use std::sync::LazyLock;

use aws_lc_rs::digest;
use axum::Router;
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::header::{
    ACCEPT_ENCODING, ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, VARY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use flate2::Compression;
use flate2::write::GzEncoder;

/// Where accounts without a picture point, below the server's own address.
pub const MISSING_AVATAR: &str = "/avatars/missing.png";
/// Where accounts without a banner point, below the server's own address.
pub const MISSING_HEADER: &str = "/headers/missing.png";

/// The name in the address changes with the content, so a copy never goes stale.
const FOR_GOOD: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// Asked for by the name of an earlier or later version: usable now, not to be kept.
const NOT_KEPT: HeaderValue = HeaderValue::from_static("no-cache");
/// The address is fixed, the picture may change with a release.
const FOR_A_DAY: HeaderValue = HeaderValue::from_static("public, max-age=86400");

static STYLE: LazyLock<Asset> = LazyLock::new(|| Asset::new("style", Kind::Css, include_bytes!("style.css")));
static ICONS: LazyLock<Asset> = LazyLock::new(|| Asset::new("icons", Kind::Svg, include_bytes!("icons.svg")));
static LOGO: LazyLock<Asset> = LazyLock::new(|| Asset::new("logo", Kind::Svg, include_bytes!("logo.svg")));

/// The address of the stylesheet.
pub fn style_url() -> &'static str {
    &STYLE.url
}

/// The address of the sprite that holds every icon.
pub fn icons_url() -> &'static str {
    &ICONS.url
}

/// The address of the server's mark.
pub fn logo_url() -> &'static str {
    &LOGO.url
}

/// The routes of everything compiled in.
pub fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route("/assets/{file}", get(fingerprinted))
        .route(MISSING_AVATAR, get(|| async { picture(include_bytes!("avatar.png")) }))
        .route(MISSING_HEADER, get(|| async { picture(include_bytes!("header.png")) }))
}

#[derive(Clone, Copy)]
enum Kind {
    Css,
    Svg,
}

impl Kind {
    fn extension(self) -> &'static str {
        match self {
            Self::Css => "css",
            Self::Svg => "svg",
        }
    }

    fn content_type(self) -> HeaderValue {
        match self {
            Self::Css => HeaderValue::from_static("text/css; charset=utf-8"),
            Self::Svg => HeaderValue::from_static("image/svg+xml"),
        }
    }
}

/// One file with a content fingerprint in its address.
struct Asset {
    stem: &'static str,
    kind: Kind,
    url: String,
    plain: Bytes,
    /// The file compressed, where that makes it smaller.
    gzip: Option<Bytes>,
}

impl Asset {
    fn new(stem: &'static str, kind: Kind, content: &'static [u8]) -> Self {
        let fingerprint: String =
            digest::digest(&digest::SHA256, content).as_ref()[..4].iter().map(|byte| format!("{byte:02x}")).collect();
        let url = format!("/assets/{stem}-{fingerprint}.{}", kind.extension());
        Self { stem, kind, url, plain: Bytes::from_static(content), gzip: compressed(content) }
    }

    /// Whether `file` names this asset, in this version or another.
    fn is_named(&self, file: &str) -> bool {
        file.strip_suffix(self.kind.extension())
            .and_then(|rest| rest.strip_suffix('.'))
            .and_then(|rest| rest.rsplit_once('-'))
            .is_some_and(|(stem, _)| stem == self.stem)
    }

    fn respond(&self, file: &str, request: &HeaderMap) -> Response {
        let current = self.url.rsplit_once('/').is_some_and(|(_, name)| name == file);
        let mut headers = headers(self.kind.content_type(), if current { FOR_GOOD } else { NOT_KEPT });
        if matches!(self.kind, Kind::Svg) {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        }
        headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
        match &self.gzip {
            Some(gzip) if takes_gzip(request) => {
                headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
                (headers, gzip.clone()).into_response()
            }
            _ => (headers, self.plain.clone()).into_response(),
        }
    }
}

/// `GET /assets/{file}`
///
/// A page that was kept for a minute may name the version before this one: it gets what there is now.
async fn fingerprinted(Path(file): Path<String>, headers: HeaderMap) -> Response {
    let assets: [&Asset; 3] = [&STYLE, &ICONS, &LOGO];
    match assets.into_iter().find(|asset| asset.is_named(&file)) {
        Some(asset) => asset.respond(&file, &headers),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn picture(content: &'static [u8]) -> Response {
    let mut headers = headers(HeaderValue::from_static("image/png"), FOR_A_DAY);
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    (headers, Bytes::from_static(content)).into_response()
}

fn headers(content_type: HeaderValue, cache_control: HeaderValue) -> HeaderMap {
    HeaderMap::from_iter([
        (CONTENT_TYPE, content_type),
        (CACHE_CONTROL, cache_control),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ])
}

fn compressed(content: &[u8]) -> Option<Bytes> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    // Writing to memory does not fail; if it did, the plain file would still be served.
    encoder.write_all(content).ok()?;
    let gzip = encoder.finish().ok()?;
    (gzip.len() < content.len()).then(|| Bytes::from(gzip))
}

/// Whether the reader takes gzip: named in `Accept-Encoding` and not with a weight of zero.
fn takes_gzip(request: &HeaderMap) -> bool {
    let offers = request.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    offers.flat_map(|value| value.split(',')).any(|offer| {
        let (coding, weight) = offer.split_once(';').unwrap_or((offer, ""));
        let refused = weight.trim().strip_prefix("q=").is_some_and(|q| q.trim().parse::<f32>() == Ok(0.0));
        coding.trim().eq_ignore_ascii_case("gzip") && !refused
    })
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::Request;
    use tower::ServiceExt;

    use super::*;

    async fn get(path: &str, encoding: &str) -> Response {
        let request =
            Request::get(path).header(ACCEPT_ENCODING, encoding).body(Body::empty()).expect("a valid request");
        router::<()>().oneshot(request).await.expect("a router does not fail")
    }

    #[tokio::test]
    async fn the_stylesheet_is_served_compressed_and_kept_for_good() {
        let response = get(style_url(), "br, gzip;q=0.8").await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()[CONTENT_TYPE], "text/css; charset=utf-8");
        assert_eq!(response.headers()[CACHE_CONTROL], FOR_GOOD);
        assert_eq!(response.headers()[CONTENT_ENCODING], "gzip");
        assert_eq!(response.headers()[X_CONTENT_TYPE_OPTIONS], "nosniff");
    }

    #[tokio::test]
    async fn a_reader_that_refuses_gzip_gets_the_plain_file() {
        assert!(!get(style_url(), "gzip;q=0").await.headers().contains_key(CONTENT_ENCODING));
        assert!(!get(style_url(), "identity").await.headers().contains_key(CONTENT_ENCODING));
    }

    #[tokio::test]
    async fn the_name_of_another_version_is_answered_but_not_kept() {
        let response = get("/assets/style-00000000.css", "gzip").await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()[CACHE_CONTROL], NOT_KEPT);
        assert_eq!(get("/assets/other-00000000.css", "gzip").await.status(), StatusCode::NOT_FOUND);
    }

    #[tokio::test]
    async fn pictures_of_those_who_have_none_may_be_read_from_anywhere() {
        for path in [MISSING_AVATAR, MISSING_HEADER] {
            let response = get(path, "gzip").await;
            assert_eq!(response.headers()[CONTENT_TYPE], "image/png");
            assert_eq!(response.headers()[ACCESS_CONTROL_ALLOW_ORIGIN], "*");
        }
    }

    #[test]
    fn stylesheet_and_icons_keep_within_their_budgets() {
        assert!(STYLE.plain.len() <= 30_000, "the stylesheet has {} bytes", STYLE.plain.len());
        assert!(STYLE.gzip.as_ref().is_some_and(|gzip| gzip.len() <= 8_000));
        assert!(ICONS.plain.len() <= 6_000, "the icons have {} bytes", ICONS.plain.len());
    }

    #[test]
    fn the_stylesheet_asks_for_nothing_else() {
        let style = std::str::from_utf8(&STYLE.plain).expect("UTF-8");
        assert!(!style.contains("url(") && !style.contains("@import"));
    }
}
