// planted at src/edge/planted.ts: lint/style/noRestrictedImports
import { startOrigin } from "./io/origin.ts";
export const start = startOrigin;
