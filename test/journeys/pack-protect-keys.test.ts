// Key files, and `millrace encode --encrypt` and `--ts` as an operator runs them: refused early, killed, and run to the end.
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmod, mkdir, mkdtemp, open, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { keyFileBeside } from "#bin/protect.ts";
import { keyLabels } from "#model/content-key.ts";
import { Fault } from "#units/fault.ts";
import { contentKeys } from "#wire/content-keys.ts";
import { goodFilm } from "./encode-films.ts";
import { ended, isGone, nextTick, options, why } from "./encode-run.ts";
import { filesIn, holdsKey, protect } from "./protect-rig.ts";

let folder = "";

before(async () => {
  if (why === false) folder = await mkdtemp(join(tmpdir(), "millrace-keys-"));
});

after(async () => {
  if (folder !== "") await rm(folder, { recursive: true, force: true });
});

test("[PA35] fresh keys are for their owner alone, random, and never replace a file", options, async () => {
  const out = join(folder, "fresh");
  const { keys } = await protect({ keys: "new", out });
  const path = keyFileBeside(out);
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  assert.deepEqual(
    keys.map((one) => one.label),
    keyLabels,
  );
  const read = await protect({ keys: path, out });
  assert.deepEqual(read.keys, keys);
  const held = await readFile(path, "utf8");
  await assert.rejects(protect({ keys: "new", out }), { code: "pack-keys-unfit", message: /already there/ });
  assert.equal(await readFile(path, "utf8"), held);
  const more = await protect({ keys: "new", out: join(folder, "more") });
  const values = [...keys, ...more.keys].flatMap(({ kid, key }) => [kid, key]);
  assert.equal(new Set(values).size, 16);
});

