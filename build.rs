//! Compiles the definitions into the program: a mistake in them fails the build, and running needs no YAML.

#![allow(clippy::disallowed_methods, reason = "a build script reads the files of its package")]

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::{env, error, fs, process};

use definitions::benchmark::SourceFile;
use definitions::{Definitions, load_with};

fn main() -> Result<(), Box<dyn error::Error>> {
    // Naming anything here ends cargo's own watch over the whole package.
    println!("cargo::rerun-if-changed=build.rs");
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("OUT_DIR: not set by cargo")?);
    shrink(&out)?;
    let benchmarks = [files("benchmarks", "")?, files("benchmarks", "controls")?].concat();
    let profiles = files("profiles", "")?;
    match load_with(&Definitions::default(), &benchmarks, &profiles) {
        Ok(definitions) => {
            fs::write(out.join("definitions.postcard"), postcard::to_allocvec(&definitions)?)?;
            Ok(())
        }
        Err(mistakes) => {
            eprintln!("{mistakes}");
            process::exit(1);
        }
    }
}

/// Leaves out of the shipped binary what it does not need.
fn shrink(out: &Path) -> Result<(), Box<dyn error::Error>> {
    let variable = |name: &str| env::var(name).unwrap_or_default();
    if variable("PROFILE") != "release" || variable("CARGO_CFG_TARGET_ENV") != "gnu" {
        return Ok(());
    }
    let is_static = variable("CARGO_CFG_TARGET_FEATURE").split(',').any(|feature| feature == "crt-static");
    let is_native = variable("HOST").split('-').next() == variable("TARGET").split('-').next();
    // Functions whose code is the same, of which generic code makes many, are kept once: a fortieth of the binary. Nothing
    // here tells functions apart by their addresses. It takes LLD, which is the linker of Rust on this architecture alone.
    if is_static && is_native && variable("CARGO_CFG_TARGET_ARCH") == "x86_64" {
        println!("cargo::rustc-link-arg-bins=-Wl,--icf=all");
    }
    // Relocations in a tenth of the room, where the C library that is linked in reads that form: glibc from 2.36 on.
    if is_static && is_native && glibc().is_some_and(|version| version >= (2, 36)) {
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
    // A panic ends the program at once (`panic = "abort"`), so that the tables by which frames are unwound, a tenth of
    // the binary, serve backtraces alone: `cli` asks for none, nor do its errors. Who starts unwinding all the same ends
    // by SIGABRT, as a panic does.
    if is_static && is_native {
        let rare: Vec<String> = RARE.iter().map(|name| format!(".text.*{name}*")).collect();
        let script = out.join("sections.ld");
        fs::write(&script, SECTIONS.replace("RARE", &rare.join(" ")))?;
        for argument in ["-Wl,--no-eh-frame-hdr", "-T", &script.display().to_string()] {
            println!("cargo::rustc-link-arg-bins={argument}");
        }
    }
    Ok(())
}

/// What a run with the built-in definitions hardly ever calls, by a part of its symbols: the rule files of kube-bench with
/// the shell of their audits, definitions in YAML, what reads JSON, saved reports and recordings, help, shell completions,
/// the sorting of long lists, and the standard library's backtraces. The kernel maps the pages around each one that is
/// used: laid side by side, these stay out of memory.
const RARE: [&str; 30] = [
    "audit_shell",
    "regex",
    "yaml_serde",
    "libyaml",
    "clap_complete",
    "kube_bench",
    "benchmark4load",
    "profile4load",
    "10diagnostic",
    "explanation",
    "serde_json..de",
    "redact7content",
    "9recording",
    "model..*Deserialize",
    "help_template",
    "cli4lint",
    "cli6record",
    "cli7explain",
    "cli4list",
    "cli6detect",
    "junit",
    "toml_parser",
    "stable5drift",
    "stable9quicksort",
    "unstable9quicksort",
    "backtrace_rs",
    "gimli",
    "addr2line",
    "miniz_oxide",
    "rustc_demangle",
];

/// For the linker, beside its own script.
const SECTIONS: &str = "\
SECTIONS {
  .text.rare : { *(RARE) }
  /DISCARD/ : { *(.eh_frame) *(.gcc_except_table .gcc_except_table.*) }
}
INSERT AFTER .text;
";

/// The version of this machine's C library: `glibc 2.36`.
fn glibc() -> Option<(u32, u32)> {
    let said = process::Command::new("getconf").arg("GNU_LIBC_VERSION").output().ok()?.stdout;
    let said = String::from_utf8(said).ok()?;
    let (major, rest) = said.trim().rsplit(' ').next()?.split_once('.')?;
    let minor = rest.split('.').next()?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

/// The definition files of a directory, by name. None if there is no such directory.
fn files(directory: &str, below: &str) -> Result<Vec<SourceFile>, Box<dyn error::Error>> {
    let folder = Path::new(directory).join(below);
    println!("cargo::rerun-if-changed={}", folder.display());
    let entries = match fs::read_dir(&folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut names = Vec::new();
    for entry in entries {
        let name = entry?.file_name().into_string().map_err(|name| format!("{}: not UTF-8", name.display()))?;
        if Path::new(&name).extension().is_some_and(|extension| extension == "yaml") {
            names.push(name);
        }
    }
    names.sort();
    let mut files = Vec::new();
    for name in names {
        let path = if below.is_empty() { name } else { format!("{below}/{name}") };
        let full = Path::new(directory).join(&path);
        println!("cargo::rerun-if-changed={}", full.display());
        let text = fs::read_to_string(&full).map_err(|error| format!("{}: {error}", full.display()))?;
        files.push(SourceFile::new(directory, &path, text));
    }
    Ok(files)
}
