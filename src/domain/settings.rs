//! What administrators change while the server runs.

use crate::domain::account::words;

words! {
    /// How people become members.
    Registration {
        /// Whoever wants to.
        Open = "open",
        /// Whoever is let in.
        Approval = "approval",
        /// Whoever is invited.
        Invite = "invite",
        /// Nobody.
        Closed = "closed",
    }
}

/// The settings, with defaults for what was never set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// How people become members.
    pub registration: Registration,
    /// Whether an address must be confirmed before its owner may do anything.
    pub confirm_email: bool,
    /// The name of the community.
    pub name: String,
    /// What the community is for, in a sentence.
    pub purpose: String,
}

impl Settings {
    /// The names of the settings.
    pub const KEYS: [&'static str; 4] = ["registration", "confirm_email", "name", "purpose"];

    /// Reads what was set.
    pub fn read(
        registration: Option<String>,
        confirm_email: Option<String>,
        name: Option<String>,
        purpose: Option<String>,
    ) -> Self {
        Self {
            registration: registration.and_then(|word| word.parse().ok()).unwrap_or(Registration::Approval),
            confirm_email: confirm_email.is_some_and(|word| word == "true"),
            name: name.unwrap_or_else(|| "outloud".to_owned()),
            purpose: purpose.unwrap_or_default(),
        }
    }

    /// The value of the setting called `key`.
    pub fn get(&self, key: &str) -> Option<String> {
        match key {
            "registration" => Some(self.registration.to_string()),
            "confirm_email" => Some(self.confirm_email.to_string()),
            "name" => Some(self.name.clone()),
            "purpose" => Some(self.purpose.clone()),
            _ => None,
        }
    }

    /// Why `key` cannot be set to `value`, if it cannot.
    pub fn objection(key: &str, value: &str) -> Option<&'static str> {
        match key {
            "registration" if value.parse::<Registration>().is_err() => {
                Some("registration is one of open, approval, invite and closed")
            }
            "confirm_email" if !matches!(value, "true" | "false") => Some("confirm_email is true or false"),
            "name" if value.trim().is_empty() || value.chars().count() > 100 => Some("name has 1 to 100 characters"),
            "purpose" if value.chars().count() > 500 => Some("purpose has at most 500 characters"),
            "registration" | "confirm_email" | "name" | "purpose" => None,
            _ => Some("there is no such setting; there are registration, confirm_email, name and purpose"),
        }
    }
}
