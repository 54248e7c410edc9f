#!/usr/bin/env python3
"""What one run asked of the kernel, from `strace -ff -y --pidns-translation` of its process and the threads of it.

  system_calls.py TRACE BINARY COMPONENTS.yaml

TRACE is the file of the process; each thread's has its number in the place of the last. No process is started, and no
thread but the one that looks, before rights are given up and after; each process's command line is opened at most once; executable links are read of
candidates only (processes named like a component); each regular file below /etc, /var, /usr, /lib and /run is opened
for reading at most once; nothing is written but the report; nothing below a home directory is opened.
"""
import os
import re
import sys
from collections import Counter

import yaml

CALL = re.compile(r"^(\w+)\((.*)\)\s+= (.*)$")
# The made-up node's root is a directory of the tracing machine.
OUTSIDE = re.compile(r"/[^<>]*?/simnode\.[^/<>]+/root(?=/|>|$)")
STARTS = {"fork", "vfork", "clone", "clone3", "execve", "execveat"}
OPENS = {"open", "openat", "openat2", "creat"}
LINKS = {"readlink", "readlinkat"}


THREAD = re.compile(r" (\d+) in strace's PID NS")
# The C library tries clone3 first; the filter refuses it as a kernel without it would, as its flags cannot be filtered.
REFUSED = re.compile(r"-1 ENOSYS")


def is_thread(name, arguments):
    return name == "clone" and "CLONE_THREAD" in arguments


def calls(path, binary=None):
    """Every call from the moment when the binary is the process's program, and those of its threads."""
    begun = binary is None
    for line in open(path, encoding="utf-8", errors="surrogateescape"):
        match = CALL.match(line.rstrip("\n"))
        if not match:
            continue
        name, arguments, result = match.groups()
        if not begun:
            begun = name == "execve" and arguments.startswith(f'"{binary}"') and result.startswith("0")
            continue
        yield name, OUTSIDE.sub("", arguments), OUTSIDE.sub("", result)
        thread = is_thread(name, arguments) and THREAD.search(result)
        if thread:
            yield from calls(re.sub(r"\d+$", thread.group(1), path))
    if not begun:
        sys.exit(f"{path}: {binary} was never started")


def names(components):
    """The names by which components' processes go, from the definitions."""
    found = set()
    for component in (yaml.safe_load(open(components)) or {}).values():
        for words in (component.get("executables") or []) + (component.get("bare") or []):
            found.add(os.path.basename(str(words).split()[0]))
    return found


def main(trace, binary, components):
    wrong, opened, cmdlines, links = [], Counter(), Counter(), Counter()
    argv0, comm, directories, total, threads = {}, {}, set(), 0, 0
    for name, arguments, result in calls(trace, binary):
        total += 1
        path = re.search(r"<(/[^>]*)>", result)
        path = path and path.group(1)
        if is_thread(name, arguments):
            threads += 1
        elif name in STARTS and not REFUSED.match(result):
            wrong.append(f"started something: {name}({arguments[:120]})")
        elif name in OPENS and path:
            if re.search(r"O_(WRONLY|RDWR|CREAT|TRUNC|APPEND)", arguments) and path != "/dev/null":
                wrong.append(f"opened for writing: {path}")
            if re.match(r"/(root|home)/", path):
                wrong.append(f"opened below a home directory: {path}")
            if re.fullmatch(r"/proc/\d+/cmdline", path):
                cmdlines[path] += 1
            elif "O_PATH" not in arguments and "O_DIRECTORY" not in arguments:
                opened[path] += 1
        elif name == "getdents64":
            directories.update(re.findall(r"^\d+<([^>]*)>", arguments))
        elif name in ("read", "pread64"):
            seen = re.match(r'\d+</proc/(\d+)/(cmdline|comm|stat|status)>, "((?:[^"\\]|\\.)*)"', arguments)
            if seen and seen.group(2) == "cmdline":
                argv0.setdefault(seen.group(1), re.split(r"\\0", seen.group(3))[0])
            elif seen:
                comm.setdefault(seen.group(1), seen.group(3))
        if name in LINKS:
            # The path may be relative to a descriptor of /proc or of a process's directory.
            at = re.search(r"(?:<(/proc(?:/\d+)?)>, )?\"([^\"]*)\"", arguments)
            full = at and (at.group(2) if at.group(2).startswith("/") else f"{at.group(1)}/{at.group(2)}")
            link = full and re.fullmatch(r"/proc/(\d+)/exe", full)
            if link:
                links[link.group(1)] += 1
        elif name in OPENS and re.search(r"/exe\"|\"exe\"", arguments):
            link = re.search(r"/proc/(\d+)(?:>, \")?/?exe\"", arguments)
            if link:
                links[link.group(1)] += 1

    for path, times in cmdlines.items():
        if times > 1:
            wrong.append(f"{path}: opened {times} times")
    below = re.compile(r"/(etc|var|usr|lib|run|opt)/")
    files = {path: times for path, times in opened.items() if path not in directories and below.match(path)}
    wrong += [f"{path}: opened for reading {times} times" for path, times in files.items() if times > 1]
    known = names(components)
    for pid in links:
        called = os.path.basename(argv0.get(pid, "").split(" ")[0])
        if called not in known and not any(name[:15] in comm.get(pid, "") for name in known):
            wrong.append(f"/proc/{pid}/exe: read, but {called or 'an unnamed process'} is no candidate")
    if threads > 2:
        wrong.append(f"{threads} threads, expected two")
    # An empty trace would prove nothing.
    if not cmdlines or not links or not files:
        wrong.append(f"the trace shows {len(cmdlines)} command lines, {len(links)} executables and {len(files)} files: none can be missing")
    if wrong:
        sys.exit("\n".join(wrong))
    print(f"{total} system calls, {len(cmdlines)} command lines, {len(links)} executables, {len(files)} files; nothing started")


if len(sys.argv) != 4:
    sys.exit(__doc__)
main(*sys.argv[1:])
