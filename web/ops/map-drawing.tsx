// The drawing of the map: coasts, sites and lines from viewers to who serves them. The table beside it says the same in words.
import { geoNaturalEarth1, geoPath } from "d3-geo";
import type { KeyboardEvent, ReactElement, RefObject } from "react";
import { useEffect, useMemo, useRef, useState } from "react";
import { useWords } from "#web/words/say.ts";
import type { OpsMap } from "#wire/ops-network.ts";
import { type Frame, frameOf, loadClass, nextOf, type SiteNow } from "./map-sites.ts";
import { mapWords } from "./map-words.ts";
import { outline } from "./outline.ts";

const whole: Frame = { x: 0, y: 0, width: 960 };
const projection = geoNaturalEarth1().fitSize([960, 480], { type: "Sphere" });
const drawnSites = 500;

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
}

export function MapDrawing({ map, sites, picked, onPick }: DrawingProps): ReactElement {
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
  const zoom = (by: number): void => setMoved(zoomed(frame, by));
  const onKey = (event: KeyboardEvent): void => {
    const next = byKey(frame, event.key);
    if (next === undefined) return;
    event.preventDefault();
    setMoved(next === "all" ? undefined : next);
  };
  const ground = useWheel(zoom);
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
          <Discs sites={sites} scale={frame.width / 960} picked={picked} onPick={onPick} />
          <Viewers map={map} scale={frame.width / 960} />
        </svg>
      </div>
      <p className="map-tools">
        <button type="button" className="quiet" onClick={() => zoom(1 / 1.5)}>
          {say("zoomIn")}
        </button>
        <button type="button" className="quiet" onClick={() => zoom(1.5)}>
          {say("zoomOut")}
        </button>
        <button type="button" className="quiet" onClick={() => setMoved(undefined)}>
          {say("showAll")}
        </button>
      </p>
    </div>
  );
}

/** The page stays where it is while the wheel turns over the map: React's own listener could not keep it. */
function useWheel(zoom: (by: number) => void): RefObject<HTMLDivElement | null> {
  const ground = useRef<HTMLDivElement>(null);
  const latest = useRef(zoom);
  useEffect(() => {
    latest.current = zoom;
  }, [zoom]);
  useEffect(() => {
    const element = ground.current;
    const onWheel = (event: WheelEvent): void => {
      event.preventDefault();
      latest.current(event.deltaY > 0 ? 1.15 : 1 / 1.15);
    };
    element?.addEventListener("wheel", onWheel, { passive: false });
    return () => element?.removeEventListener("wheel", onWheel);
  }, []);
  return ground;
}

function zoomed({ x, y, width }: Frame, by: number): Frame {
  const next = Math.min(1600, Math.max(8, width * by));
  return { x: x + (width - next) / 2, y: y + (width - next) / 4, width: next };
}

function byKey(frame: Frame, key: string): Frame | "all" | undefined {
  const step = frame.width / 10;
  switch (key) {
    case "ArrowLeft":
      return { ...frame, x: frame.x - step };
    case "ArrowRight":
      return { ...frame, x: frame.x + step };
    case "ArrowUp":
      return { ...frame, y: frame.y - step };
    case "ArrowDown":
      return { ...frame, y: frame.y + step };
    case "+":
    case "=":
      return zoomed(frame, 1 / 1.3);
    case "-":
      return zoomed(frame, 1.3);
    case "0":
      return "all";
    default:
      return undefined;
  }
}

interface ScaledProps {
  readonly scale: number;
}

type DiscsProps = ScaledProps & Pick<DrawingProps, "sites" | "picked" | "onPick">;

function Discs({ sites, scale, picked, onPick }: DiscsProps): ReactElement {
  const most = Math.max(1, ...sites.map(({ throughputBps }) => throughputBps));
  return (
    <>
      {sites.slice(0, drawnSites).map((site) => {
        const place = placeOf(site.location);
        const next = nextOf(site, picked);
        if (place === undefined) return null;
        const radius = scale * (5 + 11 * Math.sqrt(site.throughputBps / most));
        return (
          // biome-ignore lint/a11y/noStaticElementInteractions: the table beside has the same as buttons.
          <circle
            key={site.id}
            className={`disc load-${loadClass(site)}`}
            cx={place[0]}
            cy={place[1]}
            r={radius}
            onClick={() => next !== undefined && onPick(next)}
          >
            <title>{site.name}</title>
          </circle>
        );
      })}
    </>
  );
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
  const flows = map.flows.map(({ viewpointId, applianceId }) => ({ viewpointId, applianceId, kind: "flow" }));
  const wishes = map.viewpoints.map(({ id, ranked }) => ({
    ...{ viewpointId: id, applianceId: ranked[0] ?? "", kind: "wish" },
  }));
  return (
    <>
      {[...wishes, ...flows].map(({ viewpointId, applianceId, kind }) => {
        const viewpoint = map.viewpoints.find(({ id }) => id === viewpointId);
        const from = placeOf(viewpoint?.location ?? null);
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
