//! The Jobs in `job-manifests/`: each requests no more than an audit needs, and runs on the intended nodes.

#![allow(clippy::disallowed_methods, reason = "tests make nodes, and read what was made")]

#[cfg(feature = "cluster")]
mod cluster;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_yaml::Value;

/// The required values in every Job: a path (separated by `/`, list indexes as numbers) and its value.
const HARDENING: &[(&str, &str)] = &[
    ("apiVersion", "batch/v1"),
    ("kind", "Job"),
    ("spec/backoffLimit", "0"),
    ("spec/template/spec/restartPolicy", "Never"),
    ("spec/template/spec/hostPID", "true"),
    ("spec/template/spec/automountServiceAccountToken", "false"),
    ("spec/template/spec/enableServiceLinks", "false"),
    ("spec/template/spec/containers/0/image", "kube-assay:0.1.0"),
    ("spec/template/spec/containers/0/securityContext/runAsUser", "0"),
    ("spec/template/spec/containers/0/securityContext/allowPrivilegeEscalation", "false"),
    ("spec/template/spec/containers/0/securityContext/readOnlyRootFilesystem", "true"),
    ("spec/template/spec/containers/0/securityContext/capabilities/drop", "[ALL]"),
    ("spec/template/spec/containers/0/securityContext/capabilities/add", "[DAC_READ_SEARCH, SYS_PTRACE]"),
    ("spec/template/spec/containers/0/securityContext/seccompProfile/type", "RuntimeDefault"),
    ("spec/template/spec/containers/0/securityContext/appArmorProfile/type", "Unconfined"),
    ("spec/template/spec/containers/0/env/0/name", "KUBE_ASSAY_NODE_NAME"),
    ("spec/template/spec/containers/0/env/0/valueFrom/fieldRef/fieldPath", "spec.nodeName"),
    ("spec/template/spec/containers/0/volumeMounts/0/mountPath", "/host"),
    ("spec/template/spec/containers/0/volumeMounts/0/readOnly", "true"),
    ("spec/template/spec/containers/0/volumeMounts/0/recursiveReadOnly", "IfPossible"),
    ("spec/template/spec/volumes/0/hostPath/path", "/"),
];

/// Paths that must be absent from every Job.
const ABSENT: &[&str] = &[
    "spec/template/spec/hostNetwork",
    "spec/template/spec/hostIPC",
    "spec/template/spec/serviceAccountName",
    "spec/template/spec/initContainers",
    // These would show more of the node, or show it twice.
    "spec/template/spec/containers/1",
    "spec/template/spec/volumes/1",
    "spec/template/spec/containers/0/volumeMounts/1",
    "spec/template/spec/containers/0/securityContext/privileged",
    // It cannot be combined with recursive read-only mounts.
    "spec/template/spec/containers/0/volumeMounts/0/mountPropagation",
];

/// The arguments of each Job, and whether it must run on a control plane node.
const JOBS: &[(&str, &[&str], bool)] = &[
    (
        "eks-anywhere/control-plane-stacked-etcd.yaml",
        &[
            "run",
            "--root=/host",
            "--deadline=60",
            "--targets=master,controlplane,etcd",
            "--profile=eks-anywhere-stacked-etcd",
        ],
        true,
    ),
    (
        "eks-anywhere/control-plane.yaml",
        &["run", "--root=/host", "--deadline=60", "--targets=master,controlplane", "--profile=eks-anywhere"],
        true,
    ),
    (
        "eks-anywhere/worker.yaml",
        &["run", "--root=/host", "--deadline=60", "--targets=node", "--profile=eks-anywhere"],
        false,
    ),
    ("job-eks.yaml", &["run", "--root=/host", "--deadline=60", "--targets=node"], false),
    ("job-master.yaml", &["run", "--root=/host", "--deadline=60", "--targets=master,controlplane,etcd"], true),
    ("job-node.yaml", &["run", "--root=/host", "--deadline=60", "--targets=node"], false),
    ("job.yaml", &["--root=/host", "--deadline=60"], false),
];

const LABELS: [&str; 2] = ["node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master"];

/// A Job: its path below `job-manifests/`, its text and its parsed YAML.
struct Job {
    name: String,
    text: String,
    value: Value,
}

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("job-manifests")
}

fn collect(directory: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).expect("job-manifests can be listed") {
        let path = entry.expect("job-manifests can be listed").path();
        if path.is_dir() {
            collect(&path, into);
        } else if !path.ends_with("job-cluster.yaml") {
            into.push(path);
        }
    }
}

