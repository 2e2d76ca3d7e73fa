//! The frame of every page: head, navigation, main part, footer.
//!
//! Nothing here is inline style or script, so the strictest content security policy holds.

use maud::{DOCTYPE, Markup, html};

use crate::web::assets;
use crate::web::pages::components::{self, Flash};

/// Where the source code of this server is offered, as its licence asks.
const SOURCE_URL: &str = env!("CARGO_PKG_REPOSITORY");

/// The colour of the paper, light and dark, for the browser's own frame around the page.
const PAPER: [(&str, &str); 2] = [("light", "#fbfaf8"), ("dark", "#131417")];

/// Everything about a page but its main part.
#[derive(Debug, Clone)]
pub struct Layout<'a> {
    /// What the page is; the name of the server is added.
    pub title: String,
    /// The language of the page, as a BCP 47 tag.
    pub lang: &'a str,
    /// What the community calls its server.
    pub site_name: &'a str,
    /// Who is looking, and at what.
    pub nav: Nav<'a>,
    /// Light, dark, or as the reader's machine has it.
    pub theme: Theme,
    /// What posts are set in.
    pub reading: Reading,
    /// The hue the community chose, in degrees.
    pub accent_hue: Option<u16>,
    /// Feeds of what is on the page: title and address.
    pub feeds: Vec<(String, String)>,
    /// The one address of the page.
    pub canonical: Option<String>,
    /// Where the same thing is found as an ActivityPub document.
    pub alternate_activity_json: Option<String>,
    /// A sentence about the page for those who link to it.
    pub description: Option<String>,
    /// Whether search engines are asked to leave the page out.
    pub noindex: bool,
    /// What the last action has to say.
    pub flash: Option<Flash>,
}

/// Who is looking, which decides where they can go.
#[derive(Debug, Clone)]
pub enum Nav<'a> {
    /// Somebody without an account here, or not signed in.
    Visitor {
        /// The place that is open.
        current: Option<Place>,
    },
    /// A member who is signed in.
    Member(Member<'a>),
    /// Nobody goes anywhere: first start, and asking for consent.
    Bare,
}

/// The member who is signed in.
#[derive(Debug, Clone)]
pub struct Member<'a> {
    /// The name they show.
    pub name: &'a str,
    /// Their username, without `@`.
    pub username: &'a str,
    /// The place that is open.
    pub current: Option<Place>,
    /// How many notifications wait.
    pub unread: u64,
    /// The token of the session, for the form that ends it.
    pub csrf: &'a str,
}

/// Light, dark, or as the reader's machine has it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the reader's machine has it.
    #[default]
    System,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

impl Theme {
    /// The word in the cookie and in the page; none for the reader's own setting.
    pub fn word(self) -> Option<&'static str> {
        match self {
            Self::System => None,
            Self::Light => Some("light"),
            Self::Dark => Some("dark"),
        }
    }
}

/// What posts are set in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Reading {
    /// The letters of the interface.
    #[default]
    Sans,
    /// Letters with serifs, for long reading.
    Serif,
}

/// A place the navigation leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The front page for visitors.
    Landing,
    /// What the people one follows wrote.
    Home,
    /// What members of this server wrote.
    Local,
    /// The page for writing.
    Write,
    /// What others did that concerns the member.
    Notifications,
    /// The member's own profile.
    You,
    /// Search.
    Search,
    /// The member's settings.
    Settings,
    /// About the server.
    About,
    /// Signing in.
    SignIn,
    /// Asking for an account.
    Join,
}

impl Place {
    const MEMBER: [Self; 5] = [Self::Home, Self::Local, Self::Write, Self::Notifications, Self::You];
    const MEMBER_TOOLS: [Self; 2] = [Self::Search, Self::Settings];
    const VISITOR: [Self; 5] = [Self::Landing, Self::Local, Self::About, Self::SignIn, Self::Join];

    /// The path of the place; a member's profile begins with it.
    pub fn path(self) -> &'static str {
        match self {
            Self::Landing => "/",
            Self::Home => "/home",
            Self::Local => "/local",
            Self::Write => "/compose",
            Self::Notifications => "/notifications",
            Self::You => "/@",
            Self::Search => "/search",
            Self::Settings => "/settings",
            Self::About => "/about",
            Self::SignIn => "/sign-in",
            Self::Join => "/join",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Landing => "Welcome",
            Self::Home => "Home",
            Self::Local => "Local",
            Self::Write => "Write",
            Self::Notifications => "Notifications",
            Self::You => "You",
            Self::Search => "Search",
            Self::Settings => "Settings",
            Self::About => "About",
            Self::SignIn => "Sign in",
            Self::Join => "Join",
        }
    }

    fn icon(self) -> &'static str {
        match self {
            Self::Landing | Self::Home => "home",
            Self::Local => "people",
            Self::Write => "pencil",
            Self::Notifications => "bell",
            Self::You | Self::Join => "person",
            Self::Search => "search",
            Self::Settings => "gear",
            Self::About => "info",
            Self::SignIn => "sign-in",
        }
    }
}

