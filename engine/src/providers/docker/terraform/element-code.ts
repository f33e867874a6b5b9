import type { Value } from "../../../values/value";
import { orderText } from "./set-order";
import type { Field } from "./schema";
import { filled, items } from "./values";

/** What identifies an element in its set: all that a user can set; what is missing counts as its zero value. */
export function elementCode(field: Field, element: Value): string {
  const fields = field.fields;
  if (fields === undefined) return orderText(undefined, element);
  const settable = Object.entries(fields).filter(([, inner]) => inner.optional ?? inner.required);
  const complete = items(filled({ ...field, type: "list" }, [element]))[0] ?? null;
  return orderText(Object.fromEntries(settable), complete);
}
