#!/bin/sh
# Collects evidence on an Amazon EKS cluster for kube-assay --aws-evidence. It only reads: each call begins with
# describe, get or list. It needs the AWS CLI, version 2, and credentials that may make these calls; a call that is refused
# leaves its error in a file, and the rest is still collected.
#
# Usage: sh SCRIPT DIRECTORY [CLUSTER]
# DIRECTORY must not exist. It will hold names, addresses and policies, no secrets.
set -euf
umask 077

directory=${1:?"usage: $0 DIRECTORY [CLUSTER]"}
cluster='@CLUSTER@'
cluster=${cluster:-${2:?"usage: $0 DIRECTORY CLUSTER"}}
region='@REGION@'
case $cluster in
*[!A-Za-z0-9_-]* | -*)
  echo "$cluster: not the name of a cluster" >&2
  exit 2
  ;;
esac
export AWS_PAGER= AWS_CLI_AUTO_PROMPT=off
command -v aws >/dev/null || {
  echo 'aws: not found (install the AWS CLI)' >&2
  exit 2
}
mkdir -- "$directory"

# Calls AWS, in the region that is given.
aws_in_region() {
  if [ -n "$region" ]; then aws --region "$region" "$@" </dev/null; else aws "$@" </dev/null; fi
}

# ask FILE SERVICE OPERATION ARGUMENT...: the answer goes into FILE.json, or what went wrong into FILE.error.
ask() {
  file=$directory/$1
  shift
  if aws_in_region "$@" --output json >"$file.part" 2>"$file.error"; then
    mv -- "$file.part" "$file.json"
    rm -f -- "$file.error"
  else
    rm -f -- "$file.part"
  fi
}

# names SERVICE OPERATION ARGUMENT...: prints the names in an answer, a line each. A call that is refused has none: ask
# makes it, too, and keeps the error.
names() {
  aws_in_region "$@" --output text 2>/dev/null | tr '\t' '\n' | sed -e '/^None$/d' -e '/^$/d'
}

# is_name NAME: whether it may be a part of a file's name.
is_name() {
  case $1 in '' | .* | -* | *[!A-Za-z0-9+=,.@_-]*) return 1 ;; esac
}

# tag ARN: the ARN as a part of a file's name.
tag() {
  printf %s "$1" | tr ':/' '%~'
}

# The names that calls below are made for.
groups_of_nodes=$(names eks list-nodegroups --cluster-name "$cluster" --query nodegroups)
profiles=$(
  names ec2 describe-instances --filters "Name=tag-key,Values=kubernetes.io/cluster/$cluster" \
    --query "Reservations[].Instances[].IamInstanceProfile.Arn" | sed 's|.*/||' | sort -u
)
roles=$(
  {
    for group in $groups_of_nodes; do
      names eks describe-nodegroup --cluster-name "$cluster" --nodegroup-name "$group" --query nodegroup.nodeRole
    done
    names eks describe-cluster --name "$cluster" --query cluster.computeConfig.nodeRoleArn
    for profile in $profiles; do
      names iam get-instance-profile --instance-profile-name "$profile" --query "InstanceProfile.Roles[].Arn"
    done
  } | sed 's|.*/||' | sort -u
)
