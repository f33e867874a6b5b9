import { Thing } from "../thing";

process.on("SIGINT", () => console.log("I will not go"));
new Thing("first", { value: "x" });
setInterval(() => undefined, 1000);
