import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Duplex } from "node:stream";
import { test } from "node:test";
import { setTimeout as rest } from "node:timers/promises";
import fc from "fast-check";
import type { Begun } from "./import-answer.ts";
import { type ImportPolicy, readTarget } from "./import-url.ts";
import { type FetchOrder, type FetchOutcome, fetchFilm, type ImportWorld } from "./io/import-fetch.ts";
import { refusedUse } from "./ip-address.ts";

const seed = 80_231;
const policy: ImportPolicy = {
  hosts: ["films.example.org", "other.example.org"],
  schemes: "http-and-https",
  ports: [80],
};
const publicAddress = "8.8.8.8";
const patience = { idleMs: 60_000, wholeMs: 600_000, leastBytesPerSecond: 0, graceMs: 60_000 };
const film = Buffer.from(Array.from({ length: 50_000 }, (_, i) => (i * 7919) % 251));

interface Site {
  readonly path: string;
  /** Addresses that were connected to. */
  readonly connected: string[];
  readonly asked: IncomingMessage[];
  readonly world: ImportWorld;
  fetch(more?: Partial<FetchOrder>): Promise<FetchOutcome>;
}

/** A server behind a public address: what is connected to is written down, and leads to it. */
async function onSite(answer: RequestListener, work: (site: Site) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "millrace-import-"));
  const asked: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    asked.push(request);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const at = server.address();
  assert.ok(at !== null && typeof at === "object");
  const connected: string[] = [];
  const world: ImportWorld = {
    resolve: async () => [publicAddress],
    connect(address) {
      connected.push(address);
      return connect({ host: "127.0.0.1", port: at.port });
    },
    monoMs: () => performance.now(),
  };
  const path = join(folder, "film");
  const fetch: Site["fetch"] = (more = {}) => fetchFilm({ ...orderOf(path, world), ...more });
  try {
    await work({ path, connected, asked, world, fetch });
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await rm(folder, { recursive: true, force: true });
  }
}

function orderOf(path: string, world: ImportWorld): FetchOrder {
  const reading = readTarget("http://films.example.org/film.mov?sig=1", policy);
  assert.ok(reading.kind === "target");
  return {
    ...{ target: reading.target, policy, redirects: 0, path, begun: undefined, pace: patience, world },
    begunAtMs: world.monoMs(),
    signal: new AbortController().signal,
    onHead: async () => undefined,
  };
}

const whole = (response: ServerResponse, headers: Record<string, string> = {}): void => {
  response.writeHead(200, { "content-length": `${film.length}`, etag: '"v1"', ...headers }).end(film);
};

test("[PB7] a film is fetched from the judged address, by the name it was asked for", () =>
  onSite(
    (_request, response) => whole(response),
    async ({ fetch, path, connected, asked }) => {
      assert.deepEqual(await fetch(), { kind: "whole" });
      assert.deepEqual(await readFile(path), film);
      assert.deepEqual(connected, [publicAddress]);
      assert.equal(asked[0]?.headers.host, "films.example.org");
      assert.equal(asked[0]?.url, "/film.mov?sig=1");
      assert.equal(asked[0]?.headers.cookie, undefined);
    },
  ));

/** Answers each question with the next set, and writes down what was connected to. */
function rebinding(answers: readonly (readonly string[])[]): {
  readonly world: ImportWorld;
  readonly connected: string[];
} {
  const connected: string[] = [];
  let turn = 0;
  const nowhere = (): Duplex =>
    new Duplex({ read: () => undefined, write: (_chunk, _coding, done) => done(new Error("nobody there")) });
  return {
    connected,
    world: {
      resolve: async () => answers[turn++ % answers.length] ?? [],
      connect(address) {
        connected.push(address);
        return nowhere();
      },
      monoMs: () => 0,
    },
  };
}

type Importer = (order: FetchOrder) => Promise<unknown>;

/** What a hurried importer does: judges one look-up and lets the socket do another. */
const hole: Importer = async ({ world, target }) => {
  const judged = await world.resolve(target.host);
  if (judged.some((address) => refusedUse(address) !== undefined)) return;
  const [now = ""] = await world.resolve(target.host);
  world.connect(now, target.port);
};

