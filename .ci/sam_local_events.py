"""Invokes each function with each of its events by `sam local invoke`, and compares the answers with events/answers.json.

Usage: sam_local_events.py ENVIRONMENT_FILE [FLAG OF SAM]...
"""

import json
import pathlib
import re
import subprocess
import sys

EVENTS = pathlib.Path("events")
# An engine on a busy machine takes its time.
TIME_OUT_S = 180


def logical_ids():
    """The functions' logical ids in the template, by their binaries."""
    template = pathlib.Path("template.yaml").read_text()
    found = re.findall(r"^  (\w+):\n    Type: AWS::Serverless::Function\n    Metadata: .*Binary: ([\w-]+)", template, re.M)
    return {binary: logical_id for logical_id, binary in found}


def signed_now(event):
    """The SMPI event, signed at this moment: the function's clock is the wall's."""
    query = event["rawQueryString"]
    target = event["rawPath"] + ("?" + query if query else "")
    headers = subprocess.run(["target/debug/bundle", "sign", target], capture_output=True, text=True, check=True).stdout
    event["headers"] |= dict(line.split(": ", 1) for line in re.findall(r'header = "([^"]+)"', headers))
    return event


def event_for(answer):
    event = json.loads((EVENTS / f"{answer['event']}.json").read_text())
    is_let_in = answer["status"] != 401
    return signed_now(event) if "x-signature" in event["headers"] and is_let_in else event


def invoke(logical_id, event, environment, flags):
    command = ["sam", "local", "invoke", logical_id, "--event", "-", "--env-vars", environment, *flags]
    done = subprocess.run(command, input=json.dumps(event), capture_output=True, text=True, timeout=TIME_OUT_S)
    try:
        return json.loads(done.stdout.strip().splitlines()[-1])
    except (IndexError, ValueError):
        sys.exit(f"{logical_id} answered nothing:\n{done.stdout}\n{done.stderr}")


def main(environment, *flags):
    ids = logical_ids()
    answers = json.loads((EVENTS / "answers.json").read_text())
    for answer in answers:
        function = answer["event"].split(".")[0]
        got = invoke(ids[function], event_for(answer), environment, flags)
        status, body = got.get("statusCode"), got.get("body", "")
        if status != answer["status"] or not body.startswith(answer["begins"]):
            sys.exit(f"{answer['event']}: {json.dumps(got)[:500]}")
        print(f"sam local invoke {ids[function]} < events/{answer['event']}.json: {status}", flush=True)
    print(f"{len(answers)} passed, 0 failed")


main(*sys.argv[1:])
