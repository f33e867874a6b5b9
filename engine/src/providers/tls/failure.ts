/** Runs `attempt`; its error gets what was being done put before it, as the plugin's messages have it. */
export function within<T>(what: string, attempt: () => T): T {
  try {
    return attempt();
  } catch (error) {
    throw new Error(`${what}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
