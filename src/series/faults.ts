// Why a query has no answer, and why a push cannot be begun.
import type { FaultTable } from "#units/fault.ts";

export const seriesFaults = {
  unread: {
    code: "series-query-unread",
    status: 400,
    sentence: 'q: word {at}, "{word}": {because}.',
  },
  span: { code: "series-span-unread", status: 400, sentence: "{field}: {because}." },
  tooMuch: { code: "series-query-too-much", status: 400, sentence: "q: {because}. Ask for less at once." },
  otlpUrl: {
    code: "otlp-url-unfit",
    status: 500,
    sentence: 'MILLRACE_OTLP_URL: wanted an http or https address without a password in it, found "{found}".',
  },
} as const satisfies FaultTable;