const address = fc.oneof(
  fc.constantFrom("8.8.8.8", "1.1.1.1", "2606:4700::1", "127.0.0.1", "169.254.169.254", "10.0.0.1", "::1"),
  fc.constantFrom(
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "fe80::1%eth0",
    "0x7f.1",
    "2130706433",
  ),
  fc.ipV4(),
  fc.ipV6(),
);
const answersOf = fc.array(fc.array(address, { maxLength: 3 }), { minLength: 1, maxLength: 4 });

async function connectsInside(importer: Importer, answers: readonly (readonly string[])[]): Promise<boolean> {
  const { world, connected } = rebinding(answers);
  await importer(orderOf("/nonexistent/film", world));
  const [first = []] = answers;
  const isPublic = first.length > 0 && first.every((one) => refusedUse(one) === undefined);
  // Whoever connects past `connect` is not watched.
  if (isPublic) assert.equal(connected.length, 1);
  return connected.some((one) => refusedUse(one) !== undefined);
}

test("[PB8] law: no refused address is ever connected to, whatever the resolver says; a second look-up is caught", async () => {
  const holds = (importer: Importer) =>
    fc.asyncProperty(answersOf, async (answers) => !(await connectsInside(importer, answers)));
  await fc.assert(holds(fetchFilm), { seed, numRuns: 400 });
  const caught = await fc.check(holds(hole), { seed, numRuns: 400 });
  assert.equal(caught.failed, true);
});

test("[PB8] a name that is public when judged and private a moment later is asked for once", async () => {
  const { world, connected } = rebinding([["8.8.8.8"], ["127.0.0.1"]]);
  assert.equal((await fetchFilm(orderOf("/nonexistent/film", world))).kind, "cut");
  assert.deepEqual(connected, ["8.8.8.8"]);
  const inside = rebinding([["127.0.0.1"]]);
  const outcome = await fetchFilm(orderOf("/nonexistent/film", inside.world));
  assert.match(outcome.kind === "refused" ? outcome.because : "", /at 127\.0\.0\.1, which is loopback/);
  assert.deepEqual(inside.connected, []);
});

test("[PB9] a redirect is not followed, or looked over like a new address", async () => {
  const to =
    (location: string): RequestListener =>
    (request, response) => {
      if (request.url === "/there") whole(response);
      else response.writeHead(302, { location }).end();
    };
  await onSite(to("/there"), async ({ fetch, connected }) => {
    const outcome = await fetch();
    assert.match(outcome.kind === "refused" ? outcome.because : "", /redirects, and none is followed/);
    assert.equal(connected.length, 1);
    assert.deepEqual(await fetch({ redirects: 1 }), { kind: "whole" });
  });
  for (const location of [
    "http://evil.example/",
    "file:///etc/passwd",
    "http://127.0.0.1/",
    "http://films.example.org:81/",
  ]) {
    await onSite(to(location), async ({ fetch, connected }) => {
      assert.equal((await fetch({ redirects: 5 })).kind, "refused", location);
      assert.equal(connected.length, 1, location);
    });
  }
  await onSite(to("http://films.example.org/again"), async ({ fetch, connected }) => {
    assert.equal((await fetch({ redirects: 3 })).kind, "refused");
    assert.equal(connected.length, 4);
  });
});

test("[PB9] a redirect to a listed host at a private address is refused", () =>
  onSite(
    (_request, response) => response.writeHead(302, { location: "http://other.example.org/" }).end(),
    async ({ fetch, connected, world }) => {
      const resolve = async (host: string) =>
        host === "films.example.org" ? [publicAddress] : ["169.254.169.254"];
      const outcome = await fetch({ redirects: 2, world: { ...world, resolve } });
      assert.match(
        outcome.kind === "refused" ? outcome.because : "",
        /169\.254\.169\.254, which is link-local/,
      );
      assert.equal(connected.length, 1);
    },
  ));

