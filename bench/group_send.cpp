// What a message to a group costs its sender beside as many separate messages: CPU and octets to the server,
// over whole clients with stores in memory. Every member has one device.
#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "client/fake_server.h"
#include "client/groups/commands.h"
#include "client/requests/rules.h"
#include "client/store/schema.h"
#include "measurement/measure.h"
#include "result/check.h"
#include "wire/decode.h"

namespace {

using namespace sotto;          // NOLINT(google-build-using-namespace): one program
using namespace sotto::client;  // NOLINT(google-build-using-namespace)

struct Client {
  int id = 0;
  std::unique_ptr<crypto::RandomSource> random;
  std::unique_ptr<store::Database> database;
  std::unique_ptr<Core> core;
};

class Village {
 public:
  explicit Village(std::size_t members) {
    for (std::size_t i = 0; i <= members; ++i) sign_up(i);
    for (std::size_t i = 1; i <= members; ++i) {
      perform(clients_[0], clients_[0].core->look_up(name(i), now_).value().effects);
    }
    settle();
    std::vector<std::string> names;
    for (std::size_t i = 1; i <= members; ++i) names.push_back(name(i));
    auto created =
        clients_[0].core->command(now_, [&](Work& work) { return create_group(work, "village", names); });
    SOTTO_CHECK(created && created->value);
    perform(clients_[0], std::move(created->effects));
    settle();
    for (int i = 0; i < 3; ++i) {  // sessions are heard, and past their first post-quantum epochs
      say("#village", "hello");
      settle();
      now_ = now_ + minutes(2);
      for (Client& client : clients_) perform(client, client.core->tick(now_).value());
      settle();
    }
  }

  /// Composes and encrypts to the server's door; nothing is answered.
  std::size_t say(std::string_view to, std::string_view text) {
    auto outcome = clients_[0].core->send_text(to, text, now_).value();
    SOTTO_CHECK(outcome.value.has_value());
    std::size_t octets = 0;
    for (const Bytes& frame : outcome.effects.frames) octets += frame.size();
    perform(clients_[0], std::move(outcome.effects));
    return octets;
  }
  std::size_t say_to_each(std::string_view text) {
    std::size_t octets = 0;
    for (std::size_t i = 1; i < clients_.size(); ++i) octets += say(name(i), text);
    return octets;
  }
  void settle() {
    for (bool moved = true; moved;) {
      moved = false;
      for (Client& client : clients_) {
        const auto frame = server_.next(client.id);
        if (!frame) continue;
        moved = true;
        perform(client, client.core->receive(*frame, now_).value());
      }
    }
  }

 private:
  static std::string name(std::size_t i) { return "user" + std::to_string(i); }

  void sign_up(std::size_t i) {
    Client& client = clients_.emplace_back();
    client.id = static_cast<int>(i) + 1;
    client.random = std::make_unique<crypto::DeterministicRandom>(i + 1);
    client.database = store::Database::in_memory();
    SOTTO_CHECK(store::migrate(*client.database).has_value());
    client.core = Core::create(*client.database, *client.random).value();
    SOTTO_CHECK(client.core->set_up_account(name(i), "", "device", {.host = "fake", .port = 1}, now_)
                    .value()
                    .has_value());
    perform(client, client.core
                        ->command(now_,
                                  [](Work& work) {
                                    set_contact_rule(work, v1::ContactRules::OPEN);
                                    return true;
                                  })
                        .value()
                        .effects);
    server_.attach(client.id);
    perform(client, client.core->connected({}, now_).value());
    settle();
    SOTTO_CHECK(client.core->self()->ready());
  }
  void perform(Client& client, Effects effects) {
    for (const Bytes& octets : effects.frames) {
      v1::ClientFrame frame;
      SOTTO_CHECK(wire::decode(octets, wire::kMaxFrameBytes, frame));
      server_.take(client.id, frame, now_);
    }
  }

  UnixMs now_{1'750'000'000'000};
  FakeServer server_;
  std::deque<Client> clients_;
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"What a message to a group costs its sender"};
  std::size_t members = 250;
  std::size_t rounds = 5;
  std::size_t octets = 1000;
  app.add_option("--members", members, "Devices of others")->capture_default_str();
  app.add_option("--rounds", rounds, "Rounds")->capture_default_str();
  app.add_option("--octets", octets, "Octets of text")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  Village village(members);
  const std::string text(octets, 't');
  std::size_t to_group = 0;
  std::size_t to_each = 0;
  const auto figures =
      bench::interleave({{"group", [&](std::size_t) { to_group = village.say("#village", text); },
                          [&](std::size_t) { village.settle(); }},
                         {"separately", [&](std::size_t) { to_each = village.say_to_each(text); },
                          [&](std::size_t) { village.settle(); }}},
                        rounds, 1);
  for (const auto& figure : figures) {
    fmt::print("{:<12} {:>12.0f} us CPU, spread {:.0f} %\n", figure.name, figure.median(),
               100 * figure.spread());
  }
  fmt::print("octets to the server: group {}, separately {}\n", to_group, to_each);
  fmt::print("ratio: CPU {:.2f}, octets {:.2f}\n", figures[0].median() / figures[1].median(),
             static_cast<double>(to_group) / static_cast<double>(to_each));
}
