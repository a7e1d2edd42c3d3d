// Tokens that opened lately, so that a thousand reports a second are no thousand questions to the database. One control
// plane speaks for a database, so a revocation passes through here and holds at once.
import { looksLikeToken, readToken } from "#account/api-token.ts";
import type { ControlPorts } from "#control/ports.ts";
import type { ApiToken } from "#data/ports.ts";
import type { Log } from "#io/log.ts";
import type { Clock } from "#units/clock.ts";

export interface TokenBook {
  /** undefined: it opens nothing. Tokens are found by their sha256, so that no comparison tells how much of one is right. */
  find(text: string): Promise<ApiToken | undefined>;
  /** Whoever asks from now on is answered by the database. */
  forget(): void;
}

export interface TokenBookOrder {
  readonly ports: Pick<ControlPorts, "stores" | "digest" | "settings">;
  readonly clock: Clock;
  readonly logger: Log;
}

interface Known {
  readonly token: ApiToken;
  readonly untilMs: number;
}

/** When a token was used is told to the hour. */
const usedEveryMs = 3_600_000;

export function openTokenBook({ ports, clock, logger }: TokenBookOrder): TokenBook {
  const { digest, settings, stores } = ports;
  const known = new Map<string, Known>();
  const asking = new Map<string, Promise<ApiToken | undefined>>();
  const usedAtMs = new Map<string, number>();
  let revocations = 0;

  const remember = (hash: string, token: ApiToken): void => {
    known.set(hash, { token, untilMs: clock.monoMs() + settings.tokenMemorySeconds * 1000 });
    for (const oldest of known.keys()) {
      if (known.size <= settings.tokensMost) break;
      known.delete(oldest);
    }
  };

  const ask = async (hash: string): Promise<ApiToken | undefined> => {
    const before = revocations;
    const token = await stores.tokens.byHash(hash, clock.wallMs());
    if (before !== revocations) return ask(hash);
    known.delete(hash);
    if (token === undefined) return undefined;
    remember(hash, token);
    return token;
  };

  /** Those who ask for one token at once share the answer. */
  const find = (hash: string): Promise<ApiToken | undefined> => {
    const others = asking.get(hash);
    if (others !== undefined) return others;
    const mine = ask(hash).finally(() => {
      if (asking.get(hash) === mine) asking.delete(hash);
    });
    asking.set(hash, mine);
    return mine;
  };

  const lives = (token: ApiToken): boolean =>
    clock.wallMs() < (token.expiresAtMs ?? Number.POSITIVE_INFINITY);

  const noteUse = async (token: ApiToken): Promise<void> => {
    const nowMs = clock.wallMs();
    if (nowMs - (usedAtMs.get(token.id) ?? token.lastUsedAtMs ?? 0) < usedEveryMs) return;
    usedAtMs.set(token.id, nowMs);
    await stores.tokens.used(token.id, nowMs - (nowMs % usedEveryMs)).catch((error: unknown) => {
      logger.warn({ err: error, token: token.id }, "when a token was used could not be noted");
    });
  };

  /**
   * While the database is away, who was known goes on, and does not wait for it again at once: no revocation can have been
   * taken meanwhile.
   */
  const goOn = (hash: string, kept: Known | undefined, error: unknown): ApiToken => {
    if (kept === undefined || !known.has(hash)) throw error;
    remember(hash, kept.token);
    return kept.token;
  };

  return {
    async find(text) {
      if (looksLikeToken(text) && readToken(text, digest) === undefined) return undefined;
      const hash = digest(text);
      const kept = known.get(hash);
      const fresh = kept !== undefined && clock.monoMs() < kept.untilMs;
      const token = fresh ? kept.token : await find(hash).catch((error: unknown) => goOn(hash, kept, error));
      if (token === undefined || !lives(token)) return undefined;
      void noteUse(token);
      return token;
    },
    forget() {
      revocations += 1;
      known.clear();
      asking.clear();
      usedAtMs.clear();
    },
  };
}
