// search_bench: finding messages in the encrypted store of a client (bench/README.md), beside a bare
// index of words in memory.
#include <fmt/format.h>
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>

#include "client/search/search.h"
#include "client/store/database.h"
#include "client/store/schema.h"
#include "client/store/search_words.h"
#include "corpus/language.h"
#include "crypto/random.h"
#include "measurement/report.h"
#include "result/check.h"

namespace sotto::bench {
namespace {

using client::store::Database;

constexpr std::size_t kConversations = 200;
constexpr std::size_t kBatch = 5'000;
constexpr std::uint32_t kShown = 50;

struct Options {
  std::size_t messages = 1'000'000;
  std::size_t queries = 500;
  bool json = false;
};

class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "sotto-search-XXXXXX").string();
    SOTTO_CHECK(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  [[nodiscard]] std::filesystem::path operator/(const char* name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

/// The store as a client has it, without sessions and keys of contacts.
class Profile {
 public:
  explicit Profile(const std::filesystem::path& file) {
    database_ = Database::open(file, crypto::random_secret<client::store::DatabaseKey>(random_),
                               client::store::Access::create)
                    .value();
    SOTTO_CHECK(client::store::migrate(*database_));
    SOTTO_CHECK(database_->begin());
    for (std::size_t i = 1; i <= kConversations; ++i) {
      const auto account = random_.array<16>();
      database_->run(
          "INSERT INTO contact (id, handle, account, claimed_handle, heard, wanted, added_ms)"
          " VALUES (?1, ?2, ?3, '', 1, 0, 0)",
          i, std::string_view("person" + std::to_string(i)), account);
      database_->run("INSERT INTO conversation (id, kind, contact) VALUES (?1, 1, ?1)", i);
      accounts_.push_back(account);
    }
    SOTTO_CHECK(database_->commit());
  }

  void add(std::size_t number, std::size_t conversation, std::string_view body) {
    add_message(*database_, random_,
                {.conversation = static_cast<std::int64_t>(conversation) + 1,
                 .sender = accounts_[conversation],
                 .sequence = number + 1,
                 .time_ms = 1'700'000'000'000 + number * 1'000},
                body);
  }
  Database& database() { return *database_; }
  client::Self self() {
    return client::Self{
        .stage = v1::Status::READY, .handle = "me", .device = identity::DeviceIdentity::generate(random_)};
  }

 private:
  crypto::SystemRandom random_;
  std::unique_ptr<Database> database_;
  std::vector<ByteArray<16>> accounts_;
};

/// What there is without us: SQLite's index of words, in memory and in the clear.
class Plain {
 public:
  Plain() : database_(Database::in_memory()) {
    database_->run_script("CREATE VIRTUAL TABLE bare USING fts5(words, content = '', prefix = '2 3 4 5')");
  }
  void begin() { SOTTO_CHECK(database_->begin()); }
  void add(std::size_t number, std::string_view body) {
    database_->run("INSERT INTO bare (rowid, words) VALUES (?1, ?2)", number + 1, body);
  }
  void commit() { SOTTO_CHECK(database_->commit()); }
  std::size_t find(std::string_view expression) {
    auto rows = database_->query("SELECT rowid FROM bare WHERE bare MATCH ?1 ORDER BY rowid DESC LIMIT ?2",
                                 expression, kShown);
    std::size_t found = 0;
    while (rows.next()) ++found;
    return found;
  }
  double octets() {
    auto rows =
        database_->query("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()");
    return rows.next() ? static_cast<double>(rows.integer(0)) : 0;
  }

 private:
  std::unique_ptr<Database> database_;
};

double microseconds(const std::function<void()>& body) {
  const auto begin = std::chrono::steady_clock::now();
  body();
  return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin).count();
}

double percentile(std::vector<double> samples, double part) {
  std::ranges::sort(samples);
  return samples[static_cast<std::size_t>(part * static_cast<double>(samples.size() - 1))];
}

struct Query {
  const char* what;
  std::function<std::string(Language&)> typed;
};

std::vector<Query> queries() {
  return {
      {"one common word", [](Language& l) { return l.word_of_rank(l.below(100)); }},
      {"one rare word", [](Language& l) { return l.word_of_rank(kWordsOfLanguage - 1 - l.below(1'000)); }},
      {"two words", [](Language& l) { return l.word() + " " + l.word(); }},
      {"two common words",
       [](Language& l) { return l.word_of_rank(l.below(50)) + " " + l.word_of_rank(l.below(50)); }},
      {"three letters", [](Language& l) { return l.word().substr(0, 3); }},
  };
}

void inform(Report& report, std::string what, std::string unit, double ours, std::string against = {},
            std::optional<double> value = {}) {
  std::optional<double> ratio;
  if (value) ratio = ours / *value;
  report.add({.row = "search",
              .what = std::move(what),
              .unit = std::move(unit),
              .ours = ours,
              .against = std::move(against),
              .value = value,
              .ratio = ratio});
}

void measure(Report& report, const Options& options, Profile& profile, Plain& plain, Language& language) {
  const client::Self self = profile.self();
  const UnixMs now{1'900'000'000'000};
  for (const Query& query : queries()) {
    std::vector<double> ours;
    std::vector<double> floor;
    for (std::size_t i = 0; i < options.queries; ++i) {
      const std::string typed = query.typed(language);
      ours.push_back(microseconds([&] {
        SOTTO_CHECK(profile.database().begin_reading());
        client::search(profile.database(), self, typed, {}, kShown, now);
        SOTTO_CHECK(profile.database().commit());
      }));
      const std::string expression = client::store::match_expression(typed);
      floor.push_back(microseconds([&] { plain.find(expression); }));
    }
    inform(report, std::string(query.what) + ", p50", "us", percentile(ours, 0.5), "bare FTS5, ids only",
           percentile(floor, 0.5));
    inform(report, std::string(query.what) + ", p99", "us", percentile(ours, 0.99), "bare FTS5, ids only",
           percentile(floor, 0.99));
  }
}

void run(const Options& options, Report& report) {
  const Folder folder;
  Language language;
  Profile profile(folder / "store.db");
  Plain plain;
  std::size_t octets = 0;
  double ours = 0;
  for (std::size_t done = 0; done < options.messages; done += kBatch) {
    std::vector<std::string> bodies(std::min(kBatch, options.messages - done));
    for (auto& body : bodies) octets += (body = language.sentence()).size();
    ours += microseconds([&] {
      SOTTO_CHECK(profile.database().begin());
      for (std::size_t i = 0; i < bodies.size(); ++i)
        profile.add(done + i, language.below(kConversations), bodies[i]);
      SOTTO_CHECK(profile.database().commit());
    });
    plain.begin();
    for (std::size_t i = 0; i < bodies.size(); ++i) plain.add(done + i, bodies[i]);
    plain.commit();
  }
  const auto messages = static_cast<double>(options.messages);
  inform(report, fmt::format("adding {} messages, {} at a time, wall, a message", options.messages, kBatch),
         "us", ours / messages);
  inform(report, "text of a message", "B", static_cast<double>(octets) / messages);
  measure(report, options, profile, plain, language);
  profile.database().run_script("PRAGMA wal_checkpoint(TRUNCATE)");
  inform(report, "store, a message, its index included", "B",
         static_cast<double>(std::filesystem::file_size(folder / "store.db")) / messages);
  inform(report, "  of which a bare index of words would be", "B", plain.octets() / messages);
}

}  // namespace
}  // namespace sotto::bench

int main(int argc, char** argv) {
  using namespace sotto::bench;
  Options options;
  CLI::App app("Search in a client's encrypted store, beside a bare index of words");
  app.add_option("--messages", options.messages, "in the store")->check(CLI::Range(1'000, 100'000'000));
  app.add_option("--queries", options.queries, "of each kind")->check(CLI::Range(100, 1'000'000));
  app.add_flag("--json", options.json, "print JSON instead of text");
  CLI11_PARSE(app, argc, argv);

  Report report("search_bench: messages found by their words", options.queries);
  run(options, report);
  const std::string out = options.json ? report.json() : report.text();
  std::fwrite(out.data(), 1, out.size(), stdout);
  return 0;
}
