import * as docker from "@pulumi/docker";
import { deploymentNames, inspectDockerHost } from "./components/docker-host/docker-host";
import { dockerProvider } from "./components/docker-host/provider";
import { Gateway } from "./components/gateway/gateway";
import { createPki } from "./components/pki/pki";
import { Registry } from "./components/registry/registry";
import { loadSettings } from "./components/settings/settings";
import { CaRollover } from "./components/trust/ca-rollover";
import { probeHosts } from "./components/trust/probe";
import { Trust } from "./components/trust/trust";

/** A private Docker registry: settings, what was found on the Docker host, components, outputs. */
export = async () => {
  const settings = loadSettings();
  const names = deploymentNames();
  const [host, generations] = await Promise.all([inspectDockerHost(settings, names), probeHosts(settings)]);
  const opts = { providers: { docker: dockerProvider(host) } };

  const network = new docker.Network("network", { name: names.network }, { provider: opts.providers.docker });
  const pki = createPki(settings, host.bindAddress);
  const registry = new Registry("registry", { host, names, network: network.name }, opts);
  const authority = pki.caCertificate;
  const rollover = new CaRollover("trust-rollover", { settings, authority });
  const gateway = new Gateway(
    "gateway",
    { host, names, network: network.name, registry, pki, settings },
    { ...opts, dependsOn: [...rollover.ready] },
  );
  const { address, credentials } = gateway;
  const trust = new Trust(
    "trust",
    { settings, registry: address, authority, credentials, generations },
    { dependsOn: gateway },
  );

  return {
    url: gateway.url,
    address,
    certificateExpires: pki.expires,
    credentials,
    hosts: trust.hosts,
    caCertificate: authority,
  };
};
