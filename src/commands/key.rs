//! `key`: the credentials of the intelligence API.

use crate::config::Settings;
use crate::exit::{Exit, NotFound, WrongUsage};
use crate::outln;
use crate::output::Output;
use crate::wiring;
use anyhow::Result;
use clap::{Args, Subcommand, ValueEnum};
use contracts::{UnixMillis, WorkspaceId};
use jiff::Timestamp;
use secrecy::ExposeSecret as _;
use serde_json::json;
use starter::intelligence::{Scope, Token};
use store::ApiKey;

/// What is to be done with keys.
#[derive(Clone, Debug, Subcommand)]
pub enum KeyCommand {
    /// Make a key. It is shown once and kept nowhere; the database has only its hash.
    Create(CreateArgs),
    /// Show the keys, the oldest first, without their secrets.
    List {
        /// Those of this workspace [default: all].
        #[arg(long)]
        workspace: Option<WorkspaceId>,
    },
    /// Make a key that follows another: the same workspace, scopes and label. Both are valid for a while.
    Rotate {
        /// The key that it follows, by its id.
        id: String,
        /// How many hours the old one stays valid.
        #[arg(long, value_name = "HOURS", default_value_t = 24)]
        overlap: u32,
        /// When the new one ends: a date, a moment (RFC 3339), or days such as 90d [default: it is valid as long as the old one
        /// was to be].
        #[arg(long, value_name = "WHEN")]
        expires: Option<String>,
    },
    /// End a key at once.
    Revoke {
        /// The key, by its id.
        id: String,
    },
}

/// What a key may do, and until when.
#[derive(Clone, Debug, Args)]
pub struct CreateArgs {
    /// What it may do; may stand several times, or with commas.
    #[arg(long = "scope", value_enum, required = true, value_delimiter = ',', value_name = "SCOPE")]
    pub scopes: Vec<KeyScope>,

    /// Whose data it opens [default: the configured workspace].
    #[arg(long)]
    pub workspace: Option<WorkspaceId>,

    /// When it ends: a date, a moment (RFC 3339), or days such as 90d [default: never].
    #[arg(long, value_name = "WHEN")]
    pub expires: Option<String>,

    /// What it is for, so that somebody knows later; no person's name.
    #[arg(long, default_value = "")]
    pub label: String,
}

/// What a key may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum KeyScope {
    /// See companies, groups, refreshes and events.
    Read,
    /// And e-mail addresses and telephone numbers in groups.
    Contact,
    /// Ask for refreshes, which may cost money.
    Refresh,
    /// Cancel, hurry, approve and reject refreshes.
    Steer,
}

impl From<KeyScope> for Scope {
    fn from(scope: KeyScope) -> Self {
        match scope {
            KeyScope::Read => Scope::Read,
            KeyScope::Contact => Scope::Contact,
            KeyScope::Refresh => Scope::Refresh,
            KeyScope::Steer => Scope::Steer,
        }
    }
}

/// Does it.
///
/// # Errors
/// When the database cannot be reached, there is no such key, or a time cannot be read.
pub async fn run(command: KeyCommand, settings: &Settings, output: Output) -> Result<Exit> {
    let now = Timestamp::now().as_millisecond();
    // Before anything is opened, what is wrong with the command is said.
    let expires = match &command {
        KeyCommand::Create(CreateArgs { expires, .. }) | KeyCommand::Rotate { expires, .. } => {
            expires.as_deref().map(|text| end(text, now)).transpose()?
        }
        _ => None,
    };
    let store = wiring::open_current_store(settings).await?;
    match command {
        KeyCommand::Create(args) => {
            let token = Token::of(&rand::random());
            let key = ApiKey {
                key_id: token.id().to_owned(),
                workspace: args.workspace.unwrap_or_else(|| settings.workspace.clone()),
                label: args.label,
                scopes: names(args.scopes.into_iter().map(Scope::from)),
                created_at: now,
                expires_at: expires,
                revoked_at: None,
                last_used_at: None,
                follows: None,
            };
            store.put_api_key(&key, &token.hash()).await?;
            show_new(&key, &token, output)?;
        }
        KeyCommand::Rotate { id, overlap, .. } => {
            let (old, _) = store.api_key(&id).await?.ok_or_else(|| no_key(&id))?;
            // What is no longer valid has no successor: it may have ended because nobody was to have it any more.
            if !old.is_valid_at(now) {
                return Err(no_key(&id).into());
            }
            let token = Token::of(&rand::random());
            let key = ApiKey {
                key_id: token.id().to_owned(),
                created_at: now,
                expires_at: expires.or_else(|| as_long(&old, now)),
                revoked_at: None,
                last_used_at: None,
                follows: Some(id.clone()),
                ..old
            };
            let old_ends = now + UnixMillis::from(overlap) * 60 * 60 * 1000;
            store.rotate_api_key(&key, &token.hash(), old_ends).await.map_err(|error| match error {
                store::StoreError::NotFound { .. } => anyhow::Error::from(no_key(&id)),
                error => error.into(),
            })?;
            show_new(&key, &token, output)?;
        }
        KeyCommand::List { workspace } => {
            let keys = store.api_keys(workspace.as_ref()).await?;
            match output {
                Output::Json => {
                    let keys: Vec<_> = keys.iter().map(|key| document(key, now)).collect();
                    outln!("{}", serde_json::to_string_pretty(&json!({"keys": keys}))?);
                }
                Output::Text if keys.is_empty() => outln!("no keys; `buyer-group key create --scope read` makes one"),
                Output::Text => keys.iter().for_each(|key| outln!("{}", line(key, now))),
            }
        }
        KeyCommand::Revoke { id } => {
            if !store.revoke_api_key(&id, now).await? {
                return Err(no_key(&id).into());
            }
            match output {
                Output::Json => outln!("{}", json!({"id": id, "revoked": true})),
                Output::Text => outln!("{id} is no longer valid"),
            }
        }
    }
    store.close().await;
    Ok(Exit::Done)
}

