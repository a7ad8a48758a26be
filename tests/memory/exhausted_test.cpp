// Work memory that cannot be had is an error, not the end of the program.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include "crypto/argon2.h"
#include "identity/account_password.h"

namespace sotto {
namespace {

using crypto::CryptoError;
using identity::PasswordError;

/// The whole process: what it has already, its libraries too, counts.
void limit_address_space(rlim_t octets) {
  const rlimit limit = {.rlim_cur = octets, .rlim_max = octets};
  ::setrlimit(RLIMIT_AS, &limit);
}

int exit_code_of_stretching() {
  limit_address_space(rlim_t{1} << 30U);
  const auto key = crypto::argon2id(as_bytes("p"), crypto::Argon2Salt{},
                                    {.memory_kib = 2U << 20U, .iterations = 1, .lanes = 1});
  return !key && key.error() == CryptoError::out_of_memory ? 0 : 1;
}

int exit_code_of_a_password() {
  limit_address_space(rlim_t{200} << 20U);
  const auto password = crypto::SecretBytes::copy_of(as_bytes("correct horse battery"));
  const auto authenticator = identity::derive_authenticator(password, {},
                                                            {.memory_kib = identity::kMaxPasswordMemoryKib,
                                                             .iterations = identity::kPasswordCost.iterations,
                                                             .lanes = identity::kPasswordCost.lanes},
                                                            "sotto.example");
  return !authenticator && authenticator.error() == PasswordError::out_of_memory ? 0 : 1;
}

TEST(ExhaustedMemoryDeathTest, IsReportedByArgon2id) {
  EXPECT_EXIT(std::_Exit(exit_code_of_stretching()), testing::ExitedWithCode(0), "");
}

TEST(ExhaustedMemoryDeathTest, IsReportedWhenAPasswordIsStretched) {
  EXPECT_EXIT(std::_Exit(exit_code_of_a_password()), testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace sotto
