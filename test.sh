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

run_dotnet() {
    dotnet test "$1" --no-build --configuration Release --logger "trx;LogFileName=$results/$(basename "$1").trx" --logger "console;verbosity=minimal" --verbosity quiet
}

count_results() {
    local trx="$results/$(basename "$1").trx"
    if [ -f "$trx" ]; then count_trx "$trx"; else failed=$((failed + 1)); say "FAILED: $1 wrote no results"; fi
}

dotnet_tests() {
    say "== $1"
    run_dotnet "$1"
    count_results "$1"
}

# Python's tests and those of the pipeline, which mostly wait for an emulator, run beside the others; the end-to-end tests then have the
# machine to themselves.
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
step "line length" "$PYTHON" scripts/line_length.py
if [ "$failed" = 0 ]; then
    start_python_tests tests/python tests/deploy
    run_dotnet tests/Pipeline.Tests >"$results/Pipeline.txt" 2>&1 &
    pipeline=$!
    for project in ControlPlane Worker; do dotnet_tests "tests/$project.Tests"; done
    wait "$pipeline"
    say "== tests/Pipeline.Tests"
    cat "$results/Pipeline.txt" >&2
    count_results tests/Pipeline.Tests
    finish_python_tests tests/python tests/deploy
    step "fuzz" "$PYTHON" tests/fuzz/fuzz.py
    dotnet_tests tests/EndToEnd.Tests
    step "demo" env DATA_DIR="$results/demo" ./run.sh demo
fi

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
