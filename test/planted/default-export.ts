// planted at src/account/planted.ts: lint/style/noDefaultExport
export default function nameless(): number {
  return 1;
}
