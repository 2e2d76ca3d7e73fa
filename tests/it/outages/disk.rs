//! The database is in trouble: full, locked, away. Nothing is half done, and nothing that was promised is lost.

use std::time::Duration;

use sea_orm::{ConnectionTrait, Database, DatabaseConnection, TransactionTrait};
use serde_json::{Value, json};

use crate::support::{Encounter, Node, database, path_of};

const MINUTE: Duration = Duration::from_secs(60);

/// Takes the space of the database of a node away, or gives it back.
///
/// SQLite is told that the file is as large as it may be, which it knows as long as the connection lives. PostgreSQL takes reads alone, as whoever runs it arranges
/// when its disk is full.
async fn may_grow(node: &Node, may: bool) {
    if database::postgres_server().is_none() {
        let change = node.app().begin().await.unwrap();
        // Fewer pages than there are means as many as there are.
        let pages = if may { 1_000_000 } else { 1 };
        change.tx().execute_unprepared(&format!("PRAGMA max_page_count = {pages}")).await.unwrap();
        change.commit().await.unwrap();
        return;
    }
    let db = connect(node).await;
    let only = if may { "off" } else { "on" };
    let sql = format!(
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = {only}', current_database()); \
         END $$"
    );
    // For this one transaction: the session may be read-only itself.
    db.execute_unprepared(&format!("BEGIN; SET TRANSACTION READ WRITE; {sql}; COMMIT")).await.unwrap();
    let others = "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity \
        WHERE datname = current_database() AND pid <> pg_backend_pid()";
    db.execute_unprepared(others).await.unwrap();
    db.close().await.unwrap();
}

async fn connect(node: &Node) -> DatabaseConnection {
    Database::connect(node.app().config.database.url.as_str()).await.unwrap()
}

/// What needs more room than is left in the pages there are.
fn much() -> String {
    "much to say ".repeat(40)
}

/// Posts until there is no room; what was taken.
async fn post_until_refused(scene: &Encounter) -> usize {
    for taken in 0..2000 {
        let answer = scene.ann.send("/api/v1/statuses", json!({"status": much()})).await;
        if !answer.status.is_success() {
            assert!(answer.status.is_server_error(), "{}", answer.status);
            return taken;
        }
    }
    panic!("there is always room");
}

/// Alice sends posts until there is no room; the one that was refused.
async fn deliver_until_refused(scene: &Encounter) -> Value {
    for part in 0..2000 {
        let note = scene.alice.create(scene.alice.note(&format!("part-{part}"), &much()));
        match scene.alice.deliver(&scene.us, &note).await {
            202 => {}
            status => {
                assert_eq!(status, 503);
                return note;
            }
        }
    }
    panic!("there is always room");
}

#[tokio::test]
async fn a_full_disk_is_admitted_and_nothing_is_half_done() {
    let scene = Encounter::where_alice_follows_ann().await;
    scene.ann_follows(&scene.alice).await;
    let old = scene.ann.post("before").await;
    scene.net.settle().await;
    may_grow(&scene.us, false).await;
    let taken = post_until_refused(&scene).await;
    assert_eq!(scene.ann.account().await["statuses_count"], 1 + taken, "what was refused is not there");
    may_grow(&scene.us, false).await;
    let note = deliver_until_refused(&scene).await;
    may_grow(&scene.us, true).await;
    scene.ann.edit(&old, "after").await;
    scene.ann.post("and more").await;
    assert_eq!(scene.alice.deliver(&scene.us, &note).await, 202);
    scene.net.later(5 * MINUTE).await;
    let late = scene.ann.home().await.iter().filter(|status| status["uri"] == note["object"]["id"]).count();
    assert_eq!(late, 1);
    assert_eq!(scene.ann.again(&old).await["content"], "<p>after</p>");
    // Each post that was taken reaches Alice, those included whose telling began while there was no room.
    let created = scene.good.received_of("Create");
    let mut ids: Vec<_> = created.iter().map(|create| create["object"]["id"].to_string()).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 2 + taken);
}

#[tokio::test]
async fn what_was_taken_in_is_not_given_up_however_long_the_disk_is_full() {
    let scene = Encounter::where_ann_follows_alice().await;
    let note = scene.alice.create(scene.alice.note("patient", &much()));
    assert_eq!(scene.alice.deliver(&scene.us, &note).await, 202);
    may_grow(&scene.us, false).await;
    for _ in 0..40 {
        scene.net.clock.advance(10 * MINUTE);
        if database::postgres_server().is_none() {
            may_grow(&scene.us, false).await;
        }
        // What becomes of work cannot be written down either: that is trouble, and no reason to stop.
        let _ = scene.us.try_work().await;
    }
    may_grow(&scene.us, true).await;
    scene.net.later(10 * MINUTE).await;
    assert_eq!(scene.ann.home().await.len(), 1);
}

