// The head: files that every box holds, so that steering can divide their traffic as it likes.
import type { PlaceSettings } from "./settings.ts";
import type { Box, StockFile } from "./stock.ts";

export interface HeadFile {
  readonly file: StockFile;
  /** "hot": too much traffic for few boxes. "room": the whole catalogue fits, and this much more besides. */
  readonly why: "hot" | "room";
}

/**
 * Takes files in density order while one of two reasons holds:
 * - hot: its traffic is more than τ of the slowest box's part, and the head stays within its part of the smallest box;
 * - room: with it on every box there is still room for `minCopies` of everything else.
 *
 * A single copy of one hot file would cap the whole cluster at the throughput of its holder. Source: placement
 * research §1.4, measured there: 0.35–0.66 of the cluster without a head, 1.00 with one.
 */
export function chooseHead(
  files: readonly StockFile[],
  boxes: readonly Box[],
  minCopies: number,
  settings: PlaceSettings,
): readonly HeadFile[] {
  const total = files.reduce((sum, file) => sum + file.traffic, 0);
  const throughput = boxes.reduce((sum, box) => sum + box.throughput, 0);
  const slowest = Math.min(...boxes.map((box) => box.throughput)) / throughput;
  const hotTraffic = (settings.headTrafficPercent / 100) * slowest * total;
  const smallest = Math.min(...boxes.map((box) => box.room));
  const hotBytes = (settings.headBytesPercent / 100) * smallest;
  const roomy = roominess(files, boxes, minCopies);

  const head: HeadFile[] = [];
  let headBytes = 0;
  files.forEach((file, i) => {
    const bytes = headBytes + file.sizeBytes;
    const why =
      file.traffic > hotTraffic && bytes <= hotBytes ? "hot" : roomy.fits(bytes, i) ? "room" : undefined;
    if (why === undefined) {
      roomy.leave(file);
      return;
    }
    head.push({ file, why });
    headBytes = bytes;
  });
  return head;
}

/** Part of all room left free beside the head, so that the rest can follow its weights and rarely spills. */
const slackPart = 0.1;

/** Whether a head of so many bytes leaves room for the rest: in sum, and for its largest file. */
function roominess(
  files: readonly StockFile[],
  boxes: readonly Box[],
  minCopies: number,
): { fits(headBytes: number, upTo: number): boolean; leave(file: StockFile): void } {
  const all = files.reduce((sum, file) => sum + file.sizeBytes, 0);
  const room = boxes.reduce((sum, box) => sum + box.room, 0) * (1 - slackPart);
  const smallest = Math.min(...boxes.map((box) => box.room));
  const largest = Math.max(...boxes.map((box) => box.room));
  const copies = Math.min(minCopies, boxes.length);
  const largestAfter = new Float64Array(files.length + 1);
  for (let i = files.length - 1; i >= 0; i--) {
    largestAfter[i] = Math.max(largestAfter[i + 1] ?? 0, files[i]?.sizeBytes ?? 0);
  }
  if (all <= smallest) return { fits: () => true, leave: () => undefined };
  let largestLeft = 0;
  return {
    fits: (headBytes, upTo) =>
      headBytes <= smallest &&
      boxes.length * headBytes + copies * (all - headBytes) <= room &&
      Math.max(largestLeft, largestAfter[upTo + 1] ?? 0) <= largest - headBytes,
    leave: (file) => {
      largestLeft = Math.max(largestLeft, file.sizeBytes);
    },
  };
}
