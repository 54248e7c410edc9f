#!/usr/bin/env bash
# The binary as it is shipped: at most 6.1 MB (of which the readers of certificates and the security guide of EKS Anywhere are
# 0.2), static, without the C library's look-up of names, and in need of nothing: the demo runs in an empty root.
. "$(dirname "$0")/common.bash"

size=$(stat -c %s "$binary")
[ "$size" -le 6100000 ] || fail "$size bytes, at most 6100000 are allowed"
needs readelf
! readelf --program-headers --wide "$binary" | grep -qw INTERP || fail "it asks for a dynamic loader: not static"
say "$size bytes, static"

# getaddrinfo of a static glibc loads the machine's name-service modules and crashes on some: only it reads this file.
! grep -qF gai.conf "$binary" || fail "getaddrinfo is linked (see crates/kubernetes/clippy.toml)"

# It has no tables by which frames are walked: nothing may try that where an error is told.
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
