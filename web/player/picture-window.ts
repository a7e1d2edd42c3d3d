// The film in a window of its own. Where the browser gives the page such a window, the film moves into it with its subtitles; elsewhere
// the system's window shows the film's element alone, and a text track of the element has the subtitles (picture-track.ts).
import { type RefObject, useCallback, useEffect, useRef, useState } from "react";
import { type Deeds, outsideOnly } from "./deeds.ts";
import { deedFor, pressOf } from "./keys.ts";

declare global {
  interface Window {
    readonly documentPictureInPicture?: {
      requestWindow(size: { readonly width: number; readonly height: number }): Promise<Window>;
    };
  }
}

/** Chosen by us: a ninth of a usual screen. */
const paneWidth = 480;

export interface PictureWindow {
  /** In the window, where the film and its subtitles are; undefined: they are on the page. */
  readonly ground: HTMLElement | undefined;
  /** In, or out again. */
  readonly toggle: () => void;
}

export function canShowPicture(): boolean {
  return document.pictureInPictureEnabled || window.documentPictureInPicture !== undefined;
}

export function usePictureWindow(
  root: RefObject<HTMLDivElement | null>,
  video: RefObject<HTMLVideoElement | null>,
  deeds: () => Deeds,
): PictureWindow {
  const [pane, setPane] = useState<Window>();
  const [ground, setGround] = useState<HTMLElement>();
  const latest = useRef(deeds);
  latest.current = deeds;
  const open = useCallback(async (): Promise<void> => {
    const [element, home] = [video.current, root.current];
    if (element === null || home === null || window.documentPictureInPicture === undefined) return;
    const size = { width: paneWidth, height: Math.round(paneWidth / shapeOf(element)) };
    const opened = await window.documentPictureInPicture.requestWindow(size);
    const place = furnished(opened);
    place.append(element);
    place.addEventListener("click", () => latest.current().toggle());
    opened.addEventListener("keydown", (event) => {
      const deed = deedFor(pressOf(event), outsideOnly(latest.current()));
      if (deed === undefined) return;
      event.preventDefault();
      deed();
    });
    const back = (): void => {
      // The film is the first thing on the page, under all that lies over it.
      home.prepend(element);
      setPane(undefined);
      setGround(undefined);
    };
    opened.addEventListener("pagehide", back, { once: true });
    setPane(opened);
    setGround(place);
  }, [root, video]);
  useEffect(() => () => pane?.close(), [pane]);
  const toggle = useCallback(() => {
    // Refused without a gesture or a frame, or where the system has no such window: nothing changes.
    if (pane !== undefined) pane.close();
    else if (window.documentPictureInPicture !== undefined) open().catch(() => undefined);
    else if (document.pictureInPictureElement !== null)
      document.exitPictureInPicture().catch(() => undefined);
    else if (document.pictureInPictureEnabled)
      video.current?.requestPictureInPicture().catch(() => undefined);
  }, [pane, open, video]);
  return { ground, toggle };
}

function shapeOf({ videoWidth, videoHeight }: HTMLVideoElement): number {
  return videoWidth > 0 && videoHeight > 0 ? videoWidth / videoHeight : 16 / 9;
}

/** The page's own styles, language and theme; nothing else of it. */
function furnished({ document: pane }: Window): HTMLElement {
  const { lang, dir } = document.documentElement;
  Object.assign(pane.documentElement, { lang, dir });
  pane.title = document.title;
  for (const sheet of document.styleSheets) {
    if (sheet.href === null) continue;
    const link = pane.createElement("link");
    Object.assign(link, { rel: "stylesheet", href: sheet.href });
    pane.head.append(link);
  }
  const place = pane.createElement("div");
  place.className = "player always-dark pl-asleep pl-outside";
  pane.body.append(place);
  return place;
}
