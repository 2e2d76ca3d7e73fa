//! Accounts: joining, changing a profile, learning of somebody elsewhere.

use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

use crate::app::crypto::{self, KeyPair};
use crate::app::{App, Change};
use crate::domain::account::{ActorKind, Emojis, Field, Fields, Names, Role};
use crate::domain::event::Event;
use crate::domain::handle::{Host, Username};
use crate::domain::html;
use crate::domain::id::{AccountId, InviteId};
use crate::domain::moment::Moment;
use crate::domain::origin::Authentic;
use crate::domain::remote::RemoteAccount;
use crate::domain::text;
use crate::domain::visibility::Visibility;
use crate::error::{Error, Problem, Result};
use crate::store::entity::{account, account_key, invite, member};
use crate::store::{accounts, members, received, settings};

/// The setting that names the account of the server itself.
const INSTANCE_ACTOR: &str = "instance_actor";
/// Names nobody may choose, because pages or mail live there or because they would be believed.
const RESERVED: [&str; 18] = [
    "about",
    "abuse",
    "admin",
    "administrator",
    "api",
    "auth",
    "explore",
    "inbox",
    "instance",
    "localhost",
    "oauth",
    "outloud",
    "postmaster",
    "root",
    "settings",
    "support",
    "system",
    "webmaster",
];
/// The shortest password.
const SHORTEST_PASSWORD: usize = 8;

/// Somebody who wants to become a member.
#[derive(Debug, Clone)]
pub struct Newcomer {
    /// The name they choose.
    pub username: String,
    /// Where mail reaches them.
    pub email: String,
    /// The password they choose.
    pub password: String,
    /// Why they want to join.
    pub reason: Option<String>,
    /// The invitation they come with.
    pub invite: Option<String>,
    /// The language of the interface.
    pub locale: Option<String>,
}

/// On what terms somebody joins.
#[derive(Debug, Clone, Copy)]
pub struct Terms {
    /// What they may do.
    pub role: Role,
    /// Whether the address needs no confirmation.
    pub confirmed: bool,
    /// Whether nobody needs to let them in.
    pub approved: bool,
    /// Whether names that would be believed may be chosen, as by whoever runs the server.
    pub any_name: bool,
}

/// A new member, and the code that confirms their address where that is asked for.
#[derive(Debug, Clone)]
pub struct Joined {
    /// The account.
    pub account: AccountId,
    /// Sent to the address; whoever knows it reads its mail.
    pub confirm_code: Option<String>,
}

/// Makes an account on this server.
pub async fn join(app: &App, newcomer: Newcomer, terms: Terms) -> Result<Joined> {
    let username = check(app, &newcomer, terms).await?;
    // Hashing and keys take their time; nothing is locked meanwhile.
    let password_hash = crypto::hash_password(newcomer.password.clone()).await?;
    let keys = crypto::generate_rsa().await?;
    let mut change = app.begin().await?;
    let invite = spend_invite(&change, newcomer.invite.as_deref()).await?;
    let id = insert_local(&mut change, &username, ActorKind::Person, &keys).await?;
    let confirm_code = (!terms.confirmed).then(crypto::random_token);
    let now = app.now();
    let row = member::ActiveModel {
        account_id: Set(id),
        email: Set(newcomer.email.trim().to_owned()),
        email_key: Set(email_key(&newcomer.email)),
        password_hash: Set(password_hash),
        role: Set(terms.role),
        reason: Set(newcomer.reason.filter(|reason| !reason.trim().is_empty())),
        invite_id: Set(invite),
        confirm_hash: Set(confirm_code.as_deref().map(crypto::token_hash)),
        confirmed_at: Set(terms.confirmed.then_some(now)),
        approved_at: Set(terms.approved.then_some(now)),
        disabled_at: Set(None),
        locale: Set(newcomer.locale.unwrap_or_else(|| "en".to_owned())),
        default_visibility: Set(Visibility::Public),
        default_sensitive: Set(false),
        default_language: Set(None),
        created_at: Set(now),
        last_active_at: Set(None),
    };
    member::Entity::insert(row).exec_without_returning(change.tx()).await.map_err(taken)?;
    change.commit().await?;
    Ok(Joined { account: id, confirm_code })
}

/// Confirms the address that belongs to `code`; the account.
pub async fn confirm(app: &App, code: &str) -> Result<AccountId> {
    let change = app.begin().await?;
    let found = member::Entity::find().filter(member::Column::ConfirmHash.eq(crypto::token_hash(code)));
    let member = found.one(change.tx()).await?.ok_or(Error::NotFound("confirmation"))?;
    let id = member.account_id;
    let mut member = member.into_active_model();
    member.confirmed_at = Set(Some(app.now()));
    member.confirm_hash = Set(None);
    member.update(change.tx()).await?;
    change.commit().await?;
    Ok(id)
}

