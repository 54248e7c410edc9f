//! Image names as container runtimes parse them, and registry prefixes.

use cluster::pods::{ImageName, RegistryPrefix};

#[test]
fn names_are_read_as_runtimes_read_them() {
    let digest = format!("sha256:{}", "0123456789abcdef".repeat(4));
    let pinned = |name: &str| format!("{name}@{digest}");
    for (reference, expected) in [
        ("nginx".to_owned(), "docker.io/library/nginx"),
        ("nginx:1.27".to_owned(), "docker.io/library/nginx"),
        (pinned("nginx:1.27"), "docker.io/library/nginx"),
        ("team/app".to_owned(), "docker.io/team/app"),
        ("docker.io/nginx".to_owned(), "docker.io/library/nginx"),
        ("index.docker.io/team/app:v1".to_owned(), "docker.io/team/app"),
        ("registry:5000".to_owned(), "docker.io/library/registry"),
        ("localhost/app".to_owned(), "localhost/app"),
        ("localhost:5000/app:1".to_owned(), "localhost:5000/app"),
        ("registry.example.com/team/app".to_owned(), "registry.example.com/team/app"),
        ("registry.example.com:5000/team/app:1.0".to_owned(), "registry.example.com:5000/team/app"),
        (pinned("registry.example.com/a/b/c"), "registry.example.com/a/b/c"),
        ("Registry.Example.COM/team/app".to_owned(), "registry.example.com/team/app"),
        ("REGISTRY/app".to_owned(), "registry/app"),
        ("[2001:DB8::1]:5000/app:1".to_owned(), "[2001:db8::1]:5000/app"),
        ("[::1]/app".to_owned(), "[::1]/app"),
        ("127.0.0.1:5000/app".to_owned(), "127.0.0.1:5000/app"),
        ("a.b/x__y/z---w/v.u_t".to_owned(), "a.b/x__y/z---w/v.u_t"),
        (
            "602401143452.dkr.ecr.eu-west-1.amazonaws.com/eks/pause:3.5".to_owned(),
            "602401143452.dkr.ecr.eu-west-1.amazonaws.com/eks/pause",
        ),
    ] {
        let name = ImageName::parse(&reference).map(|name| name.to_string());
        assert_eq!(name.as_deref(), Some(expected), "{reference}");
    }
    let long = format!("a.b/{}", "x".repeat(260));
    for reference in [
        "",
        ":",
        "@",
        "/",
        "a/",
        "/a",
        "a//b",
        "nginx:",
        "nginx@",
        "nginx@sha256:abc",
        "nginx:a b",
        "Nginx",
        "team/App",
        "a.b/Team/app",
        "http://a.b/app",
        "a_b.c/app",
        "-a.b/app",
        "a.b-/app",
        "a..b/app",
        "a.b:port/app",
        "a.b:/app",
        "[::1/app",
        "[]/app",
        "[::g]/app",
        "a.b/x___y",
        "a.b/.x",
        "a.b/x.",
        "a.b/x..y",
        "a.b/x/../y",
        "nginx:-x",
        " nginx",
        "ngi\u{6e}x\n",
        "ＡＢ/app",
        "a.b/é",
        &long,
        &"0123456789abcdef".repeat(4),
        &format!("nginx:{}", "x".repeat(129)),
    ] {
        assert_eq!(ImageName::parse(reference), None, "{reference}");
    }
}

#[test]
fn a_registry_ends_at_the_border_of_a_path() {
    let table = [
        ("registry.example.com", "registry.example.com/team/app", true),
        ("registry.example.com/", "registry.example.com/team/app", true),
        ("Registry.Example.Com", "registry.example.com/app", true),
        ("registry.example.com", "registry.example.com.evil.org/team/app", false),
        ("registry.example.com", "evil.registry.example.com/app", false),
        ("registry.example.com", "registry.example.com:5000/app", false),
        ("registry.example.com", "evil.org/registry.example.com/app", false),
        ("registry.example.com:5000", "registry.example.com:5000/app", true),
        ("registry.example.com:5000", "registry.example.com:50000/app", false),
        ("registry.example.com/team", "registry.example.com/team/app", true),
        ("registry.example.com/team", "registry.example.com/team", true),
        ("registry.example.com/team", "registry.example.com/teamx/app", false),
        ("registry.example.com/team", "registry.example.com/team-x", false),
        ("registry.example.com/team/app", "registry.example.com/team", false),
        ("docker.io", "nginx", true),
        ("docker.io/library", "nginx:1", true),
        ("index.docker.io/library", "nginx", true),
        ("docker.io/library", "team/app", false),
        ("localhost", "localhost/app", true),
        ("[::1]:5000", "[::1]:5000/app", true),
    ];
    for (registry, image, expected) in table {
        let prefix = RegistryPrefix::parse(registry).unwrap_or_else(|| panic!("{registry}"));
        let name = ImageName::parse(image).unwrap_or_else(|| panic!("{image}"));
        assert_eq!(name.is_below(&prefix), expected, "{registry} {image}");
    }
    for registry in [
        "",
        "nginx",
        "library/nginx",
        "*",
        "*.example.com",
        "https://registry.example.com",
        "registry.example.com//",
        "a.b/team/*",
        "a.b/Team",
        "a.b/app:1",
        "a b.c",
        "a.b/",
        "a.b:x",
    ] {
        let is_bare = registry == "a.b/";
        assert_eq!(RegistryPrefix::parse(registry).is_some(), is_bare, "{registry}");
    }
}
