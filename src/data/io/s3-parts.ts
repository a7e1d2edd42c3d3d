// One put to S3: in one request, or in parts when it is large, and then made whole in one step or thrown away.
import { createHash, type Hash, randomUUID } from "node:crypto";
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  PutObjectCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { dataFaults } from "#data/faults.ts";
import type { BlobPut, BlobPutOrder } from "#data/ports-blob.ts";
import { Fault } from "#units/fault.ts";
import { nameOf, type S3Link, statusOf } from "./s3-link.ts";
import { toldSource } from "./told-source.ts";

/** S3 takes 10,000 parts: they double in size every so many, up to a limit, so that a blob of unknown length fits. */
const partsOfOneSize = 1000;
const mostPartBytes = 128 << 20;
const exists = ["PreconditionFailed", "ConditionalRequestConflict", 412, 409] as const;

interface Putting {
  readonly link: S3Link;
  readonly at: { readonly Bucket: string; readonly Key: string };
  readonly what: string;
  readonly order: BlobPutOrder;
  /** Marks this put, so that one whose answer was lost knows its own. */
  readonly mark: string;
  readonly hash: Hash;
}

/** `what` is the key as it may stand in a message. */
export async function putToS3(
  link: S3Link,
  { key, what }: { readonly key: string; readonly what: string },
  content: AsyncIterable<Uint8Array>,
  order: BlobPutOrder,
): Promise<BlobPut> {
  const at = { Bucket: link.bucket, Key: key };
  const putting = { link, at, what, order, mark: randomUUID(), hash: createHash("sha256") };
  const parts = partsOf(content, putting);
  try {
    const first = (await parts.next()).value ?? Buffer.alloc(0);
    const second = await parts.next();
    return second.done === true
      ? await putWhole(putting, first)
      : await putInParts(putting, first, second.value, parts);
  } finally {
    await parts.return(undefined);
  }
}

/** Full ones but for the last, hashed as they come. */
async function* partsOf(
  content: AsyncIterable<Uint8Array>,
  { link, hash, order }: Putting,
): AsyncGenerator<Buffer, undefined> {
  let pieces: Uint8Array[] = [];
  let [length, number] = [0, 0];
  for await (const piece of toldSource(content, order.signal)) {
    hash.update(piece);
    for (let from = 0; from < piece.length; ) {
      const room = partBytesAt(number, link.settings.blobsPartMib << 20) - length;
      // The giver may use its buffer again.
      const taken = Buffer.from(piece.subarray(from, from + room));
      pieces.push(taken);
      length += taken.length;
      from += taken.length;
      if (taken.length < room) continue;
      yield Buffer.concat(pieces, length);
      pieces = [];
      length = 0;
      number++;
    }
  }
  if (length > 0) yield Buffer.concat(pieces, length);
  return undefined;
}

export function partBytesAt(number: number, first: number): number {
  return Math.min(first * 2 ** Math.floor(number / partsOfOneSize), Math.max(first, mostPartBytes));
}

async function putWhole(putting: Putting, body: Buffer): Promise<BlobPut> {
  const { link, at, what, order, mark, hash } = putting;
  const sha256 = checkedHash(putting, hash.digest("hex"));
  const wish = {
    ...{ ...at, Body: body, ContentLength: body.length, Metadata: { sha256, put: mark } },
    ChecksumSHA256: base64(sha256),
    IfNoneMatch: order.ifNoneMatch,
  };
  const asked = { what, signal: order.signal, bytes: body.length };
  try {
    const answer = await link.ask(
      asked,
      (client, abortSignal) => client.send(new PutObjectCommand(wish), { abortSignal }),
      ...exists,
    );
    const { ETag = "" } = answer;
    demandSame(putting, body, answer);
    return { kind: "stored", etag: ETag, size: body.length };
  } catch (error) {
    return existsOr(putting, error);
  }
}

async function putInParts(
  putting: Putting,
  first: Buffer,
  second: Buffer,
  rest: AsyncIterable<Buffer>,
): Promise<BlobPut> {
  const { link, at, what, order, mark } = putting;
  const { sha256, signal } = order;
  const Metadata = { put: mark, ...(sha256 !== undefined && { sha256 }) };
  const begin = new CreateMultipartUploadCommand({ ...at, Metadata, ChecksumAlgorithm: "SHA256" });
  const { UploadId } = await link.ask({ what, signal }, (client, abortSignal) =>
    client.send(begin, { abortSignal }),
  );
  try {
    return await sendParts(putting, { UploadId }, [first, second], rest);
  } catch (error) {
    // Not waited for: whoever gives up is free at once, and what stays is thrown away a day later.
    const end = new AbortMultipartUploadCommand({ ...at, UploadId });
    void link
      .ask({ what }, (client, abortSignal) => client.send(end, { abortSignal }), 404)
      .catch(() => undefined);
    return existsOr(putting, error);
  }
}

