// Countries by their code of two letters. Source: ISO 3166-1 alpha-2, as Unicode CLDR names them.

const regions = new Intl.DisplayNames("en", { type: "region", fallback: "none" });

/** Upper case; "ZZ" is CLDR's word for not knowing. */
export function isTerritory(code: string): boolean {
  return /^[A-Z]{2}$/.test(code) && code !== "ZZ" && regions.of(code) !== undefined;
}
