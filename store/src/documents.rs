//! People within JSON: in candidates and diffs.

use crate::people::{ERASED, renamed};
use crate::suppressions::Barred;
use contracts::{DataPointKind, WorkspaceId, opaque_identity};
use serde_json::{Map, Value};

/// Names of contact data in every document, and what each is.
pub(crate) const CONTACTS: [(&str, DataPointKind); 2] =
    [("email", DataPointKind::Email), ("phone", DataPointKind::Phone)];

/// What else a document says of a person.
const ABOUT: [&str; 11] = [
    "title",
    "departments",
    "manager",
    "manager_title",
    "direct_reports",
    "network",
    "email",
    "phone",
    "profile_url",
    "location",
    "start_date",
];

/// Erases from documents and brings the ids in them to today's form.
pub(crate) struct Mender<'a> {
    workspace: &'a WorkspaceId,
    barred: &'a Barred,
    /// Whether ids may be changed.
    ids: bool,
    erased: u32,
}

impl<'a> Mender<'a> {
    pub(crate) fn new(workspace: &'a WorkspaceId, barred: &'a Barred, ids: bool) -> Self {
        Self { workspace, barred, ids, erased: 0 }
    }

    /// Documents from which something was erased.
    pub(crate) fn erased(&self) -> u32 {
        self.erased
    }

    /// Mends a document. Whether it is another one then.
    pub(crate) fn mend(&mut self, document: &mut Value) -> bool {
        let (mut erased, mut mended) = (false, false);
        self.walk(document, &mut erased, &mut mended);
        self.erased += u32::from(erased);
        erased || mended
    }

    fn walk(&self, value: &mut Value, erased: &mut bool, mended: &mut bool) {
        match value {
            Value::Array(items) => items.iter_mut().for_each(|item| self.walk(item, erased, mended)),
            Value::Object(members) => {
                self.object(members, erased, mended);
                members.values_mut().for_each(|value| self.walk(value, erased, mended));
            }
            _ => {}
        }
    }

    fn object(&self, members: &mut Map<String, Value>, erased: &mut bool, mended: &mut bool) {
        for (name, kind) in CONTACTS {
            let value = members.get(name).and_then(Value::as_str);
            if value.is_some_and(|value| self.barred.bars(self.workspace, kind, value)) {
                members.remove(name);
                *erased = true;
            }
        }
        // Only who has a name is a person; other things have ids, too.
        if !members.get("name").is_some_and(Value::is_string) {
            return;
        }
        if let Some(manager) = members.get("manager").and_then(Value::as_str) {
            if self.barred.person(self.workspace, manager) {
                members.remove("manager");
                *erased = true;
            } else if let Some(id) = opaque_identity(self.workspace, manager).filter(|_| self.ids) {
                members.insert("manager".to_owned(), id.into());
                *mended = true;
            }
        }
        for key in ["person_id", "id"] {
            let Some(id) = members.get(key).and_then(Value::as_str) else { continue };
            let gone = self.barred.person(self.workspace, id);
            let Some(id) = renamed(self.workspace, self.barred, id).filter(|_| self.ids || gone) else { continue };
            members.insert(key.to_owned(), id.into());
            *mended = true;
            if gone {
                blank(members);
                *erased = true;
            }
        }
    }
}

/// Takes away everything by which a person could be recognised, in a shape that can still be read.
fn blank(members: &mut Map<String, Value>) {
    members.insert("name".to_owned(), ERASED.into());
    for name in ABOUT {
        members.remove(name);
    }
    if members.contains_key("contact") {
        members.insert("contact".to_owned(), Value::Object(Map::new()));
    }
    // A change of title or of contact data. One of a role has the name of a role, and one of a score a number.
    for side in ["old", "new"] {
        match members.get_mut(side) {
            Some(Value::Object(contact)) => contact.clear(),
            Some(title @ Value::String(_)) if serde_json::from_value::<engine::Role>(title.clone()).is_err() => {
                *title = Value::Null;
            }
            _ => {}
        }
    }
}

/// Takes all contact data out of a document. Whether there was any.
pub(crate) fn without_contacts(document: &mut Value) -> bool {
    match document {
        Value::Array(items) => items.iter_mut().fold(false, |any, item| without_contacts(item) | any),
        Value::Object(members) => {
            let any = CONTACTS.iter().fold(false, |any, (name, _)| members.remove(*name).is_some() | any);
            members.values_mut().fold(any, |any, value| without_contacts(value) | any)
        }
        _ => false,
    }
}

/// Whether this is what [`contracts::person_ref`] makes.
pub(crate) fn is_person_ref(text: &str) -> bool {
    text.strip_prefix("pe_").is_some_and(|hash| hash.len() == 20 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()))
}
