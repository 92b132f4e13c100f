#!/usr/bin/env bash
# Builds both images from the real Dockerfiles and runs them, on a machine without Docker: Debian, root, buildah.
#
#   docker/try_images.sh           stand-in base images, build, run, report
#   docker/try_images.sh --run     run what an earlier call built
#   docker/try_images.sh --clean   remove what earlier calls left on the disk
#
# The base images are stand-ins that debootstrap makes, named as the FROM lines name the real ones; the .NET SDK in them is
# this machine's own, and the Lambda web adapter is only a file. Python packages are Debian's (PYTHON_PACKAGES=debian).
#
# STORAGE (default /var/tmp/vm-dataset-images) is where images are kept, about 6 GB. READY_TO_RUN (default true) is handed
# to the build. NUGET_PACKAGES (default ~/.nuget/packages) is the machine's package cache, lent to the build.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() { sed -n '2,13s/^# \{0,1\}//p' "$0"; }
say() { printf '%s\n' "$*" >&2; }
die() { say "error: $*"; exit 1; }

what=all
case "${1:-}" in
    "") ;;
    --run) what=run ;;
    --clean) what=clean ;;
    -h | --help) usage; exit 0 ;;
    *) say "error: '$1' is not an option; allowed: --run, --clean, --help, or nothing."; usage >&2; exit 2 ;;
esac
[ $# -le 1 ] || { say "error: one option at most."; exit 2; }

STORAGE=${STORAGE:-/var/tmp/vm-dataset-images}
READY_TO_RUN=${READY_TO_RUN:-true}
case "$READY_TO_RUN" in
    true | false) ;;
    *) say "error: READY_TO_RUN is '$READY_TO_RUN'; allowed: true, false."; exit 2 ;;
esac
nuget_packages=${NUGET_PACKAGES:-$HOME/.nuget/packages}

[ "$(id -u)" = 0 ] || die "debootstrap and buildah's chroot need root."
if [ "$what" = clean ]; then
    # Mounts of an interrupted build would make rm go through them.
    while read -r mount; do umount "$mount"; done < <(awk -v root="$STORAGE/" 'index($2, root) == 1 { print $2 }' /proc/mounts | sort -r)
    rm -rf "$STORAGE"
    exit 0
fi
for tool in dotnet moto_server aws python3 apt-get; do
    command -v "$tool" >/dev/null || die "$tool is not on PATH."
done
if ! command -v buildah >/dev/null || ! command -v debootstrap >/dev/null; then
    say "Installing buildah and debootstrap ..."
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends buildah debootstrap >/dev/null
fi

mkdir -p "$STORAGE"
BUILDAH_ISOLATION=chroot
export BUILDAH_ISOLATION
store() { buildah --root "$STORAGE/images" --runroot "$STORAGE/run" --storage-driver "$driver" "$@"; }
# vfs copies the whole image for every layer, but works on any file system.
driver=overlay
store info >/dev/null 2>&1 || driver=vfs

exists() { store inspect --type image "$1" >/dev/null 2>&1; }

# Commits the container $1 as the image $2.
commit() { store commit --quiet "$1" "$2" >/dev/null; store rm "$1" >/dev/null; }

