// What stands behind the meters of the database and of the second copy of films: counted where it happens, read off when somebody asks.

export interface CopyCounts {
  /** Blobs that the store took. */
  copies: number;
  bytes: number;
  /** Tries that failed, of copying as of bringing back. */
  failures: number;
  /** Masters and titles that are being copied, or wait for the store. */
  behind: number;
  /** Blobs of replaced packages that were taken away. */
  cleared: number;
}

export function noCopies(): CopyCounts {
  return { copies: 0, bytes: 0, failures: 0, behind: 0, cleared: 0 };
}

export const elsewhereMetrics = {
  databaseRetries: {
    kind: "counter",
    name: "millrace_database_retries_total",
    unit: "tries",
    labels: [],
    sentence: "Work that the database undid for the sake of other work, and that was tried again.",
  },
  archiveBlobs: {
    kind: "counter",
    name: "millrace_archive_blobs_total",
    unit: "blobs",
    labels: ["what"],
    sentence:
      "Blobs of the second copy of films by what became of them: copied, cleared (of packages that were replaced long ago).",
  },
  archiveBytes: {
    kind: "counter",
    name: "millrace_archive_copied_bytes_total",
    unit: "bytes",
    labels: [],
    sentence: "Bytes that the store of second copies took.",
  },
  archiveFailures: {
    kind: "counter",
    name: "millrace_archive_failures_total",
    unit: "tries",
    labels: [],
    sentence: "Tries to copy a film to the store of second copies, or to bring one back, that failed.",
  },
  archiveBehind: {
    kind: "gauge",
    name: "millrace_archive_behind_copies",
    unit: "copies",
    labels: [],
    sentence:
      "Masters and titles whose second copy is being made or waits for its store: none of them is accepted or told of before.",
  },
} as const;
