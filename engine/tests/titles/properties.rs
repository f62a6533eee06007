//! What holds of every text.

use super::Title;
use proptest::prelude::*;

/// Words of titles and of none, with their accents.
const WORDS: [&str; 28] = [
    "Chief",
    "Officer",
    "Director",
    "Vice",
    "President",
    "of",
    "Sales",
    "and",
    "Ingénieur",
    "Geschäftsführer",
    "III",
    "Asst",
    "Manager",
    "to",
    "the",
    "CEO's",
    "Engineer",
    "Tech",
    "Dean",
    "Wizard",
    "Head",
    "IT",
    "Deputy",
    "Major",
    "Diretor",
    "Operações",
    "Softwareentwickler",
    "Former",
];

fn plain(word: &str) -> String {
    word.chars()
        .map(|c| match c {
            'é' => 'e',
            'ä' => 'a',
            'ü' => 'u',
            'ç' => 'c',
            'õ' => 'o',
            other => other,
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn case_accents_and_spaces_mean_nothing(
        picked in proptest::collection::vec((0..WORDS.len(), 0..4_usize, 1..4_usize), 1..9),
    ) {
        let written: Vec<&str> = picked.iter().map(|(at, ..)| WORDS[*at]).collect();
        let varied: String = picked
            .iter()
            .map(|(at, form, spaces)| {
                let word = match form {
                    0 => WORDS[*at].to_uppercase(),
                    1 => WORDS[*at].to_lowercase(),
                    2 => plain(WORDS[*at]),
                    _ => WORDS[*at].to_owned(),
                };
                word + &" ".repeat(*spaces)
            })
            .collect();
        prop_assert_eq!(Title::parse(&written.join(" ")), Title::parse(&varied), "{:?}", varied);
    }

    #[test]
    fn any_text_is_read_without_panic(text in any::<String>()) {
        prop_assert!(Title::parse(&text).confidence <= 100);
    }

    #[test]
    fn signs_scripts_and_lengths_do_no_harm(
        pieces in proptest::collection::vec(
            prop_oneof![
                Just("C.E.O."), Just("'s"), Just("’s"), Just("("), Just(" - "), Just("\u{202e}مدير"), Just("👩‍💻"), Just("部長"), Just("\u{0}"),
                Just("\t"), Just("ﷺ"), Just("ß"), Just("İ"), Just("VP"), Just("&"), Just("d'"), Just("..."), Just("leiter"), Just("Á\u{301}"),
            ],
            0..80,
        ),
    ) {
        prop_assert!(Title::parse(&pieces.concat()).confidence <= 100);
    }

    #[test]
    fn a_word_not_understood_never_adds_confidence(
        picked in proptest::collection::vec(0..WORDS.len(), 1..6),
    ) {
        let text = picked.iter().map(|at| WORDS[*at]).collect::<Vec<_>>().join(" ");
        let more = format!("{text}, Qwyx");
        prop_assert!(Title::parse(&more).confidence <= Title::parse(&text).confidence, "{}", text);
    }
}

#[test]
fn long_texts_are_cut() {
    let long = format!("Director {}", "of Sales ".repeat(2_000));
    assert_eq!(Title::parse(&long).level, Title::parse("Director of Sales").level);
    assert_eq!(Title::parse(&"x".repeat(10_000)).level, None);
    assert_eq!(Title::parse(&"leiter".repeat(2_000)).level, None);
    assert_eq!(Title::parse(&"é".repeat(10_000)).level, None);
}
