//! Any content of a definition file is either loaded or refused.

use definitions::benchmark::SourceFile;
use definitions::{Definitions, load_with};
use proptest::prelude::*;

use super::fixture::FILES;

/// Loads the fixture with one file replaced.
fn load(path: &str, text: &str) -> Result<Definitions, String> {
    let (mut benchmarks, mut profiles) = (Vec::new(), Vec::new());
    for (directory, file, sound) in FILES {
        let list = if directory == "profiles" { &mut profiles } else { &mut benchmarks };
        list.push(SourceFile::new(directory, file, if file == path { text } else { sound }));
    }
    load_with(&Definitions::default(), &benchmarks, &profiles).map_err(|mistakes| mistakes.to_string())
}

#[test]
fn odd_texts_are_refused_with_a_place() {
    let deep = "a: ".to_owned() + &"[".repeat(100_000);
    let nested = (0..5000).fold(String::new(), |text, depth| text + &" ".repeat(depth % 300) + "a:\n");
    let texts = [
        "",
        "\n",
        "\u{feff}",
        "\u{feff}a: 1\n",
        "\t",
        "- - -",
        "a",
        "a: b: c",
        "? a\n: b",
        "<<: 1",
        "%YAML 9.9\n---\na: 1\n",
        "--- |\n x\n...\n",
        "a: |\n",
        "\"",
        "a: !!binary x",
        "a: *b",
        "&a a: *a",
        "{",
        "a: {b",
        "\r\r\na: 1",
        "a: \u{0}",
        "a: \u{7}",
        deep.as_str(),
        nested.as_str(),
    ];
    for (directory, path, _) in FILES {
        for text in texts {
            let said = load(path, text).expect_err("it is no definition");
            let start: String = text.chars().take(20).collect();
            assert!(said.contains(&format!("{directory}/{path}:")), "{path} {start:?}: {said}");
        }
    }
}

#[test]
fn a_byte_order_mark_and_windows_lines_do_no_harm() {
    for (_, path, sound) in FILES {
        let text = format!("\u{feff}{}", sound.replace('\n', "\r\n"));
        assert!(load(path, &text).is_ok(), "{path}: {:?}", load(path, &text));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_text_is_read_or_refused(file in 0..FILES.len(), text in "(\\PC|[\\x00-\\x20:{}\\[\\],\"'&*!|>?-]){0,200}") {
        let _ = load(FILES[file].1, &text);
    }

    #[test]
    fn any_change_is_read_or_refused(
        file in 0..FILES.len(),
        at in any::<prop::sample::Index>(),
        length in 0..12_usize,
        new in "\\PC{0,3}|[\\n :{}\\[\\],\"'&*!|>~-]{0,3}",
    ) {
        let (_, path, sound) = FILES[file];
        let characters: Vec<char> = sound.chars().collect();
        let at = at.index(characters.len());
        let end = (at + length).min(characters.len());
        let text: String = characters[..at].iter().chain(&new.chars().collect::<Vec<_>>()).chain(&characters[end..]).collect();
        if let Err(said) = load(path, &text) {
            prop_assert!(said.contains(".yaml:"), "{}", said);
        }
    }
}
