// Why a file lies where it lies and what a server holds, as text for a terminal of 100 columns.
import { percentWords } from "#draw/looks.ts";
import type { Drawn, FileExplanation } from "#place/explain-file.ts";
import type { ServerExplanation } from "#place/explain-server.ts";
import { bytesWords, short } from "#units/in-words.ts";
import { weightNames } from "./place-words.ts";
import { plainText } from "./plain-text.ts";
import { textTable } from "./table.ts";

/** More lots are a file's matter: --json has all. */
const mostRows = 24;

export function fileText(file: FileExplanation): string {
  const where = file.serverIds.length === 0 ? "no server" : file.serverIds.join(", ");
  const { held, wanted, drawn } = file.copies;
  const facts = [
    [
      "rank",
      `${file.rank} of ${file.of} by plays a day: ${short(file.playsPerDay)} plays, ${percentWords(file.trafficShare)} of all traffic`,
    ],
    ["size", `${bytesWords(file.sizeBytes)}, of title ${file.titleId}`],
    ...(file.drawn === undefined ? [] : depthFacts(file.drawn)),
    [
      "copies",
      `${held} held; ${wanted} wanted where room allows${drawn === undefined ? "" : `, drawn for ${drawn}`}`,
    ],
  ];
  const blocks = [`${plainText(file.fileId)}: ${file.band}, on ${where}\n${file.because}`, textTable(facts)];
  return `${[...blocks, ...(file.drawn === undefined ? [] : [drawText(file.drawn)])].join("\n\n")}\n`;
}

function depthFacts(drawn: Drawn): string[][] {
  const band = `band ${drawn.band + 1}, depths ${drawn.from.toFixed(3)}–${drawn.to.toFixed(3)}`;
  const stayed = drawn.stayed
    ? "; it lies beyond, but near enough to stay with the servers that hold it"
    : "";
  return [
    [
      "depth",
      `${drawn.depth.toFixed(4)} of the bytes stored below the head, cutoff ${drawn.cutoff.toFixed(4)}`,
    ],
    ["drawn in", `${band}${stayed}`],
  ];
}

function drawText(drawn: Drawn): string {
  const pareto = drawn.formula === "pareto";
  const shown = drawn.rows.slice(0, mostRows);
  const rows = shown.map((row) => [
    `${row.order}`,
    row.serverId,
    row.u.toFixed(6),
    sixDigits(row.weight),
    ...(pareto ? [row.chance === undefined ? "–" : row.chance.toFixed(6)] : []),
    row.key === undefined ? "–" : sixDigits(row.key),
    lotWords(row),
  ]);
  const head = ["order", "server", "u", "weight", ...(pareto ? ["chance π"] : []), "key", ""];
  const formula = pareto
    ? "key = u(1 − π) ÷ ((1 − u)π), where π is the weight × copies, at most 1; the least key first"
    : "key = −ln(1 − u) ÷ weight; the least key first";
  const left = drawn.rows.length - shown.length;
  const more = left > 0 ? [`… and ${left} more: --json has all`] : [];
  return [textTable([head, ...rows]), ...more, formula].join("\n");
}

function lotWords(row: Drawn["rows"][number]): string {
  if (row.holds) return row.heldBefore ? "holds it, held it before" : "holds it";
  if (row.passedOver) return "no room left";
  return row.heldBefore ? "held it before" : "";
}

/** As many as u has, whatever the size. */
function sixDigits(value: number): string {
  return value !== 0 && (value < 1e-3 || value >= 1e6) ? value.toExponential(4) : value.toFixed(6);
}

export function serverText(server: ServerExplanation): string {
  const names = weightNames(server.weights.length);
  const facts = [
    ["storage", `${bytesWords(server.storageBytes)}, ${percentWords(server.ofStorage)} of the cluster's`],
    [
      "throughput",
      `${short(server.throughputBps / 1e9)} Gbit/s, ${percentWords(server.ofThroughput)} of the cluster's`,
    ],
    [
      "holds",
      `${bytesWords(server.bytes)}, ${percentWords(server.ofStored)} of all bytes stored, copies included`,
    ],
    [
      "predicted",
      `${percentWords(server.ofTraffic)} of the traffic, ${server.utilisation.toFixed(3)} × the cluster's mean load`,
    ],
    ...endFacts(server),
  ];
  const weights = server.weights.map(({ from, to, weight }, i) => [
    names[i] ?? "",
    `${from.toFixed(3)}–${to.toFixed(3)}`,
    weight.toFixed(6),
  ]);
  const bands = server.bands.map(({ band, files, bytes }) => [band, `${files}`, bytesWords(bytes)]);
  return `${[
    `${server.serverId}: ${server.kind}\n${server.because}`,
    textTable(facts),
    textTable([["weight", "depths", "share of the band"], ...weights]),
    textTable([["band", "files", "size"], ...bands]),
  ].join("\n\n")}\n`;
}

function endFacts({ densest, leastDense }: ServerExplanation): string[][] {
  if (densest === undefined || leastDense === undefined) return [];
  return [
    ["densest", `${densest.fileId}, ${short(densest.playsPerDay)} plays a day`],
    ["least dense", `${leastDense.fileId}, ${short(leastDense.playsPerDay)} plays a day`],
  ];
}
