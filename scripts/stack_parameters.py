"""The parameters of the stack, for deploy.sh: TEMPLATE STACK values NAME..., or TEMPLATE STACK check [--no-quotas], then KEY=VALUE...

values prints what each would be with these changes; check says what CloudFormation cannot compare or would find out late."""

import json
import pathlib
import re
import subprocess
import sys

# Lambda leaves so many to functions without a reservation.
UNRESERVED = 100
# What the worker needs of its last minute: to publish what is done, and to send on the rest.
MARGIN = 30
USUAL_CONCURRENCY, CAPPED_MEMORY = 1000, 3008


def main(template: str, stack: str, command: str, *arguments: str) -> int:
    changes = dict(argument.split("=", 1) for argument in arguments if "=" in argument)
    others = [argument for argument in arguments if "=" not in argument]
    values = {**defaults(pathlib.Path(template).read_text(encoding="utf-8")), **deployed(stack), **changes}
    if command == "values":
        print("\n".join(values[name] for name in others))
        return 0
    problems = list(wrong_pairs(values))
    if "--no-quotas" not in others and not problems:
        problems = list(wrong_quotas(values))
    for problem in problems:
        print(f"error: {problem}", file=sys.stderr)
    return 2 if problems else 0


def defaults(template: str) -> dict:
    """Name and default of each parameter: the standard library reads no YAML, and the template is written for this."""
    section = template.partition("\nParameters:\n")[2].partition("\nRules:\n")[0]
    return {name: default.strip("'") for name, default in
            re.findall(r"^  (\w+):\n(?:    .*\n)*?    Default: (.*)$", section, re.MULTILINE)}


def deployed(stack: str) -> dict:
    answer = aws("cloudformation", "describe-stacks", "--stack-name", stack, quiet=True) or {}
    parameters = answer.get("Stacks", [{}])[0].get("Parameters", [])
    return {parameter["ParameterKey"]: parameter["ParameterValue"] for parameter in parameters}


def wrong_pairs(values: dict):
    def number(name):
        # CloudFormation itself refuses what is no number.
        return int(values[name]) if re.fullmatch(r"[0-9]{1,9}", values[name]) else 0

    if number("SampleTimeout") > number("WorkerTimeout") - MARGIN:
        yield (f"SampleTimeout is {values['SampleTimeout']} with a WorkerTimeout of {values['WorkerTimeout']}; "
               f"allowed: at most {number('WorkerTimeout') - MARGIN}, as the function needs {MARGIN} s for the rest of its work.")
    if number("VisibilityTimeout") < number("WorkerTimeout"):
        yield (f"VisibilityTimeout is {values['VisibilityTimeout']} with a WorkerTimeout of {values['WorkerTimeout']}; "
               f"allowed: at least {values['WorkerTimeout']}, or Lambda refuses the mapping.")
    if number("MinimumPollers") > number("MaximumPollers"):
        yield f"MinimumPollers is {values['MinimumPollers']}; allowed: at most MaximumPollers, which is {values['MaximumPollers']}."
    if number("DlqRetention") <= number("QueueRetention"):
        yield (f"DlqRetention is {values['DlqRetention']}; allowed: more than QueueRetention, which is {values['QueueRetention']}, "
               "as a dead letter keeps the time of its first enqueueing.")
    if number("OldestMessageAlarm") >= number("QueueRetention"):
        yield (f"OldestMessageAlarm is {values['OldestMessageAlarm']}; allowed: less than QueueRetention, "
               f"which is {values['QueueRetention']}, as messages are lost then.")


def wrong_quotas(values: dict):
    has_worker, has_api = values["WorkerImageUri"] != "", values["ApiImageUri"] != ""
    if not has_worker and not has_api:
        return
    limits = (aws("lambda", "get-account-settings") or {}).get("AccountLimit")
    if limits is None:
        print("note: Lambda does not tell this account's quotas, so they are not checked.", file=sys.stderr)
        return
    limit, unreserved = limits["ConcurrentExecutions"], limits["UnreservedConcurrentExecutions"]
    own = aws("lambda", "get-function-concurrency", "--function-name", values["ApiFunctionName"], quiet=True) or {}
    unreserved += own.get("ReservedConcurrentExecutions", 0)
    reserved = int(values["ApiReservedConcurrency"]) if has_api else 0
    most = max(0, unreserved - UNRESERVED)
    if reserved > most:
        yield (f"ApiReservedConcurrency is {reserved}; allowed here: 0 to {most}. Lambda keeps {UNRESERVED} unreserved, "
               f"and the account has a quota of {limit} (L-B99A9384 in Service Quotas), {unreserved} of it free; 0 reserves none.")
        reserved = most
    # An API without a reservation shares what the worker leaves.
    room = unreserved - reserved if reserved or not has_api else unreserved - max(1, unreserved // 10)
    name, workers = ("MaximumConcurrency", int(values["MaximumConcurrency"])) if values["ScalingMode"] == "maximum-concurrency" \
        else ("MaximumPollers", 10 * int(values["MaximumPollers"]))
    if has_worker and workers > room:
        yield (f"{name} lets {workers} workers run at once; allowed here: at most {room}, which the account's quota of {limit} leaves them. "
               "Beyond it messages are received, throttled and counted as delivered.")
    if has_worker and limit < USUAL_CONCURRENCY and int(values["WorkerMemory"]) > CAPPED_MEMORY:
        print(f"note: WorkerMemory is {values['WorkerMemory']}; an account with reduced quotas often has a limit of {CAPPED_MEMORY} MB, "
              "which Lambda does not tell.", file=sys.stderr)


def aws(*arguments: str, quiet: bool = False) -> "dict | None":
    """The answer of the AWS CLI; None if it refuses or says nothing."""
    done = subprocess.run(["aws", *arguments, "--output", "json"], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    try:
        return json.loads(done.stdout)
    except ValueError:
        if not quiet and done.stderr.strip():
            print(f"note: aws {' '.join(arguments[:2])}: {done.stderr.strip().splitlines()[-1][:300]}", file=sys.stderr)
        return None


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
