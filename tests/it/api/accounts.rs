//! Accounts: showing, finding, following, changing, signing up.

use reqwest::Method;
use serde_json::json;

use crate::support::{Neighbours, community, lonely_node};

#[tokio::test]
async fn an_account_is_shown_with_everything_apps_need() {
    let [ann] = community(["ann"]).await;
    let shown = ann.node.ask(Method::GET, &format!("/api/v1/accounts/{}", ann.id), "", None).await.ok();
    assert_eq!((&shown["acct"], &shown["url"]), (&json!("ann"), &json!("http://node.test/@ann")));
    assert_eq!(shown["avatar"], "http://node.test/avatars/missing.png");
    assert!(shown["created_at"].as_str().unwrap().ends_with("T00:00:00.000Z"));
    for picture in ["avatar", "header"] {
        let path = shown[picture].as_str().unwrap().trim_start_matches("http://node.test");
        let response = ann.node.client().get(ann.node.url(path)).send().await.unwrap();
        assert_eq!(
            (response.status().as_u16(), response.headers()["content-type"].to_str().unwrap()),
            (200, "image/png")
        );
    }
    let me = ann.get("/api/v1/accounts/verify_credentials").await.ok();
    assert_eq!((&me["source"]["privacy"], &me["role"]["name"].is_string()), (&json!("public"), &true));
}

#[tokio::test]
async fn lookup_takes_a_handle_in_every_form() {
    let [ann] = community(["ann"]).await;
    for acct in ["ann", "@ann", "ann@node.test", "@ann@node.test", "ANN"] {
        let found = ann.node.ask(Method::GET, &format!("/api/v1/accounts/lookup?acct={acct}"), "", None).await.ok();
        assert_eq!(found["acct"], "ann", "{acct}");
    }
    for acct in ["nobody", "ann@elsewhere.test", "", "@@"] {
        let answer = ann.node.ask(Method::GET, &format!("/api/v1/accounts/lookup?acct={acct}"), "", None).await;
        assert!(matches!(answer.status.as_u16(), 400 | 404 | 422), "{acct}: {}", answer.status);
    }
}

#[tokio::test]
async fn following_is_told_in_the_relationship_and_in_the_lists() {
    let [ann, bob] = community(["ann", "bob"]).await;
    let relation = ann.follow("bob").await;
    assert_eq!((&relation["following"], &relation["showing_reblogs"]), (&json!(true), &json!(true)));
    let again = ann.send(&format!("/api/v1/accounts/{}/follow", bob.id), json!({"notify": true})).await.ok();
    assert_eq!((&again["following"], &again["notifying"]), (&json!(true), &json!(true)));
    let following = ann.get(&format!("/api/v1/accounts/{}/following", ann.id)).await.ok();
    assert_eq!(following[0]["acct"], "bob");
    let followers = ann.get(&format!("/api/v1/accounts/{}/followers", bob.id)).await.ok();
    assert_eq!((&followers[0]["acct"], followers.as_array().unwrap().len()), (&json!("ann"), 1));
    assert_eq!(bob.relationship("ann").await["followed_by"], true);
    ann.send(&format!("/api/v1/accounts/{}/follow", ann.id), json!({})).await.refused(403);
    ann.send("/api/v1/accounts/1/follow", json!({})).await.refused(404);
    assert_eq!(bob.does("remove_from_followers", &ann).await["followed_by"], false);
}

#[tokio::test]
async fn a_profile_is_changed_in_all_the_ways_apps_send_it() {
    let [ann] = community(["ann"]).await;
    let changed = ann
        .changes_profile(json!({
            "display_name": "Ann", "note": "I make #things", "locked": "true", "bot": 1,
            "fields_attributes": [{"name": "Home", "value": "https://ann.example"}],
            "source": {"privacy": "unlisted", "language": "de"},
        }))
        .await;
    assert_eq!(
        (&changed["display_name"], &changed["locked"], &changed["bot"]),
        (&json!("Ann"), &json!(true), &json!(true))
    );
    assert!(changed["note"].as_str().unwrap().contains("/tags/things"));
    assert_eq!(
        (&changed["source"]["note"], &changed["source"]["privacy"]),
        (&json!("I make #things"), &json!("unlisted"))
    );
    assert!(changed["fields"][0]["value"].as_str().unwrap().contains("href=\"https://ann.example"));
    let counted = json!({"fields_attributes": {"0": {"name": "A", "value": "1"}, "1": {"name": "B", "value": "2"}}});
    let object = ann.changes_profile(counted).await;
    assert_eq!(object["fields"].as_array().unwrap().len(), 2);
    let form = ann
        .node
        .client()
        .request(Method::PATCH, ann.node.url("/api/v1/accounts/update_credentials"))
        .bearer_auth(&ann.token)
        .header("content-type", "application/x-www-form-urlencoded")
        .body("fields_attributes[0][name]=C&fields_attributes[0][value]=3&source[sensitive]=true");
    let form = ann.node.answer(form).await.ok();
    assert_eq!((&form["fields"][0]["name"], &form["source"]["sensitive"]), (&json!("C"), &json!(true)));
    assert_eq!(ann.post("by default").await["visibility"], "unlisted");
    ann.try_profile(json!({"display_name": "x".repeat(500)})).await.refused(422);
}

