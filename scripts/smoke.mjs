// @ts-check
// The proof that a registry works, through its front door and trusting only its CA: refuses strangers, lets a user
// log in, push and pull, and gives back what it was given.
//
// As a program: `node scripts/smoke.mjs` takes one JSON object on stdin, so that the password is in no command
// line and no environment: {"hostname", "port", "connect"?, "ca", "user", "password", "patience"?}.
import { randomBytes } from "node:crypto";
import { pathToFileURL } from "node:url";
import { RegistryClient, basic } from "./registry-client.mjs";
import { MANIFEST_TYPE, digestOf, smokeImage } from "./smoke-image.mjs";

/** One repository for all runs, so that the catalog does not grow with each. Its images are deleted again. */
const REPOSITORY = "private-registry/smoke";

/** A check that did not hold. The message is for people: what failed, expected, found, and where to look. */
export class SmokeFailure extends Error {
  /** @param {string} what @param {string} expected @param {string} found @param {string} look */
  constructor(what, expected, found, look) {
    super(`${what}\n  expected: ${expected}\n  found:    ${found}\n  look at:  ${look}`);
    this.name = "SmokeFailure";
  }
}

/** @param {import("./registry-client.mjs").Answer} answer */
function told(answer) {
  const text = answer.body.toString("utf8").replaceAll(/\s+/g, " ").trim().slice(0, 200);
  return `status ${String(answer.status)}${text === "" ? "" : `: ${text}`}`;
}

/** What to look at when there was no answer at all. @param {unknown} error */
function hintFor(error) {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID")
    return "hostname and certificate's extra names in the settings";
  if (code === "CERT_HAS_EXPIRED") return "the certificate: `make up` renews it";
  if (/CERT|SIGNATURE|ISSUER/.test(code))
    return "whether this stack's gateway is what answers at that address and port";
  if (/ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|TIMEDOUT/.test(code))
    return "docker ps: does the gateway run and publish the port";
  return "docker logs of the gateway";
}

/**
 * @typedef {object} User
 * @property {string} user may push
 * @property {string} password
 * @property {number} [patience] how long a registry that was just started may refuse connections or answer 502 or
 *   503, milliseconds; default 15,000
 *
 * @param {import("./registry-client.mjs").Target & User} target
 * @param {(line: string) => void} report called with each thing that holds
 */
