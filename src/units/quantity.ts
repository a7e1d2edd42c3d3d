// Quantities that carry their unit in the type: a `Seconds` handed over as `Bytes` does not compile.

declare const unit: unique symbol;
type Quantity<U extends string> = number & { readonly [unit]: U };

export type Bytes = Quantity<"byte">;
export type Seconds = Quantity<"second">;
export type Milliseconds = Quantity<"millisecond">;
export type BitsPerSecond = Quantity<"bit/s">;
export type BytesPerSecond = Quantity<"byte/s">;
export type Frames = Quantity<"frame">;
export type Kilometres = Quantity<"km">;

export const bytes = (n: number): Bytes => n as Bytes;
export const seconds = (n: number): Seconds => n as Seconds;
export const milliseconds = (n: number): Milliseconds => n as Milliseconds;
export const bitsPerSecond = (n: number): BitsPerSecond => n as BitsPerSecond;
export const bytesPerSecond = (n: number): BytesPerSecond => n as BytesPerSecond;
export const frames = (n: number): Frames => n as Frames;
export const kilometres = (n: number): Kilometres => n as Kilometres;

/** Frame rate as an exact fraction: NTSC film is 24000/1001, not 23.976. */
export interface FrameRate {
  readonly num: number;
  readonly den: number;
}

/** How long `count` frames last at `rate`. */
export function framesToSeconds(count: number, rate: FrameRate): Seconds {
  return seconds((count * rate.den) / rate.num);
}
