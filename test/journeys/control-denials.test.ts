// What an operator denies, from the button to what appliances and the origin are told: a real control plane.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openSecrets } from "#control/io/secrets.ts";
import { goodReport, smallTitle } from "#test/fixtures/small-network.ts";
import { reportAnswer } from "#wire/appliance.ts";
import { client } from "./control-client.ts";
import { openPlane, operator, viewer } from "./control-plane.ts";

const film = "film-1";

test("[ED75] what an operator denies is told to appliances and the origin, is signed for nobody, and stays so over a restart", async (t) => {
  const home = await mkdtemp(join(tmpdir(), "millrace-control-denials-"));
  const atOrigin: string[] = [];
  const hear = {
    onDenials: (denied: readonly { kind: string; id: string }[]) =>
      void atOrigin.push(denied.map(({ kind, id }) => `${kind} ${id}`).join(", ")),
  };
  let plane = await openPlane(home, hear);
  t.after(async () => {
    await plane.close();
    await rm(home, { recursive: true, force: true });
  });
  await plane.control.publishTitle(smallTitle(film));
  const { applianceToken } = await openSecrets(join(home, "secrets.json"));
  const told = async (): Promise<readonly string[]> => {
    const bearer = { authorization: `Bearer ${applianceToken}` };
    const report = goodReport("http://127.0.1.11:8181", [], 1);
    const said = await client(plane.control.url).post("/v1/appliances/a1/report", report, bearer);
    return (reportAnswer.parse(said.body).desired?.denied ?? []).map(({ kind, id }) => `${kind} ${id}`);
  };
  const [ada, op] = [client(plane.control.url), client(plane.control.url)];
  await ada.signIn(viewer.email, viewer.password);
  await op.signIn(operator.email, operator.password);
  const { sessionId } = await ada.play(film);
  assert.equal((await ada.post(`/v1/ops/sessions/${sessionId}/deny`, {})).code, "not-operator");
  assert.equal((await op.post("/v1/ops/titles/gone/deny", {})).code, "unknown-title");
  assert.equal((await op.post(`/v1/ops/sessions/${sessionId}/deny`, {})).status, 204);
  assert.equal((await op.post(`/v1/ops/titles/${film}/deny`, {})).status, 204);
  assert.deepEqual(await told(), [`session ${sessionId}`, `title ${film}`]);
  assert.equal((await ada.post("/v1/play", { titleId: film })).code, "denied");
  assert.equal((await ada.get(`/v1/titles/${film}`)).code, "unknown-title");
  await plane.close();
  plane = await openPlane(home, hear);
  const again = client(plane.control.url, ada.cookie());
  const chief = client(plane.control.url, op.cookie());
  assert.equal((await again.post("/v1/play", { titleId: film })).code, "denied");
  assert.equal((await chief.post(`/v1/ops/titles/${film}/allow`, {})).status, 204);
  assert.deepEqual(await told(), [`session ${sessionId}`]);
  assert.equal((await again.post("/v1/play", { titleId: film, sessionId })).code, "denied");
  assert.equal((await chief.post("/v1/play", { titleId: film })).status, 200);
  assert.equal((await chief.post(`/v1/ops/sessions/${sessionId}/allow`, {})).status, 204);
  assert.equal((await again.post("/v1/play", { titleId: film, sessionId })).status, 200);
  const [session, title] = [`session ${sessionId}`, `title ${film}`];
  assert.deepEqual(atOrigin, [session, `${session}, ${title}`, `${session}, ${title}`, session, ""]);
});
