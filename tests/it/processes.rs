//! The program itself, in processes of its own, killed at bad moments.

use std::path::Path;
use std::process::Stdio;

use outloud::domain::moment::{Clock, Moment};
use sea_orm::{ConnectionTrait, Database};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::support::{Peer, PeerActor, database};

/// How often the program is killed.
const ROUNDS: usize = 8;

struct Program {
    folder: tempfile::TempDir,
    database: String,
    port: u16,
}

impl Program {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = database::fresh(folder.path()).await;
        // The port is free a moment later as well, unless somebody is very unlucky.
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        Self { folder, database, port }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_outloud"));
        command
            .args(arguments)
            .env("OUTLOUD__DOMAIN", format!("localhost:{}", self.port))
            .env("OUTLOUD__LISTEN", format!("127.0.0.1:{}", self.port))
            .env("OUTLOUD__DATA_DIR", self.folder.path())
            .env("OUTLOUD__DATABASE__URL", &self.database)
            .env("OUTLOUD__FEDERATION__ALLOW_ADDRESSES", "127.0.0.0/8,::1/128")
            .env("OUTLOUD__RATE_LIMITS__ENABLED", "false")
            .kill_on_drop(true)
            .stdin(Stdio::null());
        command
    }

    /// Runs a command to its end; what it printed.
    async fn outloud(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().await.unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Starts the server and waits until it answers.
    async fn serve(&self) -> Child {
        let mut child = self.command(&["serve"]).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        // It binds before it prints.
        let line = lines.next_line().await.unwrap();
        assert!(line.is_some(), "the server ended at once");
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        child
    }

    /// On PostgreSQL, where another process could still be at it, what a killed one was doing waits until its lease
    /// runs out, minutes later. Minutes pass here by a stroke of the pen. On SQLite the next process takes it up at once.
    async fn let_leases_run_out(&self) {
        if database::postgres_server().is_none() {
            return;
        }
        let db = Database::connect(&self.database).await.unwrap();
        // What the killed process sent last may still be on its way into the tables.
        let silence = "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity \
            WHERE datname = current_database() AND pid <> pg_backend_pid()";
        db.execute_unprepared(silence).await.unwrap();
        for table in ["job", "delivery"] {
            let run_out = format!("UPDATE {table} SET leased_until = 0 WHERE leased_until IS NOT NULL");
            db.execute_unprepared(&run_out).await.unwrap();
        }
        db.close().await.unwrap();
    }

    fn url(&self, path: &str) -> String {
        format!("http://localhost:{}{path}", self.port)
    }

    fn file(&self, name: &str) -> std::path::PathBuf {
        Path::new(self.folder.path()).join(name)
    }
}

async fn send(client: &reqwest::Client, url: &str, token: &str, body: Value) -> Value {
    let request = client.post(url).bearer_auth(token).header("content-type", "application/json").body(body.to_string());
    let response = request.send().await.unwrap();
    assert!(response.status().is_success(), "{}", response.status());
    serde_json::from_str(&response.text().await.unwrap()).unwrap()
}

async fn deliver(program: &Program, client: &reqwest::Client, actor: &PeerActor, activity: &Value) {
    let body = activity.to_string();
    let url = program.url("/inbox");
    let mut request = client.post(&url).header("content-type", "application/activity+json").body(body.clone());
    for (name, value) in actor.signed(&url, &body) {
        request = request.header(name, value);
    }
    assert_eq!(request.send().await.unwrap().status(), 202);
}

#[expect(clippy::disallowed_methods, reason = "a program of its own lives by the clock of the machine")]
fn now() -> Moment {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    Moment(i64::try_from(now.as_millis()).unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_accepted_survives_being_killed_and_arrives_once() {
    let program = Program::new().await;
    program
        .outloud(&[
            "account",
            "create",
            "ann",
            "--email",
            "ann@mail.example",
            "--password",
            "long enough",
            "--confirmed",
        ])
        .await;
    let token = program.outloud(&["token", "create", "ann", "--scopes", "read write follow"]).await;
    let peer = Peer::start("localhost", Clock::standing_at(now())).await;
    let fay = peer.actor("fay").await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();

    let mut child = program.serve().await;
    let finger: Value = serde_json::from_str(
        &client
            .get(program.url(&format!("/.well-known/webfinger?resource=acct:ann@localhost:{}", program.port)))
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap(),
    )
    .unwrap();
    let ann = finger["links"].as_array().unwrap().iter().find(|link| link["rel"] == "self").unwrap()["href"].clone();
    deliver(&program, &client, &fay, &fay.activity("Follow", "follow-1", ann)).await;
    peer.wait_for(|activity| activity["type"] == "Accept").await;

    for round in 0..ROUNDS {
        let text = format!("round {round}");
        send(&client, &program.url("/api/v1/statuses"), &token, json!({"status": text})).await;
        child.kill().await.unwrap();
        program.let_leases_run_out().await;
        child = program.serve().await;
        let content = format!("<p>{text}</p>");
        peer.wait_for(|activity| activity["object"]["content"] == content.as_str()).await;
    }
    let mut ids: Vec<Value> = peer.received_of("Create").iter().map(|create| create["id"].clone()).collect();
    ids.sort_by_key(ToString::to_string);
    // Sent twice is possible, but under one id, which every server takes in once.
    ids.dedup();
    assert_eq!(ids.len(), ROUNDS);
    assert!(program.file("secret.key").exists());
    child.kill().await.unwrap();
}

/// C05 of the attack catalogue: a proxy would connect to whatever it is told to, past all our checks.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c05_no_proxy_of_the_environment_is_asked() {
    let program = Program::new().await;
    program.outloud(&["migrate"]).await;
    let clock = Clock::standing_at(now());
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
