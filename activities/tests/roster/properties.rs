//! What holds for every file.

use crate::File;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn pages_of_every_size_are_the_whole(
        rows in prop::collection::vec("([a-z]{1,3},é?[x \"\n]{0,3}|\"[a\n]{1,4}\",\"é\"|[a-z,\"\r\n]{0,8})", 0..30),
        size in 1_usize..9,
        encoding in 0..3,
    ) {
        let text = format!("name;title\n{}\n", rows.join("\n")).replace(',', ";");
        let content = match encoding {
            0 => text.into_bytes(),
            1 => text.chars().map(|character| character as u8).collect(),
            _ => "\u{FEFF}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect(),
        };
        let whole = File::new(&content).page(None).unwrap();
        let pages = File::named("people.csv", &content, size).pages();
        prop_assert_eq!(pages.iter().flat_map(|page| page.people.clone()).collect::<Vec<_>>(), whole.people);
        prop_assert_eq!(pages.into_iter().flat_map(|page| page.rejected).collect::<Vec<_>>(), whole.rejected);
    }

    #[test]
    fn arbitrary_bytes_and_cursors_never_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..400),
        begin in prop::sample::select(vec![&b""[..], b"name,id\n", b"\xEF\xBB\xBFname\n", b"\xFF\xFE", b"{\"name\":\"a\"}\n", b"\xFE\xFF\0n\0a\0m\0e\0\n"]),
        name in prop::sample::select(vec!["a.csv", "a.jsonl"]),
        offset in any::<u64>(),
    ) {
        let file = File::named(name, [begin, &bytes].concat(), 3);
        if let Ok(page) = file.page(None) && let Some(next) = page.next {
            let mut parts: Vec<String> = next.split('.').map(str::to_owned).collect();
            parts[3] = format!("{offset:x}");
            let _ = file.page(Some(&parts.join(".")));
            file.pages();
        }
    }
}
