//! What does not depend on the viewer, kept while nobody changes it.
//!
//! A reader that loads a row while it is being changed must not put the old row back afterwards.
//! So every id belongs to a slot with a counter: who wants to keep a row looks at the counter before reading,
//! and keeps nothing when it has moved since.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use quick_cache::Weighter;
use quick_cache::sync::Cache as Bounded;

use crate::domain::account::Emojis;
use crate::domain::id::{AccountId, StatusId};
use crate::store::bodies::Body;
use crate::store::entity::account;
use crate::store::members::Grant;

const SLOTS: usize = 256;
/// How many statuses of a kilobyte are kept; longer ones count as several.
const STATUSES: usize = 4_000;
/// How many accounts are kept.
const ACCOUNTS: usize = 4_000;
/// How many tokens are kept.
const GRANTS: usize = 4_000;

/// Statuses, accounts and tokens that were read lately.
#[derive(Debug)]
pub struct Cache {
    statuses: Shelf<StatusId, Body>,
    accounts: Shelf<AccountId, account::Model>,
    grants: Shelf<String, Grant>,
    data_version: AtomicI64,
}

impl Cache {
    /// An empty cache.
    pub fn new() -> Self {
        Self::holding(STATUSES, ACCOUNTS, GRANTS)
    }

    /// A cache that keeps nothing.
    pub fn off() -> Self {
        Self::holding(0, 0, 0)
    }

    fn holding(statuses: usize, accounts: usize, grants: usize) -> Self {
        Self {
            statuses: Shelf::new(statuses),
            accounts: Shelf::new(accounts),
            grants: Shelf::new(grants),
            data_version: AtomicI64::new(0),
        }
    }

    /// The statuses.
    pub fn statuses(&self) -> &Shelf<StatusId, Body> {
        &self.statuses
    }

    /// The accounts.
    pub fn accounts(&self) -> &Shelf<AccountId, account::Model> {
        &self.accounts
    }

    /// What is behind tokens, by the hash of the token.
    pub fn grants(&self) -> &Shelf<String, Grant> {
        &self.grants
    }

    /// Forgets everything.
    pub fn clear(&self) {
        self.statuses.clear();
        self.accounts.clear();
        self.grants.clear();
    }

    /// Notes the version of the file; true when it has changed since the last time.
    pub(super) fn moved_on(&self, version: i64) -> bool {
        self.data_version.swap(version, Ordering::AcqRel) != version
    }
}

impl Default for Cache {
    fn default() -> Self {
        Self::new()
    }
}

/// Rows of one kind by id.
#[derive(Debug)]
pub struct Shelf<K: Slot, V: Weight> {
    rows: Option<Bounded<K, Arc<V>, Scales>>,
    moves: Vec<AtomicU64>,
}

/// How far the slots had moved when a reader began.
#[derive(Debug, Clone, Copy)]
pub struct Seen(u64);

/// What it costs to keep a row, in kilobytes.
pub trait Weight {
    /// At least one.
    fn kilobytes(&self) -> u64 {
        1
    }
}

impl Weight for account::Model {
    fn kilobytes(&self) -> u64 {
        let fields = self.fields.0.iter().map(|field| field.name.len() + field.value.len());
        let aliases = self.also_known_as.0.iter().map(String::len);
        kilobytes(self.note.len() + fields.chain(aliases).sum::<usize>() + emojis(&self.emojis))
    }
}

impl Weight for Grant {}

impl Weight for Body {
    fn kilobytes(&self) -> u64 {
        let row = &self.status;
        let text = row.content.len() + row.text.len() + row.spoiler_text.len() + row.title.len();
        let media =
            self.media.iter().map(|media| media.description.len() + media.remote_url.as_ref().map_or(0, String::len));
        kilobytes(text + media.sum::<usize>() + emojis(&row.emojis))
    }
}

fn emojis(emojis: &Emojis) -> usize {
    emojis.0.iter().map(|emoji| emoji.shortcode.len() + emoji.url.len()).sum()
}

/// A row is never free, and never heavier than a shelf can tell.
fn kilobytes(bytes: usize) -> u64 {
    1 + u64::try_from(bytes / 1024).unwrap_or(0)
}

/// Weighs rows for the cache.
#[derive(Debug, Clone)]
struct Scales;

impl<K, V: Weight> Weighter<K, Arc<V>> for Scales {
    fn weight(&self, _: &K, row: &Arc<V>) -> u64 {
        row.kilobytes()
    }
}

/// Says which slot a key belongs to.
pub trait Slot: std::hash::Hash + Eq + Clone {
    /// A number that differs between neighbours.
    fn number(&self) -> usize;
}

impl<K: Slot, V: Weight> Shelf<K, V> {
    fn new(kilobytes: usize) -> Self {
        let capacity = u64::try_from(kilobytes).unwrap_or(u64::MAX);
        let rows = (kilobytes > 0).then(|| Bounded::with_weighter(kilobytes, capacity, Scales));
        Self { rows, moves: (0..SLOTS).map(|_| AtomicU64::new(0)).collect() }
    }

    /// The row, if it is kept.
    pub fn get(&self, key: &K) -> Option<Arc<V>> {
        self.rows.as_ref()?.get(key)
    }

    /// How far the slot of `key` has moved; to be asked before the row is read.
    pub fn seen(&self, key: &K) -> Seen {
        Seen(self.slot(key).load(Ordering::Acquire))
    }

    /// Keeps a row that was read after `seen`, unless it may have changed since.
    pub fn keep(&self, key: &K, row: Arc<V>, seen: Seen) {
        let Some(rows) = &self.rows else { return };
        if self.slot(key).load(Ordering::Acquire) != seen.0 {
            return;
        }
        rows.insert(key.clone(), row);
        // A change in between has moved the slot before it forgot the row: look again.
        if self.slot(key).load(Ordering::Acquire) != seen.0 {
            rows.remove(key);
        }
    }

    /// Forgets a row because it has changed.
    pub fn forget(&self, key: &K) {
        self.slot(key).fetch_add(1, Ordering::AcqRel);
        if let Some(rows) = &self.rows {
            rows.remove(key);
        }
    }

    /// Forgets all rows.
    pub fn clear(&self) {
        for slot in &self.moves {
            slot.fetch_add(1, Ordering::AcqRel);
        }
        if let Some(rows) = &self.rows {
            rows.clear();
        }
    }

    fn slot(&self, key: &K) -> &AtomicU64 {
        &self.moves[key.number() % SLOTS]
    }
}

impl Slot for StatusId {
    fn number(&self) -> usize {
        mix(self.0)
    }
}

impl Slot for AccountId {
    fn number(&self) -> usize {
        mix(self.0)
    }
}

impl Slot for String {
    fn number(&self) -> usize {
        self.bytes().take(4).fold(0, |number, byte| number * 31 + usize::from(byte))
    }
}

/// Both halves of an id count: the low one is often zero.
fn mix(id: i64) -> usize {
    usize::try_from((id ^ (id >> 16)) & 0xffff).unwrap_or(0)
}
