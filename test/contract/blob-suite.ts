// The promises of a blob store, for every one there is.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { keyComplaint } from "#data/blob-key.ts";
import type { BlobHead, BlobRange, BlobStore } from "#data/ports-blob.ts";
import { isFault, keysOf, piecesOf, readAll, sha256Of, textAt } from "./blob-builders.ts";

interface StorePromise {
  readonly title: string;
  /** `own` begins all of its keys. */
  readonly body: (store: BlobStore, own: string) => Promise<void>;
}

const promises: StorePromise[] = [];

function promise(title: string, body: StorePromise["body"]): void {
  promises.push({ title, body });
}

/** Every promise on one store, which its tests share, each under keys of its own. */
export function blobSuite(name: string, open: () => Promise<BlobStore | { readonly missing: string }>): void {
  let opened: ReturnType<typeof open> | undefined;
  for (const { title, body } of promises) {
    test(`${title} (${name})`, async (t) => {
      opened ??= open();
      const store = await opened;
      if ("missing" in store) return t.skip(store.missing);
      await body(store, randomBytes(6).toString("hex"));
    });
  }
}

promise(
  "[DA130] what was put is read as it was, replaced as a whole, and gone when it is deleted",
  async (store, own) => {
    const contents = [Buffer.alloc(0), Buffer.from("a"), randomBytes(1 << 20), randomBytes(3_000_001)];
    const tags = new Set<string>();
    for (const content of contents) {
      const half = content.length >> 1;
      const put = await store.put(
        own,
        piecesOf(content.subarray(0, half), new Uint8Array(), content.subarray(half)),
        {
          sha256: sha256Of(content),
        },
      );
      assert.ok(put.kind === "stored");
      assert.equal(put.size, content.length);
      const head = { key: own, size: content.length, etag: put.etag };
      assert.deepEqual(await store.head(own), head);
      const found = await store.get(own);
      assert.ok(found.kind === "found");
      assert.deepEqual(found.head, head);
      assert.ok(content.equals(Buffer.from(await readAll(found))));
      for await (const listed of store.list(own)) assert.deepEqual(listed, head);
      tags.add(put.etag);
    }
    assert.equal(tags.size, contents.length);
    await store.delete(own);
    await store.delete(own);
    assert.equal(await store.head(own), undefined);
    assert.equal(await textAt(store, own), "absent");
    assert.deepEqual(await keysOf(store, own), []);
  },
);

promise("[DA130] a name may be any text of people, and lie beside and below others", async (store, own) => {
  const names = [
    "a",
    "a/b",
    "a/b/c",
    "=a",
    "=a/=b",
    "+a/b",
    "a~",
    "żółw 亀 🐢",
    "e\u0301",
    "é",
    "a%2Fb",
    "-x",
    "x".repeat(254),
  ];
  const keys = names.map((name) => `${own}/${name}`);
  for (const key of keys) await store.put(key, piecesOf(key));
  for (const key of keys) assert.equal(await textAt(store, key), key);
  assert.deepEqual(
    await keysOf(store, `${own}/`),
    keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
  );
  await store.delete(`${own}/a/b`);
  assert.equal(await textAt(store, `${own}/a/b`), "absent");
  assert.equal(await textAt(store, `${own}/a/b/c`), `${own}/a/b/c`);
});

const badKeys = [
  "",
  "/a",
  "a/",
  "a//b",
  "..",
  "a/../b",
  "./a",
  "nul\0",
  "line\n",
  "\ud800",
  "x".repeat(255),
  `${"y/".repeat(600)}z`,
];

promise("[DA131] a name that a store cannot hold is refused with what is wrong", async (store) => {
  for (const key of badKeys) {
    assert.notEqual(keyComplaint(key), undefined);
    const refused = isFault("blob-key", keyComplaint(key) ?? "", "Wanted parts");
    await assert.rejects(store.put(key, piecesOf("x")), refused);
    await assert.rejects(store.get(key), refused);
    await assert.rejects(store.head(key), refused);
    await assert.rejects(store.delete(key), refused);
  }
});

