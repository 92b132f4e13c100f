#!/usr/bin/env bash
# Makes the queue, its dead-letter queue and the bucket in an emulator; what is there already is left as it is.
#
#   AWS_ENDPOINT_URL=http://127.0.0.1:4566 AWS_REGION=us-east-1 docker/create-resources.sh
#
# QUEUE (default vm-dataset-tasks), DLQ (default vm-dataset-tasks-dlq) and BUCKET (default vm-dataset-outputs) change the names.
set -euo pipefail

usage() { sed -n '2,6s/^# \{0,1\}//p' "$0"; }

case "${1:-}" in
    "") ;;
    -h | --help) usage; exit 0 ;;
    *) echo "error: '$1' is not an option; allowed: --help, or nothing." >&2; usage >&2; exit 2 ;;
esac
# Without an endpoint this would make things in somebody's account.
for name in AWS_ENDPOINT_URL AWS_REGION; do
    [ -n "${!name:-}" ] || { echo "error: $name is not set; it names the emulator's address or region." >&2; exit 2; }
done
command -v aws >/dev/null || { echo "error: aws (the AWS CLI) is not on PATH." >&2; exit 2; }

queue=${QUEUE:-vm-dataset-tasks} dlq=${DLQ:-vm-dataset-tasks-dlq} bucket=${BUCKET:-vm-dataset-outputs}
export AWS_PAGER="" AWS_DEFAULT_REGION=$AWS_REGION
call() { aws --endpoint-url "$AWS_ENDPOINT_URL" --output text "$@"; }

# 14 days, the longest there is, so that a dead letter outlives a weekend.
dlq_url=$(call sqs create-queue --queue-name "$dlq" --attributes MessageRetentionPeriod=1209600 --query QueueUrl)
dlq_arn=$(call sqs get-queue-attributes --queue-url "$dlq_url" --attribute-names QueueArn --query Attributes.QueueArn)

# The worker itself gives a message up on its fourth delivery, with a record; the queue's ten only catch what it cannot.
queue_url=$(call sqs create-queue --queue-name "$queue" --query QueueUrl)
call sqs set-queue-attributes --queue-url "$queue_url" --attributes \
    "{\"VisibilityTimeout\":\"60\",\"RedrivePolicy\":\"{\\\"deadLetterTargetArn\\\":\\\"$dlq_arn\\\",\\\"maxReceiveCount\\\":\\\"10\\\"}\"}"

call s3api head-bucket --bucket "$bucket" >/dev/null 2>&1 || call s3 mb "s3://$bucket"
echo "queue $queue_url, dead letters $dlq_url, bucket $bucket"