export async function smoke(target, report) {
  const client = new RegistryClient(target);
  const authorization = basic(target.user, target.password);

  /**
   * @param {string} what @param {number[]} statuses @param {string} look
   * @param {[method: string, path: string, options?: import("./registry-client.mjs").Options]} call
   */
  const expect = async (what, statuses, look, ...call) => {
    const expected = `status ${statuses.join(" or ")}`;
    const answer = await client.send(...call).catch((/** @type {unknown} */ error) => {
      const found =
        error instanceof Error
          ? error.message || String("code" in error ? error.code : error)
          : String(error);
      throw new SmokeFailure(what, expected, found, hintFor(error));
    });
    if (!statuses.includes(answer.status)) throw new SmokeFailure(what, expected, told(answer), look);
    return answer;
  };

  /** @param {Buffer} bytes in two requests, as docker does it */
  const pushBlob = async (bytes) => {
    const look = "docker logs of the gateway and the registry; free space and rights of the data folder";
    const started = await expect("start an upload", [202], look, "POST", `/v2/${REPOSITORY}/blobs/uploads/`, {
      authorization,
    });
    const sent = await expect(
      `upload ${String(bytes.length)} bytes`,
      [202],
      look,
      "PATCH",
      String(started.headers.location),
      {
        authorization,
        body: bytes,
        headers: { "content-type": "application/octet-stream" },
      },
    );
    const end = String(sent.headers.location);
    const query = `${end.includes("?") ? "&" : "?"}digest=${encodeURIComponent(digestOf(bytes))}`;
    await expect("finish an upload", [201], look, "PUT", end + query, { authorization });
  };

  /** @param {string} what @param {Buffer} given @param {Buffer} got */
  const same = (what, given, got) => {
    if (given.equals(got)) return;
    const found = `${String(got.length)} bytes, ${digestOf(got)}`;
    throw new SmokeFailure(
      what,
      `${String(given.length)} bytes, ${digestOf(given)}`,
      found,
      "the disk under the data folder",
    );
  };

  try {
    const users = "the gateway's users file: are the users in force those of the stack";
    await ready(client, target.patience ?? 15_000);
    const stranger = await expect("a request without a user", [401], users, "GET", "/v2/");
    const challenge = stranger.headers["www-authenticate"] ?? "nothing";
    if (!/^basic realm=/i.test(challenge)) {
      throw new SmokeFailure(
        "the WWW-Authenticate header",
        "Basic realm=…",
        challenge,
        "docker logs of the gateway",
      );
    }
    report(`https://${client.authority} shows a certificate of the stack's CA; 401 without a user`);

    const wrong = basic(target.user, randomBytes(16).toString("hex"));
    await expect("a wrong password", [401], users, "GET", "/v2/", { authorization: wrong });
    report("401 with a wrong password");
    await expect(`log in as ${target.user}`, [200], users, "GET", "/v2/", { authorization });
    report(`logged in as ${target.user}`);

    const { layer, config, manifest } = smokeImage();
    const digest = digestOf(manifest);
    const tag = `smoke-${randomBytes(6).toString("hex")}`;
    const logs = "docker logs of the registry";
    for (const blob of [layer, config]) await pushBlob(blob);
    const put = await expect("push the manifest", [201], logs, "PUT", `/v2/${REPOSITORY}/manifests/${tag}`, {
      authorization,
      body: manifest,
      headers: { "content-type": MANIFEST_TYPE },
    });
    if (put.headers["docker-content-digest"] !== digest) {
      throw new SmokeFailure(
        "the pushed image's digest",
        digest,
        String(put.headers["docker-content-digest"]),
        logs,
      );
    }
    report(`pushed ${REPOSITORY}:${tag} (${(layer.length / 2 ** 20).toFixed(1)} MiB)`);

    const accept = { accept: MANIFEST_TYPE };
    const get = (/** @type {string} */ path, headers = {}) =>
      expect(`pull ${path}`, [200], logs, "GET", `/v2/${REPOSITORY}/${path}`, { authorization, headers });
    same("the pulled manifest", manifest, (await get(`manifests/${tag}`, accept)).body);
    for (const blob of [layer, config])
      same("a pulled blob", blob, (await get(`blobs/${digestOf(blob)}`)).body);
    report(`pulled it: every byte as pushed, ${digest}`);

    // Only what this run has put there. A user without the right, or a read-only registry, is no failure.
    const gone = [202, 401, 403, 404, 405];
    const removed = await expect(
      "delete the image",
      gone,
      logs,
      "DELETE",
      `/v2/${REPOSITORY}/manifests/${digest}`,
      { authorization },
    );
    for (const blob of [layer, config]) {
      await expect("delete a blob", gone, logs, "DELETE", `/v2/${REPOSITORY}/blobs/${digestOf(blob)}`, {
        authorization,
      });
    }
    report(
      removed.status === 202
        ? "deleted it again"
        : `left it there (delete: status ${String(removed.status)})`,
    );
  } finally {
    client.close();
  }
}

/** Waits while the registry is just starting; what it says then is judged by the first check. @param {RegistryClient} client @param {number} patience */
async function ready(client, patience) {
  const end = Date.now() + patience;
  while (Date.now() < end) {
    const state = await client.send("GET", "/v2/").then(
      (answer) => (answer.status === 502 || answer.status === 503 ? "starting" : "up"),
      (/** @type {NodeJS.ErrnoException} */ error) =>
        error.code === "ECONNREFUSED" || error.code === "ECONNRESET" ? "starting" : "broken",
    );
    if (state !== "starting") return;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

/** @param {string} text @returns {Parameters<typeof smoke>[0]} */
function parse(text) {
  const form = 'a JSON object on stdin: {"hostname", "port", "connect"?, "ca", "user", "password"}';
  /** @type {Record<string, unknown>} */
  let input;
  try {
    input = JSON.parse(text);
  } catch {
    throw new Error(`stdin is not JSON; it takes ${form}`);
  }
  const bad = ["hostname", "ca", "user", "password"].filter(
    (key) => typeof input[key] !== "string" || input[key] === "",
  );
  if (!Number.isInteger(input.port)) bad.push("port");
  if (bad.length > 0) throw new Error(`missing or ill-formed: ${bad.join(", ")}; it takes ${form}`);
  return /** @type {Parameters<typeof smoke>[0]} */ (/** @type {unknown} */ (input));
}

async function main() {
  /** @type {Buffer[]} */
  const chunks = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  const started = performance.now();
  await smoke(parse(Buffer.concat(chunks).toString("utf8")), (line) => console.log(`ok  ${line}`));
  console.log(`ok  smoke test passed in ${((performance.now() - started) / 1000).toFixed(1)} s`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  main().catch((/** @type {unknown} */ error) => {
    console.error(`failed  ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  });
}
