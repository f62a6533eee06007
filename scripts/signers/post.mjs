// Signs an event with the JavaScript library of Standard Webhooks and posts it: good, and wrong in the ways that must be refused.
//
// usage: node post.mjs URL SECRET OTHER_SECRET EVENT
import { createRequire } from "node:module";
import { join } from "node:path";

const { Webhook } = createRequire(join(process.cwd(), "x.js"))("standardwebhooks");
const [url, secret, other, event] = process.argv.slice(2);
const id = "msg_node";
let failed = 0;

async function check(what, wanted, { key = secret, at = new Date(), sent = at, body, sentBody = body, sentId = id }) {
  const response = await fetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "webhook-id": sentId,
      "webhook-timestamp": String(Math.floor(sent.getTime() / 1000)),
      "webhook-signature": new Webhook(key).sign(id, at, body),
    },
    body: sentBody,
  });
  const good = response.status === wanted;
  failed += good ? 0 : 1;
  console.log(`${good ? "ok  " : "FAIL"} standardwebhooks (JavaScript): ${what}: ${response.status}`);
}

const minutes = (n) => new Date(Date.now() + n * 60_000);
const document = JSON.parse(event);
document.id += "-node";
const body = JSON.stringify(document);
await check("good", 202, { body });
await check("again", 200, { body });
await check("another secret", 401, { body, key: other });
await check("too old", 401, { body, at: minutes(-6) });
await check("from the future", 401, { body, at: minutes(6) });
await check("time renewed", 401, { body, at: minutes(-6), sent: new Date() });
await check("body changed", 401, { body, sentBody: body.replace("{", "{ ") });
await check("id changed", 401, { body, sentId: "msg_y" });
process.exit(failed > 0 ? 1 : 0);
