//! Compiles the definitions into the program: a mistake in them fails the build, and no YAML is parsed at run time.

#![allow(clippy::disallowed_methods, reason = "a build script reads the files of its package")]

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::{env, error, fs, process};

use definitions::benchmark::SourceFile;
use definitions::{Definitions, compile, load_with};

fn main() -> Result<(), Box<dyn error::Error>> {
    // Any `rerun-if-changed` turns off cargo's default of watching the whole package.
    println!("cargo::rerun-if-changed=build.rs");
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("OUT_DIR: not set by cargo")?);
    shrink(&out)?;
    let benchmarks = [files("benchmarks", "")?, files("benchmarks", "controls")?].concat();
    let profiles = files("profiles", "")?;
    match load_with(&Definitions::default(), &benchmarks, &profiles) {
        Ok(definitions) => {
            fs::write(out.join("definitions.postcard"), compile(&definitions)?)?;
            Ok(())
        }
        Err(mistakes) => {
            eprintln!("{mistakes}");
            process::exit(1);
        }
    }
}

/// Reduces the size of the release binary.
fn shrink(out: &Path) -> Result<(), Box<dyn error::Error>> {
    let variable = |name: &str| env::var(name).unwrap_or_default();
    if variable("PROFILE") != "release" || variable("CARGO_CFG_TARGET_ENV") != "gnu" {
        return Ok(());
    }
    let is_static = variable("CARGO_CFG_TARGET_FEATURE").split(',').any(|feature| feature == "crt-static");
    let is_native = variable("HOST").split('-').next() == variable("TARGET").split('-').next();
    // Folds functions with identical code, which generics produce in quantity: saves a fortieth of the binary. Safe
    // because nothing here compares function addresses. Needs LLD, Rust's default linker on this architecture only.
    if is_static && is_native && variable("CARGO_CFG_TARGET_ARCH") == "x86_64" {
        println!("cargo::rustc-link-arg-bins=-Wl,--icf=all");
    }
    // Packs relocations into a tenth of the space, if the linked C library supports them: glibc 2.36 or later.
    if is_static && is_native && glibc().is_some_and(|version| version >= (2, 36)) {
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
    // A panic aborts (`panic = "abort"`), so the unwind tables, a tenth of the binary, would serve backtraces only, and
    // neither `cli` nor its errors request any. Code that unwinds anyway ends with SIGABRT, as a panic does.
    if is_static && is_native {
        println!("cargo::rerun-if-changed={EXECUTED}");
        let executed = fs::read_to_string(EXECUTED).map_err(|error| format!("{EXECUTED}: {error}"))?;
        let (objects, functions): (Vec<&str>, Vec<&str>) =
            executed.lines().partition(|line| !line.starts_with("_ZN") && !line.starts_with("_R"));
        let functions = |prefix: &str| functions.iter().map(|name| format!("*({prefix}.{name}*)")).collect::<Vec<_>>();
        let objects = objects.iter().map(|object| format!("*libc.a:{object}(.text .text.*)")).collect();
        // The compiler marks functions that it believes to be rarely called.
        let executed = [functions(".text"), objects, functions(".text.unlikely")].concat();
        let script = out.join("sections.ld");
        fs::write(&script, SECTIONS.replace("EXECUTED", &executed.join("\n    ")))?;
        for argument in ["-Wl,--no-eh-frame-hdr", "-T", &script.display().to_string()] {
            println!("cargo::rustc-link-arg-bins={argument}");
        }
    }
    Ok(())
}

/// The functions that ordinary runs execute, as listed by `benches/executed-functions.sh`: object files of the C library,
/// and the beginnings of names. The kernel maps the pages around each page that is touched; placed together, these
/// functions keep all others out of memory.
const EXECUTED: &str = "benches/executed-functions.txt";

/// The linker script, which is added to the linker's own.
const SECTIONS: &str = "\
SECTIONS {
  .text.executed : {
    EXECUTED
  }
  /DISCARD/ : { *(.eh_frame) *(.gcc_except_table .gcc_except_table.*) }
}
INSERT BEFORE .text;
";

/// Returns the version of the build machine's C library, from `glibc 2.36`.
fn glibc() -> Option<(u32, u32)> {
    let said = process::Command::new("getconf").arg("GNU_LIBC_VERSION").output().ok()?.stdout;
    let said = String::from_utf8(said).ok()?;
    let (major, rest) = said.trim().rsplit(' ').next()?.split_once('.')?;
    let minor = rest.split('.').next()?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

/// Returns the YAML files of a directory, by name; empty if the directory does not exist.
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
