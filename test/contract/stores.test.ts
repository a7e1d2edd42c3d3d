// The stores' promises, one suite for every database.
import assert from "node:assert/strict";
import type { LongPaths, PlaySession } from "#data/ports.ts";
import { ord } from "#model/beacon.ts";
import type { Bookmark, SessionSummary } from "#model/playback.ts";
import { seededRandom } from "#units/random.ts";
import {
  account,
  bookmark,
  fresh,
  isFault,
  onEach,
  onEachAndInMemory,
  plan,
  summary,
  title,
} from "./stores-builders.ts";

function play(accountId: string, more: Partial<PlaySession> = {}): Omit<PlaySession, "generation"> {
  const place = { profileId: "p1", titleId: "film", viewpoint: "isp-a", startedAtMs: 1_700_000_000_000 };
  return { id: fresh(), accountId, ...place, ...more };
}

onEach("[DA11] it says what it is and how far it was migrated, and it answers", async (stores) => {
  assert.match(stores.about.engine, /^(PGlite|PostgreSQL|CockroachDB)$/);
  assert.match(stores.about.version, /^\d+\.\d+/);
  assert.ok(stores.about.migrations >= 3);
  await stores.ping();
});

onEach(
  "[DA12] an account is found by id and by email in any case, with its own spelling kept",
  async (stores) => {
    const name = fresh();
    const made = await account(stores, `Ann.${name}@Example.org`);
    assert.deepEqual(await stores.accounts.byEmail(`ANN.${name}@EXAMPLE.ORG`), made);
    assert.deepEqual(await stores.accounts.byId(made.id), made);
    assert.equal(made.email, `Ann.${name}@Example.org`);
    assert.equal(await stores.accounts.byEmail(`bob.${name}@example.org`), undefined);
    assert.equal(await stores.accounts.byId("nobody"), undefined);
    const again = {
      email: `ann.${name}@example.org`,
      passwordHash: "x",
      role: "viewer",
      profileName: "B",
    } as const;
    assert.equal(await stores.accounts.create(again), "email-taken");
    await stores.accounts.setPassword(made.id, "other");
    assert.equal((await stores.accounts.byId(made.id))?.passwordHash, "other");
    await assert.rejects(stores.accounts.setPassword("nobody", "x"), isFault("account-unknown", "nobody"));
  },
);

onEach("[DA12] twenty at once with one email make one account", async (stores) => {
  const email = `${fresh()}@example.org`;
  const order = { email, passwordHash: "x", role: "operator", profileName: "B" } as const;
  const made = await Promise.all(Array.from({ length: 20 }, () => stores.accounts.create(order)));
  assert.equal(made.filter((one) => one === "email-taken").length, 19);
  const found = await stores.accounts.byEmail(email);
  assert.deepEqual(
    made.filter((one) => one !== "email-taken"),
    [found],
  );
});

onEach("[DA31] a token opens until it expires or is revoked; its text is not kept", async (stores) => {
  const { tokens } = stores;
  const [id, hash] = [fresh(), fresh()];
  const token = { id, kind: "worker", name: "box 1", createdAtMs: 5, expiresAtMs: 900 } as const;
  await tokens.add(token, hash);
  assert.deepEqual(await tokens.byHash(hash, 899), token);
  assert.equal(await tokens.byHash(hash, 900), undefined);
  assert.equal(await tokens.byHash(fresh(), 10), undefined);
  await assert.rejects(tokens.add({ ...token, id: fresh() }, hash));
  const lasting = { ...token, id: fresh(), expiresAtMs: undefined };
  const lastingHash = fresh();
  await tokens.add(lasting, lastingHash);
  assert.deepEqual(await tokens.byHash(lastingHash, 2 ** 50), lasting);
  assert.deepEqual((await tokens.all()).filter((one) => [id, lasting.id].includes(one.id)).length, 2);
  await tokens.revoke(lasting.id);
  assert.equal(await tokens.byHash(lastingHash, 10), undefined);
});

