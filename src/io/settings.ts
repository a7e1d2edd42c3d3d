import type { SettingsTable } from "#config/setting.ts";

/** Settings that every program reads. */
export const programSettings = {
  home: {
    kind: "text",
    name: "MILLRACE_HOME",
    default: "var",
    secret: false,
    sentence:
      "Folder that holds all state: database, event log, films, appliances' disks. Relative to where the program starts.",
  },
  logLevel: {
    kind: "choice",
    name: "MILLRACE_LOG_LEVEL",
    choices: ["trace", "debug", "info", "warn", "error", "silent"],
    default: "info",
    sentence: "How much the log says.",
  },
  ffmpeg: {
    kind: "text",
    name: "MILLRACE_FFMPEG",
    default: "ffmpeg",
    secret: false,
    sentence: "The ffmpeg that encodes.",
  },
  ffprobe: {
    kind: "text",
    name: "MILLRACE_FFPROBE",
    default: "ffprobe",
    secret: false,
    sentence: "The ffprobe that looks at films.",
  },
  ffmpegVmaf: {
    kind: "text",
    name: "MILLRACE_FFMPEG_VMAF",
    default: "",
    secret: false,
    sentence: "An ffmpeg with libvmaf; empty means the one that set-up unpacked under MILLRACE_HOME.",
  },
  shakaPackager: {
    kind: "text",
    name: "MILLRACE_SHAKA_PACKAGER",
    default: "",
    secret: false,
    sentence: "The shaka-packager that encrypts; empty means the one in its npm package.",
  },
  nginx: {
    kind: "text",
    name: "MILLRACE_NGINX",
    default: "/usr/sbin/nginx",
    secret: false,
    sentence: "The nginx that appliances run.",
  },
  chromium: {
    kind: "text",
    name: "MILLRACE_CHROMIUM",
    default: "/usr/bin/chromium",
    secret: false,
    sentence: "The browser that `--once` and the journey tests drive.",
  },
} as const satisfies SettingsTable;
