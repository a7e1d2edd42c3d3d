// What an import makes of the answer to its request. Source: RFC 9110 §14 (ranges), §13.1.5 (If-Range), §15.4 (redirects).

export interface AnswerFacts {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
}

/** What is on disk of the file already, and by what its server named it. */
export interface Begun {
  readonly offset: number;
  /** Of the whole file. */
  readonly bytes: number;
  readonly validator: string;
}

export type AnswerVerdict =
  /** The body is the file from `offset` on; `bytes` is the whole file's length. */
  | {
      readonly kind: "body";
      readonly offset: number;
      readonly bytes: number;
      readonly validator: string | undefined;
    }
  | { readonly kind: "redirect"; readonly to: string }
  /** Trying again may help. */
  | { readonly kind: "later"; readonly because: string }
  | { readonly kind: "refused"; readonly because: string };

/** Headers that ask for the rest of a file, only if it is still the same one. */
export function resumeHeaders(begun: Begun | undefined): Readonly<Record<string, string>> {
  return begun === undefined ? {} : { range: `bytes=${begun.offset}-`, "if-range": begun.validator };
}

export function judgeAnswer(answer: AnswerFacts, begun: Begun | undefined): AnswerVerdict {
  const { status, headers } = answer;
  if (status >= 300 && status < 400) {
    const to = headers.location;
    return to === undefined ? refused(`status ${status}`) : { kind: "redirect", to };
  }
  if (status === 429 || status >= 500) return { kind: "later", because: `status ${status}` };
  if (status !== 200 && status !== 206) return refused(`status ${status}`);
  const coding = headers["content-encoding"] ?? "identity";
  if (coding.trim().toLowerCase() !== "identity") return refused(`a body coded as ${coding.slice(0, 40)}`);
  return status === 200 ? whole(headers) : part(headers, begun);
}

function whole(headers: AnswerFacts["headers"]): AnswerVerdict {
  const bytes = count(headers["content-length"]);
  if (bytes === undefined) return refused("no Content-Length, so that nobody knows whether there is room");
  if (bytes === 0) return refused("an empty file");
  return { kind: "body", offset: 0, bytes, validator: validatorOf(headers) };
}

function part(headers: AnswerFacts["headers"], begun: Begun | undefined): AnswerVerdict {
  if (begun === undefined) return refused("a part (206) where the whole was asked for");
  const [, from, to, of] =
    /^bytes (\d{1,16})-(\d{1,16})\/(\d{1,16})$/.exec(headers["content-range"] ?? "") ?? [];
  const isRest =
    Number(from) === begun.offset && Number(to) === begun.bytes - 1 && Number(of) === begun.bytes;
  if (!isRest) return refused("another part of the file than was asked for");
  const length = headers["content-length"];
  if (length !== undefined && count(length) !== begun.bytes - begun.offset) {
    return refused("a part whose length is not what its range says");
  }
  // A server that sends no validator with a part vouches for the one it was asked with.
  const now = validatorOf(headers) ?? begun.validator;
  if (now !== begun.validator) return refused("a part of another file than the one that was begun");
  return { kind: "body", offset: begun.offset, bytes: begun.bytes, validator: begun.validator };
}

/** A strong entity tag, or else the date of the last change; weak tags do not name bytes. */
function validatorOf(headers: AnswerFacts["headers"]): string | undefined {
  const tag = headers.etag;
  if (tag !== undefined && /^"[\x21\x23-\x7e]{1,200}"$/.test(tag)) return tag;
  const date = headers["last-modified"];
  return date !== undefined && /^[\x20-\x7e]{1,60}$/.test(date) ? date : undefined;
}

function count(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

function refused(because: string): AnswerVerdict {
  return { kind: "refused", because: `its server answered with ${because}` };
}
