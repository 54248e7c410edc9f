#!/usr/bin/env bash
# Writes outputs on real file systems: full disks, kills at each step, mounts over targets, other users' files.
. "$(dirname "$0")/common.bash"
[ "$(id -u)" = 0 ] || skip "file systems are to be mounted: needs root"
needs mount umount setpriv mknod strace python3
if [ "${KUBE_ASSAY_OWN_MOUNTS:-}" != yes ]; then
  unshare -m true 2>/dev/null || skip "namespaces cannot be made here"
  KUBE_ASSAY_OWN_MOUNTS=yes unshare -m --propagation private "$BASH" "$0" "$binary"
  exit
fi
cd "$work"
old="the old report"
report() { "$binary" demo --json --outputfile "$@"; }
whole() { python3 -c 'import json, sys; json.load(sys.stdin)["Totals"]' <"$1" 2>/dev/null || fail "$1: no whole report: $(tail -c 100 "$1")"; }
unchanged() { [ "$(cat "$1")" = "$old" ] || fail "$1: the old report is lost: $(head -c 100 "$1")"; }
refused() { # CODE PART COMMAND…
  local code=0
  "${@:3}" >out 2>err || code=$?
  [ "$code" = "$1" ] || fail "${*:3}: exit code $code, not $1: $(cat err)"
  grep -qF -- "$2" err || fail "${*:3}: does not say '$2': $(cat err)"
}
alone() { # DIRECTORY NAME…
  local found
  found=$(cd "$1" && find . -mindepth 1 | sort | tr '\n' ' ')
  [ "$found" = "$(printf './%s\n' "${@:2}" | sort | tr '\n' ' ')" ] || fail "$1: holds $found"
}

# A full disk: the old report stays, and no temporary file is left.
mkdir full
mount -t tmpfs -o size=8k none full
later "umount '$work/full'"
echo "$old" >full/report
refused 1 "full/report: cannot be written: no space left on the device" report full/report
unchanged full/report
refused 1 "full/report: cannot be written" "$binary" record --node "${nodes[0]}" -o full/report
unchanged full/report
alone full report
# … with no inode left for another file.
mkdir inodes
mount -t tmpfs -o size=1m,nr_inodes=2 none inodes
later "umount '$work/inodes'"
echo "$old" >inodes/report
refused 1 "no new file can be made in its directory: no space left on the device" report inodes/report
unchanged inodes/report
# … and full, for a file that cannot be replaced, only overwritten.
echo "$old" >mounted
mount --bind full/report mounted
refused 1 "mounted: cannot be written: no space left on the device" report mounted
unchanged mounted
umount mounted
say "a full disk keeps the old report"

# Killed at, or refused, each system call that changes something: the file is the complete old or new output, for all
# writers.
mkdir killed
"$binary" demo --format native --outputfile saved.json
declare -A writers=(
  [report]="demo --json --outputfile killed/report"
  [saved]="report saved.json --output json=killed/report --output text=killed/second"
  [recording]="record --node ${nodes[0]} -o killed/report"
)
old_or_whole() { # FILE WRITER
  case $2:$(head -c 4 "$1") in
    *:the*) unchanged "$1" ;;
    recording:*) [ "$(md5sum <"$1")" = "$(md5sum <recording.yaml)" ] || fail "$1: no whole recording: $(tail -c 100 "$1")" ;;
    *) whole "$1" ;;
  esac
}
# Injects the fault at call 1, 2, … until it no longer happens; writes to standard error count too.
at_each_call() { # FAULT WRITER: sets $happened
  local call step code
  happened=0
  for call in openat write fchown fchmod fsync renameat; do
    for step in $(seq 1 60); do
      rm -f killed/.kube-assay-*
      echo "$old" >killed/report
      echo "$old" >killed/second
      chown 65534:65534 killed/report
      code=0
      # In a subshell, so that the shell's message about the kill is discarded.
      (strace -f -qq -o trace -e "trace=$call" -e "inject=$call:$1:when=$step" "$binary" ${writers[$2]} >out 2>err; exit) 2>/dev/null || code=$?
      old_or_whole killed/report "$2"
      case $(head -c 4 killed/second) in the*) unchanged killed/second ;; *) tail -n 4 killed/second | grep -q "^total: " || fail "no whole second report" ;; esac
      case $1 in
        signal*) [ "$code" != 0 ] || break ;;
        *)
          grep -q INJECTED trace || break
          [ "$code" -lt 128 ] || fail "$2: $1 at $call $step: exit code $code: $(cat err)"
          [ -z "$(find killed -name '.kube-assay-*')" ] || fail "$2: $1 at $call $step: a part is left: $(ls -A killed)"
          if [ "$code" = 0 ]; then old_or_whole killed/report "$2"; else
            # Calls are counted per thread, so the refused one may be that of the error message.
            [ -s err ] || grep -q 'write(2, .*INJECTED' trace || fail "$2: $1 at $call $step: fails without a word"
          fi
          ;;
      esac
      happened=$((happened + 1))
    done
  done
}
"$binary" record --node "${nodes[0]}" -o recording.yaml
for writer in "${!writers[@]}"; do
  at_each_call signal=KILL "$writer"
  [ "$happened" -ge 6 ] || fail "$writer: only $happened kills happened"
  kills=$((${kills:-0} + happened))
  for error in ENOSPC EIO EDQUOT; do
    at_each_call "error=$error" "$writer"
    [ "$happened" -ge 6 ] || fail "$writer: only $happened calls were refused"
    refusals=$((${refusals:-0} + happened))
  done
