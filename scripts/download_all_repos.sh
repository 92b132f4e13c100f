#!/usr/bin/env bash
# Clones every generator repository of the GitHub organisations vm-dataset and VBVR-DataFactory.
#
#   scripts/download_all_repos.sh              clone what is missing into generators/
#   scripts/download_all_repos.sh --update     also move the clones that are there to the newest commit
#   scripts/download_all_repos.sh --locked     make the clones exactly those of the lock file; GitHub's API is not asked
#
#   --into FOLDER   another folder than generators
#   -j N            repositories at once (default 8)
#
# Clones are shallow. FOLDER/generators.lock lists name, URL and commit of every clone; it is written at the end. It can be run
# again at any time: what is there is left alone, and an interrupted clone is begun anew. A folder that is not a clone is never
# touched. A repository without examples/generate.py, or a script in its place, is no generator: its clone is removed again. A clone that is no longer
# among the repositories stays. Where FOLDER lies in a git repository, .git/info/exclude there lists the clones. Exit code 1 if a repository failed; the others are there all the same.
#
# GITHUB_TOKEN (optional) raises GitHub's rate limit; GITHUB_API_URL is the API's address (default https://api.github.com).
set -euo pipefail
# shellcheck source=scripts/command_line.sh
. "$(dirname "${BASH_SOURCE[0]}")/command_line.sh"

# Whether the folder $1 holds a script that the worker takes: the same places as src/Pipeline/Generators/EntryScripts.cs.
has_script() {
    local script
    [ ! -f "$1/examples/generate.py" ] || return 0
    for script in "$1"/{generate,scripts/generate,src/generate,main,src/main}.py "$1"/{examples,scripts}/*.py; do
        if [ -f "$script" ] && grep -q -e --num-samples "$script" && grep -qE -e "--output(-dir)?[\"']" "$script"; then return 0; fi
    done
    return 1
}

ORGANISATIONS="vm-dataset VBVR-DataFactory"
scripts=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
into=$scripts/../generators jobs=8 mode=missing

while [ $# -gt 0 ]; do
    case $1 in
        --into) need_value "$1" $#; into=$2; shift ;;
        -j) need_value "$1" $#; need_number "$1" "$2" 1; jobs=$((10#$2)); shift ;;
        --update | --locked)
            [ "$mode" = missing ] || refuse "--update and --locked exclude each other: one takes the newest commits, the other the lock file's."
            mode=${1#--} ;;
        -h | --help) usage; exit 0 ;;
        *) refuse "'$1' is not an option; allowed: --into FOLDER, -j N, --update, --locked." ;;
    esac
    shift
done

need git "to clone"
need python3 "to read GitHub's answers"
need flock "to keep two runs apart (package util-linux)"
mkdir -p "$into" || die "--into is '$into', which cannot be made."
into=$(cd "$into" && pwd)
lock=$into/generators.lock
results=$(mktemp -d)
trap 'rm -rf "$results" "$lock.tmp"' EXIT

exec 9<"$into"
flock --nonblock 9 || die "another run is downloading into $into."

# A run inside a git hook would else work on the hook's repository.
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE
# No questions in the middle of a run, and no transport that runs programs: the addresses come from outside.
export LC_ALL=C GIT_TERMINAL_PROMPT=0 GIT_ALLOW_PROTOCOL=${GIT_ALLOW_PROTOCOL:-file:git:http:https:ssh}
export into mode results

commit_of() { git --git-dir="$1/.git" rev-parse --quiet --verify 'HEAD^{commit}' 2>/dev/null; }

# Whether the folder holds nothing but an unfinished .git: what an interrupted "git clone" leaves.
is_half_clone() { [ -d "$1/.git" ] && [ "$(ls -A "$1")" = .git ] && ! commit_of "$1" >/dev/null; }

# finish STATUS NAME DETAIL: a line for the reader, and a file for the summary.
finish() {
    printf '%s\n' "$1" >"$results/$2"
    printf '%-9s %s: %s\n' "$1" "$2" "$3" >&2
}

# fetch_into FOLDER URL COMMIT_OR_HEAD: a fresh shallow clone.
fetch_into() {
    git init --quiet --template= "$1" \
        && git -C "$1" remote add origin "$2" \
        && git -C "$1" fetch --quiet --depth 1 --no-tags origin "$3" \
        && git -C "$1" checkout --quiet --detach FETCH_HEAD
}

# The commit that the clone is to be at; nothing if any will do.
wanted_commit() {
    case $mode in
        locked) echo "$2" ;;
        update) git ls-remote --exit-code "$1" HEAD | cut -f 1 || { echo "the repository cannot be read, or is empty" >&2; return 1; } ;;
    esac
}

# download NAME URL [COMMIT]: the work on one repository. It never fails: its outcome is a result file.
download() {
    local name=$1 url=$2 folder=$into/$1 fresh=$into/.partial-$1 old=$into/.replaced-$1 log=$results/.log-$1 have='' want=''
    if is_half_clone "$folder"; then rm -rf "$folder"; fi
    if [ -e "$folder" ] || [ -L "$folder" ]; then
        [ -e "$folder/.git" ] || { finish skipped "$name" "a folder of this name is there that is not a clone"; return; }
        have=$(commit_of "$folder") || { finish failed "$name" "its folder is a git repository without a commit; remove it to have it cloned"; return; }
        [ "$mode" != missing ] || { finish unchanged "$name" "$have"; return; }
    fi
    want=$(wanted_commit "$url" "${3:-}" 2>"$log") || { finish failed "$name" "$(tail -n 1 "$log")"; return; }
    if [ -n "$have" ]; then
        [ "$have" != "$want" ] || { finish unchanged "$name" "$have"; return; }
        [ -z "$(git -C "$folder" status --porcelain 2>&1)" ] \
            || { finish failed "$name" "its clone has changes of your own; undo or commit them elsewhere, then run this again"; return; }
    fi
    # The folder appears by a rename, so a clone that is there is always complete.
    if ! fetch_into "$fresh" "$url" "${want:-HEAD}" >"$log" 2>&1; then
        rm -rf "$fresh"
        if [ -z "$want" ] && grep -q "couldn't find remote ref HEAD" "$log"; then
            finish "not kept" "$name" "no generator: the repository is empty"
        else
            finish failed "$name" "$(tail -n 1 "$log")"
        fi
        return
    fi
    if ! has_script "$fresh"; then
        rm -rf "$fresh"
        if [ "$mode" = locked ]; then finish failed "$name" "$want has no examples/generate.py"; return; fi
        if [ -n "$have" ]; then finish failed "$name" "its newest commit has no examples/generate.py any more; left at $have"; return; fi
        finish "not kept" "$name" "no generator: it has no examples/generate.py"
        return
    fi
    if ! { { [ -z "$have" ] || mv -T "$folder" "$old"; } && mv -T "$fresh" "$folder"; } 2>"$log"; then
        finish failed "$name" "$(tail -n 1 "$log")"
        return
    fi
    rm -rf "$old"
    finish "$([ -n "$have" ] && echo updated || echo cloned)" "$name" "$(commit_of "$folder")"
}
export -f has_script commit_of is_half_clone finish fetch_into wanted_commit download

# What an interrupted run left: a clone that was just being replaced is put back, an unfinished one goes.
for folder in "$into"/.replaced-*; do
    [ -d "$folder" ] || continue
    name=${folder#"$into"/.replaced-}
    if [ -e "$into/$name" ]; then rm -rf "$folder"; else mv -T "$folder" "$into/$name"; fi
done
rm -rf "$into"/.partial-*

list=$results/.list
if [ "$mode" = locked ]; then
    [ -f "$lock" ] || die "there is no lock file $lock; a run without --locked makes it."
    grep -v '^#' "$lock" >"$list" || die "$lock lists no generator."
    if bad=$(grep -m 1 -vP '^[A-Za-z0-9][A-Za-z0-9._-]{0,127}\t[a-z]+://[^\s]+\t[0-9a-f]{40,64}$' "$list"); then
        die "$lock has a line that is not name, URL and commit, separated by tabs: $bad"
    fi
else
    # shellcheck disable=SC2086  # two words, two organisations
    python3 "$scripts/list_repositories.py" $ORGANISATIONS >"$list"
fi

# Lines become arguments, ended by NUL: names and addresses are never read as shell text.
while IFS=$'\t' read -r name url commit; do
    printf '%s\0' "$name" "$url" "${commit:-}"
done <"$list" | xargs -0 -r -n 3 -P "$jobs" bash -o pipefail -c 'download "$@"' download || true
while IFS=$'\t' read -r name _; do
    [ -e "$results/$name" ] || finish failed "$name" "its download was killed"
done <"$list"

if [ "$mode" != locked ]; then
    {
        printf '# name, URL and commit of every clone beside this file; made by scripts/download_all_repos.sh\n'
        for folder in "$into"/[A-Za-z0-9]*; do
            if [ ! -e "$folder/.git" ] || ! has_script "$folder"; then continue; fi
            url=$(git --git-dir="$folder/.git" config remote.origin.url) || { say "note: $folder has no origin and is not in the lock file."; continue; }
            commit=$(commit_of "$folder") || continue
            printf '%s\t%s\t%s\n' "${folder##*/}" "$url" "$commit"
        done | LC_ALL=C sort
    } >"$lock.tmp"
    mv "$lock.tmp" "$lock"
