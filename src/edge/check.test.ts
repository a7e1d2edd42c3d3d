import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import type { CheckFinding } from "#model/site-check.ts";
import { countsOf, printable, told, untold } from "./check.ts";
import { judgeAddresses, readAddresses, specialUse } from "./check-address.ts";
import { judgeLag, readBond } from "./check-lag.ts";
import { judgeOptics, readModule } from "./check-optics.ts";
import { siteRequirements as wanted } from "./check-requirements.ts";

function fixture(name: string): string {
  return readFileSync(new URL(`../../test/fixtures/check/${name}`, import.meta.url), "utf8");
}

function lag(name: string, requirements = wanted): readonly CheckFinding[] {
  const bonds = [{ name: "bond0", text: fixture(`bond-${name}.txt`) }];
  return judgeLag({ uplinks: told(["bond0"]), bonds }, requirements);
}

function optics(name: string, requirements = wanted): CheckFinding {
  const [found] = judgeOptics(
    told([{ name: "ens1f0np0", module: told(fixture(`${name}.txt`)) }]),
    requirements,
  );
  assert.ok(found !== undefined);
  return found;
}

function line({ what, verdict, found }: CheckFinding): string {
  return `${what}: ${verdict}: ${found}`;
}

test("[ED171] a LAG whose ports are all up at one speed in one aggregator, with a partner, holds", () => {
  assert.deepEqual(lag("up").map(line), [
    "lag of bond0: holds: 802.3ad, 2 of 2 ports up at 100 Gbit/s, aggregator 1, partner 00:23:04:ee:be:c8, LACP fast",
    "lacp rate of bond0: holds: fast",
  ]);
  assert.match(line(lag("one-port")[0] ?? assert.fail()), /^lag of bond0: holds: 802.3ad, 1 of 1 ports up/);
});

test("[ED171] what is wrong with a LAG is named, and how to mend it", () => {
  const wrong = (name: string, requirements = wanted): string => {
    const [found, more] = lag(name, requirements);
    assert.equal(found?.verdict, "does-not-hold", name);
    assert.ok(found.mend !== "" && more === undefined, name);
    return found.found;
  };
  assert.match(wrong("one-down"), /^1 of 2 ports down: ens1f1np1$/);
  assert.equal(wrong("mixed"), "ports at 100 Gbit/s and 10 Gbit/s; ports in aggregators 1 and 2");
  assert.equal(wrong("two-switches"), "ports in aggregators 1 and 2");
  assert.match(wrong("no-partner"), /no LACP partner answers/);
  assert.match(wrong("down"), /the bond is down; 2 of 2 ports down: .*; no active aggregator/);
  assert.match(wrong("backup"), /mode is fault-tolerance \(active-backup\)/);
  const churned = fixture("bond-up.txt").replace("Partner Churn State: none", "Partner Churn State: churned");
  const [found] = judgeLag({ uplinks: told(["bond0"]), bonds: [{ name: "bond0", text: churned }] }, wanted);
  assert.equal(found?.found, "LACP does not come to agree on ens1f0np0");
  assert.match(wrong("one-port", { ...wanted, lagPorts: 2 }), /^1 ports$/);
  const [none] = judgeLag({ uplinks: told(["eth0"]), bonds: [] }, wanted);
  assert.equal(line(none ?? assert.fail()), "lag: does-not-hold: eth0: no bond below it");
});

test("[ED171] who is not root does not learn who the partner is, and is told so; without an uplink nothing can be told", () => {
  assert.deepEqual(
    lag("not-root").map(({ verdict, mend }) => [verdict, mend]),
    [
      ["cannot-be-told", "Run it as root"],
      ["holds", ""],
    ],
  );
  const [unknown] = judgeLag({ uplinks: untold("no default route", "Name it"), bonds: [] }, wanted);
  assert.equal(unknown?.verdict, "cannot-be-told");
});

