// Real pieces packaged clear and encrypted, then decrypted again by ffmpeg: a second opinion on every promise.
import assert from "node:assert/strict";
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as rest } from "node:timers/promises";
import { keyFileBeside } from "#bin/protect.ts";
import type { EncodedFilm } from "#model/encoded.ts";
import type { TitlePackage } from "#model/package.ts";
import { readSegment } from "#pack/fragment.ts";
import { readInit } from "#pack/init.ts";
import { packTitle } from "#pack/io/pack-title.ts";
import type { ProtectionOrder } from "#pack/io/shaka-packager.ts";
import { readProtection } from "#pack/protected-init.ts";
import { keyFor } from "#pack/protection.ts";
import { Fault } from "#units/fault.ts";
import { titleId } from "#units/id.ts";
import { options, signal, why } from "./encode-run.ts";
import { makeFilm, plan } from "./protect-film.ts";
import { filesIn, formsOf, frameHashes, hashes, holdsKey, protect, segmentsOf } from "./protect-rig.ts";

const labels = [
  ["v90-1", "SD"],
  ["v720-1", "HD"],
  ["audio", "AUDIO"],
] as const;
const id = titleId("protected");

let folder = "";
let film: EncodedFilm;
let clear = "";
let encrypted = "";
let packed: TitlePackage;
let keyFile = "";
let elsewhere = "";
let protection: ProtectionOrder;

before(async () => {
  if (why !== false) return;
  folder = await mkdtemp(join(tmpdir(), "millrace-protect-"));
  film = await makeFilm(join(folder, "film"), signal);
  clear = join(folder, "store/clear");
  encrypted = join(folder, "store/encrypted");
  elsewhere = join(folder, "elsewhere");
  keyFile = keyFileBeside(join(folder, "out"));
  protection = await protect({ keys: "new", out: join(folder, "out") });
  await packTitle({ film, titleId: id, outDir: clear, signal });
  packed = await pack(encrypted, { ...protection, licenceUrl: "/licence" });
});

after(async () => {
  if (folder !== "") await rm(folder, { recursive: true, force: true });
});

function pack(outDir: string, order: ProtectionOrder): Promise<TitlePackage> {
  return packTitle({ film, titleId: id, outDir, signal, protection: order });
}

test(
  "[PA37] decrypted by ffmpeg, every rendition has the times and frames of the clear one",
  options,
  async () => {
    for (const [rendition, label] of labels) {
      const { key } = keyFor(protection.keys, label);
      const wanted = await frameHashes(clear, rendition);
      assert.ok(wanted.split("\n").length > 100, `${rendition} is decoded at all`);
      assert.equal(await frameHashes(encrypted, rendition, key), wanted, rendition);
      assert.notEqual(
        await frameHashes(encrypted, rendition),
        wanted,
        `${rendition} is not to be had without its key`,
      );
      const another = label === "SD" ? "HD" : "SD";
      assert.notEqual(await frameHashes(encrypted, rendition, keyFor(protection.keys, another).key), wanted);
    }
  },
);

