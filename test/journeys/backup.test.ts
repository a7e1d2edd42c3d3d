// `millrace backup` and `millrace restore` as a person calls them, and the same by an admin's request.
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { ensureAccount } from "#control/io/accounts.ts";
import { openPasswords } from "#control/io/passwords.ts";
import { millraceIn } from "#test/fixtures/command.ts";
import { backupAnswer } from "#wire/backup.ts";
import { client } from "./control-client.ts";
import { openPlane, operator, settings } from "./control-plane.ts";

const folder = mkdtempSync(join(tmpdir(), "millrace-backup-"));
after(() => rmSync(folder, { recursive: true, force: true }));

test("[DA96] there and back from the command line, with words for what does not work", () => {
  const [home, other] = [join(folder, "one"), join(folder, "two")];
  const nothing = millraceIn(home, ["backup"]);
  assert.deepEqual([nothing.status, nothing.out], [1, ""]);
  assert.match(nothing.err, /There is no database of Millrace at/);
  assert.equal(millraceIn(home, ["restore"]).status, 2);
  assert.equal(millraceIn(home, ["backup", "--to", "x"]).status, 2);
  const restored = millraceIn(home, ["restore", "test/fixtures/database-0006.backup", "--json"]);
  assert.equal(restored.status, 0, restored.err);
  assert.equal(JSON.parse(restored.out).rows, 724);
  const file = join(folder, "copy.backup");
  const copied = millraceIn(home, ["backup", "--out", file]);
  assert.equal(copied.status, 0, copied.err);
  // Migrations since then brought rows of their own.
  const [, rows = ""] = /copy\.backup {3}(\d+) rows of \d+ tables/.exec(copied.out) ?? [];
  assert.ok(Number(rows) >= 724, copied.out);
  assert.match(copied.err, /not in it: .*secrets\.json/);
  const again = millraceIn(home, ["restore", file]);
  assert.deepEqual([again.status, again.out], [1, ""]);
  assert.match(again.err, /is not empty/);
  const moved = millraceIn(other, ["restore", file]);
  assert.match(
    moved.out,
    new RegExp(`restored ${rows} rows of \\d+ tables; 0 migrations run after`),
    moved.err,
  );
});

test("[DA96] a running control plane makes a backup for an admin, and for nobody else", async () => {
  const home = join(folder, "plane");
  const backupsFolder = join(home, "backups");
  const plane = await openPlane(home, { backupsFolder });
  const { stores, secretsPath } = plane;
  const admin = { email: "admin@example.org", password: "countess of lovelace" };
  await ensureAccount({ stores, secretsPath, passwords: openPasswords(settings), ...admin, role: "admin" });
  const asking = client(plane.control.url);
  assert.equal((await asking.post("/v1/ops/backup", {})).code, "signed-out");
  await asking.signIn(operator.email, operator.password);
  assert.equal((await asking.post("/v1/ops/backup", {})).code, "not-admin");
  await asking.signIn(admin.email, admin.password);
  const said = await asking.post("/v1/ops/backup", {});
  const facts = backupAnswer.parse(said.body);
  assert.deepEqual(readdirSync(backupsFolder), [facts.file.split("/").at(-1)]);
  await plane.close();
  const there = millraceIn(join(folder, "three"), ["restore", facts.file]);
  assert.equal(there.status, 0, there.err);
});
