import json
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time
import unittest
import urllib.request

import scripts

ACCOUNT = "123456789012"
REGION = "eu-west-1"
REGISTRY = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"
DIGEST = "sha256:" + "a" * 64

# Writes each call as one line: program, then the arguments, parted by "|"; what comes on stdin follows a "<".
RECORD = '{ printf "%s" "$(basename "$0")"; printf "|%s" "$@"; case " $* " in *" --password-stdin "*) printf "<%s" "$(cat)" ;; esac; echo; } >>"$RECORD_FILE"\n'
BUILDER = RECORD + 'printf "%s %s\\n" "$1" "${BUILDX_NO_DEFAULT_ATTESTATIONS:-0}" >>"$RECORD_FILE.environment"\n[ "$1" != "$FAIL" ]\n'
AWS = RECORD + """
case "$2" in
    describe-repositories) [ -z "${REPOSITORIES_ERROR:-}" ] || { echo "$REPOSITORIES_ERROR" >&2; exit 254; } ;;
    get-login-password) echo the-password ;;
    describe-images) echo "${DIGEST:-None}" ;;
esac
"""


class Project:
    """A copy of the scripts with Dockerfiles of its own, in a git repository of its own; and a PATH of stand-ins."""

    def __init__(self, folder: pathlib.Path, programs: dict):
        self.root = folder / "project"
        self.bin = folder / "bin"
        self.record = folder / "record"
        shutil.copytree(scripts.SCRIPTS, self.root / "scripts", ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("Dockerfile.worker", "Dockerfile.api"):
            (self.root / name).write_text("FROM scratch\n")
        entry = self.root / "generators" / "a" / "examples" / "generate.py"
        entry.parent.mkdir(parents=True)
        entry.write_text("")
        for arguments in (["init", "--quiet"], ["add", "--all"],
                          ["-c", "user.name=T", "-c", "user.email=t@example.com", "commit", "--quiet", "-m", "Start"]):
            self.git(*arguments)
        # Only what the script needs is on PATH, so no real builder can be found.
        self.bin.mkdir()
        for tool in ("bash", "sh", "env", "git", "awk", "dirname", "basename", "find", "wc", "cat"):
            (self.bin / tool).symlink_to(shutil.which(tool))
        for name, body in programs.items():
            scripts.stand_in(self.bin, name, body)

    def git(self, *arguments) -> str:
        return subprocess.run(["git", "-C", self.root, *arguments], env=scripts.environment(), capture_output=True, text=True, check=True).stdout.strip()

    def commit(self) -> str:
        return self.git("rev-parse", "--short=12", "HEAD")

    def build(self, *arguments, **values) -> subprocess.CompletedProcess:
        environment = {"AWS_ACCOUNT_ID": ACCOUNT, "AWS_REGION": REGION, "PATH": str(self.bin), "RECORD_FILE": str(self.record), "FAIL": "", **values}
        return subprocess.run([str(self.root / "scripts" / "build_and_push.sh"), *arguments], env=scripts.environment(**environment),
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=180)

    def calls(self, program: str) -> list:
        lines = self.record.read_text().splitlines() if self.record.exists() else []
        return [line.split("|")[1:] for line in lines if line.split("|")[0] == program]


@unittest.skipUnless(shutil.which("git"), "git is not on PATH")
class BuildAndPushTests(unittest.TestCase):
    def project(self, **programs) -> Project:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        return Project(pathlib.Path(folder.name), programs or {"docker": BUILDER, "aws": AWS})

    def test_both_images_are_built_tagged_pushed_and_named_by_digest(self):
        project = self.project()
        result = project.build(DIGEST=DIGEST)
        self.assertEqual(result.returncode, 0, result.stderr)

        tag, root = project.commit(), str(project.root)
        worker, api = f"{REGISTRY}/vm-dataset-generator", f"{REGISTRY}/vm-dataset-api"
        expected = [["build", "--platform", "linux/amd64", "--file", f"{root}/Dockerfile.{part}", "--tag", f"{image}:{tag}", "--tag", f"{image}:latest", root]
                    for part, image in (("worker", worker), ("api", api))]
        expected.append(["login", "--username", "AWS", "--password-stdin", f"{REGISTRY}<the-password"])
        expected += [["push", f"{image}:{name}"] for image in (worker, api) for name in (tag, "latest")]
        self.assertEqual(project.calls("docker"), expected)
        environment = pathlib.Path(f"{project.record}.environment").read_text().splitlines()
        self.assertEqual([line for line in environment if line.startswith("build")], ["build 1", "build 1"])
        self.assertEqual(result.stdout.splitlines(), [f"--worker-image {worker}@{DIGEST}", f"--api-image {api}@{DIGEST}"])
        self.assertTrue(all(call[-2:] == ["--region", REGION] for call in project.calls("aws")))
        self.assertIn("1 generators go into", result.stderr)

    def test_without_a_digest_the_tag_stands_for_the_image(self):
        project = self.project()
        result = project.build()
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(result.stdout.splitlines()[0], f"--worker-image {REGISTRY}/vm-dataset-generator:{project.commit()}")
        self.assertIn("does not tell the digest", result.stderr)

    def test_no_push_needs_no_account_and_asks_nobody(self):
        project = self.project(docker=BUILDER)
        result = project.build("--no-push", AWS_ACCOUNT_ID=None, AWS_REGION=None)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual([call[0] for call in project.calls("docker")], ["build", "build"])
        self.assertEqual(result.stdout.splitlines(), [f"vm-dataset-generator:{project.commit()}", f"vm-dataset-api:{project.commit()}"])

    def test_the_first_builder_found_or_the_one_named_is_used(self):
        for present, arguments, expected in ((["podman", "buildah"], [], "podman"), (["buildah"], [], "buildah"),
                                             (["docker", "podman"], ["--builder", "podman"], "podman")):
            project = self.project(**{name: BUILDER for name in present})
            result = project.build("--no-push", *arguments)
            self.assertEqual(result.returncode, 0, result.stderr)
            calls = project.calls(expected)
            self.assertEqual(len(calls), 2)
            self.assertEqual(calls[0][3:5], ["--format", "docker"])

    def test_platform_tag_and_repositories_can_be_chosen(self):
        project = self.project()
        result = project.build("--platform", "linux/arm64", "--tag", "v1", "--worker-repository", "team/worker", "--api-repository", "team/api", DIGEST=DIGEST)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(project.calls("docker")[0][1:3], ["--platform", "linux/arm64"])
        self.assertIn(["push", f"{REGISTRY}/team/worker:v1"], project.calls("docker"))
        self.assertIn(f"--api-image {REGISTRY}/team/api@{DIGEST}", result.stdout)

    def test_api_can_be_built_without_the_packages_that_not_every_registry_has(self):
        project = self.project(docker=BUILDER)
        result = project.build("--no-push", "--without-aws-packages")
        self.assertEqual(result.returncode, 0, result.stderr)
        worker, api = project.calls("docker")
        self.assertEqual(api[-5:-1], ["--target", "adapter", "--build-arg", "AWS_PACKAGES=false"])
        self.assertNotIn("--target", worker)

    def test_a_changed_work_tree_shows_in_the_tag(self):
        project = self.project(docker=BUILDER)
        (project.root / "Dockerfile.api").write_text("FROM other\n")
        result = project.build("--no-push")
        self.assertEqual(result.stdout.splitlines()[1], f"vm-dataset-api:{project.commit()}-dirty")

    def test_a_failed_step_ends_the_run(self):
        for step in ("build", "login", "push"):
            project = self.project()
            result = project.build(FAIL=step)
            self.assertEqual((result.returncode, result.stdout), (1, ""), step)
            self.assertIn("error: docker could not", result.stderr)
            self.assertEqual(project.calls("docker")[-1][0], step)

    def test_an_error_of_ecr_is_shown_and_makes_no_repository(self):
        project = self.project()
        result = project.build(REPOSITORIES_ERROR="An error occurred (AccessDeniedException)")
        self.assertEqual(result.returncode, 1)
        self.assertIn("AccessDeniedException", result.stderr)
        self.assertNotIn("create-repository", [call[1] for call in project.calls("aws")])

    def test_wrong_arguments_and_missing_settings_are_named(self):
        project = self.project()
        for arguments, values, expected in (
            ([], {"AWS_ACCOUNT_ID": None}, "AWS_ACCOUNT_ID is ''; allowed: the account's 12 digits"),
            ([], {"AWS_ACCOUNT_ID": "12"}, "AWS_ACCOUNT_ID is '12'"),
            ([], {"AWS_REGION": None}, "AWS_REGION is ''; allowed: a region's name"),
            (["--platform", "linux/386"], {}, "--platform is 'linux/386'; allowed: linux/amd64, linux/arm64"),
            (["--builder", "kaniko"], {}, "--builder is 'kaniko'; allowed: docker, podman, buildah"),
            (["--builder", "podman"], {}, "podman is not on PATH"),
            (["--tag", "a b"], {}, "--tag is 'a b'; allowed"),
            (["--tag", "latest"], {}, "--tag is 'latest'"),
            (["--worker-repository", "Upper"], {}, "the repository is 'Upper'; allowed"),
            (["--push"], {}, "'--push' is not an option; allowed"),
            (["--tag"], {}, "--tag needs a value"),
            (["--keep", "0"], {}, "--keep is '0'; allowed: an integer from 1"),
        ):
            result = project.build(*arguments, **values)
            self.assertEqual(result.returncode, 2, result.stderr)
            self.assertIn(expected, result.stderr)
        self.assertEqual(project.calls("docker"), [])
        self.assertIn("no docker, podman or buildah is on PATH", self.project(aws=AWS).build().stderr)
        self.assertIn("aws is not on PATH", self.project(docker=BUILDER).build().stderr)


@unittest.skipUnless(shutil.which("moto_server"), "moto_server is not on PATH")
@unittest.skipUnless(shutil.which("aws"), "aws is not on PATH")
class EcrTests(unittest.TestCase):
    """The real aws CLI against an emulator of ECR; the builder is a stand-in."""

    def test_missing_repositories_are_made_once(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        project = Project(pathlib.Path(folder.name), {"docker": BUILDER})
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        address = f"http://127.0.0.1:{port}"
        settings = {"AWS_ENDPOINT_URL": address, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "PATH": f"{project.bin}:{os.environ['PATH']}"}
        server = subprocess.Popen(["moto_server", "-H", "127.0.0.1", "-p", str(port)], env=scripts.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(server.wait)
        self.addCleanup(server.terminate)
        self.wait_for(address, server)

        # The policy that is there stays, whatever the second run says.
        for expected, keep in ((2, 7), (0, 30)):
            result = project.build("--keep", str(keep), **settings)
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertEqual(result.stderr.count("Making the ECR repository"), expected)
            answer = subprocess.run(["aws", "ecr", "describe-repositories", "--region", REGION, "--output", "json"],
                                    env=scripts.environment(**settings), capture_output=True, text=True, check=True)
            repositories = {entry["repositoryName"]: entry for entry in json.loads(answer.stdout)["repositories"]}
            self.assertEqual(set(repositories), {"vm-dataset-generator", "vm-dataset-api"})
            for entry in repositories.values():
                self.assertTrue(entry["imageScanningConfiguration"]["scanOnPush"])
                self.assertEqual(entry["imageTagMutability"], "MUTABLE")
            for name in repositories:
                answer = subprocess.run(["aws", "ecr", "get-lifecycle-policy", "--repository-name", name, "--region", REGION, "--output", "json"],
                                        env=scripts.environment(**settings), capture_output=True, text=True, check=True)
                [rule] = json.loads(json.loads(answer.stdout)["lifecyclePolicyText"])["rules"]
                self.assertEqual({"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 7}, rule["selection"])

    def wait_for(self, address: str, server: subprocess.Popen) -> None:
        deadline = time.monotonic() + 60
        while True:
            self.assertIsNone(server.poll(), "moto_server ended")
            try:
                urllib.request.urlopen(address + "/moto-api/", timeout=30).close()
                return
            except OSError as error:
                self.assertLess(time.monotonic(), deadline, f"moto_server does not answer: {error}")
            time.sleep(0.05)


if __name__ == "__main__":
    unittest.main()
