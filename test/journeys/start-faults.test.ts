// What goes wrong at a start: killed in the middle of encoding, taken ports, missing programs, films that are none.
import assert from "node:assert/strict";
import { readdir, readFile, stat, truncate, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { after, before, type TestContext, test } from "node:test";
import { signalTo } from "#edge/io/nginx-process.ts";
import { type Home, homeFor, missing, openHome, type Run, telling, tinyFilm, until } from "./start-rig.ts";

const skip = missing;
let home: Home;
let film = "";

before(async () => {
  home = await openHome();
  if (missing === false) film = await tinyFilm(home.path("a-tiny-film.mp4"));
});

after(() => home.close());

test(
  "[BI3] killed in the sample and in its trials: no encoder goes on, finished trials are reused",
  { skip },
  () =>
    telling(home, async () => {
      const drawing = home.start([]);
      await heldStill("millrace-sample");
      assert.equal(await drawing.end("SIGKILL"), "SIGKILL");
      await noEncoders();
      await assert.rejects(stat(home.path("sample/millrace-sample.mp4")), { code: "ENOENT" });

      const oneByOne = { MILLRACE_ENCODE_JOBS: "1" };
      const killed = home.start([film], oneByOne);
      await trialsDone(killed, 2);
      await heldStill(home.folder);
      assert.equal(await killed.end("SIGKILL"), "SIGKILL");
      await noEncoders();

      const stopped = home.start([film], oneByOne);
      await trialsDone(stopped, 4);
      assert.equal(await stopped.end("SIGINT"), 130);
      await home.isQuiet();

      const whole = home.start([film]);
      const [, total = 0, reused = 0] = await whole.until(
        /(\d+) whole-film encodes scored per shot · (\d+) reused/,
      );
      assert.ok(Number(reused) >= 4 && Number(reused) < Number(total), `${reused} of ${total}`);
      await whole.until(/sign in with/);
      assert.equal(await whole.end("SIGINT"), 0);
      await home.isQuiet();
      assert.deepEqual(await readdir(home.path("work/scratch")), []);
    }),
);

test(
  "[BI5] a taken port of the page or of the origin ends the start, and names holder and option",
  { skip },
  (t) =>
    telling(home, async () => {
      const [host = "", port = ""] = home.origin.split(":");
      const taken = [
        { host: "127.0.0.1", port: home.port, option: "--port" },
        { host, port: Number(port), option: "--origin" },
      ];
      for (const { option, ...place } of taken) {
        const release = await occupy(t, place);
        const run = home.start([film]);
        assert.equal(await run.over(120_000), 1);
        assert.match(
          run.said(),
          new RegExp(`${place.host}:${place.port} is already in use by node \\(pid ${process.pid}\\)`),
        );
        assert.match(run.said(), new RegExp(`with ${option}\\.`));
        await release();
        await home.isQuiet();
      }
    }),
);

test(
  "[BI5] an appliance without its port is named on the fill line, and the river goes on without it",
  { skip },
  (t) =>
    telling(home, async () => {
      const [host = "", port = ""] = (home.appliances()[0]?.listen ?? "").split(":");
      await occupy(t, { host, port: Number(port) });
      const run = home.start([film]);
      await run.until(/sign in with/);
      const holder = `${host}:${port} is already in use by node \\(pid ${process.pid}\\)`;
      assert.match(run.said(), new RegExp(`fill .*files verified.*flash-a1: .*${holder}.*✗`));
      assert.match(run.said(), /In Birch Telecom → flash-b1/);
      assert.match(await readFile(home.path("appliances/flash-a1/agent.log"), "utf8"), new RegExp(holder));
      assert.equal(await run.end("SIGINT"), 0);
      await home.isQuiet();
    }),
);

test("[BI6] without nginx, ffmpeg or the film it ends at once, before it opens anything", {
  skip,
}, async (t) => {
  const empty = await homeFor(t);
  await telling(empty, async () => {
    const wanting: readonly {
      words: readonly string[];
      environment: Record<string, string>;
      says: RegExp;
    }[] = [
      {
        words: [],
        environment: { MILLRACE_NGINX: "/gone/nginx" },
        says: /nginx was not found.*apt-get install nginx/,
      },
      {
        words: [],
        environment: { MILLRACE_FFMPEG: "/gone/ffmpeg" },
        says: /ffmpeg is missing.*apt-get install -y ffmpeg/,
      },
      {
        words: ["/gone/film.mp4"],
        environment: {},
        says: /\/gone\/film\.mp4 cannot be opened: .*no such file/,
      },
      { words: [empty.folder], environment: {}, says: /cannot be opened: it is not a file/ },
    ];
    for (const { words, environment, says } of wanting) {
      const run = empty.start(words, environment);
      assert.equal(await run.over(120_000), 1, says.source);
      assert.match(run.said(), says);
      assert.doesNotMatch(run.said(), /database|^\s+at /m);
    }
    await empty.isQuiet();
    assert.equal((await readdir(empty.folder)).includes("db"), false);
  });
});

test("[BI9] wrong and unknown settings are told all at once, before anything is opened", { skip }, () =>
  telling(home, async () => {
    const wrong = { MILLRACE_ENCODE_JOBS: "many", MILLRACE_EDGE_WORKERS: "-1", MILLRACE_HOMES: "here" };
    const run = home.start([film], wrong);
    assert.equal(await run.over(120_000), 2);
    for (const name of Object.keys(wrong)) assert.match(run.said(), new RegExp(`${name}\\b`));
    assert.doesNotMatch(run.said(), /database|^\s+at /m);
    await home.isQuiet();
  }),
);

test(
  "[BI6] text, a film cut off and one without its index end it with 1 and leave no half title",
  { skip },
  () =>
    telling(home, async () => {
      const text = home.path("words.mp4");
      await writeFile(text, "This is a letter, and no film.\n".repeat(200));
      const cut = await tinyFilm(home.path("cut.mp4"));
      await truncate(cut, Math.floor((await stat(cut)).size * 0.6));
      const headless = home.path("headless.mp4");
      await writeFile(headless, withoutIndex(await readFile(film)));
      const bad = [
        { path: text, says: /words\.mp4 is not a film: wanted MP4/ },
        { path: cut, says: /cut\.mp4 is (cut off|damaged)/ },
        { path: headless, says: /headless\.mp4 is cut off: its index/ },
      ];
      for (const { path, says } of bad) {
        const run = home.start([path]);
        assert.equal(await run.over(120_000), 1, path);
        assert.match(run.said(), says);
        assert.doesNotMatch(run.said(), /^\s+at /m, "a stack is no sentence");
        await home.isQuiet();
      }
      const good = home.start([film]);
      await good.until(/sign in with/);
      const titles = await readdir(home.path("origin/v"));
      assert.equal(titles.length, 1, titles.join());
      assert.equal(await good.end("SIGINT"), 0);
      const again = home.start([film]);
      await again.until(/· 1 titles ·/);
      const how = await again.end("SIGINT");
      assert.ok(how === 130 || how === 0, `stopped on its way or when it was ready, not ${how}`);
      await home.isQuiet();
    }),
);

/** Stops an ffmpeg that works on `word`, so that it cannot end by itself: if it is gone later, it was ended. */
async function heldStill(word: string): Promise<void> {
  await until(`an ffmpeg at work on ${word}, stopped`, 120_000, async () => {
    const all = await home.processes();
    const found = all.find(({ line }) => /^\S*ffmpeg\S* /.test(line) && line.includes(word));
    if (found === undefined) return undefined;
    signalTo(found.pid, "SIGSTOP");
    const status = await readFile(`/proc/${found.pid}/status`, "utf8").catch(() => "");
    return /^State:\s+T/m.test(status) ? true : undefined;
  });
}

async function noEncoders(): Promise<void> {
  await until("the end of every encoder", 30_000, async () => {
    const lines = (await home.processes()).map(({ line }) => line);
    return lines.some((line) => /ff(mpeg|probe)/.test(line)) ? undefined : true;
  });
}

/** Waits until so many trials are done, while others are still to come. */
async function trialsDone(run: Run, least: number): Promise<void> {
  await until(`${least} trials`, 240_000, async () => {
    const done = await readdir(home.path("work/trials")).catch(() => []);
    return done.filter((name) => name.endsWith(".json")).length >= least ? true : undefined;
  });
  assert.doesNotMatch(run.said(), /encodes scored/, "the trials were over too soon");
}

/** Listens there as some other program would. */
async function occupy(
  t: TestContext,
  place: { readonly host: string; readonly port: number },
): Promise<() => Promise<void>> {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((listening) => server.listen(place, listening));
  const release = (): Promise<void> => new Promise((closed) => server.close(() => closed()));
  t.after(release);
  return release;
}

/** The index renamed to a box that readers pass over: as good as none, like a recording that was never finished. */
function withoutIndex(bytes: Buffer): Buffer {
  const at = bytes.indexOf("moov");
  assert.ok(at > 0);
  return Buffer.concat([bytes.subarray(0, at), Buffer.from("skip"), bytes.subarray(at + 4)]);
}
