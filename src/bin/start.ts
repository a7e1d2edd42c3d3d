import { defineCommand } from "citty";
import { runProgram } from "./program.ts";
import { runRiver } from "./river.ts";
import { refusedUsage } from "./usage.ts";

const efforts = ["draft", "standard", "exhaustive"] as const;

export const startCommand = defineCommand({
  meta: {
    name: "start",
    description:
      "Everything on this machine: control plane, origin, four appliances, a film; then open the page and watch",
  },
  args: {
    film: {
      type: "positional",
      required: false,
      description: "Film to publish; without one a short sample is made",
    },
    name: { type: "string", description: "Name of the title (default: the file's name)" },
    effort: {
      type: "string",
      default: "draft",
      description: `How many trial encodes: ${efforts.join(", ")}`,
    },
    port: { type: "string", default: "8080", description: "Port of the page and the API" },
    host: { type: "string", default: "127.0.0.1", description: "Address the page and the API listen on" },
    origin: { type: "string", default: "127.0.1.1:8180", description: "Address the origin listens on" },
    sites: { type: "string", default: "demo/sites.json", description: "Sites and their appliances" },
    routes: { type: "string", default: "demo/routes.json", description: "Routes each site heard" },
    once: {
      type: "boolean",
      default: false,
      description:
        "Play the film once in a real browser, kill an appliance on the way, write out/start.json, end",
    },
    out: { type: "string", default: "out/start.json", description: "Where --once writes its result" },
    plain: { type: "boolean", default: false, description: "No colours, no redrawn lines" },
    json: {
      type: "boolean",
      default: false,
      description: "With --once: print the result as JSON on standard output",
    },
  },
  async run({ args }) {
    const effort = efforts.find((name) => name === args.effort);
    const port = Number(args.port);
    const wrong = [
      ...(effort === undefined ? [`--effort: wanted ${efforts.join(", ")}, found "${args.effort}"`] : []),
      ...(Number.isInteger(port) && port >= 0 && port <= 65_535
        ? []
        : [`--port: wanted 0…65535, found "${args.port}"`]),
    ];
    if (refusedUsage(wrong, "millrace start [FILM] [--effort …] [--port N]") || effort === undefined) return;
    await runProgram((signal) => runRiver({ ...args, film: args.film, effort, port }, signal));
  },
});
