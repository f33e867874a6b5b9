import { isList, isPropertyMap, type PropertyMap, type Value } from "../../../values/value";
import type { CheckFailure } from "../../provider";

/** Faults of a container's inputs that one field alone does not show. The provider finds them only at create. */
export function containerProblems(inputs: PropertyMap): readonly CheckFailure[] {
  return [
    ...commandProblems(inputs),
    ...volumeProblems(inputs),
    ...uploadProblems(inputs),
    ...cpuProblems(inputs),
  ];
}

function commandProblems(inputs: PropertyMap): CheckFailure[] {
  return elements(inputs, "command").flatMap((part, i) =>
    part === "" ? [{ property: `command[${i}]`, reason: "must not be empty" }] : [],
  );
}

function volumeProblems(inputs: PropertyMap): CheckFailure[] {
  return elements(inputs, "volumes").flatMap((volume, i) => {
    if (!isPropertyMap(volume)) return [];
    const [path, from] = [present(volume, "containerPath"), present(volume, "fromContainer")];
    if (path !== from) return [];
    const reason = path
      ? "takes containerPath or fromContainer, not both"
      : "needs containerPath or fromContainer";
    return [{ property: `volumes[${i}]`, reason }];
  });
}

function uploadProblems(inputs: PropertyMap): CheckFailure[] {
  return elements(inputs, "uploads").flatMap((upload, i) => {
    if (!isPropertyMap(upload)) return [];
    const given = ["content", "contentBase64", "source"].filter((name) => present(upload, name));
    return given.length === 1
      ? []
      : [{ property: `uploads[${i}]`, reason: "takes exactly one of content, contentBase64 and source" }];
  });
}

function cpuProblems(inputs: PropertyMap): CheckFailure[] {
  const cpus = inputs["cpus"];
  return typeof cpus === "string" && !(Number(cpus) > 0)
    ? [
        {
          property: "cpus",
          reason: `must be a number of processors such as "1.5", not ${JSON.stringify(cpus)}`,
        },
      ]
    : [];
}

function elements(inputs: PropertyMap, name: string): readonly Value[] {
  const value = inputs[name];
  return isList(value) ? value : [];
}

/** Something is given, be it not known yet. */
function present(object: PropertyMap, name: string): boolean {
  return name in object && object[name] !== "" && object[name] !== null;
}
