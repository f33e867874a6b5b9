/**
 * A command for a person to type, by the name under which they run Pulumi: a wrapper script says its own in
 * PULUMI_COMMAND_NAME.
 */
export function pulumi(command: string, stack?: string): string {
  const { PULUMI_COMMAND_NAME: name = "" } = process.env;
  return `${name === "" ? "pulumi" : name} ${command}${stack === undefined ? "" : ` --stack ${stack}`}`;
}
