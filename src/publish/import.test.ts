import assert from "node:assert/strict";
import { BlockList } from "node:net";
import { test } from "node:test";
import fc from "fast-check";
import { specialNetworks } from "#model/special-networks.ts";
import { type AnswerFacts, judgeAnswer, resumeHeaders } from "./import-answer.ts";
import { nextTryMs } from "./import-retry.ts";
import { chosenAddress, type ImportPolicy, readHosts, readPorts, readTarget } from "./import-url.ts";
import { refusedUse } from "./ip-address.ts";
import { tooSlow } from "./pace.ts";
import { shownUrl } from "./shown-url.ts";

const seed = 80_230;
const policy: ImportPolicy = {
  hosts: ["films.example.org", ".archive.example.org"],
  schemes: "https",
  ports: [443, 8443],
};
const open: ImportPolicy = { ...policy, schemes: "http-and-https", ports: [80, 443] };

const inside = [
  ...["127.0.0.1", "127.255.255.254", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1"],
  ...[
    "169.254.169.254",
    "100.64.0.1",
    "100.127.255.255",
    "192.0.0.8",
    "192.0.2.1",
    "198.51.100.9",
    "203.0.113.7",
  ],
  ...["198.18.0.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "192.88.99.1"],
  ...["::", "::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:7f00:1", "::127.0.0.1", "::8.8.8.8"],
  ...["64:ff9b::7f00:1", "64:ff9b::8.8.8.8", "64:ff9b:1::1", "2002:7f00:1::", "2002:c0a8:101::1", "2001::1"],
  ...["2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:db8::1", "3fff::1", "fc00::1", "fd12:3456::1", "fe80::1"],
  ...[
    "febf::1",
    "fec0::1",
    "ff02::1",
    "100::1",
    "5f00::1",
    "4000::1",
    "::ffff:0:127.0.0.1",
    "0:0:0:0:0:0:0:1",
  ],
];
/** None of these is how a resolver writes an address: each deceives somebody. */
const deceiving = [
  ...["2130706433", "0x7f000001", "0177.0.0.1", "127.1", "127.0.1", "0x7f.0.0.1", "127.0.0.1.", "127.0.0.01"],
  ...[
    "fe80::1%eth0",
    "::1%lo",
    "[::1]",
    "1.2.3",
    "1.2.3.4.5",
    "256.1.1.1",
    "",
    " 8.8.8.8",
    "8.8.8.8 ",
    "8.8.8.8/32",
  ],
  ...[
    "::ffff:127.0.0.1:80",
    ":::",
    "1::2::3",
    "12345::",
    "2606::1::",
    "2606:4700:1",
    "2606:4700:1.1.1.1::",
    "①.1.1.1",
  ],
];

test("[PB5] what is nobody's on the public internet is refused in every spelling", () => {
  for (const address of [...inside, ...deceiving]) assert.notEqual(refusedUse(address), undefined, address);
  for (const address of ["8.8.8.8", "1.1.1.1", "192.0.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111"]) {
    assert.equal(refusedUse(address), undefined, address);
  }
});

test("[PB5] law: Node's own block list says the same of every address", () => {
  // One each: asked about IPv4, a list with ::/8 in it says yes to everything.
  const [four, six] = [new BlockList(), new BlockList()];
  for (const { prefix } of specialNetworks) {
    const [base = "", length] = prefix.split("/");
    if (base.includes(":")) six.addSubnet(base, Number(length), "ipv6");
    else four.addSubnet(base, Number(length), "ipv4");
  }
  const near = fc.constantFrom(...inside.filter((address) => /^[\d.]+$/.test(address)));
  const v4 = fc.oneof(
    fc.ipV4(),
    fc.tuple(near, fc.nat(255)).map(([at, last]) => at.replace(/\d+$/, `${last}`)),
  );
  fc.assert(
    fc.property(v4, (address) => (refusedUse(address) !== undefined) === four.check(address)),
    { seed, numRuns: 2000 },
  );
  const groups = fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 8, maxLength: 8 });
  const first = fc.constantFrom(
    0,
    0x64,
    0x100,
    0x2001,
    0x2002,
    0x2606,
    0x2a00,
    0x3fff,
    0x5f00,
    0xfe80,
    0xff02,
  );
  fc.assert(
    fc.property(groups, first, (rest, head) => {
      const address = [head, ...rest.slice(1)].map((group) => group.toString(16)).join(":");
      // The list knows nothing of what is not given out yet.
      const isGlobal = head >= 0x2000 && head <= 0x3fff;
      assert.equal(refusedUse(address) !== undefined, !isGlobal || six.check(address, "ipv6"), address);
    }),
    { seed, numRuns: 2000 },
  );
});

