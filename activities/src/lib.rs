//! The side effects behind the activity definitions. What order they come in, and what happens when one fails, is the
//! workflow's business; here each does one thing, may be run twice, and says of every failure which class it is.

mod attempt;
mod bulk;
mod due;
mod failure;
mod forgetting;
mod glue;
mod keeper;
mod keeper_glue;
pub mod notify;
mod refresher;
pub mod roster;
mod significance;
mod slots;
pub mod sources;

pub use bulk::BulkActivities;
pub use due::{DueRules, Scheduler};
pub use failure::StepFailure;
pub use forgetting::RetentionPeriods;
pub use glue::{DueActivities, NotifyActivities, RefreshActivities, SuppressActivities};
pub use keeper::{Keeper, Standing, Workflows};
pub use keeper_glue::KeeperActivities;
pub use refresher::{Profiles, Refresher, Sources};
pub use slots::Pace;
