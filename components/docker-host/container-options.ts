/** What every container of ours has: it comes back after a reboot, and can do no more than it must. */
export const hardened = {
  options: {
    restart: "unless-stopped",
    readOnly: true,
    capabilities: { drops: ["ALL"] },
    securityOpts: ["no-new-privileges"],
  },
  /** Durations in Go's own form: another one shows as a change in every preview. */
  healthcheckTimes: { interval: "5s", timeout: "5s", retries: 6, startPeriod: "2s" },
};

/** At most 50 MB of log a container. */
export const logRotation = {
  logDriver: "json-file",
  logOpts: { "max-size": "10m", "max-file": "5" },
};
