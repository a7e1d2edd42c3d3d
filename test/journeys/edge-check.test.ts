// `millrace appliance check` as an operator runs it: what it says, what it keeps, and its exit status.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type TestContext, test } from "node:test";

const program = resolve("src/bin/millrace.ts");

interface Done {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), "millrace-check-"));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

function check(...args: readonly string[]): Done {
  const argv = [program, "appliance", "check", ...args];
  return spawnSync(process.execPath, argv, { encoding: "utf8", timeout: 60_000 });
}

test("[ED185] wrong usage ends with 2 and names every mistake", (t) => {
  const wrong = ["--for=home", "--measure=ftp://x", "--declared-inbound=fast", "--interface=a/b"];
  const { status, stderr } = check(...wrong, "--json");
  assert.equal(status, 2);
  for (const word of [
    "--for: wanted site",
    "--measure: wanted http",
    "wanted a rate",
    "one of them",
    "wanted names",
  ])
    assert.ok(stderr.includes(word), stderr);
  const file = join(folder(t), "numbers.json");
  for (const text of ['{"lagPort": 2}', '{"lagPorts": "2"}', '{"diskFreePercent": 101}', "{"]) {
    writeFileSync(file, text);
    const refused = check("--requirements", file);
    assert.equal(refused.status, 1, text);
    assert.ok(refused.stderr.includes(file), refused.stderr);
  }
});

test("[ED185] [ED186] [ED182] one that fails ends with 1, prints one document, and is kept in the appliance's folder", (t) => {
  const dir = folder(t);
  mkdirSync(join(dir, "state"));
  const file = join(dir, "numbers.json");
  writeFileSync(file, '{"inboundBps": 5e9}');
  const given = ["--dir", dir, "--declared-inbound", "2Gbit/s", "--requirements", file];
  const { status, stdout } = check(...given, "--json");
  assert.equal(status, 1);
  const said = JSON.parse(stdout);
  assert.deepEqual([said.profile, said.altered, said.kept], ["site", ["inboundBps"], true]);
  const inbound = said.findings.find((entry: { readonly what: string }) => entry.what === "inbound");
  assert.equal(inbound.found, "2 Gbit/s, declared, not measured");
  const kept = JSON.parse(readFileSync(join(dir, "state/check.json"), "utf8"));
  assert.deepEqual(kept.counts, said.counts);
  assert.ok(kept.failures.some((failure: { readonly what: string }) => failure.what === "inbound"));
  const text = check(...given, "--for", "lab");
  assert.match(text.stdout, /not asked of a laboratory/);
  assert.match(text.stdout, /^Required of a laboratory, with other numbers for inboundBps: /m);
  assert.match(text.stdout, /^Kept: /m);
});

const unshare = "/usr/bin/unshare";
const ulp = "/proc/sys/net/ipv4/tcp_available_ulp";
const skip =
  process.getuid?.() !== 0
    ? "root can show the kernel's offer of TLS as another one: run as root"
    : existsSync(unshare) && existsSync(ulp)
      ? false
      : "unshare or the kernel's list of TCP protocols is missing";

test("[ED185] all that holds ends with 0, and something that cannot be told with 3", { skip }, (t) => {
  const home = folder(t);
  const programs = join(home, "bin");
  mkdirSync(programs);
  writeFileSync(join(home, "ulp"), "espintcp tls\n");
  const clock = (answer: string): void => {
    for (const name of ["timedatectl", "chronyc"]) {
      writeFileSync(join(programs, name), `#!/bin/sh\n${answer}\n`);
      chmodSync(join(programs, name), 0o755);
    }
  };
  const numbers = join(home, "numbers.json");
  writeFileSync(numbers, '{"diskBytes": 1, "diskFreePercent": 0, "openFiles": 1}');
  const laboratory = (): Done => {
    const given = ["--for", "lab", "--dir", home, "--declared-inbound", "2Gbit/s", "--requirements", numbers];
    const script = 'mount --bind "$1" "$2" && shift 2 && exec "$@"';
    const argv = ["-m", "sh", "-c", script, "-", join(home, "ulp"), ulp, process.execPath, program];
    const env = { ...process.env, PATH: `${programs}:${process.env.PATH ?? ""}` };
    return spawnSync(unshare, [...argv, "appliance", "check", ...given], {
      env,
      encoding: "utf8",
      timeout: 60_000,
    });
  };
  clock("echo yes");
  const good = laboratory();
  assert.equal(good.status, 0, good.stdout + good.stderr);
  assert.match(good.stdout, /0 do not hold, 0 cannot be told/);
  assert.match(good.stdout, /^Not kept: /m);
  clock("exit 1");
  const unsure = laboratory();
  assert.equal(unsure.status, 3, unsure.stdout + unsure.stderr);
  assert.match(unsure.stdout, /^\? clock .*cannot be told/m);
});

const noNamespace =
  process.getuid?.() === 0 && existsSync("/usr/sbin/ip") ? false : "network namespaces want root and ip";

test("[ED175] [ED176] [ED171] in a network of its own the machine is told as ip shows it", {
  skip: noNamespace,
}, (t) => {
  const name = `mrchk${process.pid}`;
  const ip = (...words: readonly string[]): void => {
    const done = spawnSync("/usr/sbin/ip", words, { encoding: "utf8" });
    assert.equal(done.status, 0, `ip ${words.join(" ")}: ${done.stderr}`);
  };
  ip("netns", "add", name);
  t.after(() => ip("netns", "del", name));
  const inside = ["-n", name];
  ip(...inside, "link", "add", "up0", "type", "veth", "peer", "name", "isp0");
  ip(...inside, "link", "set", "isp0", "up");
  ip(...inside, "link", "set", "up0", "up");
  ip(...inside, "addr", "add", "62.115.0.2/31", "dev", "up0");
  ip(...inside, "addr", "add", "2a02:26f0:1::3/128", "dev", "up0", "nodad");
  ip(...inside, "route", "add", "default", "via", "62.115.0.3");
  const argv = [
    "netns",
    "exec",
    name,
    process.execPath,
    program,
    "appliance",
    "check",
    "--json",
    "--dir",
    folder(t),
  ];
  const done = spawnSync("/usr/sbin/ip", argv, { encoding: "utf8", timeout: 60_000 });
  const { findings } = JSON.parse(done.stdout);
  const told = new Map<string, string>(
    findings.map((entry: Readonly<Record<string, string>>) => [
      entry.what,
      `${entry.verdict}: ${entry.found}`,
    ]),
  );
  assert.equal(told.get("ipv4"), "holds: 62.115.0.2/31 on up0");
  assert.equal(told.get("ipv6"), "does-not-hold: 2a02:26f0:1::3/128 on up0");
  assert.equal(told.get("lag"), "does-not-hold: up0: no bond below it");
  assert.match(told.get("ports") ?? "", /up0 10 Gbit\/s/);
  assert.equal(told.get("optics of up0"), "cannot-be-told: no device is behind it");
});
