import assert from "node:assert/strict";
import { test } from "node:test";
import type { CheckFinding } from "#model/site-check.ts";
import { told, untold } from "./check.ts";
import { judgeOffset, judgeSync, offsetBy, readChrony, readTimedatectl } from "./check-clock.ts";
import { type DiskFacts, judgeDisk, readMount } from "./check-disk.ts";
import { judgeInbound, judgePorts, readRate, readSpeed } from "./check-network.ts";
import { alteredIn, forProfile, labRequirements, siteRequirements as wanted } from "./check-requirements.ts";
import { judgeSoftware, type SoftwareFacts } from "./check-software.ts";
import { kernelSettings } from "./install-kernel.ts";

function line({ what, verdict, found }: CheckFinding): string {
  return `${what}: ${verdict}: ${found}`;
}

const gigabit = 1e9;

test("[ED176] every port is as fast as wanted, or it does not hold; an unknown speed cannot be told", () => {
  const port = (name: string, gbps: number) => ({ name, speed: told(gbps * gigabit) });
  assert.equal(
    line(judgePorts(told([port("a", 100), port("b", 10)]), wanted)),
    "ports: holds: a 100 Gbit/s, b 10 Gbit/s",
  );
  assert.equal(judgePorts(told([port("a", 100), port("b", 1)]), wanted).verdict, "does-not-hold");
  const blind = { name: "b", speed: untold("the driver does not know", "ethtool b") };
  const found = judgePorts(told([port("a", 100), blind]), wanted);
  assert.equal(line(found), "ports: cannot-be-told: a 100 Gbit/s, b unknown: the driver does not know");
  assert.equal(judgePorts(told([port("a", 1), blind]), wanted).verdict, "does-not-hold");
  assert.equal(judgePorts(told([]), wanted).verdict, "cannot-be-told");
  assert.deepEqual(["100000\n", "-1\n", "", "0", "fast"].map(readSpeed), [
    100e9,
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});

test("[ED177] what arrives is measured or declared, and which of them is said; without either it cannot be told", () => {
  const declared = judgeInbound(told({ how: "declared", bps: 1.2e9 }), wanted);
  assert.equal(line(declared), "inbound: holds: 1.2 Gbit/s, declared, not measured");
  const measured = judgeInbound(told({ how: "measured", bps: 0.8e9, bytes: 400e6, seconds: 4 }), wanted);
  assert.equal(line(measured), "inbound: does-not-hold: 0.8 Gbit/s, measured: 400 MB in 4.0 s");
  assert.equal(judgeInbound(untold("nothing", "--measure"), wanted).verdict, "cannot-be-told");
});

test("[ED177] a declared rate carries its unit; anything else is refused", () => {
  const rates = ["1.2Gbit/s", "1200 Mbit/s", "1200000000", "1.2 Tbit/s", "5kbit/s"];
  assert.deepEqual(rates.map(readRate), [1.2e9, 1.2e9, 1.2e9, 1.2e12, 5e3]);
  for (const text of ["", "fast", "1.2GB/s", "1.2G", "-1", "1e9", "1 000", "Gbit/s"])
    assert.equal(readRate(text), undefined, text);
});

test("[ED178] the clock follows a time server, as timedatectl or chronyc says", () => {
  assert.equal(
    line(judgeSync(told({ isSynchronised: true, says: "chronyc" }))),
    "clock: holds: synchronised (chronyc)",
  );
  assert.equal(judgeSync(told({ isSynchronised: false, says: "timedatectl" })).verdict, "does-not-hold");
  assert.equal(judgeSync(untold("x", "y")).verdict, "cannot-be-told");
  assert.deepEqual(
    ["yes\n", "no\n", "", "n/a"].map((text) => readTimedatectl(text)?.isSynchronised),
    [true, false, undefined, undefined],
  );
  const tracking =
    "A29FC87B,162.159.200.123,4,1764144125.1,0.0001,-0.0002,0.0003,-1.2,0.001,0.04,0.01,0.001,64.5,";
  assert.equal(readChrony(`${tracking}Normal\n`)?.isSynchronised, true);
  assert.equal(readChrony(`${tracking}Not synchronised\n`)?.isSynchronised, false);
  assert.equal(readChrony("506 Cannot talk to daemon"), undefined);
});

test("[ED178] a Date header tells the offset with its error, and only what lies beyond both does not hold", () => {
  assert.deepEqual(offsetBy(10_000, 10_400, 10_600), { offsetMs: 0, errorMs: 600 });
  const at = (offsetMs: number) => judgeOffset(told({ offsetMs, errorMs: 600 }), wanted);
  assert.equal(line(at(-1600)), "clock and control: holds: -1600 ms ± 600 ms");
  assert.equal(at(1601).verdict, "does-not-hold");
  assert.equal(judgeOffset(untold("no answer", "x"), wanted).verdict, "cannot-be-told");
});

const goodDisk: DiskFacts = {
  folder: "/var/lib/millrace",
  room: told({ totalBytes: 4e12, freeBytes: 2e12 }),
  mount: told({
    point: "/var/lib/millrace",
    type: "ext4",
    source: "/dev/nvme0n1p1",
    options: ["rw", "noatime"],
  }),
  read: told({ bytes: 256e6, seconds: 0.5, isDirect: true }),
  smart: told("=== START ===\nSMART overall-health self-assessment test result: PASSED\n"),
};

function disk(change: Partial<DiskFacts>): readonly string[] {
  return judgeDisk({ ...goodDisk, ...change }, wanted).map(line);
}

test("[ED179] room, file system, reading and health of the media's disk are judged", () => {
  assert.deepEqual(disk({}), [
    "disk: holds: 4.00 TB, 50 % free (/var/lib/millrace)",
    "file system: holds: ext4 at /var/lib/millrace, rw, noatime",
    "disk read: holds: 4.1 Gbit/s (256 MB in 0.50 s, past memory)",
    "disk health: holds: PASSED",
  ]);
  assert.match(
    disk({ room: told({ totalBytes: 9e11, freeBytes: 9e11 }) })[0] ?? "",
    /^disk: does-not-hold: 900 GB/,
  );
  assert.match(
    disk({ room: told({ totalBytes: 4e12, freeBytes: 4e10 }) })[0] ?? "",
    /^disk: does-not-hold: .* 1 % free/,
  );
  assert.match(
    disk({ read: told({ bytes: 25e6, seconds: 1, isDirect: true }) })[2] ?? "",
    /does-not-hold: 0.2 Gbit\/s/,
  );
  assert.match(
    disk({ read: told({ bytes: 25e9, seconds: 1, isDirect: false }) })[2] ?? "",
    /cannot-be-told: .* from memory/,
  );
  assert.match(disk({ smart: told("SMART Health Status: OK") })[3] ?? "", /holds: OK/);
  assert.match(
    disk({ smart: told("SMART overall-health self-assessment test result: FAILED!") })[3] ?? "",
    /does-not-hold/,
  );
  assert.match(disk({ smart: told("Permission denied") })[3] ?? "", /cannot-be-told/);
});

test("[ED179] the mount is the last of those that reach farthest along the path, its name unescaped", () => {
  const table = [
    "22 27 0:21 / /proc rw,relatime - proc proc rw",
    "40 27 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw",
    "40 27 8:1 / /media rw,relatime shared:1 - ext4 /dev/sda1 rw",
    String.raw`41 27 8:1 / /media\040disk rw - xfs /dev/sda1 rw,attr2`,
    String.raw`41 27 8:1 / /media\040disk ro,noatime shared:1 master:2 - xfs /dev/sda1 rw,attr2`,
    "41 27 8:1 /netns /run/netns rw,relatime shared:1 - ext4 /dev/sda1 rw",
    "junk",
  ].join("\n");
  assert.deepEqual(readMount(table, "8:1", "/media disk/film"), {
    point: "/media disk",
    type: "xfs",
    source: "/dev/sda1",
    options: ["ro", "noatime", "rw", "attr2"],
  });
  assert.equal(readMount(table, "8:1", "/var/lib/x")?.point, "/");
  assert.equal(readMount(table, "9:9", "/"), undefined);
  const mounted = (type: string, options: readonly string[]) =>
    disk({ mount: told({ point: "/m", type, source: "x", options }) })[1] ?? "";
  assert.match(mounted("xfs", ["ro", "noatime"]), /does-not-hold: xfs at \/m, ro/);
  assert.match(mounted("tmpfs", ["rw", "relatime"]), /does-not-hold: tmpfs/);
  assert.match(mounted("ext4", ["rw"]), /does-not-hold: ext4 at \/m, rw, atime/);
});

const build =
  "nginx version: nginx/1.22.1\nbuilt with OpenSSL 3.0.15\nconfigure arguments: --with-http_ssl_module --with-http_v2_module";
const limits = "Max open files            1024                 1048576              files\n";
const goodSoftware: SoftwareFacts = {
  nginx: told(build),
  setMisc: "/usr/lib/nginx/modules",
  kernelTls: told({ kind: "kernel" }),
  limits: told({ agent: "77", text: limits }),
  sysctl: told(new Map(kernelSettings.map(({ name, value }) => [name, `${value.replaceAll(" ", "\t")}\n`]))),
};

function software(change: Partial<SoftwareFacts>): readonly string[] {
  return judgeSoftware({ ...goodSoftware, ...change }, kernelSettings, wanted).map(line);
}

test("[ED180] nginx, its module and TLS in the kernel are judged", () => {
  assert.deepEqual(software({}).slice(0, 3), [
    "nginx: holds: 1.22.1",
    "nginx set_misc: holds: there",
    "kernel TLS: holds: offered by the kernel, nginx and OpenSSL",
  ]);
  for (const version of ["1.21.3", "1.18.0", "0.99.9"])
    assert.match(
      software({ nginx: told(build.replace("1.22.1", version)) })[0] ?? "",
      /does-not-hold/,
      version,
    );
  for (const version of ["1.21.4", "2.0.0"])
    assert.match(software({ nginx: told(build.replace("1.22.1", version)) })[0] ?? "", /: holds/, version);
  assert.match(
    software({ nginx: told(build.replace("--with-http_v2_module", "")) })[0] ?? "",
    /without http_v2_module/,
  );
  assert.match(software({ nginx: told("?") })[0] ?? "", /cannot-be-told/);
  assert.match(software({ setMisc: undefined })[1] ?? "", /does-not-hold: .*MD5/);
  assert.match(
    software({ kernelTls: told({ kind: "user-space", because: "no tls" }) })[2] ?? "",
    /does-not-hold: no tls/,
  );
});

test("[ED181] open files and the kernel's settings are judged; of buffers and backlog more is as good", () => {
  assert.deepEqual(software({}).slice(3), [
    "open files: holds: 1048576 (agent, pid 77)",
    `kernel settings: holds: all ${kernelSettings.length}`,
  ]);
  const few = limits.replace("1048576", "4096");
  const filesOf = (agent: string | undefined, text: string) =>
    software({ limits: told({ agent, text }) })[3] ?? "";
  assert.match(filesOf("77", few), /does-not-hold: 4096 \(agent, pid 77\)/);
  assert.match(filesOf(undefined, few), /cannot-be-told: no agent runs; 4096 in this shell/);
  assert.match(filesOf(undefined, limits), /holds: 1048576 \(this shell\)/);
  assert.match(filesOf("77", "?"), /cannot-be-told/);
  const changed = (name: string, value: string): string => {
    const sysctl = new Map(kernelSettings.map((row) => [row.name, row.value]));
    return software({ sysctl: told(sysctl.set(name, value)) })[4] ?? "";
  };
  assert.match(changed("net.core.somaxconn", "65535"), /: holds/);
  assert.match(changed("net.ipv4.tcp_wmem", "4096 16384 33554432"), /: holds/);
  const all = kernelSettings.length;
  assert.ok(
    changed("net.core.somaxconn", "128").includes(
      `does-not-hold: ${all - 1} of ${all}: net.core.somaxconn is 128, not 4096`,
    ),
  );
  assert.match(changed("net.ipv4.tcp_congestion_control", "cubic"), /is cubic, not bbr/);
  assert.match(software({ sysctl: told(new Map()) })[4] ?? "", new RegExp(`0 of ${all}: .* is not there`));
});

test("[ED182] a laboratory is not asked for LAG, optics, fast ports and public addresses, and that is said", () => {
  const bad = (what: string): CheckFinding => ({
    what,
    weight: "required",
    verdict: "does-not-hold",
    found: "none",
    wanted: "some",
    mend: "get some",
  });
  const names = [
    "lag of bond0",
    "lag",
    "optics of eth0",
    "ports",
    "ipv4",
    "ipv6",
    "inbound",
    "clock",
    "disk",
  ];
  const verdicts = forProfile("lab", names.map(bad)).map(({ verdict }) => verdict);
  assert.deepEqual(verdicts, [
    ...new Array<string>(6).fill("not-asked"),
    ...new Array<string>(3).fill("does-not-hold"),
  ]);
  assert.deepEqual(forProfile("site", names.map(bad)), names.map(bad));
  const good: CheckFinding = { ...bad("lag"), verdict: "holds", mend: "" };
  assert.deepEqual(forProfile("lab", [good]), [good]);
});

test("[ED182] numbers that are not the profile's own are named", () => {
  assert.deepEqual(alteredIn("site", wanted), []);
  assert.deepEqual(alteredIn("site", { ...wanted, lagPorts: 2, lowestDbm: -12 }), ["lagPorts", "lowestDbm"]);
  assert.deepEqual(alteredIn("lab", labRequirements), []);
});
