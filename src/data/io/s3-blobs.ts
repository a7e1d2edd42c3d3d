// Blobs in a bucket of S3 or of any store that speaks it, by path-style addresses. A blob is the object of its name; its sha256
// stands beside it where it was known when it began. The store is asked for at the first use, not at the start.
import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  type GetObjectCommandOutput,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
} from "@aws-sdk/client-s3";
import { keyComplaint, spanOf } from "#data/blob-key.ts";
import { dataFaults } from "#data/faults.ts";
import type { BlobFound, BlobHead, BlobPut, BlobPutOrder, BlobRange, BlobStore } from "#data/ports-blob.ts";
import { Fault } from "#units/fault.ts";
import { abortable } from "./abortable.ts";
import { type S3Link, statusOf } from "./s3-link.ts";
import { putToS3 } from "./s3-parts.ts";

/** Nobody uploads for so long: what is older was left by a program that died. */
const abandonedMs = 86_400_000;
/** S3's own most. */
const pageKeys = 1000;

export class S3Blobs implements BlobStore {
  readonly #link: S3Link;
  #ready: Promise<void> | undefined;

  constructor(link: S3Link) {
    this.#link = link;
  }

  async put(key: string, content: AsyncIterable<Uint8Array>, order: BlobPutOrder = {}): Promise<BlobPut> {
    const what = shownKey(key);
    order.signal?.throwIfAborted();
    // Some stores make a bucket for whoever puts into it, also for a mistyped one.
    await this.#demandBucket(order.signal);
    if (order.ifNoneMatch === "*" && (await this.head(key, order.signal)) !== undefined)
      return { kind: "exists" };
    return putToS3(this.#link, { key, what }, content, order);
  }

  async get(
    key: string,
    how: { readonly range?: BlobRange | undefined; readonly signal?: AbortSignal | undefined } = {},
  ): Promise<BlobFound> {
    const what = shownKey(key);
    const { range, signal } = how;
    // S3 has no words for a part that is empty.
    const isEmpty = range !== undefined && spanOf(range, Number.MAX_SAFE_INTEGER) === undefined;
    if (isEmpty) return this.#beyond(key, signal);
    const reading = { link: this.#link, key, what, signal };
    const answer = await fetched(reading, range === undefined ? {} : { Range: rangeOf(range) });
    if (answer === "beyond") return this.#beyond(key, signal);
    if (answer === "absent") {
      await this.#demandBucket(signal);
      return { kind: "absent" };
    }
    return found(reading, answer, range);
  }

  async head(key: string, signal?: AbortSignal): Promise<BlobHead | undefined> {
    const what = shownKey(key);
    try {
      const answer = await this.#link.ask(
        { what, signal },
        (client, abortSignal) =>
          client.send(new HeadObjectCommand({ Bucket: this.#link.bucket, Key: key }), { abortSignal }),
        ...[403, 404],
      );
      return { key, size: answer.ContentLength ?? 0, etag: answer.ETag ?? "" };
    } catch (error) {
      if (![403, 404].includes(statusOf(error) ?? 0)) throw error;
      // The answer to a HEAD does not say what it is that is not there, or why it is forbidden.
      await this.#demandBucket(signal);
      if (statusOf(error) === 403) throw this.#link.failure(what, error);
      return undefined;
    }
  }

  async *list(
    prefix: string,
    how: { readonly after?: string | undefined; readonly signal?: AbortSignal | undefined } = {},
  ): AsyncIterable<BlobHead> {
    const { after, signal } = how;
    const what = `the list of "${prefix}"`;
    let ContinuationToken: string | undefined;
    do {
      const page = new ListObjectsV2Command({
        ...{ Bucket: this.#link.bucket, Prefix: prefix, MaxKeys: pageKeys, ContinuationToken },
        StartAfter: after,
      });
      const answer = await this.#link.ask({ what, signal }, (client, abortSignal) =>
        client.send(page, { abortSignal }),
      );
      for (const { Key = "", Size = 0, ETag = "" } of answer.Contents ?? []) {
        signal?.throwIfAborted();
        // Others may keep what they call folders in the bucket.
        if (keyComplaint(Key) === undefined) yield { key: Key, size: Size, etag: ETag };
      }
      ContinuationToken = answer.NextContinuationToken;
    } while (ContinuationToken !== undefined);
  }

  async delete(key: string, signal?: AbortSignal): Promise<void> {
    const what = shownKey(key);
    const order = new DeleteObjectCommand({ Bucket: this.#link.bucket, Key: key });
    await this.#link.ask({ what, signal }, (client, abortSignal) => client.send(order, { abortSignal }));
  }

  async #beyond(key: string, signal: AbortSignal | undefined): Promise<BlobFound> {
    const head = await this.head(key, signal);
    return head === undefined ? { kind: "absent" } : { kind: "beyond", size: head.size };
  }

  /** Once: there is the bucket, and we are let in. @throws Fault blob-refused, blob-away */
  #demandBucket(signal: AbortSignal | undefined): Promise<void> {
    this.#ready ??= this.#look();
    this.#ready.catch(() => {
      this.#ready = undefined;
    });
    return abortable(this.#ready, signal);
  }

  async #look(): Promise<void> {
    const { bucket: Bucket } = this.#link;
    const one = new ListObjectsV2Command({ Bucket, MaxKeys: 1 });
    await this.#link.ask({ what: "the bucket" }, (client, abortSignal) => client.send(one, { abortSignal }));
    // What could not be thrown away costs room and nothing else; whoever looks next tries again.
    void this.#throwAway().catch(() => undefined);
  }

  /** Parts of uploads whose program died. */
  async #throwAway(): Promise<void> {
    const { bucket: Bucket } = this.#link;
    const what = "abandoned uploads";
    const { Uploads = [] } = await this.#link.ask({ what }, (client, abortSignal) =>
      client.send(new ListMultipartUploadsCommand({ Bucket }), { abortSignal }),
    );
    for (const { Key, UploadId, Initiated } of Uploads) {
      if (Initiated === undefined || Initiated.getTime() > Date.now() - abandonedMs) continue;
      const end = new AbortMultipartUploadCommand({ Bucket, Key, UploadId });
      await this.#link.ask({ what }, (client, abortSignal) => client.send(end, { abortSignal }), 404);
    }
  }
}