async function sendParts(
  putting: Putting,
  upload: { readonly UploadId: string | undefined },
  begun: readonly Buffer[],
  rest: AsyncIterable<Buffer>,
): Promise<BlobPut> {
  const { link, at, what, order, hash } = putting;
  const Parts: CompletedPart[] = [];
  let size = 0;
  const send = async (body: Buffer): Promise<void> => {
    Parts.push(await sendPart(putting, { ...upload, PartNumber: Parts.length + 1 }, body));
    size += body.length;
  };
  for (const body of begun) await send(body);
  for await (const body of rest) await send(body);
  checkedHash(putting, hash.digest("hex"));
  order.signal?.throwIfAborted();
  const whole = { ...at, ...upload, MultipartUpload: { Parts }, IfNoneMatch: order.ifNoneMatch };
  const { ETag = "" } = await link.ask(
    { what, signal: order.signal },
    (client, abortSignal) => client.send(new CompleteMultipartUploadCommand(whole), { abortSignal }),
    ...[...exists, "NoSuchUpload"],
  );
  return { kind: "stored", etag: ETag, size };
}

async function sendPart(
  putting: Putting,
  place: { readonly UploadId: string | undefined; readonly PartNumber: number },
  body: Buffer,
): Promise<CompletedPart> {
  const { link, at, what, order } = putting;
  const ChecksumSHA256 = createHash("sha256").update(body).digest("base64");
  const part = { ...at, ...place, Body: body, ContentLength: body.length, ChecksumSHA256 };
  const answer = await link.ask({ what, signal: order.signal, bytes: body.length }, (client, abortSignal) =>
    client.send(new UploadPartCommand(part), { abortSignal }),
  );
  demandSame(putting, body, answer);
  return { ETag: answer.ETag, PartNumber: place.PartNumber, ChecksumSHA256 };
}

/** @throws Fault blob-hash */
function checkedHash({ order, what }: Putting, found: string): string {
  const wanted = order.sha256 ?? found;
  if (wanted !== found) throw new Fault(dataFaults.blobHash, { key: what, wanted, found });
  return found;
}

/**
 * A store that does not look at the sha256 of a request tells by the ETag what it took: the MD5, unless it keeps it under a key
 * service. Source: Amazon S3 API Reference, "Object".
 */
function demandSame(
  { what, link }: Putting,
  body: Buffer,
  {
    ETag = "",
    ServerSideEncryption: kept,
  }: { readonly ETag?: string | undefined; readonly ServerSideEncryption?: string | undefined },
): void {
  const said = /^"?([0-9a-f]{32})"?$/.exec(ETag)?.[1];
  if (said === undefined || (kept !== undefined && kept !== "AES256")) return;
  if (said === createHash("md5").update(body).digest("hex")) return;
  const because = "the store acknowledged other bytes than were sent";
  throw new Fault(dataFaults.blobBroken, { key: what, address: link.shown, because });
}

/** An answer that was lost is asked for again, and then the name is taken: by this very put, or by another. */
async function existsOr(putting: Putting, error: unknown): Promise<BlobPut> {
  const { link, at, what, order, mark } = putting;
  const isTaken = exists.some((one) => one === nameOf(error) || one === statusOf(error));
  if (!isTaken && nameOf(error) !== "NoSuchUpload") throw error;
  const head = new HeadObjectCommand(at);
  const found = await link
    .ask({ what, signal: order.signal }, (client, abortSignal) => client.send(head, { abortSignal }), 404)
    .catch((missing: unknown) => {
      if (statusOf(missing) === 404) return undefined;
      throw missing;
    });
  if (found?.Metadata?.put === mark)
    return { kind: "stored", etag: found.ETag ?? "", size: found.ContentLength ?? 0 };
  if (isTaken && found !== undefined) return { kind: "exists" };
  throw link.away(what, "others wrote it at the same moment");
}

function base64(hex: string): string {
  return Buffer.from(hex, "hex").toString("base64");
}
