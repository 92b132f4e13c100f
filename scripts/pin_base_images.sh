#!/usr/bin/env bash
# Pins the base images of both Dockerfiles to digests, or renews the digests that are there.
#
#   scripts/pin_base_images.sh            asks the registries what each image's tag means today, and writes that into the Dockerfiles
#   scripts/pin_base_images.sh --check    changes nothing; exit code 1 if an image is not pinned or its tag means another image today
#
# Needs docker (with buildx) or skopeo. An image is written as NAME:TAG@sha256:DIGEST: the digest decides, the tag says what it was.
# The digest is that of the index over all architectures. Run it every month and when a base image gets a security update, look at the
# change with git diff, build, and commit.
set -euo pipefail
# shellcheck source=scripts/command_line.sh
. "$(dirname "${BASH_SOURCE[0]}")/command_line.sh"

root=${ROOT:-$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)}
check=no
case "${1:-}" in
    "") ;;
    --check) check=yes ;;
    -h | --help) usage; exit 0 ;;
    *) refuse "'$1' is not an option; allowed: --check, --help, or nothing." ;;
esac

if command -v skopeo >/dev/null; then
    digest_of() { skopeo inspect --raw "docker://$1" | sha256sum | sed 's/ .*//; s/^/sha256:/'; }
elif command -v docker >/dev/null; then
    digest_of() { docker buildx imagetools inspect "$1" --format '{{.Manifest.Digest}}'; }
else
    refuse "neither skopeo nor docker is on PATH; one of them is needed to ask registries."
fi

# Names with a registry in front: stages of a Dockerfile have none.
images() { grep -ohE '(FROM( --platform=[^ ]+)? |COPY --from=)[a-z0-9.-]+\.[a-z]+/[^ ]+' "$@" | sed -E 's/.*[ =]//' | sort -u; }

stale=0
for file in "$root/Dockerfile.worker" "$root/Dockerfile.api"; do
    for image in $(images "$file"); do
        name=${image%@*}
        digest=$(digest_of "$name") || die "the registry does not tell what $name is (its reason is above)."
        [[ $digest =~ ^sha256:[0-9a-f]{64}$ ]] || die "the registry's answer for $name is no digest: $digest"
        [ "$image" != "$name@$digest" ] || continue
        stale=1
        say "${file##*/}: $image is $digest"
        # The name ends where a space does, so no longer name is met.
        [ "$check" = yes ] || sed -i -E "s#([ =])${image//./\\.}( |\$)#\1$name@$digest\2#" "$file"
    done
done
[ "$check" = no ] || [ "$stale" = 0 ] || exit 1
