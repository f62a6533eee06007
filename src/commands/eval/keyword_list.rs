//! The system to beat: a plain keyword list, as a careful team writes it in an afternoon.
//!
//! Keywords are substrings, tried in order; the first that occurs gives the level, every one that occurs its function.
//! It is no straw man: acronyms stand between spaces, so that "director" holds no CTO, and longer ranks come before
//! the shorter ones they contain. What a list cannot do is weigh one word against another.

use super::keywords::{FUNCTIONS, LEVELS, MODIFIERS};
use super::reading::Reading;

/// Reads a title by substrings alone.
pub(super) fn read(title: &str) -> Reading {
    let text = plain(title);
    let occurs = |keywords: &[&str]| keywords.iter().any(|keyword| text.contains(keyword));
    Reading {
        level: LEVELS.iter().find(|(_, keywords)| occurs(keywords)).map(|(level, _)| *level),
        functions: FUNCTIONS.iter().filter(|(_, keywords)| occurs(keywords)).map(|(function, _)| *function).collect(),
        modifiers: MODIFIERS.iter().filter(|(_, keywords)| occurs(keywords)).map(|(modifier, _)| *modifier).collect(),
    }
}

/// Lower case, one space between words and around them.
fn plain(title: &str) -> String {
    let lower = title.to_lowercase();
    let words = lower.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty());
    let mut text = String::from(" ");
    for word in words {
        text.push_str(word);
        text.push(' ');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::read;
    use engine::{Function, Level};

    #[test]
    fn easy_titles_are_read_right() {
        for (title, level) in [
            ("CEO & Co-Founder", Level::Owner),
            ("Chief Technology Officer", Level::CLevel),
            ("CFO", Level::CLevel),
            ("President", Level::President),
            ("VP, Sales", Level::VicePresident),
            ("SVP Marketing", Level::SeniorVicePresident),
            ("Senior Director of Engineering", Level::SeniorDirector),
            ("Director, Sales Operations", Level::Director),
            ("Head of Design", Level::Head),
            ("Senior Manager, Support", Level::SeniorManager),
            ("Engineering Manager", Level::Manager),
            ("Team Lead", Level::Lead),
            ("Sr. Software Engineer", Level::SeniorIndividualContributor),
            ("Account Executive", Level::IndividualContributor),
            ("Marketing Intern", Level::Intern),
        ] {
            assert_eq!(read(title).level, Some(level), "{title}");
        }
    }

    #[test]
    fn no_keyword_is_no_answer() {
        let reading = read("Problem solver");
        assert!(reading.level.is_none() && reading.functions.is_empty() && reading.modifiers.is_empty());
    }

    #[test]
    fn every_keyword_gives_its_function() {
        let functions: Vec<_> = read("VP Finance & Operations").functions.into_iter().collect();
        assert_eq!(functions, [Function::Finance, Function::Operations]);
    }
}
