/** Resolves after `milliseconds`; rejects when the operation is ended. */
export function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(new Error("Ended before it was done."));
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, milliseconds);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
}

/** Tries until `attempt` answers true, for at most `seconds`; false when the time is over. */
export async function until(
  attempt: () => Promise<boolean>,
  seconds: number,
  signal: AbortSignal,
  pause = 250,
): Promise<boolean> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    if (await attempt()) return true;
    if (Date.now() + pause > end) return false;
    await sleep(pause, signal);
  }
}
