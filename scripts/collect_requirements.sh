#!/usr/bin/env bash
# Merges the requirements.txt of every generator into one file of exact versions and file hashes, for the worker's image.
#
#   scripts/collect_requirements.sh                  generators/ into generators/requirements-all.txt
#   scripts/collect_requirements.sh --no-hashes      versions only, for an image of another architecture than this machine's
#   scripts/collect_requirements.sh --no-pin         merge only: no package index is asked, versions stay ranges
#
#   --generators FOLDER   another folder than generators
#   --output FILE         another file than FOLDER/requirements-all.txt
#   --allow-conflicts     where no version satisfies everybody, the requirement that names the newest version wins
#
# Requirements of the same distribution are intersected; a conflict is reported with generators, files and lines, and ends the
# run with exit code 1. OpenCV's four distributions are one import (cv2): the headless one is taken. Lines that cannot be merged
# (editable, paths, addresses, options) are reported and listed in the file's head.
#
# PYTHON (default python3) needs pip 22.2 or later. Versions are resolved for this Python on this platform, so run it with the
# Python of the image (Debian 12's, 3.11). pip's own settings (PIP_INDEX_URL, PIP_FIND_LINKS ...) apply.
set -euo pipefail
# shellcheck source=scripts/command_line.sh
. "$(dirname "${BASH_SOURCE[0]}")/command_line.sh"

scripts=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
generators=$scripts/../generators output='' options=()

while [ $# -gt 0 ]; do
    case $1 in
        --generators) need_value "$1" $#; generators=$2; shift ;;
        --output) need_value "$1" $#; output=$2; shift ;;
        --allow-conflicts | --no-hashes | --no-pin) options+=("$1") ;;
        -h | --help) usage; exit 0 ;;
        *) refuse "'$1' is not an option; allowed: --generators FOLDER, --output FILE, --allow-conflicts, --no-hashes, --no-pin." ;;
    esac
    shift
done

python=${PYTHON:-python3}
command -v "$python" >/dev/null || refuse "PYTHON is '$python', which is no program; allowed: a Python 3.9 or later with pip."
[ -d "$generators" ] || refuse "--generators is '$generators', which is no folder."
generators=$(cd "$generators" && pwd)
exec "$python" "$scripts/collect_requirements.py" "$generators" "${output:-$generators/requirements-all.txt}" ${options[@]+"${options[@]}"}
