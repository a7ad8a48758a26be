#!/usr/bin/env python3
"""The OpenRPC description of what the agent answers, from proto/sotto/v1/client_service.proto with its comments.

Usage: tools/openrpc.py            writes sdk/openrpc.json, and the methods and types of the clients in sdk/
       tools/openrpc.py --check    exit status 1 if one of them is not what the schema says
"""

import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROTO = ROOT / "proto" / "sotto" / "v1"
FILES = ["content.proto", "client_api.proto", "client_service.proto"]
OUT = ROOT / "sdk" / "openrpc.json"
PYTHON_OUT = ROOT / "sdk" / "python" / "sotto" / "methods.py"
TYPESCRIPT_OUT = ROOT / "sdk" / "typescript" / "src" / "types.ts"

SCALARS = {
    "string": {"type": "string"}, "bool": {"type": "boolean"},
    "bytes": {"type": "string", "contentEncoding": "base64"},
    "uint32": {"type": "integer", "minimum": 0}, "int32": {"type": "integer"}, "sint32": {"type": "integer"},
    "uint64": {"type": "string", "pattern": "^[0-9]+$"}, "int64": {"type": "string", "pattern": "^-?[0-9]+$"},
}
TOKEN = re.compile(r'//[^\n]*|"[^"]*"|[\w.]+|[{}=;()<>,\[\]]|\n')


class Parser:
    """Enough of proto3 for our schemas, comments included."""

    def __init__(self, text, types, services):
        self.tokens = TOKEN.findall(text)
        self.at = 0
        self.types, self.services = types, services
        self.comment = []  # lines right above what comes next

    def peek(self):
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def skip_space(self):
        """Passes line ends and comments; a blank line parts a comment from what follows."""
        newlines = 0
        while self.peek() is not None and (self.peek() == "\n" or self.peek().startswith("//")):
            token = self.tokens[self.at]
            self.at += 1
            if token == "\n":
                newlines += 1
                if newlines > 1:
                    self.comment = []
            else:
                self.comment.append(token[2:].strip())
                newlines = 0

    def next(self):
        self.skip_space()
        self.at += 1
        return self.tokens[self.at - 1]

    def expect(self, token):
        found = self.next()
        if found != token:
            raise ValueError(f"expected {token!r}, found {found!r}")

    def take_comment(self):
        words, self.comment = " ".join(self.comment), []
        return words

    def trailing(self):
        """The comment behind what ended just now, with the lines below that go on with it."""
        words = []
        while self.peek() is not None and self.peek().startswith("//"):
            words.append(self.tokens[self.at][2:].strip())
            self.at += 1
            return words[0]
        return ""

    def skip_until(self, token):
        while self.next() != token:
            pass

    def file(self):
        while True:
            self.skip_space()
            if self.peek() is None:
                return
            about = self.take_comment()
            word = self.next()
            if word == "message":
                self.message("", about)
            elif word == "enum":
                self.enum("", about)
            elif word == "service":
                self.service(about)
            else:
                self.skip_until(";")
            self.trailing()

    def message(self, prefix, about):
        name = prefix + self.next()
        self.expect("{")
        about = about or self.trailing()
        fields = []
        self.types[name] = {"kind": "message", "about": about, "fields": fields}
        self.body(name, fields)

    def body(self, name, fields):
        while True:
            self.skip_space()
            about = self.take_comment()
            word = self.next()
            if word == "}":
                return
            if word in ("message", "enum"):
                getattr(self, word)(name + ".", about)
                self.trailing()
            elif word == "oneof":
                self.next()
                self.expect("{")
                self.trailing()
                self.body(name, fields)
                self.trailing()
            elif word == "reserved":
                self.skip_until(";")
                self.trailing()
            else:
                fields.append(self.field(word, about))

    def field(self, word, about):
        repeated = word == "repeated"
        kind = self.next() if word in ("repeated", "optional") else word
        name = self.next()
        self.skip_until(";")
        return {"name": name, "type": kind, "repeated": repeated, "about": self.trailing() or about}

    def enum(self, prefix, about):
        name = prefix + self.next()
        self.expect("{")
        self.trailing()
        values = []
        while True:
            self.skip_space()
            self.take_comment()
            word = self.next()
            if word == "}":
                break
            self.skip_until(";")
            words = self.trailing()
            if word != "reserved":
                values.append((word, words))
        self.types[name] = {"kind": "enum", "about": about, "values": values}

    def service(self, about):
        name = self.next()
        self.expect("{")
        self.trailing()
        rpcs = []
        while True:
            self.skip_space()
            above = self.take_comment()
            if self.next() == "}":
                break
            rpc = self.next()
            self.expect("(")
            request = self.next()
            self.expect(")")
            self.expect("returns")
            self.expect("(")
            response = self.next().replace(".sotto.v1.", "")
            self.expect(")")
            self.expect(";")
            rpcs.append({"name": rpc, "request": request, "response": response, "about": self.trailing() or above})
        self.services.append({"name": name, "about": about, "rpcs": rpcs})


