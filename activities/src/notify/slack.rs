//! A message in a Slack channel: Block Kit, and names only in plain text objects, where Slack reads no markup.

use super::content::Content;
use contracts::NotificationKind;
use engine::Role;
use serde_json::{Value, json};

/// Slack's own limits: characters of a header and of a section, and ours for the line that stands in notifications.
const HEADER: usize = 150;
const SECTION: usize = 3000;
const FALLBACK: usize = 300;

/// Longest name or title that is shown whole.
const LONGEST: usize = 120;

/// The body of the request.
pub(super) fn document(content: &Content) -> Value {
    let headline = headline(content);
    let mut blocks = vec![json!({"type": "header", "text": plain(&fit(&headline, HEADER))})];
    blocks.extend(sections(content).into_iter().map(|text| json!({"type": "section", "text": plain(&text)})));
    let refresh = format!("refresh {}", escaped(content.refresh_id()));
    blocks.push(json!({"type": "context", "elements": [plain(&refresh)]}));
    json!({"text": fit(&headline, FALLBACK), "blocks": blocks})
}

fn headline(content: &Content) -> String {
    let company = name(content.company_name());
    match content.kind {
        NotificationKind::GroupRefreshed => format!("Buyer group refreshed: {company}"),
        NotificationKind::RefreshFailed => format!("Refresh failed: {company}"),
        NotificationKind::ReviewNeeded => format!("Review needed: {company}"),
        NotificationKind::Other => company,
    }
}

fn sections(content: &Content) -> Vec<String> {
    match content.kind {
        NotificationKind::GroupRefreshed => changes(content),
        NotificationKind::RefreshFailed => {
            let (step, class) = content.failure();
            vec![format!("Step {}: {}. The group before stands.", escaped(step), escaped(class))]
        }
        NotificationKind::ReviewNeeded => review(content),
        NotificationKind::Other => Vec::new(),
    }
}

fn review(content: &Content) -> Vec<String> {
    let Some(review) = &content.review else {
        return vec!["The new group had lost much of the old one. Nobody is waited for any more.".to_owned()];
    };
    let why: Vec<String> = review.why.iter().map(|worse| escaped(&worse.text)).collect();
    let mut sections = vec!["The new group waits for approval. The old one stands.".to_owned()];
    if !why.is_empty() {
        sections.push(list("What is worse", &why));
    }
    let (name, until) = (escaped(&content.refresh_name()), escaped(&review.until));
    sections.push(format!("Approve or reject refresh {name}. Without an answer the old group is kept at {until}."));
    sections
}

fn changes(content: &Content) -> Vec<String> {
    let diff = &content.diff;
    let title = |title: Option<&str>| name(title.unwrap_or("no title"));
    let mut sections = vec![format!("{} members", content.members())];
    let mut add = |heading: &str, lines: Vec<String>| {
        if !lines.is_empty() {
            sections.push(list(&format!("{heading} ({})", lines.len()), &lines));
        }
    };
    for (heading, members) in [("Joined", &diff.joined), ("Left", &diff.left)] {
        let line = |member: &engine::MemberSnapshot| {
            format!("{}, {} ({})", name(&member.name), title(member.title.as_deref()), role(member.role))
        };
        add(heading, members.iter().map(line).collect());
    }
    let moved = |who: &str, old: &str, new: &str| format!("{}: {old} → {new}", name(who));
    let roles = diff.role_changed.iter().map(|one| moved(&one.name, role(one.old), role(one.new)));
    add("Other role", roles.collect());
    let titles =
        diff.title_changed.iter().map(|one| moved(&one.name, &title(one.old.as_deref()), &title(one.new.as_deref())));
    add("Other title", titles.collect());
    // That it changed, and not what it is: a channel has many readers.
    add("Other contact data", diff.contact_changed.iter().map(|one| name(&one.name)).collect());
    let scores = diff.score_moved.iter().map(|one| moved(&one.name, &one.old.to_string(), &one.new.to_string()));
    add("Other score", scores.collect());
    sections
}

fn role(role: Role) -> &'static str {
    match role {
        Role::DecisionMaker => "decision maker",
        Role::Champion => "champion",
        Role::Stakeholder => "stakeholder",
        Role::Blocker => "blocker",
        Role::Introducer => "introducer",
    }
}

/// As many lines as fit, whole ones, and how many more there are.
fn list(heading: &str, lines: &[String]) -> String {
    const REST: usize = 24;
    let (mut text, mut length) = (heading.to_owned(), heading.chars().count());
    for (shown, line) in lines.iter().enumerate() {
        length += line.chars().count() + 3;
        if length > SECTION - REST {
            text += &format!("\n… and {} more", lines.len() - shown);
            break;
        }
        text += "\n• ";
        text += line;
    }
    text
}