make_stand_ins() {
    local debian=docker.io/library/debian:bookworm-slim aspnet=mcr.microsoft.com/dotnet/aspnet:10.0
    local sdk=mcr.microsoft.com/dotnet/sdk:10.0 adapter=public.ecr.aws/awsguru/aws-lambda-adapter:1.0.0
    local container root dotnet_root
    dotnet_root=$(dirname "$(readlink -f "$(command -v dotnet)")")

    if ! exists "$debian"; then
        say "Making a stand-in for $debian ..."
        rm -rf "$STORAGE/debian"
        debootstrap --variant=minbase --include=ca-certificates bookworm "$STORAGE/debian" >"$STORAGE/debootstrap.log" 2>&1 \
            || die "debootstrap failed; its log is $STORAGE/debootstrap.log."
        rm -rf "$STORAGE"/debian/var/cache/apt/archives/*.deb "$STORAGE"/debian/var/lib/apt/lists/*
        # As in the real image: no documentation, nor any of what is installed later.
        rm -rf "$STORAGE"/debian/usr/share/doc/* "$STORAGE"/debian/usr/share/man/* "$STORAGE"/debian/usr/share/locale/*
        printf 'path-exclude /usr/share/%s/*\n' doc man locale >"$STORAGE/debian/etc/dpkg/dpkg.cfg.d/docker"
        container=$(store from scratch)
        tar -C "$STORAGE/debian" -cf "$STORAGE/debian.tar" .
        store add --quiet "$container" "$STORAGE/debian.tar" / >/dev/null
        store config --cmd bash "$container"
        commit "$container" "$debian"
        rm -rf "$STORAGE/debian" "$STORAGE/debian.tar"
    fi
    if ! exists "$aspnet"; then
        say "Making a stand-in for $aspnet ..."
        container=$(store from "$debian")
        store run "$container" -- sh -c 'apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
            --no-install-recommends libicu72 libssl3 libstdc++6 tzdata >/dev/null && rm -rf /var/lib/apt/lists/* \
            && groupadd --gid 1654 app && useradd --uid 1654 --gid app --create-home app' >&2
        root=$(store mount "$container")
        mkdir -p "$root/usr/share/dotnet"
        cp -a "$dotnet_root/dotnet" "$dotnet_root/host" "$dotnet_root/shared" "$root/usr/share/dotnet/"
        ln -s /usr/share/dotnet/dotnet "$root/usr/bin/dotnet"
        store umount "$container" >/dev/null
        store config --env APP_UID=1654 --env ASPNETCORE_HTTP_PORTS=8080 "$container"
        commit "$container" "$aspnet"
    fi
    if ! exists "$sdk"; then
        say "Making a stand-in for $sdk ..."
        container=$(store from "$aspnet")
        root=$(store mount "$container")
        cp -a "$dotnet_root/." "$root/usr/share/dotnet/"
        store umount "$container" >/dev/null
        store config --env ASPNETCORE_HTTP_PORTS= --env DOTNET_CLI_TELEMETRY_OPTOUT=1 --env DOTNET_NOLOGO=1 "$container"
        commit "$container" "$sdk"
    fi
    if ! exists "$adapter"; then
        say "Making a stand-in for $adapter ..."
        container=$(store from scratch)
        root=$(store mount "$container")
        printf '#!/bin/sh\necho "a stand-in, not the Lambda web adapter" >&2\nexit 1\n' >"$root/lambda-adapter"
        chmod 755 "$root/lambda-adapter"
        store umount "$container" >/dev/null
        commit "$container" "$adapter"
    fi
}

# Builds the image $1 from $2; the rest are buildah's arguments. The log stays in $STORAGE/build.log. Only the script lends the machine's NuGet configuration,
# package cache and certificates; the Dockerfiles know nothing of them.
build() {
    local image=$1 file=$2 started=$SECONDS
    shift 2
    local lend=(--volume /etc/ssl/certs:/etc/ssl/certs:ro)
    mkdir -p "$nuget_packages"
    lend+=(--volume "$nuget_packages:/root/.nuget/packages")
    [ -d "$HOME/.nuget/NuGet" ] && lend+=(--volume "$HOME/.nuget/NuGet:/root/.nuget/NuGet:ro")
    say "Building $image from $file ..."
    # The stand-ins have names, but not the real images' digests.
    sed -E 's/@sha256:[0-9a-f]{64}//' "$file" >"$STORAGE/$file"
    store build --layers --format docker --pull-never --build-arg READY_TO_RUN="$READY_TO_RUN" \
        --platform "linux/$(dpkg --print-architecture)" "${lend[@]}" "$@" \
        --file "$STORAGE/$file" --tag "$image" . >"$STORAGE/build.log" 2>&1 || return 1
    say "  ... $((SECONDS - started)) s"
}

must_build() {
    build "$@" || { tail -n 40 "$STORAGE/build.log" >&2; die "the build of $1 failed; its log is $STORAGE/build.log."; }
}

worker=localhost/vm-dataset-generator:try api=localhost/vm-dataset-api:try api_lambda=localhost/vm-dataset-api-lambda:try
if [ "$what" = all ]; then
    make_stand_ins
    must_build "$worker" Dockerfile.worker --build-arg PYTHON_PACKAGES=debian
    must_build "$api" Dockerfile.api --target adapter --build-arg AWS_PACKAGES=false
    store rmi "$api_lambda" >/dev/null 2>&1 || true
    # Not every copy of the registry has its packages.
    if ! build "$api_lambda" Dockerfile.api; then
        grep -qE 'NU110[123].*(Amazon\.Lambda\.AspNetCoreServer\.Hosting|AWSSDK\.CloudWatch)' "$STORAGE/build.log" \
            || { tail -n 40 "$STORAGE/build.log" >&2; die "the build of $api_lambda failed; its log is $STORAGE/build.log."; }
        say "  ... cannot be built here: the package registry has no Amazon.Lambda.AspNetCoreServer.Hosting or no AWSSDK.CloudWatch"
    fi
fi
exists "$api_lambda" || api_lambda=
for image in "$worker" "$api"; do
    exists "$image" || die "there is no image $image in $STORAGE; run this without --run first."
done
exec python3 docker/check_images.py --storage "$STORAGE" --driver "$driver" --worker "$worker" --api "$api" --api-lambda "$api_lambda"
