//! Pages joined are the whole, once each, whatever mix of bounds is asked for.

use serde_json::Value;

use crate::support::{Answer, User, community};

/// The path of the `rel` link of an answer.
fn link(answer: &Answer, rel: &str) -> Option<String> {
    let header = answer.headers.get("link")?.to_str().unwrap();
    let wanted = format!("rel=\"{rel}\"");
    let part = header.split(", ").find(|part| part.ends_with(&wanted))?;
    let url = part.strip_prefix('<').unwrap().split('>').next().unwrap();
    Some(url.strip_prefix("http://node.test").unwrap_or_else(|| panic!("not absolute: {url}")).to_owned())
}

fn ids(answer: &Answer) -> Vec<i64> {
    answer.body.as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().parse().unwrap()).collect()
}

async fn all(ann: &User, first: &str) -> Vec<i64> {
    let mut found = Vec::new();
    let mut next = Some(first.to_owned());
    while let Some(path) = next {
        let answer = ann.get(&path).await;
        assert!(answer.status.is_success(), "{}", answer.body);
        let page = ids(&answer);
        if page.is_empty() {
            break;
        }
        found.extend(page);
        next = link(&answer, "next");
    }
    found
}

#[tokio::test]
async fn timelines_are_walked_in_both_directions() {
    let [ann] = community(["ann"]).await;
    let mut posted: Vec<i64> = Vec::new();
    for round in 0..12 {
        let post: Value = ann.post(&format!("@ann post {round} #tag")).await;
        posted.push(post["id"].as_str().unwrap().parse().unwrap());
    }
    posted.reverse();
    for path in [
        "/api/v1/timelines/home?limit=5".to_owned(),
        "/api/v1/timelines/public?local=true&limit=5".to_owned(),
        "/api/v1/timelines/tag/tag?limit=5".to_owned(),
        format!("/api/v1/accounts/{}/statuses?limit=5", ann.id),
    ] {
        assert_eq!(all(&ann, &path).await, posted, "{path}");
        let base = path.split("limit").next().unwrap().to_owned();
        // min_id: the oldest that are newer, newest first; since_id: the newest.
        let oldest = posted[11];
        let page = ann.get(&format!("{base}limit=3&min_id={oldest}")).await;
        assert_eq!(ids(&page), posted[8..11], "{path}");
        let page = ann.get(&format!("{base}limit=3&since_id={oldest}")).await;
        assert_eq!(ids(&page), posted[0..3], "{path}");
        let page = ann.get(&format!("{base}limit=40&min_id={}&max_id={}", posted[9], posted[3])).await;
        assert_eq!(ids(&page), posted[4..9], "{path}");
        let first = ann.get(&format!("{base}limit=5")).await;
        let header = first.headers["link"].to_str().unwrap();
        assert!(header.find("rel=\"next\"").unwrap() < header.find("rel=\"prev\"").unwrap(), "{header}");
        assert!(link(&first, "next").unwrap().contains("limit=5"));
        let newer = ann.get(&link(&first, "prev").unwrap()).await;
        assert!(ids(&newer).is_empty() && newer.headers.get("link").is_none());
    }
}

#[tokio::test]
async fn limits_are_kept_within_bounds() {
    let [ann] = community(["ann"]).await;
    for round in 0..45 {
        ann.post(&format!("{round}")).await;
    }
    for (limit, expected) in [("", 20), ("limit=40", 40), ("limit=1000", 40), ("limit=-3", 3), ("limit=1", 1)] {
        let page = ann.get(&format!("/api/v1/timelines/home?{limit}")).await;
        assert_eq!(ids(&page).len(), expected, "{limit}");
    }
}

#[tokio::test]
async fn followers_are_paged_by_a_cursor_of_their_own() {
    let [ann] = community(["ann"]).await;
    for name in ["bob", "cleo", "dan"] {
        ann.node.user(name).await.follow("ann").await;
    }
    let found = all(&ann, &format!("/api/v1/accounts/{}/followers?limit=2", ann.id)).await;
    assert_eq!(found.len(), 3);
    let last = ann.get(&format!("/api/v1/accounts/{}/followers?limit=80", ann.id)).await;
    assert!(link(&last, "next").is_none(), "a page that is not full is the last");
}
