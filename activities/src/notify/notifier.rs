//! The activities of a delivery, over the store and the receivers.

use super::content::Content;
use super::patience::Patience;
use super::receiver::{Receiver, Receivers};
use super::send::{NoTls, Sender};
use super::verdict::{Verdict, verdict};
use super::webhook::letter;
use crate::StepFailure;
use crate::attempt::now;
use contracts::{
    Addressed, AddressedMessage, DeliverInput, Delivery, FailureClass, GiveUpInput, LeftLying, NotifyRequest,
    UnixMillis,
};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use store::{DeliveryStatus, OutboxMessage, Store, Tried};
use temporalio_sdk::activities::ActivityContext;

/// How old a message is that nobody took in hand and nobody will: a refresh starts the delivery of its own right after it has
/// written it, as soon as there is a worker.
const STRAY: Duration = Duration::from_secs(10 * 60);

/// Workspaces whose messages one run of the sweep has delivered.
const SWEPT: u32 = 100;

/// Tells receivers.
pub struct Notifier {
    store: Store,
    receivers: Arc<Receivers>,
    sender: Sender,
}

impl Notifier {
    /// Over this store, to these receivers.
    ///
    /// # Errors
    /// When this machine cannot make secure connections.
    pub fn new(store: Store, receivers: Arc<Receivers>) -> Result<Self, NoTls> {
        Ok(Self { store, receivers, sender: Sender::new()? })
    }

    /// Finds messages that nobody took in hand and nobody will.
    ///
    /// # Errors
    /// Transient when the database is away.
    pub async fn find_left_lying(&self) -> Result<LeftLying, StepFailure> {
        let found = self.store.left_lying(stray_since(), SWEPT).await?;
        let request = |message: OutboxMessage| {
            let OutboxMessage { workspace, refresh_id, kind, .. } = message;
            NotifyRequest { workspace, refresh_id, kind }
        };
        Ok(LeftLying { messages: found.into_iter().map(request).collect() })
    }

    /// Finds out which messages are to be delivered, and to whom. A second attempt answers the same.
    ///
    /// # Errors
    /// Transient when the database is away.
    pub async fn address(&self, ctx: &ActivityContext, request: &NotifyRequest) -> Result<Addressed, StepFailure> {
        let Some(run_id) = &ctx.info().workflow_run_id else {
            return Err(StepFailure::step(FailureClass::Internal, "messages are addressed only within a workflow"));
        };
        let taken = self.store.outbox_take(&request.workspace, &request.message_id(), run_id, stray_since()).await?;
        let mut messages = Vec::with_capacity(taken.len());
        for message in taken {
            let wanting = self.receivers.wanting(&message.workspace, message.kind);
            let receivers = self.store.deliveries_open(&message, &wanting).await?;
            if !receivers.is_empty() {
                messages.push(AddressedMessage { message_id: message.message_id, receivers });
            }
        }
        Ok(Addressed { messages })
    }

    /// Sends one message to one receiver, unless the receiver has it. When the answer is lost it is sent again, under the
    /// same id.
    ///
    /// # Errors
    /// What passes by itself is transient or rate limited; what does not is the receiver's fault or that of its settings.
    pub async fn deliver(&self, ctx: &ActivityContext, input: &DeliverInput) -> Result<Delivery, StepFailure> {
        let DeliverInput { workspace, message_id, receiver: name } = input;
        match self.store.delivery_status(message_id, name).await? {
            DeliveryStatus::Delivered => return Ok(Delivery::Delivered),
            DeliveryStatus::Disabled => return Ok(Delivery::Skipped),
            DeliveryStatus::Pending | DeliveryStatus::GivenUp => {}
        }
        let Some(receiver) = self.receivers.get(workspace, name) else {
            return Err(never("this worker's settings know no receiver of this name; add it to [[receivers]]"));
        };
        let Some(message) = self.store.outbox_message(workspace, message_id).await? else {
            return Err(StepFailure::step(FailureClass::Internal, "the message is not in the outbox"));
        };
        let Some(content) = Content::read(&self.store, &message).await? else {
            return Err(never("the refresh that was to be told of is forgotten"));
        };
        let (tried, end) = self.attempt(ctx, receiver, &message, &content).await?;
        self.store.delivery_tried(message_id, name, &tried, now()).await?;
        if let Ok(Delivery::Disabled) = end {
            let reason = format!("it answered {}", tried.http_status.unwrap_or_default());
            self.store.receiver_disable(workspace, name, &reason, now()).await?;
            tracing::warn!(
                event_name = "receiver.disabled", %workspace, receiver = %name, reason,
                "the receiver is gone and gets nothing more until `buyer-group receivers enable`"
            );
        }
        end
    }

    /// One request, what is to be recorded of it, and what it means.
    async fn attempt(
        &self,
        ctx: &ActivityContext,
        receiver: &Receiver,
        message: &OutboxMessage,
        content: &Content,
    ) -> Result<(Tried, Result<Delivery, StepFailure>), StepFailure> {
        let letter = letter(receiver, &message.message_id, content, now())
            .map_err(|fault| StepFailure::step(FailureClass::Internal, fault.to_string()))?;
        let answer = match self.sender.post(&receiver.target, letter).await {
            Ok(answer) => answer,
            Err(fault) => {
                let class = if fault.passes() { FailureClass::Transient } else { FailureClass::InvalidRequest };
                let tried = Tried { http_status: None, error: Some(fault.as_str().to_owned()) };
                return Ok((tried, Err(StepFailure::step(class, fault.to_string()))));
            }
        };
        let tried = |error: Option<String>| Tried { http_status: Some(answer.status), error };
        Ok(match verdict(receiver.channel, &answer, now()) {
            Verdict::Delivered => (tried(None), Ok(Delivery::Delivered)),
            Verdict::Gone => (tried(Some("gone".to_owned())), Ok(Delivery::Disabled)),
            Verdict::Failed { class, retry_after } => {
                let message = format!("the receiver answered {}", answer.status);
                let after = Patience::after(ctx.info(), SystemTime::now()).wait(retry_after);
                (tried(Some(class.type_name().to_owned())), Err(StepFailure::Later { class, message, after }))
            }
        })
    }

    /// Records that one message is no longer sent to one receiver.
    ///
    /// # Errors
    /// Transient when the database is away.
    pub async fn give_up(&self, input: &GiveUpInput) -> Result<(), StepFailure> {
        let GiveUpInput { message_id, receiver, class } = input;
        self.store.delivery_given_up(message_id, receiver, class, now()).await?;
        tracing::warn!(
            event_name = "notification.given_up", message_id, %receiver, error.type = class,
            "a notification could not be delivered; `buyer-group notifications retry` sends it again"
        );
        Ok(())
    }
}

/// What is older than this and in nobody's hand was left lying.
fn stray_since() -> UnixMillis {
    now() - UnixMillis::try_from(STRAY.as_millis()).unwrap_or(UnixMillis::MAX)
}

/// A failure that only a person can mend.
fn never(message: &str) -> StepFailure {
    StepFailure::step(FailureClass::InvalidRequest, message)
}
