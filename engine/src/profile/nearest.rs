//! What somebody may have meant who misspelt a name.

/// The known name that was most likely meant; `None` when none is close. Case, spaces and hyphens do not count.
pub(super) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // A misspelling of a short name has one wrong letter; of a long one, a third at most.
    const LETTERS_PER_SLIP: usize = 3;
    let plain = |text: &str| text.trim().to_lowercase().replace([' ', '-'], "_");
    let name: String = plain(&name.chars().take(60).collect::<String>());
    let slips = (name.chars().count() / LETTERS_PER_SLIP).max(1);
    let near = known.into_iter().map(|one| (strsim::damerau_levenshtein(&name, &plain(one)), one));
    // The first of equals: the lists are in an order of their own.
    near.filter(|(distance, _)| *distance <= slips).min_by_key(|(distance, _)| *distance).map(|(_, one)| one)
}

/// "did you mean `x`? The fields are a, b, c": advice for whoever wrote an unknown name.
pub(super) fn advice<'a>(name: &str, what: &str, known: impl IntoIterator<Item = &'a str> + Clone) -> String {
    let all = known.clone().into_iter().collect::<Vec<_>>().join(", ");
    match nearest(name, known) {
        Some(one) => format!("did you mean `{one}`? The {what} are {all}"),
        None => format!("the {what} are {all}"),
    }
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn slips_of_the_hand_are_understood_and_other_words_are_not() {
        let known = ["engineering", "human_resources", "it", "sales"];
        assert_eq!(nearest("enginering", known), Some("engineering"));
        assert_eq!(nearest("Human-Resources", known), Some("human_resources"));
        assert_eq!(nearest("slaes", known), Some("sales"));
        assert_eq!(nearest("IT", known), Some("it"));
        assert_eq!(nearest("wizardry", known), None);
        assert_eq!(nearest("", known), None);
    }
}
