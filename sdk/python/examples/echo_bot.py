#!/usr/bin/env python3
"""Answers every message with its own words. SOTTO_PROFILE names the profile; see docs/bots.md."""

import os
import sys

import sotto


def main() -> None:
    with sotto.connect(os.environ.get("SOTTO_PROFILE")) as agent:
        name = agent.account.status()["handle"]
        print(f"{name} listens", flush=True)
        # The cursor "echo" is kept by the agent: what came while the bot was away is answered when it is back.
        for record in agent.events(consumer="echo"):
            message = record.get("event", {}).get("message")
            # A message is told again when anything about it changes; "read" marks those that were answered.
            if not message or message.get("outgoing") or message.get("system") or message.get("read"):
                continue
            conversation = message["conversation"]
            try:
                agent.messages.send(conversation=conversation, text=message.get("body", "?"),
                                    reply_to=message["message_id"])
                agent.conversations.mark_read(conversation=conversation)
            except sotto.Error as error:
                print(f"no answer to {conversation}: {error}", file=sys.stderr)


if __name__ == "__main__":
    main()
