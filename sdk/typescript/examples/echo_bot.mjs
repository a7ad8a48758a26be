// Answers every message with its own words. SOTTO_PROFILE names the profile; see docs/bots.md.
import { connect } from "sotto-agent/node";

const agent = await connect(process.env.SOTTO_PROFILE);
const { handle } = await agent.call("account.status");
console.log(`${handle} listens`);

// The cursor "echo" is kept by the agent: what came while the bot was away is answered when it is back.
for await (const record of agent.events({ consumer: "echo" })) {
  const message = record.event?.message;
  // A message is told again when anything about it changes; "read" marks those that were answered.
  if (!message || message.outgoing || message.system || message.read) continue;
  const { conversation, message_id, body } = message;
  try {
    await agent.call("messages.send", { conversation, text: body ?? "?", reply_to: message_id });
    await agent.call("conversations.mark_read", { conversation });
  } catch (error) {
    console.error(`no answer to ${conversation}: ${error.message}`);
  }
}
