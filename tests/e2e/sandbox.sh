#!/usr/bin/env bash
# The sandbox on a real kernel: the order in which rights are dropped, the capabilities that remain, that reports are
# the same with and without it, and that nothing outlives a killed run. What each filter refuses is tested in
# tests/program/sandbox.
. "$(dirname "$0")/common.bash"
[ "$(id -u)" = 0 ] || skip "capabilities are to be given up: needs root"
needs python3 strace setpriv

# sandbox FILE: prints the sandbox in a native report, on one line.
sandbox() {
  python3 -c '
import json, sys
sandbox = json.load(open(sys.argv[1]))["run"]["sandbox"]
print(sandbox["seccomp"], bool(sandbox["landlock"]), ",".join(["all"] if sandbox["capabilities"] is None else sandbox["capabilities"]), *sandbox["lacking"])' "$1"
}
is() { # FILE EXPECTED
  local found
  found=$(sandbox "$1")
  [ "$found" = "$2" ] || fail "$1: the sandbox is '$found', not '$2'"
}
run() { "$binary" run --allow-empty --benchmark cis-1.12 --targets node "$@"; }

run --format native >"$work/whole"
case $(sandbox "$work/whole") in
  "looking True DAC_READ_SEARCH") ;;
  "looking False DAC_READ_SEARCH landlock: "*) skip "this kernel has no Landlock" ;;
  *) fail "the sandbox is '$(sandbox "$work/whole")'" ;;
esac

# The order: no new privileges, the filter, then the first thread; files and capabilities before the last thread.
strace -f -e trace=prctl,seccomp,clone,clone3,landlock_restrict_self,capset -o "$work/trace" "$binary" run --allow-empty >/dev/null
order=$(sed -nE -e 's/^[0-9]+ +prctl\(PR_SET_NO_NEW_PRIVS.*= 0$/privileges/p' -e 's/^[0-9]+ +seccomp\(.*= 0$/filter/p' \
  -e 's/^[0-9]+ +clone3?\(.*CLONE_THREAD.*(= [0-9]+|<unfinished \.\.\.>)$/thread/p' \
  -e 's/^[0-9]+ +landlock_restrict_self\(.*= 0$/files/p' -e 's/^[0-9]+ +capset\(.*= 0$/capabilities/p' "$work/trace" | uniq | tr '\n' ' ')
[ "$order" = "privileges filter thread privileges files capabilities thread " ] || fail "the order is: $order"
say "the order is: $order"

# A run that writes a file keeps the capabilities for that. Then the Jobs' capabilities, fewer, and an ordinary user's.
run --output "native=$work/written" >/dev/null
is "$work/written" "looking True CHOWN,DAC_OVERRIDE,DAC_READ_SEARCH,FOWNER"
with() { # CAPABILITIES
  setpriv --no-new-privs --bounding-set "-all$1" --inh-caps "-all$1" "$binary" run --allow-empty --format native
}
with ,+dac_read_search,+sys_ptrace >"$work/job"
is "$work/job" "looking True DAC_READ_SEARCH"
with ,+dac_override,+net_admin >"$work/override"
is "$work/override" "looking True DAC_OVERRIDE"
with "" >"$work/none"
is "$work/none" "looking True "
chmod 711 "$work"
install -m 755 "$binary" "$work/kube-assay"
setpriv --reuid 65534 --regid 65534 --clear-groups "$work/kube-assay" run --allow-empty --format native >"$work/user"
is "$work/user" "looking True "
run --no-sandbox --format native >"$work/off"
is "$work/off" "None False all"
run --allow-exec --format native >"$work/programs"
is "$work/programs" "programs False all landlock, capabilities: programs may be run (--allow-exec)"
"$binary" demo --format native >"$work/demo"
is "$work/demo" "looking False all"
say "what is kept depends on what is needed"

# -v reports the sandbox.
run -v 2>&1 >/dev/null | grep -q '^notice: sandbox: system calls for looking; Landlock [0-9]*; capabilities DAC_READ_SEARCH$' || fail "-v says nothing of it"
run -v --allow-exec 2>&1 >/dev/null | grep -qF 'sandbox: not in force: landlock, capabilities: programs may be run' || fail "-v does not say what is lacking"

# A killed run takes the programs of its audits with it, whatever their session.
mkdir -p "$work/cfg/house"
printf '%s\n' 'version_mapping: {}' 'target_mapping: { house: [node] }' >"$work/cfg/config.yaml"
cat >"$work/cfg/house/node.yaml" <<'END'
controls:
id: 1
text: house
type: node
groups:
  - id: 1.1
    text: house
    checks:
      - id: 1.1.1
        text: sleeps
        audit: |
          (setsid sh -c '(setsid sleep 66.25 &); sleep 66.5' &)
          perl -e 1; sleep 66.75
        tests: { test_items: [{ flag: x }] }
        scored: true
END
sleepers() { pgrep -fc '^sleep 66\.[257]*5$' || true; }
"$binary" run --allow-exec --benchmark house -D "$work/cfg" >"$work/killed" 2>&1 &
run=$!
later "kill -9 $run 2>/dev/null"
for _ in $(seq 100); do [ "$(sleepers)" = 3 ] && break; sleep 0.1; done
[ "$(sleepers)" = 3 ] || fail "$(sleepers) of 3 programs run: $(cat "$work/killed")"
kill -9 "$run"
for _ in $(seq 50); do [ "$(sleepers)" = 0 ] && break; sleep 0.1; done
[ "$(sleepers)" = 0 ] || fail "$(sleepers) programs outlive the run"
say "nothing outlives a run that is killed"

# Made-up nodes: the same report with and without the sandbox, except for the description of the sandbox.
outside_has SIMNODE
simulated
mkdir "$work/out"
install -m 755 "$binary" "$work/out/kube-assay"
for node in "${nodes[@]}"; do
  name=$(basename "$node" .yaml)
  simnode --bind-rw "$work/out:/out" "$node" -- /bin/sh -c "
    /out/kube-assay run --format native >/out/with && /out/kube-assay run --no-sandbox --format native >/out/without" || fail "$name: the runs failed"
  "$python" - "$work/out/with" "$work/out/without" <<'END' || fail "$name: the sandbox changes the report"
import json, sys

def read(path):
    report = json.load(open(path))
    run = report["run"]
    del run["started"], run["finished"]
    run["command"]["choices"].pop("no-sandbox", None)
    return run.pop("sandbox"), report

(sandbox, report), (none, other) = map(read, sys.argv[1:])
assert sandbox["seccomp"] == "looking" and sandbox["landlock"], sandbox
assert none["seccomp"] is None and none["landlock"] is None, none
if report != other:
    def differences(one, two, at=""):
        if type(one) is type(two) and isinstance(one, dict) and one.keys() == two.keys():
            for key in one: yield from differences(one[key], two[key], f"{at}/{key}")
        elif isinstance(one, list) and isinstance(two, list) and len(one) == len(two):
            for number, pair in enumerate(zip(one, two)): yield from differences(*pair, f"{at}/{number}")
        elif one != two: yield f"{at}: with it {one!r}, without {two!r}"
    sys.exit("\n".join(list(differences(report, other))[:20]))
END
  say "$name: the same report with it and without"
done