/// Gives a member another role.
pub async fn set_role(app: &App, id: AccountId, role: Role) -> Result<()> {
    alter(app, id, |member| member.role = Set(role)).await
}

/// Gives a member another password.
pub async fn set_password(app: &App, id: AccountId, password: String) -> Result<()> {
    if let Some(problem) = password_problem(&password) {
        return Err(Error::Validation(vec![problem]));
    }
    let hash = crypto::hash_password(password).await?;
    alter(app, id, |member| member.password_hash = Set(hash)).await
}

/// Lets a member in who has asked, and takes their address as confirmed.
pub async fn approve(app: &App, id: AccountId) -> Result<()> {
    let now = app.now();
    alter(app, id, |member| {
        member.approved_at = Set(Some(now));
        member.confirmed_at = Set(Some(now));
        member.confirm_hash = Set(None);
    })
    .await
}

/// What a member wants to change about their profile; what is not named stays.
#[derive(Debug, Clone, Default)]
pub struct ProfileChange {
    /// The name shown.
    pub display_name: Option<String>,
    /// The biography as typed.
    pub note: Option<String>,
    /// Name and value pairs as typed.
    pub fields: Option<Vec<(String, String)>>,
    /// Whether follows must be approved.
    pub locked: Option<bool>,
    /// Whether it is a bot.
    pub bot: Option<bool>,
    /// Whether it may be shown in directories.
    pub discoverable: Option<bool>,
    /// Whether its public posts may be searched.
    pub indexable: Option<bool>,
    /// Whether followers and following are hidden.
    pub hide_collections: Option<bool>,
    /// For new posts.
    pub default_visibility: Option<Visibility>,
    /// For new posts.
    pub default_sensitive: Option<bool>,
    /// For new posts.
    pub default_language: Option<String>,
}

/// Changes the profile and the defaults of a member.
pub async fn update_profile(app: &App, id: AccountId, wanted: ProfileChange) -> Result<()> {
    check_profile(app, &wanted)?;
    let mut change = app.begin().await?;
    let member = members::find(change.tx(), id).await?.ok_or(Error::NeedsUser)?;
    let mut member = member.into_active_model();
    set(&mut member.default_visibility, wanted.default_visibility);
    set(&mut member.default_sensitive, wanted.default_sensitive);
    set(&mut member.default_language, wanted.default_language.clone().map(Some));
    if member.is_changed() {
        member.update(change.tx()).await?;
    }
    let mut account = accounts::find(change.tx(), id).await?.into_active_model();
    describe(app, &mut account, wanted);
    if account.is_changed() {
        account.updated_at = Set(app.now());
        account.update(change.tx()).await?;
        change.touch_account(id);
        change.record(Event::ProfileUpdated { account: id }).await?;
    }
    change.commit().await
}

/// Stores what another server says of one of its accounts.
///
/// The row belongs to the id. Whoever else had the name before loses it.
pub async fn receive(app: &App, said: Authentic<RemoteAccount>) -> Result<account::Model> {
    let mut change = app.begin().await?;
    let said = said.into_inner();
    let known = accounts::by_uri(change.tx(), said.uri.as_str()).await?;
    if let Some(other) = accounts::by_name(change.tx(), &said.username, Some(&said.host)).await?
        && other.uri != said.uri.as_str()
    {
        give_up_name(&mut change, other).await?;
    }
    let fresh = remote_row(app, &said, known.as_ref());
    let stored = match known {
        Some(_) => fresh.into_active_model().reset_all().update(change.tx()).await?,
        None => {
            account::Entity::insert(fresh.clone().into_active_model().reset_all())
                .exec_without_returning(change.tx())
                .await?;
            fresh
        }
    };
    replace_keys(&change, stored.id, &said.keys).await?;
    change.touch_account(stored.id);
    change.commit().await?;
    Ok(stored)
}

/// Takes in that an account elsewhere is gone, with everything it wrote.
pub async fn receive_delete(app: &App, id: AccountId) -> Result<()> {
    let mut change = app.begin().await?;
    let gone = accounts::find(change.tx(), id).await?;
    if gone.host.is_none() {
        return Err(Error::Forbidden("This action is not allowed"));
    }
    let touched = accounts::forget_traces(change.tx(), id).await?;
    account::Entity::delete_by_id(id).exec(change.tx()).await?;
    received::bury(change.tx(), &gone.uri, app.now()).await?;
    change.touch_account(id);
    for account in touched.accounts {
        change.touch_account(account);
    }
    for status in touched.statuses {
        change.touch_status(status);
    }
    change.commit().await
}

