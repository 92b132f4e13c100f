"""What can be seen of the images and the compose file without building them; docker/try_images.sh builds and runs them."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCKER = ROOT / "docker"
COMPOSE = DOCKER / "compose.yaml"
DOCKERFILES = ("Dockerfile.worker", "Dockerfile.api")
WORDS = {"FROM", "RUN", "COPY", "ADD", "ENV", "ARG", "USER", "WORKDIR", "ENTRYPOINT", "CMD", "EXPOSE", "HEALTHCHECK"}


def instructions(dockerfile):
    """Pairs of an instruction's word and the rest of its line, comments gone and continued lines joined."""
    lines = [line for line in (ROOT / dockerfile).read_text(encoding="utf-8").splitlines() if line.strip() and not line.lstrip().startswith("#")]
    text = "\n".join(lines).replace("\\\n", " ")
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in text.splitlines())]


def stages(dockerfile):
    """The instructions of each stage by the stage's name; the last stage is also named ''."""
    found, name = {}, None
    for word, rest in instructions(dockerfile):
        if word == "FROM":
            image, *alias = [part for part in rest.split() if not part.startswith("--")]
            name = alias[1] if alias else ""
            found[name] = [("FROM", image)]
        elif name is not None:
            found[name].append((word, rest))
    found[""] = found[name]
    return found


def effective(dockerfile, stage):
    """The instructions that make up a stage, those of the stages it is built on first."""
    found = stages(dockerfile)
    own = found[stage]
    base = own[0][1]
    return (effective(dockerfile, base) if base in found else []) + own


def last(dockerfile, stage, word):
    return next((rest for name, rest in reversed(effective(dockerfile, stage)) if name == word), None)


def variables(dockerfile, stage):
    found = {}
    for word, rest in effective(dockerfile, stage):
        if word == "ENV":
            found.update(part.split("=", 1) for part in rest.split())
    return found


