import type { FaultTable } from "#units/fault.ts";

/** What keeps a title from being published. In each case nothing of it was. */
export const packFaults = {
  filmUnfit: {
    code: "pack-film-unfit",
    status: 422,
    sentence: "Title {title} cannot be packaged: {reason}. Encode it again.",
  },
  pieceMissing: {
    code: "pack-piece-missing",
    status: 500,
    sentence: "{path}, needed to package title {title}, cannot be read: {reason}. Encode the title again.",
  },
  pieceUnfit: {
    code: "pack-piece-unfit",
    status: 422,
    sentence: "{path} cannot become part of {rendition}: {reason}. Encode the title again.",
  },
  folderFailed: {
    code: "pack-folder-failed",
    status: 500,
    sentence:
      "The package could not be written to {folder}: {reason}. Look for space and rights on that disk.",
  },
  packageUnsound: {
    code: "pack-unsound",
    status: 500,
    sentence:
      "The finished package of title {title} failed its own check at {path}: {reason}. It was not published.",
  },
  secondOpinion: {
    code: "pack-second-opinion",
    status: 500,
    sentence:
      "ffprobe reads {path} of title {title} otherwise than it was planned: wanted {wanted}, found {found}. It was not published.",
  },
  indexUnreadable: {
    code: "pack-index-unreadable",
    status: 500,
    sentence:
      "{path} of title {title} cannot be read as it was published: {reason}. Nothing was changed; bring the origin store's disk in order first.",
  },
  tooSlow: {
    code: "pack-too-slow",
    status: 500,
    sentence: "Packaging title {title} did not finish within {minutes} minutes and was stopped.",
  },
  keysUnfit: {
    code: "pack-keys-unfit",
    status: 422,
    sentence:
      "{path} cannot be used as the key file: {reason}. Wanted: mode 0600, {keys: [{label, kid, key}]} with one key for each of SD, HD, UHD1 and AUDIO.",
  },
  packagerMissing: {
    code: "pack-packager-missing",
    status: 500,
    sentence:
      "Encryption needs shaka-packager, and {path} does not run here ({reason}). Install it with `npm ci`, or say with MILLRACE_SHAKA_PACKAGER where it is.",
  },
  packagerFailed: {
    code: "pack-packager-failed",
    status: 500,
    sentence:
      "shaka-packager could not encrypt {rendition} of title {title}: {reason}. Nothing of it was published; `millrace doctor` shows whether it runs here.",
  },
  transportUnfit: {
    code: "pack-transport-unfit",
    status: 422,
    sentence: "Title {title} cannot have MPEG-TS chunks: {reason}",
  },
} as const satisfies FaultTable;
