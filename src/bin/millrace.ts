#!/usr/bin/env node
// The one command: each domain alone, or everything together.
import { defineCommand } from "citty";
import { callMain } from "./call-main.ts";
import { demandNode24 } from "./program.ts";

demandNode24();

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

const main = defineCommand({
  meta: {
    name: "millrace",
    description:
      "Video delivery that anyone can run: encode per shot, store per night, steer per play, adapt per segment",
  },
  subCommands: {
    start: () => import("./start.ts").then((file) => file.startCommand),
    control: () => import("./control.ts").then((file) => file.controlCommand),
    appliance,
    encode: () => import("./encode.ts").then((file) => file.encodeCommand),
    place: () => import("./place.ts").then((file) => file.placeCommand),
    steer: () => import("./steer.ts").then((file) => file.steerCommand),
    abr: () => import("./abr.ts").then((file) => file.abrCommand),
    sim: () => import("./sim.ts").then((file) => file.simCommand),
    keys: () => import("./keys.ts").then((file) => file.keysCommand),
    doctor: () => import("./doctor.ts").then((file) => file.doctorCommand),
  },
});

await callMain(main, process.argv.slice(2));
