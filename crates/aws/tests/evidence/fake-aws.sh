#!/bin/sh
# Answers as AWS's command line does, from the files of $FAKE_ANSWERS.
[ -z "${FAKE_LOG-}" ] || echo "$*" >>"$FAKE_LOG"
[ "$1" != --region ] || shift 2
operation=$2
shift 2
subject='' output='' query=''
while [ $# -gt 0 ]; do
  case $1 in
  --output) output=$2 ;;
  --query) query=$2 ;;
  --nodegroup-name | --instance-profile-name | --attribute | --role-name) subject=$2 ;;
  --addon-name) subject=$2 ;;
  --policy-name) subject=$subject~$2 ;;
  --key-id | --policy-arn) subject=$(printf %s "$2" | tr ':/' '%~') ;;
  --launch-template-id) subject=general ;;
  --principal-arn) case $2 in */platform) subject=1 ;; *) subject=2 ;; esac ;;
  esac
  shift
done
if [ "$operation" = "$FAKE_REFUSED" ]; then
  echo "An error occurred (AccessDeniedException) when calling the Operation: not allowed" >&2
  exit 254
fi
if [ "$output" = json ]; then
  exec cat "$FAKE_ANSWERS/$operation${subject:+.$subject}.json"
fi
# As text, null is None and lists have tabs between their items.
case $operation:$query in
list-nodegroups:nodegroups) echo general ;;
describe-nodegroup:nodegroup.nodeRole) echo arn:aws:iam::111122223333:role/nodes/prod-nodes ;;
describe-nodegroup:nodegroup.launchTemplate.id) echo lt-0general ;;
describe-nodegroup:nodegroup.launchTemplate.version) echo 4 ;;
list-access-entries:*) printf 'arn:aws:iam::111122223333:role/platform\tarn:aws:iam::111122223333:role/nodes/prod-nodes\n' ;;
describe-cluster:*keyArn) echo arn:aws:kms:eu-central-1:111122223333:key/0a1b2c3d-0000-4000-8000-000000000001 ;;
describe-cluster:*vpcId) echo vpc-0prod ;;
describe-cluster:*nodeRoleArn) echo None ;;
describe-cluster:*issuer) echo https://oidc.eks.eu-central-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF ;;
describe-cluster:*clusterSecurityGroupId*) printf 'sg-0cluster\tsg-0extra\n' ;;
describe-vpcs:*) echo dopt-0one ;;
describe-instances:*) printf 'arn:aws:iam::111122223333:instance-profile/eks-general\narn:aws:iam::111122223333:instance-profile/eks-general\n' ;;
get-instance-profile:*) echo arn:aws:iam::111122223333:role/nodes/prod-nodes ;;
list-role-policies:*) [ -z "${FAKE_INLINE-}" ] || echo "$FAKE_INLINE" ;;
list-attached-role-policies:*)
  printf 'arn:aws:iam::aws:policy/%s\t' AmazonEKSWorkerNodePolicy AmazonEC2ContainerRegistryPullOnly AmazonSSMManagedInstanceCore
  ;;
get-policy:*) echo v1 ;;
*)
  echo "fake: no answer to $operation $query" >&2
  exit 1
  ;;
esac
