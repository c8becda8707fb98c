"""Sends requests in all dialects to the API that `sam local start-api` serves, and checks the answers.

Usage: sam_local_requests.py BASE_URL
"""

import json
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request

KEY = "0f9895fb407c83e5ea128082098b47681aa75d6944576423c4"
NEUCRM = f"userid=5&api_key={KEY}"
ENSWITCH = "/api/json/customers/list?auth_username=user;auth_password=password"
SMPI = "/SMPI/v2.6/service/wfbss/api/customers"
NEW = "type=Individual&mobile=5550100&email=a@example.org&zipcode=1&state=Goa&city=Panaji&street=S&resellerid=1"
# All containers of the functions start first.
READY_IN_S = 300
TIME_OUT_S = 120


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


OPENER = urllib.request.build_opener(NoRedirect)


def call(base_url, target, form=None, headers=None):
    """Status, headers and body of the answer."""
    body = form.encode() if form is not None else None
    request = urllib.request.Request(base_url + target, data=body, headers=headers or {})
    try:
        reply = OPENER.open(request, timeout=TIME_OUT_S)
    except urllib.error.HTTPError as refused:
        reply = refused
    return reply.status, reply.headers, reply.read().decode()


def signed(target):
    printed = subprocess.run(["target/debug/bundle", "sign", target], capture_output=True, text=True, check=True).stdout
    return dict(line.split(": ", 1) for line in re.findall(r'header = "([^"]+)"', printed))


def wait_until_ready(base_url):
    give_up = time.monotonic() + READY_IN_S
    while True:
        try:
            return call(base_url, "/api/customer/list", "")
        except OSError:
            if time.monotonic() > give_up:
                sys.exit("sam local start-api did not become ready")
            time.sleep(1)


def main(base_url):
    wait_until_ready(base_url)
    passed = 0

    def expect(target, status, part, form=None, headers=None):
        nonlocal passed
        got, got_headers, body = call(base_url, target, form, headers)
        if got != status or part not in body + str(got_headers.get("location", "")):
            sys.exit(f"{target.split('?')[0]}: {got}, not {status} with {part}: {body[:500]}")
        print(f"{target.split('?')[0]}: {got}", flush=True)
        passed += 1
        return got_headers, body

    expect("/api/customer/list", 200, '"error":null', f"{NEUCRM}&rows_limit=2")
    expect("/api/customer/list", 200, "Authentication failed", "userid=5&api_key=wrong")
    expect("/api/customer/list", 405, "Method not allowed")
    _, created = expect("/api/customer/create", 200, '"error":null', f"{NEUCRM}&{NEW}&name=Abebe Bikila")
    new_id = json.loads(created)["result"]
    expect("/api/customer/update", 200, '"done"', f"{NEUCRM}&customerid={new_id}&street=T")
    expect(f"{ENSWITCH};name=abebe;deleted=0", 200, f'"id":{new_id},')
    expect("/api/json/customers/list?auth_username=user;auth_password=wrong", 200, '"code":"401"')
    expect(SMPI, 200, '"customers":[', headers=signed(SMPI))
    expect(SMPI, 400, "MissingHeaderAccessToken")
    expect("/api/v1.0/customers", 401, "no_credentials")
    login = "j_username=demo@entity1.example&j_password=password&ajax=true"
    headers, _ = expect("/j_spring_security_check", 302, "/login/ajaxSuccess", login)
    token = re.search(r"JSESSIONID=([^;]+)", headers["set-cookie"]).group(1)
    valomnia = {"authorization": f"Bearer {token}"}
    expect("/api/v1.0/customers?name=abebe*", 200, f'"id":{new_id},', headers=valomnia)
    expect("/login/ajaxSuccess", 200, '"success":true', headers=valomnia)
    expect("/api/customer/delete", 200, '"done"', f"{NEUCRM}&customerid={new_id}")
    print(f"{passed} passed, 0 failed")


main(sys.argv[1])
