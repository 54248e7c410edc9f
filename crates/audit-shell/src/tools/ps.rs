//! `ps`, limited to listing processes.
//!
//! Properties that are not collected from nodes (times, terminals, states, sizes) are printed as for an idle process.

use std::borrow::Cow;
use std::io::Write;

use super::context::Context;
use super::options::Known;
use crate::budget::Run;
use probe::ListedProcess;

/// The length to which the kernel truncates a process's name, in bytes.
const NAME_BYTES: usize = 15;

/// The maximum number of columns, names and process numbers: they are checked for each process.
const MOST_ITEMS: usize = 64;

/// A column of the output.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Column {
    name: String,
    title: String,
}

/// Which processes are printed, and how.
#[derive(Debug, Default)]
struct Request {
    everything: bool,
    names: Option<Vec<Vec<u8>>>,
    numbers: Option<Vec<i32>>,
    full: bool,
    bsd: Option<Vec<u8>>,
    columns: Vec<Column>,
    untitled: bool,
}

/// Lists processes.
pub(super) fn ps(context: &mut Context<'_, '_>) -> Run<i32> {
    let Some(request) = request(context)? else { return Ok(1) };
    let processes = context.shell.node.processes()?;
    let ours = ours(context, &processes);
    if !request.untitled {
        context.line(&title(&request))?;
    }
    let (mut any, mut text) = (false, Vec::new());
    for process in processes.iter().chain(&ours).filter(|process| is_chosen(process, &request)) {
        context.shell.budget.step()?;
        text.clear();
        row(context, process, &request, &mut text)?;
        context.line(&text)?;
        any = true;
    }
    let selected = request.names.is_some() || request.numbers.is_some();
    Ok(i32::from(selected && !any))
}

fn request(context: &Context<'_, '_>) -> Run<Option<Request>> {
    let mut request = Request::default();
    let mut arguments = Vec::new();
    for argument in &context.arguments {
        let is_bsd = !argument.starts_with(b"-") && argument.iter().all(|byte| b"auxwf".contains(byte));
        // `ps -aux` means `ps aux` unless there is a user named x.
        let text = argument.strip_prefix(b"-").unwrap_or(argument);
        if !argument.is_empty() && (is_bsd || text == b"aux" || text == b"auxww") {
            request.everything |= text.contains(&b'x') && text.contains(&b'a');
            if !request.everything {
                return Err(context.refuse("a choice of processes by terminal"));
            }
            request.bsd = Some(text.to_vec());
        } else {
            arguments.push(argument.clone());
        }
    }
    let known = Known {
        short: "eAfFwC:p:o:O:u:U:",
        long: &[("no-headers", b'N'), ("no-heading", b'N'), ("pid", b'p'), ("format", b'o')],
        leading: false,
    };
    let given = match super::options::read(&arguments, known) {
        Ok(given) => given,
        Err(super::options::Wrong::Lacks('C')) => {
            let text = "error: list of command names must follow -C\n\nUsage:\n ps [options]\n\n Try 'ps --help \
                        <simple|list|output|threads|misc|all>'\n  or 'ps --help <s|l|o|t|m|a>'\n for additional help \
                        text.\n\nFor more details see ps(1).\n";
            context.streams.errors.write(text.as_bytes(), &context.shell.budget)?;
            return Ok(None);
        }
        Err(_) => return Err(context.refuse("this form of options")),
    };
    for (letter, value) in &given.options {
        let items = || value.split(|byte| matches!(byte, b',' | b' ' | b'\t')).filter(|item| !item.is_empty());
        match letter {
            b'e' | b'A' => request.everything = true,
            b'f' => request.full = true,
            b'w' => {}
            b'N' => request.untitled = true,
            b'C' => request.names.get_or_insert_default().extend(items().map(<[u8]>::to_vec)),
            b'p' => {
                let numbers = items().map(|item| String::from_utf8_lossy(item).parse().map_err(|_| ()));
                let numbers: Result<Vec<i32>, ()> = numbers.collect();
                let numbers = numbers.map_err(|()| context.refuse("a number that is none"))?;
                request.numbers.get_or_insert_default().extend(numbers);
            }
            b'o' => request.columns.extend(columns(context, value)?),
            other => return Err(context.refuse(&format!("the option -{}", char::from(*other)))),
        }
    }
    if !given.operands.is_empty() {
        return Err(context.refuse("an operand"));
    }
    if !request.everything && request.names.is_none() && request.numbers.is_none() {
        return Err(context.refuse("a choice of processes by terminal"));
    }
    let chosen = request.names.as_ref().map_or(0, Vec::len) + request.numbers.as_ref().map_or(0, Vec::len);
    if request.columns.len() > MOST_ITEMS || chosen > MOST_ITEMS {
        return Err(context.refuse("so long a list"));
    }
    // If all titles are empty, there is no header line.
    request.untitled |= !request.columns.is_empty() && request.columns.iter().all(|column| column.title.is_empty());
    Ok(Some(request))
}

