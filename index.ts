import * as docker from "@pulumi/docker";
import { deploymentNames, inspectDockerHost } from "./components/docker-host/docker-host";
import { dockerProvider } from "./components/docker-host/provider";
import { Gateway } from "./components/gateway/gateway";
import { createPki } from "./components/pki/pki";
import { Registry } from "./components/registry/registry";
import { loadSettings } from "./components/settings/settings";

/** A private Docker registry: settings, what was found on the Docker host, components, outputs. */
export = async () => {
  const settings = loadSettings();
  const names = deploymentNames();
  const host = await inspectDockerHost(settings, names);
  const opts = { providers: { docker: dockerProvider(host) } };

  const network = new docker.Network("network", { name: names.network }, { provider: opts.providers.docker });
  const pki = createPki(settings, host.bindAddress);
  const registry = new Registry("registry", { host, names, network: network.name }, opts);
  const gateway = new Gateway(
    "gateway",
    { host, names, network: network.name, registry, pki, settings },
    opts,
  );

  return {
    url: gateway.url,
    address: gateway.address,
    certificateExpires: pki.expires,
    credentials: gateway.credentials,
    hosts: {},
    caCertificate: pki.caCertificate,
  };
};
