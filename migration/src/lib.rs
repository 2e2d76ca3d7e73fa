//! The steps that build the database, oldest first.

use sea_orm_migration::prelude::*;

pub use sea_orm_migration::MigratorTrait;

mod dialect;
mod m0001_settings;
mod m0002_accounts;
mod m0003_sessions;
mod m0004_statuses;
mod m0005_relations;
mod m0006_timelines;
mod m0007_filters;
mod m0008_emojis;
mod m0009_queue;
mod m0010_federation;
mod m0011_pending_accounts;
mod m0012_flying_deliveries;
mod m0013_owned_tombstones;
mod m0014_pins;
mod m0015_busy_lanes;
mod m0016_keys_of_both_kinds;
mod m0017_polls;
mod m0018_thread_fetches;
mod m0019_moves;
mod m0020_reports;
mod m0021_severities;
mod m0022_quotes;
mod m0023_relays;
mod m0024_followers_digest;
mod m0025_featured_tags;
mod m0026_reactions;
mod m0027_threads_and_groups;
mod m0028_absences;

/// Brings a database to the newest form.
#[derive(Debug)]
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_settings::Migration),
            Box::new(m0002_accounts::Migration),
            Box::new(m0003_sessions::Migration),
            Box::new(m0004_statuses::Migration),
            Box::new(m0005_relations::Migration),
            Box::new(m0006_timelines::Migration),
            Box::new(m0007_filters::Migration),
            Box::new(m0008_emojis::Migration),
            Box::new(m0009_queue::Migration),
            Box::new(m0010_federation::Migration),
            Box::new(m0011_pending_accounts::Migration),
            Box::new(m0012_flying_deliveries::Migration),
            Box::new(m0013_owned_tombstones::Migration),
            Box::new(m0014_pins::Migration),
            Box::new(m0015_busy_lanes::Migration),
            Box::new(m0016_keys_of_both_kinds::Migration),
            Box::new(m0017_polls::Migration),
            Box::new(m0018_thread_fetches::Migration),
            Box::new(m0019_moves::Migration),
            Box::new(m0020_reports::Migration),
            Box::new(m0021_severities::Migration),
            Box::new(m0022_quotes::Migration),
            Box::new(m0023_relays::Migration),
            Box::new(m0024_followers_digest::Migration),
            Box::new(m0025_featured_tags::Migration),
            Box::new(m0026_reactions::Migration),
            Box::new(m0027_threads_and_groups::Migration),
            Box::new(m0028_absences::Migration),
        ]
    }
}
