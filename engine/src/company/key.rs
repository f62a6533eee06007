//! Keys under which two records of one company compare equal.

use std::sync::LazyLock;
use unicode_normalization::UnicodeNormalization;

const LEGAL_FORMS: &str = include_str!("../../vocabulary/legal_forms.txt");

/// Legal forms as words, longest first.
static FORMS: LazyLock<Vec<Vec<&'static str>>> = LazyLock::new(|| {
    let lines = LEGAL_FORMS.lines().filter(|line| !line.starts_with('#'));
    let mut forms: Vec<Vec<&str>> = lines.map(|line| line.split_whitespace().collect()).collect();
    forms.retain(|form| !form.is_empty());
    forms.sort_by_key(|form| std::cmp::Reverse(form.len()));
    forms
});

/// Forms that need no space, longest first, so that 股份有限公司 goes before 有限公司.
static GLUED: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let ideographic =
        |c: char| matches!(c, '\u{3040}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}');
    let mut forms: Vec<&str> = FORMS.iter().filter(|words| words.len() == 1).flatten().copied().collect();
    forms.retain(|form| form.chars().count() >= 3 && form.chars().all(ideographic));
    forms.sort_by_key(|form| std::cmp::Reverse(form.len()));
    forms
});

/// A company name as it is compared: compatibility-normalised, case-folded, without punctuation and legal forms, in
/// whatever script it is written. Empty only for a blank name: a name that is nothing but a legal form, or nothing but
/// signs, stays as it is.
///
/// ```
/// use engine::company::name_key;
/// assert_eq!(name_key("ACME Widgets, Inc."), name_key("Acme Widgets"));
/// assert_eq!(name_key("株式会社みどり"), "みどり");
/// ```
#[must_use]
pub fn name_key(name: &str) -> String {
    let folded: String =
        name.nfkc().flat_map(char::to_lowercase).collect::<String>().replace('ß', "ss").nfc().collect();
    let mut plain = String::with_capacity(folded.len());
    let chars: Vec<char> = folded.chars().collect();
    for (i, c) in chars.iter().enumerate() {
        match c {
            // "s.a." is one word, "example.com" is two.
            '.' if i.checked_sub(2).and_then(|i| chars.get(i)).is_none_or(|c| !c.is_alphanumeric()) => {}
            '\'' | '’' => {}
            '&' | '+' => plain.push_str(" and "),
            c if is_word(*c) => plain.push(*c),
            _ => plain.push(' '),
        }
    }
    let words: Vec<&str> = plain.split_whitespace().collect();
    let kept = strip(&words);
    let kept = if kept.is_empty() { &words } else { kept };
    if kept.is_empty() { folded.trim().to_owned() } else { strip_glued(&kept.join(" ")).to_owned() }
}

/// Letters, digits and the marks that belong to letters in scripts that write vowels as marks.
fn is_word(c: char) -> bool {
    c.is_alphanumeric() || unicode_normalization::char::is_combining_mark(c)
}

/// Takes legal forms off both ends, and the English article off the front.
fn strip<'w, 'a>(mut words: &'w [&'a str]) -> &'w [&'a str] {
    loop {
        let before = words.len();
        for form in FORMS.iter() {
            if words.ends_with(form) {
                words = &words[..words.len() - form.len()];
            }
            // Some languages put the form first; short Latin words there are more often part of the name.
            if words.len() > form.len() && words.starts_with(form) && form.iter().any(|word| !word.is_ascii()) {
                words = &words[form.len()..];
            }
        }
        if words.len() > 1 {
            words = words.strip_prefix(&["the"]).unwrap_or(words);
            words = words.strip_suffix(&["and"]).unwrap_or(words);
        }
        if words.len() == before {
            return words;
        }
    }
}

/// Chinese, Japanese and Korean names carry the form without a space.
fn strip_glued(mut name: &str) -> &str {
    for form in GLUED.iter() {
        for rest in [name.strip_prefix(form), name.strip_suffix(form)].into_iter().flatten() {
            if !rest.trim().is_empty() {
                name = rest.trim();
            }
        }
    }
    name
}

/// The lower-case host of a web address or bare domain, without `www.`; `None` for what is not a domain name: blanks,
/// e-mail addresses, single words, IP addresses.
///
/// ```
/// use engine::company::domain_key;
/// assert_eq!(domain_key("https://www.Example.com/about").as_deref(), Some("example.com"));
/// assert_eq!(domain_key("not a domain"), None);
/// ```
#[must_use]
pub fn domain_key(text: &str) -> Option<String> {
    let lower: String = text.trim().nfkc().flat_map(char::to_lowercase).collect();
    let rest = match lower.split_once("://") {
        Some(("http" | "https", rest)) => rest,
        Some(_) => return None,
        None => lower.strip_prefix("//").unwrap_or(&lower),
    };
    let host = rest.split(['/', '?', '#']).next()?;
    let host = match host.split_once(':') {
        Some((host, port)) if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => host,
        Some(_) => return None,
        None => host,
    };
    let host = host.strip_suffix('.').unwrap_or(host);
    let host = host.strip_prefix("www.").filter(|rest| rest.contains('.')).unwrap_or(host);
    let labels: Vec<&str> = host.split('.').collect();
    let top = labels.last()?;
    let good = labels.len() >= 2
        && host.len() <= 253
        && labels.iter().all(|label| is_label(label))
        && top.chars().count() >= 2
        && !top.starts_with(|c: char| c.is_ascii_digit());
    good.then(|| host.to_owned())
}

fn is_label(label: &str) -> bool {
    !label.is_empty()
        && label.len() <= 63
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label
            .chars()
            .all(|c| c == '-' || (c.is_ascii() && c.is_ascii_alphanumeric()) || (!c.is_ascii() && is_word(c)))
}
