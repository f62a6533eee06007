//! From a row to bytes.

use super::row::{Framing, Row, Slow};
use crate::webhook::PERSON_CHANGE_PATH;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use contracts::UnixMillis;
use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use sha2::Sha256;

/// A secret that no source has.
const NOBODYS: &[u8] = b"a secret that nobody configured";

/// On whose behalf rows are sent.
#[derive(Clone, Debug)]
pub struct Sender {
    /// Name of the source.
    pub source: String,
    /// Its secret.
    pub secret: SecretString,
    /// Its secret of before, while that is still accepted.
    pub previous: Option<SecretString>,
    /// The time that is signed.
    pub now: UnixMillis,
    /// An event id that was never used.
    pub event_id: String,
}

/// A row as bytes.
#[derive(Clone, Debug)]
pub struct Sent {
    /// To be delivered before, and answered 202.
    pub before: Option<Vec<u8>>,
    /// Request line and headers.
    pub head: Vec<u8>,
    /// What follows.
    pub body: Vec<u8>,
    /// What comes one byte at a time.
    pub slow: Option<Slow>,
    /// The sender closes its half at the end.
    pub close_half: bool,
    /// The server must end the connection.
    pub keep_open: bool,
    /// How many answers there are.
    pub answers: usize,
    /// The answer has no body, whatever it says about its length.
    pub bodiless: bool,
}

impl Row {
    /// The bytes of this row.
    #[must_use]
    pub fn build(&self, sender: &Sender) -> Sent {
        let before = self.after_good.then(|| good(sender));
        let mut values = Values::of(sender, self.offset);
        if let Some(timestamp) = &self.timestamp {
            values.timestamp = values.fill(timestamp);
        }
        let body = self.body(sender, &values);
        let signed = match &self.sign {
            None => [values.timestamp.as_bytes(), b".", &body].concat(),
            Some(template) => {
                let mut parts = template.split("{body}");
                let mut signed = values.fill(parts.next().unwrap_or_default()).into_bytes();
                for part in parts {
                    signed.extend_from_slice(&body);
                    signed.extend_from_slice(values.fill(part).as_bytes());
                }
                signed
            }
        };
        let secret = match (&sender.previous, self.other_secret) {
            (_, true) => NOBODYS,
            (Some(previous), false) if self.previous_secret => previous.expose_secret().as_bytes(),
            _ => sender.secret.expose_secret().as_bytes(),
        };
        values.mac = mac(secret, &signed);

        let (mut head, mut framed) = (self.head(&values, body.len()), self.framed(body));
        if let Some(length) = self.cut {
            head.truncate(length);
            framed.clear();
        }
        framed.extend_from_slice(self.behind.as_deref().unwrap_or_default().as_bytes());
        if self.pipelined {
            let one = [head.as_slice(), &framed].concat();
            framed.extend_from_slice(&one);
        }
        Sent {
            before,
            head,
            body: framed,
            slow: self.slow,
            close_half: self.close_half,
            keep_open: self.keep_open,
            answers: if self.pipelined { 2 } else { 1 },
            bodiless: self.method.as_deref() == Some("HEAD"),
        }
    }

    fn body(&self, sender: &Sender, values: &Values) -> Vec<u8> {
        let mut body = match (&self.body, &self.body_hex) {
            (Some(text), _) => values.fill(text).into_bytes(),
            (None, Some(text)) => hex::decode(text).unwrap_or_default(),
            (None, None) => self.event(sender, values).into_bytes(),
        };
        if self.utf16 {
            body = String::from_utf8_lossy(&body).encode_utf16().flat_map(u16::to_le_bytes).collect();
        }
        if body.len() < self.pad_to {
            body.resize(self.pad_to, b' ');
        }
        body
    }

    fn event(&self, sender: &Sender, values: &Values) -> String {
        let mut event = event(sender);
        for (pointer, value) in &self.set {
            let value = match value {
                toml::Value::String(text) => Value::String(values.fill(text)),
                other => serde_json::to_value(other).unwrap_or_default(),
            };
            place(&mut event, pointer, Some(value));
        }
        for (pointer, length) in &self.long {
            place(&mut event, pointer, Some(Value::String(long(&sender.event_id, *length))));
        }
        for pointer in &self.unset {
            place(&mut event, pointer, None);
        }
        let mut text = event.to_string();
        for (old, new) in &self.swap {
            text = text.replacen(&values.fill(old), &values.fill(new), 1);
        }
        if self.deep > 0 {
            let nested = format!("{{\"deep\":{}{},", "[".repeat(self.deep), "]".repeat(self.deep));
            text = text.replacen('{', &nested, 1);
        }
        text
    }

