#!/usr/bin/env bash
# Submits a job to the control plane, and waits for it if told to.
#
#   scripts/submit_tasks.sh --generator all --samples 10000
#   scripts/submit_tasks.sh --generator chess-task-data-generator,maze-data-generator --samples 100 --seed 42 --wait
#
#   --generator all|NAME[,NAME...]   every usable generator, or these
#   --samples N                      samples of each generator
#   --batch-size N                   samples per message (default: the API's choice)
#   --seed N                         sample i is drawn with seed N + i (default: random, and shown)
#   --output-format files|webdataset (default files)
#   --start-index N                  index of the first sample (default 0)
#   --parameters JSON                set this of every generator, such as '{"grid_size": 5}'; see docs/parameters.md
#   --wait                           show the progress until the job has ended; exit code 0 only if it succeeded
#   --sign                           sign requests with AWS credentials, as a Lambda function URL with IAM needs it;
#                                    done anyway for hosts that end in .lambda-url.REGION.on.aws
#   --no-sign                        do not sign, as a function URL without IAM takes requests with API_KEY alone
#
# Prints the job's id and its status URL on stdout, everything else on stderr. Exit code 1: the API refused the job, or it
# failed; 2: wrong use.
#
# API_URL (default http://127.0.0.1:8080) is the control plane. To sign: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY,
# AWS_SESSION_TOKEN (with temporary credentials) or, without them, what AWS CLI 2 finds, such as a profile; AWS_REGION (default:
# the region in the host's name), and curl 7.75 or later.
# API_KEY is a key or token of the API, where it asks for one; a key goes beside a signature too.
# POLL_SECONDS (default 2) is the pause between two looks at the job.
set -euo pipefail
# shellcheck source=scripts/command_line.sh
. "$(dirname "${BASH_SOURCE[0]}")/command_line.sh"

# A job runs for minutes or hours: the way to the API may be gone for a while.
MOST_FAILED_LOOKS=30

scripts=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
fields=() generator='' samples='' wait=no sign=auto

while [ $# -gt 0 ]; do
    case $1 in
        --generator) need_value "$1" $#; generator=$2; fields+=("generators=$2"); shift ;;
        --samples) need_value "$1" $#; need_number "$1" "$2" 1; samples=$2; fields+=("samples=$2"); shift ;;
        --batch-size) need_value "$1" $#; need_number "$1" "$2" 1; fields+=("batch_size=$2"); shift ;;
        --seed) need_value "$1" $#
            { [[ $2 =~ ^[0-9]{1,10}$ ]] && [ "$((10#$2))" -le 2147483647 ]; } || refuse "--seed is '$2'; allowed: an integer from 0 to 2147483647."
            fields+=("seed=$2"); shift ;;
        --start-index) need_value "$1" $#; need_number "$1" "$2" 0; fields+=("start_index=$2"); shift ;;
        --output-format) need_value "$1" $#
            case $2 in files | webdataset) ;; *) refuse "--output-format is '$2'; allowed: files, webdataset." ;; esac
            fields+=("output_format=$2"); shift ;;
        --parameters) need_value "$1" $#
            python3 -c 'import json, sys; sys.exit(not isinstance(json.loads(sys.argv[1]), dict))' "$2" 2>/dev/null || refuse "--parameters is '$2'; allowed: a JSON object, such as '{\"grid_size\": 5}'."
            fields+=("parameters=$2"); shift ;;
        --wait) wait=yes ;;
        --sign) sign=yes ;;
        --no-sign) sign=no ;;
        -h | --help) usage; exit 0 ;;
        *) refuse "'$1' is not an option; allowed: --generator, --samples, --batch-size, --seed, --output-format, --start-index, --parameters, --wait, --sign, --no-sign." ;;
    esac
    shift
done
[ -n "$generator" ] || refuse "--generator is missing; allowed: all, or names separated by commas."
[ -n "$samples" ] || refuse "--samples is missing; allowed: an integer from 1."

