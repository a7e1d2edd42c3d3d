// Writes web/ops/outline.ts: the world's land as few points as a map of the console needs.
// Source: Natural Earth 1:110m land, public domain, as the package world-atlas carries it.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { feature } from "topojson-client";
import type { GeometryCollection, Topology } from "topojson-specification";
import { formatted } from "./formatted.ts";

const path = "web/ops/outline.ts";
const atlas: Topology<{ land: GeometryCollection }> = JSON.parse(
  readFileSync(createRequire(import.meta.url).resolve("world-atlas/land-110m.json"), "utf8"),
);
const rings = feature(atlas, atlas.objects.land).features.flatMap(({ geometry }) => {
  if (geometry.type === "Polygon") return geometry.coordinates;
  return geometry.type === "MultiPolygon" ? geometry.coordinates.flat() : [];
});
/** A tenth of a degree is a pixel at eight times the whole world on a wide screen. */
const rounded = rings.map((ring) =>
  ring.flatMap((point) => point.map((degrees) => Math.round(degrees * 10) / 10)),
);
const text = `// Written by \`node tools/outline.ts\`: the coasts of the world, each ring as longitudes and latitudes in turn.
// Source: Natural Earth 1:110m land, public domain (naturalearthdata.com), by the package world-atlas.
export const outline: readonly string[] = [
${rounded.map((ring) => JSON.stringify(ring.join(" "))).join(",\n")},
];
`;
writeFileSync(path, formatted(path, text));
