//! Lists that succeed, and every way in which they fail: a partial list is never taken for a complete one.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::fake::Site;
use crate::fake::http::{Answer, Asked, Body};
use crate::fake::lists::VERSION;
use kubernetes::{Api, Event, Limits, Listing, Options, Outcome, Resource, Source, View, connect};
use probe::{Cause, Observed};

/// Options with short time-outs.
fn options(kubeconfig: PathBuf) -> Options {
    let limits = Limits {
        requests_per_second: 1000.0,
        connect_timeout: Duration::from_secs(5),
        page_timeout: Duration::from_secs(2),
        run_deadline: Duration::from_secs(30),
        page_items: 500,
    };
    Options { limits, ..Options::new(Source::File(kubeconfig), "kube-assay/0.0.0-test") }
}

fn api(site: &Site) -> Api {
    connect(&options(site.trusted())).unwrap_or_else(|reason| panic!("{reason}"))
}

fn pods() -> Resource {
    Resource::new("", "v1", "pods").expect("a resource")
}

/// Lists a resource; returns the outcome and the objects as JSON.
fn list(api: &Api, resource: &Resource) -> (Listing, Vec<String>) {
    let mut names = Vec::new();
    let listing = api.list(resource, View::Whole, &mut |event| {
        match event {
            Event::Object(object) => names.push(object.get().to_owned()),
            Event::Again => names.clear(),
        }
        ControlFlow::Continue(())
    });
    (listing, names)
}

