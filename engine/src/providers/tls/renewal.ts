import { unknown, Unknown, type PropertyMap } from "../../values/value";
import type { Adjustment, State } from "./plan";

const HOUR_MS = 3_600_000;

/**
 * A certificate that is to be renewed from its first moment on says so. One whose time has come makes a new
 * resource: whether that will be ready for renewal is not known yet.
 * Source: `attribute_plan_modifier_bool` and `common_cert.go` of terraform-provider-tls.
 */
export const planRenewal: Adjustment = (planned) => {
  if (isDue(planned)) return { state: { readyForRenewal: unknown }, replaces: ["readyForRenewal"] };
  const { validityPeriodHours, earlyRenewalHours } = planned;
  const hours = typeof validityPeriodHours === "number" ? validityPeriodHours : 0;
  const atOnce = hours === 0 || (typeof earlyRenewalHours === "number" && earlyRenewalHours >= hours);
  return { state: atOnce ? { readyForRenewal: true } : {}, replaces: [] };
};

/** What a refresh finds. */
export const readRenewal = (state: State): PropertyMap => (isDue(state) ? { readyForRenewal: true } : {});

/** True from `earlyRenewalHours` before the end on. */
function isDue({ validityEndTime, earlyRenewalHours }: State): boolean {
  if (typeof validityEndTime !== "string") return false;
  const end = Date.parse(validityEndTime);
  if (Number.isNaN(end)) throw new Error(`Failed to parse data from string: ${validityEndTime}`);
  if (earlyRenewalHours instanceof Unknown) return false;
  const early = typeof earlyRenewalHours === "number" ? earlyRenewalHours : 0;
  return Date.now() >= end - early * HOUR_MS;
}