#[tokio::test]
async fn search_finds_accounts_and_hashtags_and_resolves_addresses() {
    let Neighbours { net, ann, bob } = Neighbours::who_are_strangers().await;
    ann.post("about #working").await;
    let post = bob.post("find me").await;
    net.settle().await;
    let found = ann.get("/api/v2/search?q=an").await.ok();
    assert_eq!(found["accounts"][0]["acct"], "ann");
    let found = ann.get("/api/v2/search?q=%23work").await.ok();
    assert_eq!((&found["hashtags"][0]["name"], &found["accounts"]), (&json!("working"), &json!([])));
    assert_eq!(ann.get("/api/v2/search?q=@bob@beta.test").await.ok()["accounts"], json!([]));
    assert_eq!(ann.find("@bob@beta.test").await["acct"], "bob@beta.test");
    let found = ann.get(&format!("/api/v2/search?resolve=true&q={}", post["uri"].as_str().unwrap())).await.ok();
    assert_eq!(found["statuses"][0]["account"]["acct"], "bob@beta.test");
    let found = ann.get("/api/v2/search?resolve=true&q=http://beta.test/@bob").await.ok();
    assert_eq!(found["accounts"][0]["acct"], "bob@beta.test");
    ann.node.ask(Method::GET, "/api/v2/search?q=ann&resolve=true", "", None).await.refused(401);
    ann.get("/api/v2/search").await.refused(400);
}

#[tokio::test]
async fn an_account_made_through_the_api_is_usable_at_once_when_the_doors_are_open() {
    let node = lonely_node().await;
    let app = node
        .ask(
            Method::POST,
            "/api/v1/apps",
            "",
            Some(json!({
                "client_name": "App", "redirect_uris": "urn:ietf:wg:oauth:2.0:oob", "scopes": "read write follow",
            })),
        )
        .await
        .ok();
    let token = node.ask(Method::POST, "/oauth/token", "", Some(json!({
        "grant_type": "client_credentials", "client_id": app["client_id"], "client_secret": app["client_secret"],
        "scope": "read write follow",
    })))
    .await
    .ok();
    let app_token = token["access_token"].as_str().unwrap();
    let join = |name: &str| {
        json!({
            "username": name, "email": format!("{name}@mail.example"), "password": "long enough", "agreement": true, "locale": "en",
        })
    };
    node.set("registration", "closed").await;
    let refused = node.ask(Method::POST, "/api/v1/accounts", app_token, Some(join("early"))).await;
    assert_eq!(refused.status, 403, "{}", refused.body);
    node.set("registration", "open").await;
    let joined = node.ask(Method::POST, "/api/v1/accounts", app_token, Some(join("zoe"))).await.ok();
    let token = joined["access_token"].as_str().unwrap();
    let me = node.ask(Method::GET, "/api/v1/accounts/verify_credentials", token, None).await.ok();
    assert_eq!(me["username"], "zoe");
    node.ask(Method::POST, "/api/v1/statuses", token, Some(json!({"status": "hello"}))).await.ok();

    let taken = node.ask(Method::POST, "/api/v1/accounts", app_token, Some(join("zoe"))).await;
    assert_eq!((taken.status.as_u16(), &taken.body["details"]["username"][0]["error"]), (422, &json!("ERR_TAKEN")));
    let mut bad = join("yves");
    bad["agreement"] = json!(false);
    node.ask(Method::POST, "/api/v1/accounts", app_token, Some(bad)).await.refused(422);
    for (field, value) in
        [("username", "a b"), ("email", "nonsense"), ("email", "a@b.c\r\nBcc: x@y.z"), ("password", "short")]
    {
        let mut bad = join("xena");
        bad[field] = json!(value);
        let answer = node.ask(Method::POST, "/api/v1/accounts", app_token, Some(bad)).await;
        assert_eq!(answer.status, 422, "{field}: {}", answer.body);
        assert!(answer.body["details"][field].is_array(), "{field}: {}", answer.body);
    }

    node.set("registration", "approval").await;
    let mut asking = join("wim");
    asking["reason"] = json!("I make things");
    let waiting = node.ask(Method::POST, "/api/v1/accounts", app_token, Some(asking)).await.ok();
    let token = waiting["access_token"].as_str().unwrap();
    let refused = node.ask(Method::GET, "/api/v1/accounts/verify_credentials", token, None).await.refused(403);
    assert!(refused.contains("pending"), "{refused}");
}
