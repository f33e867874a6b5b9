import type { Value } from "../../values/value";

/**
 * What Terraform's tls provider knows of a property, by Pulumi's name. The real plugin bridges a provider made
 * with Terraform's plugin framework, so checks, plans and shapes follow from these tables.
 * Source: the schemas of terraform-provider-tls 4.
 */
export interface Attribute {
  readonly kind: "text" | "whole number" | "boolean" | "list of text" | "subject";
  readonly use: "required" | "optional" | "output";
  /** A private key: the plugin itself marks it as secret. */
  readonly sensitive?: true;
  /** A change makes a new resource; `pem`: only where the recorded value is a PEM text. */
  readonly replaces?: "always" | "pem";
  /** What an input is when it is not given. An optional input without one is null then. */
  readonly default?: Value;
  /** The provider finds the value when nobody gives it. With `keeps`, it stays what it was in later plans. */
  readonly computed?: true;
  readonly keeps?: true;
  /** The only values it takes, or the only elements of a list. */
  readonly values?: readonly string[];
  /** The least number it takes. */
  readonly least?: number;
  /** An element of the list may not be empty. */
  readonly filled?: true;
}

/** By Pulumi's name. */
export type Attributes = Readonly<Record<string, Attribute>>;

/** An output of a certificate or a request: known once it is made, and unchanged from then on. */
export const madeOnce: Attribute = { kind: "text", use: "output", computed: true, keeps: true };
