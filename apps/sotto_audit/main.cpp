// sotto-audit: follows a server's transparency log and says loudly when it lies.
#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <functional>

#include "crypto/process_memory.h"
#include "data_folder.h"
#include "follow.h"
#include "report.h"
#include "verify.h"

namespace sotto::audit_cli {
namespace {

struct CommandLine {
  CLI::App app{"sotto-audit, the auditor of a Sotto server's transparency log."};
  bool json = false;
  std::string data_dir = DataFolder::default_root().string();
  FollowOptions following;
  VerifyOptions verifying;
  CompareOptions comparing;
  std::function<Outcome<ExitCode>(const Report&)> chosen;

  CommandLine() {
    app.require_subcommand(1);
    app.fallthrough();
    app.set_version_flag("--version", SOTTO_VERSION);
    app.set_help_all_flag("--help-all", "Help for every command");
    app.footer(
        "Examples:\n"
        "  sotto-audit follow --server chat.example.org:7443 --serve 127.0.0.1:9480\n"
        "  sotto-audit compare --server chat.example.org:7443 --head head --head "
        "http://other.example:9480/v1/head\n"
        "  sotto-audit verify evidence\n"
        "\n"
        "Exit codes: 0 done, 1 failed, 2 usage, 3 ALARM: the log broke its rules, 4 server unreachable,\n"
        "5 another log than the one followed so far, 6 not proven. See docs/audit.md.");
    app.add_flag("--json", json, "One JSON object a line, for programs");
    app.add_option("--data-dir", data_dir, "Key, history and state of this auditor; one log each")
        ->capture_default_str();
    add_follow();
    add_others();
  }

  void add_follow() {
    CLI::App* sub = app.add_subcommand("follow", "Follow a log, verify everything, cosign its heads");
    sub->callback([this] {
      chosen = [this](const Report& report) {
        following.data_dir = data_dir;
        return follow(following, report);
      };
    });
    sub->add_option("--server", following.server, "HOST:PORT")->required();
    sub->add_option("--pin", following.pin,
                    "The server's TLS key as sottod prints it; without it the key seen first is trusted");
    sub->add_option("--serve", following.serve,
                    "ADDRESS:PORT for plain HTTP: /v1/head, /v1/head.json, /v1/key, /healthz, /metrics");
    sub->add_option("--on-alarm", following.on_alarm,
                    "A program to run at an alarm; it is given the evidence's path");
    sub->add_flag("!--no-cosign", following.cosign, "Verify only");
    sub->add_flag("--once", following.once, "End when caught up");
    sub->add_option("--wait", following.wait_s, "With --once: seconds to wait at most")
        ->check(CLI::Range(1, 1'000'000))
        ->capture_default_str();
    sub->add_option("--poll", following.poll_s, "Seconds between two questions for a new head")
        ->check(CLI::Range(1, 3'600))
        ->capture_default_str();
  }

  void add_others() {
    CLI::App* sub = app.add_subcommand("verify", "Say what a file of evidence proves");
    sub->callback([this] { chosen = [this](const Report& report) { return verify(verifying, report); }; });
    sub->add_option("file", verifying.file, "From this program or from `sotto log evidence`")->required();
    sub->add_option("--log", verifying.log, "The id of the log that is meant");

    sub = app.add_subcommand("compare", "Ask the server whether heads that auditors cosigned are of one log");
    sub->callback([this, given = app.get_option("--data-dir")] {
      chosen = [this, given](const Report& report) {
        if (given->count() > 0) comparing.data_dir = data_dir;
        return compare(comparing, report);
      };
    });
    sub->add_option("--head", comparing.heads, "A file, or http://ADDRESS:PORT/v1/head; twice or more")
        ->required();
    sub->add_option("--server", comparing.server, "HOST:PORT")->required();
    sub->add_option("--pin", comparing.pin, "The server's TLS key as sottod prints it");
    sub->add_option("--evidence", comparing.evidence, "Write the evidence of a fork to this file");
    sub->add_option("--wait", comparing.wait_s, "Seconds to wait at most")->capture_default_str();

    sub = app.add_subcommand("key", "Print this auditor's public key, for sottod's transparency.witnesses");
    sub->callback([this] {
      chosen = [this](const Report& report) -> Outcome<ExitCode> {
        crypto::SystemRandom random;
        SOTTO_TRY(const auto key, DataFolder::witness_key(data_dir, random));
        report.key(key.public_key());
        return ExitCode::ok;
      };
    });
  }
};

int run(int argc, char** argv) {
  static_cast<void>(crypto::keep_memory_private());  // where a system refuses, working is better than not
  std::signal(SIGPIPE, SIG_IGN);
  CommandLine line;
  try {
    line.app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return line.app.exit(error) == 0 ? 0 : static_cast<int>(ExitCode::usage);
  }
  const Report report(line.json);
  const auto end = line.chosen(report);
  if (end) return static_cast<int>(*end);
  report.failure(end.error());
  return static_cast<int>(end.error().code);
}

}  // namespace
}  // namespace sotto::audit_cli

int main(int argc, char** argv) {
  try {
    return sotto::audit_cli::run(argc, argv);
  } catch (const std::exception& error) {
    // Out of memory or a library's surprise: what was kept is whole, a new start goes on from it.
    std::fprintf(stderr, "sotto-audit: %s\n", error.what());
    return 1;
  }
}
