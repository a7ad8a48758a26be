#include "agent/rpc.h"

#include <gtest/gtest.h>

#include "agent/json.h"
#include "agent/records.h"
#include "sotto/v1/client_service.pb.h"

namespace sotto::agent {
namespace {

RpcError refusal_of(std::string_view text) {
  const RpcInput input = parse_rpc(text);
  EXPECT_EQ(input.calls.size(), 1U);
  const auto* refused = std::get_if<RpcInput::Refused>(&input.calls.front());
  EXPECT_NE(refused, nullptr) << text;
  return refused != nullptr ? refused->failure.code : RpcError::overloaded;
}

TEST(Rpc, ARequestIsTakenApart) {
  const RpcInput input =
      parse_rpc(R"({"jsonrpc":"2.0","id":7,"method":"messages.send","params":{"text":"hi"}})");
  ASSERT_EQ(input.calls.size(), 1U);
  EXPECT_FALSE(input.batch);
  const auto& request = std::get<RpcRequest>(input.calls.front());
  EXPECT_EQ(request.id, "7");
  EXPECT_EQ(request.method, "messages.send");
  EXPECT_EQ(request.params, R"({"text":"hi"})");
}

TEST(Rpc, WithoutAnIdNobodyIsAnswered) {
  const RpcInput input = parse_rpc(R"({"jsonrpc":"2.0","method":"profile.state"})");
  const auto& request = std::get<RpcRequest>(input.calls.front());
  EXPECT_EQ(request.id, "");
  EXPECT_EQ(request.params, "{}");
}

TEST(Rpc, EachWayOfBeingWrongHasItsCode) {
  EXPECT_EQ(refusal_of("{"), RpcError::parse);
  EXPECT_EQ(refusal_of("\xff"), RpcError::parse);
  EXPECT_EQ(refusal_of(std::string(100'000, '[')), RpcError::parse);
  EXPECT_EQ(refusal_of("1"), RpcError::invalid_request);
  EXPECT_EQ(refusal_of("[]"), RpcError::invalid_request);
  EXPECT_EQ(refusal_of(R"({"id":1,"method":"a"})"), RpcError::invalid_request);
  EXPECT_EQ(refusal_of(R"({"jsonrpc":"2.0","id":1})"), RpcError::invalid_request);
  EXPECT_EQ(refusal_of(R"({"jsonrpc":"2.0","id":1,"method":5})"), RpcError::invalid_request);
  EXPECT_EQ(refusal_of(R"({"jsonrpc":"2.0","id":{},"method":"a"})"), RpcError::invalid_request);
  EXPECT_EQ(refusal_of(R"({"jsonrpc":"2.0","id":1,"method":"a","params":[1]})"), RpcError::invalid_params);
  EXPECT_EQ(refusal_of("\"" + std::string(kMaxRequestOctets, 'a') + "\""), RpcError::invalid_request);
  std::string batch = "[1";
  for (std::size_t i = 0; i < kMaxBatch; ++i) batch += ",1";
  EXPECT_EQ(refusal_of(batch + "]"), RpcError::invalid_request);
}

TEST(Rpc, ABatchKeepsTheOrderOfItsRequests) {
  const RpcInput input =
      parse_rpc(R"([{"jsonrpc":"2.0","id":"a","method":"x"},5,{"jsonrpc":"2.0","id":2,"method":"y"}])");
  EXPECT_TRUE(input.batch);
  ASSERT_EQ(input.calls.size(), 3U);
  EXPECT_EQ(std::get<RpcRequest>(input.calls[0]).id, "\"a\"");
  EXPECT_EQ(std::get<RpcInput::Refused>(input.calls[1]).id, "null");
  EXPECT_EQ(std::get<RpcRequest>(input.calls[2]).method, "y");
}

TEST(Rpc, AnswersAreJson) {
  EXPECT_EQ(result_text("7", "{}"), R"({"jsonrpc":"2.0","id":7,"result":{}})");
  EXPECT_EQ(error_text("null", RpcFailure{RpcError::parse, "a \"word\""}),
            R"({"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"a \"word\""}})");
  EXPECT_EQ(error_text("1", client::api::Failure{client::api::ExitCode::refused, "no"}),
            R"({"jsonrpc":"2.0","id":1,"error":{"code":1009,"message":"no",)"
            R"("data":{"code":"refused","message":"no","exit_code":9}}})");
  EXPECT_EQ(notification_text("event", "{}"), R"({"jsonrpc":"2.0","method":"event","params":{}})");
  EXPECT_EQ(batch_text({"1", "2"}), "[1,2]");
}

TEST(Records, TheirJsonHasTheNamesOfTheSchemaAndNoDefaults) {
  v1::Conversation record;
  record.set_conversation("bob");
  record.set_unread(3);
  record.set_kind(v1::Conversation::DIRECT);
  record.mutable_settings()->set_muted_until_ms(5);
  EXPECT_EQ(json_of(record),
            R"({"conversation":"bob","unread":"3","kind":"DIRECT","settings":{"muted_until_ms":"5"}})");
}

TEST(Records, UnknownMembersAndWrongTypesAreErrors) {
  const auto& empty = v1::SendRequest::default_instance();
  const auto good =
      record_from(empty, R"({"conversation":"bob","expires_in_s":"60","files":[{"path":"/x"}]})");
  ASSERT_TRUE(good);
  EXPECT_EQ(static_cast<const v1::SendRequest&>(**good).expires_in_s(), 60U);
  for (const std::string_view text : {R"({"conversaton":"bob"})", R"({"conversation":5})",
                                      R"({"expires_in_s":-1})", R"({"location":[]})"}) {
    EXPECT_FALSE(record_from(empty, text)) << text;
  }
}

}  // namespace
}  // namespace sotto::agent
