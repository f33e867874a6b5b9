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
    ],
  },
});
