#!/usr/bin/env bash
# The binary with the cluster's side, compared with the one for nodes, and against a fake API server over TLS: each
# resource is requested once, Secrets never; live, recorded and printed objects give the same report; checks that need a
# forbidden list are unknown and name the missing right; names are resolved where the C library would load name-service
# modules.
. "$(dirname "$0")/common.bash"
needs python3 readelf
cluster=$(dirname "$binary")/kube-assay-cluster
server=$repo/target/debug/examples/fake-api
for program in "$cluster" "$server"; do
  [ -x "$program" ] && continue
  [ "${CI:-}" = true ] && fail "$program: not built, and CI builds it"
  skip "$program: not built (see .ci/run)"
done

size=$(stat -c %s "$cluster")
[ "$size" -le 14000000 ] || fail "$cluster: $size bytes, at most 14000000 are allowed"
! readelf --program-headers --wide "$cluster" | grep -qw INTERP || fail "$cluster: not static"
! grep -qF gai.conf "$cluster" || fail "$cluster: getaddrinfo is linked"
# Strings of the cluster's side must not be in the binary for nodes.
for word in who-can requests-per-second rustls; do
  grep -qF "$word" "$cluster" || fail "$cluster: has no $word"
  ! grep -qF "$word" "$binary" || fail "$binary: has $word, which belongs to the cluster's side"
done
say "$size bytes, static; the binary for nodes has nothing of it"

# A small cluster: the real default rights, one team's namespace, and one privileged pod besides kube-proxy.
python3 - "$repo/crates/cluster/tests/oracle/rbac-objects.json" "$work/objects" <<'PYTHON'
import json, os, sys
source, target = sys.argv[1:]
os.mkdir(target)
kinds = {"clusterroles": "ClusterRole", "clusterrolebindings": "ClusterRoleBinding", "roles": "Role", "rolebindings": "RoleBinding"}
def put(name, api, kind, items):
    with open(f"{target}/{name}.json", "w") as file:
        json.dump({"apiVersion": api, "kind": f"{kind}List", "metadata": {}, "items": items}, file)
for name, items in json.load(open(source)).items():
    items = [item for item in items if item["metadata"].get("labels", {}).get("kubernetes.io/bootstrapping")]
    put(f"{name}.rbac.authorization.k8s.io", "rbac.authorization.k8s.io/v1", kinds[name], items)
put("namespaces", "v1", "Namespace", [{"metadata": {"name": name}} for name in ("default", "kube-system", "shop")])
put("nodes", "v1", "Node", [{"metadata": {"name": "n-1"}, "status": {"nodeInfo": {"kubeletVersion": "v1.33.1"}}}])
proxy = {"hostNetwork": True, "containers": [{"name": "kube-proxy", "securityContext": {"privileged": True}}]}
put("daemonsets.apps", "apps/v1", "DaemonSet", [{"metadata": {"name": "kube-proxy", "namespace": "kube-system"}, "spec": {"template": {"spec": proxy}}}])
owner = [{"apiVersion": "apps/v1", "kind": "DaemonSet", "name": "kube-proxy", "controller": True, "uid": "1"}]
web = {"containers": [{"name": "web", "env": [{"name": "P", "value": "hunter2"}], "securityContext": {"privileged": True}}]}
put("pods", "v1", "Pod", [
    {"metadata": {"name": "kube-proxy-1", "namespace": "kube-system", "ownerReferences": owner}, "spec": proxy, "status": {"phase": "Running"}},
    {"metadata": {"name": "web-1", "namespace": "shop"}, "spec": web, "status": {"phase": "Running"}},
])
for name, api, kind in [
    ("serviceaccounts", "v1", "ServiceAccount"), ("services", "v1", "Service"), ("configmaps", "v1", "ConfigMap"),
    ("persistentvolumeclaims", "v1", "PersistentVolumeClaim"), ("replicationcontrollers", "v1", "ReplicationController"),
    ("secrets", "v1", "Secret"), ("cronjobs.batch", "batch/v1", "CronJob"), ("jobs.batch", "batch/v1", "Job"),
    ("deployments.apps", "apps/v1", "Deployment"), ("replicasets.apps", "apps/v1", "ReplicaSet"),
    ("statefulsets.apps", "apps/v1", "StatefulSet"), ("ingresses.networking.k8s.io", "networking.k8s.io/v1", "Ingress"),
    ("ingressclasses.networking.k8s.io", "networking.k8s.io/v1", "IngressClass"),
    ("k8sallowedrepos.constraints.gatekeeper.sh", "constraints.gatekeeper.sh/v1beta1", "K8sAllowedRepos"),
    ("networkpolicies.networking.k8s.io", "networking.k8s.io/v1", "NetworkPolicy"),
    ("validatingadmissionpolicies.admissionregistration.k8s.io", "admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy"),
    ("validatingadmissionpolicybindings.admissionregistration.k8s.io", "admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicyBinding"),
    ("customresourcedefinitions.apiextensions.k8s.io", "apiextensions.k8s.io/v1", "CustomResourceDefinition"),
]:
    put(name, api, kind, [])
rules = [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}]
put("validatingwebhookconfigurations.admissionregistration.k8s.io", "admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration",
    [{"metadata": {"name": "gatekeeper-validating-webhook-configuration"}, "webhooks": [{"name": "validation.gatekeeper.sh", "rules": rules}]}])
