// What a page of ours may load, and from where: itself, and the boxes that serve films. Source: W3C CSP 3.

/** The pages' policy. `boxes` are the origins ("http://host:port") of all appliances and of the origin store. */
export function contentPolicy(boxes: readonly string[]): string {
  const from = [...new Set(boxes)].sort().join(" ");
  return [
    "default-src 'self'",
    "script-src 'self'",
    // Charts write a style element into their own picture.
    "style-src 'self' 'unsafe-inline'",
    `img-src 'self' data: blob: ${from}`,
    // blob: is how Media Source Extensions hand over a film.
    `media-src 'self' blob: ${from}`,
    `connect-src 'self' ${from}`,
    "worker-src 'self' blob:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; ");
}

/**
 * What the API answers is no page: it loads nothing and stands in no frame. A receipt and the offline bank's form are, so what default-src
 * does not cover is said as well. Source: OWASP REST Security Cheat Sheet, security headers; W3C CSP 3 §6.
 */
export const answerPolicy = "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/** The API's own documentation: everything it needs is served from here. */
export const documentationPolicy =
  "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
