import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      { test: { name: "engine", include: ["engine/test/**/*.test.ts"], testTimeout: 60_000 } },
      { test: { name: "unit", include: ["test/unit/**/*.test.ts"] } },
    ],
  },
});
