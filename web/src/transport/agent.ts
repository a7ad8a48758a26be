// The agent on this machine: one WebSocket for calls and events, HTTP for the octets of files. Comes back by itself
// after a cut; what it missed meanwhile is for whoever listens to onLink().
import type { EventRecord, Methods } from "../api/types";
import { JsonRpc } from "./json_rpc";
import { CallError, type FileWanted, type Link, type Transport, type UploadedFile } from "./transport";

const kFirstRetryMs = 250;
const kLongestRetryMs = 5000;

export class AgentTransport implements Transport {
  private readonly events = new Set<(record: EventRecord) => void>();
  private readonly links = new Set<(link: Link) => void>();
  private link: Link = "connecting";
  private retryMs = kFirstRetryMs;
  private socket: WebSocket | undefined;
  private rpc: JsonRpc | undefined;

  constructor(
    private readonly origin: string,
    private readonly token: string,
  ) {
    this.connect();
  }

  async call<M extends keyof Methods>(method: M, params: Methods[M][0]): Promise<Methods[M][1]> {
    if (this.rpc === undefined || this.link !== "up") {
      throw new CallError("link", "The connection to the agent is cut. It comes back by itself.");
    }
    return (await this.rpc.call(method, params)) as Methods[M][1];
  }

  onEvent(handler: (record: EventRecord) => void): () => void {
    this.events.add(handler);
    return () => this.events.delete(handler);
  }

  onLink(handler: (link: Link) => void): () => void {
    this.links.add(handler);
    handler(this.link);
    return () => this.links.delete(handler);
  }

  upload(file: File, progress: (part: number) => void, signal: AbortSignal): Promise<UploadedFile> {
    const query = new URLSearchParams({ name: file.name, mime: file.type || "application/octet-stream" });
    // fetch() does not tell how much has gone.
    const request = new XMLHttpRequest();
    return new Promise((resolve, reject) => {
      request.open("POST", `${this.origin}/v1/files?${query}`);
      request.setRequestHeader("Authorization", `Bearer ${this.token}`);
      request.setRequestHeader("Content-Type", "application/octet-stream");
      request.upload.onprogress = (event) => {
        if (event.lengthComputable && event.total > 0) progress(event.loaded / event.total);
      };
      request.onload = () => {
        const body = parse(request.responseText);
        if (request.status === 200) resolve(body as unknown as UploadedFile);
        else reject(failure(body, `The file was not taken (${request.status}).`));
      };
      request.onerror = () => reject(new CallError("link", "The connection to the agent was cut."));
      request.onabort = () => reject(new CallError("aborted", "Stopped."));
      signal.addEventListener("abort", () => request.abort());
      request.send(file);
    });
  }

  async file(wanted: FileWanted): Promise<Blob> {
    const path = [wanted.conversation, wanted.message_id, String(wanted.position)].map(encodeURIComponent).join("/");
    const query = wanted.as === "original" ? "" : `?${wanted.as}=1`;
    const response = await fetch(`${this.origin}/v1/files/${path}${query}`, {
      headers: { Authorization: `Bearer ${this.token}` },
    });
    if (!response.ok) throw failure(parse(await response.text()), `The file cannot be had (${response.status}).`);
    return response.blob();
  }

  private connect(): void {
    const url = this.origin.replace(/^http/, "ws") + "/v1/rpc";
    const socket = new WebSocket(url, ["sotto.v1", `token.${this.token}`]);
    const rpc = new JsonRpc(
      (text) => socket.send(text),
      (record) => this.events.forEach((handler) => handler(record)),
      // To whoever listens that is as if the link had been cut: everything is read again.
      () => this.tell("up"),
    );
    this.socket = socket;
    this.rpc = rpc;
    socket.onopen = () => {
      this.retryMs = kFirstRetryMs;
      this.tell("up");
    };
    socket.onmessage = (message) => {
      if (typeof message.data === "string") rpc.receive(message.data);
    };
    socket.onclose = () => {
      if (this.socket !== socket) return;
      rpc.close("The connection to the agent was cut.");
      this.tell("down");
      window.setTimeout(() => this.connect(), this.retryMs);
      this.retryMs = Math.min(this.retryMs * 2, kLongestRetryMs);
    };
  }

  private tell(link: Link): void {
    this.link = link;
    this.links.forEach((handler) => handler(link));
  }
}

function parse(text: string): { error?: { message?: string }; message?: string; code?: string } {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}

function failure(body: ReturnType<typeof parse>, otherwise: string): CallError {
  return new CallError(body.code ?? "protocol", body.message ?? body.error?.message ?? otherwise);
}
