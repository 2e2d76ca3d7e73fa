//! A browser without JavaScript: keeps cookies, follows redirects here, fills in forms.

use std::collections::BTreeMap;

use reqwest::Method;
use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};

use super::Node;
use super::node::PASSWORD;

/// A visitor with a cookie jar.
pub struct Browser {
    node: Node,
    cookies: BTreeMap<String, String>,
    last: Option<Page>,
}

/// A page as it came.
#[derive(Clone, Debug)]
pub struct Page {
    pub status: u16,
    pub url: String,
    pub text: String,
    pub headers: reqwest::header::HeaderMap,
}

impl Page {
    /// Whether the browser was sent to another site.
    pub fn was_redirected_off(&self) -> bool {
        (300..400).contains(&self.status)
    }

    /// The forms of the page.
    pub fn forms(&self) -> Vec<Form> {
        self.text.split("<form").skip(1).map(|part| Form::read(part.split("</form>").next().unwrap())).collect()
    }

    /// The form whose action contains `part`.
    #[track_caller]
    pub fn form(&self, part: &str) -> Form {
        let found = self.forms().into_iter().find(|form| form.action.contains(part));
        found.unwrap_or_else(|| panic!("no form to {part} on {}: {}", self.url, self.text))
    }
}

/// A form with what is filled in already.
#[derive(Clone, Debug)]
pub struct Form {
    pub action: String,
    pub post: bool,
    pub fields: BTreeMap<String, String>,
}

impl Form {
    fn read(html: &str) -> Self {
        let (tag, inner) = html.split_once('>').unwrap();
        let mut fields = BTreeMap::new();
        for input in inner.split("<input").skip(1) {
            let input = input.split('>').next().unwrap();
            let kind = attribute(input, "type").unwrap_or_default();
            let unchecked = matches!(kind.as_str(), "checkbox" | "radio") && !input.contains("checked");
            if let Some(name) = attribute(input, "name").filter(|_| !unchecked) {
                fields.insert(name, attribute(input, "value").unwrap_or_default());
            }
        }
        for area in inner.split("<textarea").skip(1) {
            let (tag, rest) = area.split_once('>').unwrap();
            if let Some(name) = attribute(tag, "name") {
                fields.insert(name, unescape(rest.split("</textarea>").next().unwrap()));
            }
        }
        for select in inner.split("<select").skip(1) {
            let (tag, rest) = select.split_once('>').unwrap();
            let chosen =
                rest.split("<option").skip(1).find(|option| option.split('>').next().unwrap().contains("selected"));
            let value = chosen.and_then(|option| attribute(option.split('>').next().unwrap(), "value"));
            if let (Some(name), Some(value)) = (attribute(tag, "name"), value) {
                fields.insert(name, value);
            }
        }
        Self {
            action: attribute(tag, "action").unwrap_or_default(),
            post: attribute(tag, "method").is_some_and(|method| method.eq_ignore_ascii_case("post")),
            fields,
        }
    }

    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.fields.insert(name.to_owned(), value.to_owned());
        self
    }
}

impl Browser {
    pub fn new(node: &Node) -> Self {
        Self { node: node.clone(), cookies: BTreeMap::new(), last: None }
    }

    /// A browser in which somebody is signed in.
    pub async fn of(node: &Node, name: &str) -> Self {
        let mut browser = Self::new(node);
        let page = browser.get("/login").await;
        browser.sign_in_on(&page, name).await;
        browser
    }

    pub async fn get(&mut self, path: &str) -> Page {
        self.ask(Method::GET, path, None, &[]).await
    }

    /// Sends a form as it stands.
    pub async fn send(&mut self, form: &Form) -> Page {
        self.send_with(form, &[]).await
    }

    pub async fn send_with(&mut self, form: &Form, headers: &[(&str, &str)]) -> Page {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&form.fields).finish();
        if form.post {
            self.ask(Method::POST, &form.action, Some(body), headers).await
        } else {
            self.ask(Method::GET, &format!("{}?{body}", form.action), None, headers).await
        }
    }

    /// Sends the form of a page that leads to what `selector` names, with these fields filled in.
    pub async fn submit(&mut self, page: &Page, selector: &str, fields: &[(&str, &str)]) -> Page {
        let part = selector.trim_start_matches("form[action*=").trim_end_matches(']');
        let mut form = page.form(part);
        for (name, value) in fields {
            form = form.with(name, value);
        }
        self.send(&form).await
    }

    /// Signs in on a page that asks for it.
    pub async fn sign_in_on(&mut self, page: &Page, name: &str) -> Page {
        let forms = page.forms();
        let form = forms.iter().find(|form| form.fields.contains_key("password"));
        let mut form = form.unwrap_or_else(|| panic!("nowhere to sign in on {}: {}", page.url, page.text)).clone();
        let login = form.fields.keys().find(|name| matches!(name.as_str(), "login" | "username" | "email")).cloned();
        form = form.with(&login.expect("a field for the name"), name).with("password", PASSWORD);
        self.send(&form).await
    }

    /// Lets an app in, signing in first where that is asked for; the code.
    pub async fn code_for(&mut self, authorize: &str, name: &str) -> String {
        let mut page = self.get(authorize).await;
        if page.forms().iter().any(|form| form.fields.contains_key("password")) {
            page = self.sign_in_on(&page, name).await;
        }
        if !page.url.contains("code=") {
            page = self.submit(&page, "authorize", &[]).await;
        }
        page.url.split("code=").nth(1).unwrap_or_else(|| panic!("no code in {}: {}", page.url, page.text)).to_owned()
    }

    /// The page that is open.
    pub async fn page(&self) -> Page {
        self.last.clone().expect("a page was opened")
    }

    async fn ask(&mut self, method: Method, path: &str, body: Option<String>, headers: &[(&str, &str)]) -> Page {
        let (mut method, mut body) = (method, body);
        let mut url = self.absolute(path);
        for _ in 0..10 {
            let mut request = self.node.client().request(method.clone(), &url).header("accept", "text/html");
            if !self.cookies.is_empty() {
                let jar: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
                request = request.header(COOKIE, jar.join("; "));
            }
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            if let Some(body) = &body {
                request = request.header("content-type", "application/x-www-form-urlencoded").body(body.clone());
            }
            let response = request.send().await.unwrap();
            self.node.was_asked(&method).await;
            self.keep_cookies(response.headers());
            let status = response.status().as_u16();
            let headers = response.headers().clone();
            let location = headers.get(LOCATION).map(|to| to.to_str().unwrap().to_owned());
            let text = response.text().await.unwrap();
            let page = Page { status, url: url.clone(), text, headers };
            match location.filter(|_| (300..400).contains(&status)) {
                Some(to) if self.is_here(&to) => {
                    url = self.absolute(&to);
                    (method, body) = (Method::GET, None);
                }
                _ => {
                    self.last = Some(page.clone());
                    return page;
                }
            }
        }
        panic!("redirected for ever at {url}");
    }

    fn absolute(&self, path: &str) -> String {
        if path.starts_with("http://") { path.to_owned() } else { self.node.url(path) }
    }

    fn is_here(&self, to: &str) -> bool {
        to.starts_with('/') || to.starts_with(&self.node.url("/"))
    }

    fn keep_cookies(&mut self, headers: &reqwest::header::HeaderMap) {
        for cookie in headers.get_all(SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            if value.is_empty() || cookie.to_lowercase().contains("max-age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let start = tag.find(&format!(" {name}=\""))? + name.len() + 3;
    Some(unescape(tag[start..].split('"').next()?))
}

fn unescape(text: &str) -> String {
    text.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&#39;", "'").replace("&amp;", "&")
}