    fn head(&self, values: &Values, body_length: usize) -> Vec<u8> {
        let method = self.method.as_deref().unwrap_or("POST");
        let target = values.fill(self.target.as_deref().unwrap_or(PERSON_CHANGE_PATH));
        let version = self.version.as_deref().unwrap_or("HTTP/1.1");
        let mut head = format!("{method} {target} {version}\r\n");
        for (name, value) in [
            ("host", "localhost"),
            ("content-type", "application/json"),
            ("x-timestamp", "{timestamp}"),
            ("x-signature", "{signature}"),
        ] {
            if self.without.iter().all(|left_out| left_out != name) {
                let value = self.replace.get(name).map_or(value, String::as_str);
                head.push_str(&format!("{name}: {}\r\n", values.fill(value)));
            }
        }
        match self.framing {
            Framing::Length => {
                let length = i64::try_from(body_length).unwrap_or(i64::MAX).saturating_add(self.length_lies_by);
                head.push_str(&format!("content-length: {length}\r\n"));
            }
            Framing::Chunked => head.push_str("transfer-encoding: chunked\r\n"),
            Framing::None => {}
        }
        for line in &self.headers {
            head.push_str(&values.fill(line));
            head.push_str("\r\n");
        }
        for number in 0..self.more_headers {
            head.push_str(&format!("x-{number}: 1\r\n"));
        }
        if self.large_header > 0 {
            head.push_str(&format!("x-large: {}\r\n", "a".repeat(self.large_header)));
        }
        head.push_str("\r\n");
        head.into_bytes()
    }

    fn framed(&self, body: Vec<u8>) -> Vec<u8> {
        if self.framing != Framing::Chunked {
            return body;
        }
        let mut framed = Vec::new();
        for chunk in body.chunks(7_001) {
            framed.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
            framed.extend_from_slice(chunk);
            framed.extend_from_slice(b"\r\n");
        }
        framed.extend_from_slice(b"0\r\n\r\n");
        framed
    }
}

fn event(sender: &Sender) -> Value {
    json!({
        "id": sender.event_id, "source": sender.source, "type": "person.role_change", "timestamp": "2025-10-10T12:00:00Z",
        "person": {"id": "p_123", "name": "John Doe", "email": "john@example.com", "oldTitle": "VP Sales", "newTitle": "CRO"},
        "company": {"id": "c_456", "name": "Test Company", "domain": "test.example"},
        "changes": {"title": {"old": "VP Sales", "new": "CRO"}}
    })
}

/// The good delivery that some rows come after.
fn good(sender: &Sender) -> Vec<u8> {
    let body = event(sender).to_string();
    let signature =
        hex::encode(mac(sender.secret.expose_secret().as_bytes(), format!("{}.{body}", sender.now).as_bytes()));
    format!(
        "POST {PERSON_CHANGE_PATH} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\nx-timestamp: {}\r\n\
         x-signature: {signature}\r\ncontent-length: {}\r\n\r\n{body}",
        sender.now,
        body.len()
    )
    .into_bytes()
}

fn mac(key: &[u8], message: &[u8]) -> [u8; 32] {
    match Hmac::<Sha256>::new_from_slice(key) {
        Ok(mut mac) => {
            mac.update(message);
            mac.finalize().into_bytes().into()
        }
        // HMAC takes keys of every length.
        Err(_) => [0; 32],
    }
}

/// A text of so many bytes that was never used.
fn long(id: &str, length: usize) -> String {
    format!("{id}{}", "x".repeat(length.saturating_sub(id.len())))
}

/// Sets or removes what stands at a pointer.
fn place(event: &mut Value, pointer: &str, value: Option<Value>) {
    let Some((parent, name)) = pointer.rsplit_once('/') else {
        *event = value.unwrap_or_default();
        return;
    };
    if let Some(members) = event.pointer_mut(parent).and_then(Value::as_object_mut) {
        match value {
            Some(value) => members.insert(name.to_owned(), value),
            None => members.remove(name),
        };
    }
}

/// What the places in texts stand for.
struct Values {
    now: UnixMillis,
    timestamp: String,
    id: String,
    mac: [u8; 32],
}

impl Values {
    fn of(sender: &Sender, offset: i64) -> Self {
        let now = sender.now.saturating_add(offset);
        Values { now, timestamp: now.to_string(), id: sender.event_id.clone(), mac: [0; 32] }
    }

    fn fill(&self, text: &str) -> String {
        if !text.contains('{') {
            return text.to_owned();
        }
        let signature = hex::encode(self.mac);
        repeated(text)
            .replace("{now}", &self.now.to_string())
            .replace("{now_s}", &(self.now / 1000).to_string())
            .replace("{timestamp}", &self.timestamp)
            .replace("{id}", &self.id)
            .replace("{signature}", &signature)
            .replace("{SIGNATURE}", &signature.to_uppercase())
            .replace("{base64}", &BASE64_STANDARD.encode(self.mac))
    }
}

/// Writes out `{x*20}`.
fn repeated(text: &str) -> String {
    let written_out = |start: usize| {
        let (before, rest) = text.split_at(start);
        let (inside, after) = rest.get(1..)?.split_once('}')?;
        let (unit, times) = inside.split_once('*')?;
        let times = times.parse().ok().filter(|_| unit.chars().count() == 1)?;
        Some(format!("{before}{}{}", unit.repeat(times), repeated(after)))
    };
    text.match_indices('{').find_map(|(start, _)| written_out(start)).unwrap_or_else(|| text.to_owned())
}
