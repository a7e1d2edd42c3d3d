// `millrace steer geo`: tables of places, made and asked.
import { defineCommand } from "citty";
import { readAddress } from "#bgp/address.ts";
import { placeOfAddress } from "#bgp/geo-table.ts";
import { importMmdb, readGeoFile } from "#bgp/io/geo-file.ts";
import { runProgram } from "./program.ts";
import { refusedUsage, usageComplaints } from "./usage.ts";

const importExample = "millrace steer geo import FILE.mmdb --out FILE.csv [--json]";
const findExample = "millrace steer geo find ADDRESS --table FILE.csv [--json]";

const importCommand = defineCommand({
  meta: { name: "import", description: "Make a table of places from a database in MaxMind's format" },
  args: {
    file: {
      type: "positional",
      required: false,
      description: "Database with locations, such as GeoLite2-City.mmdb",
    },
    out: { type: "string", description: "The table to write" },
    json: { type: "boolean", default: false, description: "One JSON document on standard output" },
  },
  run: async ({ args }) => {
    const complaints = usageComplaints(args, { options: ["json"], needed: ["file", "out"], words: 1 });
    if (refusedUsage(complaints, importExample)) return;
    const { file = "", out = "" } = args;
    await runProgram(async () => {
      const { rows, unknown } = await importMmdb(file, out);
      const text = `${out}: ${rows} networks with a place; ${unknown} whose place the database does not know were left out\n`;
      process.stdout.write(args.json ? `${JSON.stringify({ out, rows, unknown })}\n` : text);
    });
  },
});

const findCommand = defineCommand({
  meta: { name: "find", description: "Where a table of places has an address" },
  args: {
    address: { type: "positional", required: false, description: "IPv4 or IPv6 address" },
    table: { type: "string", description: "Table of places" },
    json: { type: "boolean", default: false, description: "One JSON document on standard output" },
  },
  run: async ({ args }) => {
    const reading = readAddress(args.address ?? "");
    const complaints = usageComplaints(args, { options: ["json", "address"], needed: ["table"], words: 1 });
    if (reading.kind === "refused") complaints.push(reading.because);
    if (refusedUsage(complaints, findExample) || reading.kind === "refused") return;
    await runProgram(async () => {
      const place = placeOfAddress(await readGeoFile(args.table ?? ""), reading.address);
      const { latitude, longitude, radiusKm } = place ?? {};
      const within = radiusKm === undefined ? "" : `, within ${radiusKm} km`;
      const text = place === undefined ? "not known\n" : `${latitude}, ${longitude}${within}\n`;
      process.stdout.write(args.json ? `${JSON.stringify({ place: place ?? null })}\n` : text);
    });
  },
});

export const geoCommand = defineCommand({
  meta: { name: "geo", description: "Where addresses are" },
  subCommands: { import: importCommand, find: findCommand },
});