else
    for folder in "$into"/[A-Za-z0-9]*; do
        if [ -e "$folder/.git" ] && [ ! -e "$results/${folder##*/}" ]; then say "note: ${folder##*/} is a clone that the lock file does not list; left as it is."; fi
    done
fi

# A clone is no part of the repository around it; generators of one's own, beside it, may be.
if exclude=$(cd "$into" && git rev-parse --path-format=absolute --git-path info/exclude 2>/dev/null); then
    prefix=/$(cd "$into" && git rev-parse --show-prefix)
    mkdir -p "$(dirname "$exclude")"
    for folder in "$into"/[A-Za-z0-9]*; do
        line=$prefix${folder##*/}/
        if [ -e "$folder/.git" ] && ! grep -qxF -- "$line" "$exclude" 2>/dev/null; then printf '%s\n' "$line" >>"$exclude"; fi
    done
fi

count() { { grep -lxF -- "$1" "$results"/[A-Za-z0-9]* 2>/dev/null || true; } | wc -l; }
say "$(count cloned) cloned, $(count updated) updated, $(count unchanged) unchanged, $(count skipped) skipped, $(count 'not kept') no generators, $(count failed) failed"
if [ "$(count failed)" -gt 0 ]; then
    say "failed (run this again to try them anew):"
    grep -lxF failed "$results"/[A-Za-z0-9]* | sed 's|.*/|  |' >&2
    exit 1
fi
