// What the control plane's log says at its most talkative, and what it never says.
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { openSecrets } from "#control/io/secrets.ts";
import { readIfThere } from "#io/files.ts";
import { openLog } from "#io/log.ts";
import { goodReport, smallTitle } from "#test/fixtures/small-network.ts";
import { client } from "./control-client.ts";
import { eventually, openPlane, type Plane, startSmall, viewer } from "./control-plane.ts";

let home = "";
let running: Plane | undefined;

before(async () => {
  home = await mkdtemp(join(tmpdir(), "millrace-control-log-"));
  running = await openPlane(home);
  await running.control.publishTitle(smallTitle("film-1"));
});

after(async () => {
  await running?.close();
  await rm(home, { recursive: true, force: true });
});

/** Sends bytes that are no HTTP, as a broken proxy would, and waits for the end. */
async function sendBroken(url: string, text: string): Promise<void> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  socket.on("error", () => undefined).resume();
  socket.end(text);
  await once(socket, "close");
}

test("[CO29] no password, cookie, token or signed path is in the log, whatever goes wrong at whatever level", async () => {
  assert.ok(running !== undefined);
  const file = join(home, "control.log");
  const logger = openLog("control", "trace", file);
  const failing = { ...running.stores.accounts };
  failing.byEmail = (email) =>
    email === viewer.email
      ? (running?.stores.accounts.byEmail(email) ?? Promise.resolve(undefined))
      : Promise.reject(Object.assign(new Error("the database broke"), { cookie: "planted-cookie" }));
  const control = await startSmall({ ...running, stores: { ...running.stores, accounts: failing }, logger });
  const ada = client(control.url);
  const { applianceToken } = await openSecrets(running.secretsPath);

  assert.equal((await ada.signIn(viewer.email, viewer.password)).status, 200);
  await ada.signIn(viewer.email, "a wrong-password-1");
  await ada.signIn("broken@example.org", "a wrong-password-2");
  await ada.post("/v1/sign-in", '{"email":"x","password":"a wrong-password-3"');
  await ada.post("/v1/sign-in", { email: 1, password: "a wrong-password-4" });
  await sendBroken(
    control.url,
    `GET / HTTP/1.1\r\ncookie: ${ada.cookie()}\r\nbad header a wrong-password-5\r\n\r\n`,
  );
  const play = await ada.play("film-1");
  const events = [{ ...ada.beacon(play, 1), sessionId: "another" }];
  await ada.post("/v1/telemetry", { sessionToken: play.sessionToken, events });
  await ada.get(`/v1/nothing?token=${play.sessionToken}`);
  const authorization = `Bearer ${applianceToken}`;
  await ada.post("/v1/appliances/a1/report", goodReport("http://127.0.1.11:8181", []), { authorization });
  await ada.post("/v1/appliances/a1/report", goodReport("nowhere", []), { authorization });
  logger.warn(
    { headers: { authorization }, body: { password: viewer.password }, token: applianceToken },
    "careless",
  );
  await control.close();
  await eventually(
    "the log is written",
    async () => (await readIfThere(file))?.includes("careless") === true,
  );

  const said = await readFile(file, "utf8");
  for (const word of ["answered", "/v1/sign-in", "the database broke", "client error"]) {
    assert.ok(said.includes(word), `the log says nothing of "${word}": this would check nothing`);
  }
  const signature = /\/t\/\d{10}\/[^/]+\/([^/]+)\//.exec(play.sidecarUrls[0] ?? "")?.[1] ?? "";
  assert.ok(signature.length > 20);
  const secrets = {
    password: viewer.password,
    "wrong password": "wrong-password",
    cookie: /millrace=([^;]+)/.exec(ada.cookie())?.[1] ?? "",
    "refresh cookie": /millrace-refresh=([^;]+)/.exec(ada.cookie())?.[1] ?? "",
    "planted cookie": "planted-cookie",
    "session token": play.sessionToken,
    "appliance token": applianceToken,
    signature,
  };
  for (const [what, secret] of Object.entries(secrets)) {
    assert.ok(secret.length > 8, what);
    const line = said.split("\n").find((text) => text.includes(secret));
    assert.equal(line, undefined, `a ${what} is in the log`);
    const bytes = [...Buffer.from(secret)].join(",");
    assert.ok(!said.includes(bytes), `the bytes of a ${what} are in the log`);
  }
});
