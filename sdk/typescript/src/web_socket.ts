// The agent over a WebSocket: in browsers, and where the runtime has one.
import { Agent, AgentError } from "./agent.js";

/** `address` as the agent printed it: "http://127.0.0.1:7480"; the token from the profile's file agent-token. */
export function connectWebSocket(address: string, token: string): Promise<Agent> {
  const socket = new WebSocket(address.replace(/^http/, "ws") + "/v1/rpc", ["sotto.v1", `token.${token}`]);
  const agent = new Agent();
  return new Promise((resolve, reject) => {
    socket.onopen = () =>
      resolve(agent.attach({ send: (text) => socket.send(text), close: () => socket.close() }));
    socket.onmessage = (message) => agent.receive(String(message.data));
    socket.onclose = () => {
      agent.closed("the agent ended the connection");
      reject(new AgentError("closed", "the agent is not there, or did not take the token"));
    };
  });
}
