//! Sources and their secrets. A source may be written in the settings file and have its secret from the environment.

use super::layers::EnvSecret;
use super::raw_source::{Many, RawLimits, RawSource};
use super::resolve::Resolver;
use super::settings::SecretPlace;
use super::{Origin, Settings, SourceSettings, secret};
use anyhow::{Context as _, bail};
use contracts::{EnrichmentLevel, SourceName, WorkspaceId};
use secrecy::{ExposeSecret as _, SecretString};
use starter::auth::{Preset, Scheme, SourceLimits};
use starter::intakes::{DeliveryWindow, Intake};
use std::path::Path;
use std::time::Duration;

/// A source whose secret may still come.
struct Draft {
    settings: SourceSettings,
    secret: Option<(SecretPlace, Origin)>,
    previous: Vec<SecretPlace>,
    written: Origin,
}

impl Resolver<'_> {
    pub(super) fn sources(
        &mut self,
        raw: Vec<RawSource>,
        settings: &Settings,
        folder: &Path,
    ) -> anyhow::Result<Vec<SourceSettings>> {
        let mut drafts = Vec::with_capacity(raw.len());
        for (index, source) in raw.into_iter().enumerate() {
            drafts.push(self.written(index, source, settings)?);
        }
        for given in &self.layers.source_secrets {
            from_environment(&mut drafts, given, settings, folder)?;
        }
        let mut sources: Vec<SourceSettings> = Vec::with_capacity(drafts.len());
        for draft in drafts {
            let (source, origin) = finished(draft, &sources)?;
            let key = format!("sources.{}", source.name);
            if let Some(secret) = source.secrets.first() {
                self.show_as(format!("{key}.secret"), secret::describe(secret), origin.clone());
            }
            for previous in source.secrets.iter().skip(1) {
                self.show_as(format!("{key}.previous_secret"), secret::describe(previous), origin.clone());
            }
            self.show_as(format!("{key}.scheme"), source.scheme.name(), origin.clone());
            self.show_as(format!("{key}.intake"), source.intake.as_str(), origin.clone());
            self.show_as(format!("{key}.workspace"), &source.workspace, origin.clone());
            self.show_as(format!("{key}.level"), source.level, origin);
            sources.push(source);
        }
        Ok(sources)
    }

    /// A source as written in the settings file.
    fn written(&self, index: usize, raw: RawSource, settings: &Settings) -> anyhow::Result<Draft> {
        let key = |field: &str| format!("sources.{index}.{field}");
        let RawSource {
            name,
            level,
            secret,
            secret_file,
            intake,
            delivery_window,
            allow_short_secret,
            i_accept_unsigned_events,
            ..
        } = raw;
        let workspace = self.workspace(&key("workspace"), raw.workspace, settings)?;
        let file =
            |field: &str, path, may_be_empty| SecretPlace::File { path: self.path(&key(field), path), may_be_empty };
        let secret = match (secret, secret_file) {
            (Some(_), Some(_)) => bail!("source `{name}` has both `secret` and `secret_file`; keep one"),
            (Some(secret), None) => Some((SecretPlace::Text(secret), self.origin(&key("secret")))),
            (None, Some(path)) => Some((file("secret_file", path, false), self.origin(&key("secret_file")))),
            (None, None) => None,
        };
        let (Many(texts), Many(files)) = (raw.previous_secret, raw.previous_secret_file);
        let texts = texts.into_iter().map(SecretPlace::Text);
        let previous = texts.chain(files.into_iter().map(|path| file("previous_secret_file", path, true))).collect();
        let mut scheme = raw.scheme.map_or_else(default_scheme, |scheme| Ok(scheme.0))?;
        if let Some(seconds) = raw.tolerance_seconds {
            let of = |fault| anyhow::anyhow!("`sources.{name}` ({}): {fault}", self.origin(&key("tolerance_seconds")));
            scheme = scheme.with_tolerance(Duration::from_secs(seconds)).map_err(of)?;
        }
        let RawLimits { per_second, burst, max_body_bytes } = raw.limits;
        let limits = SourceLimits { per_second, burst, max_body: max_body_bytes };
        let source = SourceSettings {
            intake: intake.unwrap_or_default(),
            window: delivery_window.unwrap_or_default(),
            allow_short_secret,
            i_accept_unsigned_events,
            limits,
            level,
            ..SourceSettings::new(name, workspace, scheme)
        };
        Ok(Draft { settings: source, secret, previous, written: self.origin(&key("name")) })
    }
}

impl SourceSettings {
    /// A source that nothing more is said of, and that has no secret yet.
    #[must_use]
    pub fn new(name: SourceName, workspace: WorkspaceId, scheme: Scheme) -> Self {
        Self {
            name,
            workspace,
            scheme,
            intake: Intake::default(),
            window: DeliveryWindow::default(),
            secrets: Vec::new(),
            secret_places: Vec::new(),
            allow_short_secret: false,
            i_accept_unsigned_events: false,
            limits: SourceLimits::default(),
            level: EnrichmentLevel::default(),
        }
    }

