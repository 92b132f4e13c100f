#!/usr/bin/env bash
# Downloads a job's dataset from the control plane, and checks every file of it.
#
#   scripts/download.sh JOB [FOLDER]
#
#   JOB      the job's id
#   FOLDER   where the dataset goes (default: a folder named after the job)
#
# Run again, it goes on where it stopped: files that are there and right stay, half a file is completed. Ends with exit code 0
# only if every file is there and has the checksum that the dataset's SHA256SUMS names; 1: the job is unfinished, or a file is
# wrong or cannot be had; 2: wrong use.
#
# API_URL (default http://127.0.0.1:8080) is the control plane, API_KEY a key or token of it, where it asks for one.
# Requests to a Lambda function URL (.lambda-url.REGION.on.aws) are signed with AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and
# AWS_SESSION_TOKEN, or with what AWS CLI 2 finds, such as a profile. SIGN=yes signs for other hosts too, in AWS_REGION; SIGN=no
# signs nothing, as a function URL without IAM wants it.
# PARALLEL (default 8) files are fetched at once. From a bucket that you can read, "aws s3 sync" does the same.
set -euo pipefail
# shellcheck source=scripts/command_line.sh
. "$(dirname "${BASH_SOURCE[0]}")/command_line.sh"

case ${1:-} in
    -h | --help) usage; exit 0 ;;
    '') refuse "JOB is missing; allowed: a job's id." ;;
esac
[ $# -le 2 ] || refuse "'$3' is too much; allowed: JOB and perhaps FOLDER."
[[ $1 =~ ^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$ ]] || refuse "JOB is '$1'; allowed: a job's id, such as 20261123-130501-9f3c2a7b."
need_number PARALLEL "${PARALLEL:-8}" 1
case ${SIGN:=auto} in auto | yes | no) ;; *) refuse "SIGN is '$SIGN'; allowed: yes, no, or unset." ;; esac
[ "$SIGN" != yes ] || [[ ${API_URL:-} == *.lambda-url.*.on.aws* ]] || [ -n "${AWS_REGION:-}" ] \
    || refuse "AWS_REGION is not set, and API_URL does not name a region; it is needed to sign requests."
export SIGN
need python3 "to fetch the files"
exec python3 "$(dirname "${BASH_SOURCE[0]}")/download_job.py" "${API_URL:-http://127.0.0.1:8080}" "$1" "${2:-$1}" "${PARALLEL:-8}"
