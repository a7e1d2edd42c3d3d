// One kid in the three ways in which it is written: hex in packages, base64url in ClearKey, a UUID in CPIX.

/** "AQID…" without padding, 22 letters of base64url; undefined: they are no 16 bytes. */
export function hexOf(base64Url: string): string | undefined {
  if (!/^[A-Za-z0-9_-]{22}$/.test(base64Url)) return undefined;
  const bytes = atob(base64Url.replaceAll("-", "+").replaceAll("_", "/"));
  const hex = Array.from(bytes, (letter) => letter.charCodeAt(0).toString(16).padStart(2, "0")).join("");
  // The last letter has four bits to spare: another that reads the same is not what anybody wrote.
  return base64UrlOf(hex) === base64Url ? hex : undefined;
}

export function base64UrlOf(hex: string): string {
  return base64Of(hex).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

export function base64Of(hex: string): string {
  const bytes = hex.match(/../g) ?? [];
  return btoa(String.fromCharCode(...bytes.map((byte) => Number.parseInt(byte, 16))));
}

/** 8-4-4-4-12, as in `ContentKey@kid`. */
export function uuidOf(hex: string): string {
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** Undefined: it is no UUID. */
export function hexOfUuid(uuid: string): string | undefined {
  const lower = uuid.toLowerCase();
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(lower) ? lower.replaceAll("-", "") : undefined;
}
