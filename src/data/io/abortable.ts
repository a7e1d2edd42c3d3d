/** What the work comes to, or the signal's reason as soon as it is aborted; the work itself may go on. */
export function abortable<A>(work: Promise<A>, signal: AbortSignal | undefined): Promise<A> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
