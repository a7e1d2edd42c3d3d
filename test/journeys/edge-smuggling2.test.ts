// HTTP/2 with fields that mean something else once they are written as text, over real TLS, with a peer behind nginx that
// writes down what reaches it.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { defaultsOf } from "#config/setting.ts";
import { superviseWithTls } from "#edge/io/nginx-tls.ts";
import { serveState } from "#edge/io/origin.ts";
import { edgeSettings } from "#edge/settings.ts";
import { systemClock } from "#io/clock.ts";
import { bytes } from "#units/quantity.ts";
import { type Field, type Outcome, stream } from "./edge-raw2.ts";
import { atEnd, freeListen, k1, publish, signed, tempFolder, tools, until } from "./edge-rig.ts";
import { makeCertificate, missingTls } from "./edge-tls-rig.ts";

const settings = { ...defaultsOf(edgeSettings), workers: 1, stopGraceMs: 500, headerTimeoutMs: 2000 };

interface Box {
  readonly secure: string;
  readonly accessLog: string;
  reached(): string;
}

async function open(t: TestContext): Promise<Box> {
  const folder = tempFolder(t);
  const [listen, secure, peer] = [await freeListen(), await freeListen(), await freeListen()];
  mkdirSync(join(folder, "v"));
  publish(folder, "t1", "v360", 1, 100);
  let said = "";
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.on("data", (chunk) => {
      said += chunk.toString("latin1");
      socket.write(
        "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-3/4\r\nContent-Length: 4\r\n\r\nfilm",
      );
    });
  });
  atEnd(t, () => server.close());
  const [host, port] = peer.split(":");
  await new Promise<void>((resolve) => server.listen(Number(port), host, resolve));
  const sources = [{ address: peer, titles: [{ id: "t1", version: "0".repeat(16) }] }];
  const pull = { folder: join(folder, "nginx/pull"), bytes: bytes(1e8), sources };
  const order = {
    nginx: tools.nginx?.path,
    modulesFolder: tools.nginxSetMisc,
    prefixDir: join(folder, "nginx"),
    state: { ...serveState(folder, listen, [k1], settings), miss: { pull } },
    stopGraceMs: 500,
    signal: new AbortController().signal,
    onEvent: () => undefined,
  };
  const files = makeCertificate(folder, "some");
  const tls = { listen: secure, files, oldest: "1.3" as const, pollMs: 1000 };
  const nginx = await superviseWithTls(order, { order: tls, clock: systemClock, onEvent: () => undefined });
  atEnd(t, () => nginx.stop());
  return { secure, accessLog: join(folder, "nginx/logs/access.log"), reached: () => said };
}

interface Case {
  readonly fields: readonly Field[];
  readonly data?: string;
  readonly outcomes: readonly Outcome[];
}

const not = [400, "stream reset", "connection ended"] as const;
const inner = "\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: evil\r\n\r\n";

function fieldsOf(path: string, ...more: readonly Field[]): readonly Field[] {
  return [[":method", "GET"], [":scheme", "https"], [":path", path], [":authority", "edge"], ...more];
}

