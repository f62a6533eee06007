//! From text to words.

use unicode_normalization::UnicodeNormalization;

/// Titles longer than this are cut: nothing further on changes what a person is.
const LONGEST: usize = 400;

/// Compatibility-normalised, lower case, Latin letters without accents; other scripts stay as they are.
pub(crate) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.nfkd().filter(|c| !('\u{300}'..='\u{36f}').contains(c)) {
        match c {
            'ß' | 'ẞ' => folded.push_str("ss"),
            'ø' | 'Ø' => folded.push('o'),
            'æ' | 'Æ' => folded.push_str("ae"),
            'œ' | 'Œ' => folded.push_str("oe"),
            'ł' | 'Ł' => folded.push('l'),
            '’' | '‘' | '`' | '´' => folded.push('\''),
            '‐' | '‑' => folded.push('-'),
            _ => folded.extend(c.to_lowercase()),
        }
    }
    folded.nfc().collect()
}

/// A word of a title.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) text: String,
    /// "President's": somebody else's rank.
    pub(super) possessive: bool,
}

/// The words of a title, grouped by commas, slashes, brackets and the like. Groups that are only a notation for gender
/// ("m/w/d", "Leiter/in") are left out.
pub(super) fn segments(title: &str) -> Vec<Vec<Word>> {
    let folded = fold(&title.chars().take(LONGEST).collect::<String>());
    let chars: Vec<char> = folded.chars().collect();
    let mut segments = vec![Vec::new()];
    let mut word = String::new();
    let mut abbreviation = false;
    for (i, &c) in chars.iter().enumerate() {
        let before = i.checked_sub(1).and_then(|i| chars.get(i)).copied().unwrap_or(' ');
        let after = chars.get(i + 1).copied().unwrap_or(' ');
        let spaced = before.is_whitespace() || after.is_whitespace();
        if c.is_alphanumeric() {
            word.push(c);
            continue;
        }
        // "C.E.O." and "V.P." are one word each, "Sr.Manager" is two.
        let initial = word.chars().count() == 1 || abbreviation;
        if c == '.' && initial && after.is_alphabetic() && !word.is_empty() {
            let single = chars.get(i + 2).is_none_or(|c| !c.is_alphanumeric());
            if single {
                abbreviation = true;
                continue;
            }
        }
        if c == '\'' && after == 's' && chars.get(i + 2).is_none_or(|c| !c.is_alphanumeric()) && word.len() > 1 {
            push(&mut segments, &mut word, true);
            continue;
        }
        push(&mut segments, &mut word, false);
        abbreviation = false;
        match c {
            '&' | '+' if spaced => push(&mut segments, &mut "and".to_owned(), false),
            '@' => push(&mut segments, &mut "at".to_owned(), false),
            '-' if spaced => segments.push(Vec::new()),
            ',' | ';' | '|' | '/' | '\\' | '(' | ')' | '[' | ']' | '–' | '—' | ':' | '*' | '·' | '•' | '、' | '\n' =>
            {
                segments.push(Vec::new());
            }
            _ => {}
        }
    }
    push(&mut segments, &mut word, false);
    segments.retain(|words| !words.is_empty() && !words.iter().all(|word| is_gender_mark(&word.text)));
    segments
}

fn push(segments: &mut [Vec<Word>], word: &mut String, possessive: bool) {
    if let Some(segment) = segments.last_mut()
        && !word.is_empty()
    {
        // The "s" left over from "'s".
        let leftover = word == "s" && segment.last().is_some_and(|word| word.possessive);
        if !leftover {
            segment.push(Word { text: std::mem::take(word), possessive });
        }
    }
    word.clear();
}

fn is_gender_mark(word: &str) -> bool {
    matches!(word, "m" | "w" | "d" | "f" | "x" | "h" | "in" | "innen" | "gn" | "all" | "genders" | "mwd")
}

/// The words of any text, folded, in order: for comparing phrases word by word.
pub(crate) fn words_of(text: &str) -> Vec<String> {
    fold(text).split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}
