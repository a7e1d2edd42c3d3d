// Large things by name: masters, packaged titles, backups.

export interface BlobHead {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  /** Other content under the same key has another one. Opaque: each store makes its own. */
  readonly etag: string;
}

/** From a byte on, up to and with another one; or the last so many. As HTTP counts. Source: RFC 9110 §14.1.2. */
export type BlobRange =
  | { readonly from: number; readonly to?: number | undefined }
  | { readonly last: number };

export interface BlobPutOrder {
  /** "*": only where there is nothing of that name. */
  readonly ifNoneMatch?: "*";
  /** Lowercase hex. What has another one is refused, and nothing of it is kept. */
  readonly sha256?: string;
  readonly signal?: AbortSignal | undefined;
}

export type BlobPut =
  | { readonly kind: "stored"; readonly etag: string; readonly size: number }
  /** There is one already, and `ifNoneMatch` was said. */
  | { readonly kind: "exists" };

export type BlobFound =
  | {
      readonly kind: "found";
      readonly head: BlobHead;
      /** Of the content's first byte, in the whole. */
      readonly from: number;
      /** How many bytes come. */
      readonly bytes: number;
      /** To be read once, to its end or to a break; or `close` says that it will not be. */
      readonly content: AsyncIterable<Uint8Array>;
      close(): Promise<void>;
    }
  | { readonly kind: "absent" }
  /** The range begins behind the end. */
  | { readonly kind: "beyond"; readonly size: number };

/**
 * A name has its content whole, or is not there: whoever reads sees what one put brought, from its first byte to its last, also
 * when it is replaced or deleted meanwhile. What a put resolved with outlives a crash.
 *
 * Every call rejects with a Fault (blob-key, blob-hash, blob-full, blob-failed, blob-away, blob-refused, blob-broken) or the signal's reason.
 */
export interface BlobStore {
  /** Replaces what was there, as a whole. Of several at once with `ifNoneMatch` one stores. */
  put(key: string, content: AsyncIterable<Uint8Array>, order?: BlobPutOrder): Promise<BlobPut>;
  get(
    key: string,
    how?: { readonly range?: BlobRange | undefined; readonly signal?: AbortSignal | undefined },
  ): Promise<BlobFound>;
  head(key: string, signal?: AbortSignal): Promise<BlobHead | undefined>;
  /** Keys that begin with `prefix`, in the order of their UTF-8 bytes, those behind `after`. */
  list(
    prefix: string,
    how?: { readonly after?: string | undefined; readonly signal?: AbortSignal | undefined },
  ): AsyncIterable<BlobHead>;
  /** What is not there is deleted too. */
  delete(key: string, signal?: AbortSignal): Promise<void>;
}
