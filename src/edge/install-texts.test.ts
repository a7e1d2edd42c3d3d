// The files of an installation, whole; and what in them hangs on other code.
import assert from "node:assert/strict";
import { accessSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { defaultsOf, readSettings } from "#config/setting.ts";
import { order } from "#test/fixtures/install-facts.ts";
import { bytes } from "#units/quantity.ts";
import { environmentText } from "./install-environment.ts";
import { firewallText, firewallUnit } from "./install-firewall.ts";
import { kernelSettings, listenBacklog, sysctlText } from "./install-kernel.ts";
import { installPaths } from "./install-paths.ts";
import { wantedFiles } from "./install-plan.ts";
import { agentArgv, agentUnit, openFilesLimit, stopTimeoutSeconds, unitWord } from "./install-unit.ts";
import { edgeSettings } from "./settings.ts";

const budget = bytes(1e12);

/** Compares with test/golden/; `UPDATE_GOLDEN=1` writes the file anew. */
function golden(name: string, text: string): void {
  const path = new URL(`../../test/golden/${name}`, import.meta.url);
  if (process.env.UPDATE_GOLDEN === "1") writeFileSync(path, text);
  assert.equal(text, readFileSync(path, "utf8"));
}

const lines = (text: string): readonly string[] => text.split("\n");

test("[ED90] the unit of the agent, whole", () => {
  golden("install-appliance.service", agentUnit(order, budget));
});

test("[ED101] firewall and its unit, whole", () => {
  golden("install-firewall.nft", firewallText({ serve: [80], ssh: [22, 2222] }));
  golden("install-firewall.service", firewallUnit());
});

test("[ED99] kernel settings, whole", () => {
  golden("install-sysctl.conf", sysctlText());
});

test("[ED142] the kernel holds 256 KiB for a client that does not read, whatever one that reads may have in flight", () => {
  const bytesOf = (name: string): number =>
    Number(new RegExp(`^net.ipv4.${name} = .*?(\\d+)$`, "m").exec(sysctlText())?.[1]);
  assert.equal(bytesOf("tcp_notsent_lowat"), 262_144);
  assert.ok(bytesOf("tcp_wmem") >= 16 * bytesOf("tcp_notsent_lowat"));
});

test("[ED95] one capability for a port below 1024, none for others", () => {
  const capabilities = (port: number): readonly string[] =>
    lines(agentUnit({ ...order, listen: { host: "::", port } }, budget)).filter((line) =>
      /^(Ambient)?Capabilit/.test(line),
    );
  const low = "CAP_NET_BIND_SERVICE";
  assert.deepEqual(capabilities(1023), [`CapabilityBoundingSet=${low}`, `AmbientCapabilities=${low}`]);
  assert.deepEqual(capabilities(1024), ["CapabilityBoundingSet=", "AmbientCapabilities="]);
});

test("[ED96] systemd signals the agent alone, waits longer than nginx may take, and outlives a worker without memory", () => {
  const unit = lines(agentUnit({ ...order, stopGraceSeconds: 600 }, budget));
  for (const line of ["KillMode=process", "Restart=always", "OOMPolicy=continue", "TimeoutStopSec=630"]) {
    assert.ok(unit.includes(line), line);
  }
  assert.ok(stopTimeoutSeconds(order) > order.stopGraceSeconds);
});

test("[ED95] [ED99] unit and kernel allow the open files and the backlog that nginx asks for", () => {
  const config = readFileSync(new URL("../../test/golden/nginx-appliance.conf", import.meta.url), "utf8");
  const number = (pattern: RegExp): number => Number(pattern.exec(config)?.[1]);
  const filesEach = number(/worker_rlimit_nofile (\d+);/) / number(/worker_connections (\d+);/);
  const reading = readSettings(edgeSettings, environmentOf(environmentText(order)));
  assert.ok(reading.kind === "read" && filesEach >= 2);
  assert.ok(reading.values.connections * filesEach < openFilesLimit);
  assert.equal(number(/ backlog=(\d+);/), listenBacklog);
});

test("[ED90] every setting of an appliance stands in the environment file, with its sentence; defaults are comments", () => {
  const text = environmentText({ ...order, stopGraceSeconds: 45 });
  for (const row of Object.values(edgeSettings)) {
    assert.match(text, new RegExp(`^#?${row.name}=`, "m"), row.name);
    assert.ok(text.includes(`# ${row.sentence}`), row.name);
  }
  const reading = readSettings(edgeSettings, environmentOf(text));
  assert.deepEqual(reading, {
    kind: "read",
    values: { ...defaultsOf(edgeSettings), connections: 16_384, stopGraceMs: 45_000 },
  });
});

function environmentOf(text: string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(/^([A-Z_]+)=(.*)$/gm)].map(([, name = "", value = ""]) => [name, value]),
  );
}

