// Content steering over HTTP: a control plane on loopback, an origin that has two manifests, and appliances that are reports.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, request, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { defaultsOf } from "#config/setting.ts";
import { openSecrets } from "#control/io/secrets.ts";
import { openLog } from "#io/log.ts";
import { steerSettings } from "#steer/settings.ts";
import { goodReport, smallSites, smallTitle, smallTitleFiles } from "#test/fixtures/small-network.ts";
import { bytes } from "#units/quantity.ts";
import { steeringManifest } from "#wire/content-steering.ts";
import { type Client, client, type Said } from "./control-client.ts";
import { openPlane, operator, type Plane, settings, viewer } from "./control-plane.ts";

const film = "film-1";
const manifests: Record<string, string> = {
  "master.m3u8": '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=700000,STABLE-VARIANT-ID="v360-1"\nv360-1.m3u8\n',
  "manifest.mpd": '<?xml version="1.0"?>\n<MPD><Period id="film"/></MPD>\n',
};
const steersPerMinute = 8;

let home = "";
let plane: Plane;
let origin: Server;
let ada: Client;
/** What the origin answers with, by file; and what it and others were asked. */
let served: Record<string, string | undefined> = manifests;
let asked: string[] = [];

before(async () => {
  home = await mkdtemp(join(tmpdir(), "millrace-steer-"));
  origin = await serving(() => served);
  plane = await openPlane(home, {
    originBaseUrl: addressOf(origin),
    settings: { ...settings, steersPerMinute, playsPerMinute: 1000 },
    steerSettings: { ...defaultsOf(steerSettings), pathways: 2 },
    logger: openLog("control", "silent"),
  });
  await plane.control.publishTitle(published(film));
  ada = client(plane.control.url);
  assert.equal((await ada.signIn(viewer.email, viewer.password)).status, 200);
});

after(async () => {
  await plane?.close();
  origin?.close();
  await rm(home, { recursive: true, force: true });
});

beforeEach(async () => {
  served = manifests;
  asked = [];
  for (const id of ["a1", "x1"]) await report(id, {});
});

async function serving(files: () => Record<string, string | undefined>): Promise<Server> {
  const server = createServer((incoming, answer) => {
    const name = incoming.url?.split("/").at(-1) ?? "";
    asked.push(name);
    const body = files()[name];
    answer.writeHead(body === undefined ? 404 : 200).end(body);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return server;
}

function addressOf(server: Server): string {
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
}

/** The small title with manifests that are really there. */
function published(id: string, publishedAtMs?: number): ReturnType<typeof smallTitle> {
  const small = smallTitle(id, publishedAtMs);
  const renditions = small.package.renditions.map((rendition) => ({
    ...rendition,
    files: rendition.files.map((file) => {
      const text = manifests[file.path];
      if (text === undefined) return file;
      return { ...file, bytes: bytes(text.length), sha256: createHash("sha256").update(text).digest("hex") };
    }),
  }));
  return { ...small, package: { ...small.package, renditions } };
}

async function report(id: string, more: Partial<ReturnType<typeof goodReport>>): Promise<void> {
  const { applianceToken } = await openSecrets(plane.secretsPath);
  const listen = smallSites.sites.flatMap((site) => site.appliances).find((box) => box.id === id)?.listen;
  const body = { ...goodReport(`http://${listen}`, smallTitleFiles(film)), ...more };
  const said = await client(plane.control.url).post(`/v1/appliances/${id}/report`, body, {
    authorization: `Bearer ${applianceToken}`,
  });
  assert.equal(said.status, 200, JSON.stringify(said.body));
}

const stranger = (): Client => client(plane.control.url);

async function opened(
  kind: "hls" | "dash",
  titleId = film,
): Promise<{ readonly path: string; readonly text: string }> {
  // Each from a browser of its own: one browser plays one thing at a time.
  const browser = client(plane.control.url);
  await browser.signIn(viewer.email, viewer.password);
  const play = await browser.play(titleId, "in-a");
  const path = play.steered?.[kind] ?? "";
  const said = await stranger().get(path);
  assert.equal(said.status, 200, JSON.stringify(said.body));
  return { path, text: String(said.body) };
}

/** Path and query of where a manifest says that steering is. */
function steeringIn(text: string): string {
  const url =
    /SERVER-URI="([^"]+)"/.exec(text)?.[1] ?? /<ContentSteering[^>]*>([^<]+)</.exec(text)?.[1] ?? "";
  const { origin: host, pathname, search } = new URL(url.replaceAll("&amp;", "&"));
  assert.equal(host, plane.control.url);
  return `${pathname}${search}`;
}

