import type { Provider } from "../provider";
import { randomBytes } from "./bytes";
import { randomPassword, randomString } from "./password";

/** Values that are drawn once and kept in the state, as Pulumi's random plugin 4.21.2 has them. */
export const provider: Provider = {
  name: "random",
  version: "4.21.2",
  configure: () => ({
    resources: {
      "random:index/randomBytes:RandomBytes": randomBytes,
      "random:index/randomPassword:RandomPassword": randomPassword,
      "random:index/randomString:RandomString": randomString,
    },
    functions: {},
  }),
};