test(
  "[PA37] names, one init, boundaries, times, numbers and sizes of samples are those of the clear package",
  options,
  async () => {
    const names = (root: string, files: readonly string[]): string[] =>
      files.map((file) => file.slice(root.length));
    assert.deepEqual(names(encrypted, await filesIn(encrypted)), names(clear, await filesIn(clear)));
    for (const [rendition] of labels) {
      const facts = await Promise.all(
        [clear, encrypted].map(async (outDir) => {
          const init = readInit(await readFile(join(outDir, rendition, "init.mp4")));
          assert.ok(init.kind === "read");
          const segments = await Promise.all(
            (await segmentsOf(outDir, rendition)).map(async (name) => {
              const read = readSegment(await readFile(join(outDir, rendition, name)), init.init);
              assert.ok(read.kind === "read");
              return read.fragments.map(({ data, ...rest }) => ({ ...rest, bytes: data.length }));
            }),
          );
          return { init: init.init, segments };
        }),
      );
      assert.deepEqual(facts[1], facts[0]);
      if (rendition !== "audio") assert.equal(facts[0]?.segments.length, plan.boundaries.length);
      const lengths = await Promise.all(
        [clear, encrypted].map(async (outDir) => {
          const text = await readFile(join(outDir, `${rendition}.m3u8`), "utf8");
          return text.match(/#EXTINF:.*/g);
        }),
      );
      assert.deepEqual(lengths[1], lengths[0]);
    }
  },
);

test(
  "[PA38] [PA39] each init says cbcs, its pattern, its own KID and IV, and lists all KIDs of the title",
  options,
  async () => {
    const kids = labels.map(([, label]) => keyFor(protection.keys, label).kid).toSorted();
    const ivs = new Set<string>();
    for (const [rendition, label] of labels) {
      const read = readProtection(await readFile(join(encrypted, rendition, "init.mp4")));
      assert.ok(read.kind === "read");
      const { iv, psshKids, ...facts } = read.facts;
      const pattern = rendition === "audio" ? [0, 0] : [1, 9];
      assert.deepEqual(facts, {
        systemBoxes: [],
        scheme: "cbcs",
        kid: keyFor(protection.keys, label).kid,
        pattern,
      });
      assert.deepEqual(psshKids.toSorted(), kids);
      ivs.add(iv);
    }
    assert.equal(ivs.size, labels.length);
  },
);

test("[PA38] the same film and keys give the same bytes; other keys give others", options, async () => {
  const again = join(folder, "store/again");
  await pack(again, { ...protection, licenceUrl: "/licence" });
  assert.deepEqual(await hashes(again), await hashes(encrypted));
  const fresh = await protect({ keys: "new", out: join(folder, "other") });
  await pack(again, fresh);
  const [before, now] = [await hashes(encrypted), await hashes(again)];
  const same = now.filter((row) => before.includes(row)).map((row) => row.split(" ")[0]);
  assert.deepEqual(
    same.filter((name) => /\.(m4s|mp4)$/.test(name ?? "")),
    [],
  );
  assert.ok(same.includes("/poster.jpg"));
});

test("[PA36] no published file holds a key, in bytes, hex or base64", options, async () => {
  const planted = Buffer.concat([
    Buffer.from("xx"),
    formsOf(keyFor(protection.keys, "HD"))[4] ?? Buffer.alloc(0),
  ]);
  assert.ok(holdsKey(planted, protection.keys), "the search finds a key that is there");
  for (const file of await filesIn(encrypted)) {
    assert.ok(!holdsKey(await readFile(file), protection.keys), file);
  }
});

test(
  "[PA40] the package says scheme, label and kid of each rendition, and of a clear one nothing",
  options,
  async () => {
    const tracks = labels.map(([rendition, label]) => ({
      rendition,
      label,
      kid: keyFor(protection.keys, label).kid,
    }));
    assert.equal(packed.protection?.scheme, "cbcs");
    const byRendition = (list: readonly { readonly rendition: string }[]) =>
      list.toSorted((a, b) => (a.rendition < b.rendition ? -1 : 1));
    assert.deepEqual(byRendition(packed.protection?.tracks ?? []), byRendition(tracks));
    const plain = await packTitle({ film, titleId: id, outDir: join(folder, "store/plain"), signal });
    assert.equal(plain.protection, undefined);
    assert.ok(!holdsKey(Buffer.from(JSON.stringify(packed)), protection.keys));
  },
);

test(
  "[PA40] the manifests name the KIDs, the licence address where there is one, and no identity",
  options,
  async () => {
    const mpd = await readFile(join(encrypted, "manifest.mpd"), "utf8");
    for (const [rendition, label] of labels) {
      const { kid } = keyFor(protection.keys, label);
      const dashed = kid.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
      const representation = new RegExp(`<Representation id="${rendition}"[\\s\\S]*?</Representation>`).exec(
        mpd,
      )?.[0];
      assert.match(representation ?? "", new RegExp(`cenc:default_KID="${dashed}"`));
      const playlist = await readFile(join(encrypted, `${rendition}.m3u8`), "utf8");
      assert.match(
        playlist,
        new RegExp(`#EXT-X-KEY:METHOD=SAMPLE-AES,.*KEYID=0x${kid},KEYFORMAT="org.w3.clearkey"`),
      );
      assert.doesNotMatch(playlist, /identity/);
    }
    assert.equal(mpd.match(/<dashif:Laurl [^>]*>\/licence</g)?.length, labels.length);
  },
);

/** A packager that says its version, and for the rest does what `script` says. */
async function otherPackager(name: string, script: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, `#!/bin/sh\n[ "$1" = --version ] && echo 3.4.2 && exit 0\n${script}\n`);
  await chmod(path, 0o755);
  return path;
}

