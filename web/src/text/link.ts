// What somebody should know about an address before they open it: the host that it really leads to, in letters and in
// the form that the network uses, and what about it is made to mislead.
export interface LinkFacts {
  host: string;
  /** The host as the network has it, where it differs. */
  ascii?: string;
  warnings: ("plain_http" | "user_info" | "mixed_letters" | "address" | "port")[];
}

export function linkFacts(url: string): LinkFacts | undefined {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    return undefined;
  }
  if (parsed.protocol !== "https:" && parsed.protocol !== "http:") return undefined;
  const ascii = parsed.hostname;
  const host = ascii.split(".").map(label).join(".");
  const warnings: LinkFacts["warnings"] = [];
  if (parsed.protocol === "http:") warnings.push("plain_http");
  if (parsed.username !== "" || parsed.password !== "") warnings.push("user_info");
  if (host.split(".").some(mixes)) warnings.push("mixed_letters");
  if (/^[\d.]+$|^\[/.test(ascii)) warnings.push("address");
  if (parsed.port !== "") warnings.push("port");
  return { host, ...(host !== ascii && { ascii }), warnings };
}

/** One label in letters. RFC 3492; what does not decode stays as it is. */
function label(text: string): string {
  if (!text.startsWith("xn--")) return text;
  return decodePunycode(text.slice(4)) ?? text;
}

export function decodePunycode(text: string): string | undefined {
  const base = 36;
  const out: number[] = [];
  const delimiter = text.lastIndexOf("-");
  for (const sign of delimiter > 0 ? text.slice(0, delimiter) : "") out.push(sign.charCodeAt(0));
  let n = 128;
  let i = 0;
  let bias = 72;
  for (let at = delimiter > 0 ? delimiter + 1 : 0; at < text.length; ) {
    const before = i;
    for (let weight = 1, k = base; ; k += base) {
      if (at >= text.length) return undefined;
      const digit = parseInt(text.charAt(at), 36);
      at += 1;
      if (Number.isNaN(digit)) return undefined;
      const value = digit < 10 ? digit + 26 : digit - 10;
      i += value * weight;
      const threshold = k <= bias ? 1 : k >= bias + 26 ? 26 : k - bias;
      if (value < threshold) break;
      weight *= base - threshold;
      if (weight > 0x7fffffff) return undefined;
    }
    const length = out.length + 1;
    let delta = before === 0 ? Math.floor((i - before) / 700) : Math.floor((i - before) / 2);
    delta += Math.floor(delta / length);
    let k = 0;
    for (; delta > 455; k += base) delta = Math.floor(delta / 35);
    bias = k + Math.floor((36 * delta) / (delta + 38));
    n += Math.floor(i / length);
    i %= length;
    if (n > 0x10ffff || (n >= 0xd800 && n < 0xe000) || out.length >= 63) return undefined;
    out.splice(i, 0, n);
    i += 1;
  }
  return String.fromCodePoint(...out);
}

/** Letters of more than one script, or any that look like Latin ones, in one label. */
function mixes(text: string): boolean {
  const latin = /\p{Script=Latin}/u.test(text);
  const alike = /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Cherokee}\p{Script=Armenian}]/u.test(text);
  return alike || (latin && /[^\p{Script=Latin}\p{Script=Common}\p{Script=Inherited}]/u.test(text));
}
