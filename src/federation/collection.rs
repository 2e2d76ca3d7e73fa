//! Reading collections of other servers, page after page, as far as it is worth it.

use std::collections::HashSet;

use serde_json::Value;

use crate::domain::origin::RemoteId;
use crate::error::Result;
use crate::federation::Federation;
use crate::federation::http::Budget;
use crate::federation::protocol::shape;

/// How many pages of one collection are read.
const MOST_PAGES: usize = 10;

impl Federation {
    /// The first `most` members of a collection: ids or whole objects, as they stand there.
    ///
    /// Pages are of the server of the collection and each is read once; what leads elsewhere or in a circle ends it.
    pub(super) async fn members_of(&self, id: &RemoteId, most: usize, budget: &mut Budget) -> Result<Vec<Value>> {
        let (_, collection) = self.fetch(id, budget).await?;
        self.members_in(collection, id, most, budget).await
    }

    /// The same of a collection that stands inside of another document, by its id or as a whole.
    pub(super) async fn members_in(
        &self,
        collection: Value,
        owner: &RemoteId,
        most: usize,
        budget: &mut Budget,
    ) -> Result<Vec<Value>> {
        let mut members = Vec::new();
        let mut seen: HashSet<String> = HashSet::new();
        let mut page = Some(collection);
        while let Some(current) = page.take() {
            let current = match self.page(current, owner, &mut seen, budget).await? {
                Some(current) if seen.len() <= MOST_PAGES => current,
                _ => break,
            };
            for name in ["orderedItems", "items"] {
                members.extend(current.get(name).into_iter().flat_map(shape::members).cloned());
            }
            if members.len() >= most {
                break;
            }
            page = current.get("first").or_else(|| current.get("next")).filter(|next| !next.is_null()).cloned();
        }
        members.truncate(most);
        Ok(members)
    }

    /// One page: fetched where only its id is there.
    async fn page(
        &self,
        page: Value,
        owner: &RemoteId,
        seen: &mut HashSet<String>,
        budget: &mut Budget,
    ) -> Result<Option<Value>> {
        let id = shape::id_of(&page).map(str::to_owned);
        // Pages inside of pages need no id; they are counted all the same.
        let name = id.clone().unwrap_or_else(|| format!("#{}", seen.len()));
        if !seen.insert(name) {
            return Ok(None);
        }
        match (page, id) {
            (Value::String(_), Some(id)) => {
                let id = self.borders.remote(&id)?;
                if !id.shares_origin(owner) {
                    return Ok(None);
                }
                Ok(Some(self.fetch(&id, budget).await?.1))
            }
            (page, _) => Ok(page.is_object().then_some(page)),
        }
    }
}
