//! The formats of a report.

use std::fmt;
use std::io::{self, Write};
use std::slice;
use std::str::FromStr;

use model::Report;
use redact::Masked;

use super::{Options, json, junit, native, text};

/// The list of formats: everything that names them follows from it.
macro_rules! formats {
    ($($(#[$about:meta])* $variant:ident = $name:literal, $module:ident, $several:literal;)*) => {
        /// A format of the report.
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Format { $($(#[$about])* $variant,)* }

        impl Format {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The name that is typed and printed: `junit`.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Whether one output can hold several reports.
            pub const fn takes_several(self) -> bool {
                match self { $(Self::$variant => $several,)* }
            }

            /// Writes reports in this format: one, unless [it takes several](Self::takes_several).
            ///
            /// # Errors
            ///
            /// What the writer answers.
            pub fn write_all(
                self,
                reports: &[Masked<Report>],
                options: &Options,
                out: &mut dyn Write,
            ) -> io::Result<()> {
                match self { $(Self::$variant => $module::write(reports, *options, out),)* }
            }
        }
    };
}

// A new format is a file, which writes `&[Masked<Report>]`, and a line here: what it is typed as, its file, and whether one
// output can hold several reports.
formats! {
    /// For people.
    #[default]
    Text = "text", text, true;
    /// kube-bench's JSON, with more in it.
    Json = "json", json, false;
    /// XML for the dashboards of CI systems.
    Junit = "junit", junit, true;
    /// The whole model as JSON, which can be read back.
    Native = "native", native, false;
}

/// A name that is no format's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("format `{0}`: not known (use {list})", list = Format::list("or"))]
pub struct UnknownFormat(pub String);

impl Format {
    /// Writes a report in this format.
    ///
    /// # Errors
    ///
    /// What the writer answers.
    pub fn write(self, report: &Masked<Report>, options: &Options, out: &mut dyn Write) -> io::Result<()> {
        self.write_all(slice::from_ref(report), options, out)
    }

    /// All names, in words: `text, json or junit`.
    pub fn list(last: &str) -> String {
        let names: Vec<&str> = Self::ALL.iter().map(|format| format.name()).collect();
        match names.split_last() {
            Some((end, [])) => (*end).to_owned(),
            Some((end, others)) => format!("{} {last} {end}", others.join(", ")),
            None => String::new(),
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let named = Self::ALL.iter().find(|format| format.name() == text);
        named.copied().ok_or_else(|| UnknownFormat(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_is_read_as_it_is_printed() {
        for format in Format::ALL {
            assert_eq!(format.to_string().parse(), Ok(*format));
        }
        assert_eq!(
            "xml".parse::<Format>().map_err(|error| error.to_string()),
            Err("format `xml`: not known (use text, json, junit or native)".to_owned())
        );
    }
}
