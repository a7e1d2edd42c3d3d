// When the controls are there: while somebody moves, touches, or goes through them by keyboard, and while the film stands.
import { type RefObject, useEffect, useMemo, useRef, useState } from "react";

const hideMs = 3000;
const signs = ["pointermove", "pointerdown", "focusin", "keydown"] as const;

export interface Awake {
  readonly awake: boolean;
  /** A tap on the film shows the controls, and another hides them. */
  readonly tapped: () => void;
}

export function useAwake(root: RefObject<HTMLDivElement | null>, running: boolean): Awake {
  const [moved, setMoved] = useState(true);
  /** As it was before the finger came down, which itself wakes the controls. */
  const before = useRef(true);
  useEffect(() => {
    const element = root.current;
    if (element === null) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const doze = (): void => {
      if (heldOpen(element)) timer = setTimeout(doze, hideMs);
      else setMoved(false);
    };
    const wake = (event: Event): void => {
      clearTimeout(timer);
      if (event.type === "pointerdown") before.current = !element.classList.contains("pl-asleep");
      setMoved(true);
      timer = setTimeout(doze, hideMs);
    };
    timer = setTimeout(doze, hideMs);
    for (const kind of signs) element.addEventListener(kind, wake);
    return () => {
      clearTimeout(timer);
      for (const kind of signs) element.removeEventListener(kind, wake);
    };
  }, [root]);
  const tapped = useMemo(() => () => before.current && setMoved(false), []);
  return { awake: moved || !running, tapped };
}

/** A mouse that rests on the controls, or the keyboard's focus in them. */
function heldOpen(element: HTMLElement): boolean {
  const hovered = matchMedia("(hover: hover)").matches ? ", .pl-controls:hover" : "";
  return element.querySelector(`.pl-bottom :focus-visible, .pl-top :focus-visible${hovered}`) !== null;
}