/// Markup is off in it, and so are emoji names.
fn plain(text: &str) -> Value {
    json!({"type": "plain_text", "text": text, "emoji": false})
}

/// Somebody else's words, short and harmless. Cut before they are escaped, so that no escape is cut.
fn name(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= LONGEST {
        return escaped(&line);
    }
    escaped(&format!("{}…", line.chars().take(LONGEST - 1).collect::<String>()))
}

/// Slack's three control characters. Nothing else can begin a link, a mention or `<!channel>`.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Cut at a limit, and not within an escape.
fn fit(text: &str, limit: usize) -> String {
    if text.chars().count() <= limit {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(limit - 1).collect();
    if let Some(start) = cut.rfind('&')
        && !cut[start..].contains(';')
    {
        cut.truncate(start);
    }
    cut + "…"
}

#[cfg(test)]
mod tests {
    use super::super::content::tests::content;
    use super::*;
    use proptest::prelude::*;

    fn texts(document: &Value) -> Vec<String> {
        let blocks = document["blocks"].as_array().cloned().unwrap_or_default();
        let sections = blocks.iter().filter_map(|block| block["text"]["text"].as_str().map(str::to_owned));
        sections.chain(document["text"].as_str().map(str::to_owned)).collect()
    }

    #[test]
    fn a_refreshed_group_is_told_to_people() {
        let document = document(&content(NotificationKind::GroupRefreshed, "Example Corp", "Ana Ruiz"));
        assert_eq!(document["text"], "Buyer group refreshed: Example Corp");
        assert_eq!(
            texts(&document),
            [
                "Buyer group refreshed: Example Corp",
                "9 members",
                "Joined (1)\n• Ana Ruiz, VP Finance (decision maker)",
                "Left (1)\n• Ana Ruiz, VP Finance (decision maker)",
                "Other role (1)\n• Ana Ruiz: champion → blocker",
                "Other title (1)\n• Ana Ruiz: no title → CFO",
                "Other contact data (1)\n• Ana Ruiz",
                "Other score (1)\n• Ana Ruiz: 40 → 55",
                "Buyer group refreshed: Example Corp",
            ]
        );
        assert!(!document.to_string().contains('@'), "contact data: {document}");
    }

    #[test]
    fn a_failure_says_where_and_a_review_what_to_do() {
        let failed = document(&content(NotificationKind::RefreshFailed, "Example Corp", "Ana Ruiz"));
        assert!(texts(&failed).contains(&"Step discover: AuthFailed. The group before stands.".to_owned()));
        let review = document(&content(NotificationKind::ReviewNeeded, "Example Corp", "Ana Ruiz"));
        assert_eq!(
            texts(&review),
            [
                "Review needed: Example Corp",
                "The new group waits for approval. The old one stands.",
                "What is worse\n• 4 of 8 members are gone",
                "Approve or reject refresh crm:e-1. Without an answer the old group is kept at 2026-01-04T00:00:00Z.",
                "Review needed: Example Corp",
            ]
        );
        assert!(!failed.to_string().contains("Ana") && !review.to_string().contains("Ana"));
    }

    #[test]
    fn long_lists_are_cut_between_lines() {
        let lines: Vec<String> = (0..100).map(|n| format!("{n:03} {}", "x".repeat(60))).collect();
        let text = list("Joined (100)", &lines);
        assert!(text.chars().count() <= SECTION, "{}", text.chars().count());
        let shown = text.matches("\n• ").count();
        assert!(shown > 30 && text.ends_with(&format!("… and {} more", 100 - shown)), "{text}");
    }

    proptest! {
        #[test]
        fn nobody_s_name_says_anything_to_slack(company in ".{0,300}", person in "(<!channel>|<https://x\\|y>|&lt;|@here|\\PC){0,80}") {
            let document = document(&content(NotificationKind::GroupRefreshed, &company, &person));
            for (index, text) in texts(&document).iter().enumerate() {
                prop_assert!(!text.contains(['<', '>']), "{}", text);
                for entity in text.split('&').skip(1) {
                    prop_assert!(["amp;", "lt;", "gt;"].iter().any(|known| entity.starts_with(known)), "{}", text);
                }
                let limit = if index == 0 { HEADER } else { SECTION };
                prop_assert!(text.chars().count() <= limit);
            }
            let blocks = document["blocks"].as_array().map(Vec::as_slice).unwrap_or_default();
            prop_assert!(blocks.len() <= 50);
            prop_assert!(!document.to_string().contains("mrkdwn"));
        }
    }
}
