// What a play tells whoever asks for one, and whom it ends.
import assert from "node:assert/strict";
import { test } from "node:test";
import { film, openScreenRig } from "#test/fixtures/screen-rig.ts";
import { smallTitle } from "#test/fixtures/small-network.ts";
import { film as aWork } from "#test/fixtures/small-works.ts";
import { screensAnswer } from "#wire/screens.ts";

test("[CO391] a child's profile that names the session of another screen does not learn which film plays there", async (t) => {
  const rig = await openScreenRig(t);
  for (const id of ["other", "cartoon"]) await rig.control.publishTitle(smallTitle(id));
  const id = await rig.account("ada@example.org");
  await rig.stores.register.setRole(id, "operator");
  const [ada, child] = [await rig.device(id), await rig.device(id)];
  const works = [aWork(film, { age: 16 }), aWork("other", { age: 16 }), aWork("cartoon", { age: 6 })];
  const imported = await ada.post("/v1/ops/catalog/import", {
    works: works.map(({ artwork: _, ...work }) => work),
  });
  assert.equal(Object(imported.body).kind, "imported", JSON.stringify(imported.body));
  const made = await ada.post("/v1/profiles", { name: "Ben", maturity: 7 });
  assert.equal((await child.post(`/v1/profiles/${Object(made.body).id}/use`, {})).status, 204);
  await ada.play(film);
  const [card] = screensAnswer.parse((await child.get("/v1/screens")).body).held;
  const guess = async (titleId: string): Promise<string> => {
    const said = await child.post("/v1/play", { titleId, sessionId: card?.sessionId });
    return `${said.status} ${said.code}`;
  };
  assert.deepEqual(
    [await guess(film), await guess("other"), await guess("nothing"), await guess("cartoon")],
    ["404 unknown-title", "404 unknown-title", "404 unknown-title", "403 foreign-session"],
  );
});
