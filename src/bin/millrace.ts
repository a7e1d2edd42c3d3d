#!/usr/bin/env node
// The one command: each domain alone, or everything together.
import { defineCommand } from "citty";
import { callMain } from "./call-main.ts";
import { keepCompiled } from "./compiled.ts";
import { demandNode24 } from "./program.ts";

demandNode24();
keepCompiled();

/** Runs one, or with a word more makes a machine one. */
async function appliance() {
  const { applianceCommand } = await import("./appliance.ts");
  return defineCommand({
    ...applianceCommand,
    subCommands: {
      check: () => import("./appliance-check.ts").then((file) => file.checkCommand),
      install: () => import("./appliance-install.ts").then((file) => file.installCommand),
      uninstall: () => import("./appliance-uninstall.ts").then((file) => file.uninstallCommand),
    },
  });
}

/** Runs one, or with a word more orders something of a running one. */
async function control() {
  const { controlCommand } = await import("./control.ts");
  return defineCommand({
    ...controlCommand,
    subCommands: { token: () => import("./control-token.ts").then((file) => file.tokenCommand) },
  });
}

const main = defineCommand({
  meta: {
    name: "millrace",
    description:
      "Video delivery that anyone can run: encode per shot, store per night, steer per play, adapt per segment",
  },
  subCommands: {
    start: () => import("./start.ts").then((file) => file.startCommand),
    control,
    worker: () => import("./worker.ts").then((file) => file.workerCommand),
    appliance,
    audit: () => import("./audit.ts").then((file) => file.auditCommand),
    catalog: () => import("./catalog.ts").then((file) => file.catalogCommand),
    encode: () => import("./encode.ts").then((file) => file.encodeCommand),
    publish: () => import("./publish.ts").then((file) => file.publishCommand),
    subtitles: () => import("./subtitles.ts").then((file) => file.subtitlesCommand),
    place: () => import("./place.ts").then((file) => file.placeCommand),
    steer: () => import("./steer.ts").then((file) => file.steerCommand),
    abr: () => import("./abr.ts").then((file) => file.abrCommand),
    sim: () => import("./sim.ts").then((file) => file.simCommand),
    recommend: () => import("./recommend.ts").then((file) => file.recommendCommand),
    backup: () => import("./backup.ts").then((file) => file.backupCommand),
    restore: () => import("./restore.ts").then((file) => file.restoreCommand),
    screens: () => import("./screens.ts").then((file) => file.screensCommand),
    keys: () => import("./keys.ts").then((file) => file.keysCommand),
    doctor: () => import("./doctor.ts").then((file) => file.doctorCommand),
  },
});

await callMain(main, process.argv.slice(2));
