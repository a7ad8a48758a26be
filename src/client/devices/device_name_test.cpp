#include "client/devices/device_name.h"

#include <gtest/gtest.h>

namespace sotto::client {
namespace {

class DeviceName : public ::testing::Test {
 protected:
  crypto::DeterministicRandom random_{5};
  identity::SyncKey key_ = crypto::random_secret<identity::SyncKey>(random_);
};

TEST_F(DeviceName, OpensUnderItsKeyOnlyWhateverItsLength) {
  const auto other = crypto::random_secret<identity::SyncKey>(random_);
  for (const std::string& name : {std::string(), std::string("Laptop"), std::string(64, 'x')}) {
    const Bytes sealed = seal_device_name(name, key_, random_);
    EXPECT_EQ(open_device_name(sealed, key_), name);
    EXPECT_EQ(open_device_name(sealed, other), std::nullopt);
    EXPECT_EQ(sealed.size(), seal_device_name("", key_, random_).size()) << "the length of a name shows";
  }
}

TEST_F(DeviceName, RefusesEveryTruncationAndEveryChange) {
  const Bytes sealed = seal_device_name("Laptop", key_, random_);
  for (std::size_t length = 0; length < sealed.size(); ++length) {
    EXPECT_FALSE(open_device_name(ByteView(sealed).first(length), key_));
  }
  for (std::size_t at = 0; at < sealed.size(); ++at) {
    Bytes altered = sealed;
    altered[at] ^= 0x40;
    EXPECT_FALSE(open_device_name(altered, key_)) << at;
  }
}

}  // namespace
}  // namespace sotto::client
