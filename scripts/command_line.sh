# Sourced by the scripts beside it: what their command lines share.
# shellcheck shell=bash

say() { printf '%s\n' "$*" >&2; }

# A failure of the work: exit code 1.
die() { say "error: $*"; exit 1; }

# A wrong flag, a missing variable or a missing tool: exit code 2.
refuse() { say "error: $*"; say "See $0 --help."; exit 2; }

# The script's head comment is its help, so the two cannot differ.
usage() { awk 'NR > 1 { if (!/^#/) exit; sub(/^# ?/, ""); print }' "$0"; }

# need TOOL WHY
need() { command -v "$1" >/dev/null || refuse "$1 is not on PATH; it is needed $2."; }

# need_value FLAG COUNT_OF_ARGUMENTS_LEFT
need_value() { [ "$2" -ge 2 ] || refuse "$1 needs a value."; }

# need_number FLAG VALUE LEAST
need_number() {
    { [[ $2 =~ ^[0-9]{1,9}$ ]] && [ "$((10#$2))" -ge "$3" ]; } || refuse "$1 is '$2'; allowed: an integer from $3 to 999999999."
}
