// accounts_load: a server core over RocksDB with many accounts (bench/README.md): memory and disk of an
// account, how long a start takes, what a lookup costs then.
//
// Real: every record that a registration writes, at its real size; labels, VRF proofs, epochs and the log. A
// sample is registered, signed in and looked up through the server's protocol with keys of its own. Not real:
// the other accounts share a few key pairs, and their manifests carry the signatures of another account,
// because making a million key pairs and signatures would measure the client. No prekeys: they are 170 kB a
// device.
#include <fmt/format.h>
#include <malloc.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <map>

#include "directory/record.h"
#include "identity/authentication.h"
#include "identity/test_support.h"
#include "identity/wire_form.h"
#include "measurement/measure.h"
#include "measurement/report.h"
#include "server/core.h"
#include "transparency/limits.h"
#include "transparency/wire_form.h"
#include "wire/decode.h"
#include "world.h"

namespace sotto::bench {
namespace {

using identity::testing::TestAccount;

constexpr std::size_t kKeyPairs = 16;
/// Accounts of an epoch while loading: two labels and 11 kB of effects each, of which 64 MiB may wait.
constexpr std::size_t kEpochAccounts = 4'000;
constexpr std::size_t kLookups = 1'000;

struct Options {
  std::size_t accounts = 1'000'000;
  std::size_t sample = 200;
  std::size_t rounds = 5;
  bool json = false;
};

/// Without what was freed and is only kept for later.
double resident_octets() {
  ::malloc_trim(0);
  std::ifstream in("/proc/self/statm");
  double total = 0;
  double resident = 0;
  in >> total >> resident;
  return resident * 4096;
}

identity::AccountId random_account(crypto::RandomSource& random) {
  return identity::AccountId(random.array<identity::AccountId::kSize>());
}

/// Everything that outlives a start of the server.
struct Installation {
  Directory directory;
  log::StderrLogger logger{log::Level::warning};
  crypto::SystemRandom random;
  server::ServerKeys keys{crypto::HybridPrivateKey::generate(random),
                          crypto::VrfPrivateKey::generate(random)};
  UnixMs now{1'800'000'000'000};

  std::unique_ptr<storage::RocksDbStore> open(Inbox& inbox) {
    auto store = storage::RocksDbStore::open({.directory = directory.path() / "db"}, inbox.sink(), logger);
    SOTTO_CHECK(store);
    return *std::move(store);
  }
};

/// Writes accounts as registrations do, without verifying signatures that are not there.
class Loader {
 public:
  explicit Loader(Installation& installation) : at_(installation), store_(at_.open(inbox_)) {
    for (std::size_t i = 0; i < kKeyPairs; ++i) templates_.emplace_back(at_.random, at_.now);
    transparency_log::Options options;
    options.max_mutations = transparency::kMaxMutations;
    log_ = transparency_log::Log::open(*store_, at_.keys.identity, at_.keys.vrf, at_.random, options, at_.now)
               .value();
    finish_epoch();
  }

  void load(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) add(i);
    at_.now = at_.now + seconds(2);
    log_->tick(at_.now);
    finish_epoch();
    loaded_ += count;
  }

 private:
  void add(std::size_t index) {
    const std::size_t number = loaded_ + index;
    const TestAccount& model = templates_[number % kKeyPairs];
    const auto account = random_account(at_.random);
    identity::SignedManifest manifest = model.manifest.signed_manifest();
    // m = LBL("man") || account16 || ...
    constexpr std::ptrdiff_t kLabel = 8;
    SOTTO_CHECK(equal(ByteView(manifest.m).subspan(kLabel, 16), model.account.id.view()));
    std::ranges::copy(account.view(), manifest.m.begin() + kLabel);
    const std::string name = handle(number);
    transparency_log::Submission submission;
    submission.changes.push_back(
        {transparency::Label::handle(name), transparency::handle_value(account), std::nullopt});
    const transparency::AccountBinding binding{model.account.key.public_key().fingerprint(),
                                               crypto::sha384(manifest.m)};
    submission.changes.push_back({transparency::Label::account(account), binding.encoded(), 1});
    submission.effects.push_back(directory::claim_batch({account, name}));
    submission.effects.emplace_back(directory::account_partition(account))
        .put(directory::account_key(), directory::encode(directory::AccountRecord{
                                           .created = at_.now, .newest_version = 1, .handles = {name}}))
        .put(directory::manifest_key(1), identity::encode(manifest));
    log_->submit(std::move(submission), [](const auto& result) { SOTTO_CHECK(result); });
  }
  void finish_epoch() {
    while (log_->busy() || log_->waiting() > 0) {
      for (const auto& completion : inbox_.take()) log_->on_completion(completion, at_.now);
      if (log_->due() && !log_->busy()) log_->tick(at_.now = at_.now + seconds(2));
    }
  }

