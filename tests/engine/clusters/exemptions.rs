//! Exemptions end when a default is changed: each exempt line in the correct answers is tried with another subject,
//! role, name, namespace, kind or need.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::answers::{Answer, answers_of, right};
use super::mutants::subject;
use super::offenders::parts_of;
use super::parallel::on_all_cores;
use super::world::{Edition, World};

/// A changed default, and the objects that must then offend.
struct Changed {
    /// A description of the change: `Pod kube-system/etcd-cp-1: no mirror`.
    title: String,
    change: Box<dyn Fn(&mut World)>,
    /// Pairs of a control and the beginning of the offender's line.
    offends: Vec<(String, String)>,
    /// Whether one of them is enough.
    any: bool,
}

impl Changed {
    fn new(title: String, offends: Vec<(String, String)>, change: impl Fn(&mut World) + 'static) -> Self {
        Self { title, change: Box::new(change), offends, any: false }
    }

    fn object(&self) -> &str {
        self.title.split_once(": ").expect("an object and a change").0
    }

    fn what(&self) -> &str {
        self.title.split_once(": ").expect("an object and a change").1
    }
}

/// Groups changes of different objects, so that they can be tried together.
fn batches(all: &[Changed]) -> Vec<Vec<usize>> {
    let mut batches: Vec<Vec<usize>> = Vec::new();
    for (place, changed) in all.iter().enumerate() {
        let fits = |batch: &&mut Vec<usize>| {
            let is_alike = |other: &Changed| other.what() == changed.what() && other.object() != changed.object();
            batch.len() < 10 && batch.iter().all(|other| is_alike(&all[*other]))
        };
        match batches.iter_mut().find(fits) {
            Some(batch) => batch.push(place),
            None => batches.push(vec![place]),
        }
    }
    batches
}

/// Returns the exemptions that still hold after the changes.
fn held(batch: &[&Changed], world: &World) -> Vec<String> {
    let mut changed = world.clone();
    for one in batch {
        (one.change)(&mut changed);
    }
    let all = batch.iter().flat_map(|one| &one.offends);
    let after = answers_of(&changed, all.map(|(control, _)| control.as_str()));
    let is_named = |(control, start): &(String, String)| {
        let Answer { verdict, offenders, .. } = &after[control.as_str()];
        *verdict == "fail" && offenders.iter().any(|(line, _)| line.starts_with(start.as_str()))
    };
    let mut why = Vec::new();
    for Changed { title, offends, any, .. } in batch {
        let unnamed: Vec<_> = offends.iter().filter(|one| !is_named(one)).collect();
        if !unnamed.is_empty() && (!any || unnamed.len() == offends.len()) {
            why.push(format!("{title}\n    not named: {unnamed:?}"));
        }
    }
    why
}

/// Returns the controls by exempt object.
fn exempt(edition: Edition) -> BTreeMap<String, BTreeSet<String>> {
    let mut all: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (control, answer) in right(edition) {
        for line in answer.exempt {
            let id = line.split_once(" [").map_or(line.as_str(), |(id, _)| id);
            all.entry(id.to_owned()).or_default().insert(control.clone());
        }
    }
    all
}

/// Whether a binding is exempt by its subject's reserved name, whatever the binding itself is.
fn is_by_subject(id: &str) -> bool {
    id.contains(" eks:") && id != "ClusterRoleBinding eks:addon-cluster-admin" || id.ends_with("/eks:fargate-manager")
}

fn changed(edition: Edition, world: &World) -> Vec<Changed> {
    let mut all = Vec::new();
    for (id, controls) in exempt(edition) {
        match id.split(' ').next().expect("a kind") {
            "ClusterRoleBinding" | "RoleBinding" => of_binding(world, &id, &controls, &mut all),
            "ClusterRole" => of_role(&id, &mut all),
            "Pod" => of_static_pod(world, &id, &controls, &mut all),
            _ => of_workload(world, &id, &controls, &mut all),
        }
    }
    all
}

