// What the player asks of the control plane.

export const playerEndpoints = { play: "/v1/play", telemetry: "/v1/telemetry", cmcd: "/v1/cmcd" } as const;

export function screenPath(sessionId: string): string {
  return `/v1/screens/${encodeURIComponent(sessionId)}`;
}
