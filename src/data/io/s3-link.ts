// The one place that speaks to S3: a client, deadlines, and what its failures are called. Tries again are the client's work.
import { S3Client } from "@aws-sdk/client-s3";
import type { S3Address } from "#data/blob-address.ts";
import { dataFaults } from "#data/faults.ts";
import { Fault } from "#units/fault.ts";
import { abortable } from "./abortable.ts";

export interface BlobSettings {
  readonly blobsDeadlineSeconds: number;
  readonly blobsTries: number;
  readonly blobsPartMib: number;
}

/** A request that carries so many bytes more gets a second more: a line of 4 Mbit/s. */
const slowestBytesPerSecond = 500_000;
/** Connections to the store at once; requests beyond that wait for one. */
const mostConnections = 50;

export interface Asked {
  /** As it may stand in a message. */
  readonly what: string;
  readonly signal?: AbortSignal | undefined;
  /** That go with the request. */
  readonly bytes?: number;
}

export class S3Link {
  readonly bucket: string;
  readonly shown: string;
  readonly settings: BlobSettings;
  readonly #client: S3Client;

  constructor({ endpoint, bucket, region, login, shown }: S3Address, settings: BlobSettings) {
    this.bucket = bucket;
    this.shown = shown;
    this.settings = settings;
    const credentials = login && { accessKeyId: login.key, secretAccessKey: login.secret };
    this.#client = new S3Client({
      ...{ endpoint, region, forcePathStyle: true, maxAttempts: settings.blobsTries },
      ...(credentials && { credentials }),
      requestHandler: {
        connectionTimeout: settings.blobsDeadlineSeconds * 1000,
        httpAgent: { maxSockets: mostConnections },
        httpsAgent: { maxSockets: mostConnections },
      },
      // Content is held against its sha256, also where no checksum comes with it.
      responseChecksumValidation: "WHEN_REQUIRED",
    });
  }

  /**
   * One request with its tries, within the deadline. The deadline ends with the answer's head: whoever reads its body has one
   * for each piece.
   *
   * @throws Fault blob-away, blob-refused, blob-full; the signal's reason; S3's own error where it is `expected` by its name or status
   */
  async ask<T>(
    { what, signal, bytes = 0 }: Asked,
    request: (client: S3Client, abortSignal: AbortSignal) => Promise<T>,
    ...expected: readonly (string | number)[]
  ): Promise<T> {
    signal?.throwIfAborted();
    const late = new AbortController();
    const seconds = this.settings.blobsDeadlineSeconds + bytes / slowestBytesPerSecond;
    const timer = setTimeout(() => late.abort(), seconds * 1000);
    const either = signal === undefined ? late.signal : AbortSignal.any([signal, late.signal]);
    try {
      return await abortable(request(this.#client, either), either);
    } catch (error) {
      signal?.throwIfAborted();
      if (late.signal.aborted) throw this.away(what, `no answer within ${Math.round(seconds)} s`);
      if (expected.includes(nameOf(error)) || expected.includes(statusOf(error) ?? 0)) throw error;
      throw this.failure(what, error);
    } finally {
      clearTimeout(timer);
    }
  }

  away(what: string, reason: string): Fault {
    return new Fault(dataFaults.blobAway, { key: what, address: this.shown, reason });
  }

  /** What S3 says is never repeated whole: some stores repeat the key that they were given. */
  failure(what: string, error: unknown): Fault {
    const [name, status] = [nameOf(error), statusOf(error)];
    const refused = (because: string): Fault =>
      new Fault(dataFaults.blobRefused, { key: what, address: this.shown, because });
    const known = refusals[name];
    if (known !== undefined) return refused(known);
    if (status === 507 || name === "QuotaExceeded") {
      return new Fault(dataFaults.blobFull, { key: what, reason: `${this.shown} says ${name}` });
    }
    if (status === undefined) return this.away(what, codeOf(error) ?? name);
    const isTheirs = status >= 500 || status === 429;
    if (isTheirs) return this.away(what, `${status} ${name}, ${this.settings.blobsTries} times`);
    if (status === 401 || status === 403) return refused(`${status} ${name}; look at key, secret and rights`);
    return refused(`${status} ${name}`);
  }
}

const refusals: Readonly<Record<string, string>> = {
  NoSuchBucket: "there is no such bucket; make it, or correct MILLRACE_BLOBS_URL",
  InvalidAccessKeyId: "it does not know the key; correct MILLRACE_BLOBS_URL",
  SignatureDoesNotMatch: "the secret is not that of the key; correct MILLRACE_BLOBS_URL",
  AccessDenied: "the key has no right to it; it needs to list, read, write and delete in the bucket",
  CredentialsProviderError: "no key was found; write one into MILLRACE_BLOBS_URL, or set AWS_ACCESS_KEY_ID",
  RequestTimeTooSkewed: "the clocks differ by more than a quarter of an hour; look at the time service",
  PermanentRedirect: "the bucket is in another region; correct MILLRACE_BLOBS_URL",
};

export function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : String(error);
}

export function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error && "$metadata" in error)) return undefined;
  const about = error.$metadata;
  const status =
    typeof about === "object" && about !== null && "httpStatusCode" in about && about.httpStatusCode;
  return typeof status === "number" ? status : undefined;
}

/** What the system says: "ECONNREFUSED". */
function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
