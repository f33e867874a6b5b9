import { z } from "zod";
import { dnsName, ipAddress, port } from "./values";

const HOST_KEY_SENTENCE =
  "takes the host's public key, such as ssh-ed25519 AAAA…: one of /etc/ssh/ssh_host_*_key.pub on that host, " +
  "or of `ssh-keyscan ADDRESS` without the address, after comparing it";

const HOST_KEY = /^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(?:256|384|521)) ([A-Za-z0-9+/]+={0,2})(?: [^\n]*)?$/;

const hostKey = z.string({ error: HOST_KEY_SENTENCE }).refine(isHostKey, { error: HOST_KEY_SENTENCE });

/** The type stands in the key itself, too: a key that was cut or pasted wrong does not have it there. */
function isHostKey(text: string): boolean {
  const [, type = "", encoded = ""] = HOST_KEY.exec(text.trim()) ?? [];
  const blob = Buffer.from(encoded, "base64");
  return type !== "" && blob.length > type.length + 8 && blob.toString("latin1", 4, 4 + type.length) === type;
}

/** A private key as `ssh-keygen` writes it, without a passphrase: nobody is there to type it. */
export const sshPrivateKey = z
  .string({ error: "takes a private key" })
  .refine(
    (text) => /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----[^]+-----END (?:[A-Z]+ )?PRIVATE KEY-----/.test(text),
    {
      error: "takes a private key in OpenSSH's or PEM form (-----BEGIN … PRIVATE KEY-----)",
    },
  )
  .refine((text) => !isEncrypted(text), { error: "takes a private key without a passphrase" });

/** OpenSSH's own form names the cipher in the encoded text: https://cvsweb.openbsd.org/src/usr.bin/ssh/PROTOCOL.key */
function isEncrypted(text: string): boolean {
  if (/ENCRYPTED/.test(text)) return true;
  const [, encoded = ""] = /-----BEGIN OPENSSH PRIVATE KEY-----([^-]+)/.exec(text) ?? [];
  const blob = Buffer.from(encoded, "base64").toString("latin1");
  return encoded !== "" && blob.startsWith("openssh-key-v1\0") && blob.slice(19, 23) !== "none";
}

const account = z.string().regex(/^[a-z_][a-z0-9_.-]{0,31}$/, {
  error: "takes the name of an account: lower-case letters, digits and _ . -",
});

/** Also a name without a dot, as ~/.ssh/config and /etc/hosts have them. */
const machine = z.string().refine((text) => MACHINE.some((type) => type.safeParse(text).success), {
  error: "takes an IP address or a DNS name in lower case, without user or port",
});
const MACHINE = [ipAddress, dnsName, z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/)];

/** How a machine is reached over SSH. */
const connection = {
  port: port.describe("port of SSH").default(22),
  user: account
    .describe("account to log in with: root, or one whose sudo asks for no password")
    .default("root"),
  privateKey: sshPrivateKey
    .describe(
      "set with --secret; default: sshPrivateKey, and without that the keys that your own ssh would use",
    )
    .optional(),
};

const bastion = z
  .strictObject({
    address: machine.describe("name or address of the bastion"),
    ...connection,
    hostKey: hostKey.describe("public key of the bastion"),
  })
  .describe("host through which this one is reached");

const proxyUrl = z.string().regex(/^https?:\/\/[A-Za-z0-9.-]+(?::\d{1,5})?\/?$/, {
  error:
    "takes http://host:port without user and password, which `systemctl show docker` would tell to everybody",
});

const dockerProxy = z
  .strictObject({
    url: proxyUrl.describe("the proxy"),
    noProxy: z
      .array(
        z
          .string()
          .regex(/^[A-Za-z0-9.:/*-]+$/, { error: "takes a name, address or domain such as .example.com" }),
      )
      .describe("what is reached without it, beside the registry and the host itself")
      .default([]),
  })
  .describe(
    "proxy of the host's Docker, for pulls from elsewhere: a systemd drop-in, with the registry in NO_PROXY",
  );

const dockerLogin = z
  .strictObject({
    user: z
      .string({ error: "takes the name of one of users" })
      .describe("user of the registry, one of users"),
    account: account.describe("account of the host whose Docker is logged in").default("root"),
  })
  .describe("log in to the registry with the host's Docker, for CI hosts");

const host = z
  .strictObject({
    name: z
      .string({ error: "takes a name for the host" })
      .regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, {
        error: "takes lower-case letters, digits and . _ - and begins with a letter or digit, at most 63",
      })
      .describe("name in messages and outputs"),
    address: machine.describe("name or address for SSH; local: the machine that runs Pulumi"),
    ...connection,
    hostKey: hostKey.describe("public key of the host; not for local").optional(),
    bastion: bastion.optional(),
    registryAddress: ipAddress
      .describe("address of the registry for the host's /etc/hosts, where no name server knows it")
      .optional(),
    dockerProxy: dockerProxy.optional(),
    dockerLogin: dockerLogin.optional(),
    restartDocker: z
      .boolean({ error: "takes true or false" })
      .describe(
        "restart the host's Docker when something has changed; it stops its containers unless live-restore is on",
      )
      .default(false),
  })
  .superRefine(({ address, hostKey: key, bastion: through }, context) => {
    if (address === LOCAL && (key ?? through) !== undefined)
      context.addIssue({
        code: "custom",
        path: ["address"],
        message: "local takes neither hostKey nor bastion",
      });
    if (address !== LOCAL && key === undefined)
      context.addIssue({ code: "custom", path: ["hostKey"], message: HOST_KEY_SENTENCE });
  });

/** Address of the machine that runs Pulumi: nothing goes over SSH. */
export const LOCAL = "local";

export const hosts = z.array(host, { error: "takes a list of hosts, each {name, address, hostKey, …}" });
