// What lies behind the event log, opened as the settings say it, with the shipper's words in the control plane's log.
import { randomInt } from "node:crypto";
import { sessionOf } from "#control/telemetry.ts";
import { type Events, openEvents } from "#data/io/events.ts";
import type { ShipEvent } from "#data/io/shipper.ts";
import type { EventLog } from "#data/ports.ts";
import { dataSettings } from "#data/settings.ts";
import { systemClock } from "#io/clock.ts";
import type { Log } from "#io/log.ts";
import { settingsOf } from "./program.ts";

const fine = 1 << 30;

export function eventsBehind(order: {
  readonly log: EventLog;
  readonly home: string;
  readonly logger: Log;
  readonly onNote: (text: string) => void;
  readonly signal: AbortSignal;
}): Promise<Events> {
  return openEvents({
    ...order,
    settings: settingsOf(dataSettings),
    keyOf: sessionOf,
    clock: systemClock,
    chance: () => randomInt(fine) / fine,
    onShip: (event) => tell(order.logger, event),
  });
}

function tell(logger: Log, event: ShipEvent): void {
  switch (event.kind) {
    case "waits":
      logger.error({ err: event.error }, "the shipper waits: Kafka does not take what the event log has");
      break;
    case "goes-on":
      logger.info({ offset: event.offset }, "the shipper goes on");
      break;
    case "new-topic":
      logger.info({ topic: event.topic, from: event.from }, "all of the event log is shipped to a new topic");
      break;
    case "sent-again": {
      const { kind: _, ...facts } = event;
      logger.error(facts, "Kafka lost what it had acknowledged: all that is kept is sent again");
      break;
    }
    case "given-up": {
      const { error, offset, isKept } = event;
      logger.error({ err: error, offset, isKept }, "a record of the event log cannot be shipped");
      break;
    }
  }
}
