// The drawing of the map: coasts, sites and lines from viewers to who serves them. The table beside it says the same in words.
import { geoNaturalEarth1, geoPath } from "d3-geo";
import type { KeyboardEvent, ReactElement, RefObject } from "react";
import { useEffect, useMemo, useRef, useState } from "react";
import { useWords } from "#web/words/say.ts";
import type { OpsExplain } from "#wire/ops.ts";
import type { OpsMap } from "#wire/ops-network.ts";
import { type Disc, discsOf } from "./map-layout.ts";
import { Ranks } from "./map-ranks.tsx";
import { type Frame, frameOf, loadClass, nextOf, type SiteNow } from "./map-sites.ts";
import { byKey, dragged, zoomed } from "./map-view.ts";
import { mapWords } from "./map-words.ts";
import { outline } from "./outline.ts";

const whole: Frame = { x: 0, y: 0, width: 960 };
const projection = geoNaturalEarth1().fitSize([960, 480], { type: "Sphere" });

function coasts(): string {
  const path = geoPath(projection);
  const rings = outline.map((text) => {
    const numbers = text.split(" ").map(Number);
    return numbers.flatMap((x, at) => (at % 2 === 0 ? [[x, numbers[at + 1] ?? 0]] : []));
  });
  return path({ type: "MultiLineString", coordinates: rings }) ?? "";
}

const coastPath = coasts();

function placeOf(location: SiteNow["location"]): readonly [number, number] | undefined {
  if (location === null) return undefined;
  const point = projection([location.longitude, location.latitude]);
  return point === null ? undefined : point;
}

interface DrawingProps {
  readonly map: OpsMap;
  readonly sites: readonly SiteNow[];
  readonly picked: string;
  readonly onPick: (applianceId: string) => void;
  /** What steering answers for the address that was asked about. */
  readonly explained: OpsExplain | undefined;
}

export function MapDrawing({ map, sites, picked, onPick, explained }: DrawingProps): ReactElement {
  const say = useWords(mapWords);
  const [moved, setMoved] = useState<Frame>();
  const fitting = useMemo(() => {
    const locations = [...sites, ...map.viewpoints].map(({ location }) => placeOf(location));
    return frameOf(
      locations.filter((point) => point !== undefined),
      whole,
    );
  }, [sites, map.viewpoints]);
  const frame = moved ?? fitting;
  const discs = useMemo(() => {
    const placed = sites.flatMap((site) => {
      const at = placeOf(site.location);
      return at === undefined ? [] : [{ site, at }];
    });
    return discsOf(placed, frame);
  }, [sites, frame]);
  const onKey = (event: KeyboardEvent): void => {
    const next = byKey(frame, event.key);
    if (next === undefined) return;
    event.preventDefault();
    setMoved(next === "all" ? undefined : next);
  };
  const ground = useHand(frame, setMoved);
  const scale = frame.width / 960;
  return (
    <div className="map-frame">
      <div
        className="map-ground"
        role="application"
        aria-label={say("drawing")}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it is moved by keys.
        tabIndex={0}
        onKeyDown={onKey}
        ref={ground}
      >
        <svg viewBox={`${frame.x} ${frame.y} ${frame.width} ${frame.width / 2}`} aria-hidden="true">
          <path className="coast" d={coastPath} />
          <Lines map={map} sites={sites} />
          <Discs discs={discs} scale={scale} picked={picked} onPick={onPick} />
          <Viewers map={map} scale={scale} />
          {explained !== undefined && <Ranks {...{ explained, sites, scale, placeOf }} />}
        </svg>
      </div>
      <p className="map-tools">
        <button type="button" className="quiet" onClick={() => setMoved(zoomed(frame, 1 / 1.5))}>
          {say("zoomIn")}
        </button>
        <button type="button" className="quiet" onClick={() => setMoved(zoomed(frame, 1.5))}>
          {say("zoomOut")}
        </button>
        <button type="button" className="quiet" onClick={() => setMoved(undefined)}>
          {say("showAll")}
        </button>
      </p>
    </div>
  );
}

/** So far a hand moves on a press before it is a drag, in pixels. */
const stillPixels = 4;

/**
 * Wheel and drag. The page stays where it is while the wheel turns over the map: React's own listener could not keep it. A press
 * that did not move is a press on what lies under it.
 */
function useHand(frame: Frame, move: (frame: Frame) => void): RefObject<HTMLDivElement | null> {
  const ground = useRef<HTMLDivElement>(null);
  const latest = useRef({ frame, move });
  useEffect(() => {
    latest.current = { frame, move };
  }, [frame, move]);
  useEffect(() => {
    const element = ground.current;
    if (element === null) return undefined;
    const over = new AbortController();
    const { signal } = over;
    const onWheel = (event: WheelEvent): void => {
      event.preventDefault();
      const now = latest.current;
      const box = element.getBoundingClientRect();
      const perPixel = now.frame.width / Math.max(1, box.width);
      const at = [
        now.frame.x + (event.clientX - box.x) * perPixel,
        now.frame.y + (event.clientY - box.y) * perPixel,
      ] as const;
      now.move(zoomed(now.frame, event.deltaY > 0 ? 1.15 : 1 / 1.15, at));
    };
    element.addEventListener("wheel", onWheel, { passive: false, signal });
    followDrags(element, latest, signal);
    return () => over.abort();
  }, []);
  return ground;
}

