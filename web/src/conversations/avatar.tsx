// The round sign of a conversation: a group's photo, as the sandbox made it, else what Avatar draws.
import { useEffect, useState } from "react";
import type { Conversation } from "../api/types";
import { useApp, useAppState } from "../state/context";
import { isShown } from "../state/photos";
import { Avatar, type AvatarKind, type AvatarSize } from "../ui/avatar";

export function ConversationAvatar({ record, name, size = "normal" }: { record: Conversation; name: string; size?: AvatarSize }) {
  const id = record.conversation ?? "";
  return <Avatar name={name} id={record.contact?.account ?? id} kind={kindOf(record)} size={size} photo={useGroupPhoto(id)} />;
}

export function kindOf(conversation: Conversation | undefined): AvatarKind {
  switch (conversation?.kind) {
    case "GROUP":
      return "group";
    case "NOTES":
      return "notes";
    case "SMS":
      return "sms";
    default:
      return "person";
  }
}

function useGroupPhoto(conversation: string): string | undefined {
  const app = useApp();
  const photo = useAppState((state) => state.groupPhotos.get(conversation));
  const message = photo !== undefined && isShown(photo) ? (photo.message_id ?? "") : "";
  const position = photo?.position ?? 0;
  const [shown, setShown] = useState<{ message: string; url: string } | undefined>(undefined);
  useEffect(() => {
    if (message === "") return undefined;
    let gone = false;
    app.files.url({ conversation, message_id: message, position, as: "thumbnail" }).then(
      (url) => !gone && setShown({ message, url }),
      () => undefined,
    );
    return () => {
      gone = true;
    };
  }, [app, conversation, message, position]);
  return message !== "" && shown?.message === message ? shown.url : undefined;
}
