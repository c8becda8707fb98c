"""Invokes each function with each of its events by `sam local invoke`, and compares the answers with events/answers.json.

Usage: sam_local_events.py ENVIRONMENT_FILE [FLAG OF SAM]...
"""

import json
import pathlib
import re
import subprocess
import sys

EVENTS = pathlib.Path("events")
# When the events of SMPI were signed.
SIGNED_AT = "1363797148"
# What stands where an event shows the session that a login opened.
SESSION = "JSESSIONID=SESSION"
# An engine on a busy machine takes its time.
TIME_OUT_S = 180


def logical_ids():
    """The functions' logical ids in the template, by their binaries."""
    template = pathlib.Path("template.yaml").read_text()
    found = re.findall(r"^  (\w+):\n    Type: AWS::Serverless::Function\n    Metadata: .*Binary: ([\w-]+)", template, re.M)
    return {binary: logical_id for logical_id, binary in found}


def signed_now(event, is_let_in):
    """The SMPI event as if sent at this moment, for the function's clock is the wall's. What is wrong in it stays."""
    query = event["rawQueryString"]
    target = event["rawPath"] + ("?" + query if query else "")
    printed = subprocess.run(["target/debug/bundle", "sign", target], capture_output=True, text=True, check=True).stdout
    now = dict(line.split(": ", 1) for line in re.findall(r'header = "([^"]+)"', printed))
    headers = event["headers"]
    if is_let_in:
        headers |= now
    elif headers["x-posix-time"] == SIGNED_AT:
        headers["x-posix-time"] = now["x-posix-time"]
    return event


def event_for(answer, session):
    text = (EVENTS / f"{answer['event']}.json").read_text()
    event = json.loads(text.replace(SESSION, session))
    return signed_now(event, answer["status"] != 401) if "x-signature" in event["headers"] else event


def log_in(logical_id, environment, flags):
    """The cookie of a session, without its attributes."""
    event = json.loads((EVENTS / "valomnia-login.json").read_text())
    return invoke(logical_id, event, environment, flags)["cookies"][0].split(";")[0]


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
    session = log_in(ids["valomnia-login"], environment, flags)
    for answer in answers:
        function = answer["event"].split(".")[0]
        got = invoke(ids[function], event_for(answer, session), environment, flags)
        status, body = got.get("statusCode"), got.get("body", "")
        if status != answer["status"] or not body.startswith(answer["begins"]):
            sys.exit(f"{answer['event']}: {json.dumps(got)[:500]}")
        print(f"sam local invoke {ids[function]} < events/{answer['event']}.json: {status}", flush=True)
    print(f"{len(answers)} passed, 0 failed")


main(*sys.argv[1:])
