// Octets of files as addresses that the browser can show, fetched once and let go when many others came since.
import type { FileWanted, Transport } from "../transport/transport";

/** Pictures whose octets stay in memory. */
const kKept = 120;

export class Files {
  private readonly urls = new Map<string, Promise<string>>();

  constructor(private readonly transport: Transport) {}

  /** A blob: address of it. */
  url(wanted: FileWanted): Promise<string> {
    const key = name(wanted);
    const known = this.urls.get(key);
    if (known !== undefined) {
      this.urls.delete(key);
      this.urls.set(key, known);
      return known;
    }
    const made = this.transport.file(wanted).then((blob) => URL.createObjectURL(blob));
    made.catch(() => this.urls.delete(key));
    this.urls.set(key, made);
    for (const [oldest, url] of this.urls) {
      if (this.urls.size <= kKept) break;
      this.urls.delete(oldest);
      url.then(URL.revokeObjectURL).catch(() => undefined);
    }
    return made;
  }

  /** The file changed: what is kept of it is old. */
  forget(file: { conversation?: string; message_id?: string; position?: number }): void {
    for (const as of ["thumbnail", "clean", "original"] as const) {
      const { conversation = "", message_id = "", position = 0 } = file;
      this.urls.delete(name({ conversation, message_id, position, as }));
    }
  }

  /** Hands a file to the browser's own saving. */
  async save(wanted: FileWanted, as: string): Promise<void> {
    saveAs(await this.transport.file(wanted), as);
  }
}

/** As the browser saves what is downloaded. */
export function saveAs(octets: Blob, name: string): void {
  const url = URL.createObjectURL(octets);
  const anchor = document.createElement("a");
  anchor.href = url;
  anchor.download = name;
  anchor.click();
  window.setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

function name(wanted: FileWanted): string {
  return [wanted.conversation, wanted.message_id, wanted.position, wanted.as].join("\n");
}
