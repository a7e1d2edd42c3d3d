import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultsOf } from "#config/setting.ts";
import { bgpFile } from "#wire/bgp.ts";
import { type PlanReading, peerKey, planPeers } from "./peer-plan.ts";
import { bgpSettings } from "./settings.ts";

const peer = { address: "192.0.2.1", as: 64_500, site: "isp-a" };

function planned(file: unknown): PlanReading {
  return planPeers(bgpFile.parse(file), defaultsOf(bgpSettings), () => 0.8);
}

test("[BG65] a file of neighbours becomes what each session wants, with defaults that suit an ISP's router", () => {
  const reading = planned({ localAs: 64_999, routerId: "10.0.0.1", peers: [peer] });
  assert.ok(reading.kind === "planned");
  const [plan] = reading.peers;
  assert.deepEqual(plan?.terms.families, [4, 6]);
  assert.deepEqual([plan?.terms.isPassive, plan?.terms.holdSeconds, plan?.terms.jitter], [true, 90, 0.8]);
  assert.deepEqual(plan?.filter.lengths[4], { shortest: 8, longest: 24 });
  assert.deepEqual([plan?.filter.isFirstAsChecked, plan?.filter.allowsPrivate], [true, false]);
  const v6 = {
    ...peer,
    families: ["ipv6"],
    addPath: ["ipv4", "ipv6"],
    maxPrefix: { ipv6: 9 },
    passive: false,
  };
  const other = planned({ localAs: 64_999, routerId: "10.0.0.1", peers: [v6] });
  assert.ok(other.kind === "planned");
  const { terms } = other.peers[0] ?? assert.fail();
  assert.deepEqual([terms.families, terms.addPath, terms.maxPrefixes[6]], [[6], [6], 9]);
});

test("[BG65] everything that is wrong is said at once", () => {
  const peers = [peer, { ...peer, address: "::ffff:192.0.2.1" }, { ...peer, address: "router" }];
  const bad = {
    ...peer,
    address: "2001:db8::1",
    source: "x",
    lengths: { ipv4: { shortest: 9, longest: 8 } },
  };
  const reading = planned({ localAs: 1, routerId: "0.0.0.0", peers: [...peers, bad] });
  assert.deepEqual(reading.kind === "refused" && reading.complaints, [
    'routerId: wanted an IPv4 address other than 0.0.0.0, found "0.0.0.0"',
    'peer "::ffff:192.0.2.1" is named twice: one session per address',
    'peer "router": "router" is not an IPv4 or IPv6 address',
    'source of 2001:db8::1: "x" is not an IPv4 or IPv6 address',
    'lengths.ipv4 of peer "2001:db8::1": wanted shortest ≤ longest ≤ 32',
  ]);
});

test("[BG65] a password is refused, and the message says why and what to do instead", () => {
  const parsed = bgpFile.safeParse({
    localAs: 1,
    routerId: "10.0.0.1",
    peers: [{ ...peer, password: "secret word" }],
  });
  const message = parsed.error?.issues.map((issue) => issue.message).join() ?? "";
  assert.match(message, /TCP-MD5.*BIRD.*loopback/);
  assert.ok(!message.includes("secret word"));
  assert.equal(bgpFile.safeParse({ localAs: 0, routerId: "10.0.0.1", peers: [peer] }).success, false);
  assert.equal(
    bgpFile.safeParse({ localAs: 1, routerId: "10.0.0.1", peers: [{ ...peer, pasword: 1 }] }).success,
    false,
  );
});

test("[BG66] a neighbour is known by its address, however the socket writes it", () => {
  assert.equal(peerKey("::ffff:192.0.2.1"), "192.0.2.1");
  assert.equal(peerKey("2001:DB8:0::1"), "2001:db8::1");
  assert.equal(peerKey("fe80::1%eth0"), "fe80::1");
  assert.equal(peerKey(undefined), "");
});