    /// The same with this secret.
    #[must_use]
    pub fn with_secret(mut self, secret: SecretString) -> Self {
        self.secrets = vec![secret.clone()];
        self.secret_places = vec![SecretPlace::Text(secret)];
        self
    }

    /// The secrets as they are now, the one in use first.
    ///
    /// # Errors
    /// When a file cannot be read, or is empty although its secret is in use.
    pub fn read_secrets(&self) -> anyhow::Result<Vec<SecretString>> {
        let mut secrets = Vec::with_capacity(self.secret_places.len());
        for place in &self.secret_places {
            match place {
                SecretPlace::Text(text) => secrets.push(text.clone()),
                SecretPlace::File { path, may_be_empty: false } => {
                    secrets.push(secret::read_file(&format!("`sources.{}.secret_file`", self.name), path)?);
                }
                SecretPlace::File { path, may_be_empty: true } => {
                    secrets
                        .extend(secret::read_if_any(&format!("`sources.{}.previous_secret_file`", self.name), path)?);
                }
            }
        }
        Ok(secrets)
    }
}

/// That of this program's own events.
fn default_scheme() -> anyhow::Result<Scheme> {
    Preset::PersonChange.scheme().context("the scheme of a source that names none")
}

/// Gives a source its secret from the environment; a source that is written nowhere comes to be in the default workspace.
fn from_environment(
    drafts: &mut Vec<Draft>,
    given: &EnvSecret,
    settings: &Settings,
    folder: &Path,
) -> anyhow::Result<()> {
    let EnvSecret { variable, source, is_file, value } = given;
    let place = match is_file {
        true => SecretPlace::File { path: folder.join(value), may_be_empty: false },
        false => SecretPlace::Text(SecretString::from(value.as_str())),
    };
    let origin = Origin::Env(variable.clone());
    let secret = Some((place, origin.clone()));
    let named = |draft: &&mut Draft| draft.settings.name.as_str().replace('-', "_") == *source;
    let mut meant = drafts.iter_mut().filter(named);
    match (meant.next(), meant.next()) {
        (Some(draft), None) => {
            if let Some((_, other @ Origin::Env(_))) = &draft.secret {
                bail!("{variable} and {other} both give the secret of the source `{}`; keep one", draft.settings.name);
            }
            draft.secret = secret;
        }
        (Some(one), Some(other)) => bail!(
            "{variable} could mean the source `{}` of workspace `{}` or `{}` of `{}`; use secret_file in the settings file",
            one.settings.name,
            one.settings.workspace,
            other.settings.name,
            other.settings.workspace
        ),
        (None, _) => {
            let name = source.parse().map_err(|error| anyhow::anyhow!("{variable}: {error}"))?;
            let source = SourceSettings::new(name, settings.workspace.clone(), default_scheme()?);
            drafts.push(Draft { settings: source, secret, previous: Vec::new(), written: origin });
        }
    }
    Ok(())
}

/// The source, once it is known to have a secret of its own and a name of its own.
fn finished(draft: Draft, others: &[SourceSettings]) -> anyhow::Result<(SourceSettings, Origin)> {
    let Draft { settings: mut source, secret, previous, written } = draft;
    let (name, workspace) = (source.name.clone(), source.workspace.clone());
    if name.is_reserved() {
        bail!(
            "a source may not be named `{name}`: refreshes that a person, a program or the schedule asks for have it"
        );
    }
    if others.iter().any(|known| known.name == name && known.workspace == workspace) {
        bail!("workspace `{workspace}` has two sources named `{name}`; rename or remove one");
    }
    let key = format!("sources.{name}.secret");
    if !source.scheme.needs_secret() {
        anyhow::ensure!(
            secret.is_none() && previous.is_empty(),
            "`{key}` stands beside the scheme `{}`, which asks for no proof; remove the one or the other",
            source.scheme.name()
        );
        return Ok((source, written));
    }
    let Some((place, origin)) = secret else {
        let variable = format!("BGR_SOURCES__{}__SECRET", name.as_str().to_ascii_uppercase().replace('-', "_"));
        bail!(
            "`{key}` is missing; give `secret_file` in the settings file or set {variable} or {variable}_FILE. Without a \
             secret nobody could tell this source's events from forged ones"
        );
    };
    source.secret_places = std::iter::once(place).chain(previous).collect();
    source.secrets = source.read_secrets()?;
    for secret in &source.secrets {
        let checked = source.scheme.check_secret(secret, source.allow_short_secret);
        checked.map_err(|fault| anyhow::anyhow!("`{key}` ({origin}): {fault}"))?;
    }
    let is_ours = |other: &SecretString| source.secrets.iter().any(|own| own.expose_secret() == other.expose_secret());
    if let Some(twin) = others.iter().find(|known| known.secrets.iter().any(is_ours)) {
        bail!(
            "sources `{}` and `{name}` have the same secret; give each its own, for the secret decides whose event it is",
            twin.name
        );
    }
    Ok((source, origin))
}
