"""Signs an event with a vendor's own Python library and posts it: good, and wrong in the ways that must be refused.

usage: post.py LIBRARY URL SECRET OTHER_SECRET EVENT
"""

import datetime
import http.client
import importlib
import json
import sys
import urllib.parse

library, url, secret, other, event = sys.argv[1:]
Webhook = importlib.import_module({"standardwebhooks": "standardwebhooks", "svix": "svix"}[library]).Webhook
prefixes = {"standardwebhooks": ["webhook"], "svix": ["svix", "webhook"]}[library]
target = urllib.parse.urlsplit(url)


def post(body, key, prefix, at, header_at=None):
    """The status for this body, signed with this key at this time, under headers with this prefix."""
    message = "msg_" + library + prefix
    signature = Webhook(key).sign(message, at, body)
    headers = {
        "content-type": "application/json",
        prefix + "-id": message,
        prefix + "-timestamp": str(int((header_at or at).timestamp())),
        prefix + "-signature": signature,
    }
    return send(body, headers)


def send(body, headers):
    connection = http.client.HTTPConnection(target.hostname, target.port, timeout=20)
    connection.request("POST", target.path, body.encode(), headers)
    return connection.getresponse().status


failed = 0


def check(what, status, wanted):
    global failed
    failed += status not in wanted
    print(f"{'ok  ' if status in wanted else 'FAIL'} {library} (Python): {what}: {status}")


now = datetime.datetime.now(datetime.timezone.utc)
minutes = lambda n: datetime.timedelta(minutes=n)
for prefix in prefixes:
    document = json.loads(event)
    document["id"] += f"-{library}-{prefix}"
    body = json.dumps(document)
    check(f"{prefix}-*, good", post(body, secret, prefix, now), [202])
    check(f"{prefix}-*, again", post(body, secret, prefix, now), [200])
    check(f"{prefix}-*, another secret", post(body, other, prefix, now), [401])
    check(f"{prefix}-*, too old", post(body, secret, prefix, now - minutes(6)), [401])
    check(f"{prefix}-*, from the future", post(body, secret, prefix, now + minutes(6)), [401])
    check(f"{prefix}-*, time renewed", post(body, secret, prefix, now - minutes(6), now), [401])
    signature = Webhook(secret).sign("msg_x", now, body)
    headers = {
        "content-type": "application/json",
        prefix + "-id": "msg_x",
        prefix + "-timestamp": str(int(now.timestamp())),
        prefix + "-signature": signature,
    }
    check(f"{prefix}-*, body changed", send(body.replace("{", "{ ", 1), headers), [401])
    check(f"{prefix}-*, id changed", send(body, headers | {prefix + "-id": "msg_y"}), [401])
sys.exit(failed > 0)
