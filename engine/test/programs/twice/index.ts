import { Thing } from "../thing";

new Thing("first", { value: "x" });
new Thing("first", { value: "y" });
