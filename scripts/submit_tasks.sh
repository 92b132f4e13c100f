#!/usr/bin/env bash
# Submits a job to the control plane, and waits for it if told to; "vmds submit" for scripts, which asks nothing.
#
#   scripts/submit_tasks.sh --generator all --samples 10000
#   scripts/submit_tasks.sh --generator chess-task-data-generator,maze-data-generator --samples 100 --seed 42 --wait
#
# API_URL (default http://127.0.0.1:8080) is the control plane, API_KEY a key or token of it. --help lists the options.
# Prints the job's id and its status URL on stdout, everything else on stderr. Exit code 1: the API refused the job or does not
# answer, or the job failed; 2: wrong use.
unset VMDS_URL VMDS_API_KEY
API_URL=${API_URL:-http://127.0.0.1:8080} "$(dirname "${BASH_SOURCE[0]}")/vmds" submit --yes "$@" || exit $(($? == 3 ? 1 : $?))