function order(said: Said): readonly string[] {
  assert.equal(said.status, 200, JSON.stringify(said.body));
  return steeringManifest.parse(said.body)["PATHWAY-PRIORITY"];
}

test("[CO86] a play names manifests for any player: absolute addresses, the ranking's order, and where to ask", async () => {
  const { text } = await opened("hls");
  assert.match(
    text,
    /#EXT-X-CONTENT-STEERING:SERVER-URI="http:\/\/127\.0\.0\.1:\d+\/steer\/[\w-]{36}\/hls\?token=p1~/,
  );
  const pathways = [...text.matchAll(/PATHWAY-ID="([^"]+)"\n/g)].map(([, id]) => id);
  assert.deepEqual(pathways, ["a1", "a1", "x1", "origin"]);
  assert.match(
    text,
    /\nhttp:\/\/127\.0\.1\.11:8181\/t\/\d{10}\/[\w-]{36}\/k\w+\.[\w-]+\/v\/film-1\/v360-1\.m3u8\n/,
  );
  const dash = (await opened("dash")).text;
  assert.match(
    dash,
    /<BaseURL serviceLocation="a1">http:\/\/127\.0\.1\.11:8181\/t\/[^<]+\/v\/film-1\/<\/BaseURL>/,
  );
  assert.match(dash, /<ContentSteering defaultServiceLocation="a1" queryBeforeStart="true">http/);
});

