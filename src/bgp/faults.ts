import type { FaultTable } from "#units/fault.ts";

/** What can go wrong between a listener and its neighbours' configuration. */
export const bgpFaults = {
  configRefused: {
    code: "bgp-config-refused",
    status: 500,
    sentence: "The BGP configuration cannot be used: {because}",
  },
  listenFailed: {
    code: "bgp-listen-failed",
    status: 500,
    sentence:
      "BGP neighbours cannot be listened to at {listen}: {because}. Ports below 1024 need root or CAP_NET_BIND_SERVICE; name another port in `listen`, and in the neighbour's configuration.",
  },
  bmpListenFailed: {
    code: "bmp-listen-failed",
    status: 500,
    sentence:
      "Routers that export BMP cannot be listened to at {listen}: {because}. Name another address or port in `bmp.listen`, and in the routers' configuration.",
  },
} as const satisfies FaultTable;