  Installation& at_;
  Inbox inbox_;
  std::unique_ptr<storage::RocksDbStore> store_;
  std::unique_ptr<transparency_log::Log> log_;
  std::vector<TestAccount> templates_;
  std::size_t loaded_ = 0;
};

/// A started server without sockets, and clients that ask it in frames.
class Server final : private server::Effects {
 public:
  explicit Server(Installation& installation) : at_(installation), store_(at_.open(inbox_)) {
    server::CoreOptions options;
    options.presentation = {"bench.example", to_bytes(at_.keys.identity.public_key().encoded()),
                            Bytes(100, 2), Bytes(3373, 3)};
    options.limits.registrations_per_address = {};
    options.limits.requests_per_device = {};
    options.lookups.resolves = 1'000'000'000;
    options.lookups.account_lookups = 1'000'000'000;
    options.lookups.first_contacts_per_hour = directory::kMaxFirstContacts;
    options.lookups.first_contacts_per_day = directory::kMaxFirstContacts;
    options.log.epoch_interval = {};
    core_ = server::Core::open(std::move(options), at_.keys, *store_, at_.random, at_.logger, *this, at_.now)
                .value();
    while (!core_->counts().log.ready) work();
  }

  v1::ServerFrame ask(server::ConnectionId connection, v1::ClientFrame frame) {
    frame.set_request_id(++last_request_);
    core_->on_message(connection, wire::encode(frame), at_.now);
    for (core_->turn_end(at_.now); answers_.find(last_request_) == answers_.end();) work();
    v1::ServerFrame out;
    SOTTO_CHECK(wire::decode(answers_.extract(last_request_).mapped(), wire::kMaxFrameBytes, out));
    return out;
  }
  server::ConnectionId connect() {
    const server::ConnectionId id(++last_connection_);
    core_->on_open({.id = id, .exporter = {}, .tls_group = "X25519MLKEM768", .remote_address = "192.0.2.1"},
                   at_.now);
    return id;
  }
  v1::ServerFrame hello(server::ConnectionId connection) {
    v1::ClientFrame frame;
    frame.mutable_hello()->set_protocol_version(1);
    frame.mutable_hello()->set_client_nonce(std::string(32, 'n'));
    return ask(connection, frame);
  }
  void register_account(const TestAccount& account, const std::string& name) {
    const auto connection = connect();
    hello(connection);
    v1::ClientFrame frame;
    frame.mutable_register_()->set_account(wire::field(account.account.id.view()));
    frame.mutable_register_()->set_handle(name);
    identity::to_wire(account.manifest.signed_manifest(), *frame.mutable_register_()->mutable_manifest());
    SOTTO_CHECK(ask(connection, frame).has_registered());
    core_->on_close(connection, at_.now);
  }
  server::ConnectionId sign_in(const TestAccount& account) {
    const auto connection = connect();
    const auto welcome = hello(connection);
    const identity::AuthenticationContext context{
        welcome.welcome().server_name(),
        {account.account.id, account.device.id},
        to_array<32>(wire::octets(welcome.welcome().server_nonce())),
        to_array<32>(Bytes(32, 'n')),
        {}};
    v1::ClientFrame frame;
    frame.mutable_authenticate()->set_account(wire::field(account.account.id.view()));
    frame.mutable_authenticate()->set_device(wire::field(account.device.id.view()));
    frame.mutable_authenticate()->set_signature(
        wire::field(identity::sign_authentication(context, account.device.key, at_.random)));
    SOTTO_CHECK(ask(connection, frame).has_authenticated());
    return connection;
  }
  v1::ServerFrame look_up(server::ConnectionId connection, const std::string& name) {
    v1::ClientFrame frame;
    frame.mutable_look_up()->set_handle(name);
    return ask(connection, frame);
  }

 private:
  void work() {
    core_->on_completions(inbox_.take(), at_.now);
    core_->turn_end(at_.now);
  }
  void send(server::ConnectionId, ByteView message) override {
    v1::ServerFrame frame;
    SOTTO_CHECK(wire::decode(message, wire::kMaxFrameBytes, frame));
    if (frame.request_id() != 0) answers_[frame.request_id()] = to_bytes(message);
  }
  void close(server::ConnectionId, transport::CloseCode) override {}

