// The agent through its socket, and an agent of one's own: for programs that run on Node.js.
import { spawn as spawnProcess } from "node:child_process";
import { homedir } from "node:os";
import { createConnection } from "node:net";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { Agent } from "./agent.js";

export * from "./index.js";

export function defaultProfile(): string {
  const data = process.env["XDG_DATA_HOME"] ?? "";
  return data.startsWith("/") ? join(data, "sotto") : join(homedir(), ".local", "share", "sotto");
}

/** One JSON text a line, both ways. */
function overLines(agent: Agent, reading: Readable, writing: Writable, close: () => void): Agent {
  let rest = "";
  reading.setEncoding("utf8");
  reading.on("data", (chunk: string) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) agent.receive(line);
  });
  reading.on("close", () => agent.closed("the agent ended the connection"));
  return agent.attach({ send: (text) => void writing.write(text + "\n"), close });
}

/** The agent that runs on this profile. */
export function connect(profile: string = defaultProfile()): Promise<Agent> {
  const socket = createConnection(join(profile, "agent.sock"));
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.once("connect", () => resolve(overLines(new Agent(), socket, socket, () => void socket.end())));
  });
}

/** An agent of one's own, which ends with the connection; SOTTO_PASSPHRASE opens the profile. */
export function spawn(profile: string = defaultProfile(), program = "sotto"): Agent {
  const child = spawnProcess(program, ["--profile", profile, "agent", "--stdio"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  return overLines(new Agent(), child.stdout, child.stdin, () => void child.stdin.end());
}
