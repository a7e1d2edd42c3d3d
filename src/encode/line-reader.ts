// Text that comes in chunks, a line at a time: what a long film's programs print does not fit into one string.

export interface LineReader {
  readonly take: (text: string) => void;
  /** A last line without an end counts too. */
  readonly end: () => void;
}

export function lineReader(onLine: (line: string) => void): LineReader {
  let rest = "";
  return {
    take: (text) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) onLine(line);
    },
    end: () => {
      if (rest !== "") onLine(rest);
      rest = "";
    },
  };
}
