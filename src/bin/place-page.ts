// report.html of `millrace place plan`: a plan with its pictures as one page without scripts or outside files.
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { type ChurnBar, churnFigure } from "#draw/churn.ts";
import { demandFigure } from "#draw/demand-curve.ts";
import { drawnServers, loadFigure, mostDrawn } from "#draw/load.ts";
import { percentWords } from "#draw/looks.ts";
import { ringFigure } from "#draw/ring.ts";
import { type Column, type Markup, markup, nothing, table } from "#encode/report-page-markup.ts";
import type { PlanPictures } from "#model/placement-picture.ts";
import { uniformRing } from "#place/baseline.ts";
import { picturesOf } from "#place/pictures.ts";
import type { PlanSummary } from "#place/summary.ts";
import { bytesWords, short } from "#units/in-words.ts";
import { figure, smallFigure } from "./place-figures.ts";
import type { Planned } from "./place-input.ts";
import { pageStyle } from "./place-page-style.ts";
import { cutoffWords, lambdaWords, serverCells, weightNames } from "./place-words.ts";

export interface PageOrder {
  readonly path: string;
  readonly planned: Planned;
  readonly summary: PlanSummary;
  /** Earlier plans, oldest first. */
  readonly history?: readonly ChurnBar[] | undefined;
}

const mostFiles = 20;
const mostServers = 200;

