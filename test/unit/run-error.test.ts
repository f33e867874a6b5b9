import * as pulumi from "@pulumi/pulumi";
import { expect, it } from "vitest";
import { runError } from "../../components/run-error";

it("is Pulumi's error for people, its lines and no stack: rendering one takes Node 20 half a minute", () => {
  const error = runError("2 settings are wrong:", "  - port");
  expect(pulumi.RunError.isInstance(error)).toBe(true);
  expect(error.message).toBe("2 settings are wrong:\n  - port");
  expect(error.stack).toBe("");
});
