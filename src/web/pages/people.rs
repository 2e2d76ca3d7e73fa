//! How people are named and shown.

use maud::{Markup, html};

use crate::domain::visibility::Viewer;
use crate::views::AccountView;
use crate::web::assets;
use crate::web::pages::components::{self, avatar};
use crate::web::pages::scene::name_of;

/// The page of a profile on this server.
pub fn path(account: &AccountView) -> String {
    match &account.host {
        Some(host) => format!("/@{}@{host}", encoded(account.username.as_str())),
        None => format!("/@{}", account.username),
    }
}

/// The handle as people write it.
pub fn handle(account: &AccountView) -> String {
    match &account.host {
        Some(host) => format!("@{}@{host}", account.username),
        None => format!("@{}", account.username),
    }
}

/// The name somebody shows.
pub fn name(account: &AccountView) -> &str {
    name_of(&account.display_name, account.username.as_str())
}

/// The picture of somebody.
///
/// Pictures lie on other servers, and a page asks nobody but this one; all look alike until copies are kept here.
pub fn picture(size: u16) -> Markup {
    avatar(assets::MISSING_AVATAR, size)
}

/// The name of somebody as a link to their profile.
pub fn link(account: &AccountView) -> Markup {
    html! { a href=(path(account)) { bdi { (name(account)) } } }
}

/// People in a list, with what can be done beside each.
pub fn list(people: &[AccountView], beside: impl Fn(&AccountView) -> Markup) -> Markup {
    html! {
        ul.accounts {
            @for account in people {
                li {
                    (picture(40))
                    div.post-by {
                        div.post-names {
                            a.post-name href=(path(account)) { bdi { (name(account)) } }
                            span.handle { bdi { (handle(account)) } }
                        }
                    }
                    (beside(account))
                }
            }
        }
    }
}

/// A button that does one thing to somebody by a form of its own.
pub fn button(account: &AccountView, what: &Deed<'_>) -> Markup {
    html! {
        form method="post" action={ "/actions/people/" (account.id) "/" (what.deed) } {
            (components::csrf_input(what.csrf))
            input type="hidden" name="back" value=(what.back);
            button.button.primary[what.primary].danger[what.danger] type="submit" {
                (what.label) span.visually-hidden { " " bdi { (handle(account)) } }
            }
        }
    }
}

/// Something that can be done to somebody.
#[derive(Debug, Clone, Copy, Default)]
pub struct Deed<'a> {
    /// The last part of the address of the form.
    pub deed: &'a str,
    /// What the button says.
    pub label: &'a str,
    /// Whether it is what most people come for.
    pub primary: bool,
    /// Whether it cuts ties.
    pub danger: bool,
    /// The token of the session.
    pub csrf: &'a str,
    /// Where to go afterwards.
    pub back: &'a str,
}

/// Whether the viewer is this person.
pub fn is_me(viewer: Viewer, account: &AccountView) -> bool {
    viewer.account() == Some(account.id)
}

/// A name from elsewhere may have letters that addresses spell with percent signs.
fn encoded(name: &str) -> String {
    url::form_urlencoded::byte_serialize(name.as_bytes()).collect()
}
