#!/usr/bin/env bash
# Under kube-bench's name in a pod, the build with the cluster's side asks the API server for version and platform with
# the pod's token, as kube-bench does. If the server does not answer, or not as an API server, the choice is made from
# the node, in time. A kubeconfig is never used for this, and the build for nodes sends no request.
. "$(dirname "$0")/common.bash"
needs python3 unshare
cluster=$(dirname "$binary")/kube-assay-cluster
server=$repo/target/debug/examples/fake-api
for program in "$cluster" "$server"; do
  [ -x "$program" ] && continue
  [ "${CI:-}" = true ] && fail "$program: not built, and CI builds it"
  skip "$program: not built (see .ci/run)"
done
[ "$(id -u)" = 0 ] || skip "files of a pod need root"

# Rule files without checks, and a node that shows only the version of its kubelet.
mkdir -p "$work/cfg" "$work/root/var/lib/dpkg" "$work/bin" "$work/objects"
{
  printf 'node: {components: []}\nversion_mapping: {"1.20": cis-1.11, "1.32": cis-1.12}\ntarget_mapping:\n'
  for benchmark in cis-1.11 cis-1.12 aks-1.7 rke-cis-1.7 rke2-cis-1.8; do
    mkdir "$work/cfg/$benchmark"
    printf '  %s: [node]\n' "$benchmark"
    printf '{id: 4, version: %s, text: T, type: node, groups: []}\n' "$benchmark" >"$work/cfg/$benchmark/node.yaml"
  done
} >"$work/cfg/config.yaml"
printf 'Package: kubelet\nStatus: hold ok installed\nArchitecture: amd64\nVersion: 1.31.4-1.1\n' >"$work/root/var/lib/dpkg/status"
ln -s "$cluster" "$work/bin/kube-bench"

# serve NAME OPTION…: starts a server whose kubeconfig and log are named NAME; it stops when this script ends.
serve() {
  local name=$1 turn
  shift
  mkfifo "$work/$name.in"
  "$server" "$work/objects" "$work/$name.config" --log "$work/$name.log" "$@" <"$work/$name.in" >"$work/$name.out" 2>"$work/$name.err" &
  later "kill $! 2>/dev/null"
  exec {held}>"$work/$name.in"
  for turn in $(seq 100); do [ -s "$work/$name.out" ] && break; sleep 0.1; done
  [ -s "$work/$name.out" ] || { cat "$work/$name.err"; fail "the server does not start"; }
  touch "$work/$name.log"
  sed -n 's/.*certificate-authority-data: //p' "$work/$name.config" | base64 -d >"$work/$name.crt"
}
port() { sed 's/.*://' "$work/$1.out"; }
nodes() { python3 -c 'import json, sys; json.dump({"apiVersion": "v1", "kind": "NodeList", "items": [json.loads(node) for node in sys.argv[2:]]}, open(sys.argv[1], "w"))' "$work/objects/nodes.json" "$@"; }

# in_pod CA PORT WORD…: runs a program with the service account files of a pod whose API server is at this port.
in_pod() {
  local authority=$1 port=$2
  shift 2
  env KUBE_BENCH_K8S_ENV=1 KUBERNETES_SERVICE_HOST=127.0.0.1 KUBERNETES_SERVICE_PORT="$port" KUBERNETES_SERVICE_PORT_HTTPS="$port" \
    unshare --mount sh -c '
      mount -t tmpfs tmpfs "$(realpath /var/run)"
      mkdir -p /var/run/secrets/kubernetes.io/serviceaccount
      cp "$1" /var/run/secrets/kubernetes.io/serviceaccount/ca.crt
      printf let-me-in >/var/run/secrets/kubernetes.io/serviceaccount/token
      shift
      exec "$@"' sh "$authority" "$@"
}
rules=(-D "$work/cfg" --root "$work/root" --proc none --json -v)
detected() { python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["Controls"][0]["detected_version"])' "$work/out"; }
# chooses WHAT EXPECTED CA PORT [WORD…]: a run in a pod must detect EXPECTED.
chooses() {
  local what=$1 expected=$2 authority=$3 port=$4
  shift 4
  in_pod "$authority" "$port" "$work/bin/kube-bench" "${rules[@]}" "$@" >"$work/out" 2>"$work/err" || { cat "$work/err"; fail "$what: exit code $?"; }
  [ "$(detected)" = "$expected" ] || { cat "$work/err"; fail "$what: $(detected) is detected, and not $expected"; }
}

nodes '{"metadata": {"name": "n-1", "labels": {}}}'
serve plain
chooses "the server's version" 1.34 "$work/plain.crt" "$(port plain)"
grep -q "says v1.34.2" "$work/err" || { cat "$work/err"; fail "what told the version is not named"; }
grep -q 'sandbox: system calls for asking an API server' "$work/err" || { cat "$work/err"; fail "the filter is not the one for asking"; }
# Each path must be requested only once.
[ "$(awk '{ print $2 }' "$work/plain.log" | sort | uniq -d)" = "" ] || fail "asked for more than once: $(cat "$work/plain.log")"
! grep -vE ' /(version|api|api/v1|apis|api/v1/nodes)(\?[^ ]*)? ' "$work/plain.log" || fail "asked for something else"

