import { createRequire } from "node:module";
import type Docker from "dockerode";
import type Ssh2 from "ssh2";
import type Sshpk from "sshpk";

const load = createRequire(import.meta.url);

// Packages that are loaded when they are first used: most runs never come to them.
export const dockerode = (): typeof Docker => load("dockerode") as typeof Docker;
export const ssh2 = (): typeof Ssh2 => load("ssh2") as typeof Ssh2;
export const sshpk = (): typeof Sshpk => load("sshpk") as typeof Sshpk;
