// What players say reaches steering: the stream job judges, the fleet remembers, the log and the metrics tell.
import { heardPlayers } from "#control/fleet.ts";
import type { Desk } from "./desk.ts";

export async function judgeForever(desk: Desk, signal: AbortSignal): Promise<void> {
  const { quality, state, logger, meters } = desk;
  const appliances = (): readonly string[] => [...state.network.appliances.keys()];
  await quality.run(
    {
      appliances,
      onGate(gate) {
        const { fleet, closed, opened } = heardPlayers(state.fleet, gate);
        state.fleet = fleet;
        for (const appliance of closed) {
          const because = gate.closed[appliance]?.because;
          logger.warn({ appliance, because }, "players fare worse there: no new plays for a while");
        }
        for (const appliance of opened) logger.info({ appliance }, "players fare well there again");
        meters.playersGate.inc({ to: "closed" }, closed.length);
        meters.playersGate.inc({ to: "open" }, opened.length);
      },
    },
    signal,
  );
}