fn of_binding(world: &World, id: &str, controls: &BTreeSet<String>, all: &mut Vec<Changed>) {
    let object = world.get(id);
    let start = |control: &String, line: String| (control.clone(), line);
    let (kind, name) = id.split_once(' ').expect("a kind and a name");
    // Bindings to `system:masters` are covered by another control.
    let of_subjects = controls.iter().filter(|control| *control != "rbac/system-masters");
    // Approval takes two rights, and only one binding is reported, so each binding gets its own intruder.
    let intruder = format!("intruder-{}", name.replace(['/', ':'], "-"));
    for (what, text) in
        [("a user", format!("User {intruder}")), ("an account", format!("ServiceAccount shop/{intruder}"))]
    {
        let new = subject(&text);
        let (own, offends) =
            (id.to_owned(), of_subjects.clone().map(|control| start(control, format!("{id} [{text}]"))).collect());
        all.push(Changed::new(format!("{id}: {what} more"), offends, move |world| {
            world.edit(&own, |binding| binding["subjects"].as_array_mut().expect("subjects").push(new.clone()));
        }));
    }
    if is_by_subject(id) {
        let own = id.to_owned();
        let offends = controls.iter().map(|control| start(control, format!("{id} [User "))).collect();
        all.push(Changed::new(format!("{id}: a subject of another name"), offends, move |world| {
            world.edit(&own, |binding| {
                let name = binding["subjects"][0]["name"].as_str().expect("a name").replacen("eks:", "eksx:", 1);
                binding["subjects"][0]["name"] = json!(name);
            });
        }));
        return;
    }
    // A different name.
    let own = id.to_owned();
    let offends = controls.iter().map(|control| start(control, format!("{kind} {name}-2 ["))).collect();
    all.push(Changed::new(format!("{id}: another name"), offends, move |world| {
        let mut binding = world.get(&own);
        let name = format!("{}-2", binding["metadata"]["name"].as_str().expect("a name"));
        binding["metadata"]["name"] = json!(name);
        world.remove(&own);
        world.put(binding);
    }));
    // A different role with the same rights.
    let own = id.to_owned();
    let namespace = object["metadata"]["namespace"].as_str().map(str::to_owned);
    let offends = controls.iter().map(|control| start(control, format!("{id} ["))).collect();
    let (role_kind, role_name) = (
        object["roleRef"]["kind"].as_str().expect("a kind").to_owned(),
        object["roleRef"]["name"].as_str().expect("a name").to_owned(),
    );
    let of_namespace =
        if role_kind == "Role" { format!("{}/", namespace.as_deref().expect("a namespace")) } else { String::new() };
    let role = format!("{role_kind} {of_namespace}{role_name}");
    let role_id = role.clone();
    let copy = format!("{role_name}-copy");
    all.push(Changed::new(format!("{id}: another role of the same rights"), offends, move |world| {
        let mut role = world.get(&role_id);
        role["metadata"]["name"] = json!(copy);
        world.put(role);
        world.edit(&own, |binding| binding["roleRef"]["name"] = json!(copy));
    }));
    if role_name != "cluster-admin" {
        with_a_wider_role(id, &role, namespace.is_none(), controls, all);
    }
    if let Some(namespace) = namespace {
        let (own, role_id) = (id.to_owned(), role);
        let line = format!("{kind} shop/{} [", name.strip_prefix(&format!("{namespace}/")).expect("in its namespace"));
        let offends = controls.iter().map(|control| start(control, line.clone())).collect();
        all.push(Changed::new(format!("{id}: another namespace"), offends, move |world| {
            for id in [&own, &role_id] {
                let mut object = world.get(id);
                object["metadata"]["namespace"] = json!("shop");
                world.put(object);
            }
        }));
    }
}

