// Takes one notification and verifies it with the JavaScript library of Standard Webhooks: good, and wrong in the ways that must be
// seen.
//
// usage: node receive.mjs PORT_FILE SECRET PREVIOUS_SECRET STRANGER_SECRET
import { renameSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";

const { Webhook } = createRequire(join(process.cwd(), "x.js"))("standardwebhooks");
const [portFile, secret, previous, stranger] = process.argv.slice(2);
let failed = 0;

function check(what, wanted, key, body, headers) {
  let good = true;
  try {
    new Webhook(key).verify(body, headers);
  } catch {
    good = false;
  }
  failed += good === wanted ? 0 : 1;
  console.log(`${good === wanted ? "ok  " : "FAIL"} standardwebhooks (JavaScript) reads a notification: ${what}: ${good}`);
}

const server = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks).toString();
  check("the secret in use", true, secret, body, request.headers);
  check("the previous secret", true, previous, body, request.headers);
  check("a stranger's secret", false, stranger, body, request.headers);
  check("body changed", false, secret, body + " ", request.headers);
  check("id changed", false, secret, body, { ...request.headers, "webhook-id": "msg_x" });
  response.writeHead(204).end(() => process.exit(failed > 0 ? 1 : 0));
});
server.listen(0, "127.0.0.1", () => {
  writeFileSync(`${portFile}.new`, String(server.address().port));
  renameSync(`${portFile}.new`, portFile);
});
setTimeout(() => {
  console.log("FAIL no notification came");
  process.exit(1);
}, 120_000);
