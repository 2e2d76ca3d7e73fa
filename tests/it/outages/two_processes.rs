//! Two processes on one database; one of them dies, and the other goes on with its work.

use std::time::Duration;

use outloud::domain::moment::Clock;
use outloud::store::{deliveries, queue};
use serde_json::json;

use crate::support::{Peer, Program, database};

#[test]
fn what_a_dead_process_held_is_free_within_a_minute() {
    assert!(queue::LEASE <= Duration::from_secs(60) && deliveries::LEASE <= Duration::from_secs(60));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_one_of_two_processes_is_killed_the_other_goes_on() {
    let program = Program::new().await;
    let password = ["--password", "long enough", "--confirmed"];
    program.outloud(&[&["account", "create", "ann", "--email", "ann@mail.example"][..], &password].concat()).await;
    let token = program.outloud(&["token", "create", "ann", "--scopes", "read write follow"]).await;
    let peer = Peer::start("localhost", Clock::System).await;
    let fay = peer.actor("fay").await;
    let client = reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0).build().unwrap();
    let mut first = program.serve().await;
    let finger = format!("/.well-known/webfinger?resource=acct:ann@localhost:{}", program.port);
    let answer = client.get(program.url(&finger)).send().await.unwrap().text().await.unwrap();
    let ann = answer.split('"').find(|part| part.contains("/users/")).unwrap().to_owned();
    let (url, follow) = (program.url("/inbox"), fay.activity("Follow", "follow-1", json!(ann)).to_string());
    let mut request = client.post(&url).header("content-type", "application/activity+json");
    for (name, value) in fay.signed(&url, &follow) {
        request = request.header(name, value);
    }
    assert_eq!(request.body(follow).send().await.unwrap().status(), 202);
    peer.wait_for(|activity| activity["type"] == "Accept").await;

    // The first process has the delivery in its hands when it dies.
    peer.keep_silent();
    let asked = peer.requests();
    let posting = client.post(program.url("/api/v1/statuses")).bearer_auth(&token);
    let body = json!({"status": "not lost"}).to_string();
    let posted = posting.header("content-type", "application/json").body(body).send().await.unwrap();
    assert!(posted.status().is_success());
    peer.wait_until(|| peer.requests() > asked).await;
    // A file has one process at a time: there the other one comes after the first.
    let is_shared = database::postgres_server().is_some();
    let other = if is_shared { Some(program.serve_as_well().await) } else { None };
    first.kill().await.unwrap();
    peer.speak_again();
    program.let_leases_run_out_beside_others().await;
    let other = match other {
        Some(other) => other,
        None => program.serve_as_well().await,
    };
    peer.wait_for(|activity| activity["object"]["content"] == "<p>not lost</p>").await;
    drop(other);
}
