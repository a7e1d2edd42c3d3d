// Subtitles for a film that an appliance holds already: a real control plane, database, origin and appliance, and what they fetch.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { test } from "node:test";
import { richTitle } from "#pack/sample-titles.ts";
import { packedIndex, sha256, writeTexts } from "#test/fixtures/packed-index.ts";
import { subtitleTracks } from "#wire/subtitles.ts";
import { type Client, client } from "./control-client.ts";
import { operator } from "./control-plane.ts";
import { film, type Network, openNetwork, pathOf } from "./edge-network.ts";
import { missing, until } from "./edge-rig.ts";

const words = "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nBonjour\n";

async function put(url: string, who: Client, query: string, body: string): Promise<Response> {
  const headers = { cookie: who.cookie(), "content-type": "text/vtt" };
  return fetch(`${url}/v1/ops/titles/${film}/subtitles?${query}`, { method: "POST", headers, body });
}

async function served(network: Network, base: string, file: string): Promise<string> {
  const answer = await fetch(`${base}${pathOf(network, "s-1", file)}`);
  assert.equal(answer.status, 200, `${file} at ${base}`);
  return createHash("sha256")
    .update(Buffer.from(await answer.arrayBuffer()))
    .digest("hex");
}

test("[CO493] [CO496] an appliance fetches the new files of the index and not a byte of media; plays of both versions find theirs", {
  skip: missing,
}, async (t) => {
  const { title, texts } = packedIndex(film, richTitle());
  const network = await openNetwork(t, {
    ids: ["a1"],
    async title(store) {
      await writeTexts(join(store, "v", film), texts);
      return { id: film, name: "Film", package: title, report: {}, publishedAtMs: Date.now() };
    },
  });
  const a1 = `http://${network.boxes[0]?.listen}`;
  const fetched = (): number => network.told("a1").report?.fill.bytes ?? 0;
  await until(
    "what was fetched is told",
    () => fetched() >= title.renditions.reduce((sum, one) => sum + one.bytes, 0),
  );
  const before = fetched();
  const who = client(network.url);
  assert.equal((await who.signIn(operator.email, operator.password)).status, 200);
  const old = (await who.play(film, "in-a")).manifests.map(({ dash }) =>
    new URL(dash).pathname.split("/").at(-1),
  );
  assert.deepEqual([...new Set(old)], ["manifest.mpd"]);
  const answer = await put(network.url, who, "language=fr&replaces=subtitles-de", words);
  assert.equal(answer.status, 200, await answer.clone().text());
  const { tracks } = subtitleTracks.parse(await answer.json());
  assert.deepEqual(
    tracks.map(({ language }) => language),
    ["en", "fr"],
  );
  await until("the appliance has the new index", () => {
    const { verifiedFiles, wantedFiles } = network.told("a1");
    return fetched() > before && verifiedFiles === wantedFiles;
  });
  const now = await who.play(film, "in-a");
  assert.equal(now.sources.index?.[0]?.sourceId, "a1");
  const manifest = new URL(now.manifests[0]?.dash ?? "").pathname.split("/").at(-1) ?? "";
  const playlist = new URL(now.manifests[0]?.hls ?? "").pathname.split("/").at(-1) ?? "";
  const fresh = [manifest, playlist, `${tracks[1]?.id}.vtt`, `${tracks[1]?.id}.m3u8`];
  const sizes = fresh.map(
    async (file) => (await (await fetch(`${a1}${pathOf(network, "s-1", file)}`)).arrayBuffer()).byteLength,
  );
  const news = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
  await until("what was fetched is told", () => fetched() >= before + news);
  assert.equal(fetched(), before + news, "the four files, and nothing else");
  for (const [path, text] of texts) assert.equal(await served(network, a1, path), sha256(text), path);
});
