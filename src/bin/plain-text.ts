// What comes from a file and goes to a terminal.

/** Signs that steer a terminal, break a line or turn writing around: an id from a file may have them. */
const steering = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ufeff]/gu;

/** Text from a file as one line that only shows itself. */
export function plainText(text: string): string {
  return text.replaceAll(steering, "\ufffd");
}
