//! For any text, the kept part gives the same remarks on the same lines.

use inspections::Kind;
use proptest::collection::vec;
use proptest::prelude::*;

/// Pieces that random texts of all kinds are built from.
const PIECES: [&str; 58] = [
    "\n",
    "\n\n",
    " ",
    "\t",
    ",",
    "\\\n",
    "\\",
    "#",
    "#1",
    "\"",
    "'",
    "'''",
    "\"\"\"",
    "=",
    " = true",
    ":",
    "!",
    "{",
    "[",
    "ALL",
    "NOPASSWD:",
    "capv",
    "alice",
    "%sudo",
    "User_Alias A = ",
    "A",
    "Defaults",
    "!authenticate",
    "@include /a",
    "skip_verify",
    "insecure_skip_verify = true",
    "authorization = \"Basic x\"",
    "password=",
    "ssh-rsa ",
    "ssh-ed25519 AAAA",
    "AAAAB3NzaC1yc2E",
    "https://",
    "user:pass@",
    "host/",
    "ghp_abcdefgh0123456789",
    "root:$6$x:",
    "eksa::",
    "x:1000:0::",
    "x:0:0::",
    "/home/a:",
    "/bin/bash",
    "export ",
    "CAPV=",
    "capv=",
    "EKSA_GIT_PRIVATE_KEY=",
    "$(a b)",
    "$B",
    "~/.ssh/id",
    "{\"Name\":\"/capv\",\"State\":{\"Running\":true}}",
    "\"ssh-ed25519 AAAA\\\"b\"",
    "\\u0041",
    "é",
    "\u{7f}",
];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(3000) })]

    #[test]
    fn what_is_kept_says_the_same(pieces in vec(0..PIECES.len(), 0..40), mode in prop::sample::select(vec![0o600, 0o644])) {
        let text: String = pieces.iter().map(|piece| PIECES[*piece]).collect();
        let users = ["capv".to_owned(), "eksa".to_owned(), "CAPV".to_owned()];
        for kind in Kind::ALL {
            let kept = kind.kept(text.as_bytes());
            let first = kind.remarks(text.as_bytes(), "name", mode, &users);
            let again = kind.remarks(kept.as_bytes(), "name", mode, &users);
            prop_assert_eq!(&first, &again, "{}: {:?} keeps {:?}", kind.name(), text, kept);
            prop_assert_eq!(kind.kept(kept.as_bytes()), kept, "{} of {:?}", kind.name(), text);
        }
    }
}
