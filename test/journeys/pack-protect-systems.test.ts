// Keys and signalling from a provider on loopback, all the way into a package: what it said is what manifests and inits hold.
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { probeFor } from "#bin/second-opinion.ts";
import { defaultsOf } from "#config/setting.ts";
import { openProvider } from "#licence/io/provider.ts";
import { licenceSettings } from "#licence/settings.ts";
import { readXml, type XmlElement } from "#licence/xml-read.ts";
import type { ContentKey, KeyLabel } from "#model/content-key.ts";
import { systemIds } from "#model/key-system.ts";
import { packTitle } from "#pack/io/pack-title.ts";
import { readProtection } from "#pack/protected-init.ts";
import { base64, signals } from "#test/fixtures/cpix-answer.ts";
import { openKeyProvider } from "#test/fixtures/key-provider.ts";
import { titleId } from "#units/id.ts";
import { options, settings, signal, tools, why } from "./encode-run.ts";
import { makeFilm } from "./protect-film.ts";
import { frameHashes, protect } from "./protect-rig.ts";

const labels: readonly (readonly [string, KeyLabel])[] = [
  ["v90-1", "SD"],
  ["v720-1", "HD"],
  ["audio", "AUDIO"],
];
const systems = ["widevine", "playready", "fairplay"] as const;

let folder = "";
let keys: readonly ContentKey[] = [];
let signalled = "";
let bare = "";

before(async () => {
  if (why !== false) return;
  folder = await mkdtemp(join(tmpdir(), "millrace-systems-"));
  const film = await makeFilm(join(folder, "film"), signal);
  keys = await keysOfProvider();
  const { run } = await protect({ keys: "new", out: join(folder, "unused") });
  const pack = async (name: string, ring: readonly ContentKey[]): Promise<string> => {
    const outDir = join(folder, name);
    const protection = { keys: ring, licenceUrl: undefined, run };
    const secondOpinion = await probeFor({ tools, settings, signal });
    await packTitle({ film, titleId: titleId("film"), outDir, signal, protection, secondOpinion });
    return outDir;
  };
  signalled = await pack("signalled", keys);
  bare = await pack(
    "bare",
    keys.map(({ label, kid, key }) => ({ label, kid, key })),
  );
});

after(async () => {
  if (folder !== "") await rm(folder, { recursive: true, force: true });
});

/** By one POST of CPIX, as a control plane asks. */
async function keysOfProvider(): Promise<readonly ContentKey[]> {
  const { url, close } = await openKeyProvider();
  try {
    const all = { widevineUrl: url, playreadyUrl: url, fairplayUrl: url };
    const asking = { ...defaultsOf(licenceSettings), ...all, spekeUrl: url, licenceDeadlineMs: 30_000 };
    return await openProvider(asking).keysFor("film");
  } finally {
    close();
  }
}

const kidOf = (label: KeyLabel): string => keys.find((key) => key.label === label)?.kid ?? "";
const text = (name: string): Promise<string> => readFile(join(signalled, name), "utf8");

function below(element: XmlElement, name: string): readonly XmlElement[] {
  const here = element.children.filter((child) => child.name === name);
  return [...here, ...element.children.flatMap((child) => below(child, name))];
}

