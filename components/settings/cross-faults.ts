import { chainFaults } from "../pki/provided-chain";
import type { Settings } from "./schema";

/** What is wrong between settings that are each right by themselves. A setting that is wrong itself is absent. */
export function crossFaults(settings: Partial<Settings>, now: Date): string[] {
  return [
    ...validityFaults(settings),
    ...ownCertificateFaults(settings, now),
    ...dataPathFaults(settings),
    ...loginFaults(settings),
    ...machineFaults(settings),
    ...portFaults(settings),
  ];
}

function validityFaults({ certificate }: Partial<Settings>): string[] {
  if (certificate === undefined) return [];
  const { authorityDays, serverDays, renewBeforeDays } = certificate;
  const faults: string[] = [];
  if (authorityDays < serverDays) {
    faults.push(
      `certificate.authorityDays must be at least serverDays (${serverDays}), for a certificate cannot outlive its authority; found ${authorityDays}`,
    );
  }
  if (renewBeforeDays >= serverDays) {
    faults.push(
      `certificate.renewBeforeDays must be less than serverDays (${serverDays}); found ${renewBeforeDays}`,
    );
  }
  return faults;
}

function ownCertificateFaults({ certificate, hostname }: Partial<Settings>, now: Date): string[] {
  const { chain, key } = certificate ?? {};
  if (chain === undefined && key === undefined) return [];
  if (chain === undefined)
    return ["certificate.chain is missing: a certificate of your own takes chain and key"];
  if (key === undefined) return ["certificate.key is missing: a certificate of your own takes chain and key"];
  const names = [...(hostname === undefined ? [] : [hostname]), ...(certificate?.names ?? [])];
  const addresses = certificate?.addresses ?? [];
  return chainFaults({ chain, key, names, addresses, now }).map(
    ({ part, message }) => `certificate.${part} ${message}`,
  );
}

function dataPathFaults({ dataPath, dockerHost }: Partial<Settings>): string[] {
  return dockerHost?.startsWith("ssh://") === true && dataPath?.startsWith("${checkout}") === true
    ? ["dataPath takes an absolute path of the Docker host when dockerHost is another machine"]
    : [];
}

function loginFaults({ hosts, users }: Partial<Settings>): string[] {
  if (hosts === undefined || users === undefined) return [];
  return hosts.flatMap(({ dockerLogin }, index) =>
    dockerLogin === undefined || users.some(({ name }) => name === dockerLogin.user)
      ? []
      : [
          `hosts[${index}].dockerLogin.user takes one of users (${users.map(({ name }) => name).join(", ")}); found ${JSON.stringify(dockerLogin.user)}`,
        ],
  );
}

/** One machine under two names would be undone by the removal of either. */
function machineFaults({ hosts = [] }: Partial<Settings>): string[] {
  const machines = hosts.map(({ address, port, bastion }) => `${address} ${port} ${bastion?.address ?? ""}`);
  return hosts.flatMap(({ name, address, port }, index) => {
    const first = machines.indexOf(machines[index] ?? "");
    return first === index
      ? []
      : [
          `hosts[${index}].address is the machine of hosts[${first}] (${hosts[first]?.name ?? ""}) already; found ${JSON.stringify(address)} with port ${port} for ${name}`,
        ];
  });
}

function portFaults({ port, anonymousPullPort }: Partial<Settings>): string[] {
  return port !== undefined && port === anonymousPullPort
    ? [`anonymousPullPort must be another port than port (${port}): clients cannot both log in and not`]
    : [];
}
