// A password hash as text: $argon2id$v=19$m=19456,t=2,p=1$salt$hash. Source: PHC string format; RFC 9106 (Argon2).

export interface Argon2Cost {
  readonly memoryKib: number;
  readonly passes: number;
  readonly lanes: number;
}

export interface Phc extends Argon2Cost {
  /** Base64 without padding, as the format asks. */
  readonly salt: string;
  readonly hash: string;
}

const shape =
  /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,172})$/;

export function phcText(phc: Phc): string {
  return `$argon2id$v=19$m=${phc.memoryKib},t=${phc.passes},p=${phc.lanes}$${phc.salt}$${phc.hash}`;
}

/** Undefined when the text is not an Argon2id hash of version 19. */
export function readPhc(text: string): Phc | undefined {
  const [, memoryKib, passes, lanes, salt, hash] = shape.exec(text) ?? [];
  if (salt === undefined || hash === undefined) return undefined;
  return { memoryKib: Number(memoryKib), passes: Number(passes), lanes: Number(lanes), salt, hash };
}

/** Whether a stored hash was made with other costs than today's, and should be made again at the next sign-in. */
export function isOutdated(phc: Phc, today: Argon2Cost): boolean {
  return phc.memoryKib !== today.memoryKib || phc.passes !== today.passes || phc.lanes !== today.lanes;
}
