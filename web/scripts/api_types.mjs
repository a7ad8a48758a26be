// Writes src/api/types.ts: the records and methods of the client API as TypeScript has them, from the schema in proto/.
// Protobuf JSON leaves out what is at its default, so every field may be absent; 64-bit integers are strings, octets base64.
import fs from "node:fs";
import path from "node:path";
import { root } from "./modules.mjs";

const kScalars = { string: "string", bytes: "string", bool: "boolean", uint32: "number", int32: "number", sint32: "number", uint64: "string", int64: "string" };
/** What the API uses of the content schema. */
const kOfContent = ["Span", "LinkPreview", "Location", "Sticker", "VoiceNote", "Poll", "ContactCard"];

const messages = new Map();
const enums = new Map();
const methods = [];

function block(text, from) {
  let depth = 1;
  let at = from;
  for (; depth > 0; at += 1) depth += text[at] === "{" ? 1 : text[at] === "}" ? -1 : 0;
  return at;
}

function fields(body, prefix) {
  const found = [];
  let at = 0;
  const next = (pattern) => {
    pattern.lastIndex = at;
    const match = pattern.exec(body);
    if (match !== null) at = pattern.lastIndex;
    return match;
  };
  while (body.slice(at).trim() !== "") {
    let match = next(/\s*(message|enum|oneof)\s+(\w+)\s*\{/y);
    if (match !== null) {
      const end = block(body, at);
      const inside = body.slice(at, end - 1);
      if (match[1] === "message") message(prefix + match[2], inside);
      else if (match[1] === "enum") enums.set(prefix + match[2], [...inside.matchAll(/(\w+)\s*=\s*\d+/g)].map((each) => each[1]));
      else found.push(...fields(inside, prefix));
      at = end;
    } else if ((match = next(/\s*(repeated |optional )?([\w.]+)\s+(\w+)\s*=\s*\d+\s*;/y)) !== null) {
      found.push({ repeated: match[1] === "repeated ", type: match[2], name: match[3], prefix });
    } else if (next(/\s*(reserved|option)\b[^;]*;/y) === null) {
      throw new Error(`not understood: ${body.slice(at, at + 80)}`);
    }
  }
  return found;
}

function message(name, body) {
  messages.set(name, undefined);
  messages.set(name, fields(body, `${name}.`));
}

const snake = (name) => name.replace(/(?<!^)([A-Z])/g, "_$1").toLowerCase();

function read(name, only) {
  let text = fs.readFileSync(path.join(root, "..", "proto", "sotto", "v1", name), "utf8").replace(/\/\/.*/g, "");
  text = text.replace(/service (\w+) \{([^}]*)\}/g, (_, service, body) => {
    for (const rpc of body.matchAll(/rpc (\w+)\(([\w.]+)\)\s*returns\s*\(([\w.]+)\)/g)) {
      methods.push([`${snake(service)}.${snake(rpc[1])}`, rpc[2].split(".").pop(), rpc[3].split(".").pop()]);
    }
    return "";
  });
  text = text.replace(/^(syntax|package|import|option)\b[^;]*;/gm, "");
  if (only === undefined) fields(text, "");
  for (const each of only ?? []) {
    const start = new RegExp(`^message ${each} \\{`, "m").exec(text);
    const from = start.index + start[0].length;
    message(each, text.slice(from, block(text, from) - 1));
  }
}

function typeName({ type, prefix }) {
  if (kScalars[type] !== undefined) return kScalars[type];
  const name = type.replace(/^\.?sotto\.v1\./, "");
  for (let scope = prefix; ; scope = scope.replace(/[^.]*\.$/, "")) {
    if (messages.has(scope + name) || enums.has(scope + name)) return (scope + name).replaceAll(".", "");
    if (scope === "") throw new Error(`unknown type ${type}`);
  }
}

export function writeApiTypes() {
  read("content.proto", kOfContent);
  read("client_api.proto");
  read("client_service.proto");
  const out = ["// Made by scripts/api_types.mjs from proto/sotto/v1; not to be edited."];
  for (const [name, values] of enums) out.push(`export type ${name.replaceAll(".", "")} = ${values.map((value) => `"${value}"`).join(" | ")};`);
  for (const [name, list] of messages) {
    const inside = list.map((each) => `  ${each.name}?: ${typeName(each)}${each.repeated ? "[]" : ""};\n`).join("");
    out.push(inside === "" ? `export type ${name} = Record<string, never>;` : `export interface ${name.replaceAll(".", "")} {\n${inside}}`);
  }
  out.push(`/** Parameters and result of each method. */\nexport interface Methods {\n${methods.map(([name, from, to]) => `  "${name}": [${from}, ${to}];\n`).join("")}}`);
  const folder = path.join(root, "src", "api");
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, "types.ts"), `${out.join("\n")}\n`);
}
