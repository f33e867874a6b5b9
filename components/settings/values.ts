import * as net from "node:net";
import { z } from "zod";

const DNS_LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";
const DNS_NAME = new RegExp(`^${DNS_LABEL}(?:\\.${DNS_LABEL})+$`);
/** Printable, and nothing that ends a line: safe in nginx.conf, a certificate's subject and a log. */
export const PRINTABLE = /^[^\p{Cc}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]+$/u;

const DNS_NAME_SENTENCE =
  "takes a DNS name in lower case with at least one dot, without scheme, port or path, such as registry.example.com";

export const dnsName = z
  .string({ error: DNS_NAME_SENTENCE })
  .regex(DNS_NAME, { error: DNS_NAME_SENTENCE })
  .refine((text) => !DNS_NAME.test(text) || !/\.\d+$/.test(text), {
    error: "takes a DNS name, not an address; addresses belong in certificate.addresses",
  })
  .refine((text) => !DNS_NAME.test(text) || text.length <= 253, { error: "takes at most 253 characters" });

export const ipAddress = z
  .string()
  .refine((text) => net.isIP(text) !== 0, { error: "takes an IPv4 or IPv6 address" });

export const port = z
  .int({ error: "takes a whole number from 1 to 65535" })
  .min(1, { error: "takes a whole number from 1 to 65535" })
  .max(65535, { error: "takes a whole number from 1 to 65535" });
