//! What filters do.

use crate::domain::account::words;

words! {
    /// What is to be done with a status that matches.
    FilterAction {
        /// Show a warning first.
        Warn = "warn",
        /// Do not show it.
        Hide = "hide",
        /// Blur its media.
        Blur = "blur",
    }
}
