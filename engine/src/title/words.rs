//! From text to words, without allocating: a word is a slice of the text, and letters are lowered while comparing.

use super::fold::fold;
use smallvec::SmallVec;
use std::borrow::Cow;

/// Titles longer than this many characters are cut: nothing further on changes what a person is.
const LONGEST: usize = 400;

/// No title read has more words than this.
const MOST_WORDS: usize = 96;

/// Letters of the longest dotted abbreviation ("C.E.O.").
const MOST_INITIALS: usize = 8;

/// Letters that mark gender in job advertisements of several languages ("m/w/d", "H/F", "o/a").
const GENDERS: &[u8] = b"mwdfxhvnoae";

/// A word of a title.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Word<'t> {
    /// The letters, in the case they were written in; see [`Letters::bytes`].
    pub(super) letters: Letters<'t>,
    /// "President's": somebody else's rank.
    pub(super) possessive: bool,
    /// The first word after a comma, slash, bracket and the like.
    pub(super) opens_part: bool,
}

/// The letters of a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Letters<'t> {
    /// As they stand in the text.
    Run(&'t str),
    /// The initials of "C.E.O.", and how many there are.
    Initials([u8; MOST_INITIALS], usize),
}

impl Letters<'_> {
    /// The bytes of the letters; ASCII letters may be of either case.
    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Self::Run(run) => run.as_bytes(),
            Self::Initials(letters, count) => letters.get(..*count).unwrap_or_default(),
        }
    }
}

/// The words of one title.
pub(super) type Words<'t> = SmallVec<[Word<'t>; 24]>;

/// The text to read: cut to a sensible length, and folded unless it is plain ASCII, whose letters are compared without
/// regard to case anyway.
pub(super) fn readable(text: &str) -> Cow<'_, str> {
    let end = if text.len() > LONGEST { text.char_indices().nth(LONGEST).map(|(end, _)| end) } else { None };
    let text = end.and_then(|end| text.get(..end)).unwrap_or(text);
    if text.is_ascii() { Cow::Borrowed(text) } else { Cow::Owned(fold(text)) }
}

/// The words of a readable text.
pub(super) fn words(text: &str) -> Words<'_> {
    let mut reader = Reader { text, at: 0, opens_part: true, words: Words::new() };
    while reader.at < text.len() && reader.words.len() < MOST_WORDS {
        match reader.run_end(reader.at) {
            end if end > reader.at => reader.word(end),
            _ => reader.sign(),
        }
    }
    reader.words
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    opens_part: bool,
    words: Words<'t>,
}

impl<'t> Reader<'t> {
    fn byte(&self, at: usize) -> u8 {
        self.text.as_bytes().get(at).copied().unwrap_or(b' ')
    }

    /// Where the run of letters and digits that begins at `at` ends.
    fn run_end(&self, mut at: usize) -> usize {
        while at < self.text.len() {
            match self.byte(at) {
                byte if byte.is_ascii_alphanumeric() => at += 1,
                byte if byte.is_ascii() => break,
                _ => match self.text.get(at..).and_then(|rest| rest.chars().next()) {
                    Some(c) if c.is_alphanumeric() => at += c.len_utf8(),
                    _ => break,
                },
            }
        }
        at
    }

    fn is_run(&self, at: usize) -> bool {
        self.run_end(at) > at
    }

    fn push(&mut self, letters: Letters<'t>, possessive: bool) {
        let opens_part = std::mem::take(&mut self.opens_part);
        self.words.push(Word { letters, possessive, opens_part });
    }

    fn word(&mut self, end: usize) {
        let start = std::mem::replace(&mut self.at, end);
        if end - start == 1 && self.byte(end) == b'.' && self.initials(start) {
            return;
        }
        if end - start == 1 && self.byte(end) == b'/' && self.slashed(start) {
            return;
        }
        let Some(run) = self.text.get(start..end) else { return };
        let possessive = end - start > 1
            && matches!(self.byte(end), b'\'' | b'`')
            && self.byte(end + 1).eq_ignore_ascii_case(&b's')
            && !self.is_run(end + 2);
        self.push(Letters::Run(run), possessive);
        if possessive {
            self.at = end + 2;
        }
    }

    /// "C.E.O." and "V.P." are one word each, "Sr.Manager" is two.
    fn initials(&mut self, start: usize) -> bool {
        let (mut letters, mut count, mut at) = ([0; MOST_INITIALS], 0, start);
        while self.byte(at).is_ascii_alphabetic() && !self.is_run(at + 1) && count < MOST_INITIALS {
            letters[count] = self.byte(at);
            count += 1;
            at += 1;
            if self.byte(at) != b'.' {
                break;
            }
            at += 1;
        }
        if count > 1 {
            self.at = at;
            // "a.i." is "ad interim"; "A.I." is the machine's.
            let interim = letters.get(..count) == Some(b"ai");
            self.push(if interim { Letters::Run("interim") } else { Letters::Initials(letters, count) }, false);
        }
        count > 1
    }

    /// "A/P" and "I/C" are one word each, and "A/Director" acts; "m/w" and "H/F" mark gender.
    fn slashed(&mut self, start: usize) -> bool {
        let (first, after) = (self.byte(start), start + 2);
        let end = self.run_end(after);
        match end - after {
            0 => false,
            1 => {
                let letters = [first, self.byte(after)];
                let gender = letters.iter().all(|letter| GENDERS.contains(&letter.to_ascii_lowercase()));
                let joined = !gender && letters.iter().all(u8::is_ascii_alphabetic) && self.byte(end) != b'/';
                if joined {
                    let mut initials = [0; MOST_INITIALS];
                    initials[..2].copy_from_slice(&letters);
                    self.push(Letters::Initials(initials, 2), false);
                    self.at = end;
                }
                joined
            }
            _ if first.eq_ignore_ascii_case(&b'a') && self.opens_part => {
                self.push(Letters::Run("acting"), false);
                self.at = after;
                true
            }
            _ => false,
        }
    }

    /// A sign between words.
    fn sign(&mut self) {
        let Some(sign) = self.text.get(self.at..).and_then(|rest| rest.chars().next()) else {
            self.at = self.text.len();
            return;
        };
        let before = self.at == 0 || self.byte(self.at - 1).is_ascii_whitespace();
        self.at += sign.len_utf8();
        let spaced = before || self.byte(self.at).is_ascii_whitespace();
        match sign {
            '&' | '+' if spaced => self.push(Letters::Run("and"), false),
            '@' => self.push(Letters::Run("at"), false),
            '-' if spaced => self.opens_part = true,
            ',' | ';' | '|' | '/' | '\\' | '(' | ')' | '[' | ']' | '–' | '—' | ':' | '*' | '·' | '•' | '、' | '\n' =>
            {
                self.opens_part = true;
            }
            _ => {}
        }
    }
}