function refusal(url: string, by = policy): string | undefined {
  const reading = readTarget(url, by);
  return reading.kind === "refused" ? reading.because : undefined;
}

test("[PB6] scheme, port and host must be on the lists, and without a list nothing is fetched", () => {
  const cases: readonly (readonly [url: string, because: RegExp])[] = [
    ["http://films.example.org/a", /scheme is http:/],
    ["file:///etc/passwd", /scheme is file:/],
    ["ftp://films.example.org/a", /scheme is ftp:/],
    ["data:video/mp4;base64,AAAA", /scheme is data:/],
    ["https://films.example.org:22/a", /port 22 is not among/],
    ["https://ada:secret@films.example.org/a", /name or a password/],
    ["https://films.example.org@evil.example/a", /name or a password/],
    ["https://evil.example/films.example.org", /host evil.example is not/],
    ["https://films.example.org.evil.example/", /host films.example.org.evil.example is not/],
    ["https://archive.example.org/", /host archive.example.org is not/],
    ["https://xarchive.example.org/", /host xarchive.example.org is not/],
    ["https://0x7f000001/", /host 127.0.0.1 is not/],
    ["https://[::1]/", /host ::1 is not/],
    ["films.example.org/a", /not an address/],
    [`https://films.example.org/${"a".repeat(3000)}`, /longer than/],
  ];
  for (const [url, because] of cases) assert.match(refusal(url) ?? "taken", because, url);
  assert.match(refusal("https://films.example.org/", { ...policy, hosts: [] }) ?? "", /imports are off/);
  for (const url of [
    "https://films.example.org/a",
    "https://FILMS.example.org./a#f",
    "https://a.b.archive.example.org:8443/",
  ]) {
    assert.equal(refusal(url), undefined, url);
  }
  assert.deepEqual(readHosts(" A.example , .b.example,"), ["a.example", ".b.example"]);
  assert.deepEqual(readPorts("443, 80, x, 70000, 0"), [443, 80]);
  assert.equal(shownUrl("https://h/a?sig=secret"), "https://h/a?…");
});

test("[PB6] numbers that stand for an address become that address before they are judged", () => {
  const spellings = ["2130706433", "0x7f.1", "0177.0.0.1", "127.1", "127.0.0.1.", "①②⑦.0.0.1"];
  for (const host of spellings) {
    const reading = readTarget(`http://${host}/a`, { ...open, hosts: ["127.0.0.1"] });
    assert.equal(reading.kind === "target" && reading.target.host, "127.0.0.1", host);
    assert.equal(chosenAddress("127.0.0.1", ["127.0.0.1"]).kind, "refused");
  }
});

test("[PB7] one refused address among others refuses the name", () => {
  assert.deepEqual(chosenAddress("h", ["8.8.8.8", "2606:4700::1"]), { kind: "address", address: "8.8.8.8" });
  for (const addresses of [[], ["10.0.0.1"], ["8.8.8.8", "10.0.0.1"], ["8.8.8.8", "::ffff:8.8.4.4"], ["x"]]) {
    assert.equal(chosenAddress("h", addresses).kind, "refused", `${addresses}`);
  }
});

