import { afterEach, describe, expect, it } from "vitest";
import { docker, DockerError } from "../../../components/docker-host/docker-cli";
import { FakeDocker } from "../../support/fake-docker";

let fake: FakeDocker | undefined;
afterEach(() => {
  fake?.remove();
  fake = undefined;
});

it("asks the engine it is told to, argument by argument, and trims the answer", async () => {
  fake = new FakeDocker({ ps: " line \n" });
  expect(await docker("ssh://deploy@far.example.com", "ps", "--filter", "$(id) ; x")).toBe("line");
  expect(fake.calls).toEqual(["ssh://deploy@far.example.com docker ps --filter $(id) ; x"]);
});

describe("what went wrong, in one line", () => {
  it.each([
    [
      "Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?\n",
      "Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?",
    ],
    ["docker: no such thing.\nSee 'docker run --help'.\n", "docker: no such thing."],
    ["docker: no such thing.\n\nRun 'docker run --help' for more information\n", "docker: no such thing."],
    ["warning\nerror during connect: x\nerrors pretty printing info\n", "error during connect: x"],
    ["", "docker ps failed"],
  ])("%j", async (stderr, message) => {
    fake = new FakeDocker({ ps: { stderr, code: 1 } });
    const error: unknown = await docker("unix:///x", "ps").catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(DockerError);
    expect(error).toHaveProperty("message", message);
  });

  it("without a docker command", async () => {
    const path = process.env["PATH"];
    process.env["PATH"] = "/nowhere";
    try {
      await expect(docker("unix:///x", "ps")).rejects.toThrow(
        "the docker command is not installed on this machine",
      );
    } finally {
      process.env["PATH"] = path;
    }
  });
});
