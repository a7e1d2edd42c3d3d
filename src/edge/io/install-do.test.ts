import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { Action, Step } from "#edge/install-steps.ts";
import { Fault } from "#units/fault.ts";
import { carryOut, type Site } from "./install-do.ts";
import { linkOnWay, linksOnWays } from "./install-found.ts";

/** A root whose /srv and /opt/millrace lead out of it, into `outside`. */
function rootWithLinks(t: TestContext): { readonly root: string; readonly outside: string } {
  const folder = mkdtempSync(join(tmpdir(), "millrace-links-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const [root, outside] = [join(folder, "root"), join(folder, "outside")];
  for (const path of [join(root, "opt"), join(root, "etc"), join(outside, "media")])
    mkdirSync(path, { recursive: true });
  writeFileSync(join(outside, "media/film"), "");
  symlinkSync(outside, join(root, "srv"));
  symlinkSync(outside, join(root, "opt/millrace"));
  return { root, outside };
}

function siteAt(root: string, signal: AbortSignal): Site {
  return {
    root,
    user: "millrace",
    release: { folder: "", paths: [] },
    token: "secret",
    stopGraceMs: 0,
    signal,
    onStep: () => undefined,
  };
}

const actions: readonly Action[] = [
  { kind: "folder", path: "/srv/millrace", mode: 0o755, owner: "root" },
  { kind: "folder", path: "/opt/millrace", mode: 0o700, owner: "root" },
  { kind: "file", path: "/srv/file", mode: 0o644, owner: "root", text: "", keepsOld: false },
  { kind: "secret", path: "/srv/token", mode: 0o600, owner: "root" },
  { kind: "link", path: "/opt/millrace/current", target: "x" },
  { kind: "release", path: "/opt/millrace/0.1.0-aaaaaaaaaaaa", files: 0, bytes: 0 },
  { kind: "remove", path: "/srv/media" },
  { kind: "remove-if-empty", path: "/srv/media" },
];

for (const action of actions) {
  const path = "path" in action ? action.path : "";
  test(`[ED109] a link of another root is not followed: ${action.kind} ${path}`, async (t) => {
    const { root, outside } = rootWithLinks(t);
    const step: Step = { does: "run", what: path, because: "", action };
    await assert.rejects(
      carryOut([step], siteAt(root, t.signal)),
      (error: unknown) =>
        error instanceof Fault && /is a symbolic link, which may lead out of/.test(error.message),
    );
    assert.deepEqual(readdirSync(outside), ["media"]);
    assert.ok(existsSync(join(outside, "media/film")));
  });
}

test("[ED109] links on the way are named before anything is done; on this machine they are followed", async (t) => {
  const { root, outside } = rootWithLinks(t);
  symlinkSync("/etc/passwd", join(root, "etc/passwd"));
  const order = { dir: "/srv/millrace", prefix: "/opt/millrace" };
  assert.deepEqual(await linksOnWays(root, order), ["/etc/passwd", "/opt/millrace", "/srv"]);
  assert.equal(await linkOnWay(root, "/opt/millrace", "entry"), undefined, "a link that is itself replaced");
  assert.equal(await linkOnWay("/", join(root, "srv/millrace"), "folder"), undefined);
  assert.ok(existsSync(outside));
});
