#include "command_line.h"

#include <utility>

namespace sotto::cli {

CommandLine::CommandLine() {
  app.require_subcommand(1);
  app.set_help_all_flag("--help-all", "Help for every command");
  app.footer(
      "Examples:\n"
      "  sotto register alice --server chat.example.org:7443\n"
      "  sotto send bob \"Lunch at noon?\"\n"
      "  sotto receive --follow\n"
      "\n"
      "The passphrase of the profile is asked for, or read from --passphrase-file or SOTTO_PASSPHRASE.\n"
      "Exit codes: 0 done, 1 failed, 2 usage, 3 not registered, 4 wrong passphrase, 5 no such user,\n"
      "6 message kept and not sent yet, 7 server unreachable, 8 profile in use, 9 refused, 10 insecure. "
      "See "
      "docs/cli.md.");
  app.add_option("--profile", global.profile, "Folder of the profile")->capture_default_str();
  app.add_option("--passphrase-file", global.passphrase_file, "File whose first line is the passphrase");
  app.add_flag("--json", global.json, "One JSON object a line, for programs");
  add_messaging();
  add_agent();
  add_speech();
  add_conversation_settings();
  add_kinds();
  add_schedule();
  add_reading();
  add_requests();
  add_apps();
  add_finding();
  add_handles();
  add_groups();
  add_sms();
  add_family();
  add_verification();
  add_deregistration();
  CLI::App* devices_group = add_devices();
  add_device_changes(devices_group);
  add_linking(*devices_group);
  add_recover();
  add_recovery();
  add_log();
  add_media();
  add_attachments();
}

CLI::App* CommandLine::add(CLI::App& parent, const std::string& name, const std::string& help,
                           Command command) {
  CLI::App* sub = parent.add_subcommand(name, help);
  sub->callback([this, command = std::move(command)] { chosen = command; });
  sub->fallthrough();
  return sub;
}

}  // namespace sotto::cli
