// What one input to the core works with. Everything in it lives until the input's transaction ends.
#pragma once

#include "client/accounts/self.h"
#include "client/core/effects.h"
#include "client/core/link.h"
#include "client/sessions/peers.h"
#include "client/store/database.h"
#include "clock/clock.h"
#include "crypto/random.h"

namespace sotto::client {

struct Work {
  store::Database& db;
  crypto::RandomSource& random;
  UnixMs now;
  Self& self;
  Link& link;
  Effects& effects;
  Peers& peers;
};

/// Adds a Problem event.
void report_problem(Work& work, v1::Problem::Code code, std::string_view detail,
                    std::string_view subject = {});

}  // namespace sotto::client
