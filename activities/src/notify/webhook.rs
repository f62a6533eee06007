//! A letter for a receiver.

use super::content::Content;
use super::receiver::{Channel, Receiver};
use super::send::Letter;
use super::signature::sign;
use super::slack;
use contracts::UnixMillis;
use http::header::{HeaderMap, HeaderName, HeaderValue};

/// Why a letter cannot be written: a fault of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the message cannot be written")]
pub(super) struct Unwritable;

/// What this receiver is sent at this moment. The id is the same at every attempt, time and signature are not.
pub(super) fn letter(receiver: &Receiver, id: &str, content: &Content, now: UnixMillis) -> Result<Letter, Unwritable> {
    let mut headers = HeaderMap::new();
    let body = match receiver.channel {
        Channel::Slack => serde_json::to_vec(&slack::document(content)),
        Channel::Webhook => serde_json::to_vec(&content.document(receiver.contact_data)),
    };
    let body = body.map_err(|_| Unwritable)?;
    if receiver.channel == Channel::Webhook {
        let (timestamp, signatures) = sign(&receiver.keys, id, now, &body);
        for (name, value) in [("webhook-id", id), ("webhook-timestamp", &timestamp), ("webhook-signature", &signatures)]
        {
            let value = HeaderValue::from_str(value).map_err(|_| Unwritable)?;
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    Ok(Letter { headers, body })
}
