import { Thing } from "../thing";

new Thing("first", { value: "x" });
throw new Error("the program has failed");
