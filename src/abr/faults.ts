import type { FaultTable } from "#units/fault.ts";

/** What can be wrong with what a page hands over. */
export const abrFaults = {
  sizesRefused: {
    code: "abr-sizes-refused",
    status: 422,
    sentence: "The sizes of this title cannot be used: {wanted} was wanted at {where}, found {found}.",
  },
  noController: {
    code: "abr-no-controller",
    status: 422,
    sentence: "hls.js was wanted with DefaultConfig.abrController as a class, found {found}.",
  },
} as const satisfies FaultTable;
