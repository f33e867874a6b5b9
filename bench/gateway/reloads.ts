import { PASSWORD, USER, type Contenders } from "./contenders";
import { asGo, pullSlowly, pushSlowly } from "./loads";

const say = (text: string) => process.stderr.write(`${text}\n`);

/** 20 reloads under requests, pulls and pushes, all with a login and over TLS, that end only after the last of them. */
export async function underReloads(
  contenders: Contenders,
  small: string,
  big: string,
  bigFile: string,
): Promise<{ requests: number; errors: number }> {
  say("reloads");
  const user = `${USER}:${PASSWORD}`;
  const asUser = { ca: contenders.ca, user };
  // The benchmark's own, made for this run: hey takes it as an argument only.
  const authorization = `Basic ${Buffer.from(user).toString("base64")}`;
  const patience = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  const state = { going: true };
  const counted = { requests: 0, errors: 0 };
  const again = async (once: () => Promise<{ requests: number; errors: number }>) => {
    while (state.going) {
      const { requests: more, errors } = await once();
      counted.requests += more;
      counted.errors += errors;
    }
  };
  const transfer = (move: () => Promise<unknown>) => () =>
    move().then(
      () => ({ requests: 1, errors: 0 }),
      (error: unknown) => {
        say(error instanceof Error ? error.message : String(error));
        return { requests: 1, errors: 1 };
      },
    );
  const blob = `${contenders.url("gateway")}/v2/team/big/blobs/${big}`;
  const load = [
    again(() => asGo(contenders.url("gateway") + small, 4, authorization)),
    again(transfer(() => pullSlowly(blob, asUser))),
    again(transfer(() => pushSlowly(contenders.url("gateway"), "push/reload", bigFile, big, asUser))),
  ];
  await patience(500);
  for (let reload = 0; reload < 20; reload++) {
    contenders.reload();
    await patience(500);
  }
  state.going = false;
  await Promise.all(load);
  if (counted.requests === 0) throw new Error("nothing was asked during the reloads");
  return counted;
}
