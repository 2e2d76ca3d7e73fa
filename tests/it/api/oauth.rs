//! How an app gets a token. Cases G01 and G02 of the attack catalogue.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::browser::Browser;
use crate::support::{Node, community, lonely_node};

async fn app(node: &Node, redirect: &str, scopes: &str) -> Value {
    let body =
        json!({"client_name": "An app", "redirect_uris": redirect, "scopes": scopes, "website": "https://app.example"});
    node.ask(Method::POST, "/api/v1/apps", "", Some(body)).await.ok()
}

fn authorize(app: &Value, redirect: &str, scope: &str, more: &str) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("response_type", "code")
        .append_pair("client_id", app["client_id"].as_str().unwrap())
        .append_pair("redirect_uri", redirect)
        .append_pair("scope", scope)
        .finish();
    format!("/oauth/authorize?{query}{more}")
}

fn exchange(app: &Value, redirect: &str, code: &str) -> Value {
    json!({
        "grant_type": "authorization_code", "client_id": app["client_id"], "client_secret": app["client_secret"],
        "redirect_uri": redirect, "code": code,
    })
}

const OOB: &str = "urn:ietf:wg:oauth:2.0:oob";

#[tokio::test]
async fn a_member_lets_an_app_in_and_takes_it_back() {
    let [ann] = community(["ann"]).await;
    let app = app(&ann.node, OOB, "read write follow").await;
    let mut browser = Browser::new(&ann.node);
    // toot asks with a slash at the end.
    let page = browser.get(&authorize(&app, OOB, "read write follow", "").replace("authorize?", "authorize/?")).await;
    browser.sign_in_on(&page, "ann").await;
    let consent = browser.page().await;
    assert!(consent.text.contains("An app"), "{}", consent.text);
    browser.submit(&consent, "form[action*=authorize]", &[]).await;
    let shown = browser.page().await;
    let code = shown.url.split("code=").nth(1).unwrap_or_else(|| panic!("no code in {}", shown.url)).to_owned();
    assert!(shown.text.contains(&code));
    let token = ann.node.ask(Method::POST, "/oauth/token", "", Some(exchange(&app, OOB, &code))).await.ok();
    assert_eq!((&token["token_type"], &token["scope"]), (&json!("Bearer"), &json!("follow read write")));
    assert!(token["created_at"].is_i64());
    let access = token["access_token"].as_str().unwrap().to_owned();
    ann.node.ask(Method::GET, "/api/v1/accounts/verify_credentials", &access, None).await.ok();
    let revoke = json!({"client_id": app["client_id"], "client_secret": app["client_secret"], "token": access});
    assert_eq!(ann.node.ask(Method::POST, "/oauth/revoke", "", Some(revoke.clone())).await.ok(), json!({}));
    ann.node.ask(Method::GET, "/api/v1/accounts/verify_credentials", &access, None).await.refused(401);
    assert_eq!(ann.node.ask(Method::POST, "/oauth/revoke", "", Some(revoke)).await.ok(), json!({}));
}

#[tokio::test]
async fn g02_a_code_works_once_for_its_app_and_address() {
    let [ann] = community(["ann"]).await;
    let (first, second) = (app(&ann.node, OOB, "read").await, app(&ann.node, OOB, "read").await);
    let mut browser = Browser::new(&ann.node);
    let code = browser.code_for(&authorize(&first, OOB, "read", ""), "ann").await;
    let wrong_client = ann.node.ask(Method::POST, "/oauth/token", "", Some(exchange(&second, OOB, &code))).await;
    assert_eq!(wrong_client.body["error"], "invalid_grant", "{}", wrong_client.body);
    let wrong_address =
        ann.node.ask(Method::POST, "/oauth/token", "", Some(exchange(&first, "https://x.example", &code))).await;
    assert_eq!(wrong_address.body["error"], "invalid_grant", "{}", wrong_address.body);
    let mut no_secret = exchange(&first, OOB, &code);
    no_secret["client_secret"] = json!("guess");
    assert_eq!(ann.node.ask(Method::POST, "/oauth/token", "", Some(no_secret)).await.body["error"], "invalid_client");
    let token = ann.node.ask(Method::POST, "/oauth/token", "", Some(exchange(&first, OOB, &code))).await.ok();
    let again = ann.node.ask(Method::POST, "/oauth/token", "", Some(exchange(&first, OOB, &code))).await;
    assert_eq!((again.status.as_u16(), &again.body["error"]), (400, &json!("invalid_grant")));
    // Whoever uses a code twice has stolen it, or was stolen from: the first token goes too.
    let access = token["access_token"].as_str().unwrap();
    ann.node.ask(Method::GET, "/api/v1/timelines/home", access, None).await.refused(401);

    let code = browser.code_for(&authorize(&first, OOB, "read", ""), "ann").await;
    ann.node.app().clock.advance(std::time::Duration::from_secs(11 * 60));
    let late = ann.node.ask(Method::POST, "/oauth/token", "", Some(exchange(&first, OOB, &code))).await;
    assert_eq!(late.body["error"], "invalid_grant");
}

