//! Servers that answer slowly, for ever, or with what nobody asked for. Cases C11 and C16 of the attack catalogue.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, RwLock};
use std::time::Duration;

use outloud::domain::moment::Moment;
use outloud::error::{Error, RemoteError};
use outloud::federation::http::{Accept, Budget, Remote, RemoteConfig, Resolver};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use url::Url;

use crate::support::browser::Browser;
use crate::support::{ACTIVITY, Encounter};

/// A server that writes bytes, and more of them for as long as anybody listens; how slowly, if at all.
async fn server(head: &'static str, more: &'static str, pause: Option<Duration>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let _ = stream.read(&mut [0; 4096]).await;
                let mut going = stream.write_all(head.as_bytes()).await;
                while going.is_ok() && !more.is_empty() {
                    if let Some(pause) = pause {
                        tokio::time::sleep(pause).await;
                    }
                    going = stream.write_all(more.as_bytes()).await;
                }
                if more.is_empty() && pause.is_some() {
                    std::future::pending::<()>().await;
                }
            });
        }
    });
    address
}

/// A client with little patience, which knows slow.test.
fn client(address: SocketAddr) -> Remote {
    let names = HashMap::from([("slow.test".to_owned(), address)]);
    let config = RemoteConfig {
        user_agent: "tests".to_owned(),
        addresses: vec!["127.0.0.0/8".parse().unwrap()],
        allow_http: true,
        local_hosts: Vec::new(),
        resolver: Resolver::Fixed(Arc::new(RwLock::new(names))),
        timeout: Duration::from_millis(400),
    };
    Remote::new(config, None).unwrap()
}

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-type: application/activity+json\r\n";

#[tokio::test]
async fn c11_whoever_answers_slowly_or_for_ever_is_not_waited_for() {
    const DRIP: Option<Duration> = Some(Duration::from_millis(5));
    let chunked: &'static str =
        "HTTP/1.1 200 OK\r\ncontent-type: application/activity+json\r\ntransfer-encoding: chunked\r\n\r\n";
    let long: &'static str =
        "HTTP/1.1 200 OK\r\ncontent-type: application/activity+json\r\ncontent-length: 1000000\r\n\r\n{";
    let until_closed: &'static str = "HTTP/1.1 200 OK\r\ncontent-type: application/activity+json\r\n\r\n[";
    let redirect: &'static str = "HTTP/1.1 302 Found\r\nlocation: http://slow.test/again\r\ncontent-length: 0\r\n\r\n";
    let chunk: &'static str = Box::leak(format!("10000\r\n{}\r\n", "1".repeat(0x10000)).into_boxed_str());
    for (what, head, more, pause) in [
        ("says nothing", "", "", DRIP),
        ("drips its head", "HTTP/1.1 200 OK\r\n", "x: y\r\n", DRIP),
        ("drips one header", "HTTP/1.1 200 OK\r\nx: ", "y", DRIP),
        ("has a head without end", OK, "x: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n", None),
        ("says one thing after the other before it answers", "", "HTTP/1.1 100 Continue\r\n\r\n", DRIP),
        ("drips its body", until_closed, "1", DRIP),
        ("drips its chunks", chunked, "1\r\n1\r\n", DRIP),
        ("promises more than it sends", long, "", DRIP),
        ("sends chunks without end", chunked, chunk, None),
        ("sends a body without end", until_closed, "11111111111111111111111111111111,", None),
        ("redirects without end", redirect, "", None),
        ("speaks another language", "SSH-2.0-OpenSSH_9.9\r\n", "", DRIP),
    ] {
        let remote = client(server(head, more, pause).await);
        let url = Url::parse("http://slow.test/").unwrap();
        let mut budget = Budget::for_discovery();
        let got = remote.get_json(&url, Accept::Activity, None, Moment(1), &mut budget).await;
        assert!(matches!(got, Err(Error::Remote { .. })), "{what}: {got:?}");
    }
}

#[tokio::test]
async fn c11_an_answer_shorter_than_it_says_is_no_answer() {
    let cut: &'static str =
        "HTTP/1.1 200 OK\r\ncontent-type: application/activity+json\r\ncontent-length: 20\r\n\r\n{\"id\":\"x\"}";
    let remote = client(server(cut, "", None).await);
    let url = Url::parse("http://slow.test/").unwrap();
    let got = remote.get(&url, Accept::Activity, None, Moment(1)).await;
    assert!(matches!(&got, Err(Error::Remote { source: RemoteError::Unreachable(_), .. })), "{got:?}");
}

#[tokio::test]
async fn c16_what_another_server_answers_is_not_shown_to_whoever_asks() {
    let scene = Encounter::of_strangers().await;
    let secret = "internal-secret-0815";
    let page = format!("<h1>{secret}</h1>");
    for (number, (status, kind, body)) in [
        (500, "text/html", page.as_str()),
        (403, "text/plain", secret),
        (200, "text/html", page.as_str()),
        (200, ACTIVITY, &format!("{{ {secret}")),
        (200, ACTIVITY, &json!({"type": secret, "id": secret}).to_string()),
        (200, ACTIVITY, &json!({"type": "Person", "id": format!("http://good.test/x{secret}")}).to_string()),
        (302, "text/plain", secret),
    ]
    .into_iter()
    .enumerate()
    {
        let path = format!("/users/m{number}");
        scene.good.serve_as(&path, status, kind, body);
        let finger = format!("/.well-known/webfinger?resource=acct%3Am{number}%40good.test");
        scene.good.serve_as(&finger, status, kind, body);
        let address = scene.good.url(&path);
        let handle = format!("@m{number}@good.test");
        for query in [address.as_str(), handle.as_str()] {
            let encoded: String = url::form_urlencoded::byte_serialize(query.as_bytes()).collect();
            let found = scene.ann.get(&format!("/api/v2/search?resolve=true&q={encoded}")).await;
            assert!(!found.body.to_string().contains(secret), "{status} {kind}: {}", found.body);
            let mut browser = Browser::of(&scene.us, "ann").await;
            for path in [format!("/search?q={encoded}"), format!("/authorize_interaction?uri={encoded}")] {
                assert!(!browser.get(&path).await.text.contains(secret), "{path}: {status} {kind}");
            }
        }
        let mut visitor = Browser::new(&scene.us);
        let form = visitor.get(&format!("/interact?uri={}", scene.us.url("/@ann"))).await;
        let answer = visitor.submit(&form, "form[action*=interact]", &[("handle", &handle)]).await;
        assert!(!answer.text.contains(secret), "{status} {kind}");
        // Nor to another server whose key cannot be had.
        let actor = scene.good.actor(&format!("k{number}")).await;
        scene.good.serve_as(&format!("/users/k{number}"), status, kind, body);
        let create = actor.create(actor.note("1", "hello")).to_string();
        let mut request = scene.us.client().post(scene.us.url("/inbox")).header("content-type", ACTIVITY);
        for (name, value) in actor.signed(&scene.us.url("/inbox"), &create) {
            request = request.header(name, value);
        }
        let answer = request.body(create).send().await.unwrap();
        assert_eq!(answer.status(), 401);
        assert!(!answer.text().await.unwrap().contains(secret));
    }
}