test("[PA36] while the packager runs, no command line on the machine shows a key", options, async () => {
  const packager = await otherPackager(
    "slow.sh",
    "echo here > started\nwhile [ ! -e go ]; do sleep 0.1; done\nexit 1",
  );
  const slow = await protect({
    keys: keyFile,
    packager,
    out: elsewhere,
  });
  const outDir = join(folder, "store/slow");
  const running = pack(outDir, slow).then(
    () => "published",
    (error: unknown) => error,
  );
  const scratch = await scratchOf("slow");
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/cmdline`).catch(() => Buffer.alloc(0))),
  );
  assert.ok(
    lines.some((line) => line.includes("--fromenv=keys")),
    "the packager runs",
  );
  assert.ok(!lines.some((line) => holdsKey(line, protection.keys)));
  await writeFile(join(scratch, "go"), "");
  const fault = await running;
  assert.ok(fault instanceof Fault && fault.code === "pack-packager-failed", String(fault));
});

/** The folder in which the packager of `store/<name>` stands, once it runs. */
async function scratchOf(name: string): Promise<string> {
  const deadline = AbortSignal.timeout(60_000);
  while (!deadline.aborted) {
    const folders = await readdir(join(folder, "store"));
    const found = folders.find((each) => each.startsWith(`${name}.packing-`));
    const scratch = join(folder, "store", found ?? "none", ".encrypting");
    if (await stat(join(scratch, "started")).catch(() => undefined)) return scratch;
    await rest(50);
  }
  throw new Error("the packager never started");
}

test(
  "[PA36] [PA41] a packager that fails is a fault without keys, and the older package stays",
  options,
  async () => {
    const outDir = join(folder, "store/kept");
    await pack(outDir, protection);
    const before = await hashes(outDir);
    const cases = [
      [
        "talks.sh",
        'echo "bad $FLAGS_keys" >&2; exit 3',
        "pack-packager-failed",
        /v90-1.*bad label=SD:.*millrace doctor/,
      ],
      [
        "cut.sh",
        'for n in 1 2 3 4 5 6 7 8 9; do printf %s "$FLAGS_keys" >&2; done; exit 3',
        "pack-packager-failed",
        /v90-1.*key=\(hex\),label=/,
      ],
      ["empty.sh", "exit 0", "pack-unsound", /v90-1.*no sinf/],
    ] as const;
    for (const [name, script, code, words] of cases) {
      const keys = keyFile;
      const broken = await protect({
        keys,
        packager: await otherPackager(name, script),
        out: elsewhere,
      });
      await assert.rejects(pack(outDir, broken), (error) => {
        assert.ok(error instanceof Fault, String(error));
        assert.equal(error.code, code, error.message);
        assert.match(error.message, words);
        const told = Buffer.from(`${error.stack} ${JSON.stringify(error.facts)} ${error.cause}`);
        assert.ok(!holdsKey(told, protection.keys), "the fault holds a key");
        const pieces = protection.keys.flatMap(({ key }) =>
          Array.from({ length: 25 }, (_, at) => key.slice(at, at + 8)),
        );
        assert.ok(!pieces.some((piece) => told.includes(piece)), "the fault holds a piece of a key");
        return true;
      });
      assert.deepEqual(await hashes(outDir), before);
    }
    const left = (await readdir(join(folder, "store"))).filter((name) => name.startsWith("kept."));
    assert.deepEqual(left, []);
    const keys = keyFile;
    await assert.rejects(protect({ keys, packager: join(folder, "nowhere"), out: elsewhere }), {
      code: "pack-packager-missing",
      message: /nowhere does not run here.*npm ci.*MILLRACE_SHAKA_PACKAGER/,
    });
  },
);