test("[PB10] what the server says of the length is held against what it sends", async () => {
  await onSite(
    (_request, response) => void response.writeHead(200, { "transfer-encoding": "chunked" }).end(film),
    async ({ fetch }) => {
      const outcome = await fetch();
      assert.match(outcome.kind === "refused" ? outcome.because : "", /no Content-Length/);
    },
  );
  // A part whose range promises less than its body has.
  const begun: Begun = { offset: 10, bytes: 20, validator: '"v1"' };
  await onSite(
    (_request, response) =>
      void response
        .writeHead(206, { "content-range": "bytes 10-19/20", "transfer-encoding": "chunked" })
        .end(film),
    async ({ fetch, path }) => {
      await writeFile(path, "0123456789");
      assert.match(JSON.stringify(await fetch({ begun })), /sent more than it said/);
      assert.equal((await readFile(path)).length, 10);
    },
  );
  await onSite(
    (_request, response) => void whole(response),
    async ({ fetch, path }) => {
      const onHead = async (): Promise<void> => Promise.reject(new Error("no room"));
      await assert.rejects(fetch({ onHead }), /no room/);
      await assert.rejects(readFile(path), "nothing was written");
    },
  );
});

test("[PB11] after a cut the rest comes, and another file by the same name comes from its beginning", () => {
  let version = film;
  let tag = '"v1"';
  let cutAt: number | undefined = 20_000;
  const answer: RequestListener = (request, response) => {
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
    const isSame = request.headers["if-range"] === tag;
    const offset = isSame ? from : 0;
    const range = { "content-range": `bytes ${offset}-${version.length - 1}/${version.length}` };
    const length = { "content-length": `${version.length - offset}`, etag: tag };
    response.writeHead(offset > 0 ? 206 : 200, offset > 0 ? { ...length, ...range } : length);
    if (cutAt === undefined) response.end(version.subarray(offset));
    else {
      response.write(version.subarray(offset, cutAt));
      cut = () => response.destroy();
    }
  };
  let cut = (): unknown => undefined;
  return onSite(answer, async ({ fetch, path }) => {
    const fetching = fetch();
    while (((await readFile(path).catch(() => undefined))?.length ?? 0) < 20_000) await rest(2);
    cut();
    const first = await fetching;
    assert.equal(first.kind === "cut" && first.bytes, 20_000);
    cutAt = undefined;
    const begun: Begun = { offset: (await readFile(path)).length, bytes: film.length, validator: '"v1"' };
    assert.equal(begun.offset, 20_000);
    assert.deepEqual(await fetch({ begun }), { kind: "whole" });
    assert.deepEqual(await readFile(path), film);

    version = Buffer.from(film.toReversed());
    tag = '"v2"';
    let told: unknown;
    const onHead: FetchOrder["onHead"] = async (found) => {
      told = found;
    };
    assert.deepEqual(await fetch({ begun, onHead }), { kind: "whole" });
    assert.deepEqual(await readFile(path), version);
    assert.match(JSON.stringify(told), /v2/);
  });
});

test("[PB12] a server that says nothing, or drips, is cut; one that is told to stop ends at once", async () => {
  const pace = { ...patience, idleMs: 50 };
  const silent: readonly RequestListener[] = [
    () => undefined,
    (_request, response) => void response.writeHead(200, { "content-length": "100" }).flushHeaders(),
  ];
  for (const answer of silent) {
    await onSite(answer, async ({ fetch }) => {
      const outcome = await fetch({ pace });
      assert.match(outcome.kind === "cut" ? outcome.because : "", /said nothing for too long/);
    });
  }
  const drip: RequestListener = (request, response) => {
    response.writeHead(200, { "content-length": "1000000" });
    const timer = setInterval(() => response.write("x"), 5);
    request.once("close", () => clearInterval(timer));
    response.once("close", () => clearInterval(timer));
  };
  await onSite(drip, async ({ fetch }) => {
    const outcome = await fetch({ pace: { ...patience, idleMs: 200, graceMs: 0, leastBytesPerSecond: 1e6 } });
    assert.match(outcome.kind === "cut" ? outcome.because : "", /too slow/);
  });
  await onSite(drip, async ({ fetch, asked }) => {
    const stop = new AbortController();
    const onHead = async (): Promise<void> => stop.abort(new Error("stopped by a test"));
    await assert.rejects(fetch({ signal: stop.signal, onHead }), /stopped by a test/);
    assert.equal(asked.length, 1);
  });
});
