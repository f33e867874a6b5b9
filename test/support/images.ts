import type { TestProject } from "vitest/node";
import { must } from "./run";

export interface ImageIds {
  readonly registry: string;
  readonly gateway: string;
}

declare module "vitest" {
  interface ProvidedContext {
    /** `inject("images")`: ids of the real images. */
    images: ImageIds;
  }
}

/** Set-up of the projects that run real containers: the images, built once where there are none. */
export default async function setup(project: TestProject): Promise<void> {
  // Vitest has a MODE of its own.
  const id = (image: string) => must("images/provide.sh", [], { env: { IMAGE: image, MODE: "auto" } });
  project.provide("images", { registry: await id("registry"), gateway: await id("gateway") });
}
