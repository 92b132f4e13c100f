#!/usr/bin/env bash
# Builds the worker's and the API's image and pushes them to Amazon ECR.
#
#   AWS_ACCOUNT_ID=123456789012 AWS_REGION=eu-west-1 scripts/build_and_push.sh
#
#   --no-push              build only; needs no AWS account
#   --platform PLATFORM    linux/amd64 (default) or linux/arm64; the Lambda functions must be of the same architecture
#   --builder PROGRAM      docker, podman or buildah (default: the first of them on PATH)
#   --tag TAG              instead of the git commit
#   --worker-repository NAME, --api-repository NAME   (default vm-dataset-generator and vm-dataset-api)
#   --without-aws-packages the API's image with the Web Adapter and without AWSSDK.CloudWatch and Amazon.Lambda.AspNetCoreServer.Hosting,
#                          for a package registry that lacks them
#   --keep N               images that a repository keeps; older ones expire (default 20)
#
# Images are tagged with the git commit and with "latest". "-dirty" is added to the commit if the work tree differs from it, so
# commit generators/generators.lock and generators/requirements-all.txt: they say what the image is made of. ECR repositories
# that are missing are made: scanned on push, tags mutable, because "latest" moves and because the same commit with newer
# generators is another image. What is deployed does not move: the last lines on stdout name the images by digest, as arguments
# of scripts/deploy.sh. A repository without a lifecycle policy gets one that keeps the newest images. A function whose image has
# expired cannot start any more, so deploy at least every N pushes.
#
# The generators are what lies in generators/: run scripts/download_all_repos.sh and scripts/collect_requirements.sh first.
set -euo pipefail
# shellcheck source=scripts/command_line.sh
. "$(dirname "${BASH_SOURCE[0]}")/command_line.sh"

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
push=yes platform=linux/amd64 builder='' tag='' worker_repository=vm-dataset-generator api_repository=vm-dataset-api keep=20
api_arguments=()

while [ $# -gt 0 ]; do
    case $1 in
        --no-push) push=no ;;
        --platform) need_value "$1" $#; platform=$2; shift ;;
        --builder) need_value "$1" $#; builder=$2; shift ;;
        --tag) need_value "$1" $#; tag=$2; shift ;;
        --worker-repository) need_value "$1" $#; worker_repository=$2; shift ;;
        --api-repository) need_value "$1" $#; api_repository=$2; shift ;;
        --without-aws-packages) api_arguments=(--target adapter --build-arg AWS_PACKAGES=false) ;;
        --keep) need_value "$1" $#; need_number "$1" "$2" 1; keep=$2; shift ;;
        -h | --help) usage; exit 0 ;;
        *) refuse "'$1' is not an option; allowed: --no-push, --platform, --builder, --tag, --worker-repository, --api-repository, --keep, --without-aws-packages." ;;
    esac
    shift
done

case $platform in
    linux/amd64 | linux/arm64) ;;
    *) refuse "--platform is '$platform'; allowed: linux/amd64, linux/arm64." ;;
esac

if [ -z "$builder" ]; then
    for builder in docker podman buildah none; do ! command -v "$builder" >/dev/null || break; done
    [ "$builder" != none ] || refuse "no docker, podman or buildah is on PATH; one of them is needed to build images."
fi
case $builder in
    docker | podman | buildah) need "$builder" "to build images" ;;
    *) refuse "--builder is '$builder'; allowed: docker, podman, buildah." ;;
esac

if [ -z "$tag" ]; then
    tag=$(git -C "$root" rev-parse --short=12 HEAD 2>/dev/null) || refuse "$root has no git commit to name the images by; give --tag."
    [ -z "$(git -C "$root" status --porcelain)" ] || tag+=-dirty
fi
[[ $tag =~ ^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$ ]] || refuse "--tag is '$tag'; allowed: up to 128 letters, digits, '_', '.', '-', not beginning with '.' or '-'."
[ "$tag" != latest ] || refuse "--tag is 'latest', which every image gets anyway; name the one that is to be found again."
for repository in "$worker_repository" "$api_repository"; do
    [[ $repository =~ ^[a-z0-9]+([._/-][a-z0-9]+)*$ ]] || refuse "the repository is '$repository'; allowed: small letters and digits, with single '.', '_', '-' or '/' between."
done

