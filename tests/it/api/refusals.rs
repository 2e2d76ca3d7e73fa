//! Every route of the API with a missing token, a bad token and a token that may not.

use reqwest::Method;
use serde_json::json;

use crate::support::{community, lonely_node};

/// Routes that need somebody, with a scope that is enough.
const ROUTES: [(&str, &str, &str); 41] = [
    ("GET", "/api/v1/accounts/verify_credentials", "read:accounts"),
    ("PATCH", "/api/v1/accounts/update_credentials", "write:accounts"),
    ("GET", "/api/v1/preferences", "read:accounts"),
    ("GET", "/api/v1/accounts/relationships", "read:follows"),
    ("GET", "/api/v1/accounts/search?q=ann", "read:accounts"),
    ("POST", "/api/v1/accounts/1/follow", "write:follows"),
    ("POST", "/api/v1/accounts/1/unfollow", "write:follows"),
    ("POST", "/api/v1/accounts/1/remove_from_followers", "write:follows"),
    ("POST", "/api/v1/accounts/1/block", "write:blocks"),
    ("POST", "/api/v1/accounts/1/unblock", "write:blocks"),
    ("POST", "/api/v1/accounts/1/mute", "write:mutes"),
    ("POST", "/api/v1/accounts/1/unmute", "write:mutes"),
    ("GET", "/api/v1/blocks", "read:blocks"),
    ("GET", "/api/v1/mutes", "read:mutes"),
    ("GET", "/api/v1/follow_requests", "read:follows"),
    ("POST", "/api/v1/follow_requests/1/authorize", "write:follows"),
    ("POST", "/api/v1/follow_requests/1/reject", "write:follows"),
    ("POST", "/api/v1/statuses", "write:statuses"),
    ("PUT", "/api/v1/statuses/1", "write:statuses"),
    ("DELETE", "/api/v1/statuses/1", "write:statuses"),
    ("GET", "/api/v1/statuses/1/source", "read:statuses"),
    ("POST", "/api/v1/statuses/1/favourite", "write:favourites"),
    ("POST", "/api/v1/statuses/1/unfavourite", "write:favourites"),
    ("POST", "/api/v1/statuses/1/reblog", "write:statuses"),
    ("POST", "/api/v1/statuses/1/unreblog", "write:statuses"),
    ("GET", "/api/v1/timelines/home", "read:statuses"),
    ("GET", "/api/v1/notifications", "read:notifications"),
    ("GET", "/api/v1/notifications/1", "read:notifications"),
    ("GET", "/api/v1/notifications/unread_count", "read:notifications"),
    ("POST", "/api/v1/notifications/clear", "write:notifications"),
    ("POST", "/api/v1/notifications/1/dismiss", "write:notifications"),
    ("GET", "/api/v1/markers", "read:statuses"),
    ("POST", "/api/v1/markers", "write:statuses"),
    ("GET", "/api/v2/filters", "read:filters"),
    ("POST", "/api/v2/filters", "write:filters"),
    ("GET", "/api/v2/filters/1", "read:filters"),
    ("PUT", "/api/v2/filters/1", "write:filters"),
    ("DELETE", "/api/v2/filters/1", "write:filters"),
    ("GET", "/api/v1/filters", "read:filters"),
    ("POST", "/api/v1/filters", "write:filters"),
    ("DELETE", "/api/v1/filters/1", "write:filters"),
];

#[tokio::test]
async fn g03_every_route_refuses_who_may_not() {
    let [ann] = community(["ann"]).await;
    // A scope that no route of the list takes.
    let useless = ann.node.token(ann.id, "push").await;
    for (method, path, scope) in ROUTES {
        let method: Method = method.parse().unwrap();
        let body = (method != Method::GET).then(|| json!({}));
        let without = ann.node.ask(method.clone(), path, "", body.clone()).await;
        assert!(matches!(without.status.as_u16(), 401 | 422), "{method} {path} without a token: {}", without.status);
        let bad = ann.node.ask(method.clone(), path, "nonsense", body.clone()).await;
        assert_eq!(bad.status, 401, "{method} {path} with a bad token");
        assert_eq!(bad.body["error"], "The access token is invalid", "{method} {path}");
        assert_eq!(bad.headers["www-authenticate"].to_str().unwrap().split(' ').next(), Some("Bearer"));
        let narrow = ann.node.ask(method.clone(), path, &useless, body.clone()).await;
        assert_eq!(narrow.status, 403, "{method} {path} with another scope: {}", narrow.body);
        assert_eq!(narrow.body["error"], "This action is outside the authorized scopes", "{method} {path}");
        let enough = ann.node.token(ann.id, scope).await;
        let answer = ann.node.ask(method.clone(), path, &enough, body).await;
        assert!(
            !matches!(answer.status.as_u16(), 401 | 403 | 500..),
            "{method} {path} with {scope}: {}",
            answer.status
        );
    }
    let home = ann.node.ask(Method::GET, "/api/v1/timelines/home", &ann.token, None).await.ok();
    assert_eq!(home, json!([]));
}

#[tokio::test]
async fn a_bad_token_is_refused_where_none_is_needed() {
    let node = lonely_node().await;
    node.ask(Method::GET, "/api/v1/timelines/public", "nonsense", None).await.refused(401);
}

#[tokio::test]
async fn ids_that_are_no_numbers_are_not_found() {
    let [ann] = community(["ann"]).await;
    for path in [
        "/api/v1/accounts/x",
        "/api/v1/statuses/%00",
        "/api/v1/statuses/99999999999999999999",
        "/api/v1/notifications/-",
    ] {
        ann.get(path).await.refused(404);
    }
}
