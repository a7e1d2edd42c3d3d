// planted at web/app/planted.ts: lint/style/noRestrictedImports
import { startControl } from "#control/io/server.ts";
export const start = startControl;
