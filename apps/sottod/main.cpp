// sottod: the Sotto server.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <string>

#include "admin.h"
#include "crypto/process_memory.h"
#include "run.h"

namespace sotto::sottod {
namespace {

struct Arguments {
  std::string data_dir = DataDirectory::default_root().string();
  std::string config;
  Overrides overrides;
  std::string handle;
  std::string invite;
  std::string report;
  std::uint32_t days = 0;
  bool as_json = false;
  bool dry_run = false;

  [[nodiscard]] DataDirectory data() const { return DataDirectory(data_dir); }
  [[nodiscard]] std::filesystem::path config_file() const {
    return config.empty() ? data().config() : std::filesystem::path(config);
  }
};

int fail(const Failure& failure) {
  fmt::print(stderr, "sottod: {}\n", failure.message);
  return 1;
}

int init(const Arguments& arguments) {
  const auto made = arguments.data().prepare();
  if (!made) return fail(made.error());
  fmt::print("{} {}\nstart with: sottod run --data-dir {}\n", *made ? "wrote" : "kept",
             arguments.data().config().string(), arguments.data_dir);
  return 0;
}

int check_config(const Arguments& arguments) {
  const auto config = read_configuration(arguments.data(), arguments.config_file(), arguments.overrides);
  if (!config) return fail(config.error());
  fmt::print("{}: good; name {}, listens on {}\n", arguments.config_file().string(), config->name,
             to_text(config->listen));
  fmt::print("an account may begin to write to {} others in an hour and to {} in a day\n",
             config->lookups.first_contacts_per_hour, config->lookups.first_contacts_per_day);
  return 0;
}

int serve(const Arguments& arguments) {
  if (const auto made = arguments.data().prepare(); !made) return fail(made.error());
  const auto config = read_configuration(arguments.data(), arguments.config_file(), arguments.overrides);
  if (!config) return fail(config.error());
  const auto served = run(arguments.data(), *config);
  return served ? 0 : fail(served.error());
}

int admin(const Arguments& arguments, const std::string& command) {
  nlohmann::json request{{"command", command}};
  if (!arguments.handle.empty()) request["handle"] = arguments.handle;
  if (!arguments.invite.empty()) request["invite"] = arguments.invite;
  if (!arguments.report.empty()) request["report"] = arguments.report;
  if (arguments.days > 0) request["days"] = arguments.days;
  if (arguments.dry_run) request["dry_run"] = true;
  const auto answer = ask_server(arguments.data().admin_socket(), request);
  if (!answer) return fail(answer.error());
  if (answer->contains("error")) return fail({(*answer)["error"].get<std::string>()});
  fmt::print("{}", arguments.as_json ? answer->dump(2) + "\n" : admin_text(*answer));
  return 0;
}

void add_admin_commands(CLI::App& app, Arguments& arguments) {
  CLI::App* admin_app = app.add_subcommand("admin", "ask or change a running sottod");
  admin_app->require_subcommand(1);
  admin_app->add_flag("--json", arguments.as_json, "answer in JSON");
  admin_app->add_subcommand("status", "is it up, how many are connected");
  admin_app->add_subcommand("counts", "all counters, as the metrics endpoint shows them");
  CLI::App* create =
      admin_app->add_subcommand("create-invite", "make a token that lets one account register");
  create->add_option("--handle", arguments.handle, "only for this handle");
  create->add_option("--days", arguments.days, "how long it may be used (14)")->check(CLI::Range(1, 365));
  CLI::App* revoke = admin_app->add_subcommand("revoke-invite", "make an invite useless");
  revoke->add_option("invite", arguments.invite, "the token")->required();
  CLI::App* report = admin_app->add_subcommand(
      "report", "everything that is kept about an account and could be handed over");
  report->alias("warrant-report");
  report->add_option("handle", arguments.handle, "one of its handles")->required();
  CLI::App* reports = admin_app->add_subcommand("reports", "what users told about other accounts");
  reports->require_subcommand(1);
  reports->add_subcommand("list", "the newest first");
  for (const auto& [name, about] : {std::pair("show", "all of one; what it quotes cannot be proven"),
                                    std::pair("dismiss", "erase one; they go by themselves after 90 days")}) {
    reports->add_subcommand(name, about)
        ->add_option("report", arguments.report, "as the list has it")
        ->required();
  }
  CLI::App* blobs = admin_app->add_subcommand("blobs", "attachments that the server keeps");
  blobs->require_subcommand(1);
  CLI::App* gc =
      blobs->add_subcommand("gc", "take away now what nobody keeps any more; it goes by itself in time");
  gc->add_flag("--dry-run", arguments.dry_run, "only say what would go");
}

int dispatch(const CLI::App& app, const Arguments& arguments) {
  const CLI::App& chosen = *app.get_subcommands().front();
  if (chosen.get_name() == "init") return init(arguments);
  if (chosen.get_name() == "check-config") return check_config(arguments);
  if (chosen.get_name() == "admin") {
    const CLI::App& command = *chosen.get_subcommands().front();
    const auto inner = command.get_subcommands();
    return admin(arguments,
                 inner.empty() ? command.get_name() : command.get_name() + "-" + inner.front()->get_name());
  }
  return serve(arguments);
}

int parse_and_run(int argc, char** argv) {
  Arguments arguments;
  CLI::App app{
      "sottod, the Sotto server: relays messages that it cannot read.\n"
      "The first `sottod run` makes a data directory with a commented configuration, the server's\n"
      "identity key and a self-signed certificate for localhost."};
  app.require_subcommand(1);
  app.fallthrough();
  app.set_version_flag("--version", SOTTO_VERSION);
  app.add_option("--data-dir", arguments.data_dir, "keys, certificate and database")->capture_default_str();
  app.add_option("--config", arguments.config,
                 "configuration file (default: sottod.toml in the data directory)");
  app.add_option("--listen", arguments.overrides.listen, "address:port, overrides the configuration");
  app.add_subcommand("run", "serve until SIGTERM or SIGINT");
  app.add_subcommand("init", "make the data directory and its configuration, then stop");
  app.add_subcommand("check-config", "say whether the configuration and the certificate are usable");
  add_admin_commands(app, arguments);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error);
  }
  return dispatch(app, arguments);
}

}  // namespace
}  // namespace sotto::sottod

int main(int argc, char** argv) {
  static_cast<void>(
      sotto::crypto::keep_memory_private());  // where a system refuses, working is better than not
  try {
    return sotto::sottod::parse_and_run(argc, argv);
  } catch (const std::exception& error) {
    // Out of memory or a library's surprise: the store recovers whatever was acknowledged.
    std::fprintf(stderr, "sottod: %s\n", error.what());
    return 1;
  }
}
