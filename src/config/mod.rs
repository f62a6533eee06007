//! Settings: defaults, then `bgr.toml`, then the environment, then flags; later ones win.
//!
//! A setting is refused, never guessed at: an unknown key, a value of the wrong shape or two settings that contradict
//! each other stop the process with a message that names the key, where it came from and what is expected. The message
//! gives the value's shape and not the value, because the value may be a secret in the wrong place.
//!
//! The environment is read once, at [`Surroundings::from_process`]; everything below takes it as data. Tests therefore
//! need not touch the process's environment.

#[cfg(test)]
mod example_tests;
mod fault;
mod keys;
mod layers;
mod origin;
mod raw;
mod raw_receiver;
mod raw_source;
#[cfg(test)]
mod receiver_tests;
mod receivers;
mod resolve;
mod secret;
mod settings;
#[cfg(test)]
mod source_tests;
mod sources;
#[cfg(test)]
mod tests;

pub use layers::{Overrides, Surroundings};
pub use origin::{Entry, Loaded, Origin};
pub use secret::DatabaseUrl;
pub use settings::{
    DatabaseSettings, InboxSettings, RosterSettings, ScheduleSettings, SecretPlace, Settings, SourceSettings,
    StarterSettings, TemporalSettings, WorkerSettings, WorkspaceSettings,
};

/// Name of the settings file that is read from the working directory when none is named.
pub const FILE_NAME: &str = "bgr.toml";

impl Settings {
    /// Loads the settings of this process.
    ///
    /// # Errors
    /// Says which key is wrong, where it was given and what is expected instead.
    pub fn load(overrides: &Overrides) -> anyhow::Result<Loaded> {
        Self::load_in(overrides, &Surroundings::from_process())
    }

    /// Loads the settings as a process with this environment and working directory would.
    ///
    /// # Errors
    /// As [`Settings::load`].
    pub fn load_in(overrides: &Overrides, surroundings: &Surroundings) -> anyhow::Result<Loaded> {
        let layers = layers::collect(overrides, surroundings)?;
        let raw = layers.figment.extract::<raw::Raw>().map_err(|error| fault::explain(&error))?;
        resolve::resolve(raw, layers, surroundings)
    }
}
