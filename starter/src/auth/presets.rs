//! The schemes of known providers, by name. Each is a file in `schemes/`, written as a reader would write it in settings.

use super::scheme::{Scheme, SchemeFault};
use std::fmt;
use std::str::FromStr;

macro_rules! presets {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)+) => {
        /// A scheme that is known by name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Preset {
            $($(#[$doc])* $variant,)+
        }

        impl Preset {
            /// All of them, in the order of the documentation.
            pub const ALL: &'static [Preset] = &[$(Preset::$variant,)+];

            /// The name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Preset::$variant => $name,)+
                }
            }

            /// The scheme as it is written.
            #[must_use]
            pub const fn text(self) -> &'static str {
                match self {
                    $(Preset::$variant => include_str!(concat!("../../schemes/", $name, ".toml")),)+
                }
            }
        }
    };
}

presets! {
    /// This program's own events.
    PersonChange = "person_change",
    /// Standard Webhooks with a shared secret.
    StandardWebhooks = "standard_webhooks",
    /// Standard Webhooks with a key pair.
    StandardWebhooksEd25519 = "standard_webhooks_ed25519",
    /// Svix.
    Svix = "svix",
    /// Lusha.
    Lusha = "lusha",
    /// Stripe.
    Stripe = "stripe",
    /// GitHub.
    Github = "github",
    /// Slack.
    Slack = "slack",
    /// Shopify.
    Shopify = "shopify",
    /// HubSpot, version 3.
    HubspotV3 = "hubspot_v3",
    /// FullEnrich.
    Fullenrich = "fullenrich",
    /// A shared secret in a header.
    StaticHeader = "static_header",
    /// A shared secret in the path.
    PathToken = "path_token",
    /// No proof.
    Unsigned = "unsigned",
}

impl Preset {
    /// The scheme.
    ///
    /// # Errors
    /// Never for the files of this build, which a test reads all; a faulty file would be told as any other scheme is.
    pub fn scheme(self) -> Result<Scheme, SchemeFault> {
        let mut scheme = Scheme::from_toml(self.text())?;
        scheme.preset = Some(self);
        Ok(scheme)
    }
}

impl fmt::Display for Preset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Preset {
    type Err = SchemeFault;

    fn from_str(name: &str) -> Result<Self, SchemeFault> {
        let known = || Preset::ALL.iter().map(|preset| preset.as_str()).collect::<Vec<_>>().join(", ");
        Preset::ALL.iter().copied().find(|preset| preset.as_str() == name).ok_or_else(|| {
            SchemeFault::new("scheme", "is not the name of a scheme", format!("use one of {}, or a table", known()))
        })
    }
}
