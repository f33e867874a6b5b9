import { dockerAnswers, clearAway, docker, importBusybox } from "./providers/docker/docker-host";
import { hasSshd, startSshd, type Sshd } from "./providers/command/sshd";

/** What a program that uses every type needs: a host behind SSH, an image, and names of its own on this machine's Docker. */
export class RealParts {
  private constructor(
    readonly prefix: string,
    readonly image: string,
    readonly sshd: Sshd,
  ) {}

  /** True where there is Docker and sshd. */
  static canBeHad(): boolean {
    return dockerAnswers() && hasSshd();
  }

  /** The image's program only stays, and is started as a registry would be. */
  static async start(name: string): Promise<RealParts> {
    const prefix = `regtest-${name}-${process.pid}-`;
    const image = `${prefix}image:local`;
    importBusybox(
      image,
      ["printf '#!/bin/sh\\nexec sleep 600\\n' > root/bin/registry", "chmod 755 root/bin/registry"],
      ['ENTRYPOINT ["/bin/registry"]', 'CMD ["serve","/etc/distribution/config.yml"]'],
    );
    return new RealParts(prefix, image, await startSshd());
  }

  /** Takes away what is left, also after a failure. */
  stop(): void {
    this.sshd.stop();
    clearAway(this.prefix);
    docker("image", "rm", "-f", this.image);
  }
}