test(
  "[PA35] a key file that will not do is refused in words, and the words hold no value of it",
  options,
  async () => {
    const hex = (): string => randomBytes(16).toString("hex");
    const good = keyLabels.map((label) => ({ label, kid: hex(), key: hex() }));
    const [sd, ...rest] = good;
    assert.ok(sd);
    const [hd] = rest;
    const out = join(folder, "published");
    await mkdir(out);
    const cases: [string, unknown, number, RegExp][] = [
      ["open", { keys: good }, 0o640, /mode is 0640.*chmod 600/],
      ["world", { keys: good }, 0o604, /mode is 0604/],
      ["list", good, 0o600, /\(top\): wanted \{keys/],
      ["word", { keys: "none" }, 0o600, /keys: wanted a list/],
      [
        "short",
        { keys: [{ ...sd, key: sd.key.slice(1) }, ...rest] },
        0o600,
        /keys\.0\.key: wanted 32 hex digits/,
      ],
      [
        "long",
        { keys: [{ ...sd, kid: `${sd.kid}00` }, ...rest] },
        0o600,
        /keys\.0\.kid: wanted 32 hex digits/,
      ],
      ["letters", { keys: [{ ...sd, key: `${sd.key.slice(2)}zz` }, ...rest] }, 0o600, /keys\.0\.key/],
      ["number", { keys: [{ ...sd, key: 7 }, ...rest] }, 0o600, /keys\.0\.key/],
      ["label", { keys: [{ ...sd, label: sd.key }, ...rest] }, 0o600, /keys\.0\.label: wanted SD, HD/],
      ["twice", { keys: [sd, ...good] }, 0o600, /label SD is there twice/],
      ["missing", { keys: rest }, 0o600, /no key for SD/],
      ["kid", { keys: [{ ...sd, kid: hd?.kid }, ...rest] }, 0o600, /same kid/],
      ["key", { keys: [{ ...sd, key: hd?.key }, ...rest] }, 0o600, /same key/],
      ["named", { keys: { [sd.key]: sd.kid } }, 0o600, /keys: wanted a list/],
    ];
    const refused = async (keys: string, words: RegExp): Promise<void> => {
      await assert.rejects(protect({ keys, out }), (error) => {
        assert.ok(error instanceof Fault && error.code === "pack-keys-unfit", String(error));
        assert.match(error.message, words);
        assert.ok(!holdsKey(Buffer.from(`${error.message} ${error.cause}`), good), error.message);
        return true;
      });
    };
    for (const [name, content, mode, words] of cases) {
      const path = join(folder, `${name}.json`);
      await writeFile(path, JSON.stringify(content), { mode });
      await chmod(path, mode);
      await refused(path, words);
    }
    const torn = join(folder, "torn.json");
    await writeFile(torn, JSON.stringify({ keys: good }).slice(0, -4), { mode: 0o600 });
    await refused(torn, /it is not JSON/);
    await writeFile(torn, `{"keys": ${sd.key}`, { mode: 0o600 });
    await refused(torn, /it is not JSON/);
    await refused(join(folder, "nowhere.json"), /ENOENT|no such file/);
    await refused(folder, /not a file/);
    const inside = join(out, "keys.json");
    await writeFile(inside, JSON.stringify({ keys: good }), { mode: 0o600 });
    await refused(inside, /lies in .*gets published/);
    const huge = await open(join(folder, "huge.json"), "w", 0o600);
    await huge.truncate(1 << 20);
    await huge.close();
    await refused(join(folder, "huge.json"), /at most 65536/);
  },
);

function command(args: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcess {
  const stdio: ["ignore", "pipe", "pipe"] = ["ignore", "pipe", "pipe"];
  return spawn(process.execPath, ["src/bin/millrace.ts", "encode", ...args], {
    stdio,
    env: { ...process.env, ...env },
  });
}

test(
  "[PA35] [PA44] the command refuses what does not go together, and bad keys, before any work",
  options,
  async () => {
    const film = await goodFilm(folder, "refused.mp4");
    const out = join(folder, "refused");
    const cases: [readonly string[], number, RegExp][] = [
      [["--encrypt", "new", "--ts"], 2, /--ts: its chunks would be a clear copy/],
      [["--licence-url", "https://host/x"], 2, /--licence-url: it goes with --encrypt/],
      [["--encrypt", join(folder, "nowhere.json")], 1, /\[pack-keys-unfit\]/],
    ];
    for (const [args, status, words] of cases) {
      const done = await ended(command([film, "--out", out, ...args]));
      assert.equal(done.status, status, done.stderr);
      assert.match(done.stderr, words);
      await assert.rejects(stat(out), { code: "ENOENT" });
    }
    const missing = { MILLRACE_SHAKA_PACKAGER: join(folder, "nowhere") };
    const done = await ended(command([film, "--out", out, "--encrypt", "new"], missing));
    assert.equal(done.status, 1);
    assert.match(done.stderr, /\[pack-packager-missing\]/);
    await assert.rejects(stat(keyFileBeside(out)), { code: "ENOENT" }, "no keys were made for nothing");
  },
);

test(
  "[PA36] [PA41] killed while it encrypts, a run leaves no key and no package; the next one finishes",
  options,
  async () => {
    const film = await goodFilm(folder, "film.mp4");
    const out = join(folder, "out");
    const packager = join(folder, "stuck.sh");
    const wait =
      '[ "$1" = --version ] && echo 3.4.2 && exit 0\necho here > started\nwhile :; do sleep 0.1; done';
    await writeFile(packager, `#!/bin/sh\n${wait}\n`);
    await chmod(packager, 0o755);
    const common = [film, "--out", out, "--effort", "draft", "--heights", "90,180", "--json"];
    const child = command([...common, "--encrypt", "new"], { MILLRACE_SHAKA_PACKAGER: packager });
    const killed = ended(child);
    while (!(await filesIn(out).catch(() => [])).some((path) => path.endsWith("/.encrypting/started")))
      await nextTick(child);
    child.kill("SIGKILL");
    await killed;
    await isGone(packager);
    const { keys } = contentKeys.parse(JSON.parse(await readFile(keyFileBeside(out), "utf8")));
    await assertNoKey(out, keys);
    await assert.rejects(stat(join(out, "package")), { code: "ENOENT" });

    const done = await ended(
      command([...common, "--encrypt", keyFileBeside(out), "--licence-url", "https://host/key"]),
    );
    assert.equal(done.status, 0, done.stderr);
    assert.ok(!holdsKey(Buffer.from(done.stdout + done.stderr), keys));
    assert.match(done.stderr, /\.work is the film in the clear/);
    await assert.rejects(stat(join(out, "work")), { code: "ENOENT" }, "no clear film in what is published");
    await assertNoKey(out, keys);
    assert.deepEqual(
      (await readdir(out)).filter((name) => name.includes("packing")),
      [],
    );
    const manifest = await readFile(join(out, "dash/manifest.mpd"), "utf8");
    assert.match(manifest, /default_KID.*[\s\S]*<dashif:Laurl [^>]*>https:\/\/host\/key</);

    const clear = await ended(command([...common, "--ts"]));
    assert.equal(clear.status, 0, clear.stderr);
    assert.match(await readFile(join(out, "package/ts/master.m3u8"), "utf8"), /#EXT-X-STREAM-INF/);
    assert.doesNotMatch(await readFile(join(out, "dash/manifest.mpd"), "utf8"), /ContentProtection/);
  },
);

/** Neither in what is published nor in the work beside it. */
async function assertNoKey(out: string, keys: Parameters<typeof holdsKey>[1]): Promise<void> {
  const files = [...(await filesIn(out)), ...(await filesIn(`${out}.work`))];
  assert.ok(files.length > 10);
  for (const file of files) assert.ok(!holdsKey(await readFile(file), keys), file);
}