/// The account of the server itself, made at the first start.
pub async fn instance_actor(app: &App) -> Result<account::Model> {
    if let Some(id) = settings::get(app.db.reader(), INSTANCE_ACTOR).await? {
        let id: AccountId = id.parse().map_err(Error::internal)?;
        return accounts::find(app.db.reader(), id).await;
    }
    let keys = crypto::generate_rsa().await?;
    let mut change = app.begin().await?;
    let username: Username = app.urls.host().name().parse().map_err(Error::internal)?;
    let id = insert_local(&mut change, &username, ActorKind::Application, &keys).await?;
    let kept = settings::set_once(change.tx(), INSTANCE_ACTOR, &id.to_string()).await?;
    if kept != id.to_string() {
        // Another process was faster; this change is dropped.
        drop(change);
        return accounts::find(app.db.reader(), kept.parse().map_err(Error::internal)?).await;
    }
    change.commit().await?;
    accounts::find(app.db.reader(), id).await
}

/// The form in which addresses are compared.
pub fn email_key(email: &str) -> String {
    email.trim().to_lowercase()
}

async fn check(app: &App, newcomer: &Newcomer, terms: Terms) -> Result<Username> {
    let mut problems = Vec::new();
    let username = Username::local(&newcomer.username);
    match &username {
        Ok(name) if !terms.any_name && RESERVED.contains(&name.as_str()) => {
            problems.push(problem("username", "ERR_RESERVED", "Username is reserved"));
        }
        Ok(name) if accounts::by_name(app.db.reader(), name, None).await?.is_some() => {
            problems.push(problem("username", "ERR_TAKEN", "Username has already been taken"));
        }
        Ok(_) => {}
        Err(_) => problems.push(problem(
            "username",
            "ERR_INVALID",
            "Username must contain only letters, numbers and underscores, and at most 30 of them",
        )),
    }
    if !is_email(&newcomer.email) {
        problems.push(problem("email", "ERR_INVALID", "Email is not a valid address"));
    } else if members::by_email(app.db.reader(), &email_key(&newcomer.email)).await?.is_some() {
        problems.push(problem("email", "ERR_TAKEN", "Email has already been taken"));
    }
    problems.extend(password_problem(&newcomer.password));
    match (username, problems.is_empty()) {
        (Ok(username), true) => Ok(username),
        _ => Err(Error::Validation(problems)),
    }
}

fn problem(field: &'static str, code: &'static str, description: &str) -> Problem {
    Problem { field, code, description: description.to_owned() }
}

fn password_problem(password: &str) -> Option<Problem> {
    let length = password.chars().count();
    if length < SHORTEST_PASSWORD {
        return Some(problem("password", "ERR_TOO_SHORT", "Password is too short (minimum is 8 characters)"));
    }
    if password.len() > 1024 {
        return Some(problem("password", "ERR_TOO_LONG", "Password is too long"));
    }
    None
}

/// Whether this can be an address for mail: one `@`, a plain local part, a host with a dot.
fn is_email(email: &str) -> bool {
    let email = email.trim();
    let plain = |c: char| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
    let Some((local, host)) = email.split_once('@') else { return false };
    email.len() <= 254
        && (1..=64).contains(&local.len())
        && local.chars().all(plain)
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && host.contains('.')
        && !host.contains(':')
        && host.parse::<Host>().is_ok()
}

fn taken(error: sea_orm::DbErr) -> Error {
    let error = Error::from(error);
    if crate::store::is_duplicate(&error) {
        return Error::Validation(vec![problem("username", "ERR_TAKEN", "Username or email has already been taken")]);
    }
    error
}

async fn spend_invite(change: &Change, code: Option<&str>) -> Result<Option<InviteId>> {
    let Some(code) = code else { return Ok(None) };
    let found = invite::Entity::find().filter(invite::Column::Code.eq(code)).one(change.tx()).await?;
    let valid = found.filter(|invite| {
        invite.expires_at.is_none_or(|end| end > change.now()) && invite.max_uses.is_none_or(|most| invite.uses < most)
    });
    let Some(invite) = valid else {
        return Err(Error::Validation(vec![problem("invite", "ERR_INVALID", "The invitation is not valid any more")]));
    };
    let (id, uses) = (invite.id, invite.uses + 1);
    let mut invite = invite.into_active_model();
    invite.uses = Set(uses);
    invite.update(change.tx()).await?;
    Ok(Some(id))
}