/** What is not held is pulled from the peer, so each case asks for another file. */
function casesOf(held: string): Record<string, Case> {
  let count = 0;
  const missed = (): string => held.replace("/0.m4s", `/${++count + 100}.m4s`);
  const changed = (name: string, value: string): Case => ({
    fields: fieldsOf(missed()).map((field) => (field[0] === name ? [name, value] : field)),
    outcomes: not,
  });
  const refused = (...more: readonly Field[]): Case => ({
    fields: fieldsOf(missed(), ...more),
    outcomes: not,
  });
  const served = (...more: readonly Field[]): Case => ({
    fields: fieldsOf(missed(), ...more),
    outcomes: [200],
  });
  return {
    "a held file": { fields: fieldsOf(held), outcomes: [200] },
    "a pulled file": served(),
    "two paths": refused([":path", held]),
    "two methods": refused([":method", "GET"]),
    "two schemes": refused([":scheme", "https"]),
    "no path": { fields: fieldsOf(held).filter(([name]) => name !== ":path"), outcomes: not },
    "no method": { fields: fieldsOf(held).filter(([name]) => name !== ":method"), outcomes: not },
    "an empty path": changed(":path", ""),
    "a path without its slash": changed(":path", held.slice(1)),
    "an address for a path": changed(":path", `https://edge${held}`),
    "a request in the path": changed(":path", `${held} HTTP/1.1${inner}`),
    "CR in the path": changed(":path", `${held}\r`),
    "NUL in the path": changed(":path", `${held}\x00`),
    "a space in the path": changed(":path", `${held} x`),
    "a request in the method": changed(":method", `GET ${held} HTTP/1.1${inner}`),
    "a method in small letters": changed(":method", "get"),
    "a request in the scheme": changed(":scheme", `https://edge${held} HTTP/1.1${inner}`),
    "a request in the authority": changed(":authority", `edge${inner}`),
    "a path as the authority": changed(":authority", "edge/../x"),
    // RFC 9113 §8.3 calls it malformed; nginx takes it for what it says.
    "a pseudo field behind a field": { fields: [["x", "y"], ...fieldsOf(missed())], outcomes: [...not, 200] },
    "a pseudo field that there is not": refused([":evil", "x"]),
    "the status of an answer": refused([":status", "200"]),
    "a name with capitals": { ...served(["X-Evil", "y"]), outcomes: [...not, 200] },
    "a line end in a value": refused(["x", `y${inner}`]),
    "a line end in a name": { ...served([`x${inner}`, "y"]), outcomes: [...not, 200] },
    "a colon in a name": { ...served(["x: y", "z"]), outcomes: [...not, 200] },
    "NUL in a value": refused(["x", "y\x00z"]),
    "another host": { ...served(["host", "evil"]), outcomes: [...not, 200] },
    "an encoding that HTTP/2 has not": {
      ...served(["transfer-encoding", "chunked"]),
      outcomes: [...not, 200, 501],
    },
    "headers of a connection": {
      ...served(["connection", "close, range"], ["upgrade", "h2c"]),
      outcomes: [...not, 200],
    },
    "a length without a body": refused(["content-length", "40"]),
    "a body longer than its length": { ...refused(["content-length", "4"]), data: inner },
    "a body shorter than its length": { ...refused(["content-length", "400"]), data: inner },
    "a length of no number": { ...refused(["content-length", "+4"]), data: "abcd" },
    "a body": { ...served(), data: inner },
    "a path to nowhere with a body": { fields: fieldsOf("/smuggled"), data: inner, outcomes: [403] },
  };
}

test("[ED115] [ED116] over HTTP/2, fields that would be another request as text are refused, or never leave nginx", {
  skip: missingTls,
}, async (t) => {
  const box = await open(t);
  const cases = Object.entries(casesOf(signed(k1, "t1", "v360/0.m4s")));
  const outcomes = await Promise.all(cases.map(([, { fields, data }]) => stream(box.secure, fields, data)));
  const wrong = cases.flatMap(([name, one], i) =>
    one.outcomes.some((outcome) => outcome === outcomes[i]) ? [] : [`${name}: ${outcomes[i]}`],
  );
  assert.deepEqual(wrong, []);
  const requests = box.reached().split("\r\n\r\n").slice(0, -1);
  const pulled = outcomes.filter((outcome) => outcome === 200).length - 1;
  assert.equal(requests.length, pulled, "one request for each file that was pulled");
  for (const request of requests)
    assert.match(
      request,
      /^GET \/t\/\d+\/s1\/k1\.\S+\/v\/t1\/v360\/\d+\.m4s\?mr_hop=1 HTTP\/1\.1\r\nRange: bytes=0-1048575\r\nHost: mr_pull_0$/,
    );
  const answered = outcomes.filter((outcome) => typeof outcome === "number").length;
  await until("the log", () => readFileSync(box.accessLog, "utf8").trim().split("\n").length >= answered);
  for (const line of readFileSync(box.accessLog, "utf8").trim().split("\n")) JSON.parse(line);
  t.diagnostic(`${cases.length} streams, ${pulled} of them reached the peer`);
});