class DockerfileTests(unittest.TestCase):
    def test_every_instruction_is_understood_here(self):
        for dockerfile in DOCKERFILES:
            self.assertLessEqual({word for word, _ in instructions(dockerfile)}, WORDS, dockerfile)

    def test_images_from_elsewhere_have_a_version(self):
        for dockerfile in DOCKERFILES:
            found = stages(dockerfile)
            copied = [match[1] for word, rest in instructions(dockerfile) if word == "COPY" and (match := re.search(r"--from=(\S+)", rest))]
            outside = {image for image in [stage[0][1] for stage in found.values()] + copied if image not in found}
            self.assertTrue(outside, dockerfile)
            for image in outside:
                tag = image.rpartition("/")[2].partition(":")[2]
                self.assertRegex(tag, r"\d|^bookworm", f"{dockerfile}: {image}")
                self.assertIn(".", image.partition("/")[0], f"{dockerfile}: {image} does not name its registry")

    def test_the_last_user_is_not_root(self):
        for dockerfile, stage in (("Dockerfile.worker", ""), ("Dockerfile.api", ""), ("Dockerfile.api", "adapter")):
            user, group = last(dockerfile, stage, "USER").split(":")
            self.assertGreater(int(user), 0)
            self.assertGreater(int(group), 0)

    def test_entry_points(self):
        self.assertEqual(["dotnet", "/opt/worker/Worker.dll"], json.loads(last("Dockerfile.worker", "", "ENTRYPOINT")))
        for stage in ("", "adapter"):
            self.assertEqual(["dotnet", "/opt/api/ControlPlane.dll"], json.loads(last("Dockerfile.api", stage, "ENTRYPOINT")))

    def test_worker_is_ordered_by_how_often_a_layer_changes(self):
        copies = [rest.split()[-1] for word, rest in stages("Dockerfile.worker")[""] if word == "COPY"]
        self.assertEqual(["/opt/venv", "/opt/generators", "/opt/worker", "/opt/sbom.cdx.json"], copies)

    def test_only_its_own_target_has_the_adapter(self):
        def adapters(stage):
            return [rest for word, rest in effective("Dockerfile.api", stage) if word == "COPY" and "/opt/extensions/" in rest]
        self.assertEqual(1, len(adapters("adapter")))
        self.assertRegex(adapters("adapter")[0], r"^--from=public\.ecr\.aws/awsguru/aws-lambda-adapter:\d+\.\d+\.\d+ /lambda-adapter /opt/extensions/lambda-adapter$")
        self.assertEqual([], adapters(""))

    def test_adapter_asks_the_port_that_the_api_listens_on(self):
        found = variables("Dockerfile.api", "adapter")
        self.assertEqual(found["ASPNETCORE_HTTP_PORTS"], found["AWS_LWA_PORT"])
        self.assertTrue(found["AWS_LWA_READINESS_CHECK_PATH"].startswith("/health/"))
        self.assertIn(f"/127.0.0.1/{found['ASPNETCORE_HTTP_PORTS']} ", last("Dockerfile.api", "", "HEALTHCHECK"))

    def test_api_takes_lambdas_events_itself_unless_the_adapter_does(self):
        # The variable by which the program knows.
        source = (ROOT / "src" / "ControlPlane" / "Hosting" / "LambdaHosting.cs").read_text(encoding="utf-8")
        self.assertIn('Configuration["AWS_LWA_PORT"] is { Length: > 0 }) return;', source)
        self.assertNotIn("AWS_LWA_PORT", variables("Dockerfile.api", ""))
        self.assertIn("AWS_PACKAGES=true", [rest for word, rest in instructions("Dockerfile.api") if word == "ARG"])
        self.assertTrue(all('-p:AwsPackages="$AWS_PACKAGES"' in rest for word, rest in instructions("Dockerfile.api")
                            if word == "RUN" and "src/ControlPlane" in rest))

    def test_images_are_compiled_for_a_short_start(self):
        for dockerfile in DOCKERFILES:
            self.assertIn("READY_TO_RUN=true", [rest for word, rest in instructions(dockerfile) if word == "ARG"], dockerfile)
        project = (ROOT / "src" / "ControlPlane" / "ControlPlane.csproj").read_text(encoding="utf-8")
        self.assertNotIn("TieredCompilation", project, "methods that start the API are to be compiled quickly")

    def test_the_terminal_program_is_on_the_path_of_both(self):
        for dockerfile, folder in (("Dockerfile.worker", "/opt/worker/vmds"), ("Dockerfile.api", "/opt/api/vmds")):
            self.assertIn(folder, variables(dockerfile, "")["PATH"].split(":"), dockerfile)
            [step] = [rest for word, rest in instructions(dockerfile) if word == "RUN" and "dotnet publish src/Cli" in rest]
            self.assertIn(f"--output {folder} ", step)
            self.assertIn(f"exec dotnet {folder}/vmds.dll", step)
            self.assertTrue(any("vmds.deps.json" in rest for word, rest in instructions(dockerfile) if word == "RUN" and "sbom.py" in rest), dockerfile)

    def test_images_hold_no_credentials(self):
        for dockerfile in DOCKERFILES:
            self.assertNotRegex((ROOT / dockerfile).read_text(encoding="utf-8"), r"(?i)AWS_(ACCESS|SECRET|SESSION)|password|token")

    def test_home_is_writable_on_lambda(self):
        for dockerfile in DOCKERFILES:
            self.assertEqual("/tmp", variables(dockerfile, "")["HOME"], dockerfile)

    def test_what_is_copied_reaches_the_build(self):
        ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
        allowed = tuple(line[1:] for line in ignored if line.startswith("!"))
        self.assertIn("*", ignored)
        for dockerfile in DOCKERFILES:
            for word, rest in instructions(dockerfile):
                if word == "COPY" and "--from=" not in rest:
                    for source in rest.split()[:-1]:
                        self.assertTrue(source.startswith(allowed), f"{dockerfile}: {source} is not let in by .dockerignore")
                        self.assertTrue(list(ROOT.glob(source)), f"{dockerfile}: {source} does not exist")


