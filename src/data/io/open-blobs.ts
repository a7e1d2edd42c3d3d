// The second copy of films that the settings ask for, if any. It opens whether S3 is there or not.
import { readBlobsUrl } from "#data/blob-address.ts";
import { dataFaults } from "#data/faults.ts";
import type { BlobStore } from "#data/ports-blob.ts";
import { Fault } from "#units/fault.ts";
import { openFolderBlobs } from "./folder-blobs.ts";
import { S3Blobs } from "./s3-blobs.ts";
import { type BlobSettings, S3Link } from "./s3-link.ts";

export interface OpenedBlobs {
  readonly store: BlobStore;
  /** Never with a secret. */
  readonly shown: string;
}

/** @throws Fault blobs-url */
export async function openBlobs(url: string, settings: BlobSettings): Promise<OpenedBlobs | undefined> {
  const address = readBlobsUrl(url);
  switch (address.kind) {
    case "home":
      return undefined;
    case "refused":
      throw new Fault(dataFaults.blobsUrl, { because: address.because });
    case "folder":
      return { store: await openFolderBlobs(address.folder), shown: address.shown };
    case "s3":
      return { store: new S3Blobs(new S3Link(address, settings)), shown: address.shown };
  }
}
