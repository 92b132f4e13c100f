# Sourced by run.sh and test.sh, from the repository's root: finds or makes what both need, and exports PYTHON.

MODULES="numpy PIL cv2 pydantic"
DEBIAN_PACKAGES="python3 python3-numpy python3-pil python3-opencv python3-pydantic python3-av python3-matplotlib"

say() { printf '%s\n' "$*" >&2; }

die() { say "error: $*"; exit 1; }

# Whether the interpreter $1 imports every module that nearly all generators need.
imports_modules() {
    local IFS=' '
    "$1" -c 'import importlib, sys; [importlib.import_module(m) for m in sys.argv[1:]]' $MODULES >/dev/null 2>&1
}

find_python() {
    local folder
    local IFS=:
    # Every folder of PATH: the first python3 is not always the one that has the modules.
    for folder in .venv/bin $PATH; do
        if [ -x "$folder/python3" ] && imports_modules "$folder/python3"; then
            PYTHON=$(cd "$folder" && pwd)/python3
            return 0
        fi
    done
    return 1
}

make_virtual_environment() {
    command -v python3 >/dev/null || return 1
    say "Making a virtual environment in .venv from generators/requirements.txt ..."
    if python3 -m venv .venv >/dev/null 2>&1 \
        && .venv/bin/python -m pip install --quiet --disable-pip-version-check --retries 1 --timeout 15 \
            -r generators/requirements.txt >/dev/null 2>&1; then
        return 0
    fi
    say "  ... no package index could be reached."
    rm -rf .venv
    return 1
}

# Whether it helped is for find_python to say: a failed trigger of some other package does no harm.
install_debian_packages() {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 1
    say "Installing Debian's packages: $DEBIAN_PACKAGES ..."
    local log
    log=$(mktemp)
    if ! { apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends $DEBIAN_PACKAGES; } >"$log" 2>&1; then
        say "  ... apt-get reported a failure:"
        tail -n 5 "$log" >&2
    fi
    rm -f "$log"
}

# Wanted, not needed: PyAV conforms videos, and many public generators draw with matplotlib.
add_wanted() {
    local module=$1 debian=$2 requirement=$3 without=$4
    "$PYTHON" -c "import $module" >/dev/null 2>&1 && return
    case $(readlink -f "$(dirname "$PYTHON")")/ in
        # Once: where no index can be reached it would hold up every start.
        "$PWD"/.venv/*) [ -e ".venv/$module-tried" ] || "$PYTHON" -m pip install --quiet --disable-pip-version-check --retries 1 --timeout 15 "$requirement" >/dev/null 2>&1 || true
            touch ".venv/$module-tried" ;;
        /usr/bin/) if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
            say "Installing Debian's package $debian ..."
            { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$debian"; } >/dev/null 2>&1 || true
        fi ;;
    esac
    "$PYTHON" -c "import $module" >/dev/null 2>&1 || say "note: $PYTHON lacks $module, so $without; install $debian (Debian) or ${requirement%%>*} (pip)."
}

# The browser of the tests of pages and videos, which skip what needs it where there is none.
add_chromium() {
    command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null && return
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 0
    say "Installing Debian's package chromium for the tests ..."
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium; } >/dev/null 2>&1 \
        || say "note: chromium could not be installed, so tests in a browser are skipped."
}

set_up() {
    command -v dotnet >/dev/null || die "the .NET SDK 10 is not on PATH (dotnet). Install it and run this again."
    if [ -n "${PYTHON:-}" ]; then
        imports_modules "$PYTHON" || die "PYTHON is '$PYTHON', which does not import: $MODULES."
    else
        find_python \
            || { make_virtual_environment && find_python; } \
            || { install_debian_packages && find_python; } \
            || die "no Python imports $MODULES. Install them (on Debian, as root: apt-get install $DEBIAN_PACKAGES), or set PYTHON to an interpreter that has them."
    fi
    add_wanted av python3-av 'av>=10' 'jobs with "video" are refused here'
    add_wanted matplotlib python3-matplotlib 'matplotlib>=3.6' 'generators that draw with it cannot be used here'
    export PYTHON
    export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
}

# Adds the built-in generators to those that the user names. Theirs go first: a name that both have is theirs.
name_generators() {
    case ${BUILT_IN_GENERATORS:-true} in
        true) [ -z "${GENERATORS_DIR:-}" ] || export GENERATORS_DIR="$GENERATORS_DIR:generators" ;;
        false) [ -n "${GENERATORS_DIR:-}" ] || die "BUILT_IN_GENERATORS is false and GENERATORS_DIR is not set; allowed: a folder with generators in GENERATORS_DIR, or BUILT_IN_GENERATORS=true." ;;
        *) die "BUILT_IN_GENERATORS is '$BUILT_IN_GENERATORS'; allowed: true or false." ;;
    esac
}

# Says where the server will be. Settings of ASP.NET Core replace PORT, and 0 is any free port: then the server alone knows.
announce() {
    local address=http://127.0.0.1:${PORT:-8080}
    if [ "${PORT:-8080}" = 0 ] || [ -n "${ASPNETCORE_URLS:-}${ASPNETCORE_HTTP_PORTS:-}${ASPNETCORE_HTTPS_PORTS:-}${!Kestrel__Endpoints__*}" ]; then
        say "The console, /v1/jobs and /swagger are where the server says that it listens - Ctrl-C stops"
    else
        say "Console $address - API $address/v1/jobs - Swagger UI $address/swagger - Ctrl-C stops"
    fi
}

# Builds the programs, unless nothing of sources, settings and output has changed since they were built here.
build() {
    if [ -f "$build_stamp" ] && [ "$(build_state)" = "$(cat "$build_stamp")" ]; then return; fi
    say "Building ..."
    rm -f "$build_stamp"
    dotnet build Programs.slnf --configuration Release --verbosity quiet -clp:ErrorsOnly >&2 || die "the build failed."
    note_build
}

build_stamp=src/ControlPlane/obj/built

# Remembers what was built, by whatever command.
note_build() { build_state >"$build_stamp"; }

# Names, sizes and times of everything that goes into a build or comes out of it: what is missing or was touched differs.
build_state() {
    {
        readlink -f "$(command -v dotnet)"
        env | grep -E '^(AwsPackages|NUGET_PACKAGES)=' || true
        find src generators/_shared Programs.slnf ControlPlane.sln Directory.Build.props Directory.Packages.props global.json .editorconfig \
            \( -name obj -o -name Debug -o -name __pycache__ \) -prune -o -type f -printf '%p %s %T@\n' 2>/dev/null || true
    } | LC_ALL=C sort | sha256sum
}