test("[ED171] what Debian's kernel said of real bonds is read as it was", () => {
  const said = (name: string): string => line(lag(`kernel-${name}`)[0] ?? assert.fail());
  assert.match(
    said("up"),
    /: holds: 802\.3ad, 2 of 2 ports up at 10 Gbit\/s, aggregator 1, partner [0-9a-f:]{17}, LACP fast$/,
  );
  assert.match(said("reader"), /: cannot-be-told: .*root alone$/);
  assert.match(said("one-down"), /: does-not-hold: 1 of 2 ports down: a1$/);
  assert.match(said("no-partner"), /: does-not-hold: ports in aggregators 1 and 2; no LACP partner answers/);
  assert.match(said("backup"), /: does-not-hold: mode is fault-tolerance/);
});

test("[ED172] LACP at the slow rate is told, as advice", () => {
  const [, rate] = lag("slow-rate");
  assert.deepEqual([rate?.weight, rate?.verdict, rate?.found], ["advised", "does-not-hold", "slow"]);
});

test("[ED173] light is judged lane by lane, received and sent, for SFP+, QSFP28 and CMIS", () => {
  assert.equal(line(optics("sfp-plus")), "optics of ens1f0np0: holds: Rx −3.97 dBm, Tx −2.29 dBm");
  assert.equal(optics("qsfp28").found, "Rx −0.79 to −0.97 dBm on 4 lanes, Tx −0.36 to −0.52 dBm on 4 lanes");
  assert.match(optics("cmis").found, /on 8 lanes, Tx .* on 8 lanes$/);
  assert.equal(readModule(fixture("qsfp28.txt")).lights.length, 8);
});

test("[ED173] darkness, too much light and raised alarms do not hold; warnings are told", () => {
  const dark = optics("qsfp28-dark-lane");
  assert.deepEqual(
    [dark.verdict, dark.found],
    ["does-not-hold", "Rx lane 3 is dark, Laser rx power low alarm (lane 3)"],
  );
  assert.match(dark.mend, /Too little light arrives/);
  const bright = optics("sfp-plus-bright");
  assert.equal(bright.found, "Rx lane 1 at 1 dBm, Laser rx power high alarm");
  assert.match(bright.mend, /attenuator/);
  const warned = optics("sfp-plus-warned");
  assert.equal(warned.verdict, "holds");
  assert.match(warned.found, /; Laser rx power low warning$/);
  // A threshold is no alarm, and the requirement's numbers are inclusive.
  assert.deepEqual(readModule(fixture("sfp-plus.txt")).alarms, []);
  assert.equal(optics("sfp-plus", { ...wanted, lowestDbm: -3.97 }).verdict, "holds");
  assert.equal(optics("sfp-plus", { ...wanted, lowestDbm: -3.96 }).verdict, "does-not-hold");
});

test("[ED174] a copper cable does not hold; no module, and one that does not measure, cannot be told", () => {
  for (const name of ["dac-sfp", "dac-qsfp"]) {
    assert.deepEqual(
      [optics(name).verdict, optics(name).found],
      ["does-not-hold", "a copper cable, which carries no light"],
    );
  }
  assert.deepEqual(
    [optics("sfp-no-dom").verdict, optics("sfp-no-dom").found],
    ["cannot-be-told", "0x03 (SFP) does not measure its light (no DOM)"],
  );
  const [none] = judgeOptics(
    told([{ name: "eth0", module: untold("Operation not supported", "x") }]),
    wanted,
  );
  assert.equal(none?.verdict, "cannot-be-told");
  assert.equal(judgeOptics(told([]), wanted)[0]?.verdict, "cannot-be-told");
});

test("[ED175] a public address in a network of the wanted size holds, for each family", () => {
  assert.deepEqual(judgeAddresses(told(fixture("ip-addr.json")), wanted).map(line), [
    "ipv4: holds: 62.115.0.2/31 on bond0",
    "ipv6: holds: 2a02:26f0:1::3/127 on bond0",
  ]);
});

function held(...addresses: readonly string[]): readonly CheckFinding[] {
  const addr_info = addresses.map((text) => {
    const [local = "", length] = text.split("/");
    return { family: local.includes(":") ? "inet6" : "inet", local, prefixlen: Number(length) };
  });
  return judgeAddresses(told(JSON.stringify([{ ifname: "eth0", addr_info }])), wanted);
}

