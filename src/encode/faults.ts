import type { FaultTable } from "#units/fault.ts";

/** What can be wrong with a film, with this machine, or with what an encoder made. */
export const encodeFaults = {
  filmMissing: {
    code: "film-missing",
    status: 404,
    sentence: "{file} cannot be opened: {reason}.",
  },
  notAFilm: {
    code: "not-a-film",
    status: 415,
    sentence: "{file} is not a film: wanted MP4, MOV, Matroska, WebM or MPEG-TS, found {found}.",
  },
  unreadable: {
    code: "film-unreadable",
    status: 422,
    sentence: "{file} cannot be read as {container}: {reason}.",
  },
  truncated: {
    code: "film-truncated",
    status: 422,
    sentence:
      "{file} is cut off: it says it lasts {declared} s, but the picture ends after {found} s. Copy it again.",
  },
  indexMissing: {
    code: "film-index-missing",
    status: 422,
    sentence: "{file} is cut off: its index (the moov box) is missing. Copy it again.",
  },
  noPicture: {
    code: "film-without-picture",
    status: 422,
    sentence: "{file} has no picture: found {found}.",
  },
  highDynamicRange: {
    code: "film-hdr",
    status: 422,
    sentence:
      "{file} is HDR ({transfer}), and MILLRACE_ENCODE_HDR refuses HDR. Hand in an SDR (BT.709) master, or set it to tone-map.",
  },
  dolbyVision: {
    code: "film-dolby-vision",
    status: 422,
    sentence:
      "{file} is Dolby Vision profile {profile} without a base layer that others can show: its colours would be wrong. Hand in HDR10, HLG or SDR.",
  },
  strangeColours: {
    code: "film-colours",
    status: 422,
    sentence:
      "{file} says its colours are {found}, which Millrace cannot bring to BT.709 rightly. Export it in BT.709.",
  },
  turnedAskew: {
    code: "film-turned-askew",
    status: 422,
    sentence: "{file} is to be shown turned by {degrees}°; only quarter turns are understood.",
  },
  wrongAudioRates: {
    code: "encode-audio-rates",
    status: 400,
    sentence:
      "Sound wanted: one to {most} different rates such as aac128 or opus96 (aac {aac} kbit/s, opus {opus} kbit/s); found {found}.",
  },
  soundMismatch: {
    code: "encode-sound-mismatch",
    status: 500,
    sentence: "The sound {track} is not usable: {reason}.",
  },
  subtitleFile: {
    code: "subtitle-file",
    status: 422,
    sentence: "The subtitles {file} cannot be used: {reason}.",
  },
  overLimit: {
    code: "film-over-limit",
    status: 413,
    sentence: "{file} has {found}; the limit is {limit} ({setting}).",
  },
  tooSmall: {
    code: "film-too-small",
    status: 422,
    sentence: "{file} is {width}×{height} pixels; at least {least} pixels on each side are needed.",
  },
  damaged: {
    code: "film-damaged",
    status: 422,
    sentence: "{file} is damaged: {found} of {expected} frames could be decoded. Copy it again.",
  },
  undecodable: {
    code: "film-undecodable",
    status: 422,
    sentence:
      "{file} is damaged: ffmpeg gave up decoding it (status {status}: {reason}). Copy it again or export it anew.",
  },
  diskFull: {
    code: "encode-disk-full",
    status: 507,
    sentence:
      "There is no room left on the disk of {folder} ({reason}). What is finished is kept: make room, or name another work folder, and run the same again.",
  },
  diskShort: {
    code: "encode-disk-short",
    status: 507,
    sentence:
      "{file} needs {wanted} MB of room or more in {folder}, and {free} MB are free. Make room, name another work folder, or set MILLRACE_ENCODE_ROOM_CHECK=no to try all the same.",
  },
  outOfMemory: {
    code: "encode-out-of-memory",
    status: 500,
    sentence:
      "{program} got no more memory than {limit} MiB ({reason}). Raise MILLRACE_SANDBOX_MEMORY_MIB or lower MILLRACE_ENCODE_JOBS; if only this film does it, export it anew.",
  },
  cpuLimit: {
    code: "encode-cpu-limit",
    status: 500,
    sentence:
      "{program} was stopped after {limit} s of processor time, the most it may use. Raise MILLRACE_ENCODE_DEADLINE_FACTOR.",
  },
  fileLimit: {
    code: "encode-file-limit",
    status: 500,
    sentence: "{program} was stopped when it had written {limit} MiB into one file, the most it may write.",
  },
  killed: {
    code: "encode-program-killed",
    status: 500,
    sentence:
      "{program} was killed from outside (signal {signal}). Mostly that is the system when memory runs out: lower MILLRACE_ENCODE_JOBS, and run the same again; what is finished is kept.",
  },
  wrongHeights: {
    code: "encode-heights",
    status: 400,
    sentence:
      "Heights wanted: at least one even number from {least} to the display height {most}; found {found}.",
  },
  programMissing: {
    code: "encode-program-missing",
    status: 500,
    sentence: "{program} is missing: nothing can be encoded. Mend it with: sudo apt-get install -y ffmpeg",
  },
  noSandbox: {
    code: "encode-no-sandbox",
    status: 500,
    sentence:
      "Films are only opened inside a sandbox, and bubblewrap {reason}. Mend it with: sudo apt-get install -y bubblewrap — or, for films you made yourself, set MILLRACE_UNSAFE_NO_SANDBOX=yes.",
  },
  trialMismatch: {
    code: "encode-trial-mismatch",
    status: 500,
    sentence: "The trial at {height} lines, CRF {crf}, is not usable: {reason}.",
  },
  pieceMismatch: {
    code: "encode-piece-mismatch",
    status: 500,
    sentence: "Piece {rung}, frames {start}–{end}, is not usable: {reason}.",
  },
  initMismatch: {
    code: "encode-init-mismatch",
    status: 500,
    sentence:
      "The pieces of rung {rung} need different init segments (frame {start} differs from frame 0), so they cannot be joined.",
  },
  baselineMismatch: {
    code: "encode-baseline-mismatch",
    status: 500,
    sentence: "The baseline {name} at {height} lines is not usable: {reason}.",
  },
  brokenMethod: {
    code: "encode-broken-method",
    status: 500,
    sentence: "The method {name} was given as {part}, and that does not do: {reason}.",
  },
  scoresIncomplete: {
    code: "encode-scores-incomplete",
    status: 500,
    sentence:
      "An encode could not be measured: in the log of {metric}, {reason}. A disk that is full cuts a log off.",
  },
  claimHeld: {
    code: "encode-claim-held",
    status: 503,
    sentence:
      "Process {pid} has claimed a job of this work folder ({file}) and has not finished it within {seconds} s. Stop that process, or raise MILLRACE_ENCODE_CLAIM_SECONDS; what is finished is kept.",
  },
  hevc: {
    code: "encode-hevc-not-allowed",
    status: 403,
    sentence:
      "HEVC needs patent licences of whoever distributes it. Set MILLRACE_ENCODE_ALLOW_HEVC=yes if you have them, or leave hevc out of the codecs.",
  },
} as const satisfies FaultTable;
