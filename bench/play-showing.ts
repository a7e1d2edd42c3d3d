// What is kept of one showing: as the page saw it and as the server answered, before any figure is made of it.
import { z } from "zod";

/** `readyS`: film that lies ready from the playhead on. */
const moment = z.object({ wallMs: z.number(), filmS: z.number(), readyS: z.number() });

export const seenByPage = z.object({
  /** "ended", or what went wrong. */
  end: z.string(),
  /** Until the browser presented a frame, and until the film moved; from the moment the page wanted to play. */
  firstFrameMs: z.number().nullable(),
  /** Where the playhead was, about five times a second. */
  playhead: z.array(moment),
  /** Segments of the picture as they came into the buffer: where they begin, and how large they are. */
  appended: z.array(z.object({ wallMs: z.number(), startS: z.number(), bytes: z.number() })),
  decisions: z.number(),
  frames: z.object({ dropped: z.number(), total: z.number() }),
});
export type SeenByPage = z.infer<typeof seenByPage>;

/** A request for a file of the film, from the server's log. */
export const served = z.object({ atMs: z.number(), path: z.string() });
export type Served = z.infer<typeof served>;

export const serverLog = z.object({ served: z.array(served), changes: z.number() });

export const showing = z.object({
  ...{ page: seenByPage, server: serverLog },
  trace: z.string(),
  run: z.number(),
  player: z.enum(["ours", "shaka", "hls.js", "dash.js"]),
});
export type Showing = z.infer<typeof showing>;