const ok = (headers: AnswerFacts["headers"], status = 200): AnswerFacts => ({ status, headers });
const begunAt = { offset: 40, bytes: 100, validator: '"v1"' };

test("[PB10] a length must be said, a body must be plain, a part must be the one that was asked for", () => {
  assert.deepEqual(judgeAnswer(ok({ "content-length": "100", etag: '"v1"' }), undefined), {
    ...{ kind: "body", offset: 0, bytes: 100, validator: '"v1"' },
  });
  const refused: readonly AnswerFacts[] = [
    ...[
      ok({}),
      ok({ "content-length": "0" }),
      ok({ "content-length": "-1" }),
      ok({ "content-length": "1e3" }),
    ],
    ...[
      ok({ "content-length": "9", "content-encoding": "gzip" }),
      ok({}, 404),
      ok({}, 403),
      ok({}, 204),
      ok({}, 416),
    ],
    ok({ "content-range": "bytes 40-99/100", "content-length": "60" }, 206),
  ];
  for (const answer of refused)
    assert.equal(judgeAnswer(answer, undefined).kind, "refused", JSON.stringify(answer));
  for (const range of [
    "bytes 0-99/100",
    "bytes 40-98/100",
    "bytes 40-99/101",
    "bytes 40-99/*",
    "40-99/100",
    "",
  ]) {
    assert.equal(judgeAnswer(ok({ "content-range": range }, 206), begunAt).kind, "refused", range);
  }
  const lying = ok({ "content-range": "bytes 40-99/100", "content-length": "1000" }, 206);
  assert.equal(judgeAnswer(lying, begunAt).kind, "refused");
  for (const status of [429, 500, 503]) assert.equal(judgeAnswer(ok({}, status), undefined).kind, "later");
});

test("[PB11] the rest is asked for by what named the file; another file is taken from its beginning", () => {
  assert.deepEqual(resumeHeaders(begunAt), { range: "bytes=40-", "if-range": '"v1"' });
  assert.deepEqual(resumeHeaders(undefined), {});
  const rest = { "content-range": "bytes 40-99/100" };
  const goesOn = { kind: "body", offset: 40, bytes: 100, validator: '"v1"' };
  assert.deepEqual(judgeAnswer(ok({ ...rest, etag: '"v1"' }, 206), begunAt), goesOn);
  assert.deepEqual(judgeAnswer(ok(rest, 206), begunAt), goesOn);
  assert.equal(judgeAnswer(ok({ ...rest, etag: '"v2"' }, 206), begunAt).kind, "refused");
  assert.deepEqual(judgeAnswer(ok({ "content-length": "70", etag: '"v2"' }), begunAt), {
    ...{ kind: "body", offset: 0, bytes: 70, validator: '"v2"' },
  });
  const weak = judgeAnswer(ok({ "content-length": "70", etag: 'W/"v2"', "last-modified": "Tue" }), undefined);
  assert.equal(weak.kind === "body" && weak.validator, "Tue");
});

test("[PB12] silence, dripping and length in all end a transfer, and tries without a byte are counted", () => {
  const limits = { idleMs: 1000, wholeMs: 100_000, leastBytesPerSecond: 100, graceMs: 10_000 };
  const well = { sinceRequestMs: 20_000, sinceByteMs: 10, bytes: 2000, sinceBeginMs: 30_000 };
  assert.equal(tooSlow(well, limits), undefined);
  assert.equal(tooSlow({ ...well, sinceByteMs: 1001 }, limits), "idle");
  assert.equal(tooSlow({ ...well, bytes: 1999 }, limits), "slow");
  assert.equal(tooSlow({ ...well, bytes: 0, sinceRequestMs: 10_000 }, limits), undefined);
  assert.equal(tooSlow({ ...well, sinceBeginMs: 100_001 }, limits), "long");
  assert.deepEqual(
    [1, 2, 3, 4].map((failures) => nextTryMs(failures, 4)),
    [1000, 2000, 4000, undefined],
  );
  assert.equal(nextTryMs(40, 100), 60_000);
});
