// A title that is ordered encrypted, made by a worker of another process with the real packager: it plays with the keys that the
// control plane keeps, and these are nowhere else.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { encodeFilm } from "#encode/io/encode-film.ts";
import { packTitle } from "#pack/io/pack-title.ts";
import { readProtection } from "#pack/protected-init.ts";
import { titleId } from "#units/id.ts";
import { client } from "./control-client.ts";
import { operator } from "./control-plane.ts";
import { options, order, signal } from "./encode-run.ts";
import { addMaster, type JobRig, openJobs, shortFilm } from "./job-rig.ts";
import { filesIn, frameHashes, holdsKey } from "./protect-rig.ts";

let home = "";
let rig: JobRig | undefined;

before(async () => {
  home = await mkdtemp(join(tmpdir(), "millrace-job-encrypt-"));
});

after(async () => {
  await rig?.close();
  await rm(home, { recursive: true, force: true });
});

const about = { effort: "draft", heights: [96, 144], audio: "aac128" } as const;

test(
  "[PB64] a title ordered encrypted is made by workers, opens with the kept keys alone, and leaves them nowhere",
  options,
  async () => {
    const film = await shortFilm(home);
    rig = await openJobs(home);
    await addMaster(rig, "m1", film);
    const { stores } = rig.plane;
    const operate = client(rig.control().url);
    await operate.signIn(operator.email, operator.password);
    const body = { masterId: "m1", name: "Film", ...about, encrypt: true };
    const id = String(Object((await operate.post("/v1/ops/jobs", body)).body).titleId);
    const worker = rig.worker("w1", ["--once"]);
    let said = "";
    worker.stderr?.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    await once(worker, "close");
    while (!(await stores.jobs.runsOf(id)).every(({ isOpen }) => !isOpen))
      await new Promise((resolve) => setTimeout(resolve, 50));

    const made = await stores.catalog.title(id);
    assert.ok(made !== undefined, said);
    const keys = await rig.control().keysToPack(id);
    const place = join(home, "origin/v", id);
    const alone = await encodeFilm(order(film, join(home, "alone"), { heights: about.heights }));
    const clear = join(home, "alone-package");
    await packTitle({ film: alone.film, titleId: titleId("alone"), outDir: clear, signal });
    const { tracks = [] } = made.package.protection ?? {};
    const media = made.package.renditions.filter(({ kind }) => kind !== "index").map((one) => one.id);
    assert.deepEqual(tracks.map(({ rendition }) => rendition).sort(), media.toSorted());
    for (const { rendition, label, kid } of tracks) {
      const own = keys.find((key) => key.kid === kid && key.label === label);
      assert.ok(own !== undefined, rendition);
      const read = readProtection(await readFile(join(place, rendition, "init.mp4")));
      assert.ok(read.kind === "read" && read.facts.kid === kid);
      if (rendition.startsWith("v")) {
        const wanted = await frameHashes(clear, rendition);
        assert.equal(await frameHashes(place, rendition, own.key), wanted, rendition);
        assert.notEqual(await frameHashes(place, rendition), wanted);
      }
    }

    assert.match(said, /encrypts titles/);
    assert.ok(!holdsKey(Buffer.from(said), keys), "no key in what a worker says");
    const folders = ["results", "workers", "origin"].map((name) => join(home, name));
    const files = (await Promise.all(folders.map(filesIn))).flat();
    assert.ok(files.length > 20);
    for (const file of files) assert.ok(!holdsKey(await readFile(file), keys), file);
  },
);

test(
  "[PB43] over a line that others could read a worker takes no titles that need keys, and says so",
  options,
  async () => {
    const tokenFile = join(home, "any-token");
    await writeFile(tokenFile, "token");
    // TEST-NET-1: nobody answers there. Source: RFC 5737.
    const argv = [
      "src/bin/millrace.ts",
      "worker",
      "--control",
      "http://192.0.2.1:8080",
      "--token-file",
      tokenFile,
    ];
    const env = { ...process.env, MILLRACE_HOME: join(home, "far"), MILLRACE_CHROMIUM: "/bin/true" };
    const child = spawn(process.execPath, argv, { env, stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    for await (const text of child.stderr.setEncoding("utf8")) {
      said += text;
      if (/encrypts/.test(said)) break;
    }
    child.kill("SIGKILL");
    assert.match(said, /encrypts no titles: http:\/\/192\.0\.2\.1:8080 would send their keys in the clear/);
  },
);
