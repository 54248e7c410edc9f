//! Lists 100,000 generated pods page by page, with no more than a page in memory.

mod fake;

use std::fs;
use std::ops::ControlFlow;
use std::time::Duration;

use fake::Site;
use fake::generated::pods;
use kubernetes::{Event, Limits, Options, Outcome, Resource, Source, View, connect};

const PODS: usize = 100_000;

/// The process's peak memory, in KiB.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("the kernel says so");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("it counts memory");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}

#[test]
fn a_hundred_thousand_pods_take_a_page_of_memory() {
    let site = Site::new(|asked| pods(asked, PODS, 800));
    let limits = Limits { requests_per_second: 100_000.0, run_deadline: Duration::from_mins(10), ..Limits::default() };
    let api = connect(&Options { limits, ..Options::new(Source::File(site.trusted()), "test") }).expect("it is made");
    let before = peak();
    let (mut count, mut sum) = (0_usize, 0_usize);
    let listing = api.list(&Resource::new("", "v1", "pods").expect("a resource"), View::Whole, &mut |event| {
        let Event::Object(object) = event else { panic!("it does not begin again") };
        let number = object.get().split("pod-").nth(1).and_then(|rest| rest.split('"').next());
        sum += number.and_then(|number| number.parse::<usize>().ok()).expect("its number");
        count += 1;
        ControlFlow::Continue(())
    });
    assert_eq!(listing.outcome, Outcome::Complete);
    assert_eq!((count, sum, listing.objects), (PODS, PODS * (PODS - 1) / 2, PODS as u64));
    assert_eq!(site.server.paths().len(), PODS / 500, "one list, of pages of 500");
    let grown = peak() - before;
    // Client and server share the process: a page on each side, and the buffers of TLS.
    assert!(grown < 24 << 10, "{grown} KiB more than before");
}
