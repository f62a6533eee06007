"""Takes one notification and verifies it with the Python library of Standard Webhooks: good, and wrong in the ways that must be seen.

usage: receive.py PORT_FILE SECRET PREVIOUS_SECRET STRANGER_SECRET [CERTIFICATE_AND_KEY]
"""

import http.server
import os
import ssl
import sys

from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

port_file, secret, previous, stranger = sys.argv[1:5]
failed = 0


def check(what, wanted, key, body, headers):
    global failed
    try:
        event = Webhook(key).verify(body, headers)
        good = isinstance(event, dict) and {"type", "timestamp", "data"} <= event.keys()
    except WebhookVerificationError:
        good = False
    failed += good != wanted
    print(f"{'ok  ' if good == wanted else 'FAIL'} standardwebhooks (Python) reads a notification: {what}: {good}")


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        headers = {name.lower(): value for name, value in self.headers.items()}
        check("the secret in use", True, secret, body, headers)
        check("the previous secret", True, previous, body, headers)
        check("a stranger's secret", False, stranger, body, headers)
        check("body changed", False, secret, body + " ", headers)
        check("id changed", False, secret, body, headers | {"webhook-id": "msg_x"})
        old = {"webhook-timestamp": str(int(headers["webhook-timestamp"]) - 1)}
        check("time changed", False, secret, body, headers | old)
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


server = http.server.HTTPServer(("127.0.0.1", 0), Receiver)
if len(sys.argv) > 5:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[5])
    server.socket = context.wrap_socket(server.socket, server_side=True)
with open(port_file + ".new", "w") as file:
    file.write(str(server.server_port))
os.rename(port_file + ".new", port_file)
server.timeout = 120
server.handle_timeout = lambda: sys.exit("FAIL no notification came")
server.handle_request()
sys.exit(failed > 0)
