//! Lists a cluster's objects and counts them: the whole of the client in a program.
//!
//!     list-objects [--kubeconfig FILE] [--context NAME] [--allow-exec] [RESOURCE[.GROUP]]...

use std::env;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::process::ExitCode;

use kubernetes::{Environment, Event, Options, Outcome, Source, View};
use probe::Observed;

fn main() -> ExitCode {
    let (mut file, mut context, mut allow_exec, mut resources) = (None, None, false, Vec::new());
    let mut arguments = env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--kubeconfig" => file = arguments.next().map(PathBuf::from),
            "--context" => context = arguments.next(),
            "--allow-exec" => allow_exec = true,
            _ => resources.push(argument),
        }
    }
    let environment = Environment::of_process();
    let Some(source) = Source::find(file.as_deref(), context.as_deref(), &environment) else {
        eprintln!("no cluster (pass --kubeconfig)");
        return ExitCode::FAILURE;
    };
    let agent = concat!("kube-assay/", env!("CARGO_PKG_VERSION"));
    let options = Options { context, allow_exec, environment, ..Options::new(source, agent) };
    let api = match kubernetes::connect(&options) {
        Ok(api) => api,
        Err(reason) => {
            eprintln!("{reason}");
            return ExitCode::FAILURE;
        }
    };
    match api.version() {
        Observed::Present(version) => println!("{}: {}", api.server(), version.git_version),
        Observed::Absent => println!("{}: no version", api.server()),
        Observed::Unknown(reason) => eprintln!("{reason}"),
    }
    let mut success = true;
    for name in resources {
        let (plural, group) = name.split_once('.').unwrap_or((&name, ""));
        let resource = match api.find(group, plural) {
            Observed::Present(resource) => resource,
            Observed::Absent => {
                println!("{name}: no such kind");
                continue;
            }
            Observed::Unknown(reason) => {
                eprintln!("{reason}");
                success = false;
                continue;
            }
        };
        let mut bytes = 0;
        let listing = api.list(&resource, View::Whole, &mut |event| {
            match event {
                Event::Object(object) => bytes += object.get().len(),
                Event::Again => bytes = 0,
            }
            ControlFlow::Continue(())
        });
        match listing.outcome {
            Outcome::Complete => println!("{name}: {} objects, {bytes} bytes", listing.objects),
            Outcome::Unknown(reason) => {
                eprintln!("{reason}");
                success = false;
            }
            outcome => println!("{name}: {outcome:?}"),
        }
    }
    if success { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