test(
  "[PA72] the DASH manifest holds what the provider gave for each representation's key",
  options,
  async () => {
    const reading = readXml(await text("manifest.mpd"));
    assert.ok(reading.kind === "read", JSON.stringify(reading));
    const representations = below(reading.root, "Representation");
    for (const [rendition, label] of labels) {
      const own = representations.find(({ attributes }) => attributes.get("id") === rendition);
      assert.ok(own, rendition);
      const kid = kidOf(label);
      const protections = below(own, "ContentProtection");
      const of = (urn: string): XmlElement | undefined =>
        protections.find(({ attributes }) => attributes.get("schemeIdUri") === urn);
      const dashed = kid.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
      assert.equal(of("urn:mpeg:dash:mp4protection:2011")?.attributes.get("cenc:default_KID"), dashed);
      for (const system of ["widevine", "playready"] as const) {
        const element = of(`urn:uuid:${systemIds[system]}`);
        const [pssh] = element?.children.filter(({ name }) => name === "pssh") ?? [];
        assert.equal(pssh?.namespace, "urn:mpeg:cenc:2013");
        assert.equal(pssh?.text, base64(signals(system, kid).box ?? ""), `${rendition} ${system}`);
      }
      const [pro] =
        of(`urn:uuid:${systemIds.playready}`)?.children.filter(({ name }) => name === "pro") ?? [];
      assert.equal(pro?.namespace, "urn:microsoft:playready");
      assert.ok(signals("playready", kid).dash.includes(`>${pro?.text}<`));
    }
  },
);

test("[PA72] each HLS playlist has each system's address of its own key", options, async () => {
  const master = await text("master.m3u8");
  for (const [rendition, label] of labels) {
    const playlist = await text(`${rendition}.m3u8`);
    const tags = playlist.split("\n").filter((line) => line.startsWith("#EXT-X-KEY:"));
    assert.equal(tags.length, 1 + systems.length);
    for (const system of systems) {
      const { address } = signals(system, kidOf(label));
      const [own, second] = tags.filter((tag) => tag.includes(`URI="${address}"`));
      assert.ok(own !== undefined && second === undefined, `${rendition} ${system}`);
      assert.match(own, /METHOD=SAMPLE-AES/);
      assert.ok(master.includes(`#EXT-X-SESSION-KEY:METHOD=SAMPLE-AES,URI="${address}"`));
    }
    assert.match(playlist, /URI="skd:\/\/[^"]*",KEYFORMAT="com\.apple\.streamingkeydelivery"/);
  }
});

test(
  "[PA73] each init holds the provider's boxes of its own key, behind the common one",
  options,
  async () => {
    for (const [rendition, label] of labels) {
      const read = readProtection(await readFile(join(signalled, rendition, "init.mp4")));
      assert.ok(read.kind === "read");
      const kid = kidOf(label);
      const wanted = (["widevine", "playready"] as const).map((system) =>
        base64(signals(system, kid).box ?? ""),
      );
      assert.deepEqual(read.facts.systemBoxes, wanted, rendition);
      assert.equal(read.facts.kid, kid);
      assert.deepEqual(read.facts.psshKids.toSorted(), labels.map(([, one]) => kidOf(one)).toSorted());
    }
  },
);

test("[PA73] but for what is signalled the package is the one that has ClearKey alone", options, async () => {
  for (const [rendition, label] of labels) {
    const inits = await Promise.all(
      [bare, signalled].map((place) => readFile(join(place, rendition, "init.mp4"))),
    );
    const boxes = ["widevine", "playready"] as const;
    const more = Buffer.concat(boxes.map((system) => signals(system, kidOf(label)).box ?? Buffer.alloc(0)));
    assert.equal(inits[1]?.length, (inits[0]?.length ?? 0) + more.length);
    const segments = await Promise.all(
      [bare, signalled].map((place) => readFile(join(place, rendition, "1.m4s"))),
    );
    assert.ok(segments[0]?.equals(segments[1] ?? Buffer.alloc(0)));
    const read = readProtection(inits[0] ?? Buffer.alloc(0));
    assert.ok(read.kind === "read" && read.facts.systemBoxes.length === 0);
    const key = keys.find((one) => one.label === label)?.key ?? "";
    assert.equal(await frameHashes(signalled, rendition, key), await frameHashes(bare, rendition, key));
  }
  for (const name of ["manifest.mpd", "master.m3u8", "v90-1.m3u8"])
    assert.doesNotMatch(await readFile(join(bare, name), "utf8"), /pssh|skd:|SESSION-KEY/);
});
