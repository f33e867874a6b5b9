import type { SecretsManager } from "./passphrase";

/**
 * The ciphertexts of a stack's secrets by place (resource, inputs or outputs, path), so that a secret that did not
 * change keeps its ciphertext: a file that says the same is then the same file, byte for byte.
 */
export class Ciphertexts {
  private readonly byPlace = new Map<string, { readonly plaintext: string; readonly ciphertext: string }>();

  constructor(private readonly manager: SecretsManager) {}

  /** The salt the ciphertexts belong to. */
  get salt(): string {
    return this.manager.salt;
  }

  decrypt(place: string, ciphertext: string): string {
    const plaintext = this.manager.decrypt(ciphertext);
    this.byPlace.set(place, { plaintext, ciphertext });
    return plaintext;
  }

  encrypt(place: string, plaintext: string): string {
    const known = this.byPlace.get(place);
    if (known?.plaintext === plaintext) return known.ciphertext;
    const ciphertext = this.manager.encrypt(plaintext);
    this.byPlace.set(place, { plaintext, ciphertext });
    return ciphertext;
  }
}
