#!/usr/bin/env bash
# Downloads a job's dataset from the control plane, and checks every file of it; "vmds download" for scripts.
#
#   scripts/download.sh JOB [FOLDER]
#
# API_URL (default http://127.0.0.1:8080) is the control plane, API_KEY a key or token of it. Requests to a Lambda function URL are
# signed; SIGN=yes signs for other hosts too, in AWS_REGION, and SIGN=no signs nothing. PARALLEL (default 8) files are fetched at once.
# Ends with exit code 0 only if every file is there and right; 1: the job is unfinished, or a file is wrong or cannot be had; 2: wrong
# use. Run again, it goes on where it stopped. From a bucket that you can read, "aws s3 sync" does the same.
case ${SIGN:=auto} in
    auto) sign=() ;;
    yes) sign=(--sign) ;;
    no) sign=(--no-sign) ;;
    *) echo "error: SIGN is '$SIGN'; allowed: yes, no, or unset." >&2; exit 2 ;;
esac
unset VMDS_URL VMDS_API_KEY
API_URL=${API_URL:-http://127.0.0.1:8080} "$(dirname "${BASH_SOURCE[0]}")/vmds" download --parallel "${PARALLEL:-8}" "${sign[@]}" "$@" \
    || exit $(($? == 3 ? 1 : $?))