export async function placementPage(order: PageOrder): Promise<string> {
  const tokens = await readFile(new URL("../../web/tokens.css", import.meta.url), "utf8");
  const pictures = picturesOf(order.planned.plan, order.planned.servers);
  const sections: readonly (readonly [id: string, name: string, drawn: Markup])[] = [
    ["rings", "Who owns what", ringSection(pictures)],
    ["load", "Load", loadSection(pictures)],
    ["cutoff", "Cutoff", curveSection(order.planned)],
    ["servers", "Servers", serverSection(order)],
    ["churn", "Churn", churnSection(order)],
    ["files", "Files", fileSection(order)],
  ];
  const shown = sections.filter(([, , drawn]) => drawn.markup !== "");
  const links = shown.map(([id, name]) => markup`<li><a href="#${id}">${name}</a></li>`);
  const bodies = shown.map(
    ([id, name, drawn]) => markup`<section id="${id}"><h2>${name}</h2>\n${drawn}\n</section>\n`,
  );
  const name = basename(order.path);
  const style: Markup = { markup: `<style>${tokens}\n${pageStyle}</style>` };
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>${name}: placement plan</title>
${style}
</head>
<body>
${headline(order, name)}
<nav aria-label="Sections"><ul>${links}</ul></nav>
<main>
${bodies}</main>
<footer><p>Every figure is computed from ${name} by <code>millrace place plan</code>; <code>millrace place explain</code> says why of each file and server. Predicted load assumes that demand is as forecast and that steering divides each file's traffic among its holders as evenly as it can.</p></footer>
</body>
</html>
`.markup;
}

function headline({ planned, summary }: PageOrder, name: string): Markup {
  const { plan, servers, files } = planned;
  const { predicted } = plan;
  const uniform = uniformRing({ servers, files }, planned.headroomPercent);
  const beside =
    "kind" in uniform
      ? nothing
      : markup`<p class="soft">Uniform consistent hashing of the same files, one copy each and no head, would reach ${percentWords(uniform.effectiveCapacity)} of the throughput and leave ${percentWords(uniform.holePercent / 100)} of the traffic without a holder.</p>`;
  const holes = summary.bands.find((row) => row.band === "hole")?.files ?? 0;
  const cards: readonly (readonly [string, string])[] = [
    [percentWords(predicted.effectiveCapacity), "of the throughput usable until the first server is full"],
    [`${short(predicted.maxUtilisation)} ×`, "the mean load on the busiest server"],
    [
      percentWords(predicted.holePercent / 100),
      `of the traffic without a holder (${holes} ${holes === 1 ? "file" : "files"})`,
    ],
    [
      plan.theory?.method === "one-band" ? "none" : percentWords(plan.cutoff),
      "cutoff D*, of the bytes below the head",
    ],
    [
      String(plan.head.length),
      `files on every server, ${percentWords(plan.theory?.headTraffic ?? 0)} of the traffic`,
    ],
    [bytesWords(predicted.churnBytes), "to be fetched that were not held before"],
  ];
  const drawn = cards.map(
    ([figureText, words]) => markup`<li><strong>${figureText}</strong> ${words}</li>\n`,
  );
  return markup`<header><p class="kind">Placement plan</p><h1>${name}</h1>
<p>${files.length.toLocaleString("en")} files on ${servers.length.toLocaleString("en")} servers. Cutoff ${cutoffWords(plan)}. λ ${short(plan.lambda)}: ${lambdaWords(plan.lambda)}.</p>
<ul class="cards">
${drawn}</ul>
${beside}</header>`;
}

function ringSection({ servers, uniform, bands }: PlanPictures): Markup {
  if (servers.length === 0) return nothing;
  const names = bands.map((_, i) => bandName(i, bands.length));
  const circles = bands.map((band, i) => ({ name: `the ${names[i] ?? ""}`, arcs: band.arcs }));
  const words = bands.map(({ from, to, traffic }, i) => {
    const carries = traffic === undefined ? "" : `, ${percentWords(traffic)} of the traffic below the head`;
    return `${names[i] ?? ""}, depths ${from.toFixed(3)} to ${to.toFixed(3)}${carries}`;
  });
  const ring = { circles: [{ name: "the circle", arcs: uniform.arcs }], servers };
  return markup`<div class="rings">
<div><h3>Uniform consistent hashing</h3>
${smallFigure({ label: `Hash circle with ${uniform.tokensEach} tokens for each of ${servers.length} servers`, draw: (sheet) => ringFigure(ring, sheet) })}
<p class="soft">${uniform.tokensEach} tokens a server are drawn; whoever owns the next token owns a file. Every server gets about the same, whatever its disk and its link.</p></div>
<div><h3>This plan</h3>
${smallFigure({ label: `Weights of the servers in each band: ${words.join("; ")}`, draw: (sheet) => ringFigure({ circles, servers }, sheet) })}
<p class="soft">${bands.length === 1 ? "One circle" : "From the inside"}: ${words.join("; ")}. The width of a stretch is the server's weight there. Files of the head are on every server.</p></div>
</div>
${kindLegend(servers)}`;
}

function bandName(index: number, bands: number): string {
  if (bands === 1) return "whole catalogue";
  if (bands === 2) return index === 0 ? "popular band" : "tail";
  return `band ${index + 1}`;
}

function kindLegend(servers: PlanPictures["servers"]): Markup {
  const words = {
    fast: "fast: more of the throughput than of the storage",
    even: "even: about as much of both",
    large: "large: more of the storage than of the throughput",
  } as const;
  const kinds = (["fast", "even", "large"] as const).filter((kind) =>
    servers.some((one) => one.kind === kind),
  );
  return markup`<ul class="legend">${kinds.map((kind) => markup`<li class="${kind}">${words[kind]}</li>`)}</ul>`;
}

function loadSection({ servers }: PlanPictures): Markup {
  if (servers.length === 0) return nothing;
  const left = servers.length - drawnServers(servers).length;
  const cut =
    left > 0
      ? markup`<p class="soft">The ${mostDrawn} busiest are drawn, ${left} are left out.</p>`
      : nothing;
  return markup`<p>A server is well loaded when its traffic is as long as its throughput. The number at the end is traffic ÷ throughput: 1 is the cluster's mean.</p>
<ul class="legend"><li class="storage">of the bytes stored</li><li class="traffic">of the traffic</li><li class="throughput">of the throughput there is</li></ul>
${cut}
${figure({ label: "Share of storage, traffic and throughput of each server; the table of servers has the numbers", draw: (sheet) => loadFigure(servers, sheet) })}`;
}

function curveSection({ plan }: Planned): Markup {
  const { theory, cutoff } = plan;
  if (theory === undefined) return nothing;
  const label = `Share of traffic over share of stored bytes; cutoff ${cutoffWords(plan)}`;
  const legend =
    theory.feasible === undefined
      ? nothing
      : markup`<li class="feasible">cutoffs that meet both equations</li>`;
  return markup`<p>Below the head, the densest D of the stored bytes carry P(D) of the traffic. A file that crosses the cutoff moves with probability ½Σ|t−s| ÷ (P(D) − D): where the curve is furthest above the diagonal, crossings move least.</p>
<ul class="legend">${legend}<li class="gain">P(D) − D at the cutoff</li><li class="throughput">where crossings would move least</li></ul>
${figure({ label, draw: (sheet) => demandFigure({ ...theory, cutoff }, sheet) })}`;
}

function serverSection({ summary, planned }: PageOrder): Markup {
  const { servers, bands } = summary;
  const shown = servers.slice(0, mostServers);
  const columns: readonly Column[] = [
    { name: "Server", kind: "text" },
    { name: "Kind", kind: "text" },
    ...weightNames(servers[0]?.weights.length ?? 0).map((name): Column => ({ name, kind: "figure" })),
    ...["Stores", "Full", "Of traffic", "Load ÷ mean", "To fill"].map(
      (name): Column => ({ name, kind: "figure" }),
    ),
  ];
  const rows = shown.map(serverCells);
  const bandColumns: readonly Column[] = [
    { name: "Band", kind: "text" },
    ...["Files", "Size", "Of traffic"].map((name): Column => ({ name, kind: "figure" })),
  ];
  const bandRows = bands.map((row) => [
    row.band,
    `${row.files}`,
    bytesWords(row.bytes),
    percentWords(row.traffic),
  ]);
  const left = servers.length - shown.length;
  return markup`${table(left > 0 ? `The first ${mostServers} of ${servers.length}` : "Each server", columns, rows)}
${table("Each band", bandColumns, bandRows)}
<p class="soft">Room is planned up to ${100 - planned.headroomPercent} % of each disk.</p>`;
}

function churnSection({ history, planned }: PageOrder): Markup {
  if (history === undefined) return nothing;
  const bars = [...history, { label: "this plan", bytes: planned.plan.predicted.churnBytes }];
  const named = new Map(bars.map((bar) => [bar.label, bar]));
  return markup`<p>Bytes that each plan had to fetch beyond what the plan before it, its <code>previous</code>, held.</p>
${figure({ label: `Bytes moved by each of ${named.size} plans`, draw: (sheet) => churnFigure([...named.values()], sheet) })}`;
}

function fileSection({ planned }: PageOrder): Markup {
  const demand = new Map(planned.files.map((file) => [file.id, file]));
  const columns: readonly Column[] = [
    { name: "File", kind: "text" },
    { name: "Plays a day", kind: "figure" },
    { name: "Size", kind: "figure" },
    { name: "Band", kind: "text" },
    { name: "Because", kind: "sentence" },
  ];
  const every = Math.max(1, Math.ceil(planned.plan.assignment.length / mostFiles));
  const sampled = planned.plan.assignment.filter((_, i) => i % every === 0);
  const rows = sampled.map((file) => {
    const { playsPerDay = 0, sizeBytes = 0 } = demand.get(file.fileId) ?? {};
    return [file.fileId, short(playsPerDay), bytesWords(sizeBytes), file.band, file.because];
  });
  if (rows.length === 0) return nothing;
  return table(
    every === 1 ? "All files, densest first" : `One file of ${every}, densest first`,
    columns,
    rows,
  );
}
