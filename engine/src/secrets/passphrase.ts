import { pbkdf2, randomBytes } from "node:crypto";
import { promisify } from "node:util";

import { Fault } from "../values/fault";
import { SymmetricCrypter, type Crypter } from "./crypter";

const derive = promisify(pbkdf2);

const ROUNDS = 1_000_000;
const KEY_BYTES = 32;
const SALT_BYTES = 8;
/** Encrypted beside the salt, so that a wrong passphrase is found out at once. */
const CHECK_WORD = "pulumi";

/**
 * The passphrase secrets manager of one salt. `salt` is what Pulumi calls the encryption salt, the text in
 * `encryptionsalt` of Pulumi.STACK.yaml and in the state's `secrets_providers`: `v1:BASE64(8 bytes):CHECK`.
 */
export interface SecretsManager extends Crypter {
  readonly salt: string;
}

export class IncorrectPassphrase extends Fault {
  constructor() {
    super("incorrect passphrase");
    this.name = "IncorrectPassphrase";
  }
}

/** Where the passphrase comes from; `confirm` where a new one is set, and a person should type it twice. */
export type PassphraseSource = (confirm: boolean) => Promise<string>;

/**
 * Secrets managers by salt. The passphrase is asked for once, and a key derived once a salt: that takes about
 * half a second on purpose.
 */
export class PassphraseSecrets {
  private readonly managers = new Map<string, Promise<SecretsManager>>();
  private passphrase: Promise<string> | undefined;

  constructor(private readonly source: PassphraseSource) {}

  /** The manager for an existing salt; fails with {@link IncorrectPassphrase}. */
  open(salt: string): Promise<SecretsManager> {
    const known = this.managers.get(salt);
    if (known !== undefined) return known;
    const opening = this.unlock(salt);
    this.managers.set(salt, opening);
    return opening;
  }

  /** A manager with a new random salt. */
  async create(): Promise<SecretsManager> {
    const bytes = randomBytes(SALT_BYTES);
    const crypter = await deriveCrypter(await this.ask(true), bytes);
    const salt = `v1:${bytes.toString("base64")}:${crypter.encrypt(CHECK_WORD)}`;
    const manager = withSalt(salt, crypter);
    this.managers.set(salt, Promise.resolve(manager));
    return manager;
  }

  private async unlock(salt: string): Promise<SecretsManager> {
    const [version, bytes, ...check] = salt.split(":");
    if (bytes === undefined || check.length === 0) {
      throw new Fault("malformed encryptionsalt: it has the form v1:SALT:CHECK");
    }
    if (version !== "v1")
      throw new Fault(`unknown version "${version ?? ""}" of the encryptionsalt; it takes: v1`);
    const crypter = await deriveCrypter(await this.ask(false), Buffer.from(bytes, "base64"));
    if (decryptOr(crypter, check.join(":")) !== CHECK_WORD) throw new IncorrectPassphrase();
    return withSalt(salt, crypter);
  }

  private ask(confirm: boolean): Promise<string> {
    this.passphrase ??= this.source(confirm);
    return this.passphrase;
  }
}

async function deriveCrypter(passphrase: string, salt: Buffer): Promise<Crypter> {
  return new SymmetricCrypter(await derive(passphrase, salt, ROUNDS, KEY_BYTES, "sha256"));
}

function decryptOr(crypter: Crypter, ciphertext: string): string | undefined {
  try {
    return crypter.decrypt(ciphertext);
  } catch {
    return undefined;
  }
}

function withSalt(salt: string, crypter: Crypter): SecretsManager {
  return {
    salt,
    encrypt: (plaintext) => crypter.encrypt(plaintext),
    decrypt: (ciphertext) => crypter.decrypt(ciphertext),
  };
}
