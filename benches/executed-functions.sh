#!/usr/bin/env bash
# Lists the functions that ordinary runs execute. The build script places them side by side: the kernel maps whole blocks
# of pages of the binary, so scattered functions take much more memory and more page faults.
#
#   cargo static --config profile.release.strip=false
#   benches/executed-functions.sh [BINARY] >benches/executed-functions.txt
#
# A name that is no longer part of the program does nothing, and a new function that is missing only costs a little
# memory, so the list need not follow every change.
set -euo pipefail
repo=$(cd "$(dirname "$0")/.." && pwd)
binary=$(realpath "${1:-$repo/target/x86_64-unknown-linux-gnu/release/kube-assay}")
command -v valgrind >/dev/null || { echo "valgrind: not installed (apt-get install valgrind)" >&2; exit 77; }
[ -n "$(nm "$binary" 2>/dev/null)" ] || { echo "$binary: has no symbols (build it with profile.release.strip=false)" >&2; exit 1; }
cd "$repo"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
runs=0
execute() { # ARGUMENT…
  runs=$((runs + 1))
  env -i valgrind --tool=callgrind --demangle=no --callgrind-out-file="$work/$runs.run" "$binary" "$@" >/dev/null 2>&1 || true
  [ -s "$work/$runs.run" ] || { echo "$*: not executed" >&2; exit 1; }
}
# A real machine, whatever it is, and all that a control plane shows.
for format in --json --noresults; do
  execute run --allow-empty --benchmark cis-1.12 --targets master,node "$format"
  execute run --node golden/nodes/kubeadm-control-plane.yaml --targets master,node "$format"
done
sed -n 's/^c\{0,1\}fn=([0-9]*) \(.*\)/\1/p' "$work"/*.run | sed "s/'[0-9]*\$//" | LC_ALL=C sort -u >"$work/called"
# All names of a function, since the linker folds identical functions into one, under whichever name; without the numbers of
# the copies that the compiler makes, and with wildcards for what depends on its version: hashes of crates and of whole
# names, and references within a name, which count its letters.
nm --defined-only "$binary" | awk '
  NR == FNR { called[$1]; next }
  $2 ~ /^[TtWwi]$/ { names[$1] = names[$1] " " $3; if ($3 in called) executed[$1] }
  END { for (address in executed) { count = split(names[address], name, " "); for (i = 1; i <= count; i++) print name[i] } }
' "$work/called" - |
  sed 's/\.llvm\.[0-9]*$//; s/\.[0-9]*$//; s/17h[0-9a-f]\{16\}E$/17h/
    /^_R/ { s/Cs[0-9A-Za-z]*_/Cs*_/g; s/B[0-9A-Za-z]*_/B*_/g }' | LC_ALL=C sort -u >"$work/executed"
# Of the C library, whole object files: it is not compiled into a section per function.
archive=$(cc -print-file-name=libc.a)
{
  nm -A --defined-only "$archive" 2>/dev/null |
    awk 'NR == FNR { executed[$1]; next } $(NF-1) ~ /^[TtWi]$/ && $NF in executed { split($1, part, ":"); print part[2] }' \
      "$work/executed" -
  # Variants for processors other than the emulated one.
  ar t "$archive" | grep -E '^(mem(cpy|move|set|cmp|chr|rchr)|rawmemchr|str(len|cmp|chr|rchr|str))(-.*(avx|evex).*)?\.o$' | grep -v rtm
} | LC_ALL=C sort -u
grep -E '^_(ZN|R)' "$work/executed"