/// Parses the columns of `-o`: names, the last of which may have a title.
fn columns(context: &Context<'_, '_>, value: &[u8]) -> Run<Vec<Column>> {
    let text = String::from_utf8_lossy(value).into_owned();
    let (names, last_title) = text.split_once('=').map_or((text.as_str(), None), |(names, title)| (names, Some(title)));
    let mut columns = Vec::new();
    for name in names.split([',', ' ']).filter(|name| !name.is_empty()) {
        let title = match name {
            "pid" => "PID",
            "ppid" => "PPID",
            "user" | "euser" => "USER",
            "uid" | "euid" => "UID",
            "cmd" => "CMD",
            "args" | "command" | "comm" | "ucmd" => "COMMAND",
            _ => return Err(context.refuse(&format!("the column {name}"))),
        };
        columns.push(Column { name: name.to_owned(), title: title.to_owned() });
    }
    if let (Some(title), Some(last)) = (last_title, columns.last_mut()) {
        title.clone_into(&mut last.title);
    }
    Ok(columns)
}

/// The processes that the audit itself would start: the shell, `ps`, and the other commands of the pipeline.
fn ours(context: &Context<'_, '_>, processes: &[ListedProcess]) -> Vec<ListedProcess> {
    let highest = processes.iter().map(|process| process.pid).max().unwrap_or(1);
    let mut ps = vec![context.name.clone()];
    ps.extend(context.arguments.iter().cloned());
    let shell = vec![b"/bin/sh".to_vec()];
    let all = [shell, ps].into_iter().chain(context.shell.beside.iter().cloned());
    let numbered = (highest.saturating_add(1)..).zip(all);
    numbered
        .map(|(pid, arguments)| {
            let program = arguments.first().map_or(&[][..], |name| super::base(name));
            let name = program.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
            let name = String::from_utf8_lossy(name.get(..NAME_BYTES).unwrap_or(name)).into_owned();
            let parent = if pid == highest.saturating_add(1) { 1 } else { highest.saturating_add(1) };
            ListedProcess { pid, parent, uid: 0, name, arguments }
        })
        .collect()
}

fn is_chosen(process: &ListedProcess, request: &Request) -> bool {
    let by_name = |names: &Vec<Vec<u8>>| {
        // Names are compared up to the length that the kernel keeps.
        names.iter().any(|name| name.get(..NAME_BYTES).unwrap_or(name) == process.name.as_bytes())
    };
    request.everything
        || request.names.as_ref().is_some_and(by_name)
        || request.numbers.as_ref().is_some_and(|numbers| numbers.contains(&process.pid))
}

