import assert from "node:assert/strict";
import { test } from "node:test";
import { type RouteFilter, rejectPath, rejectPrefix } from "./filter.ts";
import { heardPrefix, setPrefix } from "./nlri.ts";
import { attributesWith, openFilter, prefixNamed } from "./sample-route.ts";

const wide: RouteFilter = { ...openFilter, allowsPrivate: false, allowsDefaultRoute: false };

function verdict(prefix: string, filter = wide): string | undefined {
  return rejectPrefix(setPrefix(heardPrefix(), prefixNamed(prefix).prefix), filter);
}

test("[BG41] networks that no viewer has are refused; a laboratory may use private and documentation networks", () => {
  const never = [
    "0.0.0.0/8",
    "127.0.0.1/32",
    "169.254.7.0/24",
    "224.0.0.0/24",
    "255.255.255.255/32",
    "192.88.99.0/24",
  ];
  const never6 = [
    "::1/128",
    "fe80::/64",
    "ff02::/16",
    "100::/64",
    "2001::/32",
    "2002:1::/32",
    "64:ff9b:1::/48",
  ];
  for (const prefix of [...never, ...never6]) {
    assert.equal(verdict(prefix), "bogon", prefix);
    assert.equal(verdict(prefix, openFilter), "bogon", prefix);
  }
  const laboratory = ["10.1.0.0/16", "100.127.255.0/24", "172.31.0.0/16", "192.168.1.0/24", "203.0.113.0/24"];
  const laboratory6 = ["2001:db8:1::/48", "fd00::/8", "3fff:fff::/32"];
  for (const prefix of [...laboratory, ...laboratory6]) {
    assert.equal(verdict(prefix), "bogon", prefix);
    assert.equal(verdict(prefix, openFilter), undefined, prefix);
  }
  const good = [
    "1.0.0.0/24",
    "100.128.0.0/9",
    "172.32.0.0/11",
    "192.0.1.0/24",
    "9.0.0.0/8",
    "223.255.255.0/24",
  ];
  for (const prefix of [...good, "2001:200::/23", "2a00::/12", "2003::/19", "2400::/12"]) {
    assert.equal(verdict(prefix), undefined, prefix);
  }
});

test("[BG41] the default route and lengths out of range have reasons of their own", () => {
  assert.equal(verdict("0.0.0.0/0"), "default-route");
  assert.equal(verdict("::/0", openFilter), undefined);
  const limits: RouteFilter = {
    ...wide,
    lengths: { 4: { shortest: 8, longest: 24 }, 6: { shortest: 16, longest: 48 } },
  };
  assert.deepEqual(
    ["8.0.0.0/7", "9.0.0.0/8", "9.9.9.0/24", "9.9.9.0/25"].map((p) => verdict(p, limits)),
    ["too-short", undefined, undefined, "too-long"],
  );
  assert.deepEqual(
    ["2a00::/15", "2a00::/16", "2a00::/48", "2a00::/49"].map((p) => verdict(p, limits)),
    ["too-short", undefined, undefined, "too-long"],
  );
});

test("[BG42] a path through ourselves, or from a neighbour that is not its first hop, is refused", () => {
  const checked: RouteFilter = { ...wide, isFirstAsChecked: true };
  assert.equal(rejectPath(attributesWith([64_500, 1]), checked, true), undefined);
  assert.equal(rejectPath(attributesWith([64_500, 64_999]), checked, true), "own-as");
  const inside = attributesWith([], { asPath: [{ kind: "set", members: [1, 64_999] }] });
  assert.equal(rejectPath(inside, wide, true), "own-as");
  assert.equal(rejectPath(attributesWith([1, 64_500]), checked, true), "first-as");
  assert.equal(rejectPath(attributesWith([]), checked, true), "first-as");
  assert.equal(rejectPath(attributesWith([1]), wide, true), undefined, "a route server leaves itself out");
  assert.equal(
    rejectPath(attributesWith([1]), checked, false),
    undefined,
    "inside one AS nobody is put before",
  );
});
