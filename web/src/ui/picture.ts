// An own picture made smaller before it goes out: drawn anew, so that nothing of its file but what it shows is left.

export interface Drawing {
  /** The longer edge, at most. */
  edge: number;
  /** Its middle alone. */
  square: boolean;
  type: "image/jpeg" | "image/webp";
  /** Without ending. */
  name: string;
}

/** What of a picture is drawn, and how large; never larger than it is. */
export function cut(width: number, height: number, { edge, square }: Pick<Drawing, "edge" | "square">): { x: number; y: number; width: number; height: number; wide: number; high: number } {
  const side = Math.min(width, height);
  const part = square ? { x: (width - side) / 2, y: (height - side) / 2, width: side, height: side } : { x: 0, y: 0, width, height };
  const scale = Math.min(1, edge / Math.max(part.width, part.height, 1));
  return { ...part, wide: Math.max(1, Math.round(part.width * scale)), high: Math.max(1, Math.round(part.height * scale)) };
}

/** Fails for what this browser cannot show. */
export async function drawnAnew(file: File, drawing: Drawing): Promise<File> {
  const bitmap = await createImageBitmap(file);
  try {
    const { x, y, width, height, wide, high } = cut(bitmap.width, bitmap.height, drawing);
    const canvas = document.createElement("canvas");
    canvas.width = wide;
    canvas.height = high;
    const context = canvas.getContext("2d");
    if (context === null) throw new Error("no canvas");
    if (drawing.type === "image/jpeg") {
      // What was transparent would be black.
      context.fillStyle = "#ffffff";
      context.fillRect(0, 0, wide, high);
    }
    context.imageSmoothingQuality = "high";
    context.drawImage(bitmap, x, y, width, height, 0, 0, wide, high);
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, drawing.type, 0.88));
    if (blob === null) throw new Error("no picture");
    // A browser that cannot make the type that was wanted makes a PNG.
    const ending = blob.type.replace("image/", "").replace("jpeg", "jpg");
    return new File([blob], `${drawing.name}.${ending}`, { type: blob.type });
  } finally {
    bitmap.close();
  }
}