/// Returns every Job below `job-manifests/` that checks a node, by path.
fn jobs() -> Vec<Job> {
    let mut paths = Vec::new();
    collect(&directory(), &mut paths);
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            let name = path.strip_prefix(directory()).expect("it lies there").display().to_string();
            let text = fs::read_to_string(&path).expect("a manifest can be read");
            let value = serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
            Job { name, text, value }
        })
        .collect()
}

/// Returns the value at `path`; `None` if there is none.
fn at<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('/').try_fold(value, |value, part| match part.parse::<usize>() {
        Ok(index) => value.get(index),
        Err(_) => value.get(part),
    })
}

/// Formats a scalar or a list of scalars: `true`, `0`, `[ALL]`.
fn shown(value: &Value) -> String {
    match value {
        Value::Bool(value) => value.to_string(),
        Value::Number(value) => value.to_string(),
        Value::String(value) => value.clone(),
        Value::Sequence(items) => format!("[{}]", items.iter().map(shown).collect::<Vec<_>>().join(", ")),
        other => format!("{other:?}"),
    }
}

/// Returns the violations of the two tables, one per line.
fn breaches(job: &Value) -> Vec<String> {
    let wrong = HARDENING.iter().filter_map(|&(path, wanted)| {
        let found = at(job, path).map_or_else(|| "nothing".to_owned(), shown);
        (found != wanted).then(|| format!("{path}: found {found}, expected {wanted}"))
    });
    let extra = ABSENT.iter().filter_map(|path| at(job, path).map(|found| format!("{path}: found {}", shown(found))));
    wrong.chain(extra).collect()
}

/// Returns a list of strings.
fn strings(value: Option<&Value>) -> Vec<&str> {
    value.and_then(Value::as_sequence).into_iter().flatten().filter_map(Value::as_str).collect()
}

/// Returns a Kubernetes quantity as a number of the given unit.
fn quantity(value: Option<&Value>, unit: &str) -> u32 {
    value
        .and_then(Value::as_str)
        .and_then(|text| text.strip_suffix(unit))
        .and_then(|number| number.parse().ok())
        .unwrap_or_else(|| panic!("{value:?}: no number of {unit}"))
}

#[test]
fn every_job_asks_for_no_more_than_it_needs() {
    for job in jobs() {
        assert_eq!(breaches(&job.value), Vec::<String>::new(), "{}", job.name);
    }
}

/// Breaks each line of the tables once, since they would be worthless if a weakened Job passed.
#[test]
fn a_softened_job_is_noticed() {
    let job = jobs().pop().expect("there are Jobs").value;
    for (path, wanted) in HARDENING {
        let mut soft = job.clone();
        *at_mut(&mut soft, path).expect("the path is there") = Value::String("something else".to_owned());
        assert_eq!(breaches(&soft), [format!("{path}: found something else, expected {wanted}")]);
    }
    let mut soft = job.clone();
    let context = at_mut(&mut soft, "spec/template/spec/containers/0/securityContext").expect("it has one");
    context.as_mapping_mut().expect("a mapping").insert("privileged".into(), true.into());
    assert_eq!(breaches(&soft), ["spec/template/spec/containers/0/securityContext/privileged: found true"]);
}

fn at_mut<'a>(value: &'a mut Value, path: &str) -> Option<&'a mut Value> {
    path.split('/').try_fold(value, |value, part| match part.parse::<usize>() {
        Ok(index) => value.get_mut(index),
        Err(_) => value.get_mut(part),
    })
}

#[test]
fn every_job_is_known_and_runs_what_it_is_for() {
    let jobs = jobs();
    assert_eq!(
        jobs.iter().map(|job| job.name.as_str()).collect::<Vec<_>>(),
        JOBS.iter().map(|(name, _, _)| *name).collect::<Vec<_>>()
    );
    for (job, (name, arguments, _)) in jobs.iter().zip(JOBS) {
        assert_eq!(strings(at(&job.value, "spec/template/spec/containers/0/args")), *arguments, "{name}");
    }
}

