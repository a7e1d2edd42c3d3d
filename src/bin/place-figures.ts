// Figures as markup without a browser: Observable Plot draws into a document of linkedom's.
import { parseHTML } from "linkedom";
import type { Sheet } from "#draw/looks.ts";
import { type Markup, markup } from "#encode/report-page-markup.ts";

const wide = 920;
/** A telephone of 360 pixels less the page's edges. */
const narrow = 312;

export interface Drawing {
  /** What it shows, for those who cannot see it. */
  readonly label: string;
  readonly draw: (sheet: Sheet) => Element;
}

/** Drawn twice: words in a picture that is scaled to a telephone cannot be read. The page's style shows one. */
export function figure({ label, draw }: Drawing): Markup {
  return markup`<figure role="img" aria-label="${label}">
${drawn(draw, wide, "only-wide")}
${drawn(draw, narrow, "only-narrow")}
</figure>`;
}

/** One that is small enough for every screen. */
export function smallFigure({ label, draw }: Drawing): Markup {
  return markup`<figure role="img" aria-label="${label}">${drawn(draw, narrow, "any-width")}</figure>`;
}

function drawn(draw: Drawing["draw"], width: number, shown: string): Markup {
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  const element = draw({ width, document });
  for (const style of element.querySelectorAll("style")) style.remove();
  element.setAttribute("class", `plot ${shown}`);
  element.setAttribute("aria-hidden", "true");
  return { markup: element.outerHTML };
}
