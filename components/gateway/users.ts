import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { User } from "../settings/settings";
import { bcrypt, renderHtpasswd, renderVerifiers, saltedSha1, verifierOf, type UserHash } from "./htpasswd";
import { CHOSEN_CHECKS } from "./limits";

export interface UsersArgs {
  readonly users: readonly User[];
}

/** Letters and digits of a generated password: 32 of 62 make 190 bits. */
const PASSWORD_LENGTH = 32;

/**
 * The people and machines that may log in: a password each, generated where none is given, and the file nginx
 * reads. Salts are kept in the state, so hashes stay the same from run to run.
 *
 * ```ts
 * const users = new Users("users", { users: settings.users });
 * ```
 */
export class Users extends pulumi.ComponentResource {
  /** Password by user name; secret. */
  readonly credentials: pulumi.Output<Record<string, string>>;
  /** The users file; secret. */
  readonly htpasswd: pulumi.Output<string>;
  /** `verifiers.map`; secret. */
  readonly verifiers: pulumi.Output<string>;

  constructor(name: string, { users }: UsersArgs, opts?: pulumi.ComponentResourceOptions) {
    super("private-registry:gateway:Users", name, {}, opts);
    const passwords: Record<string, pulumi.Output<string>> = {};
    const hashes: pulumi.Output<UserHash>[] = [];
    for (const user of users) {
      const salt = new random.RandomBytes(`${name}-${user.name}-salt`, { length: 16 }, { parent: this });
      const password = user.password === undefined ? this.generate(name, user) : pulumi.secret(user.password);
      const slow = user.password !== undefined;
      passwords[user.name] = password;
      hashes.push(
        pulumi.all([password, salt.base64]).apply(([text, saltText]) => ({
          name: user.name,
          ...(slow
            ? { hash: bcrypt(text, saltText) }
            : { hash: saltedSha1(text, saltText), verifier: verifierOf(user.name, text) }),
        })),
      );
    }
    const chosen = users.filter(({ password }) => password !== undefined).map(({ name: user }) => user);
    if (chosen.length > 0) {
      void pulumi.log.info(
        `Passwords of your own (${chosen.join(", ")}) take the gateway 13 ms to check, with each request. So it checks at most ${CHOSEN_CHECKS.user} a second for one user from one address, ${CHOSEN_CHECKS.address} for all from one address and ${CHOSEN_CHECKS.all} in all: a pull of 40 layers takes 6 seconds longer. For people, not for build machines. Left out, one is generated, which takes a microsecond and has no such limit.`,
        this,
      );
    }
    this.credentials = pulumi.secret(pulumi.all(passwords));
    this.htpasswd = pulumi.secret(pulumi.all(hashes).apply(renderHtpasswd));
    this.verifiers = pulumi.secret(pulumi.all(hashes).apply(renderVerifiers));
    this.registerOutputs({});
  }

  private generate(name: string, user: User): pulumi.Output<string> {
    const password = new random.RandomPassword(
      `${name}-${user.name}-password`,
      { length: PASSWORD_LENGTH, special: false },
      { parent: this },
    );
    return pulumi.secret(password.result);
  }
}
