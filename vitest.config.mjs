import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      { test: { name: "engine", include: ["engine/test/**/*.test.ts"], testTimeout: 60_000 } },
      { test: { name: "unit", include: ["test/unit/**/*.test.ts"], testTimeout: 30_000 } },
      {
        test: {
          name: "rendered",
          include: ["test/rendered/**/*.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          globalSetup: ["test/support/images.ts"],
          poolOptions: { forks: { maxForks: 2 } },
        },
      },
      {
        test: {
          name: "integration",
          include: ["test/integration/**/*.test.ts"],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          // Each file has a deployment of its own; two at a time are what two cores carry.
          poolOptions: { forks: { maxForks: 2 } },
        },
      },
    ],
  },
});