fn page(objects: &[&str], next: &str) -> Answer {
    let items = objects.join(",");
    Answer::json(
        200,
        format!(r#"{{"kind":"PodList","apiVersion":"v1","metadata":{{"continue":"{next}"}},"items":[{items}]}}"#),
    )
}

fn expired(next: &str) -> Answer {
    let body = format!(
        r#"{{"kind":"Status","metadata":{{"continue":"{next}"}},"status":"Failure","message":"The provided continue parameter is too old","reason":"Expired","code":410}}"#
    );
    Answer::json(410, body)
}

/// The cause and text of an unknown list of pods, and the number of requests.
fn unknown(answering: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> (Cause, String, usize) {
    let site = Site::new(answering);
    let (listing, _) = list(&api(&site), &pods());
    match listing.outcome {
        Outcome::Unknown(reason) => {
            let port = site.server.address.port().to_string();
            let words = reason.to_string().replace(&port, "PORT");
            (reason.cause, words, site.server.paths().len())
        }
        outcome => panic!("{outcome:?}"),
    }
}

#[test]
fn pages_are_followed_to_the_end() {
    let site = Site::new(|asked| match asked.part("continue") {
        "" => page(&[r#"{"n":1}"#, r#"{"n":2}"#], "a+/=&b"),
        "a+/=&b" => page(&[], "c"),
        "c" => page(&[r#"{"n":3}"#], ""),
        _ => Answer::status(400, "BadRequest", "no"),
    });
    let api = api(&site);
    let (listing, names) = list(&api, &pods());
    assert_eq!(listing, Listing { outcome: Outcome::Complete, objects: 3, inconsistent: false });
    assert_eq!(names, [r#"{"n":1}"#, r#"{"n":2}"#, r#"{"n":3}"#]);
    assert_eq!(api.requests(), 3);
    assert_eq!(
        site.server.paths(),
        [
            "/api/v1/pods?limit=500",
            "/api/v1/pods?limit=500&continue=a%2B%2F%3D%26b",
            "/api/v1/pods?limit=500&continue=c"
        ]
    );
    let last = site.server.last();
    assert_eq!(last.header("user-agent"), "kube-assay/0.0.0-test");
    assert_eq!(last.header("authorization"), "Bearer let-me-in");
    assert_eq!(last.header("accept-encoding"), "");
}

#[test]
fn a_visitor_may_stop() {
    let site = Site::new(|_| page(&["{}", "{}"], "more"));
    let listing = api(&site).list(&pods(), View::Metadata, &mut |_| ControlFlow::Break(()));
    assert_eq!((listing.outcome, listing.objects), (Outcome::Stopped, 1));
    assert!(site.server.last().header("accept").starts_with("application/json;as=PartialObjectMetadataList;g=meta"));
}

#[test]
fn an_expired_list_goes_on_where_the_server_says() {
    let site = Site::new(|asked| match asked.part("continue") {
        "" => page(&[r#"{"n":1}"#], "old"),
        "old" => expired("new"),
        "new" => page(&[r#"{"n":2}"#], ""),
        _ => Answer::status(400, "BadRequest", "no"),
    });
    let (listing, names) = list(&api(&site), &pods());
    assert_eq!(listing, Listing { outcome: Outcome::Complete, objects: 2, inconsistent: true });
    assert_eq!(names.len(), 2);
}

#[test]
fn an_expired_list_begins_again_once() {
    let site = Site::new(|asked| match (asked.part("continue"), asked.before) {
        ("", 0) => page(&[r#"{"n":1}"#], "old"),
        ("", _) => page(&[r#"{"n":8}"#], "later"),
        ("later", _) => page(&[r#"{"n":9}"#], ""),
        _ => expired(""),
    });
    let (listing, names) = list(&api(&site), &pods());
    assert_eq!(listing, Listing { outcome: Outcome::Complete, objects: 2, inconsistent: false });
    assert_eq!(names, [r#"{"n":8}"#, r#"{"n":9}"#], "what was seen before is forgotten");
    let (cause, words, requests) = unknown(|asked| match asked.part("continue") {
        "" => page(&["{}"], "old"),
        _ => expired(""),
    });
    assert_eq!((cause, requests), (Cause::System, 4));
    assert_eq!(words, "list pods: expired while it was read, again and again (try again later)");
}

#[test]
fn pages_in_a_circle_are_left() {
    let (cause, words, requests) =
        unknown(|asked| page(&["{}"], if asked.part("continue") == "a" { "b" } else { "a" }));
    assert_eq!((cause, requests), (Cause::Malformed, 3));
    assert!(words.starts_with("list pods: the server returned a page"), "{words}");
    let (.., requests) = unknown(|_| expired("a"));
    assert!(requests < 4, "{requests}");
}

#[test]
fn a_server_that_is_busy_is_asked_again_when_it_says() {
    let site = Site::new(|asked| match asked.before {
        0 => Answer::status(429, "TooManyRequests", "please wait").with("Retry-After", "1"),
        1 => Answer::new(503, "text/plain", Body::Whole(b"no".to_vec())),
        _ => page(&["{}"], ""),
    });
    let begin = Instant::now();
    let (listing, _) = list(&api(&site), &pods());
    assert_eq!(listing.outcome, Outcome::Complete);
    assert!(begin.elapsed() >= Duration::from_secs(2), "{:?}", begin.elapsed());
}

#[test]
fn a_server_that_stays_busy_is_left() {
    let begin = Instant::now();
    let (cause, words, requests) =
        unknown(|_| Answer::status(429, "TooManyRequests", "no").with("Retry-After", "86400"));
    assert_eq!((cause, requests), (Cause::TimedOut, 1));
    assert!(words.starts_with("list pods: 429: too many requests"), "{words}");
    assert!(begin.elapsed() < Duration::from_secs(5));
    let (cause, words, requests) = unknown(|_| Answer::status(500, "InternalError", "etcd\u{1b}[31m is away"));
    assert_eq!((cause, requests), (Cause::System, 5));
    assert_eq!(words, r"list pods: the API server answered 500: etcd\u{1b}[31m is away");
}

#[test]
fn one_kind_that_is_forbidden_says_the_right() {
    let site = Site::new(|asked| match asked.path.as_str() {
        "/api/v1/pods" => page(&["{}"], ""),
        _ => Answer::status(
            403,
            "Forbidden",
            "clusterroles.rbac.authorization.k8s.io is forbidden: User \"system:serviceaccount:audit:assay\" cannot list",
        ),
    });
    let api = api(&site);
    let roles = Resource::new("rbac.authorization.k8s.io", "v1", "clusterroles").expect("a resource");
    let Outcome::Unknown(reason) = list(&api, &roles).0.outcome else { panic!("it is forbidden") };
    assert_eq!(reason.cause, Cause::PermissionDenied);
    assert_eq!(
        reason.to_string(),
        "list clusterroles.rbac.authorization.k8s.io: forbidden for system:serviceaccount:audit:assay"
    );
    assert_eq!(list(&api, &pods()).0.outcome, Outcome::Complete, "others are listed nevertheless");
}

#[test]
fn a_kind_that_is_not_there_is_absent() {
    let site = Site::new(|asked| match asked.path.as_str() {
        "/apis/a.example/v1/things" => Answer::new(404, "text/plain", Body::Whole(b"404 page not found\n".to_vec())),
        "/apis/b.example/v1/things" => {
            Answer::status(404, "NotFound", "the server could not find the requested resource")
        }
        _ => Answer::new(404, "text/html", Body::Whole(b"<h1>Not Found</h1>".to_vec())),
    });
    let api = api(&site);
    let outcome = |group: &str| list(&api, &Resource::new(group, "v1", "things").expect("a resource")).0.outcome;
    assert_eq!(outcome("a.example"), Outcome::Absent);
    assert_eq!(outcome("b.example"), Outcome::Absent);
    assert!(matches!(outcome("c.example"), Outcome::Unknown(_)), "a web page says nothing");
    let things = Resource::new("b.example", "v1", "things").expect("a resource");
    assert!(matches!(api.get(&things, "", "x"), Observed::Unknown(_)), "a web page says nothing");
}

#[test]
fn half_a_list_is_unknown() {
    let (cause, words, _) = unknown(|asked| match asked.part("continue") {
        "" => page(&["{}"], "a"),
        _ => Answer::status(403, "Forbidden", "User \"u\" cannot list"),
    });
    assert_eq!((cause, words.as_str()), (Cause::PermissionDenied, "list pods: forbidden for u"));
    let (_, words, requests) = unknown(|asked| match asked.part("continue") {
        "" => page(&["{}"], "a"),
        _ => Answer::new(200, "application/json", Body::Cut(br#"{"kind":"PodList","items":[]}"#.to_vec())),
    });
    assert_eq!(words, "list pods: half of it: the connection ended before the answer did");
    assert_eq!(requests, 6, "it is asked again a few times");
    let (_, words, _) = unknown(|asked| match asked.part("continue") {
        "" => page(&["{}"], "a"),
        _ => Answer::status(404, "NotFound", "gone"),
    });
    assert_eq!(words, "list pods: the API server answered 404: gone");
}

#[test]
fn a_passing_disconnection_does_no_harm() {
    let site = Site::new(|asked| match asked.before {
        0 => Answer { status: 200, headers: Vec::new(), body: Body::HungUp },
        1 => Answer::new(200, "application/json", Body::Cut(b"{\"kind\":\"PodList\"}".to_vec())),
        _ => page(&["{}"], ""),
    });
    assert_eq!(list(&api(&site), &pods()).0.outcome, Outcome::Complete);
}

#[test]
fn slow_answers_end_in_time() {
    let bodies: [fn() -> Body; 2] =
        [|| Body::Silent(Duration::from_secs(20)), || Body::Dripping(vec![b' '; 100_000], Duration::from_millis(100))];
    for body in bodies {
        let begin = Instant::now();
        let (cause, words, requests) = unknown(move |_| Answer::new(200, "application/json", body()));
        assert_eq!((cause, requests), (Cause::TimedOut, 1));
        assert!(words.starts_with("https://localhost:PORT: no complete answer within 2 s"), "{words}");
        assert!(begin.elapsed() < Duration::from_secs(4));
    }
}

#[test]
fn the_run_ends_in_time() {
    let site = Site::new(|asked| page(&["{}"], &format!("{}x", asked.part("continue"))));
    let mut options = options(site.trusted());
    options.limits.run_deadline = Duration::from_secs(2);
    options.limits.requests_per_second = 5.0;
    let api = connect(&options).expect("it is made");
    let begin = Instant::now();
    let Outcome::Unknown(reason) = list(&api, &pods()).0.outcome else { panic!("it has no end") };
    assert_eq!(reason.cause, Cause::TimedOut);
    assert!(reason.to_string().ends_with("the time for the cluster is over (2 s)"), "{reason}");
    let took = begin.elapsed();
    assert!(took < Duration::from_secs(3), "{took:?}");
    let requests = api.requests();
    assert!((8..=11).contains(&requests), "{requests} requests in 2 s, at 5 a second");
    let Observed::Unknown(_) = api.version() else { panic!("nothing is asked any more") };
    assert_eq!(api.requests(), requests);
}

#[test]
fn a_page_that_is_too_large_is_asked_for_in_parts() {
    let site = Site::new(|asked| {
        let limit: usize = asked.part("limit").parse().expect("a number");
        let object = format!(r#"{{"x":"{}"}}"#, "x".repeat(300 << 10));
        page(&vec![object.as_str(); limit.min(100)], "")
    });
    let (listing, _) = list(&api(&site), &pods());
    assert_eq!((listing.outcome, listing.objects), (Outcome::Complete, 50));
    assert_eq!(site.server.paths(), ["/api/v1/pods?limit=500", "/api/v1/pods?limit=50"]);
}

#[test]
fn absurd_sizes_are_refused() {
    let (cause, words, requests) = unknown(|_| Answer::new(200, "application/json", Body::Endless));
    assert_eq!((cause, requests), (Cause::TooLarge, 3));
    assert_eq!(words, "https://localhost:PORT: answered with more than 64 MiB");
    let large = format!(r#"{{"metadata":{{"name":"large","namespace":"a"}},"x":"{}"}}"#, "x".repeat(9 << 20));
    let (cause, words, _) = unknown(move |_| page(&["{}", &large], ""));
    assert_eq!((cause, words.as_str()), (Cause::Malformed, "list pods: a/large: larger than 8 MiB"));
}

#[test]
fn an_object_that_cannot_be_read_leaves_the_others() {
    let deep = format!(r#"{{"metadata":{{"name":"de\nep"}},"x":{}{}}}"#, "[".repeat(200_000), "]".repeat(200_000));
    let site = Site::new(move |_| page(&[&deep, r#"{"n":1}"#], ""));
    let (listing, names) = list(&api(&site), &pods());
    let Outcome::Unknown(reason) = listing.outcome else { panic!("one was not seen") };
    assert_eq!(reason.to_string(), r"list pods: de\nep: nested more than 100 levels deep");
    assert_eq!(names, [r#"{"n":1}"#]);
}

#[test]
fn what_is_no_api_is_no_list() {
    type Case = (fn() -> Answer, &'static str);
    let table: [Case; 7] = [
        (
            || Answer::new(200, "text/html", Body::Whole(b"<html>Please log in</html>".to_vec())),
            "https://localhost:PORT: answered 200 with a web page, not a Kubernetes API",
        ),
        (|| Answer::json(200, "{}"), "list pods: the answer is not a list of objects, or is incomplete"),
        (
            || Answer::json(200, r#"{"kind":"PodList","items":[{}"#),
            "list pods: the answer is not a list of objects, or",
        ),
        (|| Answer::json(200, r#"{"kind":"Status","items":[]}"#), "list pods: the answer is not a list of objects"),
        (
            || Answer::json(200, ""),
            "https://localhost:PORT: answered 200 with something other than a Kubernetes object",
        ),
        (
            || Answer::new(302, "text/html", Body::Whole(Vec::new())).with("Location", "https://login.example/"),
            "https://localhost:PORT: redirects to https://login.example/, which is not followed",
        ),
        (
            || Answer::json(200, r#"{"kind":"PodList","items":[]}"#).with("Content-Encoding", "gzip"),
            "https://localhost:PORT: sent a compressed answer that was not requested",
        ),
    ];
    for (answer, expected) in table {
        let (cause, words, _) = unknown(move |_| answer());
        assert_eq!(cause, Cause::Malformed);
        assert!(words.starts_with(expected), "{words}");
    }
}

#[test]
fn the_version_is_text_of_others() {
    let site = Site::new(|asked| match asked.before {
        0 => Answer::json(200, VERSION),
        1 => Answer::json(200, r#"{"gitVersion":"v1\n\u001b[2J"}"#),
        _ => Answer::json(200, "[]"),
    });
    let api = api(&site);
    let Observed::Present(version) = api.version() else { panic!("it answers") };
    assert_eq!((version.major.as_str(), version.minor.as_str(), version.git_version.as_str()), ("1", "34", "v1.34.2"));
    assert_eq!(api.version().present().expect("a version").git_version, r"v1\n\u{1b}[2J");
    assert!(matches!(api.version(), Observed::Unknown(_)));
}

#[test]
fn one_object_is_read_by_its_name() {
    let site = Site::new(|asked| match asked.path.as_str() {
        "/api/v1/namespaces/kube-system/configmaps/aws-auth" => Answer::json(200, r#"{"kind":"ConfigMap","data":{}}"#),
        "/api/v1/namespaces/kube-system/configmaps/odd" => Answer::json(200, "7"),
        _ => Answer::status(404, "NotFound", "configmaps \"x\" not found"),
    });
    let api = api(&site);
    let maps = Resource::new("", "v1", "configmaps").expect("a resource");
    let get = |name: &str| api.get(&maps, "kube-system", name);
    assert_eq!(get("aws-auth").present().expect("it is there").get(), r#"{"kind":"ConfigMap","data":{}}"#);
    assert!(matches!(get("x"), Observed::Absent));
    assert!(matches!(get("odd"), Observed::Unknown(_)));
    assert!(matches!(get("../../secrets/a"), Observed::Absent));
    assert_eq!(api.requests(), 3);
}
