// What the record of a link does not say about its address: where it leads is the client's word (docs/specs/requests.md 5).
// And the address in an own text of whose page a preview can be made.
export interface AddressFacts {
  /** The host as the network has it. */
  ascii: string;
  warnings: ("plain_http" | "port")[];
}

/** Undefined for what no browser should open. */
export function addressFacts(url: string): AddressFacts | undefined {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    return undefined;
  }
  if (parsed.protocol !== "https:" && parsed.protocol !== "http:") return undefined;
  const warnings: AddressFacts["warnings"] = [];
  if (parsed.protocol === "http:") warnings.push("plain_http");
  if (parsed.port !== "") warnings.push("port");
  return { ascii: parsed.hostname, warnings };
}

/** Longer ones go without a preview. */
const kMaxAddress = 2048;
const kBrackets: Partial<Record<string, string>> = { ")": "(", "]": "[", "}": "{" };

const count = (text: string, sign: string): number => text.split(sign).length - 1;

/** What ends the sentence, or closes what stood around the address, is not of it: as the client finds links. */
function trimmed(address: string): string {
  let end = address.length;
  for (; end > 0; end -= 1) {
    const last = address[end - 1] ?? "";
    const opening = kBrackets[last];
    const inside = address.slice(0, end);
    if (opening !== undefined ? count(inside, last) <= count(inside, opening) : !".,;:!?'*_~|".includes(last)) break;
  }
  return address.slice(0, end);
}

/** The first address in what the user writes at which a page can be asked for; that is https alone. */
export function firstAddress(text: string): string | undefined {
  for (const match of text.matchAll(/https:\/\/[^\s<>"`]+/g)) {
    if (match[0].length > kMaxAddress) continue;
    const url = trimmed(match[0]);
    if (addressFacts(url) !== undefined) return url;
  }
  return undefined;
}
