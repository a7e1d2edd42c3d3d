// The text of each event of a body, cut out of the body's own text: to write an event down again costs more than all else that is
// done with it, and what came is already what the log holds.
//
// It is cut only where no other reading is possible. Events are flat, so each is one pair of braces. Players write bodies without
// spaces, so one event ends and the next begins with `},{`. When that many pairs, and no further closing brace but the body's own, is
// what the text has, no brace is part of a string, and nothing else in the body is an object. A quote within a string has a backslash
// before it, so `"events":[{` is the key itself.

const begin = '"events":[{';

/**
 * `text` is a body that was read and found to have these `count` events and no unknown keys. Undefined when it cannot be told where
 * each event stands. A key that was given twice stands in its event twice; the last counts, for every reader.
 */
export function eventTexts(text: string, count: number): readonly string[] | undefined {
  const key = text.indexOf(begin);
  if (key < 0) return undefined;
  let from = key + begin.length - 1;
  // Before the first event nothing is closed.
  if (text.indexOf("}") < from) return undefined;
  const texts: string[] = [];
  for (;;) {
    const to = text.indexOf("}", from) + 1;
    if (to === 0) return undefined;
    texts.push(text.slice(from, to));
    if (texts.length === count) return endsBehind(text, to) ? texts : undefined;
    if (!text.startsWith(",{", to)) return undefined;
    from = to + 1;
  }
}

/** Whether the list ends here, and the one brace that is left is the body's. */
function endsBehind(text: string, at: number): boolean {
  return text.startsWith("]", at) && text.indexOf("}", at) === text.lastIndexOf("}");
}