put("k8spsphostnetworkingports.constraints.gatekeeper.sh", "constraints.gatekeeper.sh/v1beta1", "K8sPSPHostNetworkingPorts",
    [{"metadata": {"name": "no-host-network"}, "spec": {"enforcementAction": "deny"}}])
PYTHON

# serve NAME OPTION…: starts a server whose kubeconfig and log are named NAME; it stops when this script ends.
serve() {
  local name=$1
  shift
  mkfifo "$work/$name.in"
  "$server" "$work/objects" "$work/$name.config" --log "$work/$name.log" "$@" <"$work/$name.in" >"$work/$name.out" 2>"$work/$name.err" &
  later "kill $! 2>/dev/null"
  exec {held}>"$work/$name.in"
  local turn
  for turn in $(seq 100); do [ -s "$work/$name.out" ] && return; sleep 0.1; done
  cat "$work/$name.err"
  fail "the server does not start"
}
serve open
ask=(--kubeconfig "$work/open.config" --requests-per-second 100)

native() { "$cluster" cluster "$@" --format native >"$work/report" 2>"$work/report.err" || { cat "$work/report.err"; fail "cluster $*"; }; }
targets() { python3 -c 'import json, sys; print(json.dumps(json.load(open(sys.argv[1]))["targets"], sort_keys=True))' "$work/report"; }
verdict() { # CONTROL: its verdict and reason
  python3 - "$work/report" "$1" <<'PYTHON'
import json, sys
for target in json.load(open(sys.argv[1]))["targets"]:
    for group in target["groups"]:
        for check in group["checks"]:
            if check["control"] == sys.argv[2]:
                reason = check.get("reason") or {}
                print(check["verdict"], reason.get("subject", ""), reason.get("detail", ""))
PYTHON
}

native "${ask[@]}"
targets >"$work/live"
[ "$(verdict pod-security/privileged)" = "fail  " ] || fail "the privileged pod: $(verdict pod-security/privileged)"
[ "$(verdict pod-security/host-network)" = "pass  " ] || fail "kube-proxy is exempt: $(verdict pod-security/host-network)"
[ "$(verdict rbac/cluster-admin)" = "pass  " ] || fail "the default rights: $(verdict rbac/cluster-admin)"
[ "$(verdict pod-security/policy-mechanism)" = "pass  " ] || fail "Gatekeeper denies: $(verdict pod-security/policy-mechanism)"
asked=$(awk '{ sub(/\?.*/, "", $2); print $2 }' "$work/open.log" | sort | uniq -d)
[ -z "$asked" ] || fail "asked for more than once: $asked"
! grep -E '/secrets|/proxy' "$work/open.log" || fail "what is never to be asked for was"
grep -q ' kube-assay/[0-9]' "$work/open.log" || fail "the user agent has no version"
say "$(wc -l <"$work/open.log") requests, each resource once"

"$cluster" record --cluster "$work/recorded" "${ask[@]}" || fail "record --cluster"
[ "$(stat -c %a "$work/recorded")" = 600 ] || fail "the recording is for others too"
! grep -q hunter2 "$work/recorded" || fail "the recording holds the value of a variable"
native --cluster "$work/recorded"
targets | cmp - "$work/live" || fail "the recorded cluster gives another report"
native --cluster-objects "$work/objects"
targets | cmp - "$work/live" || fail "the objects that kubectl prints give another report"
say "live, recorded and printed objects give one report"

serve closed --forbid clusterrolebindings.rbac.authorization.k8s.io --forbid pods \
  --forbid k8spsphostnetworkingports.constraints.gatekeeper.sh
native --kubeconfig "$work/closed.config" --requests-per-second 100
for control in rbac/cluster-admin pod-security/privileged pod-security/policy-mechanism; do
  case $(verdict "$control") in
    unknown*forbidden*) ;;
    *) fail "$control with a list that is forbidden: $(verdict "$control")" ;;
  esac
done
verdict rbac/cluster-admin | grep -q 'list clusterrolebindings.rbac.authorization.k8s.io' || fail "the right is not named: $(verdict rbac/cluster-admin)"
say "what is forbidden is unknown: $(verdict rbac/cluster-admin)"

[ "$("$cluster" who-can get secrets --as alice "${ask[@]}" | head -n 1)" = no ] || fail "who-can: alice"
"$cluster" who-can get secrets "${ask[@]}" | grep -q 'ServiceAccount kube-system/' || fail "who-can lists no subject of kube-system"

# A server address by name, with an nsswitch.conf that names modules which a static program must not load.
if [ "$(id -u)" = 0 ] && command -v unshare >/dev/null; then
  sed 's/127\.0\.0\.1/localhost/' "$work/open.config" >"$work/named.config"
  printf 'hosts: myhostname resolve\n' >"$work/nsswitch.conf"
  touch /etc/nsswitch.conf 2>/dev/null || true
  unshare --mount sh -c "mount --bind '$work/nsswitch.conf' /etc/nsswitch.conf && exec '$cluster' cluster --kubeconfig '$work/named.config' --requests-per-second 100 -q" >"$work/named" 2>&1 ||
    { cat "$work/named"; fail "a server by its name"; }
  say "names are resolved without the machine's modules"
fi
