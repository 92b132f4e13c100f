#!/usr/bin/env bash
# Sets up, builds and serves the control plane with its worker on this machine.
#
#   ./run.sh         serve on http://127.0.0.1:8080 until Ctrl-C
#   ./run.sh demo    make a small dataset through the API on a free port, and check it
#
# PORT and DATA_DIR (default data) change the addresses; PYTHON names an interpreter. GENERATORS_DIR names further folders of
# generators, with ':' between them; the built-in ones in generators stay, after these, unless BUILT_IN_GENERATORS=false.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

usage() { sed -n '2,8s/^# \{0,1\}//p' "$0"; }

case "${1:-serve}" in
    serve | demo) ;;
    -h | --help | help) usage; exit 0 ;;
    *) echo "error: '$1' is not a command; allowed: demo, or nothing to serve." >&2; usage >&2; exit 2 ;;
esac

. scripts/setup.sh
name_generators
set_up
build
server=src/ControlPlane/bin/Release/net10.0/ControlPlane.dll

if [ "${1:-serve}" = demo ]; then
    exec scripts/vmds demo "$server"
fi
announce
exec dotnet "$server"
