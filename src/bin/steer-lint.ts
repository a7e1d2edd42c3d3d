// `millrace steer lint`: what is odd about the routes that the sites hear.
import { defineCommand } from "citty";
import { emptyTable, fold } from "#bgp/route-table.ts";
import { heardIn, opsLintsOf } from "#control/lints.ts";
import { readNetwork, routeEvents } from "#control/network.ts";
import { steerFaults } from "#steer/faults.ts";
import { Fault } from "#units/fault.ts";
import type { OpsLints } from "#wire/lints.ts";
import { routesFile, sitesFile } from "#wire/topology.ts";
import { readJsonFile } from "./json-file.ts";
import { exitFailed, runProgram } from "./program.ts";
import { refusedUsage, usageComplaints } from "./usage.ts";

const example = "millrace steer lint --routes routes.json --sites sites.json [--json]";

export const lintCommand = defineCommand({
  meta: { name: "lint", description: "Tell what is odd about the routes that the sites hear" },
  args: {
    routes: {
      type: "string",
      description: "JSON: {routes[{siteId, applianceId?, prefix, asPath[], med}]}",
    },
    sites: {
      type: "string",
      description: "JSON: {sites[{id, name, kind, location?, appliances[]}], viewpoints?}",
    },
    json: { type: "boolean", default: false, description: "One JSON document on standard output" },
  },
  run: async ({ args }) => {
    const complaints = usageComplaints(args, { options: ["json"], needed: ["routes", "sites"], words: 0 });
    if (refusedUsage(complaints, example)) return;
    const { routes = "", sites = "", json } = args;
    await runProgram(async () => {
      const found = await lint(routes, sites);
      process.stdout.write(json ? `${JSON.stringify(found, null, 2)}\n` : asText(found));
      if (found.lints.length > 0) process.exitCode = exitFailed;
    });
  },
});

async function lint(routesPath: string, sitesPath: string): Promise<OpsLints> {
  const [sites, routes] = [
    await readJsonFile(sitesPath, sitesFile),
    await readJsonFile(routesPath, routesFile),
  ];
  // Nothing here is fetched: the origin only has to be an address.
  const reading = readNetwork(sites, "http://origin.invalid");
  if (reading.kind === "refused") {
    throw new Fault(steerFaults.routeRefused, { path: sitesPath, complaints: reading.complaints.join("; ") });
  }
  const { table } = fold(emptyTable, routeEvents(routes));
  return opsLintsOf({ network: reading.network, heard: heardIn(routes), table });
}

function asText({ lints, prefixes, routes, sites, leftOut, unread, uncompared }: OpsLints): string {
  const lines = lints.flatMap(({ sentence, mend, examples }) => [
    `✗ ${sentence}`,
    ...examples.map((text) => `    ${text}`),
    `  mend: ${mend}`,
  ]);
  const notes = [
    `${lints.length + leftOut} lints over ${routes} routes to ${prefixes} prefixes at ${sites} sites.`,
    ...(leftOut === 0 ? [] : [`${leftOut} of them are not shown.`]),
    ...(unread.count === 0
      ? []
      : [
          `${unread.count} routes name no known site or no prefix: ${unread.examples.map((text) => JSON.stringify(text)).join(", ")}`,
        ]),
    ...(uncompared === 0 ? [] : [`${uncompared} prefixes were not compared by distance.`]),
  ];
  return `${[...lines, ...(lines.length === 0 ? [] : [""]), ...notes].join("\n")}\n`;
}