def snake(name):
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def resolve(kind, scope, types):
    """As protobuf looks names up: from the innermost message outwards."""
    parts = scope.split(".")
    for depth in range(len(parts), -1, -1):
        name = ".".join(parts[:depth] + [kind])
        if name in types:
            return name
    raise ValueError(f"{kind} in {scope} is unknown")


def schema_of(field, scope, types):
    if field["type"] in SCALARS:
        schema = dict(SCALARS[field["type"]])
    else:
        schema = {"$ref": "#/components/schemas/" + resolve(field["type"], scope, types)}
    if field["repeated"]:
        schema = {"type": "array", "items": schema}
    if field["about"]:
        schema = {**schema, "description": field["about"]} if "$ref" not in schema else \
            {"allOf": [schema], "description": field["about"]}
    return schema


def type_schema(name, types):
    entry = types[name]
    if entry["kind"] == "enum":
        schema = {"type": "string", "enum": [value for value, _ in entry["values"]]}
        words = [f"{value}: {about}" for value, about in entry["values"] if about]
        about = " ".join([entry["about"]] * bool(entry["about"]) + ["; ".join(words)] * bool(words))
    else:
        schema = {"type": "object", "additionalProperties": False,
                  "properties": {f["name"]: schema_of(f, name, types) for f in entry["fields"]}}
        about = entry["about"]
    return {**schema, "description": about} if about else schema


def reachable(names, types):
    seen, waiting = set(), list(names)
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        for field in types[name].get("fields", []):
            if field["type"] not in SCALARS:
                waiting.append(resolve(field["type"], name, types))
    return sorted(seen)


def read_schema():
    types, services = {}, []
    for file in FILES:
        Parser((PROTO / file).read_text(encoding="utf-8"), types, services).file()
    return types, services


def document(types, services):
    methods = []
    for service in services:
        for rpc in service["rpcs"]:
            request = types[rpc["request"]]
            method = {"name": f"{snake(service['name'])}.{snake(rpc['name'])}",
                      "tags": [{"name": service["name"], **({"description": service["about"]} if service["about"] else {})}],
                      "paramStructure": "by-name",
                      "params": [{"name": f["name"], "required": False, "schema": schema_of(f, rpc["request"], types),
                                  **({"description": f["about"]} if f["about"] else {})} for f in request["fields"]],
                      "result": {"name": rpc["response"],
                                 "schema": {"$ref": "#/components/schemas/" + rpc["response"]}}}
            if rpc["about"]:
                method["description"] = rpc["about"]
            methods.append(method)
    used = [name for s in services for r in s["rpcs"] for name in (r["request"], r["response"])]
    used += ["EventRecord", "CommandError"]
    return {
        "openrpc": "1.3.2",
        "info": {"title": "Sotto agent", "version": "1",
                 "description": "What `sotto agent` answers (docs/specs/agent.md). Methods, fields and values are only "
                                "ever added. Errors carry a CommandError; notifications \"event\" an EventRecord."},
        "methods": methods,
        "components": {"schemas": {name: type_schema(name, types) for name in reachable(used, types)}},
    }


PYTHON_SCALARS = {"string": "str", "bytes": "str", "bool": "bool", "uint64": "str", "int64": "str"}


def python_name(name):
    return name.replace(".", "_")


def python_type(field, scope, types):
    kind = field["type"]
    if kind in SCALARS:
        out = PYTHON_SCALARS.get(kind, "int")
    else:
        name = resolve(kind, scope, types)
        out = "str" if types[name]["kind"] == "enum" else python_name(name)
    return f"List[{out}]" if field["repeated"] else out


def python_argument(field, scope, types):
    """64-bit numbers may be given as numbers."""
    kind = python_type(field, scope, types)
    return "Union[str, int]" if field["type"] in ("uint64", "int64") and not field["repeated"] else kind


