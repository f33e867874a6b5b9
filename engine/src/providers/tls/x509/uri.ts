/**
 * A URI as Go's `url.Parse` and `String` leave it: as lenient (a relative reference will do), the scheme in lower
 * case, and what a path may not hold percent-encoded.
 */
export function canonicalUri(text: string): string {
  const problem = problemOf(text);
  if (problem !== undefined) throw new Error(`parse ${JSON.stringify(text)}: ${problem}`);
  const end = text.search(/[?#]/);
  const path = end < 0 ? text : text.slice(0, end);
  return (
    path
      .replace(/^[A-Za-z][A-Za-z\d+.-]*(?=:)/, (scheme) => scheme.toLowerCase())
      .replace(/[^!-~]+|["<>\\^`{|}]+/g, encodeURIComponent) + text.slice(path.length)
  );
}

function problemOf(text: string): string | undefined {
  if (/[\u0000-\u001f\u007f]/.test(text)) return "net/url: invalid control character in URL";
  const escape = /%(?![\da-fA-F]{2}).{0,2}/.exec(text);
  if (escape !== null) return `invalid URL escape ${JSON.stringify(escape[0])}`;
  return text.startsWith(":") ? "missing protocol scheme" : undefined;
}
