/** Where things are inside of the gateway's container. File names are relative to the revision's folder. */
export const gatewayLayout = {
  files: "/etc/gateway",
  configFile: "nginx.conf",
  chainFile: "server.crt",
  keyFile: "server.key",
  /** Who has which password. */
  usersFile: "users.htpasswd",
  /** What a generated password's header comes to: spares nginx a look into the file above. */
  verifiersFile: "verifiers.map",
  /** Who may do what. */
  accessFile: "access.map",
  /** Where, for users who are limited to some repositories. */
  repositoriesFile: "repositories.map",
  /** Who has a password that a person chose. */
  chosenFile: "chosen.map",
  /** What nginx makes its metrics from. */
  metricsFile: "metrics.txt",
  /** Above 1024: nginx runs as an ordinary user. */
  port: 8443,
  /** The second address, for pulling without a user. */
  anonymousPort: 8444,
  /** Health, readiness and the active revision, for whoever is inside of the container only. */
  statusPort: 8081,
  /** The registry's storage, read-only. */
  storage: "/srv/registry",
  /** Temporary files and the pid: a tmpfs. */
  run: "/run/gateway",
  /**
   * Each request to the registry is a connection of its own, and its port cannot be had again for a minute: some 470
   * requests a second, and the rest fails. With these there are more ports, each of which waits for a second.
   * Source: https://docs.kernel.org/networking/ip-sysctl.html
   */
  sysctls: { "net.ipv4.tcp_tw_reuse": "1", "net.ipv4.ip_local_port_range": "10240 65535" },
  /** nginx's user id. */
  uid: 33,
  /** uid:gid of the files it reads. */
  owner: "33:33",
} as const;