  Installation& at_;
  Inbox inbox_;
  std::unique_ptr<storage::RocksDbStore> store_;
  std::unique_ptr<server::Core> core_;
  std::map<std::uint64_t, Bytes> answers_;
  std::uint64_t last_connection_ = 0;
  std::uint64_t last_request_ = 0;
};

void inform(Report& report, std::string what, std::string unit, double ours) {
  report.add({.row = "load", .what = std::move(what), .unit = std::move(unit), .ours = ours, .against = ""});
}

void load_accounts(const Options& options, Installation& installation, Report& report) {
  const double wall = wall_microseconds();
  const double cpu = cpu_microseconds();
  {
    Loader loader(installation);
    for (std::size_t loaded = 0; loaded < options.accounts;) {
      const std::size_t count = std::min(kEpochAccounts, options.accounts - loaded);
      loader.load(count);
      loaded += count;
      std::fprintf(stderr, "%zu accounts loaded\n", loaded);
    }
  }
  const auto count = static_cast<double>(options.accounts);
  inform(report, fmt::format("loading {} accounts, VRF included, wall", options.accounts), "1/s",
         count / (wall_microseconds() - wall) * 1e6);
  inform(report, "  CPU of all threads, an account", "us", (cpu_microseconds() - cpu) / count);
  inform(report, "disk, an account (no prekeys)", "B", installation.directory.octets() / count);
}

void measure_lookups(const Options& options, Server& server, const std::vector<TestAccount>& sample,
                     Report& report) {
  const auto connection = server.sign_in(sample[0]);
  std::size_t next = 0;
  const auto figures = interleave(
      {{.name = "LookUp of a random handle, request to encoded answer",
        .run =
            [&](std::size_t count) {
              for (; count > 0; --count) {
                next = (next * 2'862'933'555'777'941'757ULL + 3'037'000'493ULL) % options.accounts;
                SOTTO_CHECK(server.look_up(connection, handle(next)).has_lookup_answer());
              }
            }},
       {.name = "LookUp of a handle that nobody has",
        .run =
            [&](std::size_t count) {
              for (; count > 0; --count) {
                SOTTO_CHECK(server.look_up(connection, "nobody" + std::to_string(count)).has_lookup_answer());
              }
            }}},
      options.rounds, kLookups);
  for (const Figure& figure : figures) report.add(figure);
  inform(report, "memory after lookups", "MiB", resident_octets() / (1 << 20));
}

/// A contact as a client sees it: everything verified, from the answer's octets on.
void verify_sample(Server& server, const Installation& installation, const std::vector<TestAccount>& sample) {
  const auto connection = server.sign_in(sample[0]);
  transparency::LogView view({installation.keys.identity.public_key(), installation.keys.vrf.public_key()});
  for (std::size_t i = 0; i < sample.size(); ++i) {
    const std::string name = "sample" + std::to_string(i);
    const auto answer = transparency::from_wire(server.look_up(connection, name).lookup_answer());
    SOTTO_CHECK(answer);
    transparency::LogView fresh(view.keys());
    const auto states = transparency::verify_contact(
        fresh, name, *answer, [](const auto&) { return std::nullopt; }, installation.now);
    SOTTO_CHECK(states && states->account == sample[i].account.id && states->account_state);
    SOTTO_CHECK(check_manifest(*states->account_state, sample[i].manifest) ==
                transparency::ManifestCheck::logged);
  }
}

void run(const Options& options, Report& report) {
  Installation installation;
  inform(report, "memory before anything", "MiB", resident_octets() / (1 << 20));
  load_accounts(options, installation, report);
  std::vector<TestAccount> sample;
  for (std::size_t i = 0; i < options.sample; ++i) sample.emplace_back(installation.random, installation.now);
  const double before = resident_octets();
  const double wall = wall_microseconds();
  const double cpu = cpu_microseconds();
  Server server(installation);
  inform(report, "start until the log is ready, wall", "ms", (wall_microseconds() - wall) / 1e3);
  inform(report, "  CPU", "ms", (cpu_microseconds() - cpu) / 1e3);
  inform(report, "memory of a started server above before", "MiB", (resident_octets() - before) / (1 << 20));
  const double registering = cpu_microseconds();
  for (std::size_t i = 0; i < sample.size(); ++i)
    server.register_account(sample[i], "sample" + std::to_string(i));
  inform(report, "registration through the protocol, an epoch each, CPU", "us",
         (cpu_microseconds() - registering) / static_cast<double>(sample.size()));
  verify_sample(server, installation, sample);
  measure_lookups(options, server, sample, report);
  inform(report, "most memory of the process, loading included", "MiB", peak_memory() / (1 << 20));
  report.note(
      "accounts share 16 key pairs, manifests carry another account's signatures; records, sizes, labels, "
      "VRF "
      "and log are real");
  report.note(
      fmt::format("{} accounts with keys and signatures of their own were registered, signed in and verified",
                  sample.size()));
}

}  // namespace
}  // namespace sotto::bench

int main(int argc, char** argv) {
  using namespace sotto::bench;
  Options options;
  CLI::App app("A server core over RocksDB with many accounts");
  app.add_option("--accounts", options.accounts, "to load; 1000000 take 25 GB of disk while it runs")
      ->check(CLI::Range(1'000, 100'000'000));
  app.add_option("--sample", options.sample, "accounts with real keys and signatures")
      ->check(CLI::Range(1, 10'000));
  app.add_option("--rounds", options.rounds, "interleaved rounds; the median is reported")
      ->check(CLI::Range(5, 1000));
  app.add_flag("--json", options.json, "print JSON instead of text");
  CLI11_PARSE(app, argc, argv);

  Report report("accounts_load: a server with many accounts", options.rounds);
  run(options, report);
  const std::string out = options.json ? report.json() : report.text();
  std::fwrite(out.data(), 1, out.size(), stdout);
  return 0;
}
