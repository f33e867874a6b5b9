import * as net from "node:net";
import { z } from "zod";
import { isSystemFolder } from "./system-folders";

const DNS_LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";
const DNS_NAME = new RegExp(`^${DNS_LABEL}(?:\\.${DNS_LABEL})+$`);
/** Printable, and nothing that ends a line: safe in nginx.conf, a certificate's subject and a log. */
const PRINTABLE = /^[^\p{Cc}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]+$/u;

const DNS_NAME_SENTENCE =
  "takes a DNS name in lower case with at least one dot, without scheme, port or path, such as registry.example.com";

const dnsName = z
  .string({ error: DNS_NAME_SENTENCE })
  .regex(DNS_NAME, { error: DNS_NAME_SENTENCE })
  .refine((text) => !DNS_NAME.test(text) || !/\.\d+$/.test(text), {
    error: "takes a DNS name, not an address; addresses belong in certificate.addresses",
  })
  .refine((text) => !DNS_NAME.test(text) || text.length <= 253, { error: "takes at most 253 characters" });

const ipAddress = z
  .string()
  .refine((text) => net.isIP(text) !== 0, { error: "takes an IPv4 or IPv6 address" });

const subjectField = (meaning: string, max = 64) =>
  z
    .string()
    .min(1, { error: "takes text that is not empty" })
    .max(max, { error: `takes at most ${max} characters` })
    .regex(PRINTABLE, { error: "takes printable characters only" })
    .describe(meaning);

const subject = z
  .strictObject({
    commonName: subjectField("name of the certificate authority").default("Private Registry CA"),
    organization: subjectField("organization (O)").optional(),
    organizationalUnit: subjectField("organizational unit (OU)").optional(),
    locality: subjectField("city (L)").optional(),
    province: subjectField("state or province (ST)").optional(),
    country: z
      .string()
      .regex(/^[A-Z]{2}$/, { error: "takes two capital letters (ISO 3166), such as CN" })
      .describe("country (C), two letters")
      .optional(),
  })
  .describe("subject of the certificate authority");

const days = (meaning: string) =>
  z
    .int({ error: "takes a whole number of days" })
    .min(1, { error: "takes at least 1 day" })
    .max(36500, { error: "takes at most 36500 days" })
    .describe(meaning);

const certificate = z
  .strictObject({
    subject: subject.prefault({}),
    keyType: z
      .enum(["ecdsa-p256", "rsa-2048", "rsa-3072", "rsa-4096"], {
        error: "takes ecdsa-p256, rsa-2048, rsa-3072 or rsa-4096",
      })
      .describe("type of both private keys")
      .default("ecdsa-p256"),
    authorityDays: days("how long the certificate authority is valid").default(3650),
    serverDays: days("how long the server certificate is valid").default(825),
    renewBeforeDays: days("how long before its end the server certificate is renewed").default(60),
    names: z.array(dnsName).describe("further DNS names in the server certificate").default([]),
    addresses: z
      .array(ipAddress)
      .describe("IP addresses in the server certificate, beside bindAddress where that is a single one")
      .default([]),
    protect: z
      .boolean({ error: "takes true or false" })
      .describe("refuse to delete the key of the certificate authority")
      .default(true),
    chain: z
      .string()
      .describe(
        "a certificate of your own instead of a generated one: PEM, server certificate first, then each one's issuer, up to and with the root",
      )
      .optional(),
    key: z
      .string()
      .describe("private key of the first certificate in chain: PEM, set with --secret")
      .optional(),
  })
  .describe("the certificate: generated, or your own (chain and key)");

/** Shortest password a person may bring: below that an offline guess of the stolen hash is within reach. */
const MIN_PASSWORD = 12;
/** bcrypt reads no further. */
const MAX_PASSWORD_BYTES = 72;

const password = z
  .string()
  .refine((text) => text.trim() !== "", {
    error: "must not be empty or white space; leave it out to have one generated",
  })
  .refine((text) => text.trim() === "" || text.trim() === text, {
    error: "must not begin or end with white space: docker login takes that away",
  })
  .refine((text) => text.trim() === "" || text.length >= MIN_PASSWORD, {
    error: `takes at least ${MIN_PASSWORD} characters; leave it out to have one generated`,
  })
  .refine((text) => Buffer.byteLength(text) <= MAX_PASSWORD_BYTES, {
    error: `takes at most ${MAX_PASSWORD_BYTES} bytes (bcrypt ignores the rest)`,
  })
  .refine((text) => text.trim() === "" || PRINTABLE.test(text), { error: "takes printable characters only" });