onEach(
  "[DA32] an account says what it may do; one that nobody sold anything to may watch",
  async (stores) => {
    const ann = await account(stores);
    assert.deepEqual(ann.entitlement, { standing: "good", screens: 4, maxHeight: 4320 });
    assert.deepEqual(await stores.accounts.byId(ann.id), ann);
    const entitlement = { standing: "none", screens: 1, maxHeight: 480 } as const;
    const order = { email: `${fresh()}@x.org`, passwordHash: "x", role: "admin", profileName: "B" } as const;
    const made = await stores.accounts.create({ ...order, entitlement });
    assert.ok(made !== "email-taken");
    assert.deepEqual((await stores.accounts.byId(made.id))?.entitlement, entitlement);
  },
);

onEach(
  "[DA14] publishing again changes nothing, another package replaces the whole title",
  async (stores) => {
    const { catalog } = stores;
    const id = `film-${fresh()}`;
    const first = title(id);
    await catalog.publish(first);
    assert.deepEqual(await catalog.title(id), first);
    await catalog.publish({ ...first, name: "other", report: {}, publishedAtMs: 5 });
    assert.deepEqual(await catalog.title(id), first);
    const second = title(id, {
      name: "second",
      package: { ...first.package, poster: "q.jpg" },
      report: null,
      publishedAtMs: 1_800_000_000_000,
    });
    await catalog.publish(second);
    assert.deepEqual(await catalog.title(id), second);
    assert.equal(await catalog.title("no-such"), undefined);
    const older = title(`film-${fresh()}`);
    await catalog.publish(older);
    const listed = (await catalog.titles()).map((one) => one.id);
    assert.ok(listed.indexOf(id) < listed.indexOf(older.id), "newest first");
  },
);

onEach("[DA15] plans saved at once get the epochs 1, 2, … without a gap", async (stores) => {
  const { plans } = stores;
  assert.equal(await plans.latest(), undefined);
  const saved = await Promise.all(
    Array.from({ length: 8 }, (_, index) => plans.save(plan(index / 10), index)),
  );
  assert.deepEqual(
    saved.map(({ epoch }) => epoch).toSorted((a, b) => a - b),
    [1, 2, 3, 4, 5, 6, 7, 8],
  );
  const last = saved.findIndex(({ epoch }) => epoch === 8);
  assert.deepEqual(await plans.latest(), { epoch: 8, createdAtMs: last, plan: plan(last / 10) });
  const moved = await plans.moved();
  assert.deepEqual(
    moved.map((one) => one.epoch),
    moved.length === 8 ? [1, 2, 3, 4, 5, 6, 7, 8] : [6, 7, 8],
  );
  const { churnBytes } = plan(last / 10).predicted;
  assert.deepEqual(moved.at(-1), { epoch: 8, createdAtMs: last, churnBytes });
});

onEach("[DA15] popularity is replaced as a whole, also when two replace it at once", async (stores) => {
  const { plans } = stores;
  const rows = (from: number, count: number): { fileId: string; playsPerDay: number }[] =>
    Array.from({ length: count }, (_, index) => ({
      fileId: `t${`${from + index}`.padStart(6, "0")}/v`,
      playsPerDay: index / 7,
    }));
  await plans.setPopularity(rows(0, 2500));
  assert.deepEqual(await plans.popularity(), rows(0, 2500));
  const [left, right] = [rows(0, 40), rows(20, 40)];
  await Promise.all([plans.setPopularity(left), plans.setPopularity(right), plans.setPopularity(left)]);
  const found = JSON.stringify(await plans.popularity());
  assert.ok([JSON.stringify(left), JSON.stringify(right)].includes(found), "one of the lists, not a mixture");
  await plans.setPopularity([]);
  assert.deepEqual(await plans.popularity(), []);
});