registry=''
if [ "$push" = yes ]; then
    [[ ${AWS_ACCOUNT_ID:-} =~ ^[0-9]{12}$ ]] || refuse "AWS_ACCOUNT_ID is '${AWS_ACCOUNT_ID:-}'; allowed: the account's 12 digits (--no-push needs none)."
    [[ ${AWS_REGION:-} =~ ^[a-z]{2}(-[a-z]+)+-[0-9]$ ]] || refuse "AWS_REGION is '${AWS_REGION:-}'; allowed: a region's name, such as eu-west-1 (--no-push needs none)."
    need aws "to log in to ECR"
    suffix=amazonaws.com
    case $AWS_REGION in cn-*) suffix=amazonaws.com.cn ;; esac
    registry=$AWS_ACCOUNT_ID.dkr.ecr.$AWS_REGION.$suffix/
fi

ecr() { aws ecr "$@" --region "$AWS_REGION"; }

build() {
    local dockerfile=$1 image=$2 format=()
    shift 2
    [ -f "$root/$dockerfile" ] || die "$root has no $dockerfile."
    # OCI, their default, knows no HEALTHCHECK and drops it.
    [ "$builder" = docker ] || format=(--format docker)
    say "== $builder: $dockerfile for $platform as $image:$tag"
    # Docker's default attestations make an index of the image, which Lambda refuses.
    BUILDX_NO_DEFAULT_ATTESTATIONS=1 "$builder" build --platform "$platform" ${format[@]+"${format[@]}"} \
        --file "$root/$dockerfile" --tag "$image:$tag" --tag "$image:latest" "$@" "$root" >&2 \
        || die "$builder could not build $dockerfile (its reason is above)."
}

# What a team has set itself stays.
set_lifecycle() {
    local answer
    if answer=$(ecr get-lifecycle-policy --repository-name "$1" 2>&1); then return; fi
    [[ $answer == *LifecyclePolicyNotFoundException* ]] || { say "note: ECR does not tell the lifecycle policy of $1: $answer"; return; }
    answer=$(ecr put-lifecycle-policy --repository-name "$1" --lifecycle-policy-text '{"rules": [{"rulePriority": 1,
        "description": "the newest images", "action": {"type": "expire"},
        "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": '"$((10#$keep))"'}}]}' 2>&1) \
        || say "note: the lifecycle policy of $1 cannot be set, so its images stay: $answer"
}

make_repository() {
    local answer
    if answer=$(ecr describe-repositories --repository-names "$1" 2>&1); then return; fi
    [[ $answer == *RepositoryNotFoundException* ]] || die "ECR does not tell whether the repository $1 exists: $answer"
    say "== Making the ECR repository $1"
    if ! answer=$(ecr create-repository --repository-name "$1" --image-scanning-configuration scanOnPush=true --image-tag-mutability MUTABLE 2>&1); then
        die "the ECR repository $1 cannot be made: $answer"
    fi
}

log_in() {
    local password
    password=$(ecr get-login-password) || die "aws ecr get-login-password failed (its reason is above); it needs AWS credentials."
    # On stdin, as arguments can be read by every process.
    "$builder" login --username AWS --password-stdin "${registry%/}" <<<"$password" >&2 || die "$builder could not log in to ${registry%/}."
}

push_image() {
    local name
    for name in "$1:$tag" "$1:latest"; do
        say "== Pushing $name"
        "$builder" push "$name" >&2 || die "$builder could not push $name (its reason is above)."
    done
}

# The image by digest, as the registry knows it; by tag if the registry does not tell.
reference() {
    local digest
    digest=$(ecr describe-images --repository-name "$1" --image-ids "imageTag=$tag" --query 'imageDetails[0].imageDigest' --output text 2>&1) || true
    if [[ $digest =~ ^sha256:[0-9a-f]{64}$ ]]; then
        printf '%s%s@%s\n' "$registry" "$1" "$digest"
    else
        say "note: ECR does not tell the digest of $1:$tag, so the tag stands for it: $digest"
        printf '%s%s:%s\n' "$registry" "$1" "$tag"
    fi
}

say "$(find "$root/generators" -mindepth 3 -maxdepth 3 -path '*/examples/generate.py' | wc -l) generators go into the worker's image."
build Dockerfile.worker "$registry$worker_repository"
build Dockerfile.api "$registry$api_repository" ${api_arguments[@]+"${api_arguments[@]}"}
if [ "$push" = no ]; then
    printf '%s\n' "$worker_repository:$tag" "$api_repository:$tag"
    exit 0
fi
make_repository "$worker_repository"
make_repository "$api_repository"
set_lifecycle "$worker_repository"
set_lifecycle "$api_repository"
log_in
push_image "$registry$worker_repository"
push_image "$registry$api_repository"
say "scripts/deploy.sh takes these, for $platform:"
printf '%s\n' "--worker-image $(reference "$worker_repository")" "--api-image $(reference "$api_repository")"
