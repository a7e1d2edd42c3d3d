// `millrace steer lint` as a person calls it.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

const folder = mkdtempSync(join(tmpdir(), "millrace-lint-"));
after(() => rmSync(folder, { recursive: true, force: true }));

function written(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify(content));
  return path;
}

function lint(...args: readonly string[]) {
  const argv = ["src/bin/millrace.ts", "steer", "lint", ...args];
  return spawnSync(process.execPath, argv, { encoding: "utf8", timeout: 60_000 });
}

const box = { role: "flash", storageBytes: 1, throughputBps: 1 };
const sites = written("sites.json", {
  sites: [
    {
      id: "near",
      name: "Near",
      kind: "exchange",
      location: { latitude: 50, longitude: 8 },
      appliances: [
        { ...box, id: "n1", listen: "127.0.0.1:1" },
        { ...box, id: "n2", listen: "127.0.0.1:2" },
      ],
    },
    {
      id: "far",
      name: "Far",
      kind: "embedded",
      location: { latitude: 59, longitude: 18 },
      appliances: [{ ...box, id: "f1", listen: "127.0.0.1:3" }],
    },
  ],
  viewpoints: [{ id: "v", name: "V", address: "62.115.4.9", location: { latitude: 50, longitude: 8.5 } }],
});
const clean = written("clean.json", {
  routes: [
    { siteId: "near", prefix: "62.115.4.0/22", asPath: [64_500] },
    { siteId: "far", prefix: "62.115.4.0/22", asPath: [64_501] },
  ],
});

test("[BG99] [BG91] lints end with 1 and are said with examples; where the viewers are known, by distance", () => {
  const odd = written("odd.json", {
    routes: [
      { siteId: "near", prefix: "62.115.4.0/22", asPath: [64_500] },
      { siteId: "near", applianceId: "n1", prefix: "62.2.0.0/16", asPath: [64_500] },
      { siteId: "far", prefix: "62.115.4.0/24", asPath: [64_500] },
      { siteId: "nowhere", prefix: "62.3.0.0/16", asPath: [64_500] },
    ],
  });
  const { status, stdout } = lint("--routes", odd, "--sites", sites);
  assert.equal(status, 1);
  assert.match(stdout, /^✗ n2 does not hear 1 of the 2 IPv4 prefixes that site near hears/m);
  assert.match(
    stdout,
    /^✗ Site far wins 1 prefix by length although it is farther from their viewers than site near/m,
  );
  assert.match(stdout, /62\.115\.4\.0\/24 \(11\d\d km against 3\d km of 62\.115\.4\.0\/22\)/);
  assert.match(stdout, /^1 routes name no known site or no prefix: "nowhere 62.3.0.0\/16"$/m);
  const said = JSON.parse(lint("--routes", odd, "--sites", sites, "--json").stdout);
  assert.deepEqual(
    said.lints.map((entry: { readonly kind: string }) => entry.kind),
    ["servers-differ", "far-more-specific"],
  );
  assert.deepEqual([said.prefixes, said.routes], [3, 3]);
});

test("[BG99] no lint ends with 0; files that cannot be read and wrong usage are complaints", () => {
  const good = lint("--routes", clean, "--sites", sites);
  assert.deepEqual([good.status, good.stdout], [0, "0 lints over 2 routes to 1 prefixes at 2 sites.\n"]);
  const absent = lint("--routes", join(folder, "absent.json"), "--sites", sites);
  assert.deepEqual([absent.status, absent.stdout], [1, ""]);
  assert.match(absent.stderr, /absent\.json cannot be read/);
  const none = lint("--sites", sites);
  assert.equal(none.status, 2);
  assert.match(none.stderr, /routes is missing/);
});
