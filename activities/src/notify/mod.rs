//! Telling the receivers of a workspace what a refresh did: over signed webhooks and in Slack channels.
//!
//! Retries, waits and giving up are the business of the workflow and of the Temporal server. Here is one attempt at one
//! receiver: `content` reads what there is to say, `webhook` and `slack` put it into words, `target` and `guard` judge where it
//! goes, `send` sends it, `verdict` says what the answer means, `patience` when a receiver is tried again that asks for time.

mod content;
mod guard;
mod notifier;
mod patience;
mod receiver;
mod review;
mod send;
mod signature;
mod slack;
mod target;
mod verdict;
mod webhook;

pub use notifier::Notifier;
pub use receiver::{Channel, ReceiverConfig, ReceiverFault, Receivers};
pub use send::{NoTls, SendFault};
pub use signature::SecretFault;
pub use target::TargetFault;