type Latest = RefObject<{ readonly frame: Frame; readonly move: (frame: Frame) => void }>;

function followDrags(element: HTMLElement, latest: Latest, signal: AbortSignal): void {
  let from: { readonly frame: Frame; readonly x: number; readonly y: number } | undefined;
  let isDrag = false;
  element.addEventListener(
    "pointerdown",
    ({ button, clientX: x, clientY: y }) => {
      isDrag = false;
      if (button === 0) from = { frame: latest.current.frame, x, y };
    },
    { signal },
  );
  element.addEventListener(
    "pointermove",
    ({ buttons, clientX, clientY, pointerId }) => {
      if (from === undefined || (buttons & 1) === 0) return;
      const by = [clientX - from.x, clientY - from.y] as const;
      if (!isDrag && Math.hypot(...by) < stillPixels) return;
      if (!isDrag) element.setPointerCapture(pointerId);
      isDrag = true;
      latest.current.move(dragged(from.frame, by, element.clientWidth));
    },
    { signal },
  );
  const end = (): void => {
    from = undefined;
  };
  for (const kind of ["pointerup", "pointercancel"]) element.addEventListener(kind, end, { signal });
  element.addEventListener(
    "click",
    (event) => {
      if (isDrag) event.stopPropagation();
      isDrag = false;
    },
    { capture: true, signal },
  );
}

interface ScaledProps {
  readonly scale: number;
}

type DiscsProps = ScaledProps & Pick<DrawingProps, "picked" | "onPick"> & { readonly discs: readonly Disc[] };

function Discs({ discs, scale, picked, onPick }: DiscsProps): ReactElement {
  const most = Math.max(1, ...discs.map(({ throughputBps }) => throughputBps));
  return (
    <>
      {discs.map((disc) => {
        const { id, x, y, sites } = disc;
        const next = nextOf({ appliances: sites.flatMap(({ appliances }) => appliances) }, picked);
        return (
          // biome-ignore lint/a11y/noStaticElementInteractions: the table beside has the same as buttons.
          <g key={id} className="site" onClick={() => next !== undefined && onPick(next)}>
            <circle
              className={`disc load-${loadClass(disc)}`}
              cx={x}
              cy={y}
              r={scale * (5 + 11 * Math.sqrt(disc.throughputBps / most))}
            />
            {sites.length > 1 && (
              <text x={x} y={y + 3.5 * scale} fontSize={10 * scale}>
                {sites.length}
              </text>
            )}
            <title>{nameOf(disc)}</title>
          </g>
        );
      })}
    </>
  );
}

/** Sites that are named when the hand rests on a disc. */
const named = 8;

function nameOf({ sites }: Disc): string {
  const names = sites.slice(0, named).map(({ name }) => name);
  return sites.length > named ? `${names.join(", ")} … +${sites.length - named}` : names.join(", ");
}

function Viewers({ map, scale }: ScaledProps & Pick<DrawingProps, "map">): ReactElement {
  return (
    <>
      {map.viewpoints.map(({ id, name, location }) => {
        const place = placeOf(location);
        if (place === undefined) return null;
        return (
          <circle key={id} className="viewer" cx={place[0]} cy={place[1]} r={3.5 * scale}>
            <title>{name}</title>
          </circle>
        );
      })}
    </>
  );
}

function Lines({ map, sites }: Pick<DrawingProps, "map" | "sites">): ReactElement {
  const siteOf = new Map(sites.flatMap((site) => site.appliances.map(({ id }) => [id, site] as const)));
  const viewpointOf = new Map(map.viewpoints.map((viewpoint) => [viewpoint.id, viewpoint]));
  const flows = map.flows.map(({ viewpointId, applianceId }) => ({ viewpointId, applianceId, kind: "flow" }));
  const wishes = map.viewpoints.map(({ id, ranked }) => ({
    ...{ viewpointId: id, applianceId: ranked[0] ?? "", kind: "wish" },
  }));
  return (
    <>
      {[...wishes, ...flows].map(({ viewpointId, applianceId, kind }) => {
        const from = placeOf(viewpointOf.get(viewpointId)?.location ?? null);
        const to = placeOf(siteOf.get(applianceId)?.location ?? null);
        if (from === undefined || to === undefined) return null;
        const [mx, my] = [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2];
        const bend = 0.15 * Math.hypot(to[0] - from[0], to[1] - from[1]);
        const d = `M${from[0]} ${from[1]}Q${mx} ${my - bend} ${to[0]} ${to[1]}`;
        return <path key={`${kind} ${viewpointId} ${applianceId}`} className={`line ${kind}`} d={d} />;
      })}
    </>
  );
}