/// The names under which scopes are kept, each once.
pub(crate) fn names(scopes: impl IntoIterator<Item = Scope>) -> Vec<String> {
    let wanted: Vec<Scope> = scopes.into_iter().collect();
    Scope::ALL.into_iter().filter(|scope| wanted.contains(scope)).map(|scope| scope.to_string()).collect()
}

fn no_key(id: &str) -> NotFound {
    NotFound(format!(
        "there is no valid key {id}; `buyer-group key list` shows the ids, which are the middle part of a key"
    ))
}

/// The only time that anybody sees the secret.
fn show_new(key: &ApiKey, token: &Token, output: Output) -> Result<()> {
    let text = token.expose();
    match output {
        Output::Json => {
            let mut document = document(key, key.created_at);
            document["key"] = text.expose_secret().into();
            outln!("{}", serde_json::to_string_pretty(&document)?);
        }
        Output::Text => {
            outln!("{}", text.expose_secret());
            eprintln!("workspace {}, {}; it is not shown again", key.workspace, key.scopes.join(" "));
        }
    }
    Ok(())
}

/// When a key ends that is made now.
fn end(text: &str, now: UnixMillis) -> Result<UnixMillis> {
    const DAY: UnixMillis = 24 * 60 * 60 * 1000;
    let days = text.strip_suffix('d').and_then(|days| days.parse::<u16>().ok()).map(|days| now + i64::from(days) * DAY);
    let day = || format!("{text}T00:00:00Z").parse::<Timestamp>().ok();
    let moment = || text.parse::<Timestamp>().ok().or_else(day).map(Timestamp::as_millisecond);
    let end = days.or_else(moment).filter(|end| *end > now);
    let advice = || WrongUsage(format!("{text:?} is no time to come; write 2027-01-31, 2027-01-31T12:00:00Z or 90d"));
    end.ok_or_else(|| advice().into())
}

/// The end of a key that is made now and is valid as long as this one was to be.
fn as_long(old: &ApiKey, now: UnixMillis) -> Option<UnixMillis> {
    old.expires_at.map(|end| now.saturating_add(end.saturating_sub(old.created_at)))
}

fn moment(millis: UnixMillis) -> Option<Timestamp> {
    Timestamp::from_millisecond(millis).ok()
}

fn state(key: &ApiKey, now: UnixMillis) -> &'static str {
    match key.revoked_at {
        Some(_) => "revoked",
        None if key.is_valid_at(now) => "valid",
        None => "expired",
    }
}

fn document(key: &ApiKey, now: UnixMillis) -> serde_json::Value {
    json!({
        "id": key.key_id, "workspace": key.workspace, "label": key.label, "scopes": key.scopes, "state": state(key, now),
        "created_at": moment(key.created_at), "expires_at": key.expires_at.and_then(moment),
        "revoked_at": key.revoked_at.and_then(moment), "last_used_at": key.last_used_at.and_then(moment),
        "follows": key.follows,
    })
}

fn line(key: &ApiKey, now: UnixMillis) -> String {
    let when =
        |what: &str, at: Option<UnixMillis>| at.and_then(moment).map(|at| format!(", {what} {at}")).unwrap_or_default();
    let label = if key.label.is_empty() { String::new() } else { format!("  {}", key.label) };
    format!(
        "{}  {}  {}  {}{}{}{label}",
        key.key_id,
        key.workspace,
        state(key, now),
        key.scopes.join(" "),
        when("until", key.expires_at),
        when("last used", key.last_used_at)
    )
}

#[cfg(test)]
mod tests {
    use super::end;

    #[test]
    fn an_end_is_a_time_to_come() -> anyhow::Result<()> {
        let now = 1_760_000_000_000;
        assert_eq!(end("2d", now)?, now + 2 * 86_400_000);
        assert_eq!(end("2026-01-01", now)?, 1_767_225_600_000);
        assert_eq!(end("2026-01-01T00:00:01Z", now)?, 1_767_225_601_000);
        for text in ["", "d", "-1d", "2020-01-01", "tomorrow", "0d"] {
            assert!(end(text, now).is_err(), "{text}");
        }
        Ok(())
    }
}
