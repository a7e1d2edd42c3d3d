// The text of each event of a body, cut out of the body's own text: to write an event down again costs more than all else that is
// done with it, and what came is already what the log holds.
//
// It is cut only where no other reading is possible. Events are flat, so each is one pair of braces. Players write bodies without
// spaces, so one event ends and the next begins with `},{`. When that many pairs, and no further closing brace but the body's own, is
// what the text has, no brace is part of a string, and nothing else in the body is an object. A quote within a string has a backslash
// before it, so `"events":[{` is the key itself.
//
// An event that its sender stretched is written anew: with space between its parts, a key said twice (of which readers of other
// languages take the one or the other), or longer than any honest one.

const begin = '"events":[{';
/** Characters of an event. The longest that our players say has under a thousand. */
const longest = 2048;

/**
 * `text` is a body that was read and found to have these events and no unknown keys. Undefined when it cannot be told where each event
 * stands; of one event, when its text is not what it would be written as but for the order of keys and the spelling of values.
 */
export function eventTexts(
  text: string,
  events: readonly object[],
): readonly (string | undefined)[] | undefined {
  const key = text.indexOf(begin);
  if (key < 0) return undefined;
  let from = key + begin.length - 1;
  // Before the first event nothing is closed.
  if (text.indexOf("}") < from) return undefined;
  const texts: (string | undefined)[] = [];
  for (const event of events) {
    const to = text.indexOf("}", from) + 1;
    if (to === 0) return undefined;
    texts.push(isTight(text, { from, to, event }) ? text.slice(from, to) : undefined);
    if (texts.length === events.length) return endsBehind(text, to) ? texts : undefined;
    if (!text.startsWith(",{", to)) return undefined;
    from = to + 1;
  }
  return undefined;
}

/** Whether `text` has the event, and no more, there: no space between its parts, and each key once. */
function isTight(text: string, { from, to, event }: Piece): boolean {
  if (to - from > longest) return false;
  let members = 0;
  for (const _ in event) members += 1;
  const form = formOf(members);
  form.lastIndex = from;
  return form.test(text) && form.lastIndex === to;
}

interface Piece {
  readonly from: number;
  readonly to: number;
  readonly event: object;
}

const string = String.raw`"[^"\\]*(?:\\.[^"\\]*)*"`;
/** By how many members they have. To walk along the text here takes twice as long. */
const forms: RegExp[] = [];

/** Flat, as written without spaces. */
function formOf(members: number): RegExp {
  forms[members] ??= new RegExp(String.raw`\{(?:"\w+":(?:[-+.\w]+|${string})[,}]){${members}}`, "y");
  return forms[members];
}

/** Whether the list ends here, and the one brace that is left is the body's. */
function endsBehind(text: string, at: number): boolean {
  return text.startsWith("]", at) && text.indexOf("}", at) === text.lastIndexOf("}");
}
