//! The real server in this process: real router, worker code and database on a real socket.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use outloud::actions::{accounts, oauth, settings};
use outloud::app::App;
use outloud::app::crypto::Vault;
use outloud::config::Config;
use outloud::domain::account::Role;
use outloud::domain::id::IdMint;
use outloud::domain::moment::Clock;
use outloud::federation::Federation;
use outloud::federation::http::Resolver;
use outloud::jobs::Worker;
use outloud::server::{self, Running, Work};
use outloud::store::Db;
use reqwest::Method;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{User, alarm, database};

/// The password of everybody in the tests.
pub const PASSWORD: &str = "correct horse battery";
/// How many rounds of work are enough for anything a test does.
pub const MOST_ROUNDS: usize = 200;

/// A running node; cheap to clone.
#[derive(Clone)]
pub struct Node(Arc<Inner>);

struct Inner {
    name: String,
    running: Running,
    worker: Worker,
    client: reqwest::Client,
    statements: Arc<AtomicU64>,
    works_at_once: AtomicBool,
    leaves_work: AtomicBool,
    expects_trouble: AtomicBool,
    /// Goes when the node goes.
    _folder: tempfile::TempDir,
}

/// What a test asserted was not yet the whole story when something is left to do, and not the expected one when
/// something went wrong.
impl Drop for Inner {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let app = &self.running.app;
        let left = alarm::look(&app.config.database.url, app.now());
        let (undone, trouble) = (left.undone.join("\n"), left.trouble.join("\n"));
        let (may_leave, may_fail) = (self.leaves_work.get_mut(), self.expects_trouble.get_mut());
        assert_eq!(*may_leave, !undone.is_empty(), "left to do on {} when the test ended:\n{undone}", self.name);
        assert_eq!(*may_fail, !trouble.is_empty(), "trouble on {} when the test ended:\n{trouble}", self.name);
    }
}

impl Node {
    /// A node with more settings in its environment.
    pub async fn start_with(name: &str, clock: Clock, resolver: Resolver, more: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = database::fresh(folder.path()).await;
        let mut variables = vec![
            ("OUTLOUD__DOMAIN".to_owned(), name.to_owned()),
            ("OUTLOUD__PUBLIC_URL".to_owned(), format!("http://{name}")),
            ("OUTLOUD__DEVELOPMENT".to_owned(), "true".to_owned()),
            ("OUTLOUD__DATA_DIR".to_owned(), folder.path().display().to_string()),
            ("OUTLOUD__DATABASE__URL".to_owned(), database),
            ("OUTLOUD__FEDERATION__ALLOW_ADDRESSES".to_owned(), "127.0.0.0/8".to_owned()),
            ("OUTLOUD__RATE_LIMITS__ENABLED".to_owned(), "false".to_owned()),
        ];
        variables.extend(more.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
        let config = Config::read(None, variables).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let statements = Arc::new(AtomicU64::new(0));
        let counter = statements.clone();
        let count = move |_sql: &str| {
            counter.fetch_add(1, Ordering::Relaxed);
        };
        let mut db = Db::connect(&config.database.url).await.unwrap();
        db.on_statement(count);
        let app = App::new(config, db, clock, Vault::from_key([7; 32]), IdMint::new(0));
        let running = server::run(app, resolver, listener, Work::ByHand).await.unwrap();
        let worker = Worker::new(running.federation.clone());
        let client = reqwest::Client::builder()
            .resolve(name, address)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .unwrap();
        Self(Arc::new(Inner {
            name: name.to_owned(),
            running,
            worker,
            client,
            statements,
            works_at_once: AtomicBool::new(false),
            leaves_work: AtomicBool::new(false),
            expects_trouble: AtomicBool::new(false),
            _folder: folder,
        }))
    }

    pub fn name(&self) -> &str {
        &self.0.name
    }

    pub fn app(&self) -> &App {
        &self.0.running.app
    }

    pub fn federation(&self) -> &Federation {
        &self.0.running.federation
    }

    pub fn address(&self) -> SocketAddr {
        self.0.running.address
    }

    /// An address on this node.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.0.name)
    }

