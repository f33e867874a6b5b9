import { madeOnce, type Attributes } from "./attributes";
import { allowedUses } from "./x509/key-usages";

/** What self-signed and locally signed certificates have in common. */
export const certificateAttributes = {
  allowedUses: { kind: "list of text", use: "required", replaces: "always", values: allowedUses },
  validityPeriodHours: { kind: "whole number", use: "required", replaces: "always" },
  earlyRenewalHours: { kind: "whole number", use: "optional", computed: true, default: 0 },
  isCaCertificate: {
    kind: "boolean",
    use: "optional",
    replaces: "always",
    computed: true,
    default: false,
  },
  maxPathLength: {
    kind: "whole number",
    use: "optional",
    replaces: "always",
    computed: true,
    keeps: true,
    least: -1,
  },
  setSubjectKeyId: {
    kind: "boolean",
    use: "optional",
    replaces: "always",
    computed: true,
    default: false,
  },
  certPem: madeOnce,
  readyForRenewal: { kind: "boolean", use: "output", computed: true, default: false },
  validityStartTime: madeOnce,
  validityEndTime: madeOnce,
} satisfies Attributes;
