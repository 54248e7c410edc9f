//! Broken and missing files: each is one gap, and affects only the predicates that need it.

use aws::{CALLS, Evidence, PREDICATES, Settings, calls_for, judge};
use cluster::policy::Outcome;

use super::world::{Files, evidence, judged, sound, told};

/// Contents of a file instead of its answer, and part of the message that each gives.
const BROKEN: [(&str, &str); 8] = [
    ("", "the file is empty"),
    ("{", "EOF"),
    ("null", "it begins with"),
    ("[]", "it begins with"),
    ("{}", "missing field"),
    ("{\"cluster\": 7, \"Other\": []}", ""),
    ("\nAn error occurred (AccessDeniedException) when calling the Operation: no\n", "An error occurred"),
    ("{\"__type\": \"AccessDeniedException\", \"Message\": \"no\"}", "missing field"),
];

#[test]
fn a_broken_file_makes_what_needs_it_unknown_and_nothing_else() {
    let sound = sound();
    let before: Vec<String> = PREDICATES.iter().map(|predicate| told(&judged(predicate, &sound))).collect();
    for name in sound.keys() {
        let call = CALLS.iter().find(|collected| is_of(name, collected.call.name())).expect("each file is of a call");
        for (text, said) in BROKEN {
            let mut files = sound.clone();
            files.insert(name.clone(), text.to_owned());
            let evidence = evidence(&files);
            for (predicate, before) in PREDICATES.iter().zip(&before) {
                let after = judge(predicate, &evidence, Settings::default()).expect("it is there");
                let told = told(&after);
                if call.needed_by.contains(predicate) {
                    assert!(told.contains(name) && told.contains(said), "{predicate}, {name} {text:?}\n{told}");
                    let decides = !matches!(after.outcome, Outcome::Pass) || told.contains("+ AWS evidence");
                    assert!(decides, "{predicate}, {name} {text:?}\n{told}");
                } else {
                    assert_eq!(&told, before, "{predicate}, {name} {text:?}");
                }
            }
        }
    }
}

fn is_of(name: &str, call: &str) -> bool {
    name.strip_prefix(call).is_some_and(|rest| rest.starts_with('.'))
}

#[test]
fn a_missing_file_is_named_with_the_call_that_writes_it() {
    let sound = sound();
    for name in sound.keys() {
        let mut files = sound.clone();
        files.remove(name);
        let mut named = 0;
        for predicate in PREDICATES {
            let told = told(&judged(predicate, &files));
            let call = CALLS.iter().find(|collected| is_of(name, collected.call.name())).expect("of a call");
            named += usize::from(told.contains(&format!("run {}", call.call)) || told.contains("lacks"));
        }
        // Access entries' descriptions are collected for the reader only; no control needs them.
        assert!(named > 0 || name.starts_with("describe-access-entry"), "{name}: no control misses it");
    }
}

#[test]
fn a_refused_call_says_what_aws_said() {
    let mut files = sound();
    files.remove("describe-key.arn%aws%kms%eu-central-1%111122223333%key~0a1b2c3d-0000-4000-8000-000000000001.json");
    files.insert(
        "describe-key.arn%aws%kms%eu-central-1%111122223333%key~0a1b2c3d-0000-4000-8000-000000000001.error".to_owned(),
        "\nAn error occurred (AccessDeniedException) when calling the DescribeKey operation: \u{1b}[31mno\n".to_owned(),
    );
    let told = told(&judged("aws/secrets-encryption", &files));
    let first = told.lines().next().unwrap_or_default();
    assert!(first.contains("aws kms describe-key was refused: An error occurred (AccessDeniedException)"), "{told}");
    assert!(!told.contains('\u{1b}'), "{told}");
}

#[test]
fn ages_are_said_and_old_files_are_judged() {
    let table = [
        (Some(0), "less than a day old"),
        (Some(1), "1 day old"),
        (Some(30), "30 days old"),
        (Some(31), "31 days old, more than 30"),
        (None, ""),
    ];
    for (age, said) in table {
        let mut evidence = Evidence::default();
        for (name, text) in sound() {
            let age = if name == "describe-cluster.json" { age } else { age.and(Some(0)) };
            evidence.take(&name, Ok(text.as_bytes()), age);
        }
        let judgement = judge("aws/control-plane-logs", &evidence, Settings::default()).expect("it is there");
        let told = told(&judgement);
        assert!(told.starts_with("pass\n") && told.contains(said), "{age:?}\n{told}");
        assert_eq!(told.contains("days old") || told.contains("day old"), age.is_some(), "{told}");
    }
}

