// Keys of an encrypted film: where Shaka asks for them, and that this page asks anew once per lease. ClearKey keys have no end of
// their own: an honest player stops by its lease, and what it asks anew is the proof that it still may, not a new key.
import { ApiError, postJson } from "#web/api.ts";
import { deadlineHeader, deadlineText } from "#wire/deadline.ts";
import { clearKeyLicence, clearKeyRequest } from "#wire/licence.ts";
import type { PlayAnswer } from "#wire/viewer.ts";
import type { RequestFilter, Shaka, ShakaPlayer } from "./shaka.ts";

export interface LicencePorts {
  /** The newest. */
  readonly answer: () => PlayAnswer | undefined;
  readonly lost: () => void;
  /** The account or the film lost its right: the film ends here. */
  readonly refused: (error: ApiError) => void;
  readonly note: (text: string) => void;
}

const systems: Readonly<Record<string, string>> = {
  widevine: "com.widevine.alpha",
  playready: "com.microsoft.playready",
  fairplay: "com.apple.fps",
};
/** A control plane that is busy is asked again; whoever is refused is not helped by it. */
const retryParameters = {
  maxAttempts: 4,
  baseDelay: 300,
  backoffFactor: 2,
  fuzzFactor: 0.5,
  timeout: 10_000,
};
export const accountRefused: ReadonlySet<string> = new Set(["account-suspended", "not-subscribed"]);
const rightGone: ReadonlySet<string> = new Set([...accountRefused, "denied"]);

export class Licences {
  readonly #ports: LicencePorts;
  readonly #signal: AbortSignal;
  #kids: readonly string[] = [];
  #provedMs = performance.now();

  constructor(ports: LicencePorts, signal: AbortSignal) {
    this.#ports = ports;
    this.#signal = signal;
  }

  /** Before the film is loaded; a clear one needs nothing. */
  configure(shaka: Shaka, player: ShakaPlayer): void {
    const licence = this.#ports.answer()?.licence;
    if (licence === undefined) return;
    const here = (path: string): string => new URL(path, location.href).href;
    const others = Object.entries(licence.systems).map(([system, path]) => [
      systems[system] ?? system,
      here(path),
    ]);
    const own = licence.clearkey === undefined ? [] : [["org.w3.clearkey", here(licence.clearkey)]];
    player.configure({ drm: { servers: Object.fromEntries([...others, ...own]), retryParameters } });
    player.getNetworkingEngine()?.registerRequestFilter(this.filter(shaka));
  }

  filter(shaka: Shaka): RequestFilter {
    const { LICENSE } = shaka.net.NetworkingEngine.RequestType;
    return (type, request) => {
      if (type !== LICENSE) return;
      const waits = { [deadlineHeader]: deadlineText(retryParameters.timeout) };
      Object.assign(request.headers, waits, this.#ports.answer()?.licence?.headers);
      this.asked(request.body);
    };
  }

  /** A ClearKey request tells which keys; those of other systems say nothing. */
  asked(body: ArrayBuffer | ArrayBufferView | null | undefined): void {
    try {
      const said = clearKeyRequest.safeParse(JSON.parse(new TextDecoder().decode(body ?? undefined)));
      if (said.success) this.#kids = [...new Set([...this.#kids, ...said.data.kids])];
    } catch {
      // No JSON: another system's challenge.
      this.#kids = [];
    }
  }

  /** The lease was renewed: once in its length keys are asked for anew. */
  renewed(): void {
    const answer = this.#ports.answer();
    const path = answer?.licence?.clearkey;
    if (answer === undefined || path === undefined || this.#kids.length === 0) return;
    if (performance.now() - this.#provedMs < answer.lease.ttlMs) return;
    this.#provedMs = performance.now();
    void this.#prove(`${path}?token=${encodeURIComponent(answer.sessionToken)}`);
  }

  async #prove(path: string): Promise<void> {
    try {
      // 64 at most in a request; a film has four.
      const body = { kids: this.#kids.slice(0, 64), type: "temporary" };
      await postJson(path, body, clearKeyLicence, this.#signal);
    } catch (error) {
      if (this.#signal.aborted) return;
      const code = error instanceof ApiError ? error.code : "";
      if (code === "screen-lost") this.#ports.lost();
      else if (error instanceof ApiError && rightGone.has(code)) this.#ports.refused(error);
      // Whoever is not heard is not refused: the lease's own clock stops the film in time.
      else this.#ports.note(`keys could not be asked for anew${code === "" ? "" : ` (${code})`}`);
    }
  }
}
