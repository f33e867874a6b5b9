import { isScalar, visit, type Document, type Node } from "yaml";

import { Fault } from "../values/fault";

/**
 * Plain texts that Pulumi's YAML reader takes for a date or a number, and the one used here for a text or another
 * number (or the other way round). Read, they are refused; written, they are put in quotes.
 */
const AMBIGUOUS =
  /^(\d{4}-\d{1,2}-\d{1,2}([Tt ].*)?|[-+]?0[0-9_]+|[-+]?0[bB][01_]+|[-+]?\d[\d_]*_[\d_]*(\.[\d_]*)?|y|Y|yes|Yes|YES|n|N|no|No|NO|on|On|ON|off|Off|OFF|=|<<)$/;
/** Words that both readers give as text, but older ones do not. */
const ONLY_TO_BE_QUOTED = /^[a-zA-Z=<]+$/;

/** Refuses values in `node` that the CLI would read differently. */
export function refuseAmbiguous(document: Document, node: Node, where: string): void {
  visit(document, (_, item, ancestors) => {
    if (!isScalar(item) || item.type !== "PLAIN" || !ancestors.includes(node)) return;
    const { source = "" } = item;
    if (AMBIGUOUS.test(source) && !ONLY_TO_BE_QUOTED.test(source)) {
      throw new Fault(
        `${where}: ${source} without quotes can be read in more than one way; write "${source}"`,
      );
    }
  });
}

/** Puts texts in `node` in quotes where a reader could take them for something else. */
export function quoteAmbiguous(node: Node): void {
  visit(node, (_, item) => {
    if (isScalar(item) && typeof item.value === "string" && AMBIGUOUS.test(item.value))
      item.type = "QUOTE_DOUBLE";
  });
}

/** How a file is laid out, so that writing it again changes only what has changed. */
export function layoutOf(text: string): { indent: number; indentSeq: boolean; lineWidth: number } {
  const indent = /^( +)\S/m.exec(text)?.[1]?.length ?? 2;
  const flat = /^( *)[^\s#-][^\n]*:[ \t]*\n(?:\s*#[^\n]*\n)*\1- /m.test(text);
  return { indent: Math.max(indent, 1), indentSeq: !flat, lineWidth: 0 };
}
