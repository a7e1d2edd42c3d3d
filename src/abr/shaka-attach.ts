// One call that puts a rule into a Shaka Player and keeps it informed.
import type { AbrOptions } from "./session.ts";
import { ShakaAbrManager } from "./shaka.ts";
import type { MediaLike, ShakaVariant } from "./shaka-limits.ts";
import { ShakaManagers } from "./shaka-managers.ts";

interface Range {
  readonly start: number;
  readonly end: number;
}

/** The slice of `shaka.Player` that is needed. */
export interface ShakaPlayerLike {
  configure(config: object): boolean;
  getMediaElement(): MediaLike | null;
  getBufferedInfo(): { readonly video: readonly Range[]; readonly total: readonly Range[] };
  isLive(): boolean;
  seekRange(): Range;
  addEventListener(type: string, listener: (event: Event) => void): void;
  removeEventListener(type: string, listener: (event: Event) => void): void;
}

/** Browsers leave gaps of a few frames. */
const gapSeconds = 0.3;

/** Call it before `load`. Returns how to take the rule out again; a load after that has Shaka's own rule only if it is configured. */
export function attachToShaka(player: ShakaPlayerLike, options: AbrOptions = {}): () => void {
  const sized = { ...options, bufferMs: () => bufferOf(player) };
  const managers = new ShakaManagers<ShakaVariant>(sized);
  let media: MediaLike | undefined;
  const seeking = (): void => {
    const manager = managers.playing;
    manager?.sought(manager.session.segmentAt((media?.currentTime ?? 0) * 1000));
  };
  const listen = (next: MediaLike | undefined): void => {
    media?.removeEventListener("seeking", seeking);
    media = next;
    media?.addEventListener("seeking", seeking);
  };
  const loaded = (): void => listen(player.getMediaElement() ?? undefined);
  const left = (): void => managers.begin(0);
  const appended = (event: Event): void => {
    const segment = segmentOf(event);
    const manager = managers.playing;
    if (segment !== undefined && manager !== undefined) decide(player, manager, segment);
  };
  player.configure({
    abrFactory: managers.make,
    streaming: { bufferingGoal: new ShakaAbrManager(sized).session.goalMs / 1000, segmentPrefetchLimit: 0 },
  });
  player.addEventListener("loading", loaded);
  player.addEventListener("unloading", left);
  player.addEventListener("segmentappended", appended);
  return () => {
    listen(undefined);
    player.removeEventListener("loading", loaded);
    player.removeEventListener("unloading", left);
    player.removeEventListener("segmentappended", appended);
  };
}

function decide(player: ShakaPlayerLike, manager: ShakaAbrManager<ShakaVariant>, segment: Range): void {
  const { session } = manager;
  const media = player.getMediaElement();
  const totalMs = player.isLive() ? undefined : player.seekRange().end * 1000;
  session.setTimeline({ segmentMs: (segment.end - segment.start) * 1000, totalMs });
  const index = session.segmentAt(((segment.start + segment.end) / 2) * 1000);
  // One from before a seek that arrives late decides nothing.
  const late = media?.seeking === true && index !== session.segmentAt(media.currentTime * 1000);
  if (!late) manager.decideAfter(index);
}

/** Of the picture; of both where picture and sound come in one file. */
function bufferOf(player: ShakaPlayerLike): number {
  const now = player.getMediaElement()?.currentTime ?? 0;
  const { video, total } = player.getBufferedInfo();
  const ranges = video.length > 0 ? video : total;
  const range = ranges.find(({ start, end }) => start <= now + gapSeconds && end > now);
  return range === undefined ? 0 : (range.end - now) * 1000;
}

/** The fields that Shaka puts on its event; undefined when it is not about the picture. */
function segmentOf(event: Event): Range | undefined {
  if (!("contentType" in event && "start" in event && "end" in event)) return undefined;
  return event.contentType === "video" ? { start: Number(event.start), end: Number(event.end) } : undefined;
}
