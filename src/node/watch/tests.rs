//! Tests of time-outs, with a node that never answers some questions.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

use super::*;
use crate::node::Remembered;
use probe::{Content, Location, Node};

/// Never answers questions about paths that contain `dead`; counts how often it is asked.
#[derive(Debug, Default)]
struct Silent {
    asked: AtomicUsize,
    /// The delay of every answer, and its size in bytes.
    slow: Option<(Duration, usize)>,
}

impl Node for Silent {
    fn ask(&self, question: &Question) -> Observed<Answer> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        match question {
            Question::Metadata(location) if location.path.to_string_lossy().contains("dead") => loop {
                thread::park();
            },
            Question::Content(_) => {
                let (time, size) = self.slow.unwrap_or_default();
                thread::sleep(time);
                Observed::Present(Answer::Content(Content::whole(vec![b'x'; size])))
            }
            _ => Observed::Present(Answer::Truth(true)),
        }
    }
}

fn metadata(path: &str) -> Question {
    Question::Metadata(Location::node(path))
}

fn content(path: &str) -> Question {
    Question::Content(Location::node(path))
}

/// Returns limits that are short enough for a test.
fn limits(deadline: Option<u64>) -> Limits {
    let time = Duration::from_millis;
    Limits {
        deadline: deadline.map(time),
        answer: time(80),
        total: time(200),
        grace: time(150),
        written: time(80),
        printed: deadline.map(|_| time(80)),
    }
}