asked=$(wc -l <"$work/plain.log")
chooses "a version that is given" none "$work/plain.crt" "$(port plain)" --version 1.32
in_pod "$work/plain.crt" "$(port plain)" "$binary" --compat "${rules[@]}" >"$work/out" 2>"$work/err" || fail "the build for nodes"
[ "$(detected)" = 1.31 ] || fail "the build for nodes: $(detected)"
KUBECONFIG=$work/plain.config HOME=$work "$work/bin/kube-bench" "${rules[@]}" >"$work/out" 2>"$work/err" || { cat "$work/err"; fail "without the files of a pod"; }
[ "$(detected)" = 1.31 ] || fail "a kubeconfig is used: $(detected)"
grep -q 'sandbox: system calls for looking' "$work/err" || { cat "$work/err"; fail "sockets are allowed without a request"; }
[ "$(wc -l <"$work/plain.log")" = "$asked" ] || fail "asked without need: $(cat "$work/plain.log")"

version() { printf '200:{"major": "1", "minor": "%s", "gitVersion": "%s"}' "$1" "$2"; }
serve rke2 --version "$(version 30+ v1.30.5+rke2r1)"
chooses "the suffix of the version" rke2-cis-1.8 "$work/rke2.crt" "$(port rke2)"
nodes '{"metadata": {"name": "n-1", "labels": {"kubernetes.azure.com/cluster": "a"}}}'
serve aks --version "$(version 30 v1.30.5)"
chooses "a node of AKS" aks-1.7 "$work/aks.crt" "$(port aks)"
serve aks-forbidden --version "$(version 30 v1.30.5)" --forbid nodes
chooses "nodes that are forbidden" 1.30 "$work/aks-forbidden.crt" "$(port aks-forbidden)"
grep -q 'AKS and RKE nodes are not recognized' "$work/err" || { cat "$work/err"; fail "nothing says that nodes are forbidden"; }
nodes '{"metadata": {"name": "n-1", "annotations": {"rke.cattle.io/external-ip": "192.0.2.1"}}}' '{"metadata": {"name": "n-2"}}'
serve rke --version "$(version 30 v1.30.5)"
chooses "a node of RKE" rke-cis-1.7 "$work/rke.crt" "$(port rke)"
nodes '{"metadata": {"name": "n-1", "annotations": {"rke.cattle.io/external-ip": "192.0.2.1"}}}' '{"metadata": {"name": "n-2", "labels": {"kubernetes.io/os": "windows"}}}'
serve windows --version "$(version 30 v1.30.5)"
chooses "RKE with Windows" 1.30 "$work/windows.crt" "$(port windows)"
say "version, suffix, and signs of AKS and RKE on nodes"

# By the server's DNS name, if no variable gives its address.
nodes '{"metadata": {"name": "n-1"}}'
if serve named --port 443 2>/dev/null; then
  { cat /etc/hosts; printf '127.0.0.1 kubernetes.default.svc\n'; } >"$work/hosts"
  in_pod "$work/named.crt" 1 sh -c 'unset KUBE_BENCH_K8S_ENV; mount --bind "$1" /etc/hosts; shift; exec "$@"' sh "$work/hosts" \
    "$work/bin/kube-bench" "${rules[@]}" >"$work/out" 2>"$work/err" || { cat "$work/err"; fail "by its name"; }
  [ "$(detected)" = 1.34 ] || { cat "$work/err"; fail "by its name: $(detected)"; }
  grep -q 'https://kubernetes.default.svc:443 says v1.34.2' "$work/err" || { cat "$work/err"; fail "its name is not told"; }
fi

# falls_back WHAT REASON CA PORT: the node's own version must be used, in time, with a notice that gives REASON.
falls_back() {
  local begin=$SECONDS
  chooses "$1" 1.31 "$3" "$4"
  [ $((SECONDS - begin)) -le 13 ] || fail "$1: $((SECONDS - begin)) s"
  grep -qE "$2.*; the platform and version are determined from the node" "$work/err" || { cat "$work/err"; fail "$1: nothing says why"; }
  say "$1: $(sed -n 's/; the platform and version.*//p' "$work/err" | head -n 1)"
}
serve html --version '200:<html><body>log in</body></html>'
falls_back HTML 'https://127.0.0.1' "$work/html.crt" "$(port html)"
serve forbidden --version '403:{"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "Forbidden", "code": 403, "message": "no"}'
falls_back forbidden 'get /version|forbidden' "$work/forbidden.crt" "$(port forbidden)"
serve empty --version '200:{}'
falls_back "no version" 'https://127.0.0.1' "$work/empty.crt" "$(port empty)"
serve blank --version '200:{"major": "", "minor": "", "gitVersion": ""}'
falls_back "a blank version" 'reports no Kubernetes version' "$work/blank.crt" "$(port blank)"
serve failing --version '503:{}'
falls_back "a server that fails" 'https://127.0.0.1|get /version' "$work/failing.crt" "$(port failing)"
falls_back "another authority" 'unknown authority' "$work/html.crt" "$(port plain)"
falls_back "no authority" 'ca.crt' /dev/null "$(port plain)"
python3 - "$work/silent.port" <<'PYTHON' &
import socket, sys, time
listener = socket.create_server(("127.0.0.1", 0))
open(sys.argv[1], "w").write(str(listener.getsockname()[1]))
held = []
while True:
    held.append(listener.accept())
PYTHON
later "kill $! 2>/dev/null"
for turn in $(seq 100); do [ -s "$work/silent.port" ] && break; sleep 0.1; done
falls_back "no answer" 'within' "$work/plain.crt" "$(cat "$work/silent.port")"
falls_back "closed port" 'connection refused' "$work/plain.crt" 1
say "what does not answer as an API server leaves the choice to the node"
