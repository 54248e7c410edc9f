//! Answers questions from a file, one JSON object per line.

use std::fmt::Display;
use std::io::{self, Read};
use std::path::Path;
use std::process::ExitCode;

use anyhow::anyhow;
use serde_json::json;

use crate::cli::failure::Failure;
use crate::cli::{output, regular_file};

/// The most bytes read from a file of questions.
const MOST_BYTES: u64 = 256 << 20;

/// Answers each line of a file (`-` for standard input) with a line. A line that cannot be answered is answered with
/// the error, and the command fails at the end.
///
/// # Errors
///
/// If the questions cannot be read, or any line could not be answered.
pub(super) fn answer<E: Display>(file: &Path, answer: impl Fn(&str) -> Result<String, E>) -> Result<ExitCode, Failure> {
    let name = file.display().to_string();
    let unreadable = |why: String| Failure::Usage(anyhow!("{name}: {why} (pass one JSON object per line)"));
    let bytes = if file == Path::new("-") {
        let mut bytes = Vec::new();
        let read = io::stdin().lock().take(MOST_BYTES + 1).read_to_end(&mut bytes);
        read.map_err(|error| unreadable(error.to_string()))?;
        if u64::try_from(bytes.len()).is_ok_and(|length| length > MOST_BYTES) {
            return Err(unreadable(format!("exceeds {} MiB, the limit", MOST_BYTES >> 20)));
        }
        bytes
    } else {
        regular_file::read_at_most(file, MOST_BYTES).map_err(unreadable)?
    };
    let text = String::from_utf8(bytes).map_err(|_| unreadable("is not UTF-8 text".to_owned()))?;
    let mut answers = String::new();
    let (mut questions, mut unanswered) = (0usize, 0usize);
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        questions += 1;
        match answer(line) {
            Ok(answer) => answers.push_str(&answer),
            Err(why) => {
                unanswered += 1;
                answers.push_str(&json!({ "error": format!("line {}: {why}", index + 1) }).to_string());
            }
        }
        answers.push('\n');
    }
    output::text(&answers)?;
    if unanswered > 0 {
        return Err(Failure::Usage(anyhow!(
            "{name}: {unanswered} of {questions} lines could not be answered (see their \"error\" in the output)"
        )));
    }
    Ok(ExitCode::SUCCESS)
}
