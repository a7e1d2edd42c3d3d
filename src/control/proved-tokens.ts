// Tokens whose MAC was right, with what they grant: to reckon a MAC again costs more than all else about a proof.
import type { Seal } from "./ports.ts";

const most = 20_000;

/**
 * `read` with a memory of its own for each seal: the latest 20,000 tokens that it found to be ours. Tokens that are not are read anew
 * each time and not kept, so nobody fills this without having been given them. Whether a token is over is for the caller to say.
 */
export function remembering<Grant>(
  read: (seal: Seal, token: string) => Grant | undefined,
): (seal: Seal, token: string) => Grant | undefined {
  const proved = new WeakMap<Seal, Map<string, Grant>>();
  return (seal, token) => {
    const tokens = proved.get(seal) ?? new Map<string, Grant>();
    const known = tokens.get(token);
    if (known !== undefined) return known;
    const grant = read(seal, token);
    if (grant === undefined) return undefined;
    proved.set(seal, tokens.set(token, grant));
    for (const oldest of tokens.keys()) {
      if (tokens.size <= most) break;
      tokens.delete(oldest);
    }
    return grant;
  };
}
