//! Mail to members: one plain text to one address, handed to the server for mail that the operator names.
//!
//! What is written in it is decided elsewhere.

use std::fmt;
use std::time::Duration;

use lettre::message::header::ContentType;
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::extension::ClientId;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use url::Url;

use crate::config::Config;
use crate::error::{Error, RemoteError, Result};

/// How long the server for mail may take over one answer.
const PATIENCE: Duration = Duration::from_secs(20);
/// The longest subject, in characters.
const LONGEST_SUBJECT: usize = 120;

/// Hands mail to a server that delivers it.
#[derive(Clone)]
pub struct Mailer {
    server: Option<Server>,
}

#[derive(Clone)]
struct Server {
    url: Url,
    from: Mailbox,
    /// How this node introduces itself.
    name: String,
}

impl Mailer {
    /// A mailer as configured; it connects when there is something to send.
    pub fn new(config: &Config) -> Self {
        let name = config.domain.name();
        let server = config.mail.clone().map(|mail| Server { url: mail.url, from: mail.from, name: name.to_owned() });
        Self { server }
    }

    /// Whether mail can be sent at all.
    pub fn is_configured(&self) -> bool {
        self.server.is_some()
    }

    /// Sends `text` to the address `to`.
    ///
    /// What the server for mail will never take is an error that does not pass; everything else may pass.
    pub async fn send(&self, to: &str, subject: &str, text: &str) -> Result<()> {
        let server = self.server.as_ref().ok_or_else(|| Error::invalid("No server for mail is configured"))?;
        let message = server.message(to, subject, text)?;
        let transport = server.transport()?;
        match transport.send(message).await {
            Ok(_) => Ok(()),
            Err(error) => Err(Error::remote(server.host(), trouble(&error))),
        }
    }
}

/// Says whether there is a server and keeps its password.
impl fmt::Debug for Mailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mailer").field("server", &self.server.as_ref().map(Server::host)).finish()
    }
}

impl Server {
    /// Only a whole address passes, so that nobody can write further headers or recipients into it.
    fn message(&self, to: &str, subject: &str, text: &str) -> Result<Message> {
        let to: Address = to.trim().parse().map_err(|_| Error::invalid("The address is not valid"))?;
        let subject: String = subject.chars().filter(|c| !c.is_control()).take(LONGEST_SUBJECT).collect();
        Message::builder()
            .message_id(Some(self.message_id()?))
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(subject)
            .header(ContentType::TEXT_PLAIN)
            .body(text.to_owned())
            .map_err(Error::internal)
    }

    /// A name for one mail; those without one pass for junk.
    fn message_id(&self) -> Result<String> {
        let mut bytes = [0; 16];
        aws_lc_rs::rand::fill(&mut bytes).map_err(Error::internal)?;
        Ok(format!("<{:032x}@{}>", u128::from_be_bytes(bytes), self.name))
    }

    fn transport(&self) -> Result<AsyncSmtpTransport<Tokio1Executor>> {
        let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(self.url.as_str()).map_err(Error::internal)?;
        Ok(builder.hello_name(ClientId::Domain(self.name.clone())).timeout(Some(PATIENCE)).build())
    }

    fn host(&self) -> String {
        self.url.host_str().unwrap_or("the server for mail").to_owned()
    }
}

/// Answers of servers for mail repeat the address that was written to, so only their codes are kept.
fn trouble(error: &SmtpError) -> RemoteError {
    match error.status() {
        Some(code) if error.is_permanent() => RemoteError::Refused(format!("the mail, with code {code}")),
        Some(code) => RemoteError::Unreachable(format!("mail is not taken now, code {code}")),
        None if error.is_timeout() => RemoteError::Unreachable("not in time".to_owned()),
        None if error.is_tls() => RemoteError::Unreachable("no encrypted connection".to_owned()),
        None => RemoteError::Unreachable("no conversation about mail".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server() -> Server {
        let from = "Our community <post@example.org>".parse().expect("an address");
        let url = Url::parse("smtps://ann:secret@mail.example.org").expect("an address");
        Server { url, from, name: "example.org".to_owned() }
    }

    #[test]
    fn a_mail_is_one_text_to_one_address() {
        let message = server().message("ann@example.com", "Grüße", "Hello\n").expect("is valid");
        let text = String::from_utf8(message.formatted()).expect("is ASCII");
        assert!(text.contains("To: ann@example.com\r\n"), "{text}");
        assert!(text.contains("\r\n\r\nHello\r\n"), "{text}");
    }

    #[test]
    fn nobody_writes_headers_into_an_address() {
        for to in ["ann@example.com\r\nBcc: bob@example.com", "ann@example.com, bob@example.com", "Ann <a@b.c>", ""] {
            assert!(matches!(server().message(to, "Hello", "Hello"), Err(Error::Invalid(_))), "{to}");
        }
    }

    #[test]
    fn nobody_writes_headers_into_a_subject() {
        let message = server().message("ann@example.com", "Hello\r\nBcc: bob@example.com", "").expect("is valid");
        let text = String::from_utf8(message.formatted()).expect("is ASCII");
        assert!(!text.contains("\nBcc:"), "{text}");
        assert_eq!(message.envelope().to().len(), 1);
    }

    #[test]
    fn the_password_is_never_shown() {
        let mailer = Mailer { server: Some(server()) };
        assert_eq!(format!("{mailer:?}"), "Mailer { server: Some(\"mail.example.org\") }");
    }
}
