import assert from "node:assert/strict";
import { test } from "node:test";
import { order } from "#test/fixtures/install-facts.ts";
import { complaintsAboutOrder, type InstallOrder, listenText, readSize } from "./install-order.ts";

test("[ED93] options that fit are not complained about", () => {
  assert.deepEqual(complaintsAboutOrder(order), []);
  assert.deepEqual(
    complaintsAboutOrder({
      ...order,
      controlUrl: "http://[2001:db8::1]:8080",
      advertise: undefined,
      listen: { host: "192.0.2.10", port: 80 },
    }),
    [],
  );
});

const tls = {
  listen: { host: "0.0.0.0", port: 443 },
  certificate: "/etc/ssl/box.pem",
  key: "/etc/ssl/private/box.key",
};

test("[ED108] TLS with certificate and key is not complained about", () => {
  assert.deepEqual(complaintsAboutOrder({ ...order, tls }), []);
});

const wrong: readonly (readonly [what: string, change: Partial<InstallOrder>, complaint: RegExp])[] = [
  ["a control address that is none", { controlUrl: "control" }, /^--control: .*found "control"$/],
  ["a password in an address", { controlUrl: "http://me:pw@control" }, /^--control/],
  ["a line break in an address", { controlUrl: "http://control\nExecStartPre=/bin/x" }, /^--control/],
  ["a specifier in an address", { advertise: "http://box/%H" }, /^--advertise/],
  ["every address, without one for viewers", { advertise: undefined }, /^--advertise: wanted, since/],
  ["a folder that is relative", { dir: "srv/millrace" }, /^--dir: wanted an absolute path/],
  ["a folder with a blank", { dir: "/srv/mill race" }, /^--dir: wanted an absolute path/],
  ["a folder that climbs", { dir: "/srv/../etc" }, /^--dir: wanted an absolute path/],
  ["a folder that the unit cannot see", { dir: "/home/me/media" }, /^--dir: wanted a folder outside \/home/],
  ["a folder of the system", { dir: "/etc" }, /^--dir: wanted a folder outside \/etc/],
  ["a whole tree", { dir: "/srv" }, /^--dir: wanted a folder below/],
  ["a name too long for sockets", { dir: `/srv/${"m".repeat(80)}` }, /^--dir: wanted at most 80 signs/],
  [
    "a prefix that the unit cannot see",
    { prefix: "/root/millrace" },
    /^--prefix: wanted a folder outside \/root/,
  ],
  ["media inside of the program", { dir: "/opt/millrace/media" }, /neither inside the other$/],
  [
    "TLS without a place to listen at",
    { tls: { ...tls, listen: { host: "", port: 0 } } },
    /^--tls-listen: wanted HOST:PORT/,
  ],
  ["TLS at the port of plain HTTP", { tls: { ...tls, listen: order.listen } }, /^--tls-listen: .*80 twice$/],
  ["a certificate without a path", { tls: { ...tls, certificate: "" } }, /^--tls-certificate: wanted/],
  ["a key that the unit cannot see", { tls: { ...tls, key: "/root/key" } }, /^--tls-key: .*outside \/root/],
  ["a key with a line break", { tls: { ...tls, key: "/srv/k\nX=1" } }, /^--tls-key: wanted/],
  ["root as user", { user: "root" }, /^--user: .*not root/],
  ["a user's name that is an option", { user: "-x" }, /^--user/],
  ["a user's name with a colon", { user: "a:0" }, /^--user/],
  ["no grace at all", { stopGraceSeconds: Number.NaN }, /^--stop-grace: wanted 1…600 s/],
  ["a grace of a day", { stopGraceSeconds: 86_400 }, /^--stop-grace/],
];

for (const [what, change, complaint] of wrong) {
  test(`[ED93] refused: ${what}`, () => {
    const complaints = complaintsAboutOrder({ ...order, ...change });
    assert.equal(complaints.length, 1, complaints.join("\n"));
    assert.match(complaints[0] ?? "", complaint);
  });
}

test("[ED93] all that is wrong is told at once", () => {
  assert.equal(complaintsAboutOrder({ ...order, controlUrl: "", user: "", dir: "" }).length, 3);
});

test("[ED93] sizes are read as disks are sold, and nothing else is a size", () => {
  const read = (text: string): number | undefined => readSize(text);
  assert.deepEqual(["900", "900G", "1.5T", "2K"].map(read), [900, 900e9, 1.5e12, 2000]);
  assert.deepEqual(
    ["", "0", "-1", "1e9", "9X", "G", "1 G", "9".repeat(20)].map(read),
    Array(8).fill(undefined),
  );
});

test("[ED90] an IPv6 address is written as nginx takes it", () => {
  assert.equal(listenText({ host: "::", port: 80 }), "[::]:80");
  assert.equal(listenText({ host: "192.0.2.10", port: 80 }), "192.0.2.10:80");
});
