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
#   --tags KEY=VALUE       a tag of the stack and of all that it makes, for the bill say; may be repeated. Tags that are not
#                          named stay; project=vm-dataset-pipeline is always there
#   --isolate-worker       deploys infra/network.yaml too, and puts the worker function into it (docs/deploy-aws.md)
#   --no-quotas            does not compare the parameters with the account's Lambda quotas
#   --outputs              deploys nothing, prints the outputs of the stack
#
# A deployment also sets the worker's mapping to what WorkerEnabled says, as an alarm may have disabled it.
#
# AWS_REGION names the region, AWS_ENDPOINT_URL an emulator.
set -euo pipefail
script=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/$(basename "${BASH_SOURCE[0]}")
scripts=$(dirname "$script")
template=$scripts/../infra/template.yaml network=$scripts/../infra/network.yaml

usage() { awk 'NR > 1 { if (!/^#/) exit; sub(/^# ?/, ""); print }' "$script"; }
say() { printf '%s\n' "$*" >&2; }
misuse() { say "error: $*"; say "Run scripts/deploy.sh --help."; exit 2; }

stack=vm-dataset worker_image='' api_image=''
outputs_only=false isolate=false
parameters=() tags=() quotas=()
while [ $# -gt 0 ]; do
    case $1 in
        -h | --help) usage; exit 0 ;;
        --outputs) outputs_only=true; shift; continue ;;
        --isolate-worker) isolate=true; shift; continue ;;
        --no-quotas) quotas=(--no-quotas); shift; continue ;;
        --stack | --worker-image | --api-image | --parameter | --tags) ;;
        *) misuse "'$1' is not an option; allowed: --stack, --worker-image, --api-image, --parameter, --tags, --isolate-worker," \
            "--no-quotas, --outputs, --help." ;;
    esac
    [ -n "${2:-}" ] || misuse "$1 needs a value."
    case $1 in
        --stack) stack=$2 ;;
        --worker-image) worker_image=$2 ;;
        --api-image) api_image=$2 ;;
        --parameter) parameters+=("$2") ;;
        --tags) tags+=("$2") ;;
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
tag_pattern='^[A-Za-z0-9 _.:/+@-]{1,128}=[A-Za-z0-9 _.:/+@=-]{0,256}$'
for tag in "${tags[@]}"; do
    [[ $tag =~ $tag_pattern && $tag != aws:* ]] || misuse "--tags is '$tag'; it must be KEY=VALUE, of letters, digits, spaces and _.:/+@-," \
        "and not begin with aws:."
done
image_uri='^([0-9]{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com(\.cn)?/([a-z0-9._/-]+)(:[A-Za-z0-9._-]+|@sha256:[0-9a-f]{64})$'
for option in "--worker-image $worker_image" "--api-image $api_image"; do
    [[ ${option#* } =~ $image_uri|^$ ]] || misuse "${option% *} is '${option#* }';" \
        "it must be ACCOUNT.dkr.ecr.REGION.amazonaws.com/REPOSITORY with :TAG or @sha256:DIGEST."
done
$outputs_only && [ "${#parameters[@]}${#tags[@]}$isolate$worker_image$api_image" != 00false ] \
    && misuse "--outputs deploys nothing, so it goes with no image, no parameter and no tag."
export AWS_REGION=${AWS_REGION:-${AWS_DEFAULT_REGION:-}}
[ -n "$AWS_REGION" ] || misuse "AWS_REGION is not set; it must name a region, such as us-west-2."
# The AWS CLI 1 reads this one alone.
export AWS_DEFAULT_REGION=$AWS_REGION
command -v python3 >/dev/null || misuse "python3 is not on PATH; it is needed to check the parameters."
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

parameter_values() { python3 "$scripts/stack_parameters.py" "$template" "$stack" "$@" "${parameters[@]}"; }

# create_stack STACK TEMPLATE PARAMETERS...: makes or changes a stack. The CLI would take away tags that are not named again.
create_stack() {
    local name=$1 file=$2 key value all=(project=vm-dataset-pipeline) overrides=()
    shift 2
    while IFS=$'\t' read -r key value; do
        [ -z "$key" ] || all+=("$key=$value")
    done < <(aws cloudformation describe-stacks --stack-name "$name" --query 'Stacks[0].Tags[].[Key, Value]' --output text 2>/dev/null)
    # Of two tags of one name the CLI would send both; the later one counts.
    mapfile -t all < <(printf '%s\n' "${all[@]}" "${tags[@]}" | tac | awk -F= '!seen[$1]++' | tac)
    # Parameters that are not named keep the values they were deployed with.
    [ $# -gt 0 ] && overrides=(--parameter-overrides "$@")
    say "Deploying stack $name in $AWS_REGION ..."
    aws cloudformation deploy --stack-name "$name" --template-file "$file" --capabilities CAPABILITY_IAM \
        --no-fail-on-empty-changeset --tags "${all[@]}" "${overrides[@]}" >&2 && return
    say "error: stack $name was not deployed. Resources that failed, and why:"
    aws cloudformation describe-stack-events --stack-name "$name" --output text --query \
        "StackEvents[?contains(ResourceStatus, 'FAILED')].[LogicalResourceId, ResourceStatusReason]" >&2 || true
    exit 1
}

isolated() {
    local names queue dlq bucket key value
    names=$(parameter_values values QueueName DlqName BucketName)
    { read -r queue; read -r dlq; read -r bucket; } <<<"$names"
    create_stack "$stack-network" "$network" "QueueName=$queue" "DlqName=$dlq" "BucketName=$bucket"
    while IFS=$'\t' read -r key value; do
        [ -z "$key" ] || parameters+=("$key=$value")
    done < <(aws cloudformation describe-stacks --stack-name "$stack-network" --output text \
        --query 'Stacks[0].Outputs[].[OutputKey, OutputValue]')
    [[ "${parameters[*]}" == *WorkerSubnetIds=subnet-* ]] \
        || { say "error: stack $stack-network does not tell its subnets, so the worker cannot be put into them."; exit 1; }
}

# CloudFormation does not see that an alarm disabled the mapping, so a deployment would leave it so.
enable_mapping() {
    local id state
    [ "$(parameter_values values WorkerEnabled)" = true ] || return 0
    id=$(aws cloudformation describe-stacks --stack-name "$stack" --output text \
        --query "Stacks[0].Outputs[?OutputKey=='WorkerMappingId'].OutputValue")
    [[ $id =~ ^[0-9a-f-]{36}$ ]] || return 0
    state=$(aws lambda get-event-source-mapping --uuid "$id" --query State --output text)
    [[ $state == Disabl* ]] || return 0
    say "The worker's mapping was disabled, by an alarm or by hand; it is enabled again."
    aws lambda update-event-source-mapping --uuid "$id" --enabled >/dev/null
}

deploy() {
    local image
    if [ -n "$worker_image" ]; then image=$(pinned "$worker_image"); parameters+=("WorkerImageUri=$image"); fi
    if [ -n "$api_image" ]; then image=$(pinned "$api_image"); parameters+=("ApiImageUri=$image"); fi
    parameter_values check "${quotas[@]}"
    if $isolate; then isolated; fi
    create_stack "$stack" "$template" "${parameters[@]}"
    enable_mapping
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
            WorkerMappingId) name=WORKER_MAPPING_ID ;;
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
