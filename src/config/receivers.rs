//! Receivers of notifications: who is told how refreshes end.

use super::raw_receiver::{RawEvent, RawReceiver};
use super::raw_source::Many;
use super::resolve::Resolver;
use super::{Settings, secret};
use activities::notify::ReceiverConfig;
use anyhow::bail;
use contracts::NotificationKind;
use secrecy::SecretString;
use std::path::PathBuf;

impl Resolver<'_> {
    pub(super) fn receivers(
        &mut self,
        raw: Vec<RawReceiver>,
        settings: &Settings,
    ) -> anyhow::Result<Vec<ReceiverConfig>> {
        let mut receivers: Vec<ReceiverConfig> = Vec::with_capacity(raw.len());
        for (index, raw) in raw.into_iter().enumerate() {
            let receiver = self.receiver(index, raw, settings)?;
            let (name, workspace) = (&receiver.name, &receiver.workspace);
            if receivers.iter().any(|known| known.name == *name && known.workspace == *workspace) {
                bail!("workspace `{workspace}` has two receivers named `{name}`; rename or remove one");
            }
            let origin = self.origin("receivers");
            if let Err(fault) = receiver.check() {
                bail!("`receivers.{name}` ({origin}): {fault}");
            }
            let mut show = |field: &str, value: String| {
                self.show_as(format!("receivers.{name}.{field}"), value, origin.clone());
            };
            show("kind", receiver.channel.as_str().to_owned());
            // The address of a Slack channel is its password.
            show("url", secret::describe(&receiver.url));
            for (at, secret) in receiver.secrets.iter().enumerate() {
                let field = if at == 0 { "secret" } else { "previous_secret" };
                show(field, secret::describe(secret));
            }
            let events: Vec<_> = receiver.events.iter().map(|kind| kind.as_str()).collect();
            show("events", events.join(", "));
            show("contact_data", receiver.contact_data.to_string());
            show("workspace", receiver.workspace.to_string());
            receivers.push(receiver);
        }
        Ok(receivers)
    }

    fn receiver(&self, index: usize, raw: RawReceiver, settings: &Settings) -> anyhow::Result<ReceiverConfig> {
        let key = |field: &str| format!("receivers.{index}.{field}");
        let name = raw.name;
        let Some(url) = self.one_of(&name, "url", raw.url, raw.url_file)? else {
            bail!("receiver `{name}` has neither `url` nor `url_file`; give one");
        };
        let mut secrets = Vec::new();
        secrets.extend(self.one_of(&name, "secret", raw.secret, raw.secret_file)?);
        let (Many(texts), Many(files)) = (raw.previous_secret, raw.previous_secret_file);
        secrets.extend(texts);
        for file in files {
            let key = format!("`receivers.{name}.previous_secret_file`");
            secrets.extend(secret::read_if_any(&key, &self.path("receivers", file))?);
        }
        let events = raw.events.map_or_else(|| NotificationKind::ALL.to_vec(), |events| kinds(&events));
        Ok(ReceiverConfig {
            workspace: self.workspace(&key("workspace"), raw.workspace, settings)?,
            channel: raw.kind.into(),
            url,
            secrets,
            events: events.into_iter().collect(),
            contact_data: raw.contact_data,
            allow_http: raw.allow_http,
            allow_private: raw.allow_private,
            name,
        })
    }

    /// A secret that stands here or in a file.
    fn one_of(
        &self,
        name: &contracts::ReceiverName,
        field: &str,
        text: Option<SecretString>,
        file: Option<PathBuf>,
    ) -> anyhow::Result<Option<SecretString>> {
        match (text, file) {
            (Some(_), Some(_)) => bail!("receiver `{name}` has both `{field}` and `{field}_file`; keep one"),
            (None, Some(file)) => {
                let key = format!("`receivers.{name}.{field}_file`");
                secret::read_file(&key, &self.path("receivers", file)).map(Some)
            }
            (text, None) => Ok(text),
        }
    }
}

fn kinds(events: &[RawEvent]) -> Vec<NotificationKind> {
    events.iter().map(|event| event.0).collect()
}