class ComposeTests(unittest.TestCase):
    def setUp(self):
        try:
            import yaml
        except ImportError:
            self.skipTest("PyYAML is not installed (Debian's python3-yaml)")
        self.document = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))
        self.services = self.document["services"]

    def test_images_are_built_here_or_have_a_version(self):
        for name, service in self.services.items():
            if "build" in service:
                context = (DOCKER / service["build"]["context"]).resolve()
                self.assertEqual(ROOT, context, name)
                self.assertTrue((context / service["build"]["dockerfile"]).is_file(), name)
            else:
                self.assertRegex(service["image"], r":\d+\.\d+\.\d+", name)

    def test_every_port_is_this_machine_s_alone(self):
        ports = [port for service in self.services.values() for port in service.get("ports", [])]
        self.assertIn("127.0.0.1:8080:8080", ports)
        for port in ports:
            self.assertTrue(port.startswith("127.0.0.1:"), port)

    def test_credentials_are_dummies(self):
        for name, service in self.services.items():
            environment = service.get("environment", {})
            for key in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
                self.assertIn(environment.get(key), (None, "test"), name)
            self.assertNotIn("env_file", service, name)

    def test_api_and_worker_speak_of_the_same_things(self):
        worker, api = self.services["worker"]["environment"], self.services["api"]["environment"]
        names = {"AWS_REGION", "AWS_ENDPOINT_URL", "SQS_QUEUE_URL", "SQS_DLQ_URL", "OUTPUT_BUCKET"}
        self.assertLessEqual(names, worker.keys())
        self.assertEqual({name: worker[name] for name in names}, {name: api[name] for name in names})
        self.assertEqual("false", api["PRESIGNED_LINKS"])
        self.assertEqual("everyone-who-can-reach-it", api["ALLOW_ANONYMOUS"])

    def test_names_are_those_that_set_up_makes(self):
        script = (DOCKER / "create-resources.sh").read_text(encoding="utf-8")
        made = dict(re.findall(r"\b(queue|dlq|bucket)=\$\{[A-Z]+:-([a-z-]+)\}", script))
        worker = self.services["worker"]["environment"]
        self.assertEqual(made["queue"], worker["SQS_QUEUE_URL"].rpartition("/")[2])
        self.assertEqual(made["dlq"], worker["SQS_DLQ_URL"].rpartition("/")[2])
        self.assertEqual(made["bucket"], worker["OUTPUT_BUCKET"])

    def test_nothing_starts_before_what_it_needs(self):
        self.assertEqual("service_healthy", self.services["set-up"]["depends_on"]["emulator"]["condition"])
        for name in ("worker", "api"):
            self.assertEqual("service_completed_successfully", self.services[name]["depends_on"]["set-up"]["condition"])
        self.assertIn("healthcheck", self.services["emulator"])

    def test_compose_itself_accepts_the_file(self):
        command = self.compose_command()
        # Version 1 knows nothing of a top-level name.
        text = re.sub(r"(?m)^name: .*\n", "", COMPOSE.read_text(encoding="utf-8"))
        done = subprocess.run([*command, "--project-directory", str(DOCKER), "-f", "-", "config", "--quiet"], input=text,
                              capture_output=True, text=True, timeout=60)
        self.assertEqual(0, done.returncode, done.stderr)

    def compose_command(self):
        if shutil.which("docker") and subprocess.run(["docker", "compose", "version"], capture_output=True).returncode == 0:
            return ["docker", "compose"]
        if shutil.which("docker-compose"):
            return ["docker-compose"]
        self.skipTest("neither docker compose nor docker-compose is installed")


class ScriptTests(unittest.TestCase):
    def test_wrong_options_are_refused(self):
        for script in ("try_images.sh", "create-resources.sh"):
            done = subprocess.run([DOCKER / script, "--bogus"], capture_output=True, text=True, timeout=30)
            self.assertEqual(2, done.returncode, script)
            self.assertIn("'--bogus'", done.stderr)
            self.assertIn("allowed:", done.stderr)

    def test_help_is_told(self):
        for script in ("try_images.sh", "create-resources.sh"):
            done = subprocess.run([DOCKER / script, "--help"], capture_output=True, text=True, timeout=30)
            self.assertEqual(0, done.returncode, script)
            self.assertIn(f"docker/{script}", done.stdout)

    def test_resources_are_not_made_without_an_endpoint(self):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        done = subprocess.run([DOCKER / "create-resources.sh"], env={**environment, "AWS_REGION": "eu-west-1"},
                              capture_output=True, text=True, timeout=30)
        self.assertEqual(2, done.returncode)
        self.assertIn("AWS_ENDPOINT_URL", done.stderr)

    def test_shellcheck_has_no_complaint(self):
        if not shutil.which("shellcheck"):
            self.skipTest("shellcheck is not installed")
        done = subprocess.run(["shellcheck", *DOCKER.glob("*.sh")], capture_output=True, text=True, timeout=60)
        self.assertEqual(0, done.returncode, done.stdout)


if __name__ == "__main__":
    unittest.main()
