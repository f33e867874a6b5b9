/** Where the state of shop's stack `dev` lies in a `TestProject`. */
export const STATE = ".state/.pulumi/stacks/shop/dev.json";

/** An export as a person may have edited it: a secret in plain text. */
export const exported = JSON.stringify({
  version: 3,
  deployment: {
    manifest: { time: "2026-01-01T00:00:00Z", magic: "", version: "" },
    resources: [
      {
        urn: "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev",
        custom: false,
        type: "pulumi:pulumi:Stack",
        outputs: {
          url: "https://x:8000",
          count: 2,
          credentials: {
            "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
            plaintext: '{"admin":"hunter2"}',
          },
        },
      },
    ],
    pending_operations: [
      { type: "creating", resource: { urn: "urn:pulumi:dev::shop::a:b:C::x", custom: true, type: "a:b:C" } },
    ],
    metadata: {},
  },
});
