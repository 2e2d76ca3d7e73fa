//! The program itself, in processes of its own: what keeps it from starting.

use outloud::domain::moment::Clock;

use crate::support::{Peer, Program};

/// C05 of the attack catalogue: a proxy would connect to whatever it is told to, past all our checks.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c05_no_proxy_of_the_environment_is_asked() {
    let program = Program::new().await;
    program.outloud(&["migrate"]).await;
    let clock = Clock::standing_at(Clock::System.now());
    let (peer, proxy) = (Peer::start("localhost", clock.clone()).await, Peer::start("proxy.test", clock).await);
    let fay = peer.actor("fay").await;
    let mut command = program.command(&["federation", "check", &fay.id]);
    for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        command.env(name, format!("http://{}", proxy.address()));
    }
    let output = command.env_remove("NO_PROXY").env_remove("no_proxy").output().await.unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(peer.requests() > 0, "{said} {}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(proxy.requests(), 0, "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_belongs_to_one_domain() {
    let program = Program::new().await;
    program.outloud(&["migrate"]).await;
    let output = program.command(&["migrate"]).env("OUTLOUD__DOMAIN", "localhost:1").output().await.unwrap();
    assert!(!output.status.success());
    let sentence = String::from_utf8(output.stderr).unwrap();
    assert!(
        sentence.contains("localhost:1") && sentence.contains(&format!("localhost:{}", program.port)),
        "{sentence}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unknown_key_stops_the_start_with_a_sentence() {
    let program = Program::new().await;
    let file = program.file("outloud.toml");
    std::fs::write(&file, "colour = \"blue\"\n").unwrap();
    let output = program.command(&["--config", file.to_str().unwrap(), "migrate"]).output().await.unwrap();
    assert!(!output.status.success());
    let sentence = String::from_utf8(output.stderr).unwrap();
    assert!(sentence.contains("outloud.toml") && sentence.contains("colour"), "{sentence}");
    let output = program.command(&["migrate"]).env("OUTLOUD__COLOUR", "blue").output().await.unwrap();
    assert!(!output.status.success());
    let sentence = String::from_utf8(output.stderr).unwrap();
    assert!(sentence.contains("OUTLOUD__COLOUR"), "{sentence}");
}