test("[CO86] the address in a manifest is the one that was asked, and a host that is none is refused", async () => {
  const { path } = await opened("hls");
  const ask = (host: string) =>
    new Promise<string>((resolve, reject) => {
      const outgoing = request(`${plane.control.url}${path}`, { headers: { host } }, (answer) => {
        answer.setEncoding("utf8");
        let text = `${answer.statusCode} `;
        answer.on("data", (piece: string) => {
          text += piece;
        });
        answer.on("end", () => resolve(text));
      });
      outgoing.on("error", reject).end();
    });
  assert.match(await ask("steer.example:8443"), /SERVER-URI="http:\/\/steer\.example:8443\/steer\//);
  assert.match(await ask('x"y'), /^400 .*headers\.host/);
});

test("[CO83] steering answers every origin and every query, is not kept anywhere, and asks to be asked again at the same place", async () => {
  const { text } = await opened("dash");
  const path = steeringIn(text);
  const said = await stranger().get(path);
  assert.deepEqual(order(said), ["a1", "x1", "origin"]);
  assert.equal(said.headers.get("access-control-allow-origin"), "*");
  assert.equal(said.headers.get("cache-control"), "no-store");
  assert.match(said.headers.get("content-type") ?? "", /^application\/json/);
  const { "RELOAD-URI": reload, TTL } = steeringManifest.parse(said.body);
  assert.equal(reload, `${plane.control.url}${path}`);
  assert.ok(TTL >= 270 && TTL <= 330);
  for (const query of [
    "_DASH_pathway=%22a1%2Cx1%22&_DASH_throughput=5000000%2C",
    "_HLS_pathway=%zz&_HLS_pathway[]=1",
  ]) {
    assert.deepEqual(order(await stranger().get(`${path}&${query}`)), ["a1", "x1", "origin"]);
  }
  const metrics = String((await stranger().get("/metrics")).body);
  assert.match(metrics, /millrace_content_steering_answers_total\{state="healthy"\} [1-9]/);
  assert.match(metrics, /millrace_content_steering_throughput_bits_per_second_count\{source="a1"\} 1/);
});

test("[CO83] a player that asks far too often gets its manifest's order and a long rest, never 429", async () => {
  const path = steeringIn((await opened("hls")).text);
  const answers = [];
  for (let n = 0; n < steersPerMinute + 3; n++) answers.push(await stranger().get(path));
  assert.ok(answers.every(({ status }) => status === 200));
  await report("a1", { nginx: "down" });
  const spared = await stranger().get(path);
  assert.deepEqual(order(spared), ["a1", "x1", "origin"]);
  assert.equal(steeringManifest.parse(spared.body).TTL, 300);
  const other = steeringIn((await opened("hls")).text);
  assert.deepEqual(order(await stranger().get(other)), ["x1", "origin"], "another session is not concerned");
});

test("[CO82] dead, drained and well again, as the next answer of a session that goes on", async () => {
  const op = client(plane.control.url);
  await op.signIn(operator.email, operator.password);
  const path = steeringIn((await opened("hls")).text);
  const using = async (id: string) =>
    order(await stranger().get(`${path}&_HLS_pathway=${id}&_HLS_throughput=1`));
  await report("a1", { nginx: "down" });
  assert.deepEqual(await using("a1"), ["x1", "origin"]);
  for (let n = 0; n < 6; n++) await report("a1", {});
  assert.deepEqual(await using("x1"), ["a1", "x1", "origin"]);
  await op.post("/v1/ops/appliances/a1/drain", {});
  assert.deepEqual(await using("x1"), ["x1", "origin"]);
  assert.deepEqual(await using("a1"), ["a1", "x1", "origin"]);
  assert.doesNotMatch((await opened("hls")).text, /PATHWAY-ID="a1"/);
  await op.post("/v1/ops/appliances/a1/undrain", {});
  assert.deepEqual(await using("x1"), ["a1", "x1", "origin"]);
});

test("[CO84] a token that was altered or is another session's is refused with 403; 410 comes only when steering has ended", async () => {
  const op = client(plane.control.url);
  await op.signIn(operator.email, operator.password);
  const { path: manifest, text } = await opened("hls");
  const path = steeringIn(text);
  const session = path.split("/")[2] ?? "";
  const codes = async (...paths: readonly string[]) => {
    const answers = [];
    for (const one of paths) answers.push(await stranger().get(one));
    return answers.map(({ status, code }) => `${status} ${code}`);
  };
  assert.deepEqual(
    await codes(
      path.replace("~in-a~", "~~"),
      path.replace(session, "another"),
      manifest.replace("p1~", "p2~"),
    ),
    Array.from({ length: 3 }, () => "403 foreign-session"),
  );
  assert.deepEqual(await codes(manifest.replace("manifest.m3u8", "hls")), ["403 foreign-session"]);
  assert.deepEqual(await codes(path.split("?")[0] ?? ""), ["400 bad-request"]);
  assert.deepEqual(await codes(path.replace("/hls?", "/smooth?")), ["404 no-route"]);
  for (const refused of [path.replace("~in-a~", "~~"), path.split("?")[0] ?? ""]) {
    const { headers } = await stranger().get(refused);
    assert.equal(headers.get("access-control-allow-origin"), "*", "pages may read why");
  }
  await op.post(`/v1/ops/sessions/${session}/deny`, {});
  assert.deepEqual(await codes(path, manifest), ["410 steering-over", "403 denied"]);
  await op.post(`/v1/ops/sessions/${session}/allow`, {});
  assert.deepEqual(await codes(path), ["200 "]);
});

test("[CO85] a manifest is fetched once, checked, and from an appliance that verified it when the origin has it not", async () => {
  await plane.control.publishTitle(published("film-2", 1_700_000_000_001));
  await opened("hls", "film-2");
  await opened("hls", "film-2");
  assert.deepEqual(asked, ["master.m3u8"]);
  served = {};
  const box = await serving(() => manifests);
  await report("a1", { baseUrl: addressOf(box), verified: smallTitleFiles("film-2") });
  assert.match((await opened("dash", "film-2")).text, /<BaseURL serviceLocation="a1">/);
  assert.deepEqual(asked, ["master.m3u8", "manifest.mpd", "manifest.mpd"]);
  box.close();
});

test("[CO85] other bytes than were published are handed to nobody, and are asked for again", async () => {
  await plane.control.publishTitle(published("film-3", 1_700_000_000_002));
  const play = await ada.play("film-3", "in-a");
  const path = play.steered?.dash ?? "";
  const text = manifests["manifest.mpd"] ?? "";
  for (const body of [text.replace("film", "lief"), `${text} `, undefined]) {
    served = { "manifest.mpd": body };
    const said = await stranger().get(path);
    assert.deepEqual([said.status, said.code], [503, "manifest-unreachable"]);
    assert.doesNotMatch(JSON.stringify(said.body), /\/t\/\d/, "no signed path in a refusal");
  }
  served = manifests;
  assert.equal((await stranger().get(path)).status, 200);
});
