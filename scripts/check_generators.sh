#!/usr/bin/env bash
# Tries every generator of a folder by drawing samples of it, without a server, and tells which can be used and why not.
#
#   scripts/check_generators.sh generators
#   scripts/check_generators.sh ~/generators --output table.md --jobs 4 --samples 3
#
#   --output FILE    write the table (Markdown) there (default: to stdout)
#   --jobs N         generators tried at once (default: one per processor)
#   --samples N      samples drawn of each, of the seeds 42, 43... (default 1); the first is drawn twice, and a second seed, to compare
#   --index FILE     write an index for GENERATORS_INDEX there instead, which carries what was found
#
# Exit code 0: all can be used; 1: not all; 2: wrong use. PYTHON names an interpreter; SAMPLE_TIMEOUT_SECONDS (default 120) and
# LANE_MEMORY_MB bound a sample. The generators' own Python modules must be installed (scripts/collect_requirements.sh).
set -euo pipefail
# shellcheck source=scripts/command_line.sh
. "$(dirname "${BASH_SOURCE[0]}")/command_line.sh"

folder="" index=""
arguments=()
while [ $# -gt 0 ]; do
    case "$1" in
        -h | --help) usage; exit 0 ;;
        --output) need_value "$1" $#; arguments+=(--output "$(realpath -m "$2")"); shift ;;
        --index) need_value "$1" $#; index=$(realpath -m "$2"); shift ;;
        --jobs | --samples) need_value "$1" $#; need_number "$1" "$2" 1; arguments+=("$1" "$2"); shift ;;
        -*) refuse "'$1' is not an option; allowed: --output, --jobs, --samples, --index." ;;
        *) [ -z "$folder" ] || refuse "'$1' is a second folder; allowed: one."; folder=$1 ;;
    esac
    shift
done
[ -d "$folder" ] || refuse "the generators folder is '$folder', which does not exist."
[ -z "$index" ] || [ ${#arguments[@]} -eq 0 ] || refuse "--index is there beside other options; allowed: --index alone."
need dotnet "to build the worker"

folder=$(realpath "$folder")
cd "$(dirname "${BASH_SOURCE[0]}")/.."
dotnet build src/Worker --configuration Release --verbosity quiet -clp:ErrorsOnly >&2
worker=src/Worker/bin/Release/net10.0/Worker.dll
if [ -n "$index" ]; then
    mkdir -p "$(dirname "$index")"
    dotnet "$worker" index --check "$folder" >"$index"
else
    dotnet "$worker" check "$folder" "${arguments[@]}"
fi
