#!/usr/bin/env bash
# The image, built and run as in the Jobs, compared with the binary on the machine itself: the same findings, down to
# the process numbers. Then with fewer capabilities: more is unknown, each time with a reason, and nothing breaks.
. "$(dirname "$0")/common.bash"
[ "$(id -u)" = 0 ] || skip "the host's processes and files are to be seen: needs root"
needs buildah podman runc python3 cc
image=kube-assay:e2e

# Separate stores, so that the machine's images and containers are not touched. vfs works on every file system.
store=(--root "$work/storage" --runroot "$work/run" --storage-driver vfs)
builder() { buildah "${store[@]}" "$@"; }
runner() { podman "${store[@]}" --cgroup-manager cgroupfs --events-backend file --runtime runc "$@"; }
later 'builder rm --all >/dev/null 2>&1'
later 'runner rm --all --force >/dev/null 2>&1'

# Builds from the checkout if the binary is where the Dockerfile expects it, so that .dockerignore is tested too.
inside=${binary#"$repo/"}
case $inside in
  target/*/release/kube-assay) context=$repo ;;
  *)
    context=$work/context inside=kube-assay
    mkdir "$context"
    cp "$repo/Dockerfile" "$context/" && cp "$binary" "$context/kube-assay"
    ;;
esac
builder bud --quiet --isolation chroot --build-arg "BINARY=$inside" -t "$image" "$context" >"$work/build.log" 2>&1 ||
  { cat "$work/build.log"; fail "the image cannot be built"; }
size=$(builder images --json "$image" | python3 -c '
import json, re, sys
number, unit = re.fullmatch(r"([\d.]+) ?([KMG]?i?B)", json.load(sys.stdin)[0]["size"].strip()).groups()
print(round(float(number) * {"B": 1, "KB": 1e3, "KiB": 1024, "MB": 1e6, "MiB": 1024**2, "GB": 1e9}[unit]))')
[ "$size" -le 7000000 ] || fail "the image has $size bytes, at most 7000000 are allowed"
builder inspect --type image "$image" | python3 -c '
import json, sys
config = json.load(sys.stdin)["OCIv1"]["config"]
labels = config["Labels"]
for name in ("title", "description", "licenses", "version"):
    assert labels.get(f"org.opencontainers.image.{name}"), f"label {name} is missing: {labels}"
assert config["Entrypoint"] == ["/kube-assay"], config
assert not config.get("User"), config' || fail "the labels or the entry point are wrong"
mounted=$(builder from --pull-never "$image")
files=$(cd "$(builder mount "$mounted")" && find . -type f)
[ "$files" = ./kube-assay ] || fail "the image holds more than the binary: $files"
builder rm "$mounted" >/dev/null
say "the image has $size bytes: the binary and its labels"

# Programs with the components' names that sleep, with arguments and files like those of a real node. The files are in a
# directory of this run, so that the machine is not changed.
node=$work/node
mkdir -p "$node/bin" "$node/pki"
printf 'int pause(void);\nint main(void) { for (;;) pause(); }\n' >"$work/sleeper.c"
cc -O2 -static -o "$work/sleeper" "$work/sleeper.c"
printf '%s\n' 'apiVersion: kubelet.config.k8s.io/v1beta1' 'kind: KubeletConfiguration' \
  'authentication: { anonymous: { enabled: false }, webhook: { enabled: true }, x509: { clientCAFile: '"$node/pki/ca.crt"' } }' \
  'authorization: { mode: Webhook }' 'readOnlyPort: 0' 'makeIPTablesUtilChains: true' >"$node/kubelet.yaml"
printf '%s\n' 'apiVersion: v1' 'kind: Config' >"$node/kubelet.conf"
echo 'no certificate' >"$node/pki/ca.crt"
chmod 600 "$node/kubelet.conf"
chmod 640 "$node/kubelet.yaml"
# A file that root can read only with DAC_READ_SEARCH.
chown 65534:65534 "$node/pki/ca.crt"
chmod 600 "$node/pki/ca.crt"

start() { # NAME ARGUMENT…
  cp "$work/sleeper" "$node/bin/$1"
  (cd / && exec setsid env -i "PATH=$PATH" "$node/bin/$1" "${@:2}" </dev/null >/dev/null 2>&1) &
  later "kill $! 2>/dev/null"
  started+=($!)
}
started=()
start kubelet "--config=$node/kubelet.yaml" "--kubeconfig=$node/kubelet.conf" --protect-kernel-defaults=true
start kube-apiserver --anonymous-auth=false --authorization-mode=Node,RBAC --profiling --secure-port=6443 "--client-ca-file=$node/pki/ca.crt" --audit-log-maxage 30
start kube-controller-manager --bind-address=127.0.0.1 --profiling=false --use-service-account-credentials=true
start kube-scheduler --bind-address=0.0.0.0 --profiling=false
start etcd --cert-file=/etc/kubernetes/pki/etcd/server.crt --client-cert-auth=true "--data-dir=$node/etcd"
for _ in $(seq 50); do
  ready=0
  for pid in "${started[@]}"; do case $(readlink "/proc/$pid/exe") in "$node"/bin/*) ready=$((ready + 1)) ;; esac; done
  [ "$ready" = "${#started[@]}" ] && break
  sleep 0.1
done
[ "$ready" = "${#started[@]}" ] || fail "only $ready of ${#started[@]} processes started"

options=(--benchmark cis-1.12 --targets "master,controlplane,etcd,node" --profile none --json)
contain() { # OUT CAPABILITY…
  local out=$1 capability add=()
  for capability in "${@:2}"; do add+=(--cap-add "$capability"); done
  runner run --rm --pull never --ulimit nofile=1024:1024 --ulimit nproc=100:100 --pid host --network none \
    --volume /:/host:ro --read-only --user 0:0 --cap-drop ALL "${add[@]}" --security-opt no-new-privileges \
    "$image" run -v --root /host "${options[@]}" >"$out" 2>"$out.err" || { tail -n 20 "$out.err"; fail "the container with ${*:2} failed"; }
}

"$binary" run "${options[@]}" >"$work/direct.json" || fail "the direct run failed"
contain "$work/whole.json" DAC_READ_SEARCH SYS_PTRACE
python3 "$here/findings.py" same "$work/direct.json" "$work/whole.json" || fail "the container and the machine differ"
say "the container finds what the machine does: $(python3 "$here/findings.py" count "$work/whole.json")"
# kept FILE CAPABILITIES: the program must have kept exactly these capabilities.
kept() {
  grep -qE "^notice: sandbox: system calls for looking; (Landlock [0-9]+; )?capabilities $2\$" "$1.err" ||
    fail "$1: the sandbox is not in force: $(grep sandbox "$1.err")"
}
kept "$work/whole.json" DAC_READ_SEARCH
grep -qF "(process ${started[1]})" "$work/whole.json" || fail "the API server's process is not among the evidence"

less() { # OUT WHAT CAPABILITY…
  contain "$1" "${@:3}"
  python3 "$here/findings.py" useful "$work/whole.json" "$1" >"$work/less" || fail "$2"
  say "$2: $(cat "$work/less")"
}
less "$work/no-ptrace.json" "without SYS_PTRACE" DAC_READ_SEARCH
kept "$work/no-ptrace.json" DAC_READ_SEARCH
less "$work/none.json" "without any capability"
kept "$work/none.json" none
