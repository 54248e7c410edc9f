//! kube-assay: parse, run, exit.

use std::process::ExitCode;

fn main() -> ExitCode {
    kube_assay::cli::main()
}
