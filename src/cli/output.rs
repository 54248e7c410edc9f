//! Where reports go.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::anyhow;
use nix::sys::stat::{SFlag, fstat};

use crate::report::{self, Format};

use super::failure::Failure;
use super::options::ReportOptions;
use super::output_file::{self, Access, Identity, not_written};

/// How much of a report is written at once.
const BUFFER: usize = 16 << 10;

/// Writes one report of a run.
pub(super) type Writer<'a> = dyn Fn(Format, &report::Options, &mut dyn Write) -> io::Result<()> + 'a;

/// The reports that a run writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Outputs {
    /// Each format with where it goes; none is standard output.
    reports: Vec<(Format, Option<PathBuf>)>,
    style: report::Options,
}

impl Outputs {
    /// What the options ask for, of this machine's node or a recording.
    ///
    /// # Errors
    ///
    /// Wrong usage where they contradict each other.
    pub(super) fn of(options: &ReportOptions, recording: Option<&Path>) -> Result<Self, Failure> {
        let printed = printed_format(options)?;
        let mut reports = vec![(printed, named(options.outputfile.as_deref()))];
        for output in &options.output {
            let (format, file) = output
                .split_once('=')
                .filter(|(_, file)| !file.is_empty())
                .ok_or_else(|| usage(format!("--output {output}: not FORMAT=FILE (write it as junit=report.xml)")))?;
            let format = parse_format("--output", format)?;
            reports.push((format, named(Some(Path::new(file)))));
        }
        let to_stdout: Vec<usize> =
            reports.iter().enumerate().filter(|(_, (_, file))| file.is_none()).map(|(index, _)| index).collect();
        if to_stdout.len() > 1 {
            // `--output json=-` takes standard output from the default report.
            let asked = options.json || options.junit || options.format.is_some() || options.outputfile.is_some();
            if to_stdout.len() > 2 || asked {
                return Err(usage("--output FORMAT=-: another report goes to standard output already (name a file)"));
            }
            reports.remove(0);
        }
        let printed_to = reports.iter().any(|(_, file)| file.is_none()).then(standard_output).flatten();
        let mut files: BTreeSet<Identity> = printed_to.into_iter().collect();
        for file in reports.iter().filter_map(|(_, file)| file.as_ref()) {
            if !files.insert(output_file::identity(file)) {
                return Err(usage(format!("{}: two reports go to this file (name another)", file.display())));
            }
            refuse(recording, file)?;
        }
        // A reader that takes its time, of a pipe or of standard output, does not keep back the files.
        reports.sort_by_key(|(_, file)| file.as_ref().map_or(2, |file| u8::from(!is_file_or_new(file))));
        let style = report::Options {
            noresults: options.noresults,
            nosummary: options.nosummary,
            noremediations: options.noremediations,
            nototals: options.nototals,
            include_test_output: options.include_test_output,
            colour: false,
        };
        Ok(Self { reports, style })
    }

    /// The formats of all of them.
    pub(super) fn formats(&self) -> impl Iterator<Item = Format> {
        self.reports.iter().map(|(format, _)| *format)
    }

    /// The files that are written.
    pub(super) fn files(&self) -> impl Iterator<Item = &Path> {
        self.reports.iter().filter_map(|(_, file)| file.as_deref())
    }

    /// Writes all of them. A reader that closed standard output is no error.
    pub(super) fn write(&self, report: &Writer<'_>) -> Result<(), Failure> {
        let mut written = Ok(());
        for (format, file) in &self.reports {
            let done = match file {
                Some(file) => {
                    output_file::write(file, Access::Shared, &|mut out| report(*format, &self.style, &mut out))
                }
                None => self.print(*format, report),
            };
            // One that fails does not keep back the others. The first is told when the program ends.
            if let (Err(_), Err(failure)) = (&written, &done) {
                failure.print();
            }
            written = written.and(done);
        }
        written
    }

    fn print(&self, format: Format, report: &Writer<'_>) -> Result<(), Failure> {
        let stdout = io::stdout();
        let colour = stdout.is_terminal() && anstream::AutoStream::choice(&stdout) != anstream::ColorChoice::Never;
        let style = report::Options { colour, ..self.style };
        let mut writer = BufWriter::with_capacity(BUFFER, stdout.lock());
        silently(report(format, &style, &mut writer).and_then(|()| writer.flush()))
    }
}

