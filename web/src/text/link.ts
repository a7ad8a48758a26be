// What the record of a link does not say about its address: where it leads is the client's word (docs/specs/requests.md 5).
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
