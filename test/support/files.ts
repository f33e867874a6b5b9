import type { Registered } from "./program";

/** Text by file name of a command that writes files; throws where its input does not end as it must. */
export function files({ inputs }: Registered): Record<string, string> {
  const lines = String(inputs["stdin"]).split("\n");
  if (lines.pop() !== "" || lines.pop() !== ".") throw new Error("the files do not end with a dot");
  return Object.fromEntries(
    lines.map((line) => {
      const [name = "", data = ""] = line.split(" ");
      return [name, Buffer.from(data, "base64").toString()];
    }),
  );
}
