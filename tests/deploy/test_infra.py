"""The template and deploy.sh: checked as text, and deployed to an emulator as far as that one goes."""

import base64
import fnmatch
import importlib.util
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

import function_url
from moto import ACCOUNT, REGION, Moto, needs

ROOT = pathlib.Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "infra" / "template.yaml"
NETWORK = ROOT / "infra" / "network.yaml"
DEPLOY = ROOT / "scripts" / "deploy.sh"
GUIDE = ROOT / "docs" / "deploy-aws.md"
REGISTRY = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"
DIGEST = "sha256:" + "0" * 64


def boto3_reads_the_endpoint() -> bool:
    if not importlib.util.find_spec("boto3"):
        return False
    import boto3
    return tuple(map(int, boto3.__version__.split(".")[:2])) >= (1, 28)


def read_template(path: pathlib.Path = TEMPLATE) -> dict:
    """The template as JSON, its short forms (!Ref) written out, by the AWS CLI: the standard library reads no YAML."""
    with tempfile.TemporaryDirectory() as folder:
        output = pathlib.Path(folder) / "template.json"
        subprocess.run(["aws", "cloudformation", "package", "--template-file", str(path), "--s3-bucket", "unused",
                        "--use-json", "--output-template-file", str(output), "--region", REGION],
                       check=True, capture_output=True, timeout=120)
        return json.loads(output.read_text())


def find(node, key):
    """Every value of this key, at any depth."""
    if isinstance(node, dict):
        for name, value in node.items():
            if name == key:
                yield value
            yield from find(value, key)
    elif isinstance(node, list):
        for value in node:
            yield from find(value, key)


def as_list(value):
    return value if isinstance(value, list) else [value]


class LintTests(unittest.TestCase):
    @needs("cfn-lint")
    def test_cfn_lint_finds_nothing_not_even_hints(self):
        done = subprocess.run(["cfn-lint", "-c", "I", "-r", REGION, "us-east-1", "-t", str(TEMPLATE), str(NETWORK)],
                              capture_output=True, text=True, timeout=300)
        self.assertEqual((0, ""), (done.returncode, done.stdout + done.stderr))

    @needs("shellcheck")
    def test_shellcheck_finds_nothing(self):
        done = subprocess.run(["shellcheck", str(DEPLOY)], capture_output=True, text=True, timeout=60)
        self.assertEqual(0, done.returncode, done.stdout)

    def test_template_is_small_enough_to_be_sent_without_a_bucket(self):
        self.assertLessEqual(TEMPLATE.stat().st_size, 51_200)


