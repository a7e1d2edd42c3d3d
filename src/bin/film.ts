// The film that flows: the one that was named, or a sample that is made once.
import { access } from "node:fs/promises";
import { join, resolve } from "node:path";
import { makeSampleFilm } from "#encode/io/sample-film.ts";
import type { River } from "./river.ts";

/** Path of the film. The sample's line is printed only when it has to be made. */
export async function filmFor(river: River): Promise<string> {
  const { order, home, tools, terminal, signal } = river;
  if (order.film !== undefined) return resolve(order.film);
  const path = join(home, "sample/millrace-sample.mp4");
  const there = await access(path).then(
    () => true,
    () => false,
  );
  if (!there) {
    terminal.say("          no film was named: making a short sample");
    await makeSampleFilm({ path, tools, signal });
  }
  return path;
}
