// One row of films: swipes and scrolls sideways, has arrows for a mouse, and arrow keys walk along it and to the rows beside it.
import type { KeyboardEvent, ReactElement } from "react";
import { useEffect, useRef, useState } from "react";
import { useWords } from "#web/words/say.ts";
import type { TitleCard } from "#wire/viewer.ts";
import { Card } from "./card.tsx";
import { targetOf } from "./steps.ts";
import { viewerWords } from "./viewer-words.ts";

interface RowProps {
  readonly id: string;
  readonly title: string;
  readonly items: readonly TitleCard[];
}

export function Row({ id, title, items }: RowProps): ReactElement {
  const heading = `row-${id}`;
  const list = useRef<HTMLUListElement>(null);
  const [stop, setStop] = useState(0);
  const overflows = useOverflow(list);
  const at = Math.min(stop, items.length - 1);
  return (
    <section className="row" aria-labelledby={heading}>
      <h2 id={heading} dir="auto">
        {title}
      </h2>
      <div className="reel">
        <ul ref={list} onKeyDown={walk}>
          {items.map((item, index) => (
            <li key={item.id}>
              <Card item={item} stop={index === at} onFocus={() => setStop(index)} />
            </li>
          ))}
        </ul>
        {overflows && <Arrow side="back" row={title} list={list} />}
        {overflows && <Arrow side="on" row={title} list={list} />}
      </div>
    </section>
  );
}

/** Whether there is more than fits. */
function useOverflow(list: { readonly current: HTMLElement | null }): boolean {
  const [overflows, setOverflows] = useState(false);
  useEffect(() => {
    const element = list.current;
    if (element === null) return;
    const look = (): void => setOverflows(element.scrollWidth > element.clientWidth + 1);
    const observer = new ResizeObserver(look);
    observer.observe(element);
    return () => observer.disconnect();
  }, [list]);
  return overflows;
}

interface ArrowProps {
  readonly side: "back" | "on";
  readonly row: string;
  readonly list: { readonly current: HTMLUListElement | null };
}

/** For a mouse alone: keys walk the cards themselves, and fingers swipe. */
function Arrow({ side, row, list }: ArrowProps): ReactElement {
  const say = useWords(viewerWords);
  const scroll = (): void => {
    const reel = list.current;
    if (reel === null) return;
    const sign = (side === "on" ? 1 : -1) * (isRightToLeft(reel) ? -1 : 1);
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    reel.scrollBy({ left: sign * 0.85 * reel.clientWidth, behavior: calm ? "instant" : "smooth" });
  };
  const label = say(side === "on" ? "rowOn" : "rowBack", { row });
  return (
    <button type="button" className={`arrow ${side}`} tabIndex={-1} aria-label={label} onClick={scroll}>
      <svg viewBox="0 0 24 24" aria-hidden="true">
        <path d="M9 5l7 7-7 7" />
      </svg>
    </button>
  );
}

function walk(event: KeyboardEvent<HTMLUListElement>): void {
  const reel = event.currentTarget;
  const target = beside(event.key, reel);
  if (target === undefined) return;
  event.preventDefault();
  target.focus({ preventScroll: true });
  target.scrollIntoView({ block: "nearest", inline: "nearest" });
}

/** The card that a key means; undefined where the key is not ours. */
function beside(key: string, reel: HTMLUListElement): HTMLAnchorElement | undefined {
  const cards = [...reel.querySelectorAll("a")];
  const at = cards.findIndex((card) => card.matches(":focus"));
  if (at < 0) return undefined;
  if (key !== "ArrowUp" && key !== "ArrowDown") {
    return cards[targetOf(key, at, { count: cards.length, rightToLeft: isRightToLeft(reel) })];
  }
  const reels = [...document.querySelectorAll<HTMLUListElement>(".row ul")];
  const next = reels[reels.indexOf(reel) + (key === "ArrowDown" ? 1 : -1)];
  return next === undefined ? undefined : nearest(next, cards[at]?.getBoundingClientRect().x ?? 0);
}

function nearest(reel: HTMLUListElement, x: number): HTMLAnchorElement | undefined {
  const far = (card: HTMLAnchorElement): number => Math.abs(card.getBoundingClientRect().x - x);
  return [...reel.querySelectorAll("a")].toSorted((a, b) => far(a) - far(b))[0];
}

function isRightToLeft(element: Element): boolean {
  return getComputedStyle(element).direction === "rtl";
}