promise(
  "[DA132] of sixteen who put where there is nothing one stores, and its content stays",
  async (store, own) => {
    for (let round = 0; round < 4; round++) {
      const key = `${own}/${round}/x`;
      const puts = await Promise.all(
        Array.from({ length: 16 }, (_, writer) =>
          store.put(key, piecesOf(`w${writer}`), { ifNoneMatch: "*" }),
        ),
      );
      const winners = puts.flatMap((put, writer) => (put.kind === "stored" ? [{ writer, put }] : []));
      assert.equal(winners.length, 1);
      assert.equal(await textAt(store, key), `w${winners[0]?.writer}`);
      assert.equal((await store.head(key))?.etag, winners[0]?.put.etag);
    }
    await store.delete(`${own}/0/x`);
    const again = await store.put(`${own}/0/x`, piecesOf("again"), { ifNoneMatch: "*" });
    assert.equal(again.kind, "stored");
  },
);

promise("[DA133] a part is what HTTP would say it is, and behind the end is nothing", async (store, own) => {
  await store.put(own, piecesOf("0123456789"));
  const read = async (range: BlobRange): Promise<string> => {
    const found = await store.get(own, { range });
    const from = found.kind === "found" ? found.from : "";
    return `${from}:${await readAll(found)}`;
  };
  const cases: readonly (readonly [BlobRange, string])[] = [
    [{ from: 0 }, "0:0123456789"],
    [{ from: 3, to: 5 }, "3:345"],
    [{ from: 9 }, "9:9"],
    [{ from: 0, to: 0 }, "0:0"],
    [{ from: 7, to: 100 }, "7:789"],
    [{ last: 3 }, "7:789"],
    [{ last: 10 }, "0:0123456789"],
    [{ last: 99 }, "0:0123456789"],
    [{ from: 10 }, ":beyond"],
    [{ from: 99, to: 100 }, ":beyond"],
    [{ last: 0 }, ":beyond"],
  ];
  for (const [range, wanted] of cases) assert.equal(await read(range), wanted, JSON.stringify(range));
  const beyond = await store.get(own, { range: { from: 10 } });
  assert.deepEqual(beyond, { kind: "beyond", size: 10 });
  await store.put(own, piecesOf());
  assert.equal(await read({ from: 0 }), ":beyond");
  assert.equal(await read({ last: 1 }), ":beyond");
});

promise(
  "[DA134] what has another sha256, fails half-way or is given up leaves nothing, and what was there before stays",
  async (store, own) => {
    await store.put(own, piecesOf("before"));
    const { etag } = (await store.head(own)) ?? {};
    const wrong = store.put(own, piecesOf("after"), { sha256: sha256Of("other") });
    await assert.rejects(wrong, isFault("blob-hash", sha256Of("other"), sha256Of("after")));
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Buffer.from("half");
      throw Object.assign(new Error("the sender hung up"), { code: "ECONNRESET" });
    }
    await assert.rejects(store.put(own, broken()), /the sender hung up/);
    await assert.rejects(store.put(`${own}/new`, broken()), /the sender hung up/);
    await assert.rejects(
      store.put(own, piecesOf("x"), { signal: AbortSignal.abort(new Error("gave up")) }),
      /gave up/,
    );
    assert.equal(await textAt(store, own), "before");
    assert.equal((await store.head(own))?.etag, etag);
    assert.deepEqual(await keysOf(store, own), [own]);
  },
);

