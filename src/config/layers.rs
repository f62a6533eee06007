//! Collects what was written where: file, environment, flags.

use super::keys::{KEYS, Key, Kind, closest};
use super::{FILE_NAME, Origin};
use anyhow::{Context as _, anyhow, bail};
use figment::value::{Dict, Map, Value};
use figment::{Figment, Metadata, Profile, Provider};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What the command line says about settings.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// The settings file (`--config`); it must exist.
    pub config: Option<PathBuf>,
    flags: Vec<(String, &'static str, String)>,
}

impl Overrides {
    /// Sets `key` (dotted, as in the file) from the flag of this name, if the flag was given.
    #[must_use]
    pub fn flag(mut self, flag: &str, key: &'static str, value: Option<impl ToString>) -> Self {
        if let Some(value) = value {
            self.flags.push((flag.to_owned(), key, value.to_string()));
        }
        self
    }
}

/// What a process finds around it.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// Environment variables.
    pub env: BTreeMap<String, String>,
    /// Folder that relative paths from the environment and from flags begin at; empty for the working directory.
    pub folder: PathBuf,
}

impl Surroundings {
    /// Those of this process. Variables that are not text are passed over; none of ours can be one.
    #[must_use]
    pub fn from_process() -> Self {
        let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        Self { env: std::env::vars_os().filter_map(text).collect(), folder: PathBuf::new() }
    }
}

/// The layers, merged, and what does not fit into them.
pub(super) struct Layers {
    pub(super) figment: Figment,
    pub(super) file: Option<PathBuf>,
    pub(super) source_secrets: Vec<EnvSecret>,
    pub(super) notices: Vec<String>,
}

/// A source's secret from the environment.
#[derive(Clone, Debug)]
pub(super) struct EnvSecret {
    pub(super) variable: String,
    /// Source name with `_` for every `-`, because a variable's name cannot hold a `-`.
    pub(super) source: String,
    /// Whether the value is the name of a file that holds the secret.
    pub(super) is_file: bool,
    pub(super) value: String,
}

/// Variables that mean something to the command line and are no settings.
const NOT_SETTINGS: [&str; 3] = ["BGR_CONFIG", "BGR_LOG_FORMAT", "BGR_OUTPUT"];

/// Names of other programs' making, or shorter ones, with the setting they stand for. Weakest first.
const ALIASES: [(&str, &str); 3] = [
    ("DATABASE_URL", "database.url"),
    ("DATABASE_URL_FILE", "database.url_file"),
    ("BGR_TEMPORAL_COMMAND", "temporal.command"),
];

/// The source that the predecessor's one secret becomes.
pub(super) const LEGACY_SOURCE: &str = "webhook";

pub(super) fn collect(overrides: &Overrides, surroundings: &Surroundings) -> anyhow::Result<Layers> {
    let mut layers = Layers { figment: Figment::new(), file: None, source_secrets: Vec::new(), notices: Vec::new() };
    if let Some(path) = settings_file(overrides, surroundings)? {
        let dict = read_file(&path)?;
        layers.merge(Layer { origin: Origin::File(path.clone()), dict });
        layers.file = Some(path);
    }
    layers.environment(&surroundings.env)?;
    for (flag, name, value) in &overrides.flags {
        let key = known(name).ok_or_else(|| anyhow!("{flag} sets `{name}`, which is not a setting"))?;
        layers.merge(Layer::of(Origin::Flag(flag.clone()), key, value));
    }
    Ok(layers)
}

fn known(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}

fn settings_file(overrides: &Overrides, surroundings: &Surroundings) -> anyhow::Result<Option<PathBuf>> {
    let named = match (&overrides.config, non_empty(&surroundings.env, "BGR_CONFIG")) {
        (Some(path), _) => Some((path.clone(), "--config")),
        (None, Some(path)) => Some((PathBuf::from(path), "BGR_CONFIG")),
        (None, None) => None,
    };
    if let Some((path, by)) = named {
        let path = surroundings.folder.join(path);
        if !path.is_file() {
            bail!(
                "{by} names the settings file {}, which does not exist; create it or correct the path",
                path.display()
            );
        }
        return Ok(Some(path));
    }
    let path = surroundings.folder.join(FILE_NAME);
    Ok(path.is_file().then_some(path))
}

