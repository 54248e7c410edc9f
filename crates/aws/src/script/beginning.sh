#!/bin/sh
# Collects evidence about an Amazon EKS cluster for kube-assay --aws-evidence. It is read-only: every call begins with
# describe, get or list. It needs the AWS CLI, version 2, and credentials with permission for these calls. The error of a
# refused call is saved to a file, and collection continues.
#
# Usage: sh SCRIPT DIRECTORY [CLUSTER]
# DIRECTORY must not exist. It will contain names, addresses and policies, but no secrets.
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

# Calls AWS, in the selected region if there is one.
aws_in_region() {
  if [ -n "$region" ]; then aws --region "$region" "$@" </dev/null; else aws "$@" </dev/null; fi
}

# ask FILE SERVICE OPERATION ARGUMENT...: writes the response to FILE.json, or the error to FILE.error.
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

# names SERVICE OPERATION ARGUMENT...: prints the names in a response, one per line; none if the call is refused. ask
# makes the same call and saves the error.
names() {
  aws_in_region "$@" --output text 2>/dev/null | tr '\t' '\n' | sed -e '/^None$/d' -e '/^$/d'
}

# is_name NAME: succeeds if NAME can be part of a file name.
is_name() {
  case $1 in '' | .* | -* | *[!A-Za-z0-9+=,.@_-]*) return 1 ;; esac
}

# tag ARN: prints the ARN in a form that can be part of a file name.
tag() {
  printf %s "$1" | tr ':/' '%~'
}

# The names that later calls need.
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
