import { Thing } from "../thing";

new Thing("first", { value: "x" });
setTimeout(() => process.exit(0), 200);
setInterval(() => undefined, 1000);