onEach(
  "[DA16] plays that start at once take different, rising generations of their account",
  async (stores) => {
    const { playback } = stores;
    const [ann, bob] = [await account(stores), await account(stores)];
    const opened = await Promise.all(Array.from({ length: 30 }, () => playback.open(play(ann.id))));
    assert.deepEqual(
      opened.map((session) => session.generation).toSorted((a, b) => a - b),
      Array.from({ length: 30 }, (_, index) => index + 1),
    );
    assert.equal((await playback.open(play(ann.id))).generation, 31);
    const order = play(bob.id);
    const first = await playback.open(order);
    assert.equal(first.generation, 1, "another account counts for itself");
    assert.deepEqual(await playback.session(first.id), first);
    assert.deepEqual(await playback.open(order), first, "opened again: the same session");
    await assert.rejects(playback.open({ ...order, accountId: ann.id }), isFault("session-taken", order.id));
    await assert.rejects(playback.open({ ...order, titleId: "another" }), isFault("session-taken"));
    await assert.rejects(playback.open(play("nobody")), isFault("account-unknown"));
    assert.equal(await playback.session("no-such"), undefined);
    assert.ok((await playback.open(play(bob.id))).generation > first.generation);
  },
);

onEachAndInMemory(
  "[DA202] [DA331] until when long paths of a session last is kept; many are found at once",
  async (stores) => {
    const { playback } = stores;
    const { id: accountId } = await account(stores);
    const [long, short] = [await playback.open(play(accountId)), await playback.open(play(accountId))];
    const own = async (nowMs: number): Promise<readonly LongPaths[]> =>
      (await playback.longPaths(nowMs)).filter((one) => one.accountId === accountId);
    assert.deepEqual(await own(0), []);
    for (const endMs of [5000, 9000, 7000]) await playback.keepLongPaths(long.id, endMs);
    await playback.keepLongPaths("no-such", 9000);
    const { generation } = long;
    assert.deepEqual(await own(8999), [{ sessionId: long.id, accountId, generation, pathsEndMs: 9000 }]);
    assert.deepEqual(await own(9000), []);
    assert.deepEqual(await playback.session(short.id), short);
    const found = await playback.sessions([long.id, "no-such", short.id, long.id]);
    assert.deepEqual(found.map(({ id }) => id).toSorted(), [long.id, short.id].toSorted());
  },
);

onEach(
  "[DA17] applying is idempotent and the highest wins, in whatever order batches come",
  async (stores) => {
    const { history, playback } = stores;
    const random = seededRandom(7);
    for (let round = 0; round < 6; round++) {
      const [group, profile, s1, s2] = [fresh(), fresh(), fresh(), fresh()];
      const batches = Array.from({ length: 12 }, (_, index) => ({
        group,
        offset: index + 1,
        summaries: [summary(s1, index + 1), summary(s2, 20 - index), summary(s2, 3)],
        bookmarks: [bookmark(profile, "a", ord(2, index)), bookmark(profile, "b", ord(1, 50 - index))],
      }));
      const sent = [...batches, ...batches].map((batch) => ({ batch, key: random.next() }));
      const shuffled = sent.toSorted((a, b) => a.key - b.key).map(({ batch }) => batch);
      await Promise.all(shuffled.map((batch) => playback.apply(batch)));
      assert.equal(await playback.offset(group), 12);
      const found = await playback.summaries([s1, s2, "no-such", s1]);
      assert.deepEqual(bySession(found), bySession([summary(s1, 12), summary(s2, 20)]));
      assert.deepEqual(
        (await history.get({ profileId: profile, titleId: "a" })).bookmark,
        bookmark(profile, "a", ord(2, 11)),
      );
      assert.deepEqual(
        (await history.get({ profileId: profile, titleId: "b" })).bookmark,
        bookmark(profile, "b", ord(1, 50)),
      );
    }
  },
);

function bySession(list: readonly SessionSummary[]): readonly SessionSummary[] {
  return list.toSorted((a, b) => (a.sessionId < b.sessionId ? -1 : 1));
}