api=${API_URL:-http://127.0.0.1:8080}
[[ $api =~ ^https?://([^/:@?#[:space:]]+)(:[0-9]+)?/?$ ]] || refuse "API_URL is '$api'; allowed: http:// or https://, a host and perhaps a port, such as http://127.0.0.1:8080."
host=${BASH_REMATCH[1]}
api=${api%/}
[[ ${API_KEY:-} =~ ^[A-Za-z0-9._~+/=-]*$ ]] || refuse "API_KEY has characters that no key and no token has."
pause=${POLL_SECONDS:-2}
[[ $pause =~ ^[0-9]+(\.[0-9]+)?$ ]] || refuse "POLL_SECONDS is '$pause'; allowed: a number of seconds, such as 2 or 0.5."

need curl "to call the API"
need python3 "to read and write JSON"

region=${AWS_REGION:-}
if [[ $host =~ \.lambda-url\.([a-z0-9-]+)\.on\.aws$ && $sign != no ]]; then sign=yes region=${BASH_REMATCH[1]}; fi
if [ "$sign" = yes ]; then
    # Captured first: grep -q ends early, which would make the pipe fail.
    help=$(curl --help all 2>&1 || true)
    [[ $help == *--aws-sigv4* ]] || refuse "this curl cannot sign requests (no --aws-sigv4): $(curl --version | head -n 1). Install curl 7.75 or later."
    if [ -z "${AWS_ACCESS_KEY_ID:-}" ] && command -v aws >/dev/null; then
        exported=$(aws configure export-credentials --format env-no-export 2>/dev/null) || exported=''
        while IFS='=' read -r name value; do
            case $name in AWS_ACCESS_KEY_ID | AWS_SECRET_ACCESS_KEY | AWS_SESSION_TOKEN) printf -v "$name" %s "$value" ;; esac
        done <<<"$exported"
    fi
    [ -n "${AWS_ACCESS_KEY_ID:-}" ] || refuse "AWS_ACCESS_KEY_ID is not set, and AWS CLI 2 gives no credentials; one of the two is needed to sign requests to $host."
    [ -n "${AWS_SECRET_ACCESS_KEY:-}" ] || refuse "AWS_SECRET_ACCESS_KEY is not set; it is needed to sign requests to $host."
    [ -n "$region" ] || refuse "AWS_REGION is not set, and $host does not name a region; it is needed to sign requests."
fi

# Read by curl from stdin: arguments can be read by every process of the machine.
secrets() {
    if [ -n "${API_KEY:-}" ] && [ "$sign" = yes ]; then printf 'header = "X-Api-Key: %s"\n' "$API_KEY"
    elif [ -n "${API_KEY:-}" ]; then printf 'header = "Authorization: Bearer %s"\n' "$API_KEY"; fi
    [ "$sign" = yes ] || return 0
    printf 'aws-sigv4 = "aws:amz:%s:lambda"\nuser = "%s:%s"\n' "$region" "$AWS_ACCESS_KEY_ID" "$AWS_SECRET_ACCESS_KEY"
    if [ -n "${AWS_SESSION_TOKEN:-}" ]; then printf 'header = "x-amz-security-token: %s"\n' "$AWS_SESSION_TOKEN"; fi
}

# call PATH [CURL OPTIONS]: the answer's body goes to $answer, its status to stdout; 000 if there is none.
call() {
    local path=$1
    shift
    # A function URL gives an answer up to 15 minutes; here nothing takes long.
    secrets | curl --config - --silent --show-error --connect-timeout 10 --max-time 120 --output "$answer" --write-out '%{http_code}' "$@" "$api$path" 2>"$answer.error" || true
}

json() { python3 "$scripts/job_json.py" "$@"; }

# explain STATUS: what the API, or curl, had to say.
explain() {
    if [ "$1" = 000 ]; then
        say "error: $api does not answer: $(cat "$answer.error")"
    else
        say "error: $api answered $1."
        json problem <"$answer" >&2
    fi
    if [ "$1" = 401 ]; then
        say "API_KEY $([ -n "${API_KEY:-}" ] && echo "does not hold there" || echo "is not set"); docs/security.md tells how to make a key."
    elif [ "$1" = 403 ] && [ "$sign" = yes ]; then
        say "The signature or the permission lambda:InvokeFunctionUrl may be missing. curl before 7.88 may not sign the session token; this is $(curl --version | head -n 1 | cut -d ' ' -f 1-2)."
    elif [ "$1" = 403 ]; then
        say "If the API is protected by IAM, --sign signs the requests."
    fi
}

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
answer=$folder/answer

: >"$answer"
json request "${fields[@]}" >"$folder/request"
status=$(call /v1/jobs --header 'Content-Type: application/json' --data-binary "@$folder/request")
if [ "$status" != 202 ]; then
    explain "$status"
    # Only a connection that never was leaves no doubt.
    if [ "$status" = 000 ] && ! grep -qi 'connect\|resolve' "$answer.error"; then say "The job may have been accepted all the same; see $api/v1/jobs."; fi
    exit 1
fi
job=$(json summary <"$answer") || die "$api answered 202, but not with a job."
IFS=$'\t' read -r id path state progress <<<"$job"
printf 'job %s\nstatus %s%s\n' "$id" "$api" "$path"
json accepted <"$answer" >&2
[ "$wait" = yes ] || exit 0

show() {
    # On a terminal the line changes in place; in a log only news are written.
    if [ -t 2 ]; then printf '\r%-78s' "$1" >&2; elif [ "$1" != "${shown:-}" ]; then say "$1"; fi
    shown=$1
}

failed_looks=0
while true; do
    show "$state: $progress"
    case $state in
        submitting | running) ;;
        *) break ;;
    esac
    sleep "$pause"
    status=$(call "$path")
    if [ "$status" = 200 ] && job=$(json summary <"$answer" 2>/dev/null); then
        failed_looks=0
        IFS=$'\t' read -r id path state progress <<<"$job"
        continue
    fi
    failed_looks=$((failed_looks + 1))
    if [[ $status == 4* && $status != 408 && $status != 429 ]] || [ "$failed_looks" -ge "$MOST_FAILED_LOOKS" ]; then
        [ ! -t 2 ] || say ""
        explain "$status"
        say "The job goes on without this program; see $api$path."
        exit 1
    fi
done
[ ! -t 2 ] || say ""
if [ "$state" != succeeded ]; then
    say "error: the job's state is '$state'; see $api$path/failures"
    exit 1
fi
