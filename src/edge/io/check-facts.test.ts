import assert from "node:assert/strict";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { siteRequirements as wanted } from "#edge/check-requirements.ts";
import { judgeSite } from "#edge/check-site.ts";
import { systemClock } from "#io/clock.ts";
import type { CheckFinding } from "#model/site-check.ts";
import { milliseconds } from "#units/quantity.ts";
import { askSite, type CheckOrder } from "./check-facts.ts";
import { askOffset, measureInbound } from "./check-inbound.ts";
import { KeptCheck, keepOutcome, outcomeOf, readOutcome } from "./check-kept.ts";

const fixtures = new URL("../../../test/fixtures/check/", import.meta.url).pathname;

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), "millrace-check-"));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

function put(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/** A folder of programs, each a script of sh. */
function programs(t: TestContext, scripts: Readonly<Record<string, string>>): string {
  const path = folder(t);
  for (const [name, script] of Object.entries(scripts)) {
    put(join(path, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(path, name), 0o755);
  }
  return path;
}

function orderOf(t: TestContext, given: Partial<CheckOrder>): CheckOrder {
  return {
    dir: join(folder(t), "none"),
    root: folder(t),
    interfaces: [],
    controlUrl: undefined,
    inbound: { kind: "unsaid" },
    tools: { nginx: undefined, nginxSetMisc: undefined },
    clock: systemClock,
    path: folder(t),
    patience: milliseconds(5000),
    signal: t.signal,
    ...given,
  };
}

async function check(order: CheckOrder): Promise<readonly string[]> {
  return judgeSite(await askSite(order), wanted, "site").map(line);
}

function line({ what, verdict, found }: CheckFinding): string {
  return `${what}: ${verdict}: ${found}`;
}

/** A machine whose default route leaves by a VLAN on a bond of two ports. */
function machine(t: TestContext): { readonly root: string; readonly path: string } {
  const root = folder(t);
  const net = join(root, "sys/class/net");
  put(join(net, "vlan100/lower_bond0/x"), "");
  for (const port of ["ens1f0np0", "ens1f1np1"]) {
    put(join(net, `bond0/lower_${port}/x`), "");
    put(join(net, port, "speed"), "100000\n");
    put(join(net, port, "device/x"), "");
  }
  mkdirSync(join(root, "proc/net/bonding"), { recursive: true });
  cpSync(join(fixtures, "bond-up.txt"), join(root, "proc/net/bonding/bond0"));
  const path = programs(t, {
    ip: `case "$*" in "-j addr") exec /bin/cat ${fixtures}ip-addr.json;; *-4*) echo '[{"dst":"default","dev":"vlan100"}]';; *) echo '[]';; esac`,
    ethtool: `case "$2" in ens1f0np0) exec /bin/cat ${fixtures}qsfp28.txt;; *) echo "netlink error: Operation not supported" >&2; exit 1;; esac`,
    timedatectl: "echo yes",
    nginx: "echo nginx version: nginx/1.26.0 >&2",
  });
  return { root, path };
}

test("[ED171] [ED173] the way of the default route is followed through VLAN and bond to its ports", async (t) => {
  const found = await check(orderOf(t, machine(t)));
  assert.deepEqual(found.slice(0, 8), [
    "lag of bond0: holds: 802.3ad, 2 of 2 ports up at 100 Gbit/s, aggregator 1, partner 00:23:04:ee:be:c8, LACP fast",
    "lacp rate of bond0: holds: fast",
    "ports: holds: ens1f0np0 100 Gbit/s, ens1f1np1 100 Gbit/s",
    "optics of ens1f0np0: holds: Rx −0.79 to −0.97 dBm on 4 lanes, Tx −0.36 to −0.52 dBm on 4 lanes",
    "optics of ens1f1np1: cannot-be-told: ethtool: netlink error: Operation not supported",
    "ipv4: holds: 62.115.0.2/31 on bond0",
    "ipv6: holds: 2a02:26f0:1::3/127 on bond0",
    "inbound: cannot-be-told: neither measured nor declared",
  ]);
  assert.ok(found.includes("clock: holds: synchronised (timedatectl)"));
});

test("[ED184] without any program everything is named with how to install it, and nothing is thrown", async (t) => {
  const facts = await askSite(orderOf(t, {}));
  const findings = judgeSite(facts, wanted, "site");
  const mend = new Map(findings.map((entry) => [entry.what, entry.mend]));
  for (const what of ["lag", "ipv4", "ipv6"]) assert.equal(mend.get(what), "apt-get install iproute2", what);
  assert.match(mend.get("nginx") ?? "", /^apt-get install nginx-light/);
  assert.match(mend.get("clock") ?? "", /^apt-get install chrony/);
  const named = await askSite(orderOf(t, { ...machine(t), path: folder(t), interfaces: ["vlan100"] }));
  const optics = judgeSite(named, wanted, "site").filter(({ what }) => what.startsWith("optics"));
  assert.deepEqual(
    optics.map((entry) => entry.mend),
    ["apt-get install ethtool", "apt-get install ethtool"],
  );
});

test("[ED184] a program that hangs, and one that prints without end, leave the others alone", async (t) => {
  const { root, path } = machine(t);
  put(join(path, "ethtool"), "#!/bin/sh\ntrap '' TERM\nexec /bin/sleep 60\n");
  put(join(path, "timedatectl"), "#!/bin/sh\nexec /usr/bin/yes\n");
  const found = await check(orderOf(t, { root, path, patience: milliseconds(700) }));
  assert.ok(found.includes("optics of ens1f0np0: cannot-be-told: ethtool gave no answer in 0.7 s"));
  assert.ok(found.some((text) => text.startsWith("clock: cannot-be-told:")));
  assert.ok(found.some((text) => text.startsWith("lag of bond0: holds")));
});

test("[ED183] an interface whose name could be taken for an option, or leads elsewhere, reaches no program and no file", async (t) => {
  const { root, path } = machine(t);
  const asked = join(folder(t), "asked.txt");
  put(join(path, "ethtool"), `#!/bin/sh\necho "$*" >> ${asked}\n`);
  for (const name of ["-m", "--help", "a$(id)", "\u001b[31m"])
    put(join(root, "sys/class/net", name, "device/x"), "");
  const interfaces = ["-m", "--help", "a$(id)", "\u001b[31m", "..", "../../proc", "", "ens1f0np0"];
  const found = await check(orderOf(t, { root, path, interfaces }));
  assert.equal(readFileSync(asked, "utf8"), "-m ens1f0np0\n");
  assert.ok(
    found.includes(
      "optics of -m: cannot-be-told: its name could be taken for an option, so no program was asked",
    ),
  );
  assert.ok(found.every((text) => !/\p{Cc}/u.test(text)));
});

async function serve(t: TestContext, status: number, size: number): Promise<string> {
  const server = createServer((_, answer) => answer.writeHead(status).end(Buffer.alloc(size)));
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  t.after(() => server.close());
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === "string") assert.fail("no port");
  return `http://127.0.0.1:${address.port}/film`;
}

test("[ED177] a download is counted over the time it took; one that cannot be had tells nothing", async (t) => {
  const order = { clock: systemClock, signal: t.signal, lastsMs: 300 };
  const found = await measureInbound({ ...order, url: await serve(t, 200, 1 << 20) });
  if (found.kind !== "told" || found.value.how !== "measured") assert.fail(JSON.stringify(found));
  assert.ok(found.value.bytes >= 1 << 20);
  assert.equal(found.value.bps, (found.value.bytes * 8) / found.value.seconds);
  const because = async (url: string): Promise<string> => {
    const answer = await measureInbound({ ...order, url });
    return answer.kind === "untold" ? answer.because : "told";
  };
  assert.match(await because(await serve(t, 403, 10)), /status 403/);
  assert.match(await because(await serve(t, 200, 0)), /empty file/);
  assert.match(await because("http://127.0.0.1:9/x"), /download failed/);
});

test("[ED178] control's clock is read from its Date; a control that is away tells nothing", async (t) => {
  const order = { clock: systemClock, signal: t.signal };
  const found = await askOffset({ ...order, url: await serve(t, 200, 1) });
  if (found.kind === "untold") assert.fail(found.because);
  // Node's server writes the Date of up to a second ago.
  assert.ok(Math.abs(found.value.offsetMs) <= found.value.errorMs + 1000);
  assert.equal((await askOffset({ ...order, url: "http://127.0.0.1:9" })).kind, "untold");
});

test("[ED179] media are read past memory where the file system can; without media that cannot be told", async (t) => {
  mkdirSync("var", { recursive: true });
  const dir = mkdtempSync(join(process.cwd(), "var/check-"));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const empty = await askSite(orderOf(t, { dir }));
  assert.equal(empty.disk.read.kind, "untold");
  put(join(dir, "v/title/v360-1/seg-1.m4s"), "x".repeat(3 * 2 ** 20 + 17));
  const { room, mount, read } = (await askSite(orderOf(t, { dir }))).disk;
  if (read.kind === "untold" || room.kind === "untold") assert.fail("the disk was not read");
  assert.equal(read.value.bytes, 3 * 2 ** 20 + 17);
  assert.ok(room.value.totalBytes > room.value.freeBytes);
  t.diagnostic(
    `O_DIRECT: ${read.value.isDirect}, ${mount.kind === "told" ? mount.value.type : mount.because}`,
  );
});

const failed: CheckFinding = {
  what: "lag",
  weight: "required",
  verdict: "does-not-hold",
  found: "eth0: no bond",
  wanted: "a LAG",
  mend: "Make one",
};

test("[ED186] the outcome is kept and told as it was; one that is broken, or none, is told as none", async (t) => {
  const dir = folder(t);
  const kept = new KeptCheck(dir);
  assert.equal(await kept.told(), undefined);
  const findings = [
    failed,
    { ...failed, weight: "advised" } as const,
    { ...failed, verdict: "holds" } as const,
  ];
  const outcome = outcomeOf(findings, { atMs: 1234.5, profile: "site", wanted: { ...wanted, lagPorts: 2 } });
  assert.deepEqual(outcome.counts, { holds: 1, doesNotHold: 1, cannotBeTold: 0, notAsked: 0 });
  assert.deepEqual([outcome.altered, outcome.failures.length, outcome.atMs], [["lagPorts"], 1, 1235]);
  await keepOutcome(dir, outcome);
  await kept.look();
  assert.deepEqual(await kept.told(), outcome);
  for (const broken of [
    "",
    "{}",
    "[1]",
    '{"atMs":-1}',
    JSON.stringify({ ...outcome, profile: "?" }),
    "x".repeat(2 ** 21),
  ]) {
    put(join(dir, "state/check.json"), broken);
    await kept.look();
    assert.equal(await kept.told(), undefined, broken.slice(0, 20));
    assert.equal(readOutcome(broken), undefined);
  }
});

test("[ED186] however much fails, the outcome fits its schema", () => {
  const many = Array.from({ length: 500 }, () => ({
    ...failed,
    found: "x".repeat(300),
    mend: "€".repeat(300),
  }));
  const outcome = outcomeOf(many, { atMs: 0, profile: "lab", wanted });
  assert.deepEqual(readOutcome(JSON.stringify(outcome)), outcome);
  assert.equal(outcome.counts.doesNotHold, 500);
});