#[test]
fn control_plane_jobs_land_there_whatever_the_label_is_called() {
    for (job, (name, _, control_plane)) in jobs().iter().zip(JOBS) {
        let terms = at(
            &job.value,
            "spec/template/spec/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution/nodeSelectorTerms",
        );
        // Terms are alternatives, whereas all expressions of a term must match: one label each.
        let labels: Vec<_> = terms
            .and_then(Value::as_sequence)
            .into_iter()
            .flatten()
            .map(|term| {
                assert!(at(term, "matchExpressions/1").is_none(), "{name}: both labels at once");
                assert_eq!(at(term, "matchExpressions/0/operator").map(shown).as_deref(), Some("Exists"), "{name}");
                at(term, "matchExpressions/0/key").map(shown).unwrap_or_default()
            })
            .collect();
        // Newer API servers warn about the old label, so the commands in the header only add it for older clusters.
        assert_eq!(labels, if *control_plane { vec![LABELS[0]] } else { Vec::new() }, "{name}");
        let old = format!("{{ key: {}, operator: Exists }}", LABELS[1]);
        let line = format!("              # before 1.24: - matchExpressions: [{old}]\n");
        assert_eq!(job.text.matches(&line).count(), usize::from(*control_plane), "{name}");
        let asks = "# servers warn. Add -e 's/# before 1\\.24: //' to that command there.\n";
        assert_eq!(job.text.contains(asks), *control_plane, "{name}");
        if *control_plane || matches!(*name, "job.yaml" | "job-node.yaml") {
            for (index, label) in LABELS.iter().enumerate() {
                let toleration = at(&job.value, &format!("spec/template/spec/tolerations/{index}")).expect(name);
                assert_eq!(at(toleration, "key").map(shown).as_deref(), Some(*label), "{name}");
                assert_eq!(at(toleration, "operator").map(shown).as_deref(), Some("Exists"), "{name}");
                assert!(at(toleration, "effect").is_none(), "{name}: an effect would tolerate that one only");
            }
        }
    }
}

#[test]
fn every_job_is_small_and_goes_away() {
    for job in jobs() {
        let resources = at(&job.value, "spec/template/spec/containers/0/resources").expect("it has resources");
        assert!(quantity(at(resources, "requests/cpu"), "m") <= 50, "{}", job.name);
        assert!(quantity(at(resources, "requests/memory"), "Mi") <= 32, "{}", job.name);
        assert!(quantity(at(resources, "limits/cpu"), "m") <= 1000, "{}", job.name);
        // Peak usage is under 12 MiB; a limit much closer to it would kill a run on a large node.
        assert!((32..=128).contains(&quantity(at(resources, "limits/memory"), "Mi")), "{}", job.name);
        for limit in ["spec/ttlSecondsAfterFinished", "spec/activeDeadlineSeconds"] {
            assert!(at(&job.value, limit).and_then(Value::as_u64).is_some_and(|seconds| seconds > 0), "{}", job.name);
        }
    }
}

/// The commands in each header name their own file and Job.
#[test]
fn every_header_speaks_of_its_own_job() {
    for job in jobs() {
        let file = job.name.rsplit('/').next().expect("it has a name");
        let name = at(&job.value, "metadata/name").map(shown).expect("it has a name");
        for line in [
            format!("#   kubectl apply -n kube-assay -f {file}\n"),
            format!("#   kubectl logs -n kube-assay job/{name}\n"),
            // Running it again, or with another image.
            format!("#   kubectl replace --force -n kube-assay -f {file}\n"),
            "#       kubectl replace --force -n kube-assay -f -\n".to_owned(),
            // If Pod Security refuses its pod.
            format!("#   kubectl describe -n kube-assay job/{name}\n"),
            // The log is the report, without any other output.
            format!("#   kubectl logs -n kube-assay job/{name} >report.xml\n"),
            "pod-security.kubernetes.io/enforce=privileged\n".to_owned(),
            "      # nodeName: NODE\n".to_owned(),
        ] {
            assert!(job.text.contains(&line), "{}: no line {line}", job.name);
        }
    }
}

/// Two Jobs can be applied to one namespace.
#[test]
fn every_job_has_a_name_of_its_own() {
    let jobs = jobs();
    let names: BTreeSet<String> =
        jobs.iter().map(|job| at(&job.value, "metadata/name").map(shown).expect("it has a name")).collect();
    assert_eq!(names.len(), jobs.len(), "{names:?}");
    for name in names {
        // A node's name is appended, and a Job's name is limited to 63 characters.
        assert!(name.starts_with("kube-assay") && name.len() <= 24, "{name}");
    }
}

/// The version of the image in the Dockerfile and the Jobs must be that of the package.
#[test]
fn versions_agree() {
    let dockerfile = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Dockerfile")).expect("it is there");
    assert!(dockerfile.contains(concat!("\nARG VERSION=", env!("CARGO_PKG_VERSION"), "\n")));
    for job in jobs() {
        assert!(job.text.contains(concat!("image: kube-assay:", env!("CARGO_PKG_VERSION"), "\n")), "{}", job.name);
    }
}
