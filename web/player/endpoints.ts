// What the player asks of the control plane.

export const playerEndpoints = { play: "/v1/play", telemetry: "/v1/telemetry" } as const;

/** The ranked list for a title as a viewer at `viewpoint` would get it. */
export function steeringPath(titleId: string, viewpoint: string | undefined): string {
  const query = new URLSearchParams({ titleId, ...(viewpoint === undefined ? {} : { viewpoint }) });
  return `/v1/steering?${query}`;
}
