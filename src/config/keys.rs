//! The settings that have one value each, and what each expects. Lists of tables are described in `raw`.

/// How a text from the environment or a flag is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Number,
}

/// One setting.
#[derive(Clone, Copy, Debug)]
pub(super) struct Key {
    /// Dotted, as in the file.
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    /// Completes "expected …" in messages.
    pub(super) expects: &'static str,
}

const fn key(name: &'static str, kind: Kind, expects: &'static str) -> Key {
    Key { name, kind, expects }
}

/// Every setting that has one value, in the order in which it is explained.
pub(super) const KEYS: [Key; 28] = [
    key("data_dir", Kind::Text, "a folder"),
    key("workspace", Kind::Text, "1 to 64 characters from a-z, 0-9, '-' and '_'"),
    key("database.url", Kind::Text, "sqlite:path/to/file.db or postgres://user@host/database"),
    key("database.url_file", Kind::Text, "a file that holds the database URL"),
    key("starter.listen", Kind::Text, "an address and port, such as 127.0.0.1:8080"),
    key("starter.public_url", Kind::Text, "scheme, host and port that senders see, such as https://hooks.example.com"),
    key("starter.deadline_ms", Kind::Number, "milliseconds, a whole number from 1"),
    key("starter.max_in_flight", Kind::Number, "a whole number from 1"),
    key("inbox.starts_per_second", Kind::Number, "a whole number from 1"),
    key("inbox.max_in_flight", Kind::Number, "a whole number from 1"),
    key("inbox.keep_dead_days", Kind::Number, "days, a whole number from 1 to 65535"),
    key("worker.max_activities", Kind::Number, "a whole number from 1"),
    key("worker.max_background_activities", Kind::Number, "a whole number from 1"),
    key("worker.background_activities_per_second", Kind::Number, "a whole number from 1 to 65535"),
    key("worker.max_workflow_tasks", Kind::Number, "a whole number from 2"),
    key("worker.graceful_seconds", Kind::Number, "seconds, a whole number from 1"),
    key("schedule.every_minutes", Kind::Number, "minutes, a whole number from 1 to 1440"),
    key("schedule.per_workspace_per_day", Kind::Number, "a whole number; 0 for none"),
    key("refresh.window_seconds", Kind::Number, "seconds, a whole number from 0"),
    key("refresh.review_days", Kind::Number, "days, a whole number from 0 to 65535"),
    key("retention.contact_days", Kind::Number, "days, a whole number from 1 to 65535"),
    key("retention.log_days", Kind::Number, "days, a whole number from 1 to 65535"),
    key("bulk.at_once", Kind::Number, "a whole number from 1 to 500"),
    key("temporal.command", Kind::Text, "the path of the `temporal` command"),
    key("temporal.port", Kind::Number, "a port, 1 to 65535"),
    key("temporal.ui_port", Kind::Number, "a port, 1 to 65535"),
    key("temporal.namespace", Kind::Text, "the name of a namespace"),
    key("temporal.connect_seconds", Kind::Number, "seconds, a whole number from 1"),
];

/// What the setting with this dotted name expects; also for fields of the lists (`sources.0.level`).
pub(super) fn expects(name: &str) -> Option<&'static str> {
    if let Some(key) = KEYS.iter().find(|key| key.name == name) {
        return Some(key.expects);
    }
    let mut parts = name.split('.');
    match (parts.next()?, parts.next(), parts.next()) {
        ("sources" | "receivers", Some(_), Some("name")) => Some("1 to 64 characters from a-z, 0-9, '-' and '_'"),
        ("sources" | "rosters" | "receivers", Some(_), Some("workspace")) | ("workspaces", Some(_), Some("name")) => {
            Some("1 to 64 characters from a-z, 0-9, '-' and '_'")
        }
        ("sources", Some(_), Some("level")) => Some("identify, enrich or deep_research"),
        // A scheme explains itself.
        ("sources", Some(_), Some("scheme" | "previous_secret" | "previous_secret_file")) => None,
        ("sources", Some(_), Some("limits")) => {
            Some("per_second, burst and max_body_bytes, each a whole number from 1")
        }
        ("sources", Some(_), Some("allow_short_secret" | "i_accept_unsigned_events")) => Some("true or false"),
        ("sources", Some(_), Some("tolerance_seconds")) => Some("seconds, a whole number from 1 to 86400"),
        ("rosters", Some(_), Some("staff" | "revenue")) => Some("a whole number"),
        ("receivers", Some(_), Some("kind")) => Some("webhook or slack"),
        ("receivers", Some(_), Some("contact_data" | "allow_http" | "allow_private")) => Some("true or false"),
        // The names of events, and lists of secrets, explain themselves.
        ("receivers", Some(_), Some("events" | "previous_secret" | "previous_secret_file")) => None,
        ("sources" | "rosters" | "workspaces" | "receivers", Some(_), Some(_)) => Some("text in quotes"),
        (list @ ("sources" | "rosters" | "workspaces" | "receivers"), ..) => Some(match list {
            "sources" => "tables that begin with [[sources]]",
            "rosters" => "tables that begin with [[rosters]]",
            "receivers" => "tables that begin with [[receivers]]",
            _ => "tables that begin with [[workspaces]]",
        }),
        (
            "database" | "starter" | "inbox" | "worker" | "refresh" | "schedule" | "retention" | "bulk" | "temporal",
            None,
            None,
        ) => Some("a table"),
        _ => None,
    }
}

/// The candidate most like `word`, if one is close enough to be what was meant.
pub(super) fn closest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= 2 && *distance < candidate.len())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Levenshtein distance, in bytes.
fn distance(left: &str, right: &str) -> usize {
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.bytes().enumerate() {
        let mut diagonal = i;
        let mut previous = i + 1;
        for (cell, b) in row.iter_mut().skip(1).zip(right.bytes()) {
            let next = (diagonal + usize::from(a != b)).min(*cell + 1).min(previous + 1);
            diagonal = *cell;
            *cell = next;
            previous = next;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or(left.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("abc", ""), 3);
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("listen", "listen"), 0);
    }

    #[test]
    fn closest_finds_a_slip_and_nothing_else() {
        assert_eq!(closest("max_activites", ["max_activities", "graceful_seconds"]), Some("max_activities"));
        assert_eq!(closest("colour", ["max_activities", "graceful_seconds"]), None);
    }
}
