// What is refused of a file on its way in, in the words that its sender reads.
import type { FaultTable } from "#units/fault.ts";

export const publishFaults = {
  off: {
    code: "publishing-off",
    status: 503,
    sentence: "This control plane takes no films: {because}.",
  },
  words: { code: "upload-words", status: 400, sentence: "The upload was not begun: {what}." },
  empty: { code: "upload-empty", status: 400, sentence: "The upload was not begun: the file is empty." },
  lengthUnknown: {
    code: "upload-length-unknown",
    status: 411,
    sentence: "The upload was not begun: its length must be said at once (Upload-Length).",
  },
  tooLarge: {
    code: "upload-too-large",
    status: 413,
    sentence: "The file has {bytes} bytes; at most {most} are taken (MILLRACE_UPLOAD_LARGEST_GB).",
  },
  tooManyOpen: {
    code: "upload-too-many-open",
    status: 429,
    sentence:
      "{most} files of this account are on their way already (MILLRACE_UPLOAD_MOST_OPEN). Finish or delete one of them first.",
  },
  openFull: {
    code: "upload-open-full",
    status: 413,
    sentence:
      "Files of this account that are on their way have {used} bytes; with {bytes} more they would have more than {most} (MILLRACE_UPLOAD_OPEN_GB).",
  },
  accountFull: {
    code: "upload-account-full",
    status: 413,
    sentence:
      "This account has {used} bytes here; with {bytes} more it would have more than {most} (MILLRACE_UPLOAD_ACCOUNT_GB). Delete masters that are not needed.",
  },
  diskFull: {
    code: "upload-disk-full",
    status: 507,
    sentence:
      "There is no room: {wanted} bytes were wanted, and {free} are left above what stays free (MILLRACE_UPLOAD_LEAST_FREE_GB) and what other files were promised.",
  },
  busy: {
    code: "upload-busy",
    status: 423,
    sentence:
      "Another request is sending this upload at the moment. Ask with HEAD where it is: that ends the other.",
  },
  version: { code: "upload-version", status: 412, sentence: "Only tus 1.0.0 is spoken here." },
  over: {
    code: "upload-over",
    status: 409,
    sentence: "This upload takes no more bytes: it is {state}.",
  },
  unknownArrival: { code: "unknown-arrival", status: 404, sentence: "There is no {kind} {id} here." },
  unknownMaster: { code: "unknown-master", status: 404, sentence: "There is no master {id} here." },
  masterOrdered: {
    code: "master-ordered",
    status: 409,
    sentence: "Master {id} is ordered to be published; it is not deleted while it is.",
  },
  checking: {
    code: "arrival-checking",
    status: 409,
    sentence: "The {kind} {id} is being checked; it can be deleted when that is over.",
  },
  otherHash: {
    code: "upload-other-hash",
    status: 422,
    sentence: "{file} is not what was sent: its sha256 should be {wanted} and is {found}. Send it again.",
  },
  gone: {
    code: "upload-gone",
    status: 410,
    sentence: "{file} is not on the disk any more. Send it again.",
  },
  unchecked: {
    code: "film-unchecked",
    status: 500,
    sentence: "{file} could not be checked {tries} times: {because}. Send it again when that is mended.",
  },
  importRefused: { code: "import-refused", status: 422, sentence: "{url} is not fetched: {because}." },
  importFailed: { code: "import-failed", status: 502, sentence: "{url} could not be fetched: {because}." },
} as const satisfies FaultTable;
