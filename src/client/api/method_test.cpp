#include "client/api/method.h"

#include <gtest/gtest.h>

#include <map>

#include "client/api/apps.h"
#include "sotto/v1/client_service.pb.h"

namespace sotto::client::api {
namespace {

struct Types {
  const google::protobuf::Descriptor* parameters;
  const google::protobuf::Descriptor* result;
};

template <typename Methods>
void gather(const Methods& methods, std::map<std::string, Types>& by_name) {
  for (const auto& method : methods) {
    const Types types{method.parameters->GetDescriptor(), method.result->GetDescriptor()};
    EXPECT_TRUE(by_name.emplace(method.name, types).second) << method.name << " stands there twice";
  }
}

TEST(Methods, EveryRpcOfTheSchemaButTheAgentsOwnHasItsFunctionWithItsTypes) {
  std::map<std::string, Types> by_name;
  gather(client_methods(), by_name);
  gather(app_methods(), by_name);
  const auto* file = v1::Nothing::descriptor()->file();
  for (int i = 0; i < file->service_count(); ++i) {
    const auto* service = file->service(i);
    if (service->name() == "Profile" || service->name() == "Events" || service->name() == "Webhooks")
      continue;
    for (int j = 0; j < service->method_count(); ++j) {
      const auto* rpc = service->method(j);
      const auto found = by_name.find(method_name(service->name(), rpc->name()));
      ASSERT_NE(found, by_name.end()) << rpc->full_name();
      EXPECT_EQ(found->second.parameters, rpc->input_type()) << rpc->full_name();
      EXPECT_EQ(found->second.result, rpc->output_type()) << rpc->full_name();
      by_name.erase(found);
    }
  }
  for (const auto& [name, method] : by_name) ADD_FAILURE() << name << " is in no schema";
}

TEST(Methods, AreNamedInSmallLetters) {
  EXPECT_EQ(method_name("Account", "SetPassword"), "account.set_password");
  EXPECT_EQ(method_name("Sms", "List"), "sms.list");
}

}  // namespace
}  // namespace sotto::client::api
