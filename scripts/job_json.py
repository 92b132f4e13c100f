"""The JSON of submit_tasks.sh. request FIELD=VALUE... writes a request; summary, accepted and problem read an answer on stdin."""

import json
import sys

TEXTS = ("generators", "output_format")


def request(fields: list) -> str:
    body = dict(field.split("=", 1) for field in fields)
    values = {name: value if name in TEXTS else json.loads(value) if name == "parameters" else int(value) for name, value in body.items()}
    if values["generators"] != "all":
        values["generators"] = [name.strip() for name in values["generators"].split(",")]
    return json.dumps(values)


def summary(job: dict) -> str:
    """id, path, state and progress, separated by tabs."""
    samples = job["samples"]
    parts = [f"{samples['done']} of {samples['total']} samples"]
    if samples["failed"]:
        parts.append(f"{samples['failed']} failed")
    if "samples_per_second" in job:
        parts.append(f"{job['samples_per_second']:.1f} a second")
    if "eta_seconds" in job:
        parts.append(f"{job['eta_seconds']} s left")
    return "\t".join([job["id"], job["links"]["self"], job["state"], ", ".join(parts)])


def with_parameters(spec: dict) -> str:
    return f"parameters {json.dumps(spec['parameters'])}, " if "parameters" in spec else ""


def accepted(job: dict) -> str:
    spec = job["spec"]
    return (f"{spec['samples']} samples of each of {len(spec['generators'])} generators from index {spec['start_index']}, "
            f"seed {spec['seed']}, {with_parameters(spec)}{job['batches']['total']} batches of up to {spec['batch_size']}, as {spec['output_format']}")


def problem(text: str) -> str:
    """Problem details (RFC 9457) for a reader; anything else as it is."""
    try:
        details = json.loads(text)
    except ValueError:
        return text[:2000]
    if not isinstance(details, dict):
        return text[:2000]
    lines = [details[name] for name in ("detail", "Message", "message") if isinstance(details.get(name), str)][:1]
    errors = details.get("errors")
    for field, messages in (errors.items() if isinstance(errors, dict) else ()):
        lines += [f"  {message}" if message.startswith(field) else f"  {field}: {message}" for message in messages]
    if details.get("trace_id") and details.get("status", 0) >= 500:
        lines.append(f"  The server's log has it under the trace_id {details['trace_id']}.")
    return "\n".join(lines) or details.get("title") or text[:2000]


def main(command: str, arguments: list) -> int:
    if command == "request":
        print(request(arguments))
        return 0
    text = sys.stdin.read()
    if command == "problem":
        print(problem(text))
        return 0
    try:
        print({"summary": summary, "accepted": accepted}[command](json.loads(text)))
    except (ValueError, KeyError, TypeError) as error:
        print(f"error: this is no job ({error!r}): {text[:500]}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
