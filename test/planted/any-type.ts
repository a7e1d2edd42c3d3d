// planted at src/pack/planted.ts: lint/suspicious/noExplicitAny
export const box: any = 1;