onEach("[DA17] a batch that cannot be stored leaves no part of itself behind", async (stores) => {
  const { history, playback } = stores;
  const [group, session, profile] = [fresh(), fresh(), fresh()];
  const impossible: Bookmark = { ...bookmark(profile, "zzz", 9), positionMs: Number.NaN };
  const order = {
    group,
    offset: 5,
    summaries: [summary(session, 1)],
    bookmarks: [bookmark(profile, "a", 1), impossible],
  };
  await assert.rejects(playback.apply(order), isFault("value-refused"));
  assert.equal(await playback.offset(group), 0);
  assert.deepEqual(await playback.summaries([session]), []);
  assert.equal((await history.get({ profileId: profile, titleId: "a" })).bookmark, undefined);
});

onEach("[DA17] thousands of rows in one batch, and the largest ord there is", async (stores) => {
  const { history, playback } = stores;
  const profile = fresh();
  const largest = ord(2 ** 29 - 1, 2 ** 24 - 1);
  const ids = Array.from({ length: 2300 }, (_, index) => `${profile}-${index}`);
  await playback.apply({
    group: profile,
    offset: Number.MAX_SAFE_INTEGER,
    summaries: ids.map((id) => summary(id, 1)),
    bookmarks: ids.map((id) => bookmark(profile, id, largest)),
  });
  assert.equal((await playback.summaries(ids)).length, 2300);
  assert.equal(
    (await history.get({ profileId: profile, titleId: `${profile}-2299` })).bookmark?.ord,
    largest,
  );
  assert.equal(await playback.offset(profile), Number.MAX_SAFE_INTEGER);
  await playback.apply({ group: profile, offset: 1, summaries: [], bookmarks: [] });
  assert.equal(await playback.offset(profile), Number.MAX_SAFE_INTEGER, "an offset never goes back");
});

onEach("[DA18] what resumes is unfinished, newest first, and only the profile's own", async (stores) => {
  const { history, playback } = stores;
  const [ann, bob] = [fresh(), fresh()];
  const bookmarks = [
    bookmark(ann, "old", ord(1, 5)),
    bookmark(ann, "done", ord(2, 5), true),
    bookmark(ann, "new", ord(3, 5)),
    bookmark(bob, "his", ord(9, 9)),
  ];
  await playback.apply({ group: ann, offset: 1, summaries: [], bookmarks });
  const titles = async (limit: number): Promise<readonly string[]> =>
    (await history.continueWatching(ann, limit)).map((one) => one.titleId);
  assert.deepEqual(await titles(10), ["new", "old"]);
  assert.deepEqual(await titles(1), ["new"]);
  assert.deepEqual(await history.continueWatching("nobody", 5), []);
});

onEach(
  "[DA18] plays are counted per title from a moment on, and recent ones come with what is known",
  async (stores) => {
    const { playback } = stores;
    const ann = await account(stores);
    const film = fresh();
    const later = 4_000_000_000_000;
    const open = (startedAtMs: number, titleId = film) =>
      playback.open(play(ann.id, { startedAtMs, titleId }));
    await open(later - 1);
    const [second, third] = [await open(later), await open(later + 1)];
    const other = await open(later + 2, `${film}-2`);
    assert.deepEqual(
      (await playback.playCounts(later)).filter((row) => row.titleId.startsWith(film)),
      [
        { titleId: film, plays: 2 },
        { titleId: `${film}-2`, plays: 1 },
      ],
    );
    await playback.apply({ group: film, offset: 1, summaries: [summary(third.id, 4)], bookmarks: [] });
    assert.deepEqual(await playback.recent(3), [
      { ...other, email: ann.email, summary: undefined },
      { ...third, email: ann.email, summary: summary(third.id, 4) },
      { ...second, email: ann.email, summary: undefined },
    ]);
    const wishes = [{ titleId: film, applianceId: "a1" }, { id: third.id }, { titleId: film, state: "no" }];
    const found = (await Promise.all(wishes.map((wish) => playback.recent(9, wish)))).flat();
    assert.equal(found.map(({ id }) => id).join(), `${third.id},${third.id}`);
  },
);