#[tokio::test]
async fn a_locked_database_makes_people_wait_and_loses_nothing() {
    let scene = Encounter::where_ann_follows_alice().await;
    let old = scene.ann.post("before").await;
    let other = connect(&scene.us).await;
    let lock = if database::postgres_server().is_none() {
        other.execute_unprepared("BEGIN IMMEDIATE").await.unwrap();
        None
    } else {
        #[expect(clippy::disallowed_methods, reason = "another program has a lock")]
        let lock = other.begin().await.unwrap();
        lock.execute_unprepared("LOCK TABLE status, received IN ACCESS EXCLUSIVE MODE").await.unwrap();
        Some(lock)
    };
    let ann = scene.ann.clone();
    let posting = tokio::spawn(async move { ann.post("while it was locked").await });
    let (alice, us) = (scene.alice.clone(), scene.us.clone());
    let note = scene.alice.create(scene.alice.note("locked", "from afar"));
    let delivering = tokio::spawn(async move { alice.deliver(&us, &note).await });
    if database::postgres_server().is_none() {
        // Whoever reads does not wait.
        assert_eq!(scene.ann.again(&old).await["content"], "<p>before</p>");
    }
    assert!(!posting.is_finished() && !delivering.is_finished());
    match lock {
        Some(lock) => lock.rollback().await.unwrap(),
        None => drop(other.execute_unprepared("ROLLBACK").await.unwrap()),
    }
    assert!(posting.await.unwrap()["id"].is_string());
    assert_eq!(delivering.await.unwrap(), 202);
    scene.net.settle().await;
    assert_eq!(scene.ann.reads().await.len(), 3);
    other.close().await.unwrap();
}

#[tokio::test]
async fn a_database_that_stays_locked_is_admitted() {
    let scene = Encounter::where_ann_follows_alice().await;
    let old = scene.ann.post("before").await;
    if database::postgres_server().is_some() {
        // There, whoever cannot write is told so at once.
        may_grow(&scene.us, false).await;
        assert_eq!(scene.ann.delete(&path_of(&old)).await.status, 503);
        may_grow(&scene.us, true).await;
        scene.ann.take_back(&old).await;
        scene.net.settle().await;
        return;
    }
    let impatient = scene.us.app().begin().await.unwrap();
    impatient.tx().execute_unprepared("PRAGMA busy_timeout = 0").await.unwrap();
    impatient.commit().await.unwrap();
    let other = connect(&scene.us).await;
    other.execute_unprepared("BEGIN IMMEDIATE").await.unwrap();
    assert_eq!(scene.ann.delete(&path_of(&old)).await.status, 503);
    let note = scene.alice.create(scene.alice.note("locked", "from afar"));
    assert_eq!(scene.alice.deliver(&scene.us, &note).await, 503);
    other.execute_unprepared("ROLLBACK").await.unwrap();
    scene.ann.take_back(&old).await;
    assert_eq!(scene.alice.deliver(&scene.us, &note).await, 202);
    scene.net.settle().await;
    assert_eq!(scene.ann.reads().await, ["from afar"]);
    other.close().await.unwrap();
}

/// On a full disk SQLite ends a transaction behind the back of the driver; whoever writes next must not suffer for it.
#[tokio::test]
async fn a_transaction_that_the_database_ended_by_itself_costs_nobody_theirs() {
    let scene = Encounter::where_alice_follows_ann().await;
    for text in ["one", "two"] {
        let ended = scene.us.app().begin().await.unwrap();
        ended.tx().execute_unprepared("ROLLBACK").await.unwrap();
        drop(ended);
        scene.ann.post(text).await;
    }
    scene.net.settle().await;
    assert_eq!(scene.good.received_of("Create").len(), 2);
}

#[tokio::test]
async fn connections_that_were_cut_are_made_anew() {
    let scene = Encounter::where_alice_follows_ann().await;
    if database::postgres_server().is_some() {
        // Ends all sessions, as a restart of the server does.
        may_grow(&scene.us, true).await;
    }
    scene.ann.post("after").await;
    scene.net.settle().await;
    assert_eq!(scene.good.received_of("Create").len(), 1);
}
