// Strangers, links, and who may write first.
#include "command_line.h"

namespace sotto::cli {

void CommandLine::add_requests() {
  CLI::App* group =
      app.add_subcommand("requests", "People who are not your contacts and wrote to you; nobody is told");
  group->require_subcommand(0, 1);
  group->fallthrough();
  group->add_option("--wait", requests.wait_s, "Seconds to wait for the server")->capture_default_str();
  group->callback([this, group] {
    if (group->get_subcommands().empty()) chosen = [this] { return run_requests(global); };
  });
  add(*group, "list", "List them", [this] { return run_requests(global); });
  const auto add_decision = [&](const std::string& name, const std::string& help, Command command) {
    add(*group, name, help, std::move(command))
        ->add_option("user", requests.user, "Who: the name, account or group that the list shows")
        ->required();
  };
  add_decision("accept", "Take what they wrote into your conversations, and let them know that it arrived",
               [this] { return run_request_accept(global, requests); });
  add_decision("delete", "Erase it from all your devices; they can ask again",
               [this] { return run_request_delete(global, requests); });
  add_decision("block", "The same, and take nothing in of them any more",
               [this] { return run_request_block(global, requests); });

  add_decision("unblock", "Take it back; what they write next is a request",
               [this] { return run_request_unblock(global, requests); });
  add(*group, "blocked", "Whom you blocked", [this] { return run_request_blocked(global); });

  CLI::App* sub = add(*group, "report", "Tell the operator of your server about somebody, and block them",
                      [this] { return run_request_report(global, requests); });
  sub->add_option("user", requests.user, "Who: the name or account that the list shows")->required();
  sub->add_option("--why", requests.why, "In your words; the operator reads it");
  sub->add_flag("--with-messages", requests.with_messages,
                "Their newest five messages too: shown to you first, then readable for the operator");
  sub->add_flag("--keep", requests.keep, "Do not block them");
  sub->add_flag("--yes", requests.yes, "Send it without asking");

  sub = add(*group, "from", "Who may write to you first; prints it",
            [this] { return run_request_rule(global, requests); });
  sub->add_option(
         "rule", requests.from,
         "anybody; groups: members of your groups; link: who has your contact link; nobody; or open: "
         "anybody, and nothing is a request")
      ->check(CLI::IsMember({"anybody", "groups", "link", "nobody", "open"}));
  sub = add(*group, "link", "The link by which people may write to you first; prints it",
            [this] { return run_request_link(global, requests); });
  auto* renew = sub->add_flag("--renew", requests.renew, "Make a new one, and the old one worthless");
  sub->add_flag("--withdraw", requests.withdraw, "Have none")->excludes(renew);

  sub = add(app, "safety", "What to look out for, in a few lines each",
            [this] { return run_safety(global, requests.language); });
  sub->add_option("--language", requests.language, "en or sv")->capture_default_str();

  sub = add(app, "links", "Show where the links of a message lead, and let them be links",
            [this] { return run_links(global, speech); });
  sub->add_option("user", speech.user, "In the conversation with whom")->required();
  sub->add_option("message", speech.message, "Digits of its id (see history --ids), or last")->required();
}

}  // namespace sotto::cli
