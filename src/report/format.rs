//! The formats of a report.

use std::fmt;
use std::io::{self, Write};
use std::slice;
use std::str::FromStr;

use model::Report;
use redact::Masked;

use super::{Options, json, junit, native, text};

/// The list of formats, from which everything that names them is derived.
macro_rules! formats {
    ($($(#[$about:meta])* $variant:ident = $name:literal, $module:ident, $several:literal;)*) => {
        /// A format of the report.
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Format { $($(#[$about])* $variant,)* }

        impl Format {
            /// All formats.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The name as typed and printed: `junit`.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Whether one output may contain several reports.
            pub const fn takes_several(self) -> bool {
                match self { $(Self::$variant => $several,)* }
            }

            /// Writes reports in this format: a single one, unless [it takes several](Self::takes_several).
            ///
            /// # Errors
            ///
            /// If the writer fails.
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

// To add a format, add a module with a `write` function that takes `&[Masked<Report>]`, and a line here: variant, name,
// module, and whether one output may contain several reports.
formats! {
    /// Text for people.
    #[default]
    Text = "text", text, true;
    /// kube-bench's JSON with additional keys.
    Json = "json", json, false;
    /// JUnit XML for dashboards of CI systems.
    Junit = "junit", junit, true;
    /// The whole model as JSON, which can be read back.
    Native = "native", native, false;
}

/// The error for a name that is not a format's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("format `{0}`: not known (use {list})", list = Format::list("or"))]
pub struct UnknownFormat(pub String);

impl Format {
    /// Writes a report in this format.
    ///
    /// # Errors
    ///
    /// If the writer fails.
    pub fn write(self, report: &Masked<Report>, options: &Options, out: &mut dyn Write) -> io::Result<()> {
        self.write_all(slice::from_ref(report), options, out)
    }

    /// Returns all names as text, with `last` before the last one: `text, json or junit`.
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
