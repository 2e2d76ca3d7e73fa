//! What is left in the queues of a node when a test is over.

use outloud::domain::delivery::DeliveryState;
use outloud::domain::moment::Moment;
use outloud::store::entity::{delivery, job};
use sea_orm::{ConnectOptions, Database, EntityTrait};

/// What a test left behind.
#[derive(Debug, Default)]
pub struct Leftovers {
    /// Work that was due and that nobody did.
    pub undone: Vec<String>,
    /// Work that went wrong.
    pub trouble: Vec<String>,
}

/// What is left in a database, as seen at `now`.
///
/// The node may be in the middle of anything and its runtime stands still: a thread and a connection of our own ask.
pub fn look(database: &str, now: Moment) -> Leftovers {
    let database = database.to_owned();
    let asking = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(ask(&database, now))
    });
    asking.join().unwrap()
}

async fn ask(database: &str, now: Moment) -> Leftovers {
    let mut options = ConnectOptions::new(database);
    options.max_connections(1).sqlx_logging(false);
    let db = Database::connect(options).await.unwrap();
    let jobs = job::Entity::find().all(&db).await.unwrap();
    let deliveries = delivery::Entity::find().all(&db).await.unwrap();
    db.close().await.unwrap();
    let mut left = Leftovers::default();
    for job in &jobs {
        left.add_job(job, now);
    }
    for delivery in &deliveries {
        left.add_delivery(delivery, now);
    }
    left
}

impl Leftovers {
    fn add_job(&mut self, job: &job::Model, now: Moment) {
        if let Some(error) = &job.last_error {
            self.trouble.push(format!("{} failed: {error}", job.payload));
        } else if job.run_at <= now {
            self.undone.push(job.payload.clone());
        }
    }

    fn add_delivery(&mut self, delivery: &delivery::Model, now: Moment) {
        let waits = delivery.state == DeliveryState::Waiting;
        if let Some(error) = delivery.last_error.as_ref().filter(|_| delivery.state != DeliveryState::Delivered) {
            self.trouble.push(format!("delivery to {}: {error}", delivery.inbox_url));
        } else if waits && delivery.not_before <= now {
            self.undone.push(format!("delivery to {}", delivery.inbox_url));
        }
    }
}
