//! `discover --why`: why somebody is in the group, or why not.

use crate::exit::{NotFound, WrongUsage};
use crate::outln;
use crate::show_group::words;
use anyhow::Result;
use engine::group::Explanation;
use engine::{Person, Title};
use serde::Serialize;

/// `discover --why --output json`.
#[derive(Debug, Serialize)]
pub struct WhyDocument {
    /// Full name.
    pub name: String,
    /// Job title.
    pub title: Option<String>,
    /// What became of the person, role by role.
    #[serde(flatten)]
    pub explanation: Explanation,
}

/// How well somebody answers to what was asked; the better first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Answer {
    /// The very id.
    Id,
    /// The whole name, in any case.
    Name,
    /// All words of the question, in any order.
    Words,
}

/// Somebody looked for while a roster goes by.
#[derive(Debug)]
pub struct Sought {
    asked: String,
    /// Those who answer best so far.
    found: Vec<(Answer, Person)>,
}

impl Sought {
    /// Looks for a person by id or name.
    #[must_use]
    pub fn new(asked: &str) -> Self {
        Self { asked: asked.trim().to_owned(), found: Vec::new() }
    }

    /// Considers somebody of the roster.
    pub fn see(&mut self, person: &Person) {
        let Some(answer) = self.answer(person) else { return };
        let best = self.found.first().map(|(best, _)| *best);
        if best.is_some_and(|best| answer < best) {
            self.found.clear();
        }
        if best.is_none_or(|best| answer <= best) && self.found.iter().all(|(_, one)| one.id != person.id) {
            self.found.push((answer, person.clone()));
        }
    }

    fn answer(&self, person: &Person) -> Option<Answer> {
        let (asked, name) = (plain(&self.asked), plain(&person.name));
        // Where there are no ids, the address is what people know each other by.
        let address = person.contact.email.as_deref();
        if person.id.as_str() == self.asked || address.is_some_and(|email| email.eq_ignore_ascii_case(&self.asked)) {
            Some(Answer::Id)
        } else if asked.is_empty() {
            None
        } else if asked == name {
            Some(Answer::Name)
        } else {
            asked.iter().all(|word| name.contains(word)).then_some(Answer::Words)
        }
    }

    /// The one who was meant.
    ///
    /// # Errors
    /// When nobody answers, or several do equally well; then their ids and titles are told.
    pub fn person(self) -> Result<Person> {
        let mut found: Vec<Person> = self.found.into_iter().map(|(_, person)| person).collect();
        match (found.pop(), found.len()) {
            (Some(person), 0) => Ok(person),
            (None, _) => Err(NotFound("the roster has nobody of that name or id".to_owned()).into()),
            (Some(last), _) => {
                const SHOWN: usize = 10;
                found.push(last);
                let title = |person: &Person| person.title.clone().unwrap_or_else(|| "title unknown".to_owned());
                let who = found.iter().take(SHOWN).map(|person| format!("{} ({})", person.id, title(person)));
                let more = if found.len() > SHOWN { ", …" } else { "" };
                let who: Vec<_> = who.collect();
                let told = format!("{} people answer to that; say which by id: {}{more}", found.len(), who.join(", "));
                Err(WrongUsage(told).into())
            }
        }
    }
}

fn plain(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// The explanation for people.
pub fn show(person: &Person, explanation: &Explanation) {
    let title = person.title.as_deref();
    outln!("{}, {} ({})", person.name, title.unwrap_or("title unknown"), person.id);
    if let Some(title) = title.map(Title::parse) {
        let level = title.level.map_or_else(|| "rank unknown".to_owned(), |level| words(level.as_str()));
        let functions: Vec<_> = title.functions.iter().map(|function| words(function.as_str())).collect();
        let functions = if functions.is_empty() { "function unknown".to_owned() } else { functions.join(", ") };
        outln!("read as: {level} · {functions}");
    }
    outln!("{}: {}", words(explanation.outcome.as_str()), explanation.text);
    let width = explanation.roles.iter().map(|role| role.role.as_str().len()).max().unwrap_or_default();
    for role in &explanation.roles {
        let change = role.change.as_ref().map(|change| format!("; would change it: {change}")).unwrap_or_default();
        let name = role.role.as_str();
        outln!("  {name:<width$}  fit {:>3}, least {}: {}{change}", role.fit, role.minimum, role.text);
    }
}

#[cfg(test)]
mod tests {
    use super::Sought;
    use crate::exit::{NotFound, WrongUsage};
    use engine::{Person, PersonId};

    fn found(asked: &str) -> anyhow::Result<String> {
        let mut sought = Sought::new(asked);
        for (id, name) in [("1", "Ada Example"), ("2", "Bob Example"), ("3", "Ada Example Jones"), ("4", "1")] {
            let id = PersonId::new(id).unwrap_or_else(|| panic!("blank"));
            sought.see(&Person::new(id, name));
        }
        sought.person().map(|person| person.id.to_string())
    }

    #[test]
    fn an_id_goes_before_a_name_and_a_whole_name_before_its_words() {
        for (asked, id) in
            [("1", "1"), ("ada example", "1"), ("JONES", "3"), (" Example, Bob", "2"), ("jones ada", "3")]
        {
            assert_eq!(found(asked).ok().as_deref(), Some(id), "{asked}");
        }
    }

    #[test]
    fn nobody_and_several_are_told_apart() {
        assert!(found("Zoe").is_err_and(|error| error.is::<NotFound>()));
        assert!(found(" ").is_err_and(|error| error.is::<NotFound>()));
        let several = found("Example").map_err(|error| (error.is::<WrongUsage>(), error.to_string()));
        assert_eq!(
            several,
            Err((
                true,
                "3 people answer to that; say which by id: 1 (title unknown), 2 (title unknown), 3 (title unknown)"
                    .to_owned()
            ))
        );
    }
}
