// A source that may hang is left at once by who gives up: it is told, and not waited for.
import { abortable } from "./abortable.ts";

export async function* toldSource(
  content: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const source = content[Symbol.asyncIterator]();
  let isOver = false;
  try {
    for (;;) {
      const next = await abortable(source.next(), signal);
      if (next.done === true) break;
      yield next.value;
    }
    isOver = true;
  } finally {
    if (!isOver) void Promise.resolve(source.return?.()).catch(() => undefined);
  }
}
