// The text of an API token: what it is for, 192 random bits, and a checksum, so that scanners which look for leaked
// secrets find it without false alarms, and a mistyped one is refused before anything is asked.
// Pattern for scanners: mr_(worker|appliance)_[0-9a-f]{56}

export type TokenKind = "worker" | "appliance";

const shape = /^mr_(worker|appliance)_([0-9a-f]{48})([0-9a-f]{8})$/;

/** From the hex digest of a fresh random text. `digest` is sha256 in hex. */
export function tokenText(kind: TokenKind, randomHex: string, digest: (text: string) => string): string {
  const body = randomHex.slice(0, 48);
  return `mr_${kind}_${body}${checksum(kind, body, digest)}`;
}

/** What a text is a token for; undefined when its form or its checksum is wrong. It says nothing about whether it opens. */
export function readToken(text: string, digest: (text: string) => string): TokenKind | undefined {
  const [, kind, body = "", sum] = shape.exec(text) ?? [];
  if (kind !== "worker" && kind !== "appliance") return undefined;
  return checksum(kind, body, digest) === sum ? kind : undefined;
}

/** Whether a text claims to be one of ours. */
export function looksLikeToken(text: string): boolean {
  return text.startsWith("mr_");
}

/** Public: it guards against mistakes, not against forgers. */
function checksum(kind: TokenKind, body: string, digest: (text: string) => string): string {
  return digest(`millrace token 1:${kind}:${body}`).slice(0, 8);
}