/// What standard output is called beside `-`. It is never opened anew, which would truncate the file it goes to.
const STANDARD_OUTPUT: [&str; 4] = ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"];

/// The file to write to; none where that is standard output.
pub(super) fn named(file: Option<&Path>) -> Option<PathBuf> {
    let file = file.filter(|file| STANDARD_OUTPUT.iter().all(|name| *file != Path::new(name)))?;
    // A link to a descriptor, like those in /dev/fd.
    Some(if file == Path::new("/dev/stderr") { PathBuf::from("/proc/self/fd/2") } else { file.to_owned() })
}

/// The file or pipe that standard output goes to; none where it is a terminal or a device, which all may share.
fn standard_output() -> Option<Identity> {
    let found = fstat(io::stdout()).ok()?;
    let is_shared =
        !matches!(SFlag::from_bits_truncate(found.st_mode) & SFlag::S_IFMT, SFlag::S_IFREG | SFlag::S_IFIFO);
    (!is_shared).then_some(Identity::There(found.st_dev, found.st_ino))
}

/// Whether that is a regular file, or will be.
fn is_file_or_new(file: &Path) -> bool {
    fs::metadata(file).map_or(true, |found| found.is_file())
}

/// Refuses what is not written to: the recording that is checked, under whatever name, links and special files.
///
/// # Errors
///
/// Wrong usage where `file` is `recording`, the one that `--node` names, or is no file or pipe.
pub(super) fn refuse(recording: Option<&Path>, file: &Path) -> Result<(), Failure> {
    if recording.is_some_and(|recording| is_same(recording, file)) {
        let file = file.display();
        return Err(usage(format!(
            "{file}: is the recording that --node names, and is not overwritten (name another)"
        )));
    }
    match output_file::refuse(file) {
        Some(why) => Err(usage(format!("{}: {why}", file.display()))),
        None => Ok(()),
    }
}

/// Whether two names lead to one regular file that is there.
pub(super) fn is_same(one: &Path, other: &Path) -> bool {
    // Of what is not there nothing is lost; terminals and pipes can be both read and written.
    let identity = |file: &Path| {
        let metadata = fs::metadata(file).ok().filter(fs::Metadata::is_file)?;
        Some((metadata.dev(), metadata.ino()))
    };
    identity(one).is_some_and(|one| Some(one) == identity(other))
}

/// Prints one line.
pub(super) fn line(text: &str) -> Result<ExitCode, Failure> {
    silently(writeln!(io::stdout(), "{text}"))?;
    Ok(ExitCode::SUCCESS)
}

/// Prints a text as it is.
pub(super) fn text(text: &str) -> Result<ExitCode, Failure> {
    let mut stdout = io::stdout();
    silently(stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()))?;
    Ok(ExitCode::SUCCESS)
}

/// Prints what clap has to say: a help text, which is no error, or what is wrong with what was typed, for which `wrong` is
/// the exit code.
pub(super) fn usage_or_help(said: &clap::Error, wrong: u8) -> Result<ExitCode, Failure> {
    if said.use_stderr() {
        // A closed stream is no further error.
        let _ = said.print();
        return Ok(ExitCode::from(wrong));
    }
    silently(said.print())?;
    Ok(ExitCode::SUCCESS)
}

/// A closed pipe is silent; everything else is told.
fn silently(result: io::Result<()>) -> Result<(), Failure> {
    match result {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(not_written("standard output", &error)),
        _ => Ok(()),
    }
}

fn printed_format(options: &ReportOptions) -> Result<Format, Failure> {
    let mut formats = BTreeSet::new();
    if options.json {
        formats.insert(Format::Json);
    }
    if options.junit {
        formats.insert(Format::Junit);
    }
    if let Some(format) = &options.format {
        formats.insert(parse_format("--format", format)?);
    }
    let mut formats = formats.into_iter();
    match (formats.next(), formats.next()) {
        (Some(_), Some(_)) => Err(usage(
            "--json, --junit, --format: more than one format for one report (write further ones with --output \
             FORMAT=FILE)",
        )),
        (format, _) => Ok(format.unwrap_or(Format::Text)),
    }
}

fn parse_format(option: &str, text: &str) -> Result<Format, Failure> {
    text.parse().map_err(|_| usage(format!("{option} {text}: no such format (there are {})", Format::list("and"))))
}

fn usage(text: impl Into<String>) -> Failure {
    Failure::Usage(anyhow!(text.into()))
}
