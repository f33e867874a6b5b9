import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { docker, dockerAnswers, Driven, prefix } from "./docker-host";
import { goldenDocker } from "./golden";

const token = "docker:index/remoteImage:RemoteImage";
const name = `${prefix}empty:1`;

describe.skipIf(!dockerAnswers())("images on this machine's Docker (skipped without Docker)", () => {
  const remove = (): string => docker("image", "ls", "--quiet", name) && docker("image", "rm", "-f", name);
  // A tar archive of nothing: two blocks of zeros.
  beforeAll(() => {
    remove();
    execFileSync("docker", ["import", "-", name], { input: Buffer.alloc(1024), stdio: "pipe" });
  });
  afterAll(remove);

  it("finds one that is there, with the recorded shape, and keeps it", async () => {
    const id = docker("image", "inspect", "--format", "{{.Id}}", name);
    const image = new Driven(token, "image");
    const made = await image.create({ name, keepLocally: true });
    expect(made.id).toBe(`${id}${name}`);
    const golden = goldenDocker("1-create")?.find(({ type }) => type === token);
    if (golden) {
      expect(made.outputs).toEqual({ ...golden.outputs, id: made.id, imageId: id, name });
    }
    expect(await image.diff(made, { name, keepLocally: true })).toMatchObject({ changes: "none" });
    await image.delete(made);
    expect(docker("image", "ls", "--quiet", name)).not.toBe("");
    await image.delete(await image.update(made, { name }));
    expect(docker("image", "ls", "--quiet", name)).toBe("");
    expect(await image.refresh(made)).toBeUndefined();
  });

  it("does not exist to a program that knows it by its id alone, as with the plugin", async () => {
    const image = new Driven(token, "image");
    expect(await image.refresh({ id: "sha256:0", inputs: {}, outputs: {} })).toBeUndefined();
  });

  it("says that an image is neither there nor to be had", async () => {
    const image = new Driven(token, "image");
    await expect(image.create({ name: "registry.invalid/nothing:1" })).rejects.toThrow(
      /^The image registry\.invalid\/nothing:1 cannot be had: the Docker host has no image .*, and it could not be pulled: /,
    );
  });
});
