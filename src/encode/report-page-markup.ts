// Text into markup. Only what `markup` wrote itself is markup; every string that comes from a report is escaped, so a
// film's name can never become an element.

export interface Markup {
  readonly markup: string;
}

export type Part = string | number | Markup | readonly Markup[];

export function markup(texts: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  const written = texts.map((text, index) => {
    const part = parts[index];
    return part === undefined ? text : text + rendered(part);
  });
  return { markup: written.join("") };
}

export const nothing: Markup = { markup: "" };

export interface Column {
  readonly name: string;
  /** Figures stand to the right, one above the other; drawings keep their place. */
  readonly kind: "text" | "sentence" | "figure" | "drawing";
}

/** The first cell of each row names it. A table that is too wide for its page scrolls by itself. */
export function table(
  caption: string,
  columns: readonly Column[],
  rows: readonly (readonly Part[])[],
): Markup {
  const head = columns.map(({ name, kind }) => markup`<th scope="col" class="${kind}">${name}</th>`);
  const body = rows.map((cells) => {
    const written = cells.map((cell, index) =>
      index === 0
        ? markup`<th scope="row">${cell}</th>`
        : markup`<td class="${columns[index]?.kind ?? "text"}">${cell}</td>`,
    );
    return markup`<tr>${written}</tr>\n`;
  });
  return markup`<div class="wide" role="region" aria-label="${caption}" tabindex="0"><table>
<caption>${caption}</caption>
<thead><tr>${head}</tr></thead>
<tbody>
${body}</tbody></table></div>`;
}

function rendered(part: Part): string {
  if (typeof part === "number") return String(part);
  if (typeof part === "string") return escaped(part);
  return "markup" in part ? part.markup : part.map((one) => one.markup).join("");
}

/** Signs that steer a terminal or turn writing around: a name has no use for them. */
const steering = /[\p{Cc}\p{Surrogate}\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;
const names: Readonly<Record<string, string>> = {
  ...{ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" },
};

function escaped(text: string): string {
  return text.replaceAll(steering, "\ufffd").replaceAll(/[&<>"']/g, (sign) => names[sign] ?? sign);
}
