// The photos of groups, by conversation: files beside the line that says who gave it, which come and are looked at
// like any other. Pure; App keeps the map.
import type { AttachedFile, Group } from "../api/types";

export type Photos = ReadonlyMap<string, AttachedFile>;

const conversationOf = (group: Group): string => `#${group.group ?? ""}`;

export function photosOf(groups: readonly Group[]): Photos {
  return groups.reduce<Photos>(withGroup, new Map());
}

/** The same map if nothing changed, as of the next function. */
export function withGroup(photos: Photos, group: Group): Photos {
  const id = conversationOf(group);
  const photo = group.member === true ? group.photo : undefined;
  const known = photos.get(id);
  if (photo === undefined ? known === undefined : known !== undefined && sameAs(known, photo)) return photos;
  const next = new Map(photos);
  if (photo === undefined) next.delete(id);
  else next.set(id, photo);
  return next;
}

/** A file moved, or the sandbox looked at it: is it a photo? */
export function withFile(photos: Photos, file: AttachedFile): Photos {
  const known = photos.get(file.conversation ?? "");
  if (known === undefined || known.message_id !== file.message_id || (file.position ?? 0) !== (known.position ?? 0) || sameAs(known, file)) return photos;
  return new Map(photos).set(file.conversation ?? "", file);
}

function sameAs(a: AttachedFile, b: AttachedFile): boolean {
  return a.message_id === b.message_id && a.state === b.state && a.media === b.media;
}

/** Whether the sandbox's picture of it can be had, and nobody wants it covered. */
export function isShown(photo: AttachedFile): boolean {
  return photo.state === "HERE" && (photo.media === undefined || photo.media === "MEDIA_UNSPECIFIED" || photo.media === "CLEAN");
}

/** It waits until somebody wants it. */
export function isElsewhere(photo: AttachedFile | undefined): boolean {
  return photo?.state === "REMOTE" || photo?.state === "FAILED";
}
