//! A member who uses the client API as an app would.

use outloud::domain::id::AccountId;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::peer::ACTIVITY;
use super::{Node, schema};

/// Somebody with an account on a node.
#[derive(Clone)]
pub struct User {
    pub node: Node,
    pub name: String,
    pub id: AccountId,
    pub token: String,
}

/// An answer of the API.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: reqwest::header::HeaderMap,
    pub body: Value,
}

impl Answer {
    /// The body of an answer that must be a success.
    #[track_caller]
    pub fn ok(self) -> Value {
        assert!(self.status.is_success(), "{}: {}", self.status, self.body);
        self.body
    }

    /// The `error` of an answer that must have this status.
    #[track_caller]
    pub fn refused(self, status: u16) -> String {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        self.body["error"].as_str().unwrap_or_else(|| panic!("no error in {}", self.body)).to_owned()
    }
}

impl Node {
    /// Asks the API with a token, or without when it is empty.
    pub async fn ask(&self, method: Method, path: &str, token: &str, body: Option<Value>) -> Answer {
        let mut request = self.client().request(method.clone(), self.url(path));
        if !token.is_empty() {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let answer = self.answer(request).await;
        schema::check(method.as_str(), path, answer.status.as_u16(), &answer.body);
        answer
    }

    /// What the node answers to another server that asks for a document without saying who it is.
    pub async fn document(&self, address: &str) -> Answer {
        let path = address.strip_prefix(&self.url("")).unwrap_or(address);
        self.answer(self.client().get(self.url(path)).header("accept", ACTIVITY)).await
    }

    /// What the node answers to a request of any making.
    pub async fn answer(&self, request: reqwest::RequestBuilder) -> Answer {
        let request = request.build().unwrap();
        let method = request.method().clone();
        let response = self.client().execute(request).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let text = response.text().await.unwrap();
        self.was_asked(&method).await;
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Answer { status, headers, body }
    }
}

impl User {
    pub fn new(node: Node, name: &str, id: AccountId, token: String) -> Self {
        Self { node, name: name.to_owned(), id, token }
    }

    pub fn handle(&self) -> String {
        format!("@{}@{}", self.name, self.node.name())
    }

    /// The id of the actor.
    pub fn uri(&self) -> String {
        self.node.app().urls.actor(self.id)
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.node.ask(Method::GET, path, &self.token, None).await
    }

    pub async fn send(&self, path: &str, body: Value) -> Answer {
        self.node.ask(Method::POST, path, &self.token, Some(body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.node.ask(Method::DELETE, path, &self.token, None).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.node.ask(Method::PUT, path, &self.token, Some(body)).await
    }

    /// Changes one's own profile; the answer.
    pub async fn try_profile(&self, change: Value) -> Answer {
        self.node.ask(Method::PATCH, "/api/v1/accounts/update_credentials", &self.token, Some(change)).await
    }

    /// Changes one's own profile; the account as it is then.
    pub async fn changes_profile(&self, change: Value) -> Value {
        self.try_profile(change).await.ok()
    }

    /// Says something else in a status.
    pub async fn edit(&self, status: &Value, text: &str) -> Value {
        self.put(&path_of(status), json!({"status": text})).await.ok()
    }

    /// Deletes a status; what the answer says.
    pub async fn take_back(&self, status: &Value) -> Value {
        self.delete(&path_of(status)).await.ok()
    }

    /// The status as it is now.
    pub async fn again(&self, status: &Value) -> Value {
        self.get(&path_of(status)).await.ok()
    }

    /// The thread around a status.
    pub async fn context(&self, status: &Value) -> Value {
        self.get(&format!("{}/context", path_of(status))).await.ok()
    }

    /// The own account as everybody sees it.
    pub async fn account(&self) -> Value {
        self.get(&format!("/api/v1/accounts/{}", self.id)).await.ok()
    }

    /// Does something to somebody of the same node, such as `block`; the relationship.
    pub async fn does(&self, verb: &str, other: &User) -> Value {
        self.send(&format!("/api/v1/accounts/{}/{verb}", other.id), json!({})).await.ok()
    }

    /// Posts something public; the status.
    pub async fn post(&self, text: &str) -> Value {
        self.send("/api/v1/statuses", json!({"status": text})).await.ok()
    }

    /// Posts something with a visibility.
    pub async fn post_to(&self, visibility: &str, text: &str) -> Value {
        self.send("/api/v1/statuses", json!({"status": text, "visibility": visibility})).await.ok()
    }

    /// Answers a status.
    pub async fn reply(&self, to: &Value, text: &str) -> Value {
        self.send("/api/v1/statuses", json!({"status": text, "in_reply_to_id": to["id"]})).await.ok()
    }

    /// Finds somebody by handle, looking on their server.
    pub async fn find(&self, handle: &str) -> Value {
        let query: String = url::form_urlencoded::byte_serialize(handle.as_bytes()).collect();
        let found = self.get(&format!("/api/v2/search?q={query}&resolve=true&type=accounts")).await.ok();
        found["accounts"][0].clone()
    }

    /// Follows somebody by handle; the relationship.
    pub async fn follow(&self, handle: &str) -> Value {
        let account = self.find(handle).await;
        let id = account["id"].as_str().unwrap_or_else(|| panic!("{handle} is not found"));
        self.send(&format!("/api/v1/accounts/{id}/follow"), json!({})).await.ok()
    }

    pub async fn unfollow(&self, handle: &str) -> Value {
        let account = self.find(handle).await;
        let id = account["id"].as_str().unwrap().to_owned();
        self.send(&format!("/api/v1/accounts/{id}/unfollow"), json!({})).await.ok()
    }

    /// What somebody is to this member.
    pub async fn relationship(&self, handle: &str) -> Value {
        let account = self.find(handle).await;
        let id = account["id"].as_str().unwrap().to_owned();
        self.get(&format!("/api/v1/accounts/relationships?id[]={id}")).await.ok()[0].clone()
    }

    /// Does something with a status, such as `reblog`.
    pub async fn act(&self, verb: &str, status: &Value) -> Value {
        self.send(&format!("{}/{verb}", path_of(status)), json!({})).await.ok()
    }

    pub async fn home(&self) -> Vec<Value> {
        list(self.get("/api/v1/timelines/home?limit=40").await.ok())
    }

    pub async fn notifications(&self) -> Vec<Value> {
        list(self.get("/api/v1/notifications?limit=80").await.ok())
    }

    /// The texts of the home timeline, newest first, without markup.
    pub async fn reads(&self) -> Vec<String> {
        self.home().await.iter().map(text_of).collect()
    }
}

pub fn list(value: Value) -> Vec<Value> {
    match value {
        Value::Array(items) => items,
        other => panic!("not a list: {other}"),
    }
}

/// Where the API has a status.
pub fn path_of(status: &Value) -> String {
    format!("/api/v1/statuses/{}", status["id"].as_str().unwrap())
}

/// What a status says, without markup; of a boost, what is boosted.
pub fn text_of(status: &Value) -> String {
    let original = if status["reblog"].is_object() { &status["reblog"] } else { status };
    outloud::domain::html::to_text(original["content"].as_str().unwrap_or_default()).trim().to_owned()
}