/// Reads a TOML file. A syntax error is told by line and column only: the parser's own message quotes the line, and the
/// line may hold a secret.
fn read_file(path: &Path) -> anyhow::Result<Dict> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read the settings file {}; it must be UTF-8 text", path.display()))?;
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
        anyhow!("{}:{line}:{column}: this is not TOML: {}", path.display(), error.message())
    })?;
    let value = Value::serialize(&table).with_context(|| format!("cannot use the settings file {}", path.display()))?;
    value.into_dict().ok_or_else(|| anyhow!("the settings file {} is not a table", path.display()))
}

fn non_empty<'a>(env: &'a BTreeMap<String, String>, name: &str) -> Option<&'a str> {
    env.get(name).map(String::as_str).filter(|value| !value.is_empty())
}

impl Layers {
    fn merge(&mut self, layer: Layer) {
        self.figment = std::mem::take(&mut self.figment).merge(layer);
    }

    fn environment(&mut self, env: &BTreeMap<String, String>) -> anyhow::Result<()> {
        for (variable, name) in ALIASES {
            if let (Some(value), Some(key)) = (non_empty(env, variable), known(name)) {
                self.merge(Layer::of(Origin::Env(variable.to_owned()), key, value));
            }
        }
        for (variable, is_file) in [("WEBHOOK_SECRET", false), ("WEBHOOK_SECRET_FILE", true)] {
            if let Some(value) = non_empty(env, variable) {
                self.secret(variable, LEGACY_SOURCE, is_file, value);
                self.notices.push(format!(
                    "{variable} is used as the secret of the source `{LEGACY_SOURCE}`; new installations name their sources \
                     with [[sources]] in {FILE_NAME}"
                ));
            }
        }
        for (variable, value) in env.iter().filter(|(name, value)| name.starts_with("BGR_") && !value.is_empty()) {
            self.variable(variable, value)?;
        }
        Ok(())
    }

    fn variable(&mut self, variable: &str, value: &str) -> anyhow::Result<()> {
        if NOT_SETTINGS.contains(&variable) || ALIASES.iter().any(|(alias, _)| *alias == variable) {
            return Ok(());
        }
        let name = variable.trim_start_matches("BGR_").to_ascii_lowercase().replace("__", ".");
        if let Some(key) = known(&name) {
            self.merge(Layer::of(Origin::Env(variable.to_owned()), key, value));
            return Ok(());
        }
        match name.split('.').collect::<Vec<_>>().as_slice() {
            ["sources", source, field @ ("secret" | "secret_file")] if !source.is_empty() => {
                self.secret(variable, source, *field == "secret_file", value);
                Ok(())
            }
            _ => self.unknown(variable, &name),
        }
    }

    /// A double underscore is ours alone, so there a slip is certain. Without one the variable may be somebody else's:
    /// Kubernetes sets `BGR_PORT` and the like in every container next to a service named `bgr`.
    fn unknown(&mut self, variable: &str, name: &str) -> anyhow::Result<()> {
        let names = || KEYS.iter().map(|key| key.name);
        let flattened = names().find(|known| known.replace('.', "_") == name);
        let meant = flattened.or_else(|| closest(name, names())).map_or(String::new(), |name| {
            format!("; did you mean BGR_{}?", name.replace('.', "__").to_ascii_uppercase())
        });
        if name.contains('.') {
            bail!("environment variable {variable} is not a setting{meant}");
        }
        self.notices.push(format!("environment variable {variable} is not a setting and is ignored{meant}"));
        Ok(())
    }

    fn secret(&mut self, variable: &str, source: &str, is_file: bool, value: &str) {
        let (variable, source, value) = (variable.to_owned(), source.replace('-', "_"), value.to_owned());
        self.source_secrets.push(EnvSecret { variable, source, is_file, value });
    }
}

/// Values of one origin.
struct Layer {
    origin: Origin,
    dict: Dict,
}

impl Layer {
    /// One value. A number is read here; anything that is none stays text, for the one place that explains faults.
    fn of(origin: Origin, key: &Key, text: &str) -> Self {
        let value = match (key.kind, text.trim().parse::<u64>()) {
            (Kind::Number, Ok(number)) => Value::from(number),
            _ => Value::from(text),
        };
        let dict = figment::util::nest(key.name, value).into_dict().unwrap_or_default();
        Self { origin, dict }
    }
}

impl Provider for Layer {
    fn metadata(&self) -> Metadata {
        self.origin.metadata()
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        Ok(Profile::Default.collect(self.dict.clone()))
    }
}
