//! What is known of the person whom an event is about, before its refresh asks for a slot.

use super::Claim;
use crate::row::{json, maybe_number, maybe_text, text};
use crate::{Store, StoreError};
use contracts::{ClaimInput, OutcomeKind, UnixMillis};

/// What the company's last refresh knows of a person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownPerson {
    /// When the company's people were last read; `None` when they never were.
    pub read_at: Option<UnixMillis>,
    /// Title and departments of somebody who sits in the group; `None` for anybody else.
    pub member: Option<(Option<String>, Vec<String>)>,
}

/// What is to be judged of an event. It is judged once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unjudged {
    /// Whether it is worth a refresh, by what is known of the person.
    Person(KnownPerson),
    /// Nothing more: it was found to be worth one, and its refresh has asked for the slot.
    WorthIt,
    /// Nothing more: it was found to be worth none for this reason, and its refresh is closed.
    Ignored(String),
}

impl Store {
    /// What is known of the person whom the event of this refresh is about, unless the event was judged before.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when it cannot be read, [`StoreError::Unavailable`] when the database is away.
    pub async fn known_person(&self, input: &ClaimInput, person_ref: &str) -> Result<Unjudged, StoreError> {
        let mut tx = self.read().await?;
        if Claim::of(&mut tx, &input.refresh_id).await?.is_some() {
            return Ok(Unjudged::WorthIt);
        }
        let sql = "SELECT end_reason FROM refreshes WHERE refresh_id = $1 AND status = $2 AND end_reason IS NOT NULL";
        let ignored = OutcomeKind::Ignored.as_str();
        if let Some(row) = sqlx::query(sql).bind(&input.refresh_id).bind(ignored).fetch_optional(&mut *tx).await? {
            return Ok(Unjudged::Ignored(text(&row, "end_reason")?));
        }
        let sql = "SELECT chosen_at FROM buyer_groups WHERE workspace = $1 AND company_id = $2";
        let row =
            sqlx::query(sql).bind(input.workspace.as_str()).bind(&input.company_id).fetch_optional(&mut *tx).await?;
        let read_at = row.as_ref().map(|row| maybe_number(row, "chosen_at")).transpose()?.flatten();
        let sql = "SELECT m.title, p.departments FROM people p
                   JOIN members m ON m.workspace = p.workspace AND m.company_id = p.company_id AND m.person_id = p.person_id
                   WHERE p.workspace = $1 AND p.company_id = $2 AND p.person_ref = $3 AND m.left_at IS NULL";
        let row = sqlx::query(sql)
            .bind(input.workspace.as_str())
            .bind(&input.company_id)
            .bind(person_ref)
            .fetch_optional(&mut *tx)
            .await?;
        let member =
            row.as_ref().map(|row| Ok::<_, StoreError>((maybe_text(row, "title")?, json(row, "departments")?)));
        Ok(Unjudged::Person(KnownPerson { read_at, member: member.transpose()? }))
    }
}