async fn insert_local(change: &mut Change, username: &Username, kind: ActorKind, keys: &KeyPair) -> Result<AccountId> {
    let app = change.app().clone();
    let (urls, now) = (&app.urls, app.now());
    let id: AccountId = app.id();
    let row = account::Model {
        id,
        username: username.clone(),
        username_key: username.key(),
        host: None,
        uri: urls.actor(id),
        url: urls.profile(username),
        kind,
        display_name: String::new(),
        note: String::new(),
        note_source: Some(String::new()),
        fields: Fields::default(),
        emojis: Emojis::default(),
        avatar_url: None,
        avatar_description: String::new(),
        header_url: None,
        header_description: String::new(),
        inbox_url: urls.of_actor(id, "inbox"),
        shared_inbox_url: Some(urls.shared_inbox()),
        outbox_url: Some(urls.of_actor(id, "outbox")),
        followers_url: Some(urls.of_actor(id, "followers")),
        following_url: Some(urls.of_actor(id, "following")),
        featured_url: Some(urls.of_actor(id, "collections/featured")),
        locked: false,
        discoverable: false,
        indexable: false,
        hide_collections: false,
        memorial: false,
        also_known_as: Names::default(),
        moved_to_id: None,
        followers_count: 0,
        following_count: 0,
        statuses_count: 0,
        last_status_at: None,
        created_at: now,
        updated_at: now,
        fetched_at: None,
        limited_at: None,
        suspended_at: None,
    };
    account::Entity::insert(row.into_active_model().reset_all())
        .exec_without_returning(change.tx())
        .await
        .map_err(taken)?;
    let uri = urls.key(id);
    let sealed = app.vault.seal(keys.private_pkcs8.as_bytes(), &uri);
    insert_key(change, id, &uri, &keys.public_pem, Some(sealed)).await?;
    Ok(id)
}

async fn insert_key(
    change: &Change,
    owner: AccountId,
    uri: &str,
    public_pem: &str,
    private_sealed: Option<String>,
) -> Result<()> {
    let row = account_key::ActiveModel {
        uri: Set(uri.to_owned()),
        account_id: Set(owner),
        public_pem: Set(public_pem.to_owned()),
        private_sealed: Set(private_sealed),
        created_at: Set(change.now()),
    };
    account_key::Entity::insert(row).exec_without_returning(change.tx()).await?;
    Ok(())
}

async fn replace_keys(change: &Change, owner: AccountId, keys: &[(String, String)]) -> Result<()> {
    let known = accounts::keys(change.tx(), owner).await?;
    let unchanged = known.len() == keys.len()
        && known.iter().all(|key| keys.iter().any(|(uri, pem)| *uri == key.uri && *pem == key.public_pem));
    if unchanged {
        return Ok(());
    }
    account_key::Entity::delete_many().filter(account_key::Column::AccountId.eq(owner)).exec(change.tx()).await?;
    for (uri, pem) in keys {
        let row = account_key::ActiveModel {
            uri: Set(uri.clone()),
            account_id: Set(owner),
            public_pem: Set(pem.clone()),
            private_sealed: Set(None),
            created_at: Set(change.now()),
        };
        // A key that is somebody else's stays theirs.
        let keep = OnConflict::column(account_key::Column::Uri).do_nothing().to_owned();
        account_key::Entity::insert(row).on_conflict(keep).exec_without_returning(change.tx()).await?;
    }
    Ok(())
}

/// The account that had a name before somebody else on its server took it over.
async fn give_up_name(change: &mut Change, other: account::Model) -> Result<()> {
    let id = other.id;
    let mut row = other.into_active_model();
    let former: Username = format!("former_{id}").parse().map_err(Error::internal)?;
    row.username_key = Set(former.key());
    row.username = Set(former);
    row.update(change.tx()).await?;
    change.touch_account(id);
    Ok(())
}

async fn alter(app: &App, id: AccountId, change_row: impl FnOnce(&mut member::ActiveModel)) -> Result<()> {
    let change = app.begin().await?;
    let member = members::find(change.tx(), id).await?.ok_or(Error::NotFound("member"))?;
    let mut row = member.into_active_model();
    change_row(&mut row);
    row.update(change.tx()).await?;
    change.commit().await
}

