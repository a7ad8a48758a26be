// The account, its devices and names, and how it is kept.
#include <utility>

#include "command_line.h"

namespace sotto::cli {

void CommandLine::add_deregistration() {
  CLI::App* sub =
      add(app, "deregister", "Take this device out of the account, or turn the account off for good",
          [this] { return run_deregister(global, deregistration); });
  sub->add_flag("--device", deregistration.device, "This device leaves; the account's others go on");
  sub->add_flag("--account", deregistration.account, "The account ends, with all its devices and names");
  sub->add_flag("--abandon", deregistration.abandon, "Do not wait until everything written has been sent");
  sub->add_flag("--erase", deregistration.erase, "Delete the profile and everything in it afterwards");
  sub->add_flag("--yes", deregistration.yes, "Do not ask");
  sub->add_option("--wait", deregistration.wait_s, "Seconds to wait for the server")->capture_default_str();
}

void CommandLine::add_agent() {
  CLI::App* sub = add(app, "agent", "Stay, and serve programs and browsers of this machine (docs/bots.md)",
                      [this] { return run_agent(global, agent); });
  auto* port =
      sub->add_option("--port", agent.port, "Of 127.0.0.1, for the web interface and HTTP; 7480 unless said");
  sub->add_option("--socket", agent.socket, "Path of the unix socket; agent.sock in the profile unless said");
  sub->add_flag("--stdio", agent.stdio, "Speak over standard input and output, and end with them");
  sub->add_flag("--no-http", agent.no_http, "Open no port")->excludes(port);
}

void CommandLine::add_verification() {
  CLI::App* sub =
      add(app, "verify", "Make sure that somebody's key is theirs: compare twelve digits, or a QR code",
          [this] { return run_verify(global, verification); });
  sub->add_option("user", verification.user, "Whom; for digits they run the command too")->required();
  sub->add_flag("--qr", verification.qr, "Show the code that the other scans");
  sub->add_option("--scan", verification.scanned, "The text of the code that the other shows");
  sub->add_option("--digits", verification.digits,
                  "The digits that the other reads out, instead of the question");
  auto* yes = sub->add_flag("--yes", verification.yes, "Do not ask: the digits are the same");
  sub->add_flag("--no", verification.no, "Do not ask: they are not")->excludes(yes);
  sub->add_flag("--stop", verification.stop, "Give the comparison of digits up");
  sub->add_flag("--withdraw", verification.withdraw, "Take a verification back");
  sub->add_option("--wait", verification.wait_s, "Seconds to wait for the other")->capture_default_str();
}

void CommandLine::add_handles() {
  CLI::App* group = app.add_subcommand("handles", "The names under which people find you");
  group->require_subcommand(0, 1);
  group->fallthrough();
  group->add_option("--wait", handles.wait_s, "Seconds to wait for the server")->capture_default_str();
  group->callback([this, group] {
    if (group->get_subcommands().empty()) chosen = [this] { return run_handles_list(global, handles); };
  });
  add(*group, "list", "List them", [this] { return run_handles_list(global, handles); });
  CLI::App* sub =
      add(*group, "add", "Add a user name, or have a code sent to an e-mail address or telephone number",
          [this] { return run_handles_add(global, handles); });
  sub->add_option("handle", handles.handle, "bob, bob@example.org or +46 70 123 45 67")->required();
  sub = add(*group, "prove", "Add the address or number that a code was sent to",
            [this] { return run_handles_prove(global, handles); });
  sub->add_option("handle", handles.handle, "The address or number")->required();
  sub->add_option("code", handles.code, "The six digits")->required();
  sub = add(*group, "remove", "Give a name up: people do not find you under it any more",
            [this] { return run_handles_remove(global, handles); });
  sub->add_option("handle", handles.handle, "Which one")->required();
}

void CommandLine::add_linking(CLI::App& group) {
  CLI::App* sub = add(group, "link", "On a device of the account: show a code with which a new one joins",
                      [this] { return run_devices_link(global, offer); });
  sub->add_flag("--qr", offer.qr, "A QR code instead, for which no password is needed");
  sub->add_option("--wait", offer.wait_s, "Seconds to wait for the server")->capture_default_str();

  sub = add(app, "link", "On a new device: join an account with the code that another device shows",
            [this] { return run_link(global, linking); });
  auto* handle = sub->add_option("handle", linking.handle, "The account's name");
  sub->add_option("--qr", linking.qr, "The text of a QR code instead, - for standard input")
      ->excludes(handle);
  sub->add_option("--server", linking.server, "HOST:PORT")->required();
  sub->add_option("--pin", linking.pin, "The server's TLS key as sottod prints it");
  sub->add_option("--code", linking.code, "The six digits; without it they are asked for");
  sub->add_option("--password-file", linking.password_file,
                  "File whose first line is the account's password");
  sub->add_option("--device-name", linking.device_name, "Shown on your own devices only")
      ->capture_default_str();
  sub->add_option("--wait", linking.wait_s, "Seconds to wait for the other device")->capture_default_str();

  CLI::App* passwords = app.add_subcommand("password", "With it and a code a new device joins the account");
  passwords->require_subcommand(1);
  passwords->fallthrough();
  passwords->add_option("--wait", password.wait_s, "Seconds to wait for the server")->capture_default_str();
  sub = add(*passwords, "set", "Choose one, or another one",
            [this] { return run_password_set(global, password); });
  sub->add_option("--password-file", password.password_file, "File whose first line it is");
  add(*passwords, "remove", "New devices join by QR code or files only",
      [this] { return run_password_remove(global, password); });
}

CLI::App* CommandLine::add_devices() {
  CLI::App* group = app.add_subcommand("devices", "List this account's devices, add or remove one");
  group->require_subcommand(0, 1);
  group->fallthrough();
  group->callback([this, group] {
    if (group->get_subcommands().empty()) chosen = [this] { return run_devices_list(global); };
  });
  add(*group, "list", "List this account's devices", [this] { return run_devices_list(global); });
  CLI::App* sub = add(*group, "request", "On a new device: ask to join an account",
                      [this] { return run_devices_request(global, devices); });
  sub->add_option("--server", devices.server, "HOST:PORT")->required();
  sub->add_option("--pin", devices.pin, "The server's TLS key as sottod prints it");
  sub->add_option("--device-name", devices.device_name, "Shown on your own devices only")
      ->capture_default_str();
  sub->add_option("--output", devices.output, "Write the request to this file");

  sub = add(*group, "approve", "On a device of the account: let the new device in",
            [this] { return run_devices_approve(global, devices); });
  sub->add_option("file", devices.file, "The request")->required();
  sub->add_option("--output", devices.output, "Write the grant to this file");
  sub->add_flag("--yes", devices.yes, "Do not ask; only where the request cannot have been exchanged");
  sub->add_option("--wait", devices.wait_s, "Seconds to wait for the server")->capture_default_str();

  sub = add(*group, "join", "On the new device: take the grant",
            [this] { return run_devices_join(global, devices); });
  sub->add_option("file", devices.file, "The grant")->required();
  sub->add_option("--wait", devices.wait_s, "Seconds to wait for the server")->capture_default_str();
  return group;
}

void CommandLine::add_device_changes(CLI::App* group) {
  CLI::App* sub = add(*group, "rename", "Give a device of this account another name", [this] {
    device_change.name = renaming.back();
    if (renaming.size() == 2) device_change.device = renaming.front();
    return run_devices_rename(global, device_change);
  });
  sub->add_option("names", renaming,
                  "Which one, by its name or the first digits of its id (this one if left out); its new name")
      ->required()
      ->expected(1, 2);
  sub->add_option("--wait", device_change.wait_s, "Seconds to wait for the server")->capture_default_str();

  sub = add(*group, "remove", "Take a device out of this account: it gets nothing that is sent from now on",
            [this] { return run_devices_remove(global, device_change); });
  sub->add_option("device", device_change.device, "Which one, by its name or the first digits of its id")
      ->required();
  sub->add_flag("--yes", device_change.yes, "Do not ask");
  sub->add_option("--wait", device_change.wait_s, "Seconds to wait for the server")->capture_default_str();
}

void CommandLine::add_log() {
  CLI::App* group = app.add_subcommand("log", "The server's transparency log, as this device sees it");
  group->require_subcommand(1);
  group->fallthrough();
  add(*group, "status", "Its newest head, and whether it was ever caught",
      [this] { return run_log_status(global); });
  CLI::App* sub = add(*group, "evidence", "Write the proof that the log contradicted itself",
                      [this] { return run_log_evidence(global, log); });
  sub->add_option("--to", log.file, "File to write; without it standard output");

  CLI::App* witness = group->add_subcommand("witness", "Who shall vouch for the log");
  witness->require_subcommand(1);
  witness->fallthrough();
  add(*witness, "list", "List them", [this] { return run_witness_list(global); });
  sub = add(*witness, "add", "Rely on one more", [this] { return run_witness_add(global, log); });
  sub->add_option("key", log.key, "File with its public key in hexadecimal, or the digits")->required();
  sub = add(*witness, "remove", "Rely on one no longer", [this] { return run_witness_remove(global, log); });
  sub->add_option("fingerprint", log.key, "Which one")->required();
  sub = add(*witness, "require", "How many have to vouch before anything is sent",
            [this] { return run_witness_require(global, log); });
  sub->add_option("count", log.required, "0: none")->required();
}

void CommandLine::add_recover() {
  CLI::App* sub = add(app, "recover", "On a new device: back into an account whose devices are all gone",
                      [this] { return run_recover(global, recovery); });
  sub->add_option("username", recovery.handle, "The account's name")->required();
  sub->add_option("--server", recovery.server, "HOST:PORT")->required();
  sub->add_option("--pin", recovery.pin, "The server's TLS key as sottod prints it");
  sub->add_option("--device-name", recovery.device_name, "Shown on your own devices only")
      ->capture_default_str();
  auto* request = sub->add_option("--request-to", recovery.request_to,
                                  "Without the key: write a request for recovery contacts to this file");
  sub->add_option("--shares", recovery.shares, "Without the key: the files that recovery contacts gave")
      ->excludes(request);
  sub->add_flag("--keep-devices", recovery.keep_devices,
                "The devices that the account had before stay in it");
  add_key_source(*sub);
  sub->add_option("--wait", recovery.wait_s, "Seconds to wait for the server")->capture_default_str();
}

void CommandLine::add_key_source(CLI::App& command) {
  command.add_flag("--key-from-stdin", recovery.key_from_stdin,
                   "Read the recovery key from standard input instead of the terminal");
}

void CommandLine::add_recovery() {
  CLI::App* group = app.add_subcommand("recovery", "The ways back into the account when no device is left");
  group->require_subcommand(0, 1);
  group->fallthrough();
  group->add_option("--wait", recovery.wait_s, "Seconds to wait for the server")->capture_default_str();
  group->callback([this, group] {
    if (group->get_subcommands().empty()) chosen = [this] { return run_recovery_status(global); };
  });
  add(*group, "status", "How many ways there are", [this] { return run_recovery_status(global); });
  CLI::App* sub = add(*group, "setup", "Make a recovery key, to be written on paper",
                      [this] { return run_recovery_setup(global, recovery); });
  sub->add_flag("--replace", recovery.replace, "Make a new one, and the old paper worthless");
  sub->add_flag("--confirm-from-stdin", recovery.key_from_stdin,
                "Read what is typed to confirm it from standard input");
  sub = add(*group, "drill", "Type the key to see that it works",
            [this] { return run_recovery_drill(global, recovery); });
  add_key_source(*sub);
  sub = add(*group, "remove", "Remove the key and dismiss the contacts",
            [this] { return run_recovery_remove(global, recovery); });
  sub->add_flag("--yes", recovery.yes, "Do not ask");
  sub = add(*group, "release", "As a recovery contact: give your share to somebody who lost all devices",
            [this] { return run_recovery_release(global, recovery); });
  sub->add_option("file", recovery.file, "Their request")->required();
  sub->add_option("--output", recovery.output, "Write the share to this file");
  sub->add_flag("--yes", recovery.yes, "Do not ask; only where you compared the fingerprint already");
  add(*group, "veto", "Tell your recovery contacts that a request is not yours",
      [this] { return run_recovery_veto(global, recovery); });
  add_recovery_contacts(*group);
}

void CommandLine::add_recovery_contacts(CLI::App& recovery_group) {
  CLI::App* group =
      recovery_group.add_subcommand("contacts", "People who together can give the account back");
  group->require_subcommand(1);
  group->fallthrough();
  CLI::App* sub = add(*group, "set", "Choose them; the recovery key is asked for",
                      [this] { return run_recovery_contacts_set(global, recovery); });
  sub->add_option("users", recovery.handles, "Who; nobody dismisses all");
  sub->add_option("--threshold", recovery.threshold, "How many of them are needed")->capture_default_str();
  sub->add_option("--delay", recovery.delay_s, "Seconds that a contact waits, so that you can object")
      ->capture_default_str();
  add_key_source(*sub);
  add(*group, "drill", "Ask them whether they still have their shares",
      [this] { return run_recovery_contacts_drill(global, recovery); });
}

CLI::App* CommandLine::add_to_family(CLI::App& group, const std::string& name, const std::string& about,
                                     Command command) {
  CLI::App* sub = add(group, name, about, std::move(command));
  sub->add_option("user", family.person, "Whom")->required();
  return sub;
}

void CommandLine::add_family() {
  CLI::App* group =
      app.add_subcommand("family", "Guardians and children: with whom these may write, and when");
  group->require_subcommand(0, 1);
  group->fallthrough();
  group->add_option("--wait", family.wait_s, "Seconds to wait for the server")->capture_default_str();
  group->callback([this, group] {
    if (group->get_subcommands().empty()) chosen = [this] { return run_family_list(global); };
  });
  add_to_family(*group, "offer", "Offer to be somebody's guardian; they accept on their device",
                [this] { return run_family_offer(global, family); });
  CLI::App* sub =
      add_to_family(*group, "accept", "Take a guardian, who sits beside you; only they can end it",
                    [this] { return run_family_accept(global, family); });
  sub->add_option("--fingerprint", family.fingerprint, "Of their key, as their device shows it");
  sub =
      add_to_family(*group, "set", "What a child may do", [this] { return run_family_set(global, family); });
  sub->add_option("--allow", family.allow, "With whom to write; several: once for each")
      ->allow_extra_args(false);
  sub->add_option("--forbid", family.forbid, "With whom not any more")->allow_extra_args(false);
  sub->add_option("--hours", family.hours, "\"mon-fri 15:00-20:00, sat 09:00-21:00\", or any");
  sub->add_option("--offset", family.offset, "Of the child's clock, such as +02:00");
  sub->add_option("--blur", family.blur,
                  "Blur pictures of others: on: those that the device's classifier marks; all")
      ->check(CLI::IsMember({"on", "all", "off"}));
  sub->add_option("--strangers", family.strangers,
                  "What others say: hold it until you allow them, or drop it")
      ->check(CLI::IsMember({"hold", "drop"}));
  add_to_family(*group, "end", "Be no guardian any more", [this] { return run_family_end(global, family); });
  sub = add_to_family(*group, "ask", "Ask your guardian to let you write with somebody",
                      [this] { return run_family_ask(global, family); });
  sub->add_option("--note", family.note, "A line for them");
  add(*group, "requests", "With whom children ask to write", [this] { return run_family_requests(global); });
  for (const bool allow : {true, false}) {
    sub = add_to_family(*group, allow ? "approve" : "refuse",
                        allow ? "Let a child write with whom it asks for" : "Do not",
                        [this, allow] { return run_family_decide(global, family, allow); });
    sub->add_option("other", family.other, "With whom")->required();
  }
}

}  // namespace sotto::cli
