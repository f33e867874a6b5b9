/**
 * What the engine says to the SDK's questions. `false` makes the SDK either do the work itself (`aliasSpecs`)
 * or tell a program that asks for it that it cannot be had.
 */
const features: Readonly<Record<string, boolean>> = {
  secrets: true,
  resourceReferences: true,
  outputValues: true,
  deletedWith: true,
  transforms: true,
  resourceHooks: true,
  aliasSpecs: false,
  replaceWith: false,
  invokeTransforms: false,
  errorHooks: false,
  parameterization: false,
};

export const supportsFeature = (id: string): boolean => features[id] ?? false;
