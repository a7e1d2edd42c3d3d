// The hash circle: who owns which stretch. Several circles lie inside each other, the first one innermost.
import * as Plot from "@observablehq/plot";
import type { Arc, PictureServer } from "#model/placement-picture.ts";
import { kindColour, percentWords, type Sheet, svgSpace } from "./looks.ts";

export interface Circle {
  readonly name: string;
  readonly arcs: readonly Arc[];
}

const [innermost, outermost] = [0.36, 0.98];
/** Names stand only where there is room for a word. */
const [namedServers, namedShare] = [24, 0.035];

/** Circles of the same servers; `servers` gives colours, and shades that tell neighbours apart. */
export function ringFigure(
  order: { readonly circles: readonly Circle[]; readonly servers: readonly PictureServer[] },
  sheet: Sheet,
): Element {
  const { circles, servers } = order;
  const side = Math.min(sheet.width, 360);
  const thickness = (outermost - innermost) / Math.max(1, circles.length);
  const looks = new Map(servers.map((server, i) => [server.serverId, lookOf(server, i)]));
  const names = servers.length <= namedServers ? namesOf(circles, thickness) : [];
  return Plot.plot({
    className: "plot",
    ...(sheet.document === undefined ? {} : { document: sheet.document }),
    width: side,
    height: side,
    margin: 2,
    x: { axis: null, domain: [-1, 1] },
    y: { axis: null, domain: [-1, 1] },
    marks: [
      (_index, scales, _values, _dimensions, context) => {
        const group = context.document.createElementNS(svgSpace, "g");
        const scale = { x: scaled(scales.x), y: scaled(scales.y) };
        circles.forEach((circle, ring) => {
          const inner = innermost + ring * thickness;
          const outer = inner + thickness * 0.94;
          for (const arc of circle.arcs) {
            group.append(sector(context.document, { arc, inner, outer, circle, scale, looks }));
          }
        });
        return group;
      },
      Plot.text(names, {
        x: "x",
        y: "y",
        text: "text",
        fontSize: circles.length > 2 ? 9 : 11,
        fill: "var(--ink)",
        stroke: "var(--surface)",
        strokeWidth: 3,
      }),
      // Without a channel Plot makes no scales.
      Plot.dot([[0, 0]], { r: 0 }),
    ],
  });
}

interface Look {
  readonly fill: string;
  readonly opacity: number;
}

function lookOf(server: PictureServer, index: number): Look {
  return { fill: kindColour(server.kind), opacity: [1, 0.62, 0.8][index % 3] ?? 1 };
}

type Scale = (value: number) => number;

function scaled(scale: ((value: number) => number) | undefined): Scale {
  return scale ?? ((value) => value);
}

function sector(
  document: Document,
  order: {
    readonly arc: Arc;
    readonly inner: number;
    readonly outer: number;
    readonly circle: Circle;
    readonly scale: { readonly x: Scale; readonly y: Scale };
    readonly looks: ReadonlyMap<string, Look>;
  },
): Element {
  const { arc, circle, scale, looks } = order;
  const path = document.createElementNS(svgSpace, "path");
  const look = looks.get(arc.serverId);
  path.setAttribute("d", sectorPath(order, scale));
  path.setAttribute("fill", look?.fill ?? "var(--ink-faint)");
  path.setAttribute("fill-opacity", String(look?.opacity ?? 1));
  path.setAttribute("stroke", "var(--surface)");
  path.setAttribute("stroke-width", circle.arcs.length > 100 ? "0.4" : "1");
  const title = document.createElementNS(svgSpace, "title");
  title.textContent = `${arc.serverId}: ${percentWords(arc.to - arc.from)} of ${circle.name}`;
  path.append(title);
  return path;
}

/** Clockwise from the top. A whole circle is drawn as two halves, since an arc back to its beginning is nothing. */
function sectorPath(
  { arc, inner, outer }: { readonly arc: Arc; readonly inner: number; readonly outer: number },
  scale: { readonly x: Scale; readonly y: Scale },
): string {
  const middle = (arc.from + arc.to) / 2;
  const point = (turn: number, radius: number): string => {
    const angle = 2 * Math.PI * turn;
    return `${tenth(scale.x(radius * Math.sin(angle)))} ${tenth(scale.y(radius * Math.cos(angle)))}`;
  };
  const size = (radius: number): string => tenth(Math.abs(scale.x(radius) - scale.x(0)));
  const curve = (radius: number, turn: number, way: 0 | 1): string =>
    `A${size(radius)} ${size(radius)} 0 0 ${way} ${point(turn, radius)}`;
  return [
    `M${point(arc.from, outer)}`,
    curve(outer, middle, 1),
    curve(outer, arc.to, 1),
    `L${point(arc.to, inner)}`,
    curve(inner, middle, 0),
    curve(inner, arc.from, 0),
    "Z",
  ].join("");
}

function tenth(value: number): string {
  return String(Number(value.toFixed(2)));
}

function namesOf(
  circles: readonly Circle[],
  thickness: number,
): { readonly x: number; readonly y: number; readonly text: string }[] {
  return circles.flatMap((circle, ring) => {
    const radius = innermost + (ring + 0.47) * thickness;
    const wide = circle.arcs.filter((arc) => arc.to - arc.from >= namedShare / radius);
    return wide.map((arc) => {
      const angle = Math.PI * (arc.from + arc.to);
      return { x: radius * Math.sin(angle), y: radius * Math.cos(angle), text: shortName(arc.serverId) };
    });
  });
}

/** As much of a name as a circle has room for: its end, which tells servers of one kind apart. */
function shortName(name: string): string {
  return name.length > 10 ? `…${name.slice(-9)}` : name;
}