fn check_profile(app: &App, wanted: &ProfileChange) -> Result<()> {
    use unicode_segmentation::UnicodeSegmentation;

    let limits = &app.config.limits;
    let too_long = |text: &str, most: u32| text.graphemes(true).count() > most as usize;
    if wanted.display_name.as_deref().is_some_and(|name| too_long(name, limits.display_name_characters)) {
        return Err(Error::field("display_name", "ERR_TOO_LONG", "Display name is too long"));
    }
    if wanted.note.as_deref().is_some_and(|note| too_long(note, limits.bio_characters)) {
        return Err(Error::field("note", "ERR_TOO_LONG", "Note is too long"));
    }
    let fields = wanted.fields.as_deref().unwrap_or_default();
    let longest = limits.profile_field_characters;
    if fields.len() > limits.profile_fields as usize
        || fields.iter().any(|(name, value)| too_long(name, longest) || too_long(value, longest))
    {
        return Err(Error::field("fields", "ERR_TOO_LONG", "Fields are too many or too long"));
    }
    Ok(())
}

fn describe(app: &App, account: &mut account::ActiveModel, wanted: ProfileChange) {
    let tag = |tag: &text::Tag| app.urls.tag(&tag.key);
    let html = |typed: &str| text::render(typed, &text::Links { mention: &|_| None, tag: &tag });
    if let Some(name) = wanted.display_name {
        set(&mut account.display_name, Some(text::clean(&name, app.config.limits.display_name_characters as usize)));
    }
    if let Some(note) = wanted.note {
        set(&mut account.note, Some(html(&note)));
        set(&mut account.note_source, Some(Some(note)));
    }
    if let Some(fields) = wanted.fields {
        let fields = fields.into_iter().filter(|(name, value)| !name.trim().is_empty() || !value.trim().is_empty());
        let fields = fields.map(|(name, value)| Field { name, value: html::plain_to_html(&value) }).collect();
        set(&mut account.fields, Some(Fields(fields)));
    }
    if let Some(bot) = wanted.bot {
        set(&mut account.kind, Some(if bot { ActorKind::Service } else { ActorKind::Person }));
    }
    set(&mut account.locked, wanted.locked);
    set(&mut account.discoverable, wanted.discoverable);
    set(&mut account.indexable, wanted.indexable);
    set(&mut account.hide_collections, wanted.hide_collections);
}

/// Sets a column unless nothing is wanted or it says so already.
fn set<T: Into<sea_orm::Value> + PartialEq + Clone>(column: &mut sea_orm::ActiveValue<T>, wanted: Option<T>) {
    if let Some(wanted) = wanted
        && *column.as_ref() != wanted
    {
        *column = Set(wanted);
    }
}

fn remote_row(app: &App, said: &RemoteAccount, known: Option<&account::Model>) -> account::Model {
    let now = app.now();
    let created_at = said.published.map_or(now, |published| Ord::min(published, now)).max(Moment(1));
    account::Model {
        id: known.map_or_else(|| app.id(), |known| known.id),
        username: said.username.clone(),
        username_key: said.username.key(),
        host: Some(said.host.clone()),
        uri: said.uri.as_str().to_owned(),
        url: said.url.clone(),
        kind: said.kind,
        display_name: said.display_name.clone(),
        note: said.note.clone(),
        note_source: None,
        fields: said.fields.clone(),
        emojis: said.emojis.clone(),
        avatar_url: said.avatar.as_ref().map(|picture| picture.url.clone()),
        avatar_description: said.avatar.as_ref().map(|picture| picture.description.clone()).unwrap_or_default(),
        header_url: said.header.as_ref().map(|picture| picture.url.clone()),
        header_description: said.header.as_ref().map(|picture| picture.description.clone()).unwrap_or_default(),
        inbox_url: said.inbox_url.clone(),
        shared_inbox_url: said.shared_inbox_url.clone(),
        outbox_url: said.outbox_url.clone(),
        followers_url: said.followers_url.clone(),
        following_url: said.following_url.clone(),
        featured_url: said.featured_url.clone(),
        locked: said.locked,
        discoverable: said.discoverable,
        indexable: said.indexable,
        hide_collections: false,
        memorial: said.memorial,
        also_known_as: Names(said.also_known_as.clone()),
        moved_to_id: known.and_then(|known| known.moved_to_id),
        followers_count: known.map_or(0, |known| known.followers_count),
        following_count: known.map_or(0, |known| known.following_count),
        statuses_count: known.map_or(0, |known| known.statuses_count),
        last_status_at: known.and_then(|known| known.last_status_at),
        created_at: known.map_or(created_at, |known| known.created_at),
        updated_at: now,
        fetched_at: Some(now),
        limited_at: known.and_then(|known| known.limited_at),
        suspended_at: known.and_then(|known| known.suspended_at),
    }
}
