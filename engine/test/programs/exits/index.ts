import { Thing } from "../thing";

// Ends with 0 before it has told that it is through, and without the SDK's last look at what is still open.
const node = process as unknown as { reallyExit(code: number): void };
new Thing("first", { value: "x" }).urn.apply(() => node.reallyExit(0));
setInterval(() => undefined, 1000);
