//! Controls about who may log in.

use cluster::Resource;

use crate::anywhere::world::{
    World, anywhere, asks_the_management_cluster, cluster, held, names_the_right, notes, object,
};

const ADMIN: &str = "{roleARN: \"arn:aws:iam::1:role/Admin\", username: admin, groups: [\"system:masters\"]}";
const VIEWER: &str = "{roleARN: \"arn:aws:iam::1:role/View\", username: view, groups: [viewers]}";

fn config(mappings: &str) -> String {
    anywhere("AWSIamConfig", "default/mgmt", &format!("{{awsRegion: eu-west-1, mapRoles: [{mappings}]}}"))
}

/// The `aws-auth` config map, which the authenticator reads.
fn aws_auth(entries: &str) -> String {
    format!(
        "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: aws-auth, namespace: kube-system}}\ndata:\n  other: canary\n  \
         mapRoles: |\n    {}\n",
        entries.replace('\n', "\n    ")
    )
}

const MAPPED: &str = "- rolearn: arn:aws:iam::1:role/View\n  username: view\n  groups: [viewers]";

#[test]
fn nobody_is_mapped_to_the_masters() {
    let mapping = |groups: &str| {
        object(
            "iamauthenticator.k8s.aws/v1alpha1",
            "IAMIdentityMapping",
            "a",
            &format!("{{arn: \"arn:aws:iam::1:user/a\", username: a, groups: [{groups}]}}"),
        )
    };
    let users = anywhere(
        "AWSIamConfig",
        "default/mgmt",
        "{mapUsers: [{userARN: \"arn:aws:iam::1:user/a\", groups: [\"system:masters\"]}]}",
    );
    let table: [(String, &str, &[&str]); 9] = [
        (config(VIEWER), "pass", &[]),
        (
            config(ADMIN),
            "fail",
            &["AWSIamConfig default/mgmt [arn:aws:iam::1:role/Admin]: mapped to the group system:masters"],
        ),
        (config(&format!("{VIEWER}, {ADMIN}")), "fail", &["AWSIamConfig default/mgmt [arn:aws:iam::1:role/Admin]"]),
        (users, "fail", &["AWSIamConfig default/mgmt [arn:aws:iam::1:user/a]"]),
        (mapping("viewers"), "pass", &[]),
        (mapping("\"system:masters\""), "fail", &["IAMIdentityMapping a [arn:aws:iam::1:user/a]"]),
        (aws_auth(MAPPED), "pass", &[]),
        (aws_auth(&MAPPED.replace("viewers", "system:masters")), "fail", &["ConfigMap kube-system/aws-auth"]),
        (String::new(), "none: AWSIamConfig", &[]),
    ];
    for (yaml, expected, offenders) in table {
        held("eks-anywhere/mapped-administrators", &World::new(&yaml), expected, offenders);
    }
    for resource in [Resource::AwsIamConfigs, Resource::IamIdentityMappings, Resource::ConfigMaps] {
        names_the_right("eks-anywhere/mapped-administrators", &config(VIEWER), resource);
    }
}

#[test]
fn mappings_are_those_of_the_specification() {
    let mgmt = cluster("mgmt", "VSphere", "  identityProviderRefs: [{kind: AWSIamConfig, name: mgmt}]");
    let same = mgmt.clone() + &config(VIEWER);
    let extra =
        format!("{MAPPED}\n- rolearn: arn:aws:iam::1:role/Extra\n  username: x\n  groups: [\"system:masters\"]");
    let wider = MAPPED.replace("[viewers]", "[viewers, admins]");
    let table: [(String, &str, &[&str]); 10] = [
        (same.clone() + &aws_auth(MAPPED), "pass", &[]),
        (same.clone() + &aws_auth(&MAPPED.replace("View", "VIEW")), "pass", &[]),
        (same.clone() + &aws_auth("[]"), "pass", &[]),
        (
            same.clone() + &aws_auth(&extra),
            "fail",
            &[
                "ConfigMap kube-system/aws-auth [arn:aws:iam::1:role/Extra]: x [system:masters]: not in the specification",
            ],
        ),
        (same.clone() + &aws_auth(&wider), "fail", &["ConfigMap kube-system/aws-auth [arn:aws:iam::1:role/View]"]),
        (
            cluster("mgmt", "VSphere", "") + &aws_auth(MAPPED),
            "fail",
            &["ConfigMap kube-system/aws-auth [arn:aws:iam::1:role/View]"],
        ),
        (mgmt + &aws_auth(MAPPED), "unknown: AWSIamConfig mgmt: not found", &[]),
        (same.clone() + &aws_auth("{ no list"), "unknown: ConfigMap kube-system/aws-auth: mapRoles is not a list", &[]),
        (same.clone(), "none: ConfigMap kube-system/aws-auth", &[]),
        // The management cluster itself is not specified.
        (cluster("prod", "VSphere", "") + &aws_auth(MAPPED), "unknown: Cluster: none of them manages itself", &[]),
    ];
    for (yaml, expected, offenders) in table {
        held("eks-anywhere/mapping-drift", &World::new(&yaml), expected, offenders);
    }
    names_the_right("eks-anywhere/mapping-drift", &(same.clone() + &aws_auth(MAPPED)), Resource::ConfigMaps);
    held(
        "eks-anywhere/mapping-drift",
        &World::of_workloads(&aws_auth(MAPPED)),
        "unknown: clusters.anywhere.eks.amazonaws.com",
        &[],
    );
}

#[test]
fn tokens_of_an_issuer_name_nobody_of_kubernetes() {
    let of = |more: &str| {
        cluster("mgmt", "VSphere", "")
            + &anywhere("OIDCConfig", "default/mgmt", &format!("{{clientId: canary, {more}}}"))
    };
    let own = "OIDCConfig default/mgmt [spec.";
    let prefix = format!("{own}groupsPrefix]: not set");
    let table: [(String, &str, &[&str]); 8] = [
        (of("issuerUrl: \"https://id\", requiredClaims: [{claim: a, value: b}]"), "pass", &[]),
        (of("issuerUrl: \"https://id\", groupsClaim: g, groupsPrefix: \"oidc:\""), "pass", &[]),
        (of("issuerUrl: \"http://id\""), "fail", &[&format!("{own}issuerUrl]: `http://id`, expected https")]),
        (of("issuerUrl: id"), "fail", &[&format!("{own}issuerUrl]")]),
        (of("issuerUrl: \"https://id\", groupsClaim: g"), "fail", &[&prefix]),
        (of("issuerUrl: \"https://id\", groupsClaim: g, groupsPrefix: \"-\""), "fail", &[&prefix]),
        (of("issuerUrl: \"https://id\", usernamePrefix: \"-\""), "fail", &[&format!("{own}usernamePrefix]")]),
        (cluster("mgmt", "VSphere", ""), "none: OIDCConfig", &[]),
    ];
    for (yaml, expected, offenders) in table {
        held("eks-anywhere/oidc", &World::new(&yaml), expected, offenders);
    }
    let judgement = World::new(&of("issuerUrl: \"https://id\"")).judge("eks-anywhere/oidc");
    assert!(notes(&judgement)[0].contains("no requiredClaims"), "{:?}", notes(&judgement));
    names_the_right("eks-anywhere/oidc", &of("issuerUrl: \"https://id\""), Resource::OidcConfigs);
    asks_the_management_cluster("eks-anywhere/oidc");
}
