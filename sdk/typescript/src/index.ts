export * from "./agent.js";
export * from "./types.js";
export * from "./web_socket.js";
