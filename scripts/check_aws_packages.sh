#!/usr/bin/env bash
# Compiles what -p:AwsPackages=true adds (the SDK's CloudWatch client and the API's own Lambda hosting) and runs its tests.
#
#   scripts/check_aws_packages.sh [FEED]
#
#   FEED   a folder of packages, for a registry that lacks AWSSDK.CloudWatch or Amazon.Lambda.AspNetCoreServer.Hosting
#
# Everything is built in a temporary folder, so the ordinary build stays as it is. Needs dotnet and python3; with moto_server and
# the AWS CLI on PATH more tests run. docs/lambda-hosting.md tells what a feed can be made of.
set -euo pipefail
# shellcheck source=scripts/command_line.sh
. "$(dirname "${BASH_SOURCE[0]}")/command_line.sh"

case ${1:-} in -h | --help) usage; exit 0 ;; esac
[ $# -le 1 ] || refuse "'$2' is too much; allowed: FEED."
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
settings=(--configuration Release -p:AwsPackages=true)
if [ $# = 1 ]; then
    [ -n "$(find "$1" -maxdepth 1 -name '*.nupkg' 2>/dev/null)" ] || refuse "FEED is '$1'; allowed: a folder with packages (*.nupkg)."
    settings+=("-p:RestoreAdditionalProjectSources=$(cd "$1" && pwd)")
fi
need dotnet "to build"
need python3 "to run the tests"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

say "== The API with both packages"
dotnet publish "$root/src/ControlPlane" "${settings[@]}" --artifacts-path "$folder/build" --output "$folder/api" -p:UseAppHost=false -v quiet >&2
for assembly in AWSSDK.CloudWatch Amazon.Lambda.AspNetCoreServer.Hosting; do
    [ -f "$folder/api/$assembly.dll" ] || die "the API was built without $assembly."
done
say "== The client of CloudWatch"
dotnet test "$root/tests/Pipeline.Tests" "${settings[@]}" --artifacts-path "$folder/build" --filter FullyQualifiedName~SdkCloudWatch >&2
say "== The API under a fake Lambda Runtime API"
LAMBDA_HOSTING_DLL=$folder/api/ControlPlane.dll python3 -m unittest discover -s "$root/tests/deploy" -p 'test_lambda_hosting.py' >&2
