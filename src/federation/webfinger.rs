//! WebFinger (RFC 7033): from a handle to an actor, and whether the handle is really the actor's.

use activitypub_federation::fetch::webfinger::Webfinger;
use url::Url;

use crate::domain::handle::{Handle, Host, Username};
use crate::domain::origin::RemoteId;
use crate::error::{Error, RemoteError, Result};
use crate::federation::Federation;
use crate::federation::http::{Accept, Budget};

/// The relation under which other servers offer "follow from here".
const SUBSCRIBE: &str = "http://ostatus.org/schema/1.0/subscribe";

impl Federation {
    /// What a server says about one of its handles.
    pub async fn finger(&self, username: &Username, host: &Host, budget: &mut Budget) -> Result<Webfinger> {
        let scheme = if self.app.config.development { self.app.config.public_url.scheme() } else { "https" };
        let resource = format!("acct:{username}@{host}");
        let address = format!("{scheme}://{host}/.well-known/webfinger");
        let direct = Url::parse_with_params(&address, [("resource", &resource)]).map_err(Error::internal)?;
        match self.ask(&direct, budget).await {
            Ok(answer) => Ok(answer),
            Err(direct_error) => {
                let Some(other) = self.host_meta(scheme, host, &resource).await else { return Err(direct_error) };
                self.ask(&other, budget).await
            }
        }
    }

    /// The handle of an actor: on the host it says, if the server there agrees, otherwise on the host of its id; and
    /// whether the server there says that the name is the actor's.
    pub async fn true_host(&self, username: &Username, actor: &RemoteId, budget: &mut Budget) -> Result<(Host, bool)> {
        let own = actor.host().ok_or_else(|| Error::invalid("an actor without a host"))?;
        // An actor that WebFinger does not know, or that cannot be asked now, keeps the host it certainly has.
        let Ok(answer) = self.finger(username, &own, budget).await else { return Ok((own, false)) };
        if !leads_to(&answer, actor) {
            return Ok((own, false));
        }
        let Ok(subject) = answer.subject.parse::<Handle>() else { return Ok((own, true)) };
        let Some(claimed) = subject.host.filter(|host| *host != own && subject.username.key() == username.key()) else {
            return Ok((own, true));
        };
        if self.app.urls.is_ours(&claimed) {
            return Ok((own, true));
        }
        match self.finger(username, &claimed, budget).await {
            Ok(confirmed) if leads_to(&confirmed, actor) => Ok((claimed, true)),
            // Whoever belongs to a server that is shut out does not come in under another name.
            Err(Error::Forbidden(why)) => Err(Error::Forbidden(why)),
            _ => Ok((own, true)),
        }
    }

    /// Where somebody elsewhere can act on `uri` from their own server.
    pub async fn interaction_page(&self, handle: &Handle, uri: &str) -> Result<String> {
        let host =
            handle.host.clone().ok_or_else(|| Error::invalid("Your handle needs a server, as in @you@example.org"))?;
        if self.app.urls.is_ours(&host) {
            let page = Url::parse_with_params(&self.app.urls.at("/authorize_interaction"), [("uri", uri)]);
            return Ok(page.map_err(Error::internal)?.into());
        }
        let answer = self.finger(&handle.username, &host, &mut Budget::for_discovery()).await?;
        let template = answer.links.iter().find(|link| link.rel.as_deref() == Some(SUBSCRIBE));
        let template = template.and_then(|link| link.template.as_deref());
        let encoded: String = url::form_urlencoded::byte_serialize(uri.as_bytes()).collect();
        let page = match template.filter(|template| template.contains("{uri}")) {
            Some(template) => template.replace("{uri}", &encoded),
            None => format!("https://{host}/authorize_interaction?uri={encoded}"),
        };
        let page = Url::parse(&page).map_err(|_| Error::invalid("That server does not say how to follow from it"))?;
        let usual = page.scheme() == "https" || (self.app.config.development && page.scheme() == "http");
        if usual { Ok(page.into()) } else { Err(Error::invalid("That server does not say how to follow from it")) }
    }

    async fn ask(&self, url: &Url, budget: &mut Budget) -> Result<Webfinger> {
        let (found_at, answer) = self.remote.get_json(url, Accept::Jrd, None, self.app.now(), budget).await?;
        serde_json::from_value(answer).map_err(|_| {
            let host = found_at.host_str().unwrap_or_default();
            Error::remote(host, RemoteError::Unusable("not a WebFinger answer".to_owned()))
        })
    }

    /// The WebFinger address that host-meta names, as servers use whose handles are on another domain.
    async fn host_meta(&self, scheme: &str, host: &Host, resource: &str) -> Option<Url> {
        let url = Url::parse(&format!("{scheme}://{host}/.well-known/host-meta")).ok()?;
        // A server without host-meta is the usual case, not a trouble.
        let found = self.remote.get(&url, Accept::HostMeta, None, self.app.now()).await.ok()?;
        let text = String::from_utf8(found.body).ok()?;
        let template = lrdd_template(&text)?;
        let encoded: String = url::form_urlencoded::byte_serialize(resource.as_bytes()).collect();
        Url::parse(&template.replace("{uri}", &encoded)).ok()
    }
}

/// The actor a WebFinger answer leads to.
pub fn actor_of(answer: &Webfinger) -> Option<&Url> {
    let is_activity = |kind: &str| crate::federation::http::is_activity_media_type(kind);
    let link = answer.links.iter().find(|link| {
        link.rel.as_deref() == Some("self") && link.kind.as_deref().is_some_and(is_activity) && link.href.is_some()
    });
    link?.href.as_ref()
}

fn leads_to(answer: &Webfinger, actor: &RemoteId) -> bool {
    actor_of(answer).is_some_and(|href| href == actor.url())
}

/// The template of the `lrdd` link in a host-meta document (RFC 6415).
pub fn lrdd_template(xrd: &str) -> Option<String> {
    let link = xrd.split("<Link").skip(1).find(|link| {
        let tag = link.split('>').next().unwrap_or_default();
        tag.contains("rel=\"lrdd\"") || tag.contains("rel='lrdd'")
    })?;
    let tag = link.split('>').next()?;
    let (_, rest) = tag.split_once("template=")?;
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let template = rest[1..].split(quote).next()?;
    Some(template.replace("&amp;", "&"))
}
