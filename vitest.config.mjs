import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    // Most tests wait for Docker rather than for a processor: one more than there are cores keeps both busy.
    poolOptions: { forks: { maxForks: 3, minForks: 1 } },
    projects: [
      { test: { name: "engine", include: ["engine/test/**/*.test.ts"], testTimeout: 60_000 } },
      {
        test: { name: "unit", include: ["test/unit/**/*.test.ts"], testTimeout: 30_000, hookTimeout: 60_000 },
      },
      {
        test: {
          name: "rendered",
          include: ["test/rendered/**/*.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          globalSetup: ["test/support/images.ts"],
        },
      },
      {
        test: {
          name: "integration",
          include: ["test/integration/**/*.test.ts"],
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