onEach(
  "[DA23] a text that no database holds is the sender's mistake, quotes and other scripts are not",
  async (stores) => {
    await assert.rejects(stores.accounts.byEmail("a\u0000b"), isFault("value-refused"));
    assert.equal(await stores.accounts.byEmail(`'; drop table account; --${"x".repeat(5000)}`), undefined);
    const odd = await account(stores, `"Ünï'; --\\"${fresh()}@例え.jp`);
    assert.deepEqual(await stores.accounts.byEmail(odd.email), odd);
  },
);

onEach(
  "[DA30] an experiment saved again has its new value, and its sessions are found by their mark",
  async (stores) => {
    const { drills, experiments, playback } = stores;
    const [older, newer] = [fresh(), fresh()];
    await experiments.save({ id: older, createdAtMs: 9e12, value: { state: "created" } });
    await experiments.save({ id: newer, createdAtMs: 9e12 + 1, value: { state: "created" } });
    await experiments.save({ id: older, createdAtMs: 9e12, value: { state: "running", list: [1, null] } });
    assert.deepEqual(await experiments.newest(2), [
      { id: newer, createdAtMs: 9e12 + 1, value: { state: "created" } },
      { id: older, createdAtMs: 9e12, value: { state: "running", list: [1, null] } },
    ]);
    await drills.save({ id: older, createdAtMs: 9e12 + 2, value: {} });
    assert.notEqual((await drills.newest(1))[0]?.id, (await experiments.newest(1))[0]?.id);
    const { id: accountId, profileId } = await account(stores);
    const open = (id: string, startedAtMs: number) =>
      playback.open({ id, accountId, profileId, titleId: "film", viewpoint: "", startedAtMs });
    for (const [name, startedAtMs] of [
      ["b", 2000],
      ["a", 1000],
      ["old", 999],
    ] as const)
      await open(`${newer}.${name}`, startedAtMs);
    await open(`${newer}x${fresh()}`, 2000);
    const found = await playback.marked(`${newer}.`, 1000);
    assert.deepEqual(
      found.map((session) => [session.id, session.summary]),
      [
        [`${newer}.a`, undefined],
        [`${newer}.b`, undefined],
      ],
    );
  },
);

onEach("[DA24] drains are kept until they are taken back, however often each is said", async (stores) => {
  const [a, b] = [fresh(), fresh()];
  for (const id of [b, a, b]) await stores.drains.add(id);
  const mine = async (): Promise<readonly string[]> =>
    (await stores.drains.all()).filter((id) => id === a || id === b);
  assert.deepEqual(await mine(), [a, b].sort());
  await stores.drains.remove(b);
  await stores.drains.remove(b);
  assert.deepEqual(await mine(), [a]);
});

onEach("[ED75] denials are kept until they are taken back; the latest moment counts", async (stores) => {
  const [a, b] = [fresh(), fresh()].sort();
  await stores.denials.add({ kind: "title", id: `${a}`, untilMs: 5 });
  await stores.denials.add({ kind: "session", id: `${b}`, untilMs: 6 });
  await stores.denials.add({ kind: "title", id: `${a}`, untilMs: 7 });
  await stores.denials.remove({ kind: "title", id: `${b}` });
  const mine = (await stores.denials.all()).filter(({ id }) => id === a || id === b);
  assert.deepEqual(mine, [
    { kind: "session", id: b, untilMs: 6 },
    { kind: "title", id: a, untilMs: 7 },
  ]);
  await stores.denials.remove({ kind: "session", id: `${b}` });
  assert.ok((await stores.denials.all()).every(({ id }) => id !== b));
});
