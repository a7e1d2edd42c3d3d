// From a message to the event it is for the session's machine. UPDATE messages are not read here: they go to the table.
import { keepaliveType, notificationType, openType, refreshType } from "./message.ts";
import { readNotification } from "./notification.ts";
import { readOpen } from "./open.ts";
import { readRefresh } from "./route-refresh.ts";
import type { SessionEvent } from "./session-state.ts";

/** Undefined for a message that is passed over. The header has been checked. */
export function sessionEvent(
  link: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): SessionEvent | undefined {
  switch (bytes[start + 18]) {
    case openType: {
      const reading = readOpen(bytes, start, end);
      if (reading.kind === "refused") return { kind: "broken", link, error: reading.error };
      return { kind: "open", link, open: reading.open };
    }
    case keepaliveType:
      return { kind: "keepalive", link };
    case notificationType:
      return { kind: "notification", link, notification: readNotification(bytes, start, end) };
    case refreshType: {
      const reading = readRefresh(bytes, start, end);
      if (reading.kind === "refused") return { kind: "broken", link, error: reading.error };
      if (reading.kind === "ignored") return undefined;
      return { kind: "refresh", link, family: reading.family, what: reading.what };
    }
    default:
      return undefined;
  }
}
