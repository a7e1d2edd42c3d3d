// SPEKE over loopback: a provider that reads our document and answers as the published examples do, well or badly.
import assert from "node:assert/strict";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import { type TestContext, test } from "node:test";
import { defaultsOf } from "#config/setting.ts";
import { keysFromProvider } from "#licence/io/speke-client.ts";
import { keyLabels } from "#model/content-key.ts";
import { cpixAnswer as filled, derivedKey as keyOf } from "#test/fixtures/cpix-answer.ts";
import { Fault } from "#units/fault.ts";
import { licenceSettings } from "./settings.ts";

interface Heard {
  readonly body: string;
  readonly headers: IncomingHttpHeaders;
}

async function provider(t: TestContext, answer: (heard: Heard, response: ServerResponse) => void) {
  const heard: Heard[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const piece of request.setEncoding("utf8")) body += piece;
    heard.push({ body, headers: request.headers });
    answer({ body, headers: request.headers }, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const spekeUrl = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/speke`;
  return {
    heard,
    settings: {
      ...defaultsOf(licenceSettings),
      spekeUrl,
      licenceProviderToken: "secret-token",
      licenceDeadlineMs: 10_000,
    },
  };
}

const good = { "content-type": "application/xml", "x-speke-version": "2.0" };
const fault =
  (code: string, words = /./) =>
  (error: unknown) =>
    error instanceof Fault &&
    error.code === code &&
    words.test(error.message) &&
    !error.message.includes("secret");

test("[LI13] a title's keys come by one POST of CPIX, with SPEKE's version both ways", async (t) => {
  const { heard, settings } = await provider(t, ({ body }, response) =>
    response.writeHead(200, good).end(filled(body)),
  );
  const keys = await keysFromProvider("film-1", { ...settings, widevineUrl: "http://wv.example/" });
  assert.deepEqual(
    keys.map(({ label }) => label),
    keyLabels,
  );
  for (const { kid, key } of keys) {
    const uuid = kid.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
    assert.equal(key, keyOf(uuid).toString("hex"));
  }
  for (const { signalling } of keys)
    assert.deepEqual(
      signalling?.map(({ system }) => system),
      ["widevine"],
    );
  const [one] = heard;
  assert.deepEqual(
    [one?.headers["x-speke-version"], one?.headers["content-type"], one?.headers.authorization],
    ["2.0", "application/xml", "Bearer secret-token"],
  );
  assert.match(one?.body ?? "", /contentId="film-1" version="2\.3"/);
  assert.match(one?.body ?? "", /edef8ba9-79d6-4ace-a3c8-27dcd51d21ed/);
  assert.doesNotMatch(one?.body ?? "", /9a04f079|94ce86fb/, "only systems that licences are issued for");
  const again = await keysFromProvider("film-1", settings);
  assert.ok(again.every(({ signalling }) => signalling === undefined));
  assert.ok(
    again.every(({ kid }) => !keys.some((key) => key.kid === kid)),
    "kids are new each time",
  );
});

test("[LI13] other statuses and versions, foreign keys, endless and silent answers are faults", async (t) => {
  const cases: readonly (readonly [(heard: Heard, response: ServerResponse) => void, string, RegExp])[] = [
    [(_, response) => response.writeHead(422, good).end("secret"), "licence-provider-failed", /status 422/],
    [
      (_, response) => response.writeHead(302, { location: "http://127.0.0.1:1/" }).end(),
      "licence-provider-failed",
      /./,
    ],
    [
      ({ body }, response) => response.writeHead(200).end(filled(body)),
      "licence-provider-failed",
      /found none/,
    ],
    [
      ({ body }, response) => response.writeHead(200, { "x-speke-version": "1.0" }).end(filled(body)),
      "licence-provider-failed",
      /another/,
    ],
    [(_, response) => response.writeHead(200, good).end("<x/>"), "provider-keys-unfit", /no CPIX/],
    [
      ({ body }, response) => response.writeHead(200, good).end(filled(body).replace("film-1", "film-2")),
      "provider-keys-unfit",
      /another title/,
    ],
    [
      ({ body }, response) => response.writeHead(200, good).end(body),
      "provider-keys-unfit",
      /no plain value/,
    ],
    [
      (_, response) => response.writeHead(200, good).end("x".repeat(2 ** 20 + 1)),
      "licence-provider-failed",
      /more than/,
    ],
    [(_, response) => response.destroy(), "licence-provider-failed", /./],
  ];
  for (const [answer, code, words] of cases) {
    const { settings } = await provider(t, answer);
    await assert.rejects(keysFromProvider("film-1", settings), fault(code, words));
  }
  const { settings } = await provider(t, () => undefined);
  await assert.rejects(
    keysFromProvider("film-1", { ...settings, licenceDeadlineMs: 150 }),
    fault("licence-provider-slow"),
  );
  await assert.rejects(
    keysFromProvider("film-1", { ...settings, spekeUrl: "" }),
    fault("licence-provider-off", /MILLRACE_SPEKE_URL/),
  );
});