done
say "$kills kills and $refusals refused calls leave the old report or the new one"

# … and killed from outside at any time.
for delay in $(seq 0.001 0.0015 0.045); do
  rm -f killed/.kube-assay-*
  echo "$old" >killed/report
  ("$binary" demo --json --outputfile killed/report & exec 2>/dev/null; sleep "$delay"; kill -9 $!; wait $!) 2>/dev/null || true
  old_or_whole killed/report report
done
say "a kill at any time leaves the old report or the new one"

# A mount point is written in place, on another file system and on the same one, longer and shorter than before.
mkdir other box
mount -t tmpfs none other
later "umount '$work/other'"
for target in other/log same; do
  for before in "$old" "$(head -c 400000 /dev/zero | tr '\0' x)"; do
    echo "$before" >"$target"
    chmod 666 "$target"
    inode=$(stat -c %i "$target")
    echo >box/termination-log
    mount --bind "$target" box/termination-log
    report box/termination-log || fail "the mounted $target is not written"
    whole "$target"
    [ "$(stat -c %i:%a "$target")" = "$inode:666" ] || fail "$target: is another file"
    umount box/termination-log
    alone box termination-log
  done
done
# … in a read-only directory, such as a container's root.
echo "$old" >same
mount --bind same box/termination-log
mount --bind box box
mount --bind same box/termination-log
mount -o remount,bind,ro box
report box/termination-log || fail "a mounted file below a read-only directory is not written"
whole same
refused 1 "no new file can be made in its directory: read-only file system" report box/new
umount box/termination-log box box/termination-log
# … but not if it is read-only itself or if two reports go to it.
mount --bind same box/termination-log
refused 2 "two reports are written to this file" "$binary" demo --outputfile same --output json=box/termination-log
mount -o remount,bind,ro box/termination-log
refused 1 "cannot be written: read-only file system" report box/termination-log
umount box/termination-log
# A recording is readable by root only, there too.
mount --bind same box/termination-log
"$binary" record --node "${nodes[0]}" -o box/termination-log
[ "$(stat -c %a same)" = 600 ] || fail "a recording has mode $(stat -c %a same)"
umount box/termination-log
say "mounted files are written in place"

# Owners are kept in directories that only root can write; another user's file in a world-writable one becomes root's.
mkdir -m 755 mine
mkdir -m 1777 all
for directory in mine all; do
  echo "$old" >"$directory/report"
  chown 65534:65534 "$directory/report"
  chmod 666 "$directory/report"
  report "$directory/report"
  whole "$directory/report"
done
[ "$(stat -c %u:%g:%a mine/report)" = 65534:65534:666 ] || fail "owner and mode are $(stat -c %u:%g:%a mine/report)"
[ "$(stat -c %u:%g:%a all/report)" = 0:0:644 ] || fail "another user's file is kept: $(stat -c %u:%g:%a all/report)"
"$binary" record --node "${nodes[0]}" -o mine/report
[ "$(stat -c %u:%a mine/report)" = 0:600 ] || fail "a recording belongs to $(stat -c %u:%a mine/report)"
# Without CAP_CHOWN a file keeps the owner it is created with, and its group and mode grant no more than before.
echo "$old" >mine/report
chown 0:65534 mine/report
chmod 660 mine/report
setpriv --bounding-set=-all --inh-caps=-all "$binary" demo --json --outputfile mine/report
[ "$(stat -c %u:%g:%a mine/report)" = 0:0:600 ] || fail "without capabilities: $(stat -c %u:%g:%a mine/report)"
# If a user can write the file but not its directory, the old report stays.
chmod 755 "$work"
echo "$old" >mine/report
chown 65534 mine/report
refused 1 "no new file can be made in its directory: permission denied" \
  setpriv --reuid 65534 --regid 65534 --clear-groups "$binary" demo --outputfile "$work/mine/report"
unchanged mine/report
say "owners and modes are kept where no other user put them"

# Pipes of other users, devices, and links.
setpriv --reuid 65534 --regid 65534 --clear-groups mkfifo -m 666 all/pipe
refused 2 "is another user's pipe in a directory where others may write" report all/pipe
mknod block b 7 250
refused 2 "is a device, not a file" report block
ln -s /etc/shadow all/link
refused 2 "is a symbolic link, which is not followed" report all/link
say "pipes, devices and links of others are refused"
