#!/usr/bin/env bash
# Deploys infra/template.yaml with CloudFormation, or changes what is deployed, and prints what the other programs need
# as export lines on standard output; everything else goes to standard error.
#
#   scripts/deploy.sh                                     queues, bucket, alarms and dashboard
#   scripts/deploy.sh --worker-image URI --api-image URI  with the functions, once their images are in ECR
#   scripts/deploy.sh --parameter WorkerMemory=1769       changes one parameter; the others stay as they are deployed
#   eval "$(scripts/deploy.sh --outputs)"                 sets the variables in this shell
#
#   --stack NAME           name of the stack (default vm-dataset)
#   --worker-image URI     image in ECR, REPOSITORY:TAG or REPOSITORY@sha256:DIGEST; a tag is replaced by its digest
#   --api-image URI        likewise
#   --parameter KEY=VALUE  any parameter of the template; may be repeated
#   --outputs              deploys nothing, prints the outputs of the stack
#
# AWS_REGION names the region, AWS_ENDPOINT_URL an emulator.
set -euo pipefail
script=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/$(basename "${BASH_SOURCE[0]}")
template=$(dirname "$script")/../infra/template.yaml

usage() { sed -n '2,17s/^# \{0,1\}//p' "$script"; }
say() { printf '%s\n' "$*" >&2; }
misuse() { say "error: $*"; say "Run scripts/deploy.sh --help."; exit 2; }

stack=vm-dataset worker_image='' api_image=''
outputs_only=false
parameters=()
while [ $# -gt 0 ]; do
    case $1 in
        -h | --help) usage; exit 0 ;;
        --outputs) outputs_only=true; shift; continue ;;
        --stack | --worker-image | --api-image | --parameter) ;;
        *) misuse "'$1' is not an option; allowed: --stack, --worker-image, --api-image, --parameter, --outputs, --help." ;;
    esac
    [ -n "${2:-}" ] || misuse "$1 needs a value."
    case $1 in
        --stack) stack=$2 ;;
        --worker-image) worker_image=$2 ;;
        --api-image) api_image=$2 ;;
        --parameter) parameters+=("$2") ;;
    esac
    shift 2
done

[[ $stack =~ ^[A-Za-z][A-Za-z0-9-]{0,127}$ ]] \
    || misuse "--stack is '$stack'; allowed: letters, digits and hyphens, a letter first, at most 128."
known=" $(sed -n '/^Parameters:/,/^Rules:/s/^  \([A-Za-z]*\):$/\1/p' "$template" | tr '\n' ' ')"
for parameter in "${parameters[@]}"; do
    [[ $parameter == *=* ]] || misuse "--parameter is '$parameter'; it must be KEY=VALUE."
    [[ $known == *" ${parameter%%=*} "* ]] || misuse "--parameter has the key '${parameter%%=*}'; allowed:$known"
done
image_uri='^([0-9]{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com(\.cn)?/([a-z0-9._/-]+)(:[A-Za-z0-9._-]+|@sha256:[0-9a-f]{64})$'
for option in "--worker-image $worker_image" "--api-image $api_image"; do
    [[ ${option#* } =~ $image_uri|^$ ]] || misuse "${option% *} is '${option#* }';" \
        "it must be ACCOUNT.dkr.ecr.REGION.amazonaws.com/REPOSITORY with :TAG or @sha256:DIGEST."
done
$outputs_only && [ "${#parameters[@]}$worker_image$api_image" != 0 ] \
    && misuse "--outputs deploys nothing, so it goes with no image and no parameter."
export AWS_REGION=${AWS_REGION:-${AWS_DEFAULT_REGION:-}}
[ -n "$AWS_REGION" ] || misuse "AWS_REGION is not set; it must name a region, such as us-west-2."
# The AWS CLI 1 reads this one alone.
export AWS_DEFAULT_REGION=$AWS_REGION
command -v aws >/dev/null || misuse "the AWS CLI (aws) is not on PATH; https://aws.amazon.com/cli tells how to install it."

# CloudFormation compares texts: it would not see that a tag such as :latest names another image now.
pinned() {
    [[ $1 =~ $image_uri ]]
    local account=${BASH_REMATCH[1]} region=${BASH_REMATCH[2]} repository=${BASH_REMATCH[4]} version=${BASH_REMATCH[5]}
    [[ $version == :* ]] || { echo "$1"; return; }
    local digest
    digest=$(aws ecr describe-images --registry-id "$account" --region "$region" --repository-name "$repository" \
        --image-ids "imageTag=${version#:}" --query 'imageDetails[0].imageDigest' --output text) \
        || { say "error: there is no image $1 that may be read; scripts/build_and_push.sh makes it."; return 1; }
    echo "${1%:*}@$digest"
}

deploy() {
    local image overrides=()
    if [ -n "$worker_image" ]; then image=$(pinned "$worker_image"); parameters+=("WorkerImageUri=$image"); fi
    if [ -n "$api_image" ]; then image=$(pinned "$api_image"); parameters+=("ApiImageUri=$image"); fi
    # Parameters that are not named keep the values they were deployed with.
    [ ${#parameters[@]} -gt 0 ] && overrides=(--parameter-overrides "${parameters[@]}")
    say "Deploying stack $stack in $AWS_REGION ..."
    aws cloudformation deploy --stack-name "$stack" --template-file "$template" --capabilities CAPABILITY_IAM \
        --no-fail-on-empty-changeset "${overrides[@]}" >&2 && return
    say "error: stack $stack was not deployed. Resources that failed, and why:"
    aws cloudformation describe-stack-events --stack-name "$stack" --output text --query \
        "StackEvents[?contains(ResourceStatus, 'FAILED')].[LogicalResourceId, ResourceStatusReason]" >&2 || true
    exit 1
}

print_outputs() {
    local lines key value name
    lines=$(aws cloudformation describe-stacks --stack-name "$stack" --output text \
        --query 'Stacks[0].Outputs[].[OutputKey, OutputValue]') \
        || { say "error: stack $stack cannot be read in $AWS_REGION; scripts/deploy.sh makes it."; return 1; }
    if [[ $lines != *QueueUrl* ]]; then say "Stack $stack has no output QueueUrl: it has not been deployed from infra/template.yaml."; return 1; fi
    while IFS=$'\t' read -r key value; do
        case $key in
            Region) name=AWS_REGION ;;
            QueueUrl) name=SQS_QUEUE_URL ;;
            DlqUrl) name=SQS_DLQ_URL ;;
            BucketName) name=OUTPUT_BUCKET ;;
            WorkerFunctionName) name=WORKER_FUNCTION_NAME ;;
            ApiFunctionName) name=API_FUNCTION_NAME ;;
            ApiUrl) name=API_URL value=${value%/} ;;
            WorkerPolicyArn) name=WORKER_POLICY_ARN ;;
            ApiPolicyArn) name=API_POLICY_ARN ;;
            DashboardUrl) name=DASHBOARD_URL ;;
            *) continue ;;
        esac
        printf 'export %s=%q\n' "$name" "$value"
    done <<<"$lines"
}

if $outputs_only; then print_outputs; else deploy; print_outputs || true; fi
