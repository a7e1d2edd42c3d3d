// From a stream of octets to records that say their own length: BMP messages and MRT records. Memory is bounded by the
// longest record that is taken, and an octet is copied at most once.

export interface RecordForm {
  /** Octets from which the whole length can be told. */
  readonly headLength: number;
  /** Whole length of the record at `at`; a sentence when it is none. */
  readonly lengthAt: (bytes: Uint8Array, at: number) => number | string;
  readonly longest: number;
}

export interface RecordStream {
  readonly form: RecordForm;
  pending: Uint8Array;
  held: number;
}

/** Shows one whole record; a sentence when it cannot be read, which ends the stream. */
export type ShowRecord = (bytes: Uint8Array, start: number, end: number) => string | undefined;

export function recordStream(form: RecordForm): RecordStream {
  return { form, pending: new Uint8Array(4096), held: 0 };
}

/** Takes the next octets in; a sentence when the stream cannot be read on. */
export function feedRecords(stream: RecordStream, chunk: Uint8Array, show: ShowRecord): string | undefined {
  const { form } = stream;
  let at = 0;
  if (stream.held > 0) {
    at = topUp(stream, chunk, at, form.headLength);
    if (stream.held < form.headLength) return undefined;
    const length = lengthOf(form, stream.pending, 0);
    if (typeof length === "string") return length;
    at = topUp(stream, chunk, at, length);
    if (stream.held < length) return undefined;
    stream.held = 0;
    const because = show(stream.pending, 0, length);
    if (because !== undefined) return because;
  }
  while (chunk.length - at >= form.headLength) {
    const length = lengthOf(form, chunk, at);
    if (typeof length === "string") return length;
    if (at + length > chunk.length) break;
    const because = show(chunk, at, at + length);
    if (because !== undefined) return because;
    at += length;
  }
  topUp(stream, chunk, at, chunk.length - at);
  return undefined;
}

function lengthOf(form: RecordForm, bytes: Uint8Array, at: number): number | string {
  const length = form.lengthAt(bytes, at);
  if (typeof length === "string") return length;
  if (length < form.headLength) return `a record of ${length} octets is shorter than its head`;
  if (length > form.longest) return `a record of ${length} octets; at most ${form.longest} are taken`;
  return length;
}

/** Copies from the chunk until `wanted` octets are held; returns where the chunk goes on. */
function topUp(stream: RecordStream, chunk: Uint8Array, at: number, wanted: number): number {
  const end = Math.min(chunk.length, at + Math.max(0, wanted - stream.held));
  const held = stream.held + end - at;
  if (held > stream.pending.length) {
    const bigger = new Uint8Array(Math.max(held, stream.pending.length * 2));
    bigger.set(stream.pending.subarray(0, stream.held));
    stream.pending = bigger;
  }
  stream.pending.set(chunk.subarray(at, end), stream.held);
  stream.held = held;
  return end;
}
