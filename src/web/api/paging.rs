//! Pages of long lists, and how an app finds the next one.

use axum::extract::FromRequestParts;
use axum::http::HeaderValue;
use axum::http::request::Parts;
use serde::Deserialize;
use url::form_urlencoded;

use crate::app::Urls;
use crate::domain::page::{Bounds, Page};
use crate::web::params::{self, Refusal};

/// A page as the address names it: `DEFAULT` entries when it does not say how many, `MOST` at most.
#[derive(Debug, Clone)]
pub struct Paging<const DEFAULT: u64, const MOST: u64> {
    /// The page itself.
    pub page: Page,
    path: String,
    /// The other parameters, which go along from page to page.
    others: Vec<(String, String)>,
}

/// What sort of list is paged through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum List {
    /// Something may always be added at both ends.
    Timeline,
    /// Statuses that end with the last page.
    Statuses,
    /// Accounts and other things that end with the last page.
    Accounts,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Written {
    max_id: Option<i64>,
    since_id: Option<i64>,
    min_id: Option<i64>,
    limit: Option<i64>,
}

impl<const DEFAULT: u64, const MOST: u64, S: Send + Sync> FromRequestParts<S> for Paging<DEFAULT, MOST> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let Written { max_id, since_id, min_id, limit } = params::query(parts)?;
        let limit = length(limit, DEFAULT, MOST);
        let query = parts.uri.query().unwrap_or_default();
        let others = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| goes_along(name));
        let others = others.map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
        let page = Page { max_id, since_id, min_id, limit };
        Ok(Self { page, path: parts.uri.path().to_owned(), others })
    }
}

/// How long a page is: as long as it should be, within reason.
pub fn length(wanted: Option<i64>, default: u64, most: u64) -> u64 {
    wanted.map(i64::unsigned_abs).filter(|wanted| *wanted > 0).unwrap_or(default).min(most)
}

/// Cursors are replaced, and a token does not belong where it might be copied from.
fn goes_along(name: &str) -> bool {
    !matches!(name, "max_id" | "since_id" | "min_id" | "access_token" | "bearer_token")
}

impl<const DEFAULT: u64, const MOST: u64> Paging<DEFAULT, MOST> {
    /// The `Link` header: the next page first, because some apps read no further.
    pub fn links(&self, urls: &Urls, bounds: Option<Bounds>, list: List) -> Option<HeaderValue> {
        HeaderValue::from_str(&self.write(urls.base(), bounds?, list)).ok()
    }

    fn write(&self, base: &str, bounds: Bounds, list: List) -> String {
        let newer = if list == List::Accounts { "since_id" } else { "min_id" };
        let next = (list == List::Timeline || bounds.full).then_some(("next", "max_id", bounds.oldest));
        let links: Vec<String> = next
            .into_iter()
            .chain([("prev", newer, bounds.newest)])
            .map(|(relation, cursor, id)| format!("<{}>; rel=\"{relation}\"", self.address(base, cursor, id)))
            .collect();
        links.join(", ")
    }

    fn address(&self, base: &str, cursor: &str, id: i64) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(&self.others).append_pair(cursor, &id.to_string());
        // Apps take the header apart at its commas.
        format!("{base}{}?{}", self.path.replace(',', "%2C"), query.finish())
    }
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    async fn paging(address: &str) -> Result<Paging<20, 40>, Refusal> {
        let (mut parts, ()) = Request::get(address).body(()).expect("is a request").into_parts();
        Paging::from_request_parts(&mut parts, &()).await
    }

    #[tokio::test]
    async fn the_length_of_a_page_has_bounds() {
        for (query, limit) in
            [("", 20), ("limit=5", 5), ("limit=-5", 5), ("limit=400", 40), ("limit=0", 20), ("limit=", 20)]
        {
            assert_eq!(paging(&format!("/x?{query}")).await.expect("is read").page.limit, limit, "{query}");
        }
        assert!(paging("/x?max_id=abc").await.is_err());
    }

    #[tokio::test]
    async fn neighbours_are_named_next_first_with_everything_asked_for() {
        let paging = paging("/api/v1/x?types%5B%5D=a,b&max_id=9&access_token=secret&limit=2").await.expect("is read");
        let bounds = Bounds { newest: 8, oldest: 7, full: true };
        let address = "https://node.test/api/v1/x?types%5B%5D=a%2Cb&limit=2";
        assert_eq!(
            paging.write("https://node.test", bounds, List::Timeline),
            format!("<{address}&max_id=7>; rel=\"next\", <{address}&min_id=8>; rel=\"prev\"")
        );
        assert!(paging.write("", bounds, List::Accounts).ends_with("&since_id=8>; rel=\"prev\""));
    }

    #[tokio::test]
    async fn a_list_ends_with_a_page_that_is_not_full() {
        let paging = paging("/x").await.expect("is read");
        let bounds = Bounds { newest: 8, oldest: 7, full: false };
        assert!(!paging.write("", bounds, List::Statuses).contains("next"));
        assert!(paging.write("", bounds, List::Timeline).contains("next"));
    }
}