test("[ED175] a network that is too small, private addresses and none do not hold", () => {
  assert.deepEqual(held("62.115.0.2/32", "2a02:26f0:1::3/128").map(line), [
    "ipv4: does-not-hold: 62.115.0.2/32 on eth0",
    "ipv6: does-not-hold: 2a02:26f0:1::3/128 on eth0",
  ]);
  assert.deepEqual(held("10.1.2.3/24", "fe80::1/64").map(line), [
    "ipv4: does-not-hold: 10.1.2.3/24 on eth0 is for private use (RFC 1918)",
    "ipv6: does-not-hold: fe80::1/64 on eth0 is for link-local (RFC 4291)",
  ]);
  assert.deepEqual(held().map(line), [
    "ipv4: does-not-hold: no IPv4 address",
    "ipv6: does-not-hold: no IPv6 address",
  ]);
  assert.equal(judgeAddresses(told("{}"), wanted)[0]?.verdict, "cannot-be-told");
  assert.equal(
    judgeAddresses(untold("no ip", "apt-get install iproute2"), wanted)[1]?.verdict,
    "cannot-be-told",
  );
});

test("[ED175] public is what no registry of special addresses claims, at the edges of each block too", () => {
  for (const address of ["9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "172.15.255.255"])
    assert.equal(specialUse(address), undefined, address);
  for (const address of [
    "172.32.0.0",
    "198.17.255.255",
    "198.20.0.0",
    "223.255.255.255",
    "2001:200::",
    "2a00::1",
  ])
    assert.equal(specialUse(address), undefined, address);
  for (const address of [
    "10.0.0.0",
    "10.255.255.255",
    "100.64.0.0",
    "172.31.255.255",
    "198.19.255.255",
    "224.0.0.0",
  ])
    assert.notEqual(specialUse(address), undefined, address);
  for (const address of [
    "255.255.255.255",
    "::1",
    "2001:1ff:ffff::",
    "fdff::",
    "febf::1",
    "ff02::1",
    "64:ff9b::1",
  ])
    assert.notEqual(specialUse(address), undefined, address);
});

test("[ED170] required findings are counted by verdict, advice is not", () => {
  assert.deepEqual(countsOf([...lag("slow-rate"), ...lag("mixed"), optics("sfp-no-dom")]), {
    holds: 1,
    doesNotHold: 1,
    cannotBeTold: 1,
    notAsked: 0,
  });
});

test("[ED183] whatever programs print, reading it ends, and what is told of it is short and printable", () => {
  const nasty = fc.oneof(
    fc.string({ unit: "binary", maxLength: 200 }),
    fc.constantFrom(
      "\u001b[31m",
      "\u202e",
      "\ud800",
      "Slave Interface: ",
      "\n",
      ": ",
      "On",
      " dBm",
      "-inf dBm",
      "802.3ad",
    ),
    fc.constantFrom(...["bond-up.txt", "qsfp28.txt", "ip-addr.json"].map(fixture)),
  );
  const isPlain = (entry: CheckFinding): boolean =>
    [entry.what, entry.found, entry.wanted, entry.mend].every(
      (text) => text.length <= 600 && !/[\p{Cc}\p{Cs}\u202e]/u.test(text),
    );
  let told_ = 0;
  fc.assert(
    fc.property(fc.array(nasty, { maxLength: 12 }), fc.string({ unit: "binary" }), (parts, name) => {
      const text = parts.join("");
      readBond(text);
      readAddresses(text);
      const findings = [
        ...judgeLag({ uplinks: told([name]), bonds: [{ name, text }] }, wanted),
        ...judgeOptics(told([{ name, module: told(text) }]), wanted),
        ...judgeAddresses(told(text), wanted),
      ];
      assert.ok(findings.every(isPlain), JSON.stringify(findings));
      told_ += findings.length;
    }),
    { seed: 170, numRuns: 500 },
  );
  assert.ok(told_ > 1500);
  assert.equal(printable("a\u001b[0m\r\nb\u202ec", 10), "a [0m b c");
  assert.equal(printable("x".repeat(50), 5), "xxxx…");
});
