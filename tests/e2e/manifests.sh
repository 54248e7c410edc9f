#!/usr/bin/env bash
# Validates the Jobs against Kubernetes' schemas: unchanged for 1.30 and newer, rewritten as their headers show for
# older versions, and pinned to a node as their headers show.
. "$(dirname "$0")/common.bash"
python_with kubernetes-validate==1.36.0
# Each release has the schemas of about ten versions, so older versions need an older release.
"$python" -m pip install --quiet --disable-pip-version-check --target "$work/older" kubernetes-validate==1.28.3

mkdir "$work/new" "$work/old" "$work/oldest"
node=worker-1.example
count=0
while IFS= read -r job; do
  name=${job#"$repo/job-manifests/"}
  copy=${name//\//-}
  cp "$job" "$work/new/$copy"
  sed -e "s/^  name: .*/&-$node/" -e "s/^      # nodeName.*/      nodeName: $node/" "$job" >"$work/new/pinned-$copy"
  sed -e '/# from 1\.30$/d' -e 's/# before 1\.30: //' "$job" >"$work/old/$copy"
  sed -e '/# from 1\.30$/d' -e 's/# before 1\.30: //' -e 's/# before 1\.24: //' "$job" >"$work/oldest/$copy"
  # The rewriting must do what the header says.
  terms() { grep -c '^              - matchExpressions: ' "$1" || true; }
  now=$(terms "$work/old/$copy") before=$(terms "$work/oldest/$copy")
  [ "$before" = $((now * 2)) ] || fail "$name: $before labels of control planes before 1.24, expected twice the $now of today"
  ! grep -q '^ *- matchExpressions:.*node-role.kubernetes.io/master' "$job" || fail "$name: API servers warn of the old label"
  grep -q '^      annotations: {.*apparmor.*unconfined }$' "$work/old/$copy" || fail "$name: no AppArmor annotation"
  ! grep -qE 'appArmorProfile|recursiveReadOnly' "$work/old/$copy" || fail "$name: fields of 1.30 are left"
  grep -q "^      nodeName: $node$" "$work/new/pinned-$copy" || fail "$name: not pinned"
  changed=$(diff "$job" "$work/new/pinned-$copy" | grep -c '^>' || true)
  [ "$changed" = 2 ] || fail "$name: $changed lines changed by pinning, expected its name and its node"
  count=$((count + 1))
done < <(find "$repo/job-manifests" -name '*.yaml' ! -name job-cluster.yaml | sort)
[ "$count" -gt 0 ] || fail "no Jobs found"

# validate VERSION FILE…: whether every file is valid for this version; unknown fields are errors.
validate() { "$python" -m kubernetes_validate --strict -k "$@"; }
for version in 1.30 1.32 1.36; do
  validate "$version" "$work/new/"* >"$work/out" 2>&1 || { cat "$work/out"; fail "not valid for Kubernetes $version"; }
done
# Proves that validation can fail: 1.29 lacks the fields of 1.30.
for job in "$work/new/"*; do
  ! validate 1.29 "$job" >/dev/null 2>&1 || fail "${job##*/}: valid for 1.29, which lacks its fields: nothing is refused"
done
# The Job of the cluster is the same for all versions.
cluster=$repo/job-manifests/job-cluster.yaml
for version in 1.30 1.32 1.36; do
  validate "$version" "$cluster" >"$work/out" 2>&1 || { cat "$work/out"; fail "job-cluster.yaml is not valid for Kubernetes $version"; }
done
export PYTHONPATH=$work/older
for version in 1.21 1.23 1.28; do
  validate "$version" "$cluster" >"$work/out" 2>&1 || { cat "$work/out"; fail "job-cluster.yaml is not valid for Kubernetes $version"; }
done
for version in 1.20 1.23; do
  validate "$version" "$work/oldest/"* >"$work/out" 2>&1 || { cat "$work/out"; fail "not valid for Kubernetes $version"; }
done
validate 1.28 "$work/old/"* >"$work/out" 2>&1 || { cat "$work/out"; fail "not valid for Kubernetes 1.28"; }
say "$count Jobs of nodes and that of the cluster are valid: 1.30, 1.32 and 1.36 as they are and pinned to a node, 1.20, 1.23 and 1.28 as the header rewrites them"
