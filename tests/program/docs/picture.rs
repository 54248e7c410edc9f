//! `docs/images/run.svg`: the output of `kube-assay demo` in a terminal of [`COLUMNS`] columns, for the README.
//!
//! The program itself creates the report; only its time is replaced, as it differs in each run. The picture has its own
//! background, so that it is readable on light and dark pages.

use std::fmt::Write as _;
use std::process::Command;

use kube_assay::report::{self, Format, Options};
use redact::Masked;

use super::{changes, files};

const PATH: &str = "docs/images/run.svg";

/// The width of the terminal, in characters.
const COLUMNS: usize = 120;

/// The time of the run.
const STARTED: &str = "2026-11-30T09:00:00Z";

/// The size of a character and the margin, in pixels.
const WIDTH: f64 = 8.4;
const HEIGHT: f64 = 19.0;
const MARGIN: f64 = 16.0;

const BACKGROUND: &str = "#1b1f24";
const LETTERS: &str = "#e6edf3";
const PROMPT: &str = "#7ee787";

/// Returns the program's terminal output, with escape sequences.
fn printed() -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_kube-assay"))
        .args(["demo", "--format", "native", "--quiet"])
        .output()
        .expect("the program runs");
    let mut report = report::read("the demo's report", &output.stdout).expect("a native report");
    STARTED.clone_into(&mut report.run.started);
    let mut out = Vec::new();
    let options = Options { colour: true, width: Some(COLUMNS), ..Options::default() };
    Format::Text.write(&Masked::new(report), &options, &mut out).expect("writing to memory");
    String::from_utf8(out).expect("UTF-8")
}

/// Text with the same attributes.
struct Span<'t> {
    text: &'t str,
    bold: bool,
    letters: Option<&'static str>,
    background: Option<&'static str>,
}

/// Splits a line at its escape sequences: text after `ESC[1;97;41m` has these attributes in addition, until `ESC[0m`.
fn spans(line: &str) -> Vec<Span<'_>> {
    let mut spans = Vec::new();
    let (mut bold, mut letters, mut background) = (false, None, None);
    for (number, part) in line.split("\u{1b}[").enumerate() {
        let text = if number == 0 {
            part
        } else {
            let (codes, text) = part.split_once('m').expect("a sequence that sets attributes");
            for code in codes.split(';') {
                match code {
                    "0" => (bold, letters, background) = (false, None, None),
                    "1" => bold = true,
                    _ => match colour(code) {
                        (is_background, colour) if is_background => background = Some(colour),
                        (_, colour) => letters = Some(colour),
                    },
                }
            }
            text
        };
        if !text.is_empty() {
            spans.push(Span { text, bold, letters, background });
        }
    }
    spans
}

/// Returns the colour of a code, and whether it is a background colour.
fn colour(code: &str) -> (bool, &'static str) {
    match code {
        "30" => (false, "#111417"),
        "97" => (false, "#ffffff"),
        "41" => (true, "#c5302c"),
        "42" => (true, "#3fb950"),
        "43" => (true, "#e0b83c"),
        "45" => (true, "#a045b5"),
        _ => panic!("colour {code}: the picture has none for it"),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Returns the picture. Each span sets its width explicitly, so that the font does not matter.
fn picture(printed: &str) -> String {
    let command = "$ kube-assay demo";
    let lines: Vec<&str> = std::iter::once(command).chain(printed.lines()).collect();
    #[expect(clippy::cast_precision_loss, reason = "lines and columns are few")]
    let (across, down) = (COLUMNS as f64, lines.len() as f64);
    let (width, height) = (MARGIN.mul_add(2.0, across * WIDTH), MARGIN.mul_add(2.0, down * HEIGHT));
    let mut svg = String::new();
    let _ = writeln!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" \
         height=\"{height:.0}\" role=\"img\" font-family=\"ui-monospace, SFMono-Regular, Menlo, Consolas, DejaVu Sans Mono, \
         monospace\" font-size=\"14\" fill=\"{LETTERS}\">"
    );
    let _ = writeln!(svg, "<title>kube-assay demo in a terminal</title>");
    let _ = writeln!(svg, "<desc>Drawn by KUBE_ASSAY_BLESS=1 cargo test --test program docs::</desc>");
    let _ = writeln!(svg, "<rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{BACKGROUND}\"/>");
    let mut y = MARGIN;
    for (number, line) in lines.iter().enumerate() {
        let mut x = MARGIN;
        for span in spans(line) {
            #[expect(clippy::cast_precision_loss, reason = "a line is short")]
            let wide = span.text.chars().count() as f64 * WIDTH;
            if let Some(background) = span.background {
                let _ = writeln!(
                    svg,
                    "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{wide:.1}\" height=\"{HEIGHT}\" fill=\"{background}\"/>"
                );
            }
            let letters = if number == 0 { Some(PROMPT) } else { span.letters };
            let fill = letters.map_or_else(String::new, |colour| format!(" fill=\"{colour}\""));
            let weight = if span.bold { " font-weight=\"bold\"" } else { "" };
            let base = HEIGHT.mul_add(0.74, y);
            if !span.text.trim().is_empty() {
                let _ = writeln!(
                    svg,
                    "<text x=\"{x:.1}\" y=\"{base:.1}\" textLength=\"{wide:.1}\" lengthAdjust=\"spacingAndGlyphs\" \
                     xml:space=\"preserve\"{fill}{weight}>{}</text>",
                    escaped(span.text)
                );
            }
            x += wide;
        }
        y += HEIGHT;
    }
    svg.push_str("</svg>\n");
    svg
}

#[test]
fn the_picture_is_what_the_program_prints() {
    let picture = picture(&printed());
    if files::bless() {
        files::write(PATH, &picture);
        return;
    }
    let was = files::read_if_there(PATH).unwrap_or_default();
    let changes = changes::changes(&was, &picture);
    assert!(
        changes.is_none(),
        "{PATH}:\n{}draw it anew: KUBE_ASSAY_BLESS=1 cargo test --test program docs::",
        changes.unwrap_or_default()
    );
}

#[test]
fn the_picture_shows_every_line_and_no_sequence() {
    let printed = printed();
    let picture = picture(&printed);
    assert!(!picture.contains('\u{1b}'));
    let mut reader = quick_xml::Reader::from_str(&picture);
    reader.config_mut().check_comments = true;
    while !matches!(reader.read_event().expect("well-formed"), quick_xml::events::Event::Eof) {}
    let mut plain = anstream::StripStream::new(Vec::new());
    std::io::Write::write_all(&mut plain, printed.as_bytes()).expect("writing to memory");
    let plain = String::from_utf8(plain.into_inner()).expect("UTF-8");
    for line in plain.lines().filter(|line| !line.is_empty()) {
        assert!(picture.contains(&format!(">{}</text>", escaped(line))), "{line}");
        assert!(line.chars().count() <= COLUMNS, "{line}");
    }
}