/// The path that ends a session; it takes a form only.
pub const SIGN_OUT_PATH: &str = "/sign-out";

impl<'a> Layout<'a> {
    /// A page for a visitor, in English, as the reader's machine likes it.
    pub fn new(site_name: &'a str, title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            lang: "en",
            site_name,
            nav: Nav::Visitor { current: None },
            theme: Theme::default(),
            reading: Reading::default(),
            accent_hue: None,
            feeds: Vec::new(),
            canonical: None,
            alternate_activity_json: None,
            description: None,
            noindex: false,
            flash: None,
        }
    }

    /// The page around its main part; the main part brings the one `h1`.
    pub fn page(self, main: Markup) -> Markup {
        self.whole(&main, None)
    }

    /// The page around its main part, with what belongs beside it.
    pub fn page_with_aside(self, main: Markup, aside: Markup) -> Markup {
        self.whole(&main, Some(&aside))
    }

    fn whole(&self, main: &Markup, aside: Option<&Markup>) -> Markup {
        let reading = matches!(self.reading, Reading::Serif).then_some("serif");
        html! {
            (DOCTYPE)
            html lang=(self.lang) dir=(direction(self.lang)) class=[self.accent_hue.map(accent_class)]
                data-theme=[self.theme.word()] data-reading=[reading] {
                (self.head())
                body.bare[matches!(self.nav, Nav::Bare)] {
                    a.skip href="#main" { "Skip to the main part" }
                    header.site { (self.brand()) (self.navigation()) }
                    main #main tabindex="-1" {
                        @if let Some(flash) = &self.flash { (components::flash(flash)) }
                        (main)
                    }
                    @if let Some(aside) = aside { aside.context aria-label="Beside this page" { (aside) } }
                    (self.footer())
                }
            }
        }
    }

    fn head(&self) -> Markup {
        let title = if self.title == self.site_name {
            self.title.clone()
        } else {
            format!("{} · {}", self.title, self.site_name)
        };
        html! {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover";
                title { (title) }
                link rel="stylesheet" href=(assets::style_url());
                link rel="icon" type="image/svg+xml" href=(assets::logo_url());
                (self.theme_colors())
                @if self.noindex { meta name="robots" content="noindex"; }
                meta property="og:site_name" content=(self.site_name);
                meta property="og:title" content=(self.title);
                @if let Some(description) = &self.description {
                    meta name="description" content=(description);
                    meta property="og:description" content=(description);
                }
                @if let Some(url) = &self.canonical { link rel="canonical" href=(url); }
                @if let Some(url) = &self.alternate_activity_json {
                    link rel="alternate" type="application/activity+json" href=(url);
                }
                @for (title, url) in &self.feeds {
                    link rel="alternate" type="application/atom+xml" title=(title) href=(url);
                }
            }
        }
    }

    fn theme_colors(&self) -> Markup {
        let chosen = self.theme.word();
        html! {
            @for (scheme, color) in PAPER {
                @if chosen.is_none() {
                    meta name="theme-color" media={ "(prefers-color-scheme: " (scheme) ")" } content=(color);
                } @else if chosen == Some(scheme) {
                    meta name="theme-color" content=(color);
                }
            }
        }
    }

    fn brand(&self) -> Markup {
        html! {
            a.brand href=(Place::Landing.path()) {
                img src=(assets::logo_url()) alt="" width="24" height="24";
                bdi { (self.site_name) }
            }
        }
    }

    fn navigation(&self) -> Markup {
        match &self.nav {
            Nav::Bare => html! {},
            Nav::Visitor { current } => html! {
                nav aria-label="Main" {
                    ul.places { @for place in Place::VISITOR { li { (link(place, *current)) } } }
                }
            },
            Nav::Member(member) => member_navigation(member),
        }
    }

    fn footer(&self) -> Markup {
        html! {
            footer.colophon {
                ul {
                    li { a href=(Place::About.path()) { "About " bdi { (self.site_name) } } }
                    li { a href="/about#help" rel="help" { "Help" } }
                    li { a href=(SOURCE_URL) { "Source code (AGPL)" } }
                }
            }
        }
    }
}