    /// A client that knows where this node is, and follows no redirect.
    pub fn client(&self) -> &reqwest::Client {
        &self.0.client
    }

    /// A member with this name.
    pub async fn user(&self, name: &str) -> User {
        self.member(name, Role::User).await
    }

    /// A member with this name and role.
    pub async fn member(&self, name: &str, role: Role) -> User {
        let newcomer = accounts::Newcomer {
            username: name.to_owned(),
            email: format!("{name}@mail.example"),
            password: PASSWORD.to_owned(),
            reason: None,
            invite: None,
            locale: None,
        };
        let terms = accounts::Terms { role, confirmed: true, approved: true, any_name: true };
        let joined = accounts::join(self.app(), newcomer, terms).await.unwrap();
        let token = self.token(joined.account, "read write follow push profile").await;
        User::new(self.clone(), name, joined.account, token)
    }

    /// A token with these scopes for a member.
    pub async fn token(&self, account: outloud::domain::id::AccountId, scopes: &str) -> String {
        let app = oauth::NewApp {
            name: "Tests".to_owned(),
            redirect_uris: vec!["urn:ietf:wg:oauth:2.0:oob".to_owned()],
            scopes: scopes.parse().unwrap(),
            website: None,
        };
        let app = oauth::register_app(self.app(), app).await.unwrap();
        oauth::issue(self.app(), account, app.id, &scopes.parse().unwrap()).await.unwrap().token
    }

    /// Changes a setting of the server.
    pub async fn set(&self, key: &str, value: &str) {
        settings::set(self.app(), key, value).await.unwrap();
    }

    /// From now on the node does at once what follows from a request, as far as it is told of requests.
    pub fn works_at_once(&self) {
        self.0.works_at_once.store(true, Ordering::Relaxed);
    }

    /// The test ends while something is left to do here, and that is meant.
    pub fn leaves_work(&self) {
        self.0.leaves_work.store(true, Ordering::Relaxed);
    }

    /// Some work here goes wrong in this test, and that is meant.
    pub fn expects_trouble(&self) {
        self.0.expects_trouble.store(true, Ordering::Relaxed);
    }

    /// Does what follows from a request that may have changed something, where that happens at once.
    pub async fn was_asked(&self, method: &Method) {
        if *method != Method::GET && self.0.works_at_once.load(Ordering::Relaxed) {
            self.settle().await;
        }
    }

    /// Works as a server of its own does, until told to stop.
    pub fn works_by_itself(&self) -> CancellationToken {
        let (worker, stop) = (self.0.worker.clone(), CancellationToken::new());
        let signal = stop.clone();
        tokio::spawn(async move { worker.run(signal).await });
        stop
    }

    /// Works as a server of its own does while something happens, and finishes what it is at.
    pub async fn works_while(&self, something: impl Future<Output = ()>) {
        let stop = CancellationToken::new();
        let working = async {
            something.await;
            stop.cancel();
        };
        tokio::join!(self.0.worker.run(stop.clone()), working);
    }

    /// Does everything that is due here.
    pub async fn settle(&self) {
        for _ in 0..MOST_ROUNDS {
            if self.work().await == 0 {
                return;
            }
        }
        panic!("there is always more to do");
    }

    /// Does one round of what is due; how much there was.
    pub async fn work(&self) -> usize {
        self.try_work().await.unwrap()
    }

    /// Does one round of what is due, as far as the database lets it.
    pub async fn try_work(&self) -> outloud::error::Result<usize> {
        let jobs = self.0.worker.run_due_jobs().await?;
        Ok(jobs + self.federation().deliver_due().await?)
    }

    /// How many statements `work` costs.
    pub async fn statements<T>(&self, work: impl Future<Output = T>) -> (T, u64) {
        let before = self.0.statements.load(Ordering::Relaxed);
        let result = work.await;
        (result, self.0.statements.load(Ordering::Relaxed) - before)
    }
}
