import assert from "node:assert/strict";
import test from "node:test";
import type { EventRecord } from "../src/api/types";
import { JsonRpc, kMaxWaiting } from "../src/transport/json_rpc";
import { tokenIn } from "../src/transport/token";
import { CallError } from "../src/transport/transport";

function pair(): { rpc: JsonRpc; sent: { id: number; method: string; params: unknown }[]; events: EventRecord[] } {
  const sent: { id: number; method: string; params: unknown }[] = [];
  const events: EventRecord[] = [];
  return { rpc: new JsonRpc((text) => sent.push(JSON.parse(text)), (record) => events.push(record)), sent, events };
}

test("answers find their calls in whatever order they come", async () => {
  const { rpc, sent } = pair();
  const one = rpc.call("a", {});
  const two = rpc.call("b", { x: 1 });
  rpc.receive(JSON.stringify([{ jsonrpc: "2.0", id: sent[1]?.id, result: { b: true } }, { jsonrpc: "2.0", id: sent[0]?.id, result: { a: true } }]));
  assert.deepEqual(await one, { a: true });
  assert.deepEqual(await two, { b: true });
});

test("a refused call carries the client's code and words", async () => {
  const { rpc, sent } = pair();
  const call = rpc.call("a", {});
  rpc.receive(JSON.stringify({ id: sent[0]?.id, error: { code: 1005, message: "x", data: { code: "no_such_user", message: "Nobody is called bob." } } }));
  await assert.rejects(call, (error) => error instanceof CallError && error.code === "no_such_user" && error.message === "Nobody is called bob.");
});

test("events are handed on, and nonsense is dropped", () => {
  const { rpc, events } = pair();
  for (const text of ["", "{", "null", "[null, 3]", '{"id":99,"result":1}', '{"method":"event","params":null}', '{"method":"event","params":{"sequence":"4"}}']) rpc.receive(text);
  assert.deepEqual(events, [{ sequence: "4" }]);
});

test("a gap in the events is told", () => {
  let gaps = 0;
  new JsonRpc(() => undefined, () => undefined, () => (gaps += 1)).receive('{"jsonrpc":"2.0","method":"gap","params":{"gap":true}}');
  assert.equal(gaps, 1);
});

test("a cut link fails what waits, and what waits is bounded", async () => {
  const { rpc } = pair();
  const calls = Array.from({ length: kMaxWaiting }, () => rpc.call("a", {}));
  await assert.rejects(rpc.call("a", {}), CallError);
  rpc.close("cut");
  for (const call of calls) await assert.rejects(call, /cut/);
});

test("a token is found in an address and nowhere else", () => {
  const token = "0123456789abcdef".repeat(4);
  assert.equal(tokenIn(`http://127.0.0.1:7480/#token=${token}`), token);
  assert.equal(tokenIn(`#token=${token}`), token);
  assert.equal(tokenIn("#token=short"), undefined);
  assert.equal(tokenIn("#/c/token"), undefined);
});