fn member_navigation(member: &Member<'_>) -> Markup {
    html! {
        nav aria-label="Main" {
            ul.places {
                @for place in Place::MEMBER {
                    li.write[place == Place::Write] {
                        @match place {
                            Place::You => (own_profile(member)),
                            Place::Notifications => (notifications(member)),
                            _ => (link(place, member.current)),
                        }
                    }
                }
            }
            ul.tools {
                @for place in Place::MEMBER_TOOLS { li { (link(place, member.current)) } }
                li {
                    form method="post" action=(SIGN_OUT_PATH) {
                        (components::csrf_input(member.csrf))
                        button type="submit" { (icon("sign-out")) span.label { "Sign out" } }
                    }
                }
            }
        }
    }
}

fn link(place: Place, current: Option<Place>) -> Markup {
    html! {
        a href=(place.path()) aria-current=[is_current(place, current)] {
            (icon(place.icon())) span.label { (place.label()) }
        }
    }
}

fn own_profile(member: &Member<'_>) -> Markup {
    let place = Place::You;
    html! {
        a href={ (place.path()) (member.username) } aria-current=[is_current(place, member.current)] {
            (icon(place.icon()))
            span.label { (place.label()) }
            span.visually-hidden { ", " bdi { (member.name) } " (@" (member.username) ")" }
        }
    }
}

fn notifications(member: &Member<'_>) -> Markup {
    let place = Place::Notifications;
    html! {
        a href=(place.path()) aria-current=[is_current(place, member.current)] {
            (icon(place.icon()))
            span.label { (place.label()) }
            @if member.unread > 0 {
                span.badge { @if member.unread > 99 { "99+" } @else { (member.unread) } span.visually-hidden { " new" } }
            }
        }
    }
}

fn is_current(place: Place, current: Option<Place>) -> Option<&'static str> {
    (current == Some(place)).then_some("page")
}

/// A drawing of the sprite, by the name after `i-`; beside words that say the same.
pub fn icon(name: &str) -> Markup {
    // These point along the line of writing, so they turn with it.
    let turns = matches!(name, "reply" | "sign-in" | "sign-out");
    html! {
        svg.icon.icon-flip[turns] width="20" height="20" aria-hidden="true" {
            use href={ (assets::icons_url()) "#i-" (name) } {}
        }
    }
}

/// The class of the nearest of the twelve hues that the stylesheet knows.
fn accent_class(hue: u16) -> String {
    format!("accent-{}", (hue % 360 + 15) / 30 * 30 % 360)
}

fn direction(lang: &str) -> &'static str {
    let language = lang.split(['-', '_']).next().unwrap_or(lang).to_ascii_lowercase();
    match language.as_str() {
        "ar" | "ckb" | "dv" | "fa" | "he" | "ks" | "ps" | "sd" | "ug" | "ur" | "yi" => "rtl",
        _ => "ltr",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hue_becomes_the_nearest_of_the_twelve() {
        assert_eq!(accent_class(0), "accent-0");
        assert_eq!(accent_class(44), "accent-30");
        assert_eq!(accent_class(46), "accent-60");
        assert_eq!(accent_class(350), "accent-0");
        assert_eq!(accent_class(u16::MAX), "accent-30");
    }

    #[test]
    fn every_accent_class_is_in_the_stylesheet() {
        let style = include_str!("../assets/style.css");
        for hue in 0..360 {
            assert!(style.contains(&format!(".{} {{", accent_class(hue))), "no style for hue {hue}");
        }
    }

    #[test]
    fn every_place_has_an_icon_that_is_drawn() {
        let drawn = include_str!("../assets/icons.svg");
        for place in [&Place::MEMBER[..], &Place::MEMBER_TOOLS, &Place::VISITOR].concat() {
            assert!(drawn.contains(&format!("id=\"i-{}\"", place.icon())), "no drawing for {place:?}");
        }
    }

    #[test]
    fn a_page_has_nothing_inline_and_escapes_names() {
        let member = Member { name: "<b>", username: "ana", current: Some(Place::You), unread: 120, csrf: "t" };
        let layout = Layout { nav: Nav::Member(member), lang: "ar", ..Layout::new("A & B", "Home") };
        let page = layout.page(html! { h1 { "Home" } }).into_string();
        assert!(!page.contains("<script") && !page.contains("<style") && !page.contains("style=\""));
        assert!(page.contains("&lt;b&gt;") && page.contains("A &amp; B"));
        assert!(page.contains("dir=\"rtl\"") && page.contains("99+") && page.contains("aria-current=\"page\""));
    }
}
