// How an address carries what a page wants to know, and where the links of one page lead from another.
import type { WatchFrom } from "./watch-from.ts";

/** The words behind a "?" as they stand there: a search for 1984 stays text. */
export function searchOf(text: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(text));
}

export function searchText(search: Readonly<Record<string, unknown>>): string {
  const given = Object.entries(search).filter(([, value]) => value !== undefined && value !== "");
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return text === "" ? "" : `?${text}`;
}

/** The watch page of a title. */
export interface ToWatch {
  readonly to: "/watch/$id";
  readonly params: { readonly id: string };
  readonly search: { readonly from?: Exclude<WatchFrom, "ask"> };
}

export function toWatch(id: string, from: WatchFrom): ToWatch {
  return { to: "/watch/$id", params: { id }, search: from === "ask" ? {} : { from } };
}
