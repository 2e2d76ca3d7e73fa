//! A fresh database for every node, copied from one that was migrated once.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use outloud::store::Db;
use sea_orm::{ConnectionTrait, Database};
use tokio::sync::OnceCell;

static SQLITE: OnceCell<PathBuf> = OnceCell::const_new();
static POSTGRES: OnceCell<String> = OnceCell::const_new();
static NUMBER: AtomicU32 = AtomicU32::new(0);

/// The server to make PostgreSQL databases on, when the suite is to run there.
#[expect(clippy::disallowed_methods, reason = "says which engine the suite runs on")]
pub fn postgres_server() -> Option<String> {
    std::env::var("OUTLOUD_TEST_DATABASE_URL").ok().filter(|url| !url.is_empty())
}

/// The address of a fresh database; on SQLite a file in `folder`.
pub async fn fresh(folder: &Path) -> String {
    match postgres_server() {
        Some(server) => fresh_postgres(&server).await,
        None => fresh_sqlite(folder).await,
    }
}

/// The address of a database without tables.
pub async fn empty(folder: &Path) -> String {
    match postgres_server() {
        Some(server) => {
            let number = NUMBER.fetch_add(1, Ordering::Relaxed);
            create(&server, &format!("outloud_empty_{}_{number}", std::process::id()), None).await
        }
        None => format!("sqlite://{}?mode=rwc", folder.join("empty.db").display()),
    }
}

async fn fresh_sqlite(folder: &Path) -> String {
    let template = SQLITE
        .get_or_init(|| async {
            // Lives as long as the process; the system cleans its folder.
            let path = tempfile::tempdir().unwrap().keep().join("template.db");
            let db = Db::connect(&format!("sqlite://{}", path.display())).await.unwrap();
            db.migrate().await.unwrap();
            db.close().await.unwrap();
            path
        })
        .await;
    let file = folder.join("outloud.db");
    std::fs::copy(template, &file).unwrap();
    format!("sqlite://{}", file.display())
}

async fn fresh_postgres(server: &str) -> String {
    let template = POSTGRES
        .get_or_init(|| async {
            let name = format!("outloud_template_{}", std::process::id());
            let url = create(server, &name, None).await;
            let db = Db::connect(&url).await.unwrap();
            db.migrate().await.unwrap();
            db.close().await.unwrap();
            name
        })
        .await;
    let name = format!("outloud_test_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
    create(server, &name, Some(template)).await
}

async fn create(server: &str, name: &str, template: Option<&str>) -> String {
    // Copying a database needs nobody else at it: one at a time.
    static ONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
    let _guard = ONE.lock().await;
    let admin = Database::connect(server).await.unwrap();
    admin.execute_unprepared(&format!("DROP DATABASE IF EXISTS {name}")).await.unwrap();
    let template = template.map(|template| format!(" TEMPLATE {template}")).unwrap_or_default();
    admin.execute_unprepared(&format!("CREATE DATABASE {name}{template}")).await.unwrap();
    admin.close().await.unwrap();
    let mut url = url::Url::parse(server).unwrap();
    url.set_path(name);
    url.into()
}