def python_source(types, services):
    used = [name for s in services for r in s["rpcs"] for name in (r["request"], r["response"])] + ["EventRecord"]
    lines = ['"""The agent\'s methods and records, as types. Generated by tools/openrpc.py from the schema."""', "",
             "from typing import Any, Callable, Dict, List, TypedDict, Union, cast", "",
             "Call = Callable[[str, Dict[str, Any]], Any]", "", ""]
    for name in reachable(used, types):
        if types[name]["kind"] == "enum":
            continue
        fields = types[name]["fields"]
        pairs = "".join(f'\n    "{f["name"]}": "{python_type(f, name, types)}",' for f in fields)
        lines.append(f'{python_name(name)} = TypedDict("{python_name(name)}", {{{pairs}\n}}, total=False)' if pairs
                     else f'{python_name(name)} = TypedDict("{python_name(name)}", {{}})')
    lines += ["", "", "def _given(values: Dict[str, Any]) -> Dict[str, Any]:",
              '    """The parameters that were given."""',
              '    return {name: value for name, value in values.items() if name != "self" and value is not None}', ""]
    for service in services:
        lines += ["", f"class {service['name']}:"]
        if service["about"]:
            lines.append(f'    """{service["about"]}"""')
        lines += ["", "    def __init__(self, call: Call) -> None:", "        self._call = call", ""]
        for rpc in service["rpcs"]:
            fields = types[rpc["request"]]["fields"]
            # "from" is a word of the language.
            names = [f["name"] + ("_" if f["name"] == "from" else "") for f in fields]
            arguments = "".join(f', {n}: "Union[{python_argument(f, rpc["request"], types)}, None]" = None'
                                for n, f in zip(names, fields))
            star = ", *" if fields else ""
            method = snake(rpc["name"])
            lines.append(f'    def {method}(self{star}{arguments}) -> "{python_name(rpc["response"])}":')
            if rpc["about"]:
                lines.append(f'        """{rpc["about"].replace(chr(92), chr(92) * 2)}"""')
            values = "{" + ", ".join(f'"{f["name"]}": {n}' for n, f in zip(names, fields)) + "}"
            lines += [f'        return cast("{python_name(rpc["response"])}",',
                      f'                    self._call("{snake(service["name"])}.{method}", _given({values})))', ""]
    return "\n".join(lines).rstrip() + "\n"


TYPESCRIPT_SCALARS = {"string": "string", "bytes": "string", "bool": "boolean", "uint64": "string", "int64": "string"}


def typescript_type(field, scope, types):
    kind = field["type"]
    out = TYPESCRIPT_SCALARS.get(kind, "number") if kind in SCALARS else python_name(resolve(kind, scope, types))
    return f"{out}[]" if field["repeated"] else out


def typescript_source(types, services):
    used = [name for s in services for r in s["rpcs"] for name in (r["request"], r["response"])] + ["EventRecord", "CommandError"]
    lines = ["// The agent's methods and records, as types. Generated by tools/openrpc.py from the schema. Fields at their default",
             "// are absent; 64-bit integers are strings, octets base64.", ""]
    for name in reachable(used, types):
        entry = types[name]
        if entry["about"]:
            lines.append(f"/** {entry['about']} */")
        if entry["kind"] == "enum":
            lines += [f"export type {python_name(name)} =", *(f'  | "{v}"' for v, _ in entry["values"])]
            lines[-1] += ";"
        elif not entry["fields"]:
            lines.append(f"export type {python_name(name)} = Record<string, never>;")
        else:
            lines.append(f"export interface {python_name(name)} {{")
            for field in entry["fields"]:
                if field["about"]:
                    lines.append(f"  /** {field['about']} */")
                lines.append(f"  {field['name']}?: {typescript_type(field, name, types)};")
            lines.append("}")
        lines.append("")
    lines.append("/** Parameters and result of each method. */")
    lines.append("export interface Methods {")
    for service in services:
        for rpc in service["rpcs"]:
            if rpc["about"]:
                lines.append(f"  /** {rpc['about']} */")
            name = f"{snake(service['name'])}.{snake(rpc['name'])}"
            lines.append(f'  "{name}": [{python_name(rpc["request"])}, {python_name(rpc["response"])}];')
    lines.append("}")
    return "\n".join(lines) + "\n"


def main():
    types, services = read_schema()
    wanted = {OUT: json.dumps(document(types, services), indent=1, ensure_ascii=False) + "\n",
              PYTHON_OUT: python_source(types, services), TYPESCRIPT_OUT: typescript_source(types, services)}
    if "--check" in sys.argv:
        stale = [str(path.relative_to(ROOT)) for path, text in wanted.items()
                 if not path.exists() or path.read_text(encoding="utf-8") != text]
        for path in stale:
            print(f"{path} is not what the schema says; run tools/openrpc.py")
        return 1 if stale else 0
    for path, text in wanted.items():
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
