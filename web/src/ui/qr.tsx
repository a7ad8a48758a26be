// A QR code drawn as one path, and a reader for one: from the camera, a picture or the text itself. Nothing leaves the
// page. The reader is loaded when somebody wants to scan.
import qrcode from "qrcode-generator";
import { type ChangeEvent, useEffect, useMemo, useRef, useState } from "react";
import { useWords } from "../i18n";
import { Button, Field } from "./controls";

export function QrCode({ text, label }: { text: string; label: string }) {
  const drawn = useMemo(() => {
    const code = qrcode(0, "M");
    // Upper case, digits and a few signs fit in fewer modules.
    code.addData(text, /^[0-9A-Z $%*+\-./:]+$/.test(text) ? "Alphanumeric" : "Byte");
    code.make();
    const size = code.getModuleCount();
    let path = "";
    for (let row = 0; row < size; row += 1) {
      for (let column = 0; column < size; column += 1) {
        if (code.isDark(row, column)) path += `M${column + 4} ${row + 4}h1v1h-1z`;
      }
    }
    return { path, size: size + 8 };
  }, [text]);
  return (
    <svg className="qr" role="img" aria-label={label} viewBox={`0 0 ${drawn.size} ${drawn.size}`} shapeRendering="crispEdges">
      <rect width={drawn.size} height={drawn.size} fill="#fff" />
      <path d={drawn.path} fill="#000" />
    </svg>
  );
}

const kScanEveryMs = 180;
/** A picture is made no larger than this before it is searched. */
const kMaxEdge = 1600;

async function decode(source: CanvasImageSource, width: number, height: number): Promise<string | undefined> {
  const scale = Math.min(1, kMaxEdge / Math.max(width, height, 1));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (context === null) return undefined;
  context.drawImage(source, 0, 0, canvas.width, canvas.height);
  const pixels = context.getImageData(0, 0, canvas.width, canvas.height);
  const { default: read } = await import("jsqr");
  return read(pixels.data, pixels.width, pixels.height)?.data;
}

export function QrReader({ onText, prefix }: { onText: (text: string) => void; prefix: string }) {
  const { t } = useWords();
  const video = useRef<HTMLVideoElement>(null);
  const [camera, setCamera] = useState<"off" | "on" | "refused">("off");
  const [typed, setTyped] = useState("");
  const [failure, setFailure] = useState<string | undefined>(undefined);

  useEffect(() => {
    if (camera !== "on") return undefined;
    let stopped = false;
    let stream: MediaStream | undefined;
    const look = async (): Promise<void> => {
      const element = video.current;
      if (stopped || element === null) return;
      if (element.videoWidth > 0) {
        const text = await decode(element, element.videoWidth, element.videoHeight);
        if (!stopped && text !== undefined && text.startsWith(prefix)) {
          setCamera("off");
          onText(text);
          return;
        }
      }
      window.setTimeout(() => void look(), kScanEveryMs);
    };
    navigator.mediaDevices
      .getUserMedia({ video: { facingMode: "environment" } })
      .then(async (given) => {
        stream = given;
        if (stopped || video.current === null) {
          given.getTracks().forEach((track) => track.stop());
          return;
        }
        video.current.srcObject = given;
        await video.current.play();
        await look();
      })
      .catch(() => setCamera("refused"));
    return () => {
      stopped = true;
      stream?.getTracks().forEach((track) => track.stop());
    };
  }, [camera, onText, prefix]);

  const fromPicture = async (event: ChangeEvent<HTMLInputElement>): Promise<void> => {
    const file = event.target.files?.[0];
    event.target.value = "";
    if (file === undefined) return;
    try {
      const bitmap = await createImageBitmap(file);
      const text = await decode(bitmap, bitmap.width, bitmap.height);
      bitmap.close();
      if (text === undefined || !text.startsWith(prefix)) setFailure(t("qr.none"));
      else {
        setFailure(undefined);
        onText(text);
      }
    } catch {
      setFailure(t("qr.none"));
    }
  };

  return (
    <div className="qr-reader">
      {camera === "on" && <video ref={video} muted playsInline aria-label={t("qr.camera_picture")} />}
      {camera === "refused" && <p className="error">{t("qr.no_camera")}</p>}
      <div className="buttons">
        {camera === "on" ? (
          <Button onClick={() => setCamera("off")}>{t("qr.stop_camera")}</Button>
        ) : (
          <Button icon="qr" onClick={() => setCamera("on")}>
            {t("qr.use_camera")}
          </Button>
        )}
        <label className="button plain file-button">
          {t("qr.from_picture")}
          <input type="file" accept="image/*" className="only-read" onChange={(event) => void fromPicture(event)} />
        </label>
      </div>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const text = typed.trim();
          if (text.toUpperCase().startsWith(prefix)) onText(text);
          else setFailure(t("qr.not_this"));
        }}
      >
        <Field label={t("qr.text")} value={typed} onChange={(event) => setTyped(event.target.value)} placeholder={`${prefix}…`} error={failure} />
        {typed !== "" && (
          <Button type="submit" tone="main">
            {t("qr.take_text")}
          </Button>
        )}
      </form>
    </div>
  );
}
