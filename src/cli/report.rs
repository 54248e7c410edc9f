//! `report`: prints saved native reports in any format.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::anyhow;
use clap::Args;
use model::Report;
use redact::Masked;
use sha2::{Digest, Sha256};

use crate::report::{MOST_BYTES, Summary, printer, read};

use super::failure::Failure;
use super::options::{ReportOptions, Verbosity};
use super::output::{Outputs, is_same};
use super::regular_file;

// The options of `report`.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// Reports that were saved with --format native or --output native=FILE
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    report: ReportOptions,
}

/// Prints saved reports in the given order, and decides the exit code as a run does.
pub(super) fn run(options: &Options, verbosity: &Verbosity) -> Result<ExitCode, Failure> {
    let outputs = Outputs::of(&options.report, verbosity, None)?;
    refuse_several(&outputs, &options.files)?;
    for (file, output) in options.files.iter().flat_map(|file| outputs.files().map(move |output| (file, output))) {
        if is_same(file, output) {
            let output = output.display();
            return Err(Failure::Usage(anyhow!(
                "{output}: is the report to read, and is not overwritten (name another file)"
            )));
        }
    }
    let mut reports = options.files.iter().map(|file| load(file)).collect::<Result<Vec<_>, _>>()?;
    refuse_twice(&options.files, &reports)?;
    let failed = reports.iter().any(|report| Summary::from(report).fail > 0);
    for report in &mut reports {
        outputs.keep(report);
    }
    // The program that saved or edited them may have masked fewer secrets.
    let reports: Vec<_> = reports.into_iter().map(Masked::new).collect();
    outputs.write(&|format, style, out| format.write_all(&reports, style, out))?;
    Ok(if failed { ExitCode::from(options.report.exit_code) } else { ExitCode::SUCCESS })
}

/// Rejects several reports if an output format can contain only one.
fn refuse_several(outputs: &Outputs, files: &[PathBuf]) -> Result<(), Failure> {
    let single = outputs.formats().find(|format| !format.takes_several());
    match single {
        Some(format) if files.len() > 1 => Err(Failure::Usage(anyhow!(
            "report: {} files given, but {format} holds one report (give one file, or use --format text or junit)",
            files.len()
        ))),
        _ => Ok(()),
    }
}

/// Refuses a report that is given twice, whatever the names and layouts of the files: its checks would be counted twice,
/// and dashboards would merge its tests.
fn refuse_twice(files: &[PathBuf], reports: &[Report]) -> Result<(), Failure> {
    if reports.len() < 2 {
        return Ok(());
    }
    let mut known = BTreeMap::new();
    for (file, report) in files.iter().zip(reports) {
        let mut digest = Digested(Sha256::new());
        // Writing to a digest cannot fail.
        let _ = printer::pretty(report, &mut digest);
        if let Some(other) = known.insert(digest.0.finalize().to_vec(), file) {
            let (file, other) = (file.display(), other.display());
            return Err(Failure::Usage(anyhow!("{file}: is the same report as {other} (give each report once)")));
        }
    }
    Ok(())
}

/// A digest of what is written, which is not kept: it may be larger than the file.
struct Digested(Sha256);

impl Write for Digested {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn load(file: &Path) -> Result<Report, Failure> {
    let name = file.display().to_string();
    let bytes = regular_file::read_at_most(file, MOST_BYTES)
        .map_err(|why| Failure::Usage(anyhow!("{name}: {why} (give a file that was saved with --format native)")))?;
    read(&name, &bytes).map_err(Failure::usage)
}