#[tokio::test]
async fn g02_a_challenge_must_be_answered() {
    let [ann] = community(["ann"]).await;
    let app = app(&ann.node, OOB, "read").await;
    let mut browser = Browser::new(&ann.node);
    // The pair of RFC 7636, appendix B.
    let challenge = "&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256";
    let url = authorize(&app, OOB, "read", challenge);
    let code = browser.code_for(&url, "ann").await;
    let without = ann.node.ask(Method::POST, "/oauth/token", "", Some(exchange(&app, OOB, &code))).await;
    assert_eq!(without.body["error"], "invalid_grant", "{}", without.body);
    let code = browser.code_for(&url, "ann").await;
    let mut right = exchange(&app, OOB, &code);
    right["code_verifier"] = json!("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
    ann.node.ask(Method::POST, "/oauth/token", "", Some(right)).await.ok();
}

#[tokio::test]
async fn g01_only_registered_addresses_get_a_code() {
    let node = lonely_node().await;
    let registered = "https://app.example/back?x=1";
    let app_here = app(&node, registered, "read").await;
    let mut browser = Browser::new(&node);
    for wrong in [
        "https://app.example/back",
        "https://app.example/back?x=1&y=2",
        "https://app.example.evil/back?x=1",
        "http://app.example/back?x=1",
        "https://APP.example/back?x=1",
        "javascript:alert(1)",
        "",
    ] {
        let page = browser.get(&authorize(&app_here, wrong, "read", "")).await;
        assert!(!page.was_redirected_off(), "{wrong}");
        assert!(page.status >= 400, "{wrong}: {}", page.status);
    }
    for good in ["com.example.app:/back", "app://back", "http://localhost:3000/x"] {
        assert_eq!(app(&node, good, "read").await["redirect_uris"][0], good);
    }
    for evil in ["javascript:alert(1)", "data:text/html,x", "vbscript:x", "not an address"] {
        let body = json!({"client_name": "x", "redirect_uris": evil});
        node.ask(Method::POST, "/api/v1/apps", "", Some(body)).await.refused(422);
    }
}

#[tokio::test]
async fn an_app_without_a_person_cannot_act_as_one() {
    let node = lonely_node().await;
    let app = app(&node, OOB, "read write").await;
    let body = json!({"grant_type": "client_credentials", "client_id": app["client_id"], "client_secret": app["client_secret"], "scope": "read"});
    let token = node.ask(Method::POST, "/oauth/token", "", Some(body)).await.ok();
    let access = token["access_token"].as_str().unwrap();
    let home = node.ask(Method::GET, "/api/v1/timelines/home", access, None).await.refused(422);
    assert_eq!(home, "This method requires an authenticated user");
    assert_eq!(node.ask(Method::GET, "/api/v1/apps/verify_credentials", access, None).await.ok()["name"], "An app");
    let password = json!({"grant_type": "password", "client_id": app["client_id"], "client_secret": app["client_secret"], "username": "ann", "password": "x"});
    assert_eq!(
        node.ask(Method::POST, "/oauth/token", "", Some(password)).await.body["error"],
        "unsupported_grant_type"
    );
}

#[tokio::test]
async fn the_metadata_names_what_there_is() {
    let node = lonely_node().await;
    let metadata = node.ask(Method::GET, "/.well-known/oauth-authorization-server", "", None).await.ok();
    assert_eq!(metadata["issuer"], "http://node.test/");
    assert_eq!(metadata["code_challenge_methods_supported"], json!(["S256"]));
    assert_eq!(metadata["token_endpoint"], "http://node.test/oauth/token");
}
