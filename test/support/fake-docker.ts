import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

export interface Answer {
  readonly stdout?: string;
  readonly stderr?: string;
  readonly code?: number;
}

/**
 * A `docker` command, first on PATH, that answers by the beginning of its arguments (the first that fits) and writes
 * down what it was asked. Anything it was told nothing about is an error.
 */
export class FakeDocker {
  private readonly folder = fs.mkdtempSync(path.join(os.tmpdir(), "regtest-fake-docker-"));
  private readonly path = process.env["PATH"] ?? "";
  private readonly log = path.join(this.folder, "log");

  constructor(answers: Readonly<Record<string, Answer | string>>) {
    this.answer(answers);
    process.env["PATH"] = `${this.folder}:${this.path}`;
  }

  answer(answers: Readonly<Record<string, Answer | string>>): void {
    const cases = Object.entries(answers).map(([beginning, answer], index) => {
      const { stdout = "", stderr = "", code = 0 } = typeof answer === "string" ? { stdout: answer } : answer;
      fs.writeFileSync(path.join(this.folder, `out-${index}`), stdout);
      fs.writeFileSync(path.join(this.folder, `err-${index}`), stderr);
      return `'${beginning}'*) cat "$here/out-${index}"; cat "$here/err-${index}" >&2; exit ${code} ;;`;
    });
    const script = [
      "#!/bin/sh",
      'here=${0%/*}; printf "%s\\n" "$DOCKER_HOST docker $*" >>"$here/log"',
      `case "$*" in`,
      ...cases,
      "esac",
      'echo "fake docker: nothing known about: $*" >&2; exit 99',
    ].join("\n");
    fs.writeFileSync(path.join(this.folder, "docker"), script, { mode: 0o755 });
  }

  /** What it was asked so far: `DOCKER_HOST docker ARGS`, a line each. */
  get calls(): string[] {
    return fs.existsSync(this.log) ? fs.readFileSync(this.log, "utf8").split("\n").filter(Boolean) : [];
  }

  remove(): void {
    process.env["PATH"] = this.path;
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}