/// The code and text of each remark.
type Told = Vec<(&'static str, String)>;

/// Returns the answers to these questions in order, how often the job was started, and the remarks.
fn asked(watch: &Arc<Watch>, node: Silent, paths: &[&str]) -> (Vec<Observed<Answer>>, usize, Told) {
    let node = Arc::new(Remembered::new(node));
    let begun = Arc::new(AtomicUsize::new(0));
    let questions: Vec<Question> = paths.iter().map(|path| metadata(path)).collect();
    let count = Arc::clone(&begun);
    let job = move || {
        count.fetch_add(1, Ordering::SeqCst);
        let answers: Vec<_> = questions.iter().map(|question| node.ask(question)).collect();
        (answers, remarks())
    };
    let (answers, told) = watch.run(job).expect("it comes to an end");
    (answers, begun.load(Ordering::SeqCst), told)
}

fn detail(answer: &Observed<Answer>) -> &str {
    match answer {
        Observed::Unknown(why) if why.cause == Cause::TimedOut => &why.detail,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_answers_is_asked_once_and_nothing_is_told() {
    let (answers, begun, told) = asked(&Watch::new(limits(None)), Silent::default(), &["/a", "/b", "/a"]);
    assert!(answers.iter().all(|answer| *answer == Observed::Present(Answer::Truth(true))));
    assert_eq!((begun, told), (1, Vec::new()));
}

#[test]
fn what_does_not_answer_is_unknown_and_the_rest_is_asked() {
    let (answers, begun, told) = asked(&Watch::new(limits(None)), Silent::default(), &["/a", "/dead", "/b", "/dead"]);
    let known = Observed::Present(Answer::Truth(true));
    assert_eq!((&answers[0], &answers[2]), (&known, &known));
    assert_eq!(detail(&answers[1]), "did not answer in time");
    assert_eq!(answers[3], answers[1]);
    // Once to detect that there is no answer, and once to identify the subject.
    assert_eq!(begun, 3);
    let [(code, text)] = told.as_slice() else { panic!("{told:?}") };
    assert_eq!(*code, "no-answer");
    assert!(text.starts_with("/dead: did not answer within 0.08 seconds"), "{text}");
}

#[test]
fn waiting_is_bounded_however_much_does_not_answer() {
    let paths: Vec<String> = (0..200).map(|number| format!("/dead/{number}")).collect();
    let mut paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    paths.push("/a");
    let mut limits = limits(None);
    limits.answer = Duration::from_millis(10);
    let begun = Instant::now();
    let (answers, count, told) = asked(&Watch::new(limits), Silent::default(), &paths);
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    assert_eq!(count, MOST_ABANDONED + 1);
    assert!(detail(answers.last().expect("it was asked")).contains("too much on this node did not answer"));
    assert!(told.last().is_some_and(|(_, text)| text.contains("48 questions were not answered")), "{told:?}");
}

#[test]
fn at_the_deadline_what_is_left_is_unknown() {
    let mut limits = limits(Some(100));
    limits.answer = Duration::from_mins(1);
    let (answers, begun, told) = asked(&Watch::new(limits), Silent::default(), &["/a", "/dead", "/b"]);
    assert_eq!(answers[0], Observed::Present(Answer::Truth(true)));
    for late in &answers[1..] {
        assert_eq!(detail(late), "not examined before the deadline of 0.1 seconds (raise --deadline)");
    }
    assert_eq!(begun, 2);
    assert_eq!(told.iter().map(|(code, _)| *code).collect::<Vec<_>>(), ["deadline"]);
}

#[test]
fn who_is_abandoned_does_not_go_on() {
    let (released, wait) = mpsc::channel::<()>();
    let wait = Mutex::new(wait);
    let went_on = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&went_on);
    let first = AtomicBool::new(true);
    let watch = Watch::new(limits(None));
    let job = move || {
        if first.swap(false, Ordering::SeqCst) {
            let answer = step(Step::process(1, Part::Root), None, || {
                let wait = wait.lock().expect("not poisoned");
                wait.recv()
            });
            count.fetch_add(1, Ordering::SeqCst);
            return answer.is_ok();
        }
        step(Step::process(1, Part::Root), None, || ()).is_ok()
    };
    assert!(!watch.run(job).expect("it comes to an end"), "what did not answer is not asked again");
    released.send(()).expect("a receiver waits");
    thread::sleep(Duration::from_millis(100));
    assert_eq!(went_on.load(Ordering::SeqCst), 0);
}

#[test]
fn large_answers_are_left_aside_once_a_run_is_overdue() {
    for (size, expected) in [(LARGE, true), (LARGE + 1, false)] {
        let node = Arc::new(Remembered::new(Silent { slow: Some((Duration::ZERO, size)), ..Silent::default() }));
        let watch = Watch::new(limits(Some(50)));
        let job = move || {
            let known = matches!(node.ask(&content("/large")), Observed::Present(_));
            if known && size > LARGE {
                // Never finishes on a large answer.
                loop {
                    std::hint::spin_loop();
                }
            }
            known
        };
        assert_eq!(watch.run(job), Ok(expected), "{size}");
    }
}

#[test]
fn who_computes_for_ever_has_no_result() {
    let watch = Watch::new(limits(Some(50)));
    let job = || loop {
        std::hint::spin_loop();
        if is_wary() {
            break;
        }
    };
    let stuck = watch.run(job).expect_err("there is no end to it");
    assert_eq!(
        stuck.to_string(),
        "the report: not finished 0.3 seconds after the deadline, so there is none (raise --deadline)"
    );
}

#[test]
fn what_the_user_named_is_an_error_where_it_does_not_answer() {
    let watch = Watch::new(limits(None));
    let stuck = watch.run(|| {
        reading(Path::new("/mnt/rules"), || {
            loop {
                thread::park();
            }
        });
    });
    let said = stuck.expect_err("it does not answer").to_string();
    assert!(said.starts_with("/mnt/rules: does not answer (waited 0.08 seconds for it"), "{said}");
}

#[test]
fn an_output_that_takes_nothing_does_not_keep_back_the_others() {
    let written = Arc::new(Mutex::new(Vec::new()));
    let own = Arc::clone(&written);
    let watch = Watch::new(limits(None));
    let job = move || {
        let first = commit();
        let mut failed = Vec::new();
        for name in ["one", "stuck", "other"] {
            match delivery(Path::new(name)) {
                Delivery::Done => continue,
                Delivery::NotTaken(_) => {
                    failed.push(name);
                    continue;
                }
                Delivery::Due => {}
            }
            writing(Path::new(name), || {
                if name == "stuck" {
                    loop {
                        thread::park();
                    }
                }
                own.lock().expect("not poisoned").push(name);
            });
            delivered(Path::new(name));
        }
        (first, failed)
    };
    assert_eq!(watch.run(job), Ok((false, vec!["stuck"])));
    assert_eq!(*written.lock().expect("not poisoned"), ["one", "other"]);
}

#[test]
fn a_reader_may_take_its_time_where_there_is_no_deadline() {
    let printed = |deadline| {
        let watch = Watch::new(limits(deadline));
        watch.run(|| {
            commit();
            let name = Path::new("standard output");
            if let Delivery::NotTaken(_) = delivery(name) {
                return false;
            }
            printing(name, || thread::sleep(Duration::from_millis(400)));
            true
        })
    };
    assert_eq!((printed(None), printed(Some(10_000))), (Ok(true), Ok(false)));
}

#[test]
fn where_nobody_watches_nothing_changes() {
    assert_eq!(step(Step::mount(1), None, || 1), Ok(1));
    assert_eq!((is_wary(), time_left(), remarks()), (false, None, Vec::new()));
    assert_eq!(delivery(Path::new("a")), Delivery::Due);
    assert!(commit());
}
