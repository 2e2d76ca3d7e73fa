//! Every route that answers GET: those that can show a post, with what is asked of them, and those that cannot.

/// How apps ask.
pub const AS_JSON: &str = "application/json";
/// How browsers ask.
pub const AS_PAGE: &str = "text/html";
/// How readers of feeds ask, who are anybody, whatever cookies they have.
pub const AS_FEED: &str = "application/atom+xml";
/// How other servers ask.
pub const AS_DOCUMENT: &str = "application/activity+json";

/// Something that can show a post.
pub struct Surface {
    /// The route, as the sources write it.
    pub route: &'static str,
    /// What is asked: `{ID}`, `{URI}`, `{URL}`, `{POLL}` of a post, `{ANSWER}`, the id of a public answer to it, `{ANN}`
    /// the id of its author, `{NOTICE}` the ids of what the reader was told.
    pub ask: &'static str,
    /// The media type that is asked for.
    pub accept: &'static str,
    /// Whether whoever may read a post finds it there.
    pub shows_it: bool,
}

impl Surface {
    /// Whether the answer is about one post, and not there when the post is not.
    pub fn is_about_one(&self) -> bool {
        let path = self.ask.split('?').next().unwrap_or_default();
        path.contains("{ID}") || path.contains("{POLL}")
    }
}

const fn shows(route: &'static str, ask: &'static str, accept: &'static str) -> Surface {
    Surface { route, ask, accept, shows_it: true }
}

const fn may_show(route: &'static str, ask: &'static str, accept: &'static str) -> Surface {
    Surface { route, ask, accept, shows_it: false }
}

/// What can show a post.
pub const SURFACES: [Surface; 67] = [
    // The client API
    shows("/api/v1/statuses/{id}", "/api/v1/statuses/{ID}", AS_JSON),
    shows("/api/v1/statuses", "/api/v1/statuses?id[]={ID}", AS_JSON),
    shows("/api/v1/statuses/{id}/history", "/api/v1/statuses/{ID}/history", AS_JSON),
    shows("/api/v1/statuses/{id}/context", "/api/v1/statuses/{ANSWER}/context", AS_JSON),
    may_show("/api/v1/statuses/{id}/context", "/api/v1/statuses/{ID}/context", AS_JSON),
    may_show("/api/v1/statuses/{id}/source", "/api/v1/statuses/{ID}/source", AS_JSON),
    may_show("/api/v1/statuses/{id}/favourited_by", "/api/v1/statuses/{ID}/favourited_by", AS_JSON),
    may_show("/api/v1/statuses/{id}/reblogged_by", "/api/v1/statuses/{ID}/reblogged_by", AS_JSON),
    may_show("/api/v1/statuses/{id}/quotes", "/api/v1/statuses/{ID}/quotes", AS_JSON),
    may_show("/api/v1/statuses/{id}/deliveries", "/api/v1/statuses/{ID}/deliveries", AS_JSON),
    shows("/api/v1/polls/{id}", "/api/v1/polls/{POLL}", AS_JSON),
    may_show("/api/v1/accounts/{id}/statuses", "/api/v1/accounts/{ANN}/statuses?limit=40", AS_JSON),
    may_show("/api/v1/accounts/{id}/statuses", "/api/v1/accounts/{ANN}/statuses?pinned=true", AS_JSON),
    may_show("/api/v1/accounts/{id}/statuses", "/api/v1/accounts/{ANN}/statuses?tagged=hay&limit=40", AS_JSON),
    may_show("/api/v1/accounts/{id}/statuses", "/api/v1/accounts/{ANN}/statuses?exclude_reblogs=true", AS_JSON),
    may_show("/api/v1/timelines/home", "/api/v1/timelines/home?limit=40", AS_JSON),
    may_show("/api/v1/timelines/public", "/api/v1/timelines/public?limit=40", AS_JSON),
    may_show("/api/v1/timelines/public", "/api/v1/timelines/public?local=true&limit=40", AS_JSON),
    may_show("/api/v1/timelines/public", "/api/v1/timelines/public?remote=true", AS_JSON),
    may_show("/api/v1/timelines/tag/{name}", "/api/v1/timelines/tag/hay?limit=40", AS_JSON),
    may_show("/api/v1/timelines/tag/{name}", "/api/v1/timelines/tag/hay?any[]=straw&local=true", AS_JSON),
    may_show("/api/v1/notifications", "/api/v1/notifications?limit=80", AS_JSON),
    may_show("/api/v1/notifications/{id}", "/api/v1/notifications/{NOTICE}", AS_JSON),
    shows("/api/v2/search", "/api/v2/search?q={URI}", AS_JSON),
    shows("/api/v2/search", "/api/v2/search?q={URL}&type=statuses", AS_JSON),
    may_show("/api/v2/search", "/api/v2/search?q={URI}&resolve=true", AS_JSON),
    may_show("/api/v2/search", "/api/v2/search?q=needle", AS_JSON),
    may_show("/api/v2/search", "/api/v2/search?q=%23hay", AS_JSON),
    // Pages
    shows("/@{name}/{id}", "/@ann/{ID}", AS_PAGE),
    shows("/@{name}/{id}", "/@ann/{ANSWER}", AS_PAGE),
    may_show("/@{name}", "/@ann", AS_PAGE),
    may_show("/@{name}", "/@ann?replies=true", AS_PAGE),
    may_show("/@{name}/feed.atom", "/@ann/feed.atom", AS_FEED),
    may_show("/tags/{name}", "/tags/hay", AS_PAGE),
    may_show("/tags/{name}/feed.atom", "/tags/hay/feed.atom", AS_FEED),
    may_show("/", "/", AS_PAGE),
    may_show("/about", "/about", AS_PAGE),
    may_show("/home", "/home", AS_PAGE),
    may_show("/local", "/local", AS_PAGE),
    may_show("/public", "/public", AS_PAGE),
    may_show("/public/local", "/public/local", AS_PAGE),
    may_show("/notifications", "/notifications", AS_PAGE),
    may_show("/search", "/search?q={URI}", AS_PAGE),
    may_show("/search", "/search?q={URL}", AS_PAGE),
    may_show("/search", "/search?q=needle", AS_PAGE),
    may_show("/compose", "/compose?reply_to={ID}", AS_PAGE),
    may_show("/authorize_interaction", "/authorize_interaction?uri={URI}", AS_PAGE),
    may_show("/interact", "/interact?uri={URI}", AS_PAGE),
    may_show("/users/{account}/statuses/{status}", "/users/{ANN}/statuses/{ID}", AS_PAGE),
    // What other servers read
    shows("/users/{account}/statuses/{status}", "/users/{ANN}/statuses/{ID}", AS_DOCUMENT),
    shows("/users/{account}/statuses/{status}/activity", "/users/{ANN}/statuses/{ID}/activity", AS_DOCUMENT),
    shows("/@{name}/{id}", "/@ann/{ID}", AS_DOCUMENT),
    may_show("/users/{account}/statuses/{status}/replies", "/users/{ANN}/statuses/{ID}/replies", AS_DOCUMENT),
    may_show("/users/{account}/statuses/{status}/likes", "/users/{ANN}/statuses/{ID}/likes", AS_DOCUMENT),
    may_show("/users/{account}/statuses/{status}/shares", "/users/{ANN}/statuses/{ID}/shares", AS_DOCUMENT),
    may_show("/users/{account}/statuses/{status}", "/users/1/statuses/{ID}", AS_DOCUMENT),
    may_show("/users/{account}/statuses/{status}/activity", "/users/1/statuses/{ID}/activity", AS_DOCUMENT),
    may_show("/contexts/{status}", "/contexts/{ID}", AS_DOCUMENT),
    may_show("/users/{account}", "/users/{ANN}", AS_DOCUMENT),
    may_show("/users/{account}/outbox", "/users/{ANN}/outbox", AS_DOCUMENT),
    may_show("/users/{account}/outbox", "/users/{ANN}/outbox?page=true", AS_DOCUMENT),
    may_show("/users/{account}/outbox", "/users/{ANN}/outbox?page=true&min_id=0", AS_DOCUMENT),
    may_show("/users/{account}/collections/featured", "/users/{ANN}/collections/featured", AS_DOCUMENT),
    may_show("/users/{account}/followers", "/users/{ANN}/followers", AS_DOCUMENT),
    may_show("/users/{account}/following", "/users/{ANN}/following", AS_DOCUMENT),
    may_show("/.well-known/webfinger", "/.well-known/webfinger?resource={URI}", AS_DOCUMENT),
    may_show("/@{name}", "/@ann", AS_DOCUMENT),
];

