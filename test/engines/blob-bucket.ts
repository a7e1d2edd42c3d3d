// A fresh bucket of a real S3 store, and the blob store in it.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { openBlobs } from "#data/io/open-blobs.ts";
import type { BlobStore } from "#data/ports-blob.ts";
import type { RunningS3 } from "#tools/engine-s3.ts";
import type { Missing } from "#tools/engines.ts";

export const settings = { blobsDeadlineSeconds: 10, blobsTries: 5, blobsPartMib: 5 };

export interface Bucket {
  readonly s3: RunningS3;
  readonly client: S3Client;
  readonly bucket: string;
  readonly url: string;
  readonly store: BlobStore;
}

export const freshBucket = (): string => `t${randomBytes(6).toString("hex")}`;

export function urlOf({ endpoint, credentials }: RunningS3, bucket: string, secret?: string): string {
  const { accessKeyId: key, secretAccessKey } = credentials;
  return `s3://${key}:${secret ?? secretAccessKey}@${new URL(endpoint).host}/${bucket}?tls=false`;
}

export async function stored(url: string): Promise<BlobStore> {
  const opened = await openBlobs(url, settings);
  assert.ok(opened !== undefined);
  return opened.store;
}

export async function inBucket(found: RunningS3 | Missing): Promise<Bucket | Missing> {
  if ("missing" in found) return found;
  const { endpoint, region, credentials } = found;
  const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
  const bucket = freshBucket();
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  const url = urlOf(found, bucket);
  return { s3: found, client, bucket, url, store: await stored(url) };
}
