#!/usr/bin/env bash
# Sets up, builds without warnings, checks the format and runs every test. Ends with "N passed, N failed, N skipped".
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
. scripts/setup.sh
set_up

passed=0 failed=0 skipped=0
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT

# A step that is no test runner counts as one test.
step() {
    local name=$1
    shift
    say "== $name"
    if "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)); say "FAILED: $name"; fi
}

# Adds the counters of a results file that dotnet test wrote.
count_trx() {
    local counters
    counters=$(grep -o '<Counters [^>]*>' "$1") || { failed=$((failed + 1)); return; }
    local total executed ok
    total=$(sed 's/.* total="\([0-9]*\)".*/\1/' <<<"$counters")
    executed=$(sed 's/.* executed="\([0-9]*\)".*/\1/' <<<"$counters")
    ok=$(sed 's/.* passed="\([0-9]*\)".*/\1/' <<<"$counters")
    passed=$((passed + ok)) failed=$((failed + executed - ok)) skipped=$((skipped + total - executed))
}

dotnet_tests() {
    local project=$1 trx="$results/$(basename "$1").trx"
    say "== $project"
    dotnet test "$project" --no-build --configuration Release --logger "trx;LogFileName=$trx" --logger "console;verbosity=minimal" --verbosity quiet
    if [ -f "$trx" ]; then count_trx "$trx"; else failed=$((failed + 1)); say "FAILED: $project wrote no results"; fi
}

# Python's tests run beside .NET's, as both wait for processes much of the time; the end-to-end tests then have the machine to themselves.
running=()
start_python_tests() {
    local folder
    for folder in "$@"; do
        "$PYTHON" -m unittest discover -s "$folder" -p 'test_*.py' >"$results/$(basename "$folder").txt" 2>&1 &
        running+=($!)
    done
}

finish_python_tests() {
    local folder
    wait "${running[@]}"
    for folder in "$@"; do count_unittest "$folder" "$results/$(basename "$folder").txt"; done
}

# Shows and adds the last lines that unittest wrote.
count_unittest() {
    local folder=$1 output=$2 ran bad left
    say "== $folder"
    cat "$output" >&2
    ran=$(sed -n 's/^Ran \([0-9]*\) tests\{0,1\} in.*/\1/p' "$output")
    [ -n "$ran" ] || { failed=$((failed + 1)); say "FAILED: $folder did not run"; return; }
    bad=$(tail -n 1 "$output" | grep -oE '(failures|errors)=[0-9]+' | cut -d= -f2 | paste -sd+ | sed 's/^$/0/')
    left=$(tail -n 1 "$output" | grep -oE 'skipped=[0-9]+' | cut -d= -f2)
    bad=$((${bad:-0})) left=${left:-0}
    passed=$((passed + ran - bad - left)) failed=$((failed + bad)) skipped=$((skipped + left))
}

step "restore" dotnet restore ControlPlane.sln --locked-mode --verbosity quiet
step "build" dotnet build ControlPlane.sln --no-restore --configuration Release --verbosity quiet -clp:ErrorsOnly
step "format" dotnet format ControlPlane.sln --verify-no-changes --no-restore
if [ "$failed" = 0 ]; then
    start_python_tests tests/python tests/deploy
    for project in ControlPlane Pipeline Worker; do dotnet_tests "tests/$project.Tests"; done
    finish_python_tests tests/python tests/deploy
    step "fuzz" "$PYTHON" tests/fuzz/fuzz.py
    dotnet_tests tests/EndToEnd.Tests
    step "demo" env DATA_DIR="$results/demo" ./run.sh demo
fi

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
