//! How a node is found: WebFinger, host-meta, NodeInfo, documents under their ids.

use serde_json::{Value, json};

use crate::support::{Encounter, Node, community, lonely_node};

async fn get(node: &Node, path: &str, accept: &str) -> (u16, String, Value) {
    let response = node.client().get(node.url(path)).header("accept", accept).send().await.unwrap();
    let status = response.status().as_u16();
    let kind = response.headers().get("content-type").map(|kind| kind.to_str().unwrap().to_owned());
    let text = response.text().await.unwrap();
    (status, kind.unwrap_or_default(), serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

const ACTIVITY: &str = "application/activity+json";

#[tokio::test]
async fn a_member_is_found_by_handle_by_id_and_by_page() {
    let [ann] = community(["ann"]).await;
    for resource in ["acct:ann@node.test", "acct:ANN@NODE.TEST", "http://node.test/@ann", &ann.uri()] {
        let query: String = url::form_urlencoded::byte_serialize(resource.as_bytes()).collect();
        let (status, kind, answer) = get(&ann.node, &format!("/.well-known/webfinger?resource={query}"), "*/*").await;
        assert_eq!((status, kind.as_str()), (200, "application/jrd+json"), "{resource}");
        assert_eq!(answer["subject"], "acct:ann@node.test");
        let links = answer["links"].as_array().unwrap();
        assert!(
            links.iter().any(|link| link["rel"] == "self" && link["type"] == ACTIVITY && link["href"] == ann.uri())
        );
    }
    for (query, expected) in [
        ("", 400),
        ("?resource=", 400),
        ("?resource=acct:nobody@node.test", 404),
        ("?resource=acct:ann@other.test", 404),
        ("?resource=nonsense", 404),
    ] {
        let (status, ..) = get(&ann.node, &format!("/.well-known/webfinger{query}"), "*/*").await;
        assert_eq!(status, expected, "{query}");
    }
}

#[tokio::test]
async fn host_meta_and_nodeinfo_say_what_is_true() {
    let [ann] = community(["ann"]).await;
    ann.post("counted").await;
    let (status, kind, xml) = get(&ann.node, "/.well-known/host-meta", "*/*").await;
    assert_eq!((status, kind.as_str()), (200, "application/xrd+xml; charset=utf-8"));
    assert!(xml.as_str().unwrap().contains("template=\"http://node.test/.well-known/webfinger?resource={uri}\""));
    let (_, _, links) = get(&ann.node, "/.well-known/nodeinfo", "*/*").await;
    assert_eq!(links["links"].as_array().unwrap().len(), 2);
    for version in ["2.0", "2.1"] {
        let (status, _, info) = get(&ann.node, &format!("/nodeinfo/{version}"), "*/*").await;
        assert_eq!(status, 200);
        assert_eq!(info["version"], version);
        assert_eq!(info["software"]["name"], "outloud");
        assert_eq!((&info["usage"]["users"]["total"], &info["usage"]["localPosts"]), (&json!(1), &json!(1)));
    }
}

#[tokio::test]
async fn every_address_an_actor_names_really_answers() {
    let [ann] = community(["ann"]).await;
    ann.post("first").await;
    let (status, kind, actor) = get(&ann.node, &format!("/users/{}", ann.id), ACTIVITY).await;
    assert_eq!((status, kind.as_str()), (200, ACTIVITY));
    assert_eq!(actor["id"], ann.uri());
    for name in ["outbox", "followers", "following", "featured"] {
        let address = actor[name].as_str().unwrap().strip_prefix("http://node.test").unwrap();
        let (status, kind, collection) = get(&ann.node, address, ACTIVITY).await;
        assert_eq!((status, kind.as_str()), (200, ACTIVITY), "{name}");
        assert_eq!(collection["id"], actor[name], "{name}");
    }
    let outbox = get(&ann.node, &format!("/users/{}/outbox?page=true", ann.id), ACTIVITY).await.2;
    assert_eq!(outbox["orderedItems"][0]["object"]["content"], "<p>first</p>");
    assert!(actor["publicKey"]["publicKeyPem"].as_str().unwrap().starts_with("-----BEGIN PUBLIC KEY-----"));
    assert!(!actor.to_string().contains("PRIVATE"));
}

#[tokio::test]
async fn the_same_address_is_a_page_for_people_and_a_document_for_servers() {
    let [ann] = community(["ann"]).await;
    let post = ann.post("both ways").await;
    let page = format!("/@ann/{}", post["id"].as_str().unwrap());
    let profile = r#"application/ld+json; profile="https://www.w3.org/ns/activitystreams""#;
    for accept in [ACTIVITY, profile, "application/activity+json, text/html;q=0.5"] {
        let (status, kind, note) = get(&ann.node, &page, accept).await;
        assert_eq!((status, kind.as_str()), (200, ACTIVITY), "{accept}");
        assert_eq!(note["id"], post["uri"]);
        let (_, kind, actor) = get(&ann.node, "/@ann", accept).await;
        assert_eq!((kind.as_str(), &actor["id"]), (ACTIVITY, &json!(ann.uri())));
    }
    for accept in ["text/html", "*/*", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"] {
        let (status, kind, _) = get(&ann.node, &page, accept).await;
        assert_eq!((status, kind.as_str()), (200, "text/html; charset=utf-8"), "{accept}");
    }
}

#[tokio::test]
async fn the_server_itself_is_an_actor_that_can_be_read_without_a_signature() {
    let node = lonely_node().await;
    let finger = get(&node, "/.well-known/webfinger?resource=http://node.test/", "*/*").await.2;
    let links = finger["links"].as_array().unwrap();
    let href = links.iter().find(|link| link["rel"] == "self").unwrap()["href"].as_str().unwrap();
    let (status, _, actor) = get(&node, href.strip_prefix("http://node.test").unwrap(), ACTIVITY).await;
    assert_eq!((status, &actor["type"]), (200, &json!("Application")));
    for name in ["outbox", "followers", "following", "featured", "url"] {
        let address = actor[name].as_str().unwrap().strip_prefix("http://node.test").unwrap();
        assert_eq!(get(&node, address, ACTIVITY).await.0, 200, "{name}");
    }
}

#[tokio::test]
async fn h01_a_private_post_is_given_to_followers_who_sign_and_to_nobody_else() {
    let Encounter { net, us, ann, good, alice } = Encounter::where_alice_follows_ann().await;
    let bob = good.actor("bob").await;
    let post = ann.post_to("private", "for those who follow").await;
    net.settle().await;
    let uri = post["uri"].as_str().unwrap();
    let (status, ..) = get(&us, uri.strip_prefix("http://node.test").unwrap(), ACTIVITY).await;
    assert_eq!(status, 404);
    assert_eq!(bob.fetch(&us, uri).await.0, 404);
    let (status, note) = alice.fetch(&us, uri).await;
    assert_eq!((status, &note["content"]), (200, &json!("<p>for those who follow</p>")));
}