promise(
  "[DA134] who gives up is free within 50 ms, though its source hangs, and the source is told",
  async (store, own) => {
    let isTold = false;
    const hangs: AsyncIterable<Uint8Array> = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise(() => undefined),
        return: async () => {
          isTold = true;
          return { done: true, value: undefined };
        },
      }),
    };
    const ending = new AbortController();
    const put = store.put(own, hangs, { signal: ending.signal });
    await new Promise((resolve) => setTimeout(resolve, 20));
    const begun = performance.now();
    ending.abort(new Error("gave up"));
    await assert.rejects(put, /gave up/);
    assert.ok(performance.now() - begun < 50);
    assert.equal(isTold, true);
    await store.put(own, piecesOf(randomBytes(2 << 20)));
    const reading = new AbortController();
    const found = await store.get(own, { signal: reading.signal });
    reading.abort(new Error("enough"));
    await assert.rejects(readAll(found), /enough/);
  },
);

promise(
  "[DA135] a reader goes on with what it began with, also when it is replaced or deleted",
  async (store, own) => {
    const [first, second] = [randomBytes(2 << 20), randomBytes(1 << 20)];
    await store.put(own, piecesOf(first));
    const [early, kept] = [await store.get(own), await store.get(own)];
    await store.put(own, piecesOf(second));
    const late = await store.get(own);
    await store.delete(own);
    assert.ok(first.equals(Buffer.from(await readAll(early))));
    assert.ok(second.equals(Buffer.from(await readAll(late))));
    assert.ok(kept.kind === "found");
    await kept.close();
    await kept.close();
  },
);

promise(
  "[DA135] writers and readers of one name at once: every read is one write, whole",
  async (store, own) => {
    let isOver = false;
    const fill = (letter: number): Buffer => Buffer.alloc(100_000 + letter * 1000, letter);
    const read = async (): Promise<number> => {
      let reads = 0;
      for (; !isOver; reads++) {
        const found = await readAll(await store.get(own));
        if (typeof found === "string") assert.equal(found, "absent");
        else assert.ok(found.equals(fill(found[0] ?? 0)));
      }
      return reads;
    };
    const readers = [read(), read(), read()];
    await Promise.all(
      Array.from({ length: 8 }, async (_, writer) => {
        for (let round = 0; round < 10; round++) {
          await store.put(own, piecesOf(fill(1 + ((writer * 10 + round) % 60))));
          if (round === 5) await store.delete(own);
        }
      }),
    );
    isOver = true;
    for (const reads of await Promise.all(readers)) assert.ok(reads > 0);
  },
);

promise(
  "[DA136] of 2,500 keys, more than two pages of S3, a listing gives all in order, those of a prefix, and those behind one",
  async (store, own) => {
    const keys = Array.from({ length: 2500 }, (_, at) => `${own}/${at % 7}${at % 3 === 0 ? "/" : "-"}${at}`);
    for (let at = 0; at < keys.length; at += 100) {
      await Promise.all(keys.slice(at, at + 100).map((key) => store.put(key, piecesOf("x"))));
    }
    const sorted = keys.toSorted();
    assert.deepEqual(await keysOf(store, `${own}/`), sorted);
    for (const prefix of [`${own}/3/`, `${own}/3`, `${own}/3-1`, `${own}/3/9`, own.slice(0, -1)]) {
      const wanted = sorted.filter((key) => key.startsWith(prefix));
      assert.deepEqual(
        (await keysOf(store, prefix)).filter((key) => key.startsWith(own)),
        wanted,
        prefix,
      );
    }
    for (const after of [
      sorted[0] ?? "",
      sorted[1200] ?? "",
      `${own}/3/`,
      `${own}/3~`,
      sorted.at(-1) ?? "",
    ]) {
      assert.deepEqual(
        await keysOf(store, `${own}/`, after),
        sorted.filter((key) => key > after),
        after,
      );
    }
    const page: BlobHead[] = [];
    for await (const head of store.list(`${own}/`)) if (page.push(head) === 3) break;
    assert.deepEqual(
      page.map(({ key, size }) => `${key} ${size}`),
      sorted.slice(0, 3).map((key) => `${key} 1`),
    );
  },
);
