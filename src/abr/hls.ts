// hls.js (1.7): its controller asks for `nextAutoLevel` on every tick, one to three times per fragment, and hears its own answer
// back. So the answer is worked out as often as it is asked, and counts when the fragment is really requested.
import { Fault } from "#units/fault.ts";
import { abrFaults } from "./faults.ts";
import { HlsLink, type HlsPlayerLike } from "./hls-link.ts";
import { type AbrOptions, AbrSession } from "./session.ts";

/** What the class of hls.js has, of which ours is a kind. Its listeners are those that hls.js documents as protected. */
interface Controller {
  get firstAutoLevel(): number;
  get nextAutoLevel(): number;
  set nextAutoLevel(level: number);
  onFragLoading(event: string, data: object): void;
  destroy(): void;
}
type ControllerClass = new (hls: HlsPlayerLike) => Controller;

export interface HlsConfig<Class> {
  readonly abrController: Class;
  /** The test would fetch the first fragment twice. */
  readonly testBandwidth: false;
  readonly maxBufferLength: number;
  readonly maxMaxBufferLength: number;
}

/** What goes into `new Hls(…)`. It is given the class that the page has, so that nothing of hls.js comes with us. */
export function hlsConfig<Class>(
  Hls: { readonly DefaultConfig: { readonly abrController: Class } },
  options?: AbrOptions,
): HlsConfig<Class>;
export function hlsConfig(
  Hls: { readonly DefaultConfig: { readonly abrController: unknown } },
  options: AbrOptions = {},
): HlsConfig<unknown> {
  const Base = Hls.DefaultConfig.abrController;
  if (!isClass(Base)) throw new Fault(abrFaults.noController, { found: typeof Base });
  // Sizes that cannot be used are refused here, not in the middle of hls.js.
  const goal =
    new AbrSession(options, { bufferMs: () => 0, caps: () => ({ minRung: 0, maxRung: 0 }) }).goalMs / 1000;
  return {
    abrController: controllerOn(Base, options),
    testBandwidth: false,
    maxBufferLength: goal,
    maxMaxBufferLength: goal,
  };
}

function controllerOn(Base: ControllerClass, options: AbrOptions): ControllerClass {
  return class extends Base {
    readonly #link: HlsLink;

    constructor(hls: HlsPlayerLike) {
      super(hls);
      this.#link = new HlsLink(hls, options, () => super.firstAutoLevel);
    }

    override get firstAutoLevel(): number {
      return this.#link.level() ?? super.firstAutoLevel;
    }

    override get nextAutoLevel(): number {
      return this.#link.level() ?? super.nextAutoLevel;
    }

    override set nextAutoLevel(level: number) {
      super.nextAutoLevel = level;
    }

    override onFragLoading(): void {
      // The class of hls.js would watch the request from here on, to give it up and fetch the fragment again.
    }

    override destroy(): void {
      this.#link.close();
      super.destroy();
    }
  };
}

function isClass(value: unknown): value is ControllerClass {
  return typeof value === "function";
}