interface Reading {
  readonly link: S3Link;
  readonly key: string;
  readonly what: string;
  readonly signal: AbortSignal | undefined;
}

async function fetched(
  { link, key, what, signal }: Reading,
  more: { readonly Range?: string; readonly IfMatch?: string },
): Promise<GetObjectCommandOutput | "absent" | "beyond"> {
  const order = new GetObjectCommand({ Bucket: link.bucket, Key: key, ...more });
  try {
    return await link.ask(
      { what, signal },
      (client, abortSignal) => client.send(order, { abortSignal }),
      ...["NoSuchKey", 412, 416],
    );
  } catch (error) {
    if (statusOf(error) === 416) return "beyond";
    if ([404, 412].includes(statusOf(error) ?? 0)) return "absent";
    throw error;
  }
}

function found(reading: Reading, answer: GetObjectCommandOutput, range: BlobRange | undefined): BlobFound {
  const { ContentLength: bytes = 0, ContentRange = "", ETag: etag = "", Metadata = {} } = answer;
  const [, first, , whole] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(ContentRange) ?? [];
  const [from, size] = [Number(first ?? 0), Number(whole ?? bytes)];
  const body = readableOf(reading, answer);
  const span = spanOf(range, size);
  if (span === undefined || (bytes > 0 && span.first !== from) || span.end - span.first !== bytes) {
    body.destroy();
    throw broken(reading, "another part came than was asked for");
  }
  const state: BodyState = { body };
  const sha256 = bytes === size ? Metadata.sha256 : undefined;
  return {
    kind: "found",
    head: { key: reading.key, size, etag },
    ...{ from, bytes },
    content: contentOf(reading, state, { ...span, etag, sha256 }),
    async close() {
      state.body.destroy();
    },
  };
}

/** The body that is being read; after a cut it is another one. */
interface BodyState {
  body: Readable;
}

/** All of it, from one put: what is cut goes on where it ended, if the blob is the same still. */
async function* contentOf(
  reading: Reading,
  state: BodyState,
  wanted: {
    readonly first: number;
    readonly end: number;
    readonly etag: string;
    readonly sha256: string | undefined;
  },
): AsyncGenerator<Uint8Array> {
  const { first, end, etag, sha256 } = wanted;
  const hash = createHash("sha256");
  let at = first;
  try {
    for (let cuts = 0; ; cuts++) {
      try {
        for await (const piece of piecesOf(reading, state.body)) {
          if (at + piece.length > end) throw broken(reading, `more than its ${end - first} bytes came`);
          hash.update(piece);
          at += piece.length;
          yield piece;
        }
      } catch (error) {
        reading.signal?.throwIfAborted();
        if (error instanceof Fault) throw error;
      }
      if (at === end) break;
      if (cuts === reading.link.settings.blobsTries)
        throw broken(reading, `it ended after ${at - first} of ${end - first} bytes, ${cuts + 1} times`);
      const answer = await fetched(reading, { Range: `bytes=${at}-${end - 1}`, IfMatch: etag });
      if (typeof answer === "string") throw broken(reading, "it was replaced or deleted while it was read");
      state.body = readableOf(reading, answer);
    }
  } finally {
    state.body.destroy();
  }
  const found = hash.digest("hex");
  if (sha256 !== undefined && sha256 !== found)
    throw broken(reading, `it was put with the sha256 ${sha256}, and what came has ${found}`);
}

/** A store that says nothing for the deadline is left. */
async function* piecesOf({ link, signal }: Reading, body: Readable): AsyncGenerator<Uint8Array> {
  const source: AsyncIterator<unknown> = body[Symbol.asyncIterator]();
  for (;;) {
    const late = AbortSignal.timeout(link.settings.blobsDeadlineSeconds * 1000);
    const either = signal === undefined ? late : AbortSignal.any([signal, late]);
    const next = await abortable(source.next(), either);
    if (next.done === true) return;
    if (next.value instanceof Uint8Array) yield next.value;
  }
}

function readableOf(reading: Reading, { Body }: GetObjectCommandOutput): Readable {
  if (Body instanceof Readable) return Body;
  throw broken(reading, "no body came");
}

function broken({ what, link }: Reading, because: string): Fault {
  return new Fault(dataFaults.blobBroken, { key: what, address: link.shown, because });
}

function rangeOf(range: BlobRange): string {
  return "last" in range ? `bytes=-${range.last}` : `bytes=${range.from}-${range.to ?? ""}`;
}

/** As it may stand in a message. @throws Fault blob-key */
function shownKey(key: string): string {
  const shown = JSON.stringify(key.slice(0, 100));
  const because = keyComplaint(key);
  if (because !== undefined) throw new Fault(dataFaults.blobKey, { key: shown, because });
  return shown;
}
