// The same package with one track of subtitles more, as an operator adds it later: a copy, and its manifests.
import assert from "node:assert/strict";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import type { TitlePackage } from "#model/package.ts";
import { readManifests, writeRevision } from "#pack/io/revise-title.ts";
import { revise } from "#pack/revision.ts";
import { sha256 } from "#test/fixtures/packed-index.ts";
import { signal } from "./pack-rig.ts";

export async function laterVersion(made: {
  readonly title: TitlePackage;
  readonly outDir: string;
}): Promise<{ readonly dash: string; readonly hls: string }> {
  const { title, outDir } = made;
  const folder = `${outDir}-later`;
  await cp(outDir, folder, { recursive: true });
  const track = { language: "fr", name: "Français", isForced: false };
  const text = "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nBonjour\n";
  const change = { kind: "put", track, text } as const;
  const manifests = await readManifests(folder, title);
  const revised = revise({ title, manifests, change, nowMs: 0, keepMs: 1000, digest: sha256 });
  assert.ok(revised.kind === "revised");
  await writeRevision(folder, revised.files, signal);
  return { dash: join(folder, revised.title.dash), hls: join(folder, revised.title.hls) };
}
