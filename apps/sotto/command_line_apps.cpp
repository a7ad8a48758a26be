// Programs of others that get what is addressed to them.
#include "command_line.h"

namespace sotto::cli {

CLI::App* CommandLine::add_to_apps(CLI::App& group, const std::string& name, const std::string& about,
                                   Command command) {
  CLI::App* sub = add(group, name, about, std::move(command));
  sub->add_option("name", apps.name, "What it is called here, and what you type after / to ask it")
      ->required();
  return sub;
}

void CommandLine::add_apps() {
  CLI::App* group = app.add_subcommand(
      "app", "Programs of others on this device: they see what you address to them, and nothing else");
  group->require_subcommand(0, 1);
  group->fallthrough();
  group->callback([this, group] {
    if (group->get_subcommands().empty()) chosen = [this] { return run_app_list(global); };
  });
  const auto add_grants = [this](CLI::App& sub) {
    sub.add_flag("--send", apps.send,
                 "Its answers go where it was asked; else you alone see them, in your notes");
    sub.add_option("--hear", apps.hear, "In this conversation others may ask it too; several: once for each")
        ->allow_extra_args(false);
  };
  add(*group, "list", "List them", [this] { return run_app_list(global); });
  add_grants(*add_to_apps(*group, "add", "Connect one; prints once the token that it needs",
                          [this] { return run_app_add(global, apps); }));
  add_to_apps(*group, "remove", "Disconnect one; added again, it knows nobody of before",
              [this] { return run_app_remove(global, apps); });
  add_grants(
      *add_to_apps(*group, "grant", "Let one do more", [this] { return run_app_grant(global, apps); }));
  add_grants(
      *add_to_apps(*group, "revoke", "Let one do less", [this] { return run_app_revoke(global, apps); }));
  CLI::App* sub = add_to_apps(*group, "tell", "Ask one where nobody else sees it: in your notes",
                              [this] { return run_app_tell(global, apps); });
  sub->add_option("text", apps.text, "What")->required();
  sub->add_option("--wait", apps.wait_s, "Seconds to wait until the server has it for your other devices")
      ->capture_default_str();
}

}  // namespace sotto::cli
