// What a shot detector is told of each frame: ffmpeg's scdet figures, and a tiny grey picture that can be compared with
// any other frame's. One pass over the film prints the figures as text and draws the pictures as raw bytes.

/** 144 brightnesses tell a flash from a cut as well as 576 or 2304 did on annotated films, at a quarter of the store. */
export const pictureSize = { width: 16, height: 9 } as const;
export const pictureBytes = pictureSize.width * pictureSize.height;

export interface FrameFacts {
  /** Mean absolute difference of luma to the frame before, 0–100, of the film scaled to 320 pixels in width. */
  readonly mafd: number;
  /** scdet's score: the lesser of `mafd` and of its change since the frame before. */
  readonly score: number;
  /** Luma, row by row, `pictureSize`. */
  readonly picture: Uint8Array;
}

/** Figures and pictures of the same frames, or undefined when their numbers differ. */
export function readFrameFacts(figures: string, pictures: Uint8Array): readonly FrameFacts[] | undefined {
  const changes = readChanges(figures);
  if (changes.length * pictureBytes !== pictures.length) return undefined;
  return changes.map((change, frame) => ({
    ...change,
    picture: pictures.subarray(frame * pictureBytes, (frame + 1) * pictureBytes),
  }));
}

/** Text of ffmpeg's `metadata=print` after scdet: one block per frame. */
export function readChanges(text: string): readonly Omit<FrameFacts, "picture">[] {
  const changes: Omit<FrameFacts, "picture">[] = [];
  let mafd = 0;
  let score = 0;
  let open = false;
  const close = (): void => {
    if (open) changes.push({ mafd, score });
    mafd = 0;
    score = 0;
  };
  for (const line of text.split("\n")) {
    if (line.startsWith("frame:")) {
      close();
      open = true;
    } else if (line.startsWith("lavfi.scd.mafd=")) mafd = Number(line.slice(15));
    else if (line.startsWith("lavfi.scd.score=")) score = Number(line.slice(16));
  }
  close();
  return changes;
}
