//! Sources and their secrets. A source may be written in the settings file and have its secret from the environment.

use super::layers::EnvSecret;
use super::raw::RawSource;
use super::resolve::Resolver;
use super::{Origin, Settings, SourceSettings, secret};
use anyhow::bail;
use contracts::{EnrichmentLevel, SourceName, WorkspaceId};
use secrecy::{ExposeSecret as _, SecretString};
use std::path::Path;

/// A source whose secret may still come.
struct Draft {
    name: SourceName,
    workspace: WorkspaceId,
    level: EnrichmentLevel,
    secret: Option<(SecretString, Origin)>,
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
            self.show_as(format!("{key}.secret"), secret::describe(&source.secret), origin.clone());
            self.show_as(format!("{key}.workspace"), &source.workspace, origin.clone());
            self.show_as(format!("{key}.level"), source.level, origin);
            sources.push(source);
        }
        Ok(sources)
    }

    /// A source as written in the settings file.
    fn written(&self, index: usize, raw: RawSource, settings: &Settings) -> anyhow::Result<Draft> {
        let RawSource { name, workspace, secret, secret_file, level } = raw;
        let workspace = self.workspace(&format!("sources.{index}.workspace"), workspace, settings)?;
        let key = format!("sources.{index}.secret_file");
        let secret = match (secret, secret_file) {
            (Some(_), Some(_)) => bail!("source `{name}` has both `secret` and `secret_file`; keep one"),
            (Some(secret), None) => Some((secret, self.origin(&format!("sources.{index}.secret")))),
            (None, Some(path)) => {
                let origin = self.origin(&key);
                Some((secret::read_file(&format!("`sources.{name}.secret_file`"), &self.path(&key, path))?, origin))
            }
            (None, None) => None,
        };
        Ok(Draft { name, workspace, level, secret })
    }
}

/// Gives a source its secret from the environment; a source that is written nowhere comes to be in the default workspace.
fn from_environment(
    drafts: &mut Vec<Draft>,
    given: &EnvSecret,
    settings: &Settings,
    folder: &Path,
) -> anyhow::Result<()> {
    let EnvSecret { variable, source, is_file, value } = given;
    let secret = match is_file {
        true => secret::read_file(variable, &folder.join(value))?,
        false => SecretString::from(value.as_str()),
    };
    let secret = Some((secret, Origin::Env(variable.clone())));
    let mut meant = drafts.iter_mut().filter(|draft| draft.name.as_str().replace('-', "_") == *source);
    match (meant.next(), meant.next()) {
        (Some(draft), None) => {
            if let Some((_, other @ Origin::Env(_))) = &draft.secret {
                bail!("{variable} and {other} both give the secret of the source `{}`; keep one", draft.name);
            }
            draft.secret = secret;
        }
        (Some(one), Some(other)) => bail!(
            "{variable} could mean the source `{}` of workspace `{}` or `{}` of `{}`; use secret_file in the settings file",
            one.name,
            one.workspace,
            other.name,
            other.workspace
        ),
        (None, _) => {
            let name = source.parse().map_err(|error| anyhow::anyhow!("{variable}: {error}"))?;
            let workspace = settings.workspace.clone();
            drafts.push(Draft { name, workspace, level: EnrichmentLevel::default(), secret });
        }
    }
    Ok(())
}

/// The source, once it is known to have a secret of its own and a name of its own.
fn finished(draft: Draft, others: &[SourceSettings]) -> anyhow::Result<(SourceSettings, Origin)> {
    let Draft { name, workspace, level, secret } = draft;
    if name.as_str() == SourceName::MANUAL {
        bail!("a source may not be named `{name}`: that is the source of refreshes a person asks for");
    }
    if others.iter().any(|known| known.name == name && known.workspace == workspace) {
        bail!("workspace `{workspace}` has two sources named `{name}`; rename or remove one");
    }
    let key = format!("sources.{name}.secret");
    let Some((secret, origin)) = secret else {
        let variable = format!("BGR_SOURCES__{}__SECRET", name.as_str().to_ascii_uppercase().replace('-', "_"));
        bail!(
            "`{key}` is missing; give `secret_file` in the settings file or set {variable} or {variable}_FILE. Without a \
             secret nobody could tell this source's events from forged ones"
        );
    };
    secret::check_strength(&format!("`{key}` ({origin})"), &secret)?;
    if let Some(twin) = others.iter().find(|known| known.secret.expose_secret() == secret.expose_secret()) {
        bail!(
            "sources `{}` and `{name}` have the same secret; give each its own, for the secret decides whose event it is",
            twin.name
        );
    }
    Ok((SourceSettings { name, workspace, secret, level }, origin))
}
