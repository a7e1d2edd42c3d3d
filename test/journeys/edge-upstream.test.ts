// What reaches the server behind nginx (a peer that is pulled from, the agent that breaks segments), written down byte for
// byte by a server that records, while nginx is sent what a smuggler would send.
import assert from "node:assert/strict";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import fc from "fast-check";
import { signedPrefix } from "#io/signed-path.ts";
import { bytes, milliseconds } from "#units/quantity.ts";
import { openBox } from "./edge-box.ts";
import { converse } from "./edge-raw.ts";
import { atEnd, freeListen, k1, missing, strength } from "./edge-rig.ts";

const token = "b".repeat(64);

interface Recorder {
  readonly server: Server;
  /** All bytes of all connections. */
  text(): string;
}

/** Takes whatever comes for requests without a body, and answers each empty line. */
function recorder(t: TestContext, answer: string): Recorder {
  const said: string[] = [];
  const server = createServer((socket) => {
    let open = "";
    socket.on("error", () => undefined);
    socket.on("data", (chunk) => {
      said.push(chunk.toString("latin1"));
      const parts = (open + chunk.toString("latin1")).split("\r\n\r\n");
      open = parts.pop() ?? "";
      for (const _ of parts) socket.write(answer);
    });
  });
  atEnd(t, () => server.close());
  return { server, text: () => said.join("") };
}

interface Rig {
  readonly listen: string;
  readonly peer: Recorder;
  readonly agent: Recorder;
}

