//! Which part of a long list is wanted.

/// A page of a list that is sorted by id, newest first. All bounds are exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Page {
    /// Older than this.
    pub max_id: Option<i64>,
    /// Newer than this, the newest first.
    pub since_id: Option<i64>,
    /// Newer than this, the oldest of them; still shown newest first.
    pub min_id: Option<i64>,
    /// How many at most.
    pub limit: u64,
}

impl Page {
    /// The newest `limit` entries.
    pub fn newest(limit: u64) -> Self {
        Self { limit, ..Self::default() }
    }

    /// Whether it begins with the newest entry.
    pub fn is_first(&self) -> bool {
        self.max_id.is_none() && self.min_id.is_none() && self.since_id.is_none()
    }
}

/// Entries with the cursors that lead on, which may differ from the ids of the entries.
#[derive(Debug, Clone)]
pub struct Paged<T> {
    /// The entries, newest first.
    pub items: Vec<T>,
    /// Where the page ends, if it has an end.
    pub bounds: Option<Bounds>,
}

/// The cursors of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// The cursor of the newest entry.
    pub newest: i64,
    /// The cursor of the oldest entry.
    pub oldest: i64,
    /// Whether the page is as long as it was asked to be.
    pub full: bool,
}

impl<T> Paged<T> {
    /// A page of `items`, each with its cursor, newest first.
    pub fn new(items: Vec<(i64, T)>, limit: u64) -> Self {
        let bounds = Bounds::of(items.iter().map(|(cursor, _)| *cursor), limit);
        Self { items: items.into_iter().map(|(_, item)| item).collect(), bounds }
    }

    /// The same page with its entries turned into something else; entries may fall away, the cursors stay.
    pub fn with<U>(&self, items: Vec<U>) -> Paged<U> {
        Paged { items, bounds: self.bounds }
    }
}

impl Bounds {
    /// The bounds of a list of cursors, newest first.
    pub fn of(cursors: impl ExactSizeIterator<Item = i64> + Clone, limit: u64) -> Option<Self> {
        let full = cursors.len() as u64 >= limit;
        let newest = cursors.clone().next()?;
        let oldest = cursors.last()?;
        Some(Self { newest, oldest, full })
    }
}
