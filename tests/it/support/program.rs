//! The program itself, in a process of its own.

use std::path::Path;
use std::process::Stdio;

use sea_orm::{ConnectionTrait, Database};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use super::database;

/// A server of its own with a folder and a database; it runs when told to, once or several times over.
pub struct Program {
    folder: tempfile::TempDir,
    pub database: String,
    pub port: u16,
}

impl Program {
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = database::fresh(folder.path()).await;
        Self { folder, database, port: free_port() }
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
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
    pub async fn outloud(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().await.unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Starts the server and waits until it answers.
    pub async fn serve(&self) -> Child {
        started(&mut self.command(&["serve"])).await
    }

    /// Starts one more server on the same database, behind another door.
    pub async fn serve_as_well(&self) -> Child {
        started(self.command(&["serve"]).env("OUTLOUD__LISTEN", format!("127.0.0.1:{}", free_port()))).await
    }

    /// On PostgreSQL, where another process could still be at it, what a killed one was doing waits until its lease
    /// runs out, a minute later. The minute passes here by a stroke of the pen. On SQLite the next process takes it up at once.
    pub async fn let_leases_run_out(&self) {
        if database::postgres_server().is_none() {
            return;
        }
        let db = Database::connect(&self.database).await.unwrap();
        // What the killed process sent last may still be on its way into the tables.
        let silence = "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity \
            WHERE datname = current_database() AND pid <> pg_backend_pid()";
        db.execute_unprepared(silence).await.unwrap();
        db.close().await.unwrap();
        self.let_leases_run_out_beside_others().await;
    }

    /// The same while another process is at work.
    pub async fn let_leases_run_out_beside_others(&self) {
        if database::postgres_server().is_none() {
            return;
        }
        let db = Database::connect(&self.database).await.unwrap();
        for table in ["job", "delivery"] {
            let run_out = format!("UPDATE {table} SET leased_until = 0 WHERE leased_until IS NOT NULL");
            db.execute_unprepared(&run_out).await.unwrap();
        }
        db.close().await.unwrap();
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://localhost:{}{path}", self.port)
    }

    pub fn file(&self, name: &str) -> std::path::PathBuf {
        Path::new(self.folder.path()).join(name)
    }

    /// Waits until nothing waits to be done or delivered.
    pub async fn has_done_everything(&self) {
        for look in 0..1000 {
            if look == 100 {
                println!("it takes long: {}", self.outloud(&["queue"]).await);
            }
            let queue: Value = serde_json::from_str(&self.outloud(&["queue", "--json"]).await).unwrap();
            assert!(queue["jobs"].as_array().unwrap().iter().all(|kind| kind["failed"] == 0), "given up: {queue}");
            let waits = |list: &str| queue[list].as_array().unwrap().iter().any(|line| line["waiting"] != 0);
            if !waits("jobs") && !waits("deliveries") {
                return;
            }
        }
        panic!("there is always more to do: {}", self.outloud(&["queue"]).await);
    }
}

/// The port is free a moment later as well, unless somebody is very unlucky.
fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Starts a server and waits until it answers.
async fn started(command: &mut Command) -> Child {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    // It binds before it prints.
    let line = lines.next_line().await.unwrap();
    assert!(line.is_some(), "the server ended at once");
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    child
}