#[test]
fn evidence_of_another_cluster_decides_nothing_about_this_one() {
    let evidence = evidence(&sound());
    let nodes = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let (own, other, more) =
        (nodes(&["i-0one", "i-0two"]), nodes(&["i-0nine"]), nodes(&["i-0one", "i-0two", "i-0three"]));
    let told_with = |predicate: &str, nodes: &[String]| {
        told(&judge(predicate, &evidence, Settings { nodes: Some(nodes), ..Settings::default() }).expect("it is there"))
    };
    for predicate in PREDICATES {
        let is_of_account = matches!(predicate, "aws/image-scanning" | "aws/storage-encryption");
        let told = told_with(predicate, &other);
        assert_eq!(told.contains("has none of the nodes"), !is_of_account, "{predicate}\n{told}");
        assert_eq!(told.starts_with("unknown"), !is_of_account, "{predicate}\n{told}");
        assert!(!told_with(predicate, &own).starts_with("unknown"), "{predicate}");
    }
    assert!(told_with("aws/private-nodes", &more).starts_with("unknown: describe-instances.json: lacks i-0three"));
    assert!(told_with("aws/control-plane-logs", &more).starts_with("pass"));
}

#[test]
fn the_hops_of_a_token_are_a_setting() {
    let mut files: Files = sound();
    let text =
        files["describe-instances.json"].replace("\"HttpPutResponseHopLimit\": 1", "\"HttpPutResponseHopLimit\": 2");
    files.insert("describe-instances.json".to_owned(), text);
    let evidence = evidence(&files);
    for (hop_limit, expected) in [(None, "fail"), (Some(1), "fail"), (Some(2), "pass")] {
        let settings = Settings { hop_limit, ..Settings::default() };
        let told = told(&judge("aws/instance-metadata", &evidence, settings).expect("it is there"));
        assert_eq!(told.lines().next(), Some(expected), "{hop_limit:?}\n{told}");
    }
}

#[test]
fn strange_names_are_told_and_a_large_file_is_refused() {
    let mut evidence = Evidence::default();
    evidence.take("notes.txt", Ok(b"hello"), None);
    evidence.take("describe-clusters.json", Ok(b"{}"), None);
    assert_eq!(evidence.remarks().len(), 2, "{:?}", evidence.remarks());
    let large = vec![b' '; usize::try_from(aws::MOST_BYTES).expect("it fits") + 1];
    evidence.take("describe-cluster.json", Ok(&large), None);
    let judgement = judge("aws/private-endpoint", &evidence, Settings::default()).expect("it is there");
    assert!(told(&judgement).contains("exceeds 64 MiB"), "{}", told(&judgement));
    for number in 0..30 {
        evidence.take(&format!("{number}.txt"), Ok(b""), None);
    }
    assert!(evidence.remarks().len() <= 20);
}

#[test]
fn deep_and_long_answers_end() {
    let deep = "[".repeat(1 << 20);
    let long = format!("{{\"repositories\":[{}]}}", vec!["{\"repositoryName\":\"a\"}"; 200_000].join(","));
    let mut evidence = Evidence::default();
    evidence.take("describe-cluster.json", Ok(format!("{{\"cluster\":{{\"tags\":{deep}").as_bytes()), None);
    evidence.take("describe-repositories.json", Ok(long.as_bytes()), None);
    let filters = vec!["{\"filter\":\"*a*a*a*b\",\"filterType\":\"WILDCARD\"}"; 401].join(",");
    let rules = format!(
        "{{\"scanningConfiguration\":{{\"rules\":[{{\"scanFrequency\":\"SCAN_ON_PUSH\",\"repositoryFilters\":[{filters}]}}]}}}}"
    );
    evidence.take("get-registry-scanning-configuration.json", Ok(rules.as_bytes()), None);
    let told_of = |predicate: &str| told(&judge(predicate, &evidence, Settings::default()).expect("it is there"));
    assert!(told_of("aws/private-endpoint").contains("not the output of aws eks describe-cluster"));
    assert!(told_of("aws/image-scanning").contains("more than 400 filters"));
}

#[test]
fn each_call_is_needed_and_each_predicate_needs_one() {
    for predicate in PREDICATES {
        assert!(calls_for(predicate).next().is_some(), "{predicate}: needs no call");
    }
    for collected in &CALLS {
        assert!(collected.needed_by.iter().all(|name| PREDICATES.contains(name)), "{}", collected.call);
    }
}
