#!/usr/bin/env bash
# The release binary: at most 6.0 MB, static, without the C library's name lookups, and without dependencies: the demo
# runs in an empty root.
. "$(dirname "$0")/common.bash"

size=$(stat -c %s "$binary")
[ "$size" -le 6000000 ] || fail "$size bytes, at most 6000000 are allowed"
needs readelf
! readelf --program-headers --wide "$binary" | grep -qw INTERP || fail "it asks for a dynamic loader: not static"
say "$size bytes, static"

# getaddrinfo of a static glibc loads the machine's name-service modules and crashes on some. Only it reads gai.conf.
! grep -qF gai.conf "$binary" || fail "getaddrinfo is linked (see crates/kubernetes/clippy.toml)"

# The binary has no unwind tables, so printing an error must not try to capture a backtrace.
code=0
RUST_BACKTRACE=full "$binary" run --node "$work/nosuch.yaml" >"$work/told" 2>&1 || code=$?
[ "$code" = 2 ] && grep -q 'nosuch.yaml: no such file' "$work/told" || { cat "$work/told"; fail "an error is not told where RUST_BACKTRACE is set: exit code $code"; }

[ "$(id -u)" = 0 ] || skip "an empty root needs root (size and linking passed)"
mkdir "$work/root"
cp "$binary" "$work/root/kube-assay"
chroot "$work/root" /kube-assay demo >"$work/demo" 2>"$work/demo.err" || { cat "$work/demo.err"; fail "the demo fails in an empty root"; }
grep -q '^FAIL ([1-9]' "$work/demo" || fail "the demo shows no failed check"
total=$(grep '^total: [1-9].* fail.* pass$' "$work/demo") || fail "the demo has no total"
say "the demo runs in an empty root: $total"
