//! What somebody outside is to be told, from the transaction that makes it true until every receiver has it.
//!
//! [`deliver`] is what the delivery does with it, [`operate`] and [`retry`] what a person does, [`sweep`] what goes by itself.

mod deliver;
mod operate;
mod retry;
mod sweep;

pub use deliver::{OutboxMessage, Tried};
pub use operate::{DeliveryRecord, DisabledReceiver, NotificationFilter, NotificationRecord};
pub use retry::Retried;
pub(crate) use sweep::forget_told;

use crate::StoreError;
use contracts::{NotificationKind, UnixMillis, WorkspaceId, message_id};
use serde::{Deserialize, Serialize};
use sqlx::{Any, Transaction};

/// How the delivery of one message to one receiver stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryStatus {
    /// It is being tried, or will be.
    Pending,
    /// The receiver has it.
    Delivered,
    /// It is tried no more, because it cannot succeed or did not for days.
    GivenUp,
    /// It was not sent, because the receiver is disabled.
    Disabled,
}

impl DeliveryStatus {
    /// The wire name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            DeliveryStatus::Pending => "pending",
            DeliveryStatus::Delivered => "delivered",
            DeliveryStatus::GivenUp => "given_up",
            DeliveryStatus::Disabled => "disabled",
        }
    }
}

/// Puts a message into the outbox, within the transaction of what it tells of. Done again it changes nothing.
pub(crate) async fn put(
    tx: &mut Transaction<'static, Any>,
    workspace: &WorkspaceId,
    refresh_id: &str,
    kind: NotificationKind,
    now: UnixMillis,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO outbox (message_id, workspace, refresh_id, kind, created_at) VALUES ($1, $2, $3, $4, $5)
               ON CONFLICT (message_id) DO NOTHING";
    sqlx::query(sql)
        .bind(message_id(workspace, refresh_id, kind))
        .bind(workspace.as_str())
        .bind(refresh_id)
        .bind(kind.as_str())
        .bind(now)
        .execute(&mut **tx)
        .await?;
    Ok(())
}
