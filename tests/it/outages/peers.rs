//! Other servers that fail in every way a socket allows. Once they are back, all is delivered, once and in order.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::support::{Encounter, Peer, User};

/// What becomes of a connection to a server in trouble.
#[derive(Debug, Clone, Copy)]
enum Trouble {
    /// It is taken and nothing ever comes.
    Silence,
    /// It is reset as soon as something was said.
    Reset,
    /// It ends without an answer.
    End,
    /// What comes is not HTTP.
    Garbage,
    /// The answer comes at one byte a second.
    Drip,
    /// The status says that all is well, and nothing follows but one byte a second.
    DrippingBody,
}

/// A server in trouble; where it listens.
async fn in_trouble(trouble: Trouble) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            tokio::spawn(suffer(connection, trouble));
        }
    });
    address
}

async fn suffer(mut connection: TcpStream, trouble: Trouble) {
    let mut said = [0; 1024];
    let _ = connection.read(&mut said).await;
    match trouble {
        Trouble::Silence => std::future::pending().await,
        Trouble::Reset => connection.set_zero_linger().unwrap(),
        Trouble::End => {}
        Trouble::Garbage => {
            let _ = connection.write_all(b"\x16\x03\x01 220 smtp.test ESMTP\r\n\0\xff\r\n\r\n").await;
        }
        Trouble::Drip => drip(&mut connection, b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n").await,
        Trouble::DrippingBody => {
            let _ = connection.write_all(b"HTTP/1.1 503 Sorry\r\ncontent-length: 100000\r\n\r\n").await;
            drip(&mut connection, &[b'.'; 100]).await;
        }
    }
}

async fn drip(connection: &mut TcpStream, bytes: &[u8]) {
    let mut second = tokio::time::interval(Duration::from_secs(1));
    for byte in bytes {
        second.tick().await;
        if connection.write_all(&[*byte]).await.is_err() {
            return;
        }
    }
}

/// Ann, whom Alice follows, on a server with little patience; nobody keeps a connection.
async fn impatient() -> Encounter {
    let scene = Encounter::with_settings(&[("OUTLOUD__FEDERATION__TIMEOUT", "1s")]).await;
    scene.good.hang_up();
    scene.alice_does("Follow", "follow-ann", json!(scene.ann.uri())).await;
    scene
}

/// Ann says something, changes it, and says something else.
async fn says_three_things(ann: &User) {
    let post = ann.post("first").await;
    ann.node.settle().await;
    ann.edit(&post, "first, corrected").await;
    ann.post("second").await;
    ann.node.settle().await;
}

/// Each activity about Ann's posts that arrived, as `Create <p>first</p>`, in order.
fn arrived(good: &Peer) -> Vec<String> {
    let about_posts = good.received().into_iter().filter(|activity| activity["object"]["content"].is_string());
    about_posts
        .map(|activity: Value| {
            format!("{} {}", activity["type"].as_str().unwrap(), activity["object"]["content"].as_str().unwrap())
        })
        .collect()
}

/// All is there once, and what is about one thing in order.
#[track_caller]
fn assert_all_is_there(good: &Peer, trouble: &str) {
    let arrived = arrived(good);
    let (about_first, rest): (Vec<_>, Vec<_>) = arrived.into_iter().partition(|text| text.contains("first"));
    assert_eq!(about_first, ["Create <p>first</p>", "Update <p>first, corrected</p>"], "{trouble}");
    assert_eq!(rest, ["Create <p>second</p>"], "{trouble}");
}

async fn recovers_from(trouble: Trouble) {
    let scene = impatient().await;
    scene.net.name("good.test", in_trouble(trouble).await);
    says_three_things(&scene.ann).await;
    // Tried again, in vain.
    scene.net.later(Duration::from_secs(10 * 60)).await;
    assert!(arrived(&scene.good).is_empty());
    scene.net.name("good.test", scene.good.address());
    scene.net.later(Duration::from_secs(3600)).await;
    assert_all_is_there(&scene.good, &format!("{trouble:?}"));
}

#[tokio::test]
async fn a_server_that_never_answered_gets_everything_later() {
    recovers_from(Trouble::Silence).await;
}

#[tokio::test]
async fn a_server_that_cut_the_line_gets_everything_later() {
    recovers_from(Trouble::Reset).await;
    recovers_from(Trouble::End).await;
}

#[tokio::test]
async fn a_server_that_talked_nonsense_gets_everything_later() {
    recovers_from(Trouble::Garbage).await;
}

#[tokio::test]
async fn a_server_that_answered_drop_by_drop_gets_everything_later() {
    recovers_from(Trouble::Drip).await;
    recovers_from(Trouble::DrippingBody).await;
}

#[tokio::test]
async fn a_server_that_asked_for_patience_or_failed_gets_everything_later() {
    for (status, retry_after, wait) in [
        (500, None, 3600),
        (502, Some("nonsense"), 3600),
        (429, Some("7200"), 7300),
        // Three hours after the noon at which the clock of the tests stands.
        (429, Some("Sun, 01 Nov 2026 15:00:00 GMT"), 3 * 3600 + 60),
        (503, Some("Sun, 01 Nov 2026 11:00:00 GMT"), 3600),
    ] {
        let scene = impatient().await;
        scene.good.answer_deliveries(status, retry_after);
        says_three_things(&scene.ann).await;
        assert!(arrived(&scene.good).is_empty());
        scene.good.answer_deliveries(202, None);
        if status == 429 {
            scene.net.later(Duration::from_secs(wait / 2)).await;
            assert!(arrived(&scene.good).is_empty(), "{retry_after:?} was not obeyed");
        }
        scene.net.later(Duration::from_secs(wait)).await;
        // What waits behind the first about the same thing comes after it.
        scene.net.later(Duration::from_secs(60)).await;
        assert_all_is_there(&scene.good, &format!("{status} {retry_after:?}"));
    }
}
