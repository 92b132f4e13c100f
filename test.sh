#!/usr/bin/env bash
# Sets up, builds without warnings, checks the format and runs every test. Ends with "N passed, N failed, N skipped".
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
. scripts/setup.sh
set_up
add_chromium
# What the tests start ends soon: no counters for a better compilation later.
export DOTNET_TieredPGO=0

# Tests write many small files, and a queue's file waits for the disk. In memory, where 4 GB of it may be had, they wait for nothing.
memory=$(df --output=avail -k /dev/shm 2>/dev/null | tail -n 1)
if [ "${memory:-0}" -gt 4194304 ] && [ -w /dev/shm ] && ! findmnt -no OPTIONS /dev/shm | grep -q noexec; then
    TMPDIR=$(mktemp -d /dev/shm/vmds-XXXXXX)
else
    TMPDIR=$(mktemp -d)
fi
export TMPDIR
# As /tmp: some tests go on as another user.
chmod 1777 "$TMPDIR"
trap 'rm -rf "$TMPDIR"' EXIT

passed=0 failed=0 skipped=0
results=$(mktemp -d)

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

# Most tests wait, for processes, leases and emulators: several lanes of tasks, one after the other in each, fill the machine.
lanes=()
lane() {
    local task
    for task in "$@"; do run_task "$task"; done &
    lanes+=($!)
}

run_task() {
    local base started=$SECONDS counting=1
    base="$results/$(basename "$1")"
    # What these start again and again ends soon: methods that are called often need no second, better compilation.
    case $1 in tests/ControlPlane.Tests | tests/EndToEnd.Tests) counting=0 ;; esac
    case $1 in
        *.Tests) DOTNET_TC_CallCounting=$counting dotnet test "$1" --no-build --configuration Release --logger "trx;LogFileName=$base.trx" --logger "console;verbosity=minimal" --verbosity quiet ;;
        fuzz) "$PYTHON" tests/fuzz/fuzz.py ;;
        demo) env DATA_DIR="$base" ./run.sh demo ;;
        *) "$PYTHON" -m unittest discover -s "$1" -p 'test_*.py' ;;
    esac >"$base.txt" 2>&1
    echo "$?" >"$base.code"
    echo "$((SECONDS - started))" >"$base.seconds"
}

# Shows what a task wrote and adds its tests.
count_task() {
    local base title
    base="$results/$(basename "$1")"
    title="$1 ($(cat "$base.seconds") s)"
    case $1 in
        *.Tests)
            say "== $title"
            cat "$base.txt" >&2
            if [ -f "$base.trx" ]; then count_trx "$base.trx"; else failed=$((failed + 1)); say "FAILED: $1 wrote no results"; fi
            ;;
        tests/*)
            say "== $title"
            count_unittest "$1" "$base.txt"
            ;;
        *) step "$title" show "$base" ;;
    esac
}

# Shows a task's output and ends as it did.
show() {
    cat "$1.txt" >&2
    return "$(cat "$1.code")"
}

# Shows and adds the last lines that unittest wrote.
count_unittest() {
    local folder=$1 output=$2 ran bad left
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
# The build holds what analyzers find, rules of style too; dotnet format would run them all again.
step "whitespace" dotnet format whitespace . --folder --verify-no-changes
step "line length" "$PYTHON" scripts/line_length.py
if [ "$failed" = 0 ]; then
    # The demo does not build again then: a second build writes files anew from which other tests start programs.
    note_build
    lane tests/ControlPlane.Tests
    lane tests/Worker.Tests fuzz demo
    lane tests/python tests/Pipeline.Tests
    lane tests/deploy tests/Cli.Tests
    wait "${lanes[@]}"
    # These wait for servers and an emulator within bounds, which need the machine for themselves.
    run_task tests/EndToEnd.Tests
    for task in tests/{Pipeline,Worker,ControlPlane,Cli,EndToEnd}.Tests tests/python tests/deploy fuzz demo; do count_task "$task"; done
fi

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