/// What shows no post: people, lists of names, settings, files, what this server says of itself.
pub const SILENT: [&str; 64] = [
    "/.well-known/host-meta",
    "/.well-known/host-meta.json",
    "/.well-known/nodeinfo",
    "/.well-known/oauth-authorization-server",
    "/api/v1/accounts",
    "/api/v1/accounts/lookup",
    "/api/v1/accounts/relationships",
    "/api/v1/accounts/search",
    "/api/v1/accounts/verify_credentials",
    "/api/v1/accounts/{id}",
    "/api/v1/accounts/{id}/featured_tags",
    "/api/v1/accounts/{id}/followers",
    "/api/v1/accounts/{id}/following",
    "/api/v1/apps/verify_credentials",
    "/api/v1/blocks",
    "/api/v1/custom_emojis",
    "/api/v1/featured_tags",
    "/api/v1/featured_tags/suggestions",
    "/api/v1/filters",
    "/api/v1/filters/{id}",
    "/api/v1/follow_requests",
    "/api/v1/instance",
    "/api/v1/markers",
    "/api/v1/mutes",
    "/api/v1/notifications/unread_count",
    "/api/v1/preferences",
    "/api/v2/filters",
    "/api/v2/filters/keywords/{id}",
    "/api/v2/filters/statuses/{id}",
    "/api/v2/filters/{id}",
    "/api/v2/filters/{id}/keywords",
    "/api/v2/filters/{id}/statuses",
    "/api/v2/instance",
    "/assets/{file}",
    "/auth/edit",
    "/auth/sign_in",
    "/auth/sign_up",
    "/confirm",
    "/confirm/{code}",
    "/emoji/{file_name}",
    "/invite/{code}",
    "/join",
    "/livez",
    "/login",
    "/nodeinfo/2.0",
    "/nodeinfo/2.1",
    "/oauth/authorize",
    "/oauth/authorize/native",
    "/oauth/authorized_applications",
    "/oauth/userinfo",
    "/readyz",
    "/settings",
    "/settings/applications",
    "/settings/password",
    "/settings/profile",
    "/setup",
    "/share",
    "/sign-in",
    "/users/{account}/collections/tags",
    "/users/{account}/followers_synchronization",
    "/users/{account}/liked",
    "/users/{account}/quote_authorizations/{status}",
    "MISSING_AVATAR",
    "MISSING_HEADER",
];