@needs("aws")
class TemplateTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.template = read_template()
        cls.resources = cls.template["Resources"]
        cls.parameters = cls.template["Parameters"]

    def default(self, parameter):
        return self.parameters[parameter]["Default"]

    def actions(self, policy):
        statements = self.resources[policy]["Properties"]["PolicyDocument"]["Statement"]
        return {action for statement in statements for action in as_list(statement["Action"])}

    def test_only_metric_figures_are_granted_on_everything(self):
        granted = [s for group in find(self.resources, "Statement") for s in as_list(group) if s["Effect"] == "Allow"]
        self.assertGreater(len(granted), 10)
        for statement in granted:
            if "Principal" in statement and "Resource" not in statement:
                continue
            actions = as_list(statement["Action"])
            self.assertFalse([a for a in actions if "*" in a], f"a wildcard action in {statement}")
            for resource in as_list(statement["Resource"]):
                if resource == "*":
                    self.assertTrue(actions == ["cloudwatch:GetMetricData"] or all(a.startswith("ec2:") for a in actions), actions)
                elif "Fn::GetAtt" in resource:
                    self.assertIn(resource["Fn::GetAtt"][0], self.resources)
                elif "Ref" in resource:
                    self.assertEqual("ApiSecret", resource["Ref"])
                else:
                    self.assertRegex(resource["Fn::Sub"], r":s3:::\$\{BucketName\}(/[a-z*/.]*)?$|:event-source-mapping:\$\{WorkerMapping\}$")

    def test_rights_on_network_interfaces_are_not_for_the_code_in_the_function(self):
        allowed, denied = self.resources["WorkerNetworkPolicy"]["Properties"]["PolicyDocument"]["Statement"]
        self.assertEqual(("Allow", "Deny"), (allowed["Effect"], denied["Effect"]))
        self.assertEqual(allowed["Action"], denied["Action"])
        self.assertEqual(["lambda:SourceFunctionArn"], list(denied["Condition"]["ArnEquals"]))

    def test_only_a_public_url_lets_everybody_in(self):
        for name, resource in self.resources.items():
            if resource["Type"] == "AWS::Lambda::Permission" and resource["Properties"]["Principal"] == "*":
                self.assertEqual("HasPublicApi", resource["Condition"], name)
        self.assertEqual("AWS_IAM", self.default("ApiAuthType"))

    def test_an_api_that_everybody_reaches_needs_credentials_of_its_own(self):
        rule = self.template["Rules"]["PublicApiNeedsCredentials"]
        self.assertIn({"Fn::Equals": [{"Ref": "ApiAuthType"}, "NONE"]}, rule["RuleCondition"]["Fn::And"])
        self.assertEqual({"AdminKeySha256", "JwtAuthority"}, set(find(rule["Assertions"], "Ref")))
        variables = self.resources["ApiFunction"]["Properties"]["Environment"]["Variables"]
        # The phrase exactly where there are none, which the rule leaves to AWS_IAM.
        self.assertEqual(["HasCredentials", {"Ref": "AWS::NoValue"}, "everyone-who-can-reach-it"], variables["ALLOW_ANONYMOUS"]["Fn::If"])
        self.assertEqual({"Fn::Or": [{"Condition": "HasAdminKey"}, {"Condition": "HasTokens"}]}, self.template["Conditions"]["HasCredentials"])
        self.assertLessEqual({"SECRETS_ARN", "JWT_AUTHORITY", "JWT_AUDIENCE"}, variables.keys())

    def test_workers_may_neither_read_nor_make_keys(self):
        [denied] = [s for s in self.resources["WorkerPolicy"]["Properties"]["PolicyDocument"]["Statement"] if s["Effect"] == "Deny"]
        self.assertEqual(["s3:PutObject", "s3:GetObject"], denied["Action"])
        self.assertTrue(denied["Resource"]["Fn::Sub"].endswith(":s3:::${BucketName}/keys/*"))

    def test_workers_write_samples_failures_datasets_and_caches_alone(self):
        """Against the keys that the code builds: what a job is, and what was done to it, is the API's to write."""
        statements = self.resources["WorkerPolicy"]["Properties"]["PolicyDocument"]["Statement"]
        [written] = [s["Resource"] for s in statements if s["Effect"] == "Allow" and "s3:PutObject" in as_list(s["Action"])]
        patterns = [fnmatch.translate(resource["Fn::Sub"].partition("${BucketName}/")[2]) for resource in written]
        job = "jobs/20260101-000000-00000000"
        for key, allowed in {
                f"{job}/data/g/g_task/g_00000000/prompt.txt": True, f"{job}/data/g/g-00000000-200.tar": True,
                f"{job}/done/g/00000000-200.json": True, f"{job}/failed/g/00000000-1.json": True, f"{job}/dead/000001/g/00000000-1.json": True,
                "reuse/v.json": True, "checks/g-v.json": True,
                f"{job}/job.json": False, f"{job}/control/000001.json": False, f"{job}/versions/g/v": True, f"{job}/duplicates/000000.json": True, f"{job}/sent/000000-00000010": True, f"{job}/sending/000000-00000000": True,
                f"{job}/webhook/e/body.json": False, f"{job}/dataset.json": True, f"{job}/exports/diffsynth/result.json": True, f"{job}/exports/diffsynth/request.json": False, f"{job}/exports/mds/parts/0123456789abcdef/00001.json": True, f"{job}/dataset/parts/g-00001/0123456789abcdef.json": True, "keys/4be1c09a7d52.json": False,
                "idempotency/a.json": False, "pending/a": False, "submitted/0-a": False, "open/a/1-b": False, "health/a": False}.items():
            with self.subTest(key):
                self.assertEqual(allowed, any(re.match(pattern, key) for pattern in patterns))

    def test_worker_may_do_what_it_calls_and_no_more(self):
        self.assertEqual(
            {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:SendMessage",
             "sqs:GetQueueAttributes", "s3:PutObject", "s3:GetObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:ListBucket"},
            self.actions("WorkerPolicy"))

    def test_api_may_do_what_it_calls_and_no_more(self):
        self.assertEqual(
            {"sqs:SendMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility",
             "s3:PutObject", "s3:GetObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:ListBucket", "cloudwatch:GetMetricData"},
            self.actions("ApiPolicy"))

    def test_defaults_are_those_of_the_original_pipeline_or_of_the_headline(self):
        original = {"QueueName": "vm-dataset-tasks", "DlqName": "vm-dataset-tasks-dlq", "BucketName": "vm-dataset-outputs",
                    "WorkerFunctionName": "vm-dataset-generator", "WorkerTimeout": 900, "VisibilityTimeout": 900}
        headline = {"WorkerMemory": 1769, "MaximumConcurrency": 900, "MaxReceiveCount": 10}
        self.assertEqual(original | headline, {name: self.default(name) for name in original | headline})
        # What the original asked for can be had.
        for name, value in {"WorkerMemory": 1024, "MaximumConcurrency": 1000, "MaxReceiveCount": 3}.items():
            self.assertTrue(self.parameters[name]["MinValue"] <= value <= self.parameters[name]["MaxValue"], name)

    def test_worker_and_api_share_the_default_quota_of_an_account(self):
        # 1,000, of which Lambda leaves 100 to functions without a reservation.
        self.assertLessEqual(self.default("MaximumConcurrency") + self.default("ApiReservedConcurrency"), 1000)
        self.assertLessEqual(10 * self.default("MaximumPollers") + self.default("ApiReservedConcurrency"), 1000)
        self.assertGreaterEqual(1000 - self.default("ApiReservedConcurrency"), 100)
        reserved = self.resources["ApiFunction"]["Properties"]["ReservedConcurrentExecutions"]
        self.assertEqual({"Fn::If": ["ReservesApi", {"Ref": "ApiReservedConcurrency"}, {"Ref": "AWS::NoValue"}]}, reserved)

    def test_missed_events_of_the_schedule_are_not_kept_for_hours(self):
        config = self.resources["ApiInvokeConfig"]["Properties"]
        self.assertEqual(({"Ref": "ApiFunction"}, 0, 60),
                         (config["FunctionName"], config["MaximumRetryAttempts"], config["MaximumEventAgeInSeconds"]))

    def test_functions_have_the_disk_that_their_parameters_say(self):
        self.assertEqual({"Size": {"Ref": "WorkerEphemeralStorage"}}, self.resources["WorkerFunction"]["Properties"]["EphemeralStorage"])

    def test_api_has_time_for_what_it_does(self):
        # A submission and a reconciler's pass work for 20 s (RequestBudget).
        self.assertGreaterEqual(self.parameters["ApiTimeout"]["MinValue"], 30)

    def test_previews_are_deleted_and_nothing_else(self):
        rules = self.resources["OutputBucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
        self.assertEqual([("jobs/preview-", {"Ref": "PreviewDays"})],
                         [(r["Prefix"], r["ExpirationInDays"]) for r in rules if "ExpirationInDays" in r])
        self.assertIn('"preview-"', (ROOT / "src" / "Pipeline" / "Jobs" / "JobId.cs").read_text())

    def test_alarm_about_datasets_counts_what_the_worker_logs(self):
        pattern = self.resources["PendingDatasetFilter"]["Properties"]["FilterPattern"]
        category, event = re.search(r'\$\.Category = "([\w.]+)" && \$\.EventId = (\d+) ', pattern).groups()
        path = category.removeprefix("VmDataset.").replace(".", "/") + ".cs"
        message = rf"LoggerMessage\({event}, LogLevel.Error, \"The part could not be written"
        self.assertTrue(re.search(message, (ROOT / "src" / path).read_text()), message)

    def test_failed_starts_stop_the_mapping_where_they_are_most(self):
        alarm = self.resources["FailedStartAlarm"]["Properties"]
        told = [{"Fn::GetAtt": ["StopFunction", "Arn"]}, {"Ref": "AlertTopic"}]
        self.assertEqual({"Fn::If": ["HasEmail", told, told[:1]]}, alarm["AlarmActions"])
        transformed = self.resources["FailedStartFilter"]["Properties"]["MetricTransformations"][0]
        counted = [m["MetricStat"]["Metric"] for m in alarm["Metrics"] if m["Id"] == "failed"][0]
        self.assertEqual((transformed["MetricNamespace"], transformed["MetricName"]), (counted["Namespace"], counted["MetricName"]))
        permission = self.resources["StopPermission"]["Properties"]
        self.assertEqual("lambda.alarms.cloudwatch.amazonaws.com", permission["Principal"])
        self.assertTrue(permission["SourceArn"]["Fn::Sub"].endswith(":alarm:" + alarm["AlarmName"]["Fn::Sub"]))
        # The expression, by its own rules: AND and IF as Python has them.
        expression = [m["Expression"] for m in alarm["Metrics"] if "Expression" in m][0]
        condition = re.fullmatch(r"IF\((.*), FILL\(failed, 0\), 0\)", expression).group(1)
        condition = re.sub(r"FILL\((\w+), 0\)", r"\1", condition).replace("AND", "and")
        for failed, invocations, stops in ((2, 2, False), (3, 3, True), (3, 6, True), (3, 7, False), (5, 900, False), (400, 400, True), (0, 0, False)):
            self.assertEqual(stops, eval(condition, {"failed": failed, "invocations": invocations}), (failed, invocations))

    def test_defaults_agree_with_each_other(self):
        self.assertGreaterEqual(self.default("VisibilityTimeout"), self.default("WorkerTimeout"))
        self.assertGreater(self.default("DlqRetention"), self.default("QueueRetention"))
        self.assertLess(self.default("OldestMessageAlarm"), self.default("QueueRetention"))
        self.assertLess(self.default("SampleTimeout"), self.default("WorkerTimeout"))

    def test_every_parameter_is_used_described_and_bounded(self):
        used = set(find([self.resources, self.template["Conditions"], self.template["Outputs"]], "Ref"))
        for text in find([self.resources, self.template["Outputs"]], "Fn::Sub"):
            used |= set(re.findall(r"\$\{(\w+)\}", text))
        for name, parameter in self.parameters.items():
            self.assertIn(name, used)
            self.assertIn("Description", parameter, name)
            self.assertIn("ConstraintDescription", parameter, name)
            self.assertTrue({"AllowedValues", "AllowedPattern", "MinValue"} & parameter.keys(), name)

    def test_every_parameter_is_shown_in_a_group(self):
        shown = [name for group in find(self.template["Metadata"], "Parameters") for name in group]
        self.assertEqual(sorted(self.parameters), sorted(shown))

    def test_functions_get_the_variables_that_the_programs_require(self):
        worker, api = (set(self.resources[name]["Properties"]["Environment"]["Variables"])
                       for name in ("WorkerFunction", "ApiFunction"))
        self.assertLessEqual({"SQS_QUEUE_URL", "SQS_DLQ_URL", "OUTPUT_BUCKET"}, worker & api)
        self.assertLessEqual({"ENGINE", "WORKER_FUNCTION_NAME"}, api)
        # Lambda sets it and refuses a function that does.
        self.assertNotIn("AWS_REGION", worker | api)

    # The emulator ignores the rest of these settings, so they are read from the template.
    def test_bucket_is_private_kept_and_rid_of_abandoned_uploads(self):
        bucket = self.resources["OutputBucket"]
        settings = bucket["Properties"]
        self.assertEqual("RetainExceptOnCreate", bucket["DeletionPolicy"])
        self.assertEqual({"BlockPublicAcls": True, "BlockPublicPolicy": True, "IgnorePublicAcls": True,
                          "RestrictPublicBuckets": True}, settings["PublicAccessBlockConfiguration"])
        self.assertEqual(["BucketOwnerEnforced"], list(find(settings, "ObjectOwnership")))
        self.assertEqual(1, len(list(find(settings, "AbortIncompleteMultipartUpload"))))
        self.assertEqual([["GET", "HEAD"]], list(find(settings, "AllowedMethods")))
        denied = self.resources["OutputBucketPolicy"]["Properties"]["PolicyDocument"]["Statement"]
        self.assertEqual([("Deny", {"Bool": {"aws:SecureTransport": "false"}})],
                         [(s["Effect"], s["Condition"]) for s in denied])

    def test_worker_may_send_to_its_own_queue_for_as_long_as_it_takes(self):
        self.assertEqual("Allow", self.resources["WorkerFunction"]["Properties"]["RecursiveLoop"])

    def test_schedule_posts_to_the_api_what_looks_like_a_request(self):
        rule = self.resources["ReconcileSchedule"]
        self.assertEqual("HasApi", rule["Condition"])
        posted = json.loads(rule["Properties"]["Targets"][0]["Input"])
        real = function_url.event("POST", "/events")
        self.assertEqual(("POST", "/events"), (posted["requestContext"]["http"]["method"], posted["rawPath"]))
        self.assertEqual(real.keys(), posted.keys())
        self.assertEqual(real["requestContext"].keys(), posted["requestContext"].keys())
        self.assertEqual(real["requestContext"]["http"].keys(), posted["requestContext"]["http"].keys())
        caller = self.resources["ReconcileSchedulePermission"]["Properties"]
        self.assertEqual(("events.amazonaws.com", {"Fn::GetAtt": ["ReconcileSchedule", "Arn"]}), (caller["Principal"], caller["SourceArn"]))

    def test_webhook_secret_is_not_shown_and_need_not_be_there(self):
        secret = self.parameters["WebhookSecret"]
        self.assertEqual("true", str(secret["NoEcho"]).lower())
        for size, allowed in ((23, False), (24, True), (25, True), (64, True), (66, False)):
            text = "whsec_" + base64.b64encode(bytes(size)).decode()
            self.assertEqual(allowed, bool(re.search(secret["AllowedPattern"], f"{text} {text}")), size)
        self.assertRegex("", secret["AllowedPattern"])

    def test_secrets_lie_in_secrets_manager_and_not_in_the_functions_settings(self):
        settings = self.resources["ApiSecret"]["Properties"]["SecretString"]["Fn::Sub"]
        filled = settings.replace("${AdminKeySha256}", "0" * 64).replace("${WebhookSecret}", "whsec_x").replace("${SignInClientSecret}", "s")
        self.assertEqual({"ADMIN_KEY_SHA256": "0" * 64, "WEBHOOK_SECRET": "whsec_x", "SIGN_IN_CLIENT_SECRET": "s"}, json.loads(filled))
        variables = self.resources["ApiFunction"]["Properties"]["Environment"]["Variables"]
        self.assertEqual({"Fn::If": ["HasSecret", {"Ref": "ApiSecret"}, {"Ref": "AWS::NoValue"}]}, variables["SECRETS_ARN"])
        self.assertFalse({"WebhookSecret", "AdminKeySha256", "SignInClientSecret"} & set(find(self.resources["ApiFunction"], "Ref")))
        [granted] = self.resources["ApiSecretPolicy"]["Properties"]["PolicyDocument"]["Statement"]
        self.assertEqual(("secretsmanager:GetSecretValue", {"Ref": "ApiSecret"}), (granted["Action"], granted["Resource"]))

    def test_api_takes_the_callers_address_from_the_url(self):
        variables = self.resources["ApiFunction"]["Properties"]["Environment"]["Variables"]
        self.assertEqual("true", variables["ASPNETCORE_FORWARDEDHEADERS_ENABLED"])

    def test_alarms_tell_somebody_when_there_is_an_address(self):
        alarms = {name: r["Properties"] for name, r in self.resources.items() if r["Type"] == "AWS::CloudWatch::Alarm"}
        self.assertEqual({"DeadLetterAlarm", "OldestMessageAgeAlarm", "IdleQueueAlarm", "WorkerErrorAlarm", "WorkerThrottleAlarm",
                          "FailedStartAlarm", "ApiErrorAlarm", "PendingDatasetAlarm"}, alarms.keys())
        for name, alarm in alarms.items():
            self.assertEqual("notBreaching", alarm["TreatMissingData"])
            condition, told, silent = alarm["AlarmActions"]["Fn::If"]
            self.assertEqual(("HasEmail", {"Ref": "AlertTopic"}), (condition, told[-1]), name)
            self.assertFalse([action for action in silent if action == {"Ref": "AlertTopic"}] if isinstance(silent, list) else [], name)
        self.assertEqual({"Errors", "Throttles", "Url5xxCount"}, set(find(alarms["ApiErrorAlarm"], "MetricName")))
        self.assertEqual({"ApproximateNumberOfMessagesVisible", "ApproximateNumberOfMessagesNotVisible"},
                         set(find(alarms["IdleQueueAlarm"], "MetricName")))

    def test_deploy_script_prints_every_output(self):
        script = DEPLOY.read_text()
        for name in self.template["Outputs"]:
            self.assertIn(f" {name}) name=", script)

    def test_guide_lists_every_parameter_with_its_default(self):
        rows = dict(re.findall(r"^\| `(\w+)` \| ([^|]*?) \|", GUIDE.read_text(), re.MULTILINE))
        expected = {name: f"`{p['Default']}`" if p["Default"] != "" else "empty" for name, p in self.parameters.items()}
        self.assertEqual(expected, {name: rows.get(name) for name in expected})


@needs("aws")
class NetworkTests(unittest.TestCase):
    """The network that scripts/deploy.sh --isolate-worker makes."""

    @classmethod
    def setUpClass(cls):
        cls.template = read_template(NETWORK)
        cls.resources = cls.template["Resources"]

    def test_nothing_leads_out(self):
        # No gateway, NAT or peering, and no route but those that the gateway endpoint adds.
        self.assertEqual(
            {"AWS::EC2::VPC", "AWS::EC2::Subnet", "AWS::EC2::RouteTable", "AWS::EC2::SubnetRouteTableAssociation", "AWS::EC2::SecurityGroup",
             "AWS::EC2::VPCEndpoint", "AWS::Route53Resolver::FirewallDomainList", "AWS::Route53Resolver::FirewallRuleGroup",
             "AWS::Route53Resolver::FirewallRuleGroupAssociation"}, {r["Type"] for r in self.resources.values()})

    def test_endpoints_lead_to_this_bucket_and_these_queues_alone(self):
        endpoints = {name: r["Properties"] for name, r in self.resources.items() if r["Type"] == "AWS::EC2::VPCEndpoint"}
        self.assertEqual({"StoreEndpoint", "QueueEndpoint"}, endpoints.keys())
        for endpoint in endpoints.values():
            for text in find(endpoint["PolicyDocument"], "Fn::Sub"):
                self.assertRegex(text, r"\$\{(BucketName|QueueName|DlqName)\}(/\*)?$")
            self.assertEqual(1, len(endpoint["PolicyDocument"]["Statement"]))

    def test_endpoints_let_through_what_the_worker_calls(self):
        worker = read_template()["Resources"]["WorkerPolicy"]["Properties"]["PolicyDocument"]["Statement"]
        called = {action for statement in worker for action in as_list(statement["Action"])}
        passed = {action for group in find(self.resources, "PolicyDocument") for s in group["Statement"] for action in as_list(s["Action"])}
        self.assertEqual(called, passed)

    def test_only_names_of_aws_are_looked_up(self):
        rules = self.resources["NameRules"]["Properties"]["FirewallRules"]
        self.assertEqual([("ALLOW", "AwsNames"), ("BLOCK", "AllNames")],
                         [(r["Action"], r["FirewallDomainListId"]["Ref"]) for r in sorted(rules, key=lambda r: r["Priority"])])
        self.assertEqual(["*"], self.resources["AllNames"]["Properties"]["Domains"])

    def test_outputs_are_parameters_of_the_stack(self):
        self.assertLessEqual(set(self.template["Outputs"]), set(read_template()["Parameters"]))

    def test_parameters_have_the_stacks_defaults(self):
        stack = read_template()["Parameters"]
        for name, parameter in self.template["Parameters"].items():
            self.assertEqual((stack[name]["Default"], stack[name]["AllowedPattern"]), (parameter["Default"], parameter["AllowedPattern"]), name)


class UsageTests(unittest.TestCase):
    def refused(self, *arguments, **variables):
        environment = {"PATH": "/usr/bin:/bin", "AWS_REGION": REGION, **variables}
        done = subprocess.run([str(DEPLOY), *arguments], env=environment, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=60)
        self.assertEqual((2, ""), (done.returncode, done.stdout), done.stderr)
        return done.stderr

    def test_unknown_option_names_the_allowed_ones(self):
        self.assertRegex(self.refused("--images"), r"'--images' is not an option; allowed: --stack, .*--outputs")

    def test_tag_that_aws_would_refuse(self):
        self.assertIn("--tags is 'team'; it must be KEY=VALUE", self.refused("--tags", "team"))
        self.assertIn("--tags is 'aws:x=1'", self.refused("--tags", "aws:x=1"))

    def test_option_without_value(self):
        self.assertIn("--stack needs a value", self.refused("--stack"))

    def test_unknown_parameter_names_the_allowed_ones(self):
        self.assertRegex(self.refused("--parameter", "Memory=1"), r"the key 'Memory'; allowed: .*WorkerMemory.*MonthlyBudget")

    def test_parameter_without_equals_sign(self):
        self.assertIn("'WorkerMemory'; it must be KEY=VALUE", self.refused("--parameter", "WorkerMemory"))

    def test_stack_name_that_aws_would_refuse(self):
        self.assertIn("--stack is 'vm_dataset'", self.refused("--stack", "vm_dataset"))

    def test_image_that_is_not_in_ecr(self):
        self.assertIn("--api-image is 'vm-dataset-api:latest'; it must be ACCOUNT",
                      self.refused("--api-image", "vm-dataset-api:latest"))

    def test_outputs_go_with_nothing_else(self):
        self.assertIn("--outputs deploys nothing", self.refused("--outputs", "--parameter", "WorkerMemory=1769"))

    def test_region_is_required(self):
        self.assertIn("AWS_REGION is not set", self.refused(AWS_REGION=""))

    def test_help(self):
        done = subprocess.run([str(DEPLOY), "--help"], capture_output=True, text=True, timeout=60)
        self.assertEqual(0, done.returncode)
        self.assertIn("--parameter KEY=VALUE", done.stdout)


class StandInTests(unittest.TestCase):
    """What the emulator does unlike AWS, against a program that answers as AWS does."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def deploy(self, stand_in, *arguments):
        program = self.folder / "aws"
        program.write_text(f'#!/bin/bash\nprintf "%s\\n" "$*" >>{self.folder}/calls\ncase "$1 $2" in\n{stand_in}\nesac\n')
        program.chmod(0o755)
        environment = {"PATH": f"{self.folder}:/usr/bin:/bin", "AWS_REGION": REGION}
        done = subprocess.run([str(DEPLOY), *arguments], env=environment, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=60)
        return done, (self.folder / "calls").read_text().splitlines()

    def test_a_deployment_ends_by_printing_the_outputs_and_nothing_else(self):
        done, calls = self.deploy(
            '"cloudformation deploy") echo "Successfully created/updated stack" ;;\n'
            '"cloudformation describe-stacks") printf "%s\\t%s\\n" QueueUrl https://q/1/tasks'
            ' ApiUrl https://x.lambda-url.us-west-2.on.aws/ Later value ;;',
            "--parameter", "LinkOrigin=*", "--parameter", "QueueName=q")
        self.assertEqual("export SQS_QUEUE_URL=https://q/1/tasks\nexport API_URL=https://x.lambda-url.us-west-2.on.aws\n",
                         done.stdout, done.stderr)
        self.assertEqual(0, done.returncode)
        self.assertIn(" --parameter-overrides LinkOrigin=* QueueName=q", self.deployment(calls))

    def deployment(self, calls):
        [call] = [call for call in calls if call.startswith("cloudformation deploy")]
        return call

    def test_a_failed_deployment_says_which_resources_failed(self):
        done, calls = self.deploy(
            '"cloudformation deploy") exit 255 ;;\n'
            '"cloudformation describe-stack-events") echo "OutputBucket vm-dataset-outputs already exists" ;;')
        self.assertEqual((1, ""), (done.returncode, done.stdout))
        self.assertIn("OutputBucket vm-dataset-outputs already exists", done.stderr)
        self.assertTrue(calls[-1].startswith("cloudformation describe-stack-events"), "the outputs of a failed deployment are not asked for")

    def test_tags_stay_and_a_later_one_counts(self):
        _, calls = self.deploy(
            '"cloudformation describe-stacks") [[ $* != *Tags* ]] || printf "%s\\t%s\\n" team old owner "a b" ;;',
            "--tags", "team=new", "--tags", "cost center=7")
        self.assertIn(" --tags project=vm-dataset-pipeline owner=a b team=new cost center=7", self.deployment(calls))

    def test_mapping_that_an_alarm_disabled_is_enabled_again_unless_it_shall_be_off(self):
        for enabled, called in (("true", True), ("false", False)):
            with self.subTest(enabled):
                (self.folder / "calls").unlink(missing_ok=True)
                done, calls = self.deploy(
                    f"""*describe-stacks) case "$*" in
                      *WorkerMappingId*) echo 12345678-1234-1234-1234-123456789012 ;;
                      *json) echo '{{"Stacks": [{{"Parameters": [{{"ParameterKey": "WorkerEnabled", "ParameterValue": "{enabled}"}}]}}]}}' ;;
                    esac ;;
                    "lambda get-event-source-mapping") echo Disabled ;;""")
                self.assertEqual(called, "lambda update-event-source-mapping --uuid 12345678-1234-1234-1234-123456789012 --enabled" in calls, calls)
                self.assertEqual(called, "is enabled again" in done.stderr)

    def test_worker_is_put_into_the_network_of_its_queue_and_bucket(self):
        _, calls = self.deploy(
            """*describe-stacks) [[ $* != *-network*Outputs* ]] || printf '%s\\t%s\\n' WorkerSubnetIds subnet-1,subnet-2 WorkerSecurityGroupIds sg-1 ;;""",
            "--isolate-worker", "--parameter", "BucketName=mine")
        network, stack = [call for call in calls if call.startswith("cloudformation deploy")]
        self.assertIn("--stack-name vm-dataset-network", network)
        self.assertIn("--parameter-overrides QueueName=vm-dataset-tasks DlqName=vm-dataset-tasks-dlq BucketName=mine", network)
        self.assertIn("--parameter-overrides BucketName=mine WorkerSubnetIds=subnet-1,subnet-2 WorkerSecurityGroupIds=sg-1", stack)

    def refused(self, stand_in, *arguments):
        done, calls = self.deploy(stand_in, *arguments)
        self.assertEqual((2, ""), (done.returncode, done.stdout), done.stderr)
        self.assertFalse([call for call in calls if call.startswith("cloudformation deploy")])
        return done.stderr

    def test_parameters_that_contradict_each_other_are_told_together(self):
        told = self.refused("", "--parameter", "WorkerTimeout=120", "--parameter", "MinimumPollers=91", "--parameter", "VisibilityTimeout=60",
                            "--parameter", "DlqRetention=345600", "--parameter", "OldestMessageAlarm=400000")
        for expected in ("SampleTimeout is 120 with a WorkerTimeout of 120; allowed: at most 90",
                         "VisibilityTimeout is 60 with a WorkerTimeout of 120; allowed: at least 120",
                         "MinimumPollers is 91; allowed: at most MaximumPollers, which is 90",
                         "DlqRetention is 345600; allowed: more than QueueRetention, which is 345600",
                         "OldestMessageAlarm is 400000; allowed: less than QueueRetention"):
            self.assertIn(expected, told)

    def test_a_parameter_is_compared_with_what_is_deployed(self):
        told = self.refused("""*describe-stacks) echo '{"Stacks": [{"Parameters": [
            {"ParameterKey": "SampleTimeout", "ParameterValue": "600"}, {"ParameterKey": "WorkerTimeout", "ParameterValue": "900"}]}]}' ;;""",
                            "--parameter", "WorkerTimeout=300")
        self.assertIn("SampleTimeout is 600 with a WorkerTimeout of 300", told)

    IMAGES = ("--worker-image", f"{REGISTRY}/w@{DIGEST}", "--api-image", f"{REGISTRY}/a@{DIGEST}")

    @staticmethod
    def account(limit, unreserved, reserved="{}"):
        return (f"""*get-account-settings) echo '{{"AccountLimit": {{"ConcurrentExecutions": {limit}, "UnreservedConcurrentExecutions": {unreserved}}}}}' ;;
            *get-function-concurrency) echo '{reserved}' ;;""")

    def test_a_new_accounts_quota_is_told_before_anything_is_deployed(self):
        told = self.refused(self.account(10, 10), *self.IMAGES)
        self.assertIn("ApiReservedConcurrency is 50; allowed here: 0 to 0.", told)
        self.assertIn("MaximumConcurrency lets 900 workers run at once; allowed here: at most 9, which the account's quota of 10", told)

    def test_what_others_reserved_is_not_there(self):
        told = self.refused(self.account(1000, 500), *self.IMAGES)
        self.assertIn("MaximumConcurrency lets 900 workers run at once; allowed here: at most 450", told)
        self.assertNotIn("ApiReservedConcurrency", told)
        pollers = self.refused(self.account(1000, 1000), *self.IMAGES, "--parameter", "ScalingMode=provisioned-pollers", "--parameter", "MaximumPollers=100")
        self.assertIn("MaximumPollers lets 1000 workers run at once; allowed here: at most 950", pollers)

    def test_quotas_that_suffice_are_no_obstacle(self):
        for account, arguments in ((self.account(1000, 1000), ()),
                                   # The second deployment: the API's own reservation counts as free.
                                   (self.account(1000, 950, '{"ReservedConcurrentExecutions": 50}'), ()),
                                   (self.account(10, 10), ("--no-quotas",)),
                                   (self.account(10, 10), ("--parameter", "ApiReservedConcurrency=0", "--parameter", "MaximumConcurrency=9"))):
            with self.subTest(arguments):
                (self.folder / "calls").unlink(missing_ok=True)
                done, calls = self.deploy(account, *self.IMAGES, *arguments)
                self.deployment(calls)
                self.assertEqual(0, done.returncode, done.stderr)

    def test_memory_that_a_new_account_may_lack_is_mentioned(self):
        done, _ = self.deploy(self.account(10, 10), *self.IMAGES, "--parameter", "ApiReservedConcurrency=0", "--parameter", "MaximumConcurrency=9",
                              "--parameter", "WorkerMemory=10240")
        self.assertIn("note: WorkerMemory is 10240; an account with reduced quotas often has a limit of 3008 MB", done.stderr)

    def test_an_account_that_does_not_tell_its_quotas_is_no_obstacle(self):
        done, calls = self.deploy('*get-account-settings) echo "not authorized" >&2; exit 254 ;;', *self.IMAGES)
        self.deployment(calls)
        self.assertIn("so they are not checked", done.stderr)


