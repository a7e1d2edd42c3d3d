import type { SettingsTable } from "#config/setting.ts";

/** Where films lie a second time. */
export const blobSettings = {
  blobsUrl: {
    kind: "text",
    name: "MILLRACE_BLOBS_URL",
    default: "file:",
    secret: true,
    sentence:
      "Where masters and finished titles are kept besides MILLRACE_HOME, so that an empty disk gets them back: file: means nowhere else; file:///FOLDER a folder, on another disk; s3://KEY:SECRET@HOST:PORT/BUCKET?region=us-east-1 a bucket of its own (over TLS, but with tls=false; without KEY:SECRET those of the environment, as AWS_ACCESS_KEY_ID).",
  },
  blobsDeadlineSeconds: {
    kind: "number",
    name: "MILLRACE_BLOBS_DEADLINE_SECONDS",
    unit: "s",
    min: 0.1,
    max: 600,
    default: 30,
    sentence:
      "How long one request to S3 may take with its tries, and how long its content may pause; one that carries content gets a second more per 500 kB.",
  },
  blobsTries: {
    kind: "number",
    name: "MILLRACE_BLOBS_TRIES",
    unit: "tries",
    min: 1,
    max: 20,
    default: 5,
    sentence: "How often S3 is asked within a deadline while it is busy or away, with rests that grow.",
  },
  blobsPartMib: {
    kind: "number",
    name: "MILLRACE_BLOBS_PART_MIB",
    unit: "MiB",
    min: 5,
    max: 128,
    default: 8,
    sentence: "Size of the parts of what is sent to S3 in parts; what has less is sent at once.",
  },
  blobsReplacedDays: {
    kind: "number",
    name: "MILLRACE_BLOBS_REPLACED_DAYS",
    unit: "d",
    min: 0.01,
    max: 3650,
    default: 7,
    sentence:
      "How long the second copy of a package that was replaced is kept: for whoever still reads it, and for a database that is restored from before.",
  },
} as const satisfies SettingsTable;