async function open(t: TestContext): Promise<Rig> {
  const peerListen = await freeListen();
  const peer = recorder(
    t,
    "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-3/4\r\nContent-Length: 4\r\n\r\nfilm",
  );
  const agent = recorder(t, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
  const sources = [{ address: peerListen, titles: [{ id: "t1", version: "0".repeat(16) }] }];
  const rule = {
    ...{ id: "x01234567", share: 0.5, segment: 1, damages: ["not-found"] as const },
    ...{ stallMs: milliseconds(1000), endsAtMs: Date.now() + 600_000 },
  };
  const { listen, folder } = await openBox(t, {
    settings: { workers: 1, stopGraceMs: 500, headerTimeoutMs: 1000 },
    more: (prefix) => ({
      miss: { pull: { folder: join(prefix, "pull"), bytes: bytes(1e8), sources } },
      breaker: { rule, socket: join(prefix, "../breaker.sock"), token },
    }),
  });
  const [host, port] = peerListen.split(":");
  await new Promise<void>((resolve) => peer.server.listen(Number(port), host, resolve));
  await new Promise<void>((resolve) => agent.server.listen(join(folder, "breaker.sock"), resolve));
  return { listen, peer, agent };
}

function pathOf(sessionId: string, file: string): string {
  const grant = { titleId: "t1", sessionId, expiresAtSeconds: Date.now() / 1000 + 600 };
  return signedPrefix(k1, grant, strength) + file;
}

const inner = "GET /t/smuggled HTTP/1.1\r\nHost: evil\r\n\r\n";

/** Header lines and bodies of smugglers, cache poisoners and those who pretend to be a proxy. */
const header = fc.constantFrom(
  ...[
    "Content-Length: 0",
    "Content-Length: 40",
    "content-length: 5",
    "Content-Length: +5",
    "Content-Length: 5, 5",
  ],
  ...[
    "Transfer-Encoding: chunked",
    "Transfer-Encoding: \x0bchunked",
    "Transfer-Encoding : chunked",
    "TE: trailers",
  ],
  ...[
    "Transfer_Encoding: chunked",
    "X: y\r\n Transfer-Encoding: chunked",
    "Trailer: X",
    "Keep-Alive: timeout=5",
  ],
  ...[
    "Host: evil.example",
    "X-Forwarded-For: 127.0.0.1",
    "Forwarded: for=127.0.0.1",
    "X-Forwarded-Host: evil",
  ],
  ...[
    "X-Original-URL: /evil",
    "X-Rewrite-URL: /evil",
    "X-Accel-Redirect: /evil",
    `X-Millrace-Breaker: ${"0".repeat(64)}`,
  ],
  ...[
    "Connection: close, Range, X-Millrace-Breaker",
    "Connection: Upgrade",
    "Upgrade: h2c",
    "Expect: 100-continue",
  ],
  ...[
    "Cookie: a=b",
    "Authorization: Basic eDp5",
    "Accept-Encoding: gzip, br",
    "Accept: text/evil",
    "Via: 1.1 evil",
  ],
  ...[
    "Range: bytes=0-1",
    "Range: bytes=1048576-",
    "Range: bytes=0-1,3-4",
    "If-Range: x",
    'If-None-Match: "x"',
  ],
  ...[
    "If-Modified-Since: Thu, 01 Jan 1970 00:00:00 GMT",
    "X: a\rb",
    "X: \xff\xfe",
    "Cache-Control: no-cache",
    "Pragma: no-cache",
  ],
);
const body = fc.constantFrom(
  ...["", inner, `0\r\n\r\n${inner}`, `${inner.length.toString(16)}\r\n${inner}\r\n0\r\n\r\n`],
  ...[`1;x=y\r\na\r\n0\r\nX: y\r\n\r\n${inner}`, `ffffffffffffffff\r\n${inner}`, `hello${inner}`, "\n\r\n"],
);
const target = fc.constantFrom(
  ...[
    "PATH",
    "PATH",
    "PATH",
    "PATH?CMCD=bl%3D2000",
    "PATH?x=%0d%0aX:%20y",
    "PATH?x=\xff",
    "PATH?a HTTP/1.0",
    "PATH#x",
  ],
  ...[
    "http://evil.example/PATH",
    "http://evil.examplePATH",
    "PATH%0d%0aX:%20y",
    "PATH/../x",
    "/PATH",
    "PATH%20HTTP/1.1",
  ],
);
const method = fc.constantFrom("GET", "GET", "GET", "GET", "HEAD", "POST", "OPTIONS", "get", "GET ");
const version = fc.constantFrom("HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.0", "HTTP/1.1 ");
const smuggling = fc.record({
  ...{ method, target, version, body },
  headers: fc.array(header, { maxLength: 4 }),
  hostFirst: fc.constantFrom("Host: edge", "Host: edge", "Host: evil.example"),
});

async function attack(listen: string, paths: readonly string[], seed: number): Promise<void> {
  const drawn = fc.sample(smuggling, { seed, numRuns: paths.length });
  const talks = paths.map((path, i) => {
    const { method, target, version, headers, hostFirst, body } = drawn[i] ?? assert.fail();
    const line = `${method} ${target.replace("PATH", path)} ${version}`;
    const said = `${[line, hostFirst, ...headers].join("\r\n")}\r\n\r\n${body}${"x".repeat(64)}`;
    return () => converse(listen, said, { answers: "any" });
  });
  for (let i = 0; i < talks.length; i += 100) await Promise.all(talks.slice(i, i + 100).map((one) => one()));
}

/** What was said, one request a line of the list. Nothing may be between or behind them. */
function requests(text: string): readonly string[] {
  assert.ok(text === "" || text.endsWith("\r\n\r\n"));
  return text.split("\r\n\r\n").slice(0, -1);
}

const runs = 600;

test("[ED116] whatever a client sends, a peer that is pulled from gets the signed path, the slice and nothing else", {
  skip: missing,
}, async (t) => {
  const { listen, peer } = await open(t);
  const paths = Array.from({ length: runs }, (_, i) => pathOf("s1", `v360/${i + 1000}.m4s`));
  await attack(listen, paths, 1);
  const wanted = new Set(paths);
  const reached = requests(peer.text());
  for (const request of reached) {
    const [line = "", ...headers] = request.split("\r\n");
    const path = /^GET (\S+)\?mr_hop=1 HTTP\/1\.1$/.exec(line)?.[1] ?? "";
    assert.ok(wanted.has(path), request);
    assert.match(headers.join("\n"), /^Range: bytes=(0-1048575|1048576-2097151)\nHost: mr_pull_0$/, request);
  }
  t.diagnostic(`${runs} requests sent, ${reached.length} reached the peer`);
  assert.ok(reached.length > runs / 20 && reached.length < runs);
});

test("[ED116] whatever a client sends, the agent that breaks segments gets the signed path, its token and nothing else", {
  skip: missing,
}, async (t) => {
  const { listen, agent } = await open(t);
  const path = pathOf("x01234567.s1", "v360-800/1.m4s");
  await attack(
    listen,
    Array.from({ length: runs }, () => path),
    2,
  );
  const reached = requests(agent.text());
  for (const request of reached) {
    const [line = "", ...headers] = request.split("\r\n");
    assert.ok(["GET", "HEAD"].map((name) => `${name} ${path} HTTP/1.1`).includes(line), request);
    assert.deepEqual(headers, [`X-Millrace-Breaker: ${token}`, "Host: mr_breaker"], request);
  }
  t.diagnostic(`${runs} requests sent, ${reached.length} reached the agent`);
  assert.ok(reached.length > runs / 20 && reached.length < runs);
});
