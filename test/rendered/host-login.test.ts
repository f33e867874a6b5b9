import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { noHosts, onHost, TestHosts, type TestHost } from "../support/hosts";
import { TrustTarget } from "../support/trust-target";

const why = await noHosts("debian", "alpine");
const PASSWORD = "a-secret-password";
const ENCODED = Buffer.from(`ci:${PASSWORD}`).toString("base64");

/** Docker's two verbs on its file, which is all that counts here. The real client has its turn in test/integration. */
const DOCKER = `file=$HOME/.docker/config.json
others() { grep -s '^"' "$file" | grep -v "^\\"$1\\"" | sed 's/,$//'; }
save() { { echo '{"auths": {'; sed '$!s/$/,/'; echo '}}'; } >"$file.new" && mv "$file.new" "$file"; }
case $1 in
  login)
    mkdir -p "$HOME/.docker"
    auth=$(printf '%s:%s' "$3" "$(cat)" | base64 | tr -d '\\n')
    { others "$5"; echo "\\"$5\\": {\\"auth\\": \\"$auth\\"}"; } | save ;;
  logout) others "$2" | save ;;
esac`;

/** Everything that the script calls with arguments that could give something away. */
const TOOLS = [
  "grep",
  "base64",
  "su",
  "sed",
  "awk",
  "cut",
  "tr",
  "cat",
  "tail",
  "head",
  "sha256sum",
  "env",
  "sh",
];

describe.skipIf(why !== undefined).each([
  ["debian", "ops", "/home/ops"],
  ["alpine", "root", "/root"],
] as const)(`docker login on %s ${why ?? ""}`, (family, account, home) => {
  const hosts = new TestHosts();
  let target: TrustTarget;
  let host: TestHost;
  let before: string[];
  const config = `${home}/.docker/config.json`;

  beforeAll(async () => {
    [host, target] = await Promise.all([hosts.start(family), TrustTarget.start()]);
    await host.must("mkdir -p /usr/local/bin");
    before = await look();
  });
  afterEach(async () => {
    await host.wrap("docker", DOCKER);
    await onHost(host, "remove", asked());
    await host.unwrap();
    expect(await look()).toEqual(before);
  });
  afterAll(async () => {
    target.close();
    await hosts.remove();
  });
  const asked = (extra = {}, password = PASSWORD) => ({ target, key: hosts.key, extra, password });
  const login = { dockerLogin: { user: "ci", account } };
  const look = async () => [
    ...(await host.snapshot()),
    await host.must(`find ${home} -type f -exec sha256sum {} + | sort`),
  ];
  const asAdministrator = async (command: string) => {
    const file = Buffer.from(`PATH=/usr/local/bin:$PATH HOME=${home}\nexport PATH HOME\n${command}\n`);
    await host.must(`echo ${file.toString("base64")} | base64 -d >/tmp/do.sh`);
    await host.must(account === "root" ? "sh /tmp/do.sh" : `su -s /bin/sh -c "sh /tmp/do.sh" ${account}`);
  };
  async function installed(extra: object, password = PASSWORD): Promise<void> {
    const { answer, output } = await onHost(host, "install", asked(extra, password));
    expect(answer.failed, output).toBeUndefined();
  }

  it("the password is on no command line, neither as it is nor encoded", async () => {
    // Alpine's shell calls busybox without looking for a wrapper.
    const wrapped = family === "debian" ? TOOLS : [];
    await host.must("touch /tmp/calls && chmod 666 /tmp/calls");
    for (const tool of wrapped) await host.wrap(tool, `echo "\${0##*/} $*" >>/tmp/calls; exec "$real" "$@"`);
    await host.wrap("docker", `echo "docker $*" >>/tmp/calls\n${DOCKER}`);
    await installed(login);
    // The second one looks whether it is logged in already.
    await installed(login);
    const calls = await host.must("cat /tmp/calls && rm /tmp/calls");
    expect(calls.match(/^docker login/gm)).toHaveLength(1);
    if (family === "debian") expect(calls).toMatch(/^grep .*-f -/m);
    expect(await host.must(`cat ${config}`)).toContain(ENCODED);
    expect(calls).not.toContain(PASSWORD);
    expect(calls).not.toContain(ENCODED.slice(0, 20));
  });

  it("is taken back with the settings, and leaves what the administrator has logged in to since", async () => {
    await host.wrap("docker", DOCKER);
    await installed(login);
    await asAdministrator("echo mine | docker login --username me --password-stdin other:5000");
    // A new password is another login of ours, over a file that is no longer ours alone.
    await installed(login, "another password");
    await installed({});
    expect(await host.must(`cat ${config}`)).toContain('"other:5000"');
    expect(await host.must(`cat ${config}`)).not.toContain(target.registry);
    await asAdministrator("rm -r $HOME/.docker");
  });

  it("comes with a file of the administrator's, which a rollover leaves and a removal gives back", async () => {
    await host.wrap("docker", DOCKER);
    await asAdministrator(
      'mkdir -p $HOME/.docker && printf \'{ "auths": {\\n"other:5000": {"auth": "eA=="}\\n}}\' >$HOME/.docker/config.json',
    );
    const mine = await host.must(`cat ${config}`);
    await installed(login);
    const old = target.ca;
    target.ca = TrustTarget.authority();
    expect((await onHost(host, "add", asked())).code).toBe(0);
    expect(await host.must(`cat ${config}`)).toContain(ENCODED);
    target.ca = old;
    expect((await onHost(host, "remove", asked())).code).toBe(0);
    expect(await host.must(`cat ${config}`)).toBe(mine);
    await asAdministrator("rm -r $HOME/.docker");
  });
});
