//! Where log messages go.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::ParseError;
use tracing_subscriber::fmt::fmt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::util::TryInitError;

/// Why nothing can be logged.
#[derive(Debug, thiserror::Error)]
pub enum NotStarted {
    /// The filter cannot be read.
    #[error("The setting `log` is `{filter}`, which is not a list of levels such as info,sqlx=warn: {source}.")]
    Filter {
        /// What was given.
        filter: String,
        /// What is wrong with it.
        source: ParseError,
    },
    /// Somebody else in this process has started logging.
    #[error("Log messages already go elsewhere: {0}.")]
    Taken(#[from] TryInitError),
}

/// Sends log messages that pass `filter` to standard error: as JSON, or as lines for people, in colours on a terminal.
pub fn start(filter: &str, json: bool) -> Result<(), NotStarted> {
    let levels = EnvFilter::builder()
        .parse(filter)
        .map_err(|source| NotStarted::Filter { filter: filter.to_owned(), source })?;
    let output = fmt().with_env_filter(levels).with_writer(std::io::stderr);
    if json {
        output.json().flatten_event(true).finish().try_init()?;
    } else {
        output.with_ansi(std::io::stderr().is_terminal()).finish().try_init()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_that_cannot_be_read_is_shown() {
        let sentence = start("info,outloud=loud", false).expect_err("there is no such level").to_string();
        assert!(sentence.starts_with("The setting `log` is `info,outloud=loud`, which is not"), "{sentence}");
    }
}