@needs("moto_server", "aws")
class DeployTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.moto = Moto()
        cls.addClassCleanup(cls.moto.close)

    def setUp(self):
        self.moto.reset()

    def deploy(self, *arguments, expect=0):
        done = subprocess.run([str(DEPLOY), *arguments], env=self.moto.environment, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=300)
        self.assertEqual(expect, done.returncode, done.stderr)
        return done

    def create_stack(self, **parameters):
        """Without a change set: the emulator knows no outputs of a stack that one made."""
        self.moto.aws("cloudformation", "create-stack", "--stack-name", "vm-dataset", "--template-body", f"file://{TEMPLATE}",
                      "--capabilities", "CAPABILITY_IAM", "--parameters", "ParameterKey=AlertEmail,ParameterValue=a@example.org",
                      *(f"ParameterKey={key},ParameterValue={value}" for key, value in parameters.items()))

    def exported(self, script_output):
        """The variables as a shell that evaluates the lines has them."""
        done = subprocess.run(["bash", "-c", 'eval "$1"; env -0', "bash", script_output], env={"PATH": "/usr/bin:/bin"},
                              capture_output=True, text=True, check=True, timeout=60)
        return dict(line.split("=", 1) for line in done.stdout.split("\0") if line)

    def resources(self):
        found = self.moto.aws("cloudformation", "describe-stack-resources", "--stack-name", "vm-dataset")
        return {resource.get("LogicalResourceId") for resource in found["StackResources"]}

    def attributes(self, url):
        return self.moto.aws("sqs", "get-queue-attributes", "--queue-url", url, "--attribute-names", "All")["Attributes"]

    def test_first_deployment_makes_queues_and_bucket_and_no_function(self):
        self.deploy()
        self.assertLessEqual({"Queue", "DeadLetterQueue", "OutputBucket", "Dashboard"}, self.resources())
        self.assertEqual([], self.moto.aws("lambda", "list-functions")["Functions"])
        self.assertEqual(["vm-dataset-outputs"], [b["Name"] for b in self.moto.aws("s3api", "list-buckets")["Buckets"]])

    def test_outputs_drive_a_real_queue_and_bucket(self):
        self.create_stack()
        variables = self.exported(self.deploy("--outputs").stdout)
        queue, dead = variables["SQS_QUEUE_URL"], variables["SQS_DLQ_URL"]
        self.assertEqual(REGION, variables["AWS_REGION"])
        self.assertNotIn("API_URL", variables)
        self.assertNotIn("WORKER_FUNCTION_NAME", variables)

        settings = self.attributes(queue)
        self.assertEqual(("900", "345600", "true"), (settings["VisibilityTimeout"], settings["MessageRetentionPeriod"],
                                                     settings["SqsManagedSseEnabled"]))
        self.assertEqual("1209600", self.attributes(dead)["MessageRetentionPeriod"])

        self.moto.aws("sqs", "send-message", "--queue-url", queue, "--message-body", "{}")
        for _ in range(10):
            self.assertEqual(1, len(self.moto.receive(queue)))
        self.assertEqual([], self.moto.receive(queue), "an eleventh delivery")
        self.assertEqual("{}", self.moto.receive(dead)[0]["Body"])

        self.moto.aws("s3api", "put-object", "--bucket", variables["OUTPUT_BUCKET"], "--key", "jobs/a/job.json")
        listed = self.moto.aws("s3api", "list-objects-v2", "--bucket", variables["OUTPUT_BUCKET"], "--prefix", "jobs/")
        self.assertEqual(["jobs/a/job.json"], [item["Key"] for item in listed["Contents"]])

    def test_both_functions_are_made_from_their_images_and_keep_what_is_not_changed(self):
        # With everything on: the emulator cannot update a stack some of whose resources are left out.
        self.deploy("--worker-image", f"{REGISTRY}/w@{DIGEST}", "--api-image", f"{REGISTRY}/a@{DIGEST}",
                    "--parameter", "WorkerMemory=1024", "--parameter", "AlertEmail=a@example.org",
                    "--parameter", "ApiAuthType=NONE")
        self.assertLessEqual({"WorkerFunction", "WorkerMapping", "WorkerRole", "WorkerLogs",
                              "ApiFunction", "ApiRole", "ApiLogs", "AlertTopic"}, self.resources())
        worker = self.moto.aws("lambda", "get-function", "--function-name", "vm-dataset-generator")
        self.assertEqual(f"{REGISTRY}/w@{DIGEST}", worker["Code"]["ImageUri"])
        self.assertEqual((1024, 900), (worker["Configuration"]["MemorySize"], worker["Configuration"]["Timeout"]))
        variables = worker["Configuration"]["Environment"]["Variables"]
        self.assertEqual("vm-dataset-outputs", variables["OUTPUT_BUCKET"])
        self.assertTrue(variables["SQS_QUEUE_URL"].endswith("/vm-dataset-tasks"))
        self.assertTrue(variables["SQS_DLQ_URL"].endswith("/vm-dataset-tasks-dlq"))
        api = self.moto.aws("lambda", "get-function", "--function-name", "vm-dataset-api")["Configuration"]
        self.assertEqual(("Aws", "vm-dataset-generator"), (api["Environment"]["Variables"]["ENGINE"],
                                                           api["Environment"]["Variables"]["WORKER_FUNCTION_NAME"]))
        mapping = self.mapping()
        self.assertEqual({"MaximumConcurrency": 900}, mapping["ScalingConfig"])
        self.assertNotIn("ProvisionedPollerConfig", mapping)

        self.deploy("--parameter", "OldestMessageAlarm=7200")
        parameters = self.moto.aws("cloudformation", "describe-stacks", "--stack-name", "vm-dataset")["Stacks"][0]["Parameters"]
        values = {p["ParameterKey"]: p["ParameterValue"] for p in parameters}
        self.assertEqual(("7200", "1024", f"{REGISTRY}/w@{DIGEST}"),
                         (values["OldestMessageAlarm"], values["WorkerMemory"], values["WorkerImageUri"]))

    def mapping(self):
        [mapping] = self.moto.aws("lambda", "list-event-source-mappings")["EventSourceMappings"]
        self.assertEqual((1, ["ReportBatchItemFailures"]), (mapping["BatchSize"], mapping["FunctionResponseTypes"]))
        return mapping

    def test_mapping_may_have_provisioned_pollers_instead(self):
        self.deploy("--worker-image", f"{REGISTRY}/w@{DIGEST}",
                    "--parameter", "ScalingMode=provisioned-pollers", "--parameter", "MinimumPollers=20")
        mapping = self.mapping()
        self.assertEqual({"MinimumPollers": 20, "MaximumPollers": 90}, mapping["ProvisionedPollerConfig"])
        self.assertNotIn("ScalingConfig", mapping)

    @unittest.skipUnless(boto3_reads_the_endpoint(), "no boto3 as Lambda's Python has it, 1.28 or later, which reads AWS_ENDPOINT_URL")
    def test_the_stacks_own_function_disables_the_mapping(self):
        self.deploy("--worker-image", f"{REGISTRY}/w@{DIGEST}")
        mapping = self.mapping()
        stop = self.moto.aws("lambda", "get-function", "--function-name", "vm-dataset-generator-stop")["Configuration"]
        variables = stop["Environment"]["Variables"]
        self.assertEqual({"MAPPING": mapping["UUID"]}, variables)
        code = read_template()["Resources"]["StopFunction"]["Properties"]["Code"]["ZipFile"]
        done = subprocess.run([sys.executable, "-c", f"{code}\nhandler({{}}, None)"], env=self.moto.environment | variables,
                              capture_output=True, text=True, timeout=120)
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertNotEqual("Enabled", self.moto.aws("lambda", "get-event-source-mapping", "--uuid", mapping["UUID"])["State"])

    def test_tag_is_replaced_by_the_digest_of_its_image(self):
        self.moto.aws("ecr", "create-repository", "--repository-name", "worker")
        manifest = {"schemaVersion": 2, "mediaType": "application/vnd.docker.distribution.manifest.v2+json", "layers": [],
                    "config": {"mediaType": "application/vnd.docker.container.image.v1+json", "size": 1, "digest": DIGEST}}
        image = self.moto.aws("ecr", "put-image", "--repository-name", "worker", "--image-tag", "latest",
                              "--image-manifest", json.dumps(manifest))["image"]["imageId"]
        self.deploy("--worker-image", f"{REGISTRY}/worker:latest")
        worker = self.moto.aws("lambda", "get-function", "--function-name", "vm-dataset-generator")
        self.assertEqual(f"{REGISTRY}/worker@{image['imageDigest']}", worker["Code"]["ImageUri"])

    def test_image_that_is_not_there_is_named_before_anything_is_deployed(self):
        done = self.deploy("--api-image", f"{REGISTRY}/a:v1", expect=1)
        self.assertIn(f"there is no image {REGISTRY}/a:v1", done.stderr)
        self.assertEqual([], self.moto.aws("cloudformation", "describe-stacks")["Stacks"])

    def test_bucket_of_an_earlier_stack_can_be_used(self):
        self.moto.aws("s3api", "create-bucket", "--bucket", "kept", "--create-bucket-configuration", f"LocationConstraint={REGION}")
        self.deploy("--parameter", "BucketName=kept", "--parameter", "CreateBucket=false",
                    "--worker-image", f"{REGISTRY}/w@{DIGEST}")
        self.assertNotIn("OutputBucket", self.resources())
        worker = self.moto.aws("lambda", "get-function", "--function-name", "vm-dataset-generator")["Configuration"]
        self.assertEqual("kept", worker["Environment"]["Variables"]["OUTPUT_BUCKET"])

    def test_dashboard_is_readable_and_shows_samples_by_generator(self):
        self.deploy()
        body = self.moto.aws("cloudwatch", "get-dashboard", "--dashboard-name", f"vm-dataset-{REGION}")["DashboardBody"]
        self.assertNotIn("${", body)
        searches = list(find(json.loads(body), "expression"))
        self.assertIn("SEARCH('{VmDataset,Generator} MetricName=\"Samples\"', 'Sum', 300)", searches)

    def test_outputs_of_a_stack_that_is_not_there(self):
        done = self.deploy("--outputs", "--stack", "other", expect=1)
        self.assertEqual("", done.stdout)
        self.assertIn(f"stack other cannot be read in {REGION}", done.stderr)


if __name__ == "__main__":
    unittest.main()
