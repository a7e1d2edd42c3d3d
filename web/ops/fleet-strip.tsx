// How many appliances are well and how many are not, in a line that leads to them.
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { useResource } from "#web/use-resource.ts";
import { useWords } from "#web/words/say.ts";
import { getOpsMap } from "./client.ts";
import { healths, worstFirst } from "./fleet-order.ts";
import { networkWords } from "./network-words.ts";

const everyMs = 4000;

export function FleetStrip(): ReactElement | null {
  const say = useWords(networkWords);
  const { value } = useResource({ ...getOpsMap(), everyMs });
  if (value === undefined) return null;
  const counts = healths(value.appliances);
  const there = worstFirst.filter((health) => counts[health] > 0);
  return (
    <Link className="fleet-strip" to="/ops/appliances">
      {there.map((health) => (
        <span key={health} className={`badge ${health}`}>
          {counts[health].toLocaleString("en")} {say(health)}
        </span>
      ))}
    </Link>
  );
}