const user = z.strictObject({
  name: z
    .string({ error: "takes the user's name" })
    .regex(/^[A-Za-z0-9][A-Za-z0-9._@-]*$/, {
      error:
        "takes letters, digits and . _ @ - and begins with a letter or digit (no colon, space or control character)",
    })
    .refine((text) => Buffer.byteLength(text) <= 255, { error: "takes at most 255 bytes" })
    .describe("name to log in with"),
  access: z
    .enum(["pull", "push", "admin"], { error: "takes pull, push or admin" })
    .describe("what the user may do: pull; push, which includes pull; admin, who may delete, too"),
  password: password.describe("set with --secret; generated when left out").optional(),
  repositories: z
    .array(
      z.string().regex(/^(?:[a-z0-9]+(?:[._-]+[a-z0-9]+)*\/)*(?:[a-z0-9]+(?:[._-]+[a-z0-9]+)*|\*)$/, {
        error: "takes a repository such as team/app, or everything below a folder such as team/*",
      }),
    )
    .min(1, { error: "takes at least one pattern; leave it out for all repositories" })
    .describe("repositories the user is limited to, such as team/app, or team/* for all below; default: all")
    .optional(),
});

const users = z
  .array(user, { error: "takes a list of users, each {name, access, password?, repositories?}" })
  .min(1, { error: "takes at least one user; without one nobody could log in" });

/** An image by name: what `docker pull` takes, a digest included. */
const reference = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._:/-]*(?::[A-Za-z0-9_][A-Za-z0-9._-]*)?(?:@sha256:[0-9a-f]{64})?$/, {
    error: "takes an image reference such as docker.io/library/registry:3@sha256:<digest>",
  });

const imageMode = z.enum(["auto", "pull", "build"], { error: "takes auto, pull or build" });

const images = z
  .strictObject({
    mode: imageMode
      .describe("pull; build; or auto: pull, and build where no registry answers")
      .default("auto"),
    registry: reference.describe("image of the registry to pull; default: images/references.env").optional(),
    gateway: reference.describe("image of nginx to pull; default: images/references.env").optional(),
  })
  .describe("where the container images come from: auto, pull or build; or an object that names them, too");

const port = z
  .int({ error: "takes a whole number from 1 to 65535" })
  .min(1, { error: "takes a whole number from 1 to 65535" })
  .max(65535, { error: "takes a whole number from 1 to 65535" });

/** Every setting by key, as it stands under `private-registry:` in `Pulumi.STACK.yaml`. */
export const schema = z.strictObject({
  hostname: dnsName.describe("name clients use; must have a dot"),
  port: port.describe("port clients use").default(8000),
  bindAddress: z
    .string()
    .refine((text) => text === "docker-bridge" || net.isIP(text) !== 0, {
      error: "takes an IP address of the Docker host, or docker-bridge",
    })
    .describe(
      "where the gateway listens on the Docker host; docker-bridge: only that host and its containers",
    )
    .default("0.0.0.0"),
  dockerHost: z
    .string()
    .regex(/^(?:local|unix:\/\/\/[\w./-]+|ssh:\/\/(?:[\w.-]+@)?[A-Za-z0-9][\w.-]*(?::\d{1,5})?)$/, {
      error: "takes local, unix:///path/of/docker.sock or ssh://user@host[:port]",
    })
    .describe("Docker engine to deploy to")
    .default("local"),
  dataPath: z
    .string()
    .regex(/^(?:\/|\$\{checkout\}\/)[\p{L}\p{N}._/ -]*$/u, {
      error:
        "takes an absolute path (letters, digits and . _ - / only), or ${checkout}/… for a folder inside this checkout",
    })
    .refine((text) => !text.split("/").includes(".."), { error: "takes a path without .." })
    .refine((text) => /[^/.]/.test(text.replace("${checkout}", "")), {
      error: "takes a folder of its own, below / or ${checkout}",
    })
    .refine((text) => text.split("/").includes("..") || !isSystemFolder(text), {
      error: "takes a folder of its own, not one of the system's, such as /srv/registry",
    })
    .describe("folder for images on the Docker host; never deleted")
    .default("/opt/data/registry"),
  users: users.describe("who may log in"),
  anonymousPullPort: port
    .describe("port of a second address where anybody may pull, without a user, and do nothing else")
    .optional(),
  certificate: certificate.prefault({}),
  images: images.prefault({}),
});

export type Settings = z.infer<typeof schema>;
export type User = Settings["users"][number];
export type CertificateSettings = Settings["certificate"];