test("[ED94] command line and files name the token's file and hold nothing of a token", () => {
  assert.ok(agentArgv(order, budget).includes(installPaths.token));
  const files = wantedFiles(order, [22], budget);
  assert.ok(files.every(({ path }) => path !== installPaths.token));
  assert.equal(files.filter(({ text }) => /token/i.test(text)).length, 2, "the unit and the word about it");
});

test("[ED97] the unit runs what `current` names below the prefix", () => {
  assert.equal(
    agentArgv({ ...order, prefix: "/srv/programs/millrace" }, budget)[0],
    "/srv/programs/millrace/current/millrace",
  );
});

test("[ED90] a word of a command line reaches the program as it is, whatever systemd sees in it", () => {
  assert.equal(unitWord("--dir"), "--dir");
  assert.equal(unitWord("http://[::1]:80/a%20b"), "http://[::1]:80/a%%20b");
  assert.equal(unitWord("$HOME"), "$$HOME");
  assert.equal(unitWord('a "b" \\c'), '"a \\"b\\" \\\\c"');
  assert.equal(unitWord(""), '""');
});

test("[ED99] each kernel setting has one sentence, and no name stands twice", () => {
  for (const { name, why } of kernelSettings)
    assert.match(why, /^[A-Z\d].{40,}[^.]\.$|^[a-z]+ .{40,}\.$/, name);
  assert.equal(new Set(kernelSettings.map(({ name }) => name)).size, kernelSettings.length);
});

const unknown = kernelSettings.filter(({ name }) => !isKnown(name));

function isKnown(name: string): boolean {
  try {
    accessSync(`/proc/sys/${name.replaceAll(".", "/")}`);
    return true;
  } catch {
    return false;
  }
}

test("[ED99] this kernel knows each name", {
  skip: process.platform === "linux" && isKnown("net.ipv4.tcp_syncookies") ? false : "no /proc/sys/net here",
}, () => {
  assert.deepEqual(
    unknown.filter((setting) => setting.isOptional !== true).map(({ name }) => name),
    [],
  );
});

test("[ED101] of ICMP only pings are limited, also those of a connection that is tracked", () => {
  const text = lines(firewallText({ serve: [80], ssh: [22] })).map((line) => line.trim());
  const limited = text.filter((line) => line.includes("limit"));
  assert.equal(limited.length, 2);
  for (const line of limited)
    assert.match(line, /^icmp(v6)? type echo-request limit rate over \d+\/second drop$/);
  const at = (start: string): number => text.findIndex((line) => line.startsWith(start));
  assert.ok(at("icmpv6 type") < at("meta l4proto { icmp, ipv6-icmp } accept"));
  assert.ok(at("meta l4proto") < at("ct state established"));
});

test("[ED101] ssh comes first, on every port that it may have, and nothing else is opened", () => {
  const text = firewallText({ serve: [8443], ssh: [2222, 22, 22] });
  const accepts = lines(text).filter((line) => /^ .* accept$/.test(line));
  assert.deepEqual(
    accepts.slice(0, 3).map((line) => line.trim()),
    ['iif "lo" accept', "tcp dport { 22, 2222 } accept", "tcp dport { 8443 } accept"],
  );
  assert.equal(accepts.filter((line) => /tcp dport/.test(line)).length, 2);
});