fn title(request: &Request) -> Vec<u8> {
    let text = match &request.bsd {
        _ if !request.columns.is_empty() => {
            let titles: Vec<(&str, &str)> =
                request.columns.iter().map(|column| (column.name.as_str(), column.title.as_str())).collect();
            return joined(&titles).into_bytes();
        }
        Some(letters) if letters.contains(&b'u') => {
            "USER         PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND"
        }
        Some(_) => "    PID TTY      STAT   TIME COMMAND",
        None if request.full => "UID          PID    PPID  C STIME TTY          TIME CMD",
        None => "    PID TTY          TIME CMD",
    };
    text.as_bytes().to_vec()
}

/// Appends the line of a process.
fn row(context: &Context<'_, '_>, process: &ListedProcess, request: &Request, text: &mut Vec<u8>) -> Run<()> {
    let ListedProcess { pid, parent, uid, name, .. } = process;
    let user = match context.shell.node.user(*uid)? {
        Some(name) if name.len() > 8 => Cow::Owned(format!("{}+", name.chars().take(7).collect::<String>())),
        Some(name) => Cow::Borrowed(name),
        None => Cow::Owned(uid.to_string()),
    };
    if !request.columns.is_empty() {
        let (pid, parent, uid) = (pid.to_string(), parent.to_string(), uid.to_string());
        let mut command = Vec::new();
        add_command(process, &mut command);
        let command = String::from_utf8_lossy(&command).into_owned();
        let values: Vec<(&str, &str)> = request
            .columns
            .iter()
            .map(|column| {
                let value = match column.name.as_str() {
                    "pid" => &*pid,
                    "ppid" => &*parent,
                    "user" | "euser" => &*user,
                    "uid" | "euid" => &*uid,
                    "comm" | "ucmd" => name,
                    _ => &*command,
                };
                (column.name.as_str(), value)
            })
            .collect();
        text.extend(joined(&values).into_bytes());
        return Ok(());
    }
    let written = match &request.bsd {
        Some(letters) if letters.contains(&b'u') => {
            write!(text, "{user:<8} {pid:>7}  0.0  0.0      0     0 ?        S    00:00   0:00 ")
        }
        Some(_) => write!(text, "{pid:>7} ?        S      0:00 "),
        None if request.full => write!(text, "{user:<8} {pid:>7} {parent:>7}  0 00:00 ?        00:00:00 "),
        None => write!(text, "{pid:>7} ?        00:00:00 {name}"),
    };
    // Writing to a `Vec` cannot fail.
    if written.is_ok() && (request.bsd.is_some() || request.full) {
        add_command(process, text);
    }
    Ok(())
}

/// Pads columns to the widths of `ps`; the last one is not padded.
fn joined(values: &[(&str, &str)]) -> String {
    let mut text = String::new();
    for (index, (column, value)) in values.iter().enumerate() {
        if index > 0 {
            text.push(' ');
        }
        let is_last = index + 1 == values.len();
        let width = match *column {
            "pid" | "ppid" => -7,
            "uid" | "euid" => -5,
            _ if is_last => 0,
            "user" | "euser" => 8,
            "comm" | "ucmd" => 15,
            _ => 27_isize,
        };
        let fill = " ".repeat(width.unsigned_abs().saturating_sub(value.chars().count()));
        let parts = if width < 0 { [fill.as_str(), value] } else { [value, fill.as_str()] };
        text.extend(parts);
    }
    text
}

/// Appends the arguments separated by spaces, with unprintable bytes as question marks; for kernel threads, the name.
fn add_command(process: &ListedProcess, text: &mut Vec<u8>) {
    if process.arguments.is_empty() {
        text.extend(format!("[{}]", process.name).into_bytes());
        return;
    }
    for (index, argument) in process.arguments.iter().enumerate() {
        if index > 0 {
            text.push(b' ');
        }
        let start = text.len();
        text.extend_from_slice(argument);
        for byte in text.get_mut(start..).unwrap_or_default() {
            *byte = if *byte < b' ' || *byte == 127 { b'?' } else { *byte };
        }
    }
}
