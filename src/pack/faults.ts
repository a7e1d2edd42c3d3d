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
  tooSlow: {
    code: "pack-too-slow",
    status: 500,
    sentence: "Packaging title {title} did not finish within {minutes} minutes and was stopped.",
  },
} as const satisfies FaultTable;