/// Adds rights to the role of a binding: first wildcard rules, then single rights that its exemptions do not cover.
fn with_a_wider_role(id: &str, role: &str, whole: bool, controls: &BTreeSet<String>, all: &mut Vec<Changed>) {
    let role_id = role.to_owned();
    let offends = controls
        .iter()
        .filter(|control| *control != "rbac/wildcards")
        .map(|control| (control.clone(), format!("{id} [")))
        .collect();
    all.push(Changed::new(format!("{id}: its role allows everything"), offends, move |world| {
        world.edit(&role_id, |role| {
            role["rules"]
                .as_array_mut()
                .expect("rules")
                .push(json!({"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}));
        });
    }));
    let mut more = vec![
        ("rbac/create-pods", json!({"apiGroups": [""], "resources": ["pods"], "verbs": ["create"]})),
        ("rbac/secrets-access", json!({"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]})),
        ("rbac/create-tokens", json!({"apiGroups": [""], "resources": ["serviceaccounts/token"], "verbs": ["create"]})),
        (
            "rbac/bind-impersonate-escalate",
            json!({"apiGroups": ["rbac.authorization.k8s.io"], "resources": ["roles"], "verbs": ["escalate"]}),
        ),
    ];
    if whole {
        more.push(("rbac/node-proxy", json!({"apiGroups": [""], "resources": ["nodes/proxy"], "verbs": ["get"]})));
        more.push(("rbac/webhook-configurations", json!({"apiGroups": ["admissionregistration.k8s.io"], "resources": ["mutatingwebhookconfigurations"], "verbs": ["patch"]})));
    }
    let shipped = shipped(id);
    for (control, rule) in more.into_iter().filter(|(control, _)| !shipped.contains(*control)) {
        let role_id = role.to_owned();
        let offends = vec![(control.to_owned(), format!("{id} ["))];
        all.push(Changed::new(format!("{id}: its role grants what {control} is about"), offends, move |world| {
            world.edit(&role_id, |role| role["rules"].as_array_mut().expect("rules").push(rule.clone()));
        }));
    }
}

/// Returns the controls from which the built-in exemptions exempt a binding.
fn shipped(id: &str) -> BTreeSet<String> {
    let text = include_str!("../../../benchmarks/exemptions/rbac.yaml");
    let file: Value = serde_yaml::from_str(text).expect("the exemptions");
    let of = |exemption: &&Value| exemption["binding"] == json!(id);
    let all = file["exemptions"].as_array().expect("exemptions").iter().filter(of);
    all.flat_map(|exemption| exemption["controls"].as_array().expect("controls"))
        .map(|control| control.as_str().expect("a key").to_owned())
        .collect()
}

/// A role may be exempt itself, or through its bindings.
fn of_role(id: &str, all: &mut Vec<Changed>) {
    if id == "ClusterRole cluster-admin" {
        return;
    }
    for (what, rule) in [
        ("any verb", json!({"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["*"]})),
        ("any resource", json!({"apiGroups": ["", "apps"], "resources": ["*"], "verbs": ["create"]})),
    ] {
        let own = id.to_owned();
        let name = id.strip_prefix("ClusterRole ").expect("a role");
        let offends = vec![
            ("rbac/wildcards".to_owned(), id.to_owned()),
            ("rbac/create-pods".to_owned(), format!("ClusterRoleBinding {}", short(name))),
        ];
        all.push(Changed {
            any: true,
            ..Changed::new(format!("{id}: {what}"), offends, move |world| {
                world.edit(&own, |role| role["rules"].as_array_mut().expect("rules").push(rule.clone()));
            })
        });
    }
}

/// Returns the part that the names of a role and its binding share.
fn short(role: &str) -> &str {
    role.strip_suffix("-role").unwrap_or(role)
}

fn of_workload(world: &World, id: &str, controls: &BTreeSet<String>, all: &mut Vec<Changed>) {
    let (kind, rest) = id.split_once(' ').expect("a kind and a name");
    let (namespace, name) = rest.split_once('/').expect("a namespace and a name");
    let (makers, pods) = parts_of(world, kind, namespace, name);
    assert!(!pods.is_empty(), "{id} has no pods");
    let other_kind = if kind == "DaemonSet" { "StatefulSet" } else { "DaemonSet" };
    // Exempt by namespace, not by name.
    let of_namespace = |control: &&String| *control == "rbac/token-mounts";
    for (what, [new_kind, new_namespace, new_name]) in [
        ("another name", [kind, namespace, &format!("other-{name}")]),
        ("a longer name", [kind, namespace, &format!("{name}-2")]),
        ("another kind", [other_kind, namespace, name]),
        ("another namespace", [kind, "shop", name]),
    ] {
        let offends: Vec<(String, String)> = controls
            .iter()
            .filter(|control| !of_namespace(control) || new_namespace != namespace)
            .map(|control| (control.clone(), format!("{new_kind} {new_namespace}/{new_name}")))
            .collect();
        let (makers, pods) = (makers.clone(), pods.clone());
        let owner = json!([{"apiVersion": "apps/v1", "kind": new_kind, "name": new_name, "controller": true}]);
        let new_namespace = new_namespace.to_owned();
        all.push(Changed::new(format!("{id}: {what}"), offends, move |world| {
            for id in &makers {
                world.remove(id);
            }
            for id in &pods {
                world.edit(id, |pod| {
                    pod["metadata"]["namespace"] = json!(new_namespace);
                    pod["metadata"]["ownerReferences"] = owner.clone();
                });
            }
        }));
    }
    // Settings that none of them needs.
    let secret = json!([{"name": "A", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]);
    for (control, at, value) in [
        ("pod-security/host-pid", "/spec/hostPID", json!(true)),
        ("pod-security/host-ipc", "/spec/hostIPC", json!(true)),
        ("workloads/secrets-as-files", "/spec/containers/0/env", secret),
        ("pod-security/privileged", "/spec/containers/0/securityContext", json!({"privileged": true})),
        (
            "pod-security/added-capabilities",
            "/spec/containers/0/securityContext",
            json!({"capabilities": {"add": ["SYS_BOOT"]}}),
        ),
        ("pod-security/host-path", "/spec/volumes", json!([{"name": "root", "hostPath": {"path": "/"}}])),
        ("pod-security/host-ports", "/spec/containers/0/ports", json!([{"hostPort": 1}])),
        ("pod-security/host-network", "/spec/hostNetwork", json!(true)),
    ] {
        if needed(id).iter().any(|own| own == control) {
            continue;
        }
        let pod = pods[pods.len() - 1].clone();
        let offends = vec![(control.to_owned(), id.to_owned())];
        all.push(Changed::new(format!("{id}: beyond its needs, {control}"), offends, move |world| {
            world.edit(&pod, |pod| {
                let (parent, last) = at.rsplit_once('/').expect("a path");
                pod.pointer_mut(parent).expect("there")[last] = value.clone();
            });
        }));
    }
}

/// Returns the controls from which the built-in exemptions exempt a workload.
fn needed(id: &str) -> Vec<String> {
    let text = include_str!("../../../benchmarks/exemptions/workloads.yaml");
    let file: Value = serde_yaml::from_str(text).expect("the exemptions");
    let (kind, rest) = id.split_once(' ').expect("a kind and a name");
    let (namespace, name) = rest.split_once('/').expect("a namespace and a name");
    let controller = json!(format!("{kind}/{name}"));
    let mut all = Vec::new();
    for exemption in
        file["exemptions"].as_object().expect("by platform").values().flat_map(|all| all.as_array().expect("a list"))
    {
        let has = |field: &str, value: &Value| exemption[field].as_array().expect("a list").contains(value);
        if has("namespaces", &json!(namespace)) && has("controllers", &controller) {
            for need in exemption["needs"].as_array().expect("needs") {
                let controls = file["needs"][need.as_str().expect("a need")].as_array().expect("controls");
                all.extend(controls.iter().map(|control| control.as_str().expect("a key").to_owned()));
            }
        }
    }
    all
}

fn of_static_pod(world: &World, id: &str, controls: &BTreeSet<String>, all: &mut Vec<Changed>) {
    let pod = world.of_kind("Pod").into_iter().find(|own| own.starts_with(&format!("{id}-cp-"))).expect("a static pod");
    let offends = || controls.iter().map(|control| (control.clone(), pod.clone())).collect::<Vec<_>>();
    let own = pod.clone();
    all.push(Changed::new(format!("{pod}: no mirror"), offends(), move |world| {
        world.edit(&own, |pod| drop(pod["metadata"].as_object_mut().expect("an object").remove("annotations")));
    }));
    let own = pod.clone();
    all.push(Changed::new(format!("{pod}: no owner"), offends(), move |world| {
        world.edit(&own, |pod| drop(pod["metadata"].as_object_mut().expect("an object").remove("ownerReferences")));
    }));
    let own = pod.clone();
    all.push(Changed::new(format!("{pod}: the picture of another node's"), offends(), move |world| {
        world.edit(&own, |pod| pod["metadata"]["ownerReferences"][0]["name"] = json!("worker-1"));
    }));
}

#[test]
fn each_exemption_stops_where_its_default_is_changed() {
    let (mut tried, mut still) = (0, Vec::new());
    for edition in [Edition::Hardened, Edition::Eks] {
        let all = changed(edition, &World::of(edition));
        let batches = batches(&all);
        let prepare = || {
            let world = World::of(edition);
            let changed = changed(edition, &world);
            (world, changed)
        };
        let results = on_all_cores(batches.len(), prepare, |(world, changed), number| {
            held(&batches[number].iter().map(|place| &changed[*place]).collect::<Vec<_>>(), world)
        });
        tried += all.len();
        still.extend(results.concat().into_iter().map(|why| format!("{edition:?} {why}")));
    }
    println!("{tried} changed defaults");
    assert!(still.is_empty(), "{} of {tried} changed defaults are exempt:\n{}", still.len(), still.join("\n"));
    assert!(tried >= 600, "{tried}");
}
