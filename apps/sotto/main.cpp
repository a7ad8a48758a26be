// `sotto`: the command line client. Reads the command line and hands over to the commands.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <csignal>
#include <functional>
#include <system_error>

#include "commands.h"
#include "crypto/process_memory.h"
#include "output.h"
#include "profile.h"

namespace sotto::cli {
namespace {

using Command = std::function<CommandResult<ExitCode>()>;

std::string host_name() {
  std::array<char, 65> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? std::string(name.data()) : std::string("device");
}

/// Everything the command line can say, and which command it chose.
struct CommandLine {
  CLI::App app{"End-to-end encrypted, post-quantum messages."};
  GlobalOptions global{.profile = default_profile()};
  RegisterOptions registration{.device_name = host_name()};
  SendOptions sending;
  SmsOptions sms;
  ReceiveOptions receiving;
  DeviceOptions devices{.device_name = host_name()};
  OfferOptions offer;
  LinkOptions linking{.device_name = host_name()};
  PasswordOptions password;
  DeviceChangeOptions device_change;
  std::vector<std::string> renaming;  ///< [DEVICE] NAME
  HandleOptions handles;
  GroupOptions groups;
  RecoveryOptions recovery{.device_name = host_name()};
  DeregisterOptions deregistration;
  LogOptions log;
  MediaOptions media;
  AttachmentOptions attachments;
  VerifyOptions verification;
  std::string user;
  HistoryOptions past;
  SearchOptions search;
  ExportOptions exporting;
  SpeechOptions speech;
  KindOptions kind;
  Command chosen;

  CommandLine() {
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
    add_speech();
    add_conversation_settings();
    add_kinds();
    add_schedule();
    add_reading();
    add_finding();
    add_handles();
    add_groups();
    add_sms();
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

  CLI::App* add(CLI::App& parent, const std::string& name, const std::string& help, Command command) {
    CLI::App* sub = parent.add_subcommand(name, help);
    sub->callback([this, command = std::move(command)] { chosen = command; });
    sub->fallthrough();
    return sub;
  }

  void add_messaging() {
    CLI::App* sub = add(app, "register", "Create an account on a server",
                        [this] { return run_register(global, registration); });
    sub->add_option("username", registration.username, "Your name there: 2 to 32 letters, digits, . - _")
        ->required();
    sub->add_option("--server", registration.server, "HOST:PORT")->required();
    sub->add_option("--pin", registration.pin,
                    "The server's TLS key as sottod prints it; without it the key seen "
                    "first is trusted");
    sub->add_option("--invite", registration.invite, "Invitation, if the server wants one");
    sub->add_option("--device-name", registration.device_name, "Shown on your own devices only")
        ->capture_default_str();
    sub->add_option("--wait", registration.wait_s, "Seconds to wait for the server")->capture_default_str();

    sub = add(app, "send", "Send a message", [this] { return run_send(global, sending); });
    sub->add_option("user", sending.user, "Whom to send it to; your own name: a note to yourself")
        ->required();
    auto* text = sub->add_option("text", sending.text, "The text");
    sub->add_option("--file", sending.file, "Take the text from a file, - for standard input")
        ->excludes(text);
    sub->add_option("--reply-to", sending.reply_to, "The message that it answers: digits of its id, or last");
    sub->add_option("--expires", sending.expires, "Disappears everywhere after 30s, 10m, 8h, 7d, 4w");
    sub->add_flag("--markup", sending.markup, "*bold* _italic_ ~struck~ `code` ||spoiler|| @name");
    sub->add_option("--attach", sending.attach, "A file to go with it; several: once for each")
        ->allow_extra_args(false);
    sub->add_flag("--keep-metadata", sending.keep_metadata,
                  "Leave in pictures what cameras write: where, when, with what");
    auto* url =
        sub->add_option("--preview-url", sending.preview_url, "An address in the text, of which you say:");
    sub->add_option("--preview-title", sending.preview_title, "What it is called")->needs(url);
    sub->add_option("--preview-description", sending.preview_description, "What it says")->needs(url);
    sub->add_option("--require", sending.require,
                    "Send it only under such protection: pq>=2 or pq>=3, verified, or both with a comma");
    sub->add_option("--wait", sending.wait_s, "Seconds to wait until the server has it")
        ->capture_default_str();

    sub = add(app, "receive", "Print new messages", [this] { return run_receive(global, receiving); });
    sub->add_flag("--follow", receiving.follow, "Stay connected and print messages as they arrive");
    sub->add_option("--wait", receiving.wait_s, "Seconds to wait for the server")->capture_default_str();

    sub = add(app, "chat", "Talk to somebody, a line at a time", [this] { return run_chat(global, user); });
    sub->add_option("user", user, "Whom to talk to")->required();
  }

  CLI::App* add_about_message(const std::string& name, const std::string& help, Command command) {
    CLI::App* sub = add(app, name, help, std::move(command));
    sub->add_option("user", speech.user, "In the conversation with whom")->required();
    sub->add_option("message", speech.message, "Digits of its id (see history --ids), or last")->required();
    sub->add_option("--wait", speech.wait_s, "Seconds to wait for the server")->capture_default_str();
    return sub;
  }

  CLI::App* add_in_conversation(const std::string& name, const std::string& help, Command command) {
    CLI::App* sub = add(app, name, help, std::move(command));
    sub->add_option("user", speech.user, "In the conversation with whom")->required();
    sub->add_option("--wait", speech.wait_s, "Seconds to wait for the server")->capture_default_str();
    return sub;
  }

  void add_speech() {
    CLI::App* sub = add(app, "reply", "Answer a message", [this] { return run_send(global, sending); });
    sub->add_option("user", sending.user, "In the conversation with whom")->required();
    sub->add_option("message", sending.reply_to, "Digits of its id (see history --ids), or last")->required();
    sub->add_option("text", sending.text, "The text")->required();
    sub->add_flag("--markup", sending.markup, "*bold* _italic_ ~struck~ `code` ||spoiler|| @name");
    sub->add_option("--wait", sending.wait_s, "Seconds to wait for the server")->capture_default_str();

    sub = add_about_message("react", "React to a message with an emoji",
                            [this] { return run_react(global, speech); });
    auto* emoji = sub->add_option("emoji", speech.text, "One emoji, instead of the one before");
    sub->add_flag("--remove", speech.remove, "Take the reaction back")->excludes(emoji);

    sub = add_about_message("edit", "Change a text of yours; the earlier ones stay visible",
                            [this] { return run_edit(global, speech); });
    auto* text = sub->add_option("text", speech.text, "The new text");
    sub->add_option("--file", speech.file, "Take it from a file, - for standard input")->excludes(text);
    sub->add_flag("--markup", speech.markup, "*bold* _italic_ ~struck~ `code` ||spoiler|| @name");
    add_about_message("unsend", "Take a message of yours back, at everybody",
                      [this] { return run_unsend(global, speech); });
    add_about_message("erase", "Delete a message from your own devices",
                      [this] { return run_erase(global, speech); });

    add_in_conversation("read", "Mark a conversation as read", [this] { return run_read(global, speech); });
    sub = add_in_conversation("typing", "Tell that you are writing; nobody keeps it",
                              [this] { return run_typing(global, speech); });
    sub->add_flag("--stop", speech.remove, "Tell that you stopped");
  }

  CLI::App* add_kind(CLI::App& parent, const std::string& name, const std::string& help, Command command) {
    CLI::App* sub = add(parent, name, help, std::move(command));
    sub->add_option("user", kind.user, "In the conversation with whom")->required();
    sub->add_option("--wait", kind.wait_s, "Seconds to wait for the server")->capture_default_str();
    return sub;
  }

  CLI::App* add_about_kind(CLI::App& parent, const std::string& name, const std::string& help,
                           Command command) {
    CLI::App* sub = add_kind(parent, name, help, std::move(command));
    sub->add_option("message", kind.message, "Digits of its id (see history --ids), or last")->required();
    return sub;
  }

  CLI::App* add_group(const std::string& name, const std::string& help) {
    CLI::App* group = app.add_subcommand(name, help);
    group->require_subcommand(1);
    group->fallthrough();
    return group;
  }

  void add_place(CLI::App& command) {
    command.add_option("latitude", kind.latitude, "Degrees north, such as 59.34254")->required();
    command.add_option("longitude", kind.longitude, "Degrees east")->required();
    command.add_option("--accuracy", kind.accuracy_m, "How exact it is, in metres");
    command.add_option("--name", kind.name, "Of the place");
  }

  void add_kinds() {
    CLI::App* group = add_group("location", "Where something, or you, are");
    CLI::App* sub = add_kind(*group, "send", "A place, or for a while your own position",
                             [this] { return run_location_send(global, kind); });
    add_place(*sub);
    sub->add_option("--live", kind.length, "Your own position, for 30s, 10m, 8h at most");
    sub = add_about_kind(*group, "move", "Where you are now",
                         [this] { return run_location_move(global, kind); });
    add_place(*sub);
    add_about_kind(*group, "stop", "End a live location", [this] { return run_location_stop(global, kind); });

    group = add_group("poll", "Ask, vote and close");
    sub = add_kind(*group, "ask", "Ask", [this] { return run_poll_ask(global, kind); });
    sub->add_option("question", kind.text, "What")->required();
    sub->add_option("options", kind.choices, "2 to 12 answers")->required();
    sub->add_flag("--multiple", kind.multiple, "More than one may be chosen");
    sub = add_about_kind(*group, "vote", "Vote, instead of before",
                         [this] { return run_poll_vote(global, kind); });
    sub->add_option("numbers", kind.numbers, "Which answers, from 1; none takes the vote back");
    add_about_kind(*group, "close", "End a poll of yours", [this] { return run_poll_close(global, kind); });

    sub = add_about_kind(app, "pin", "Pin a message for everybody in the conversation",
                         [this] { return run_pin(global, kind); });
    sub->add_flag("--remove", kind.remove, "Unpin it");

    sub = add_kind(app, "card", "Send a contact card", [this] { return run_card(global, kind); });
    sub->add_option("name", kind.name, "Of whom")->required();
    sub->add_option("--handle", kind.handle, "Their name on this server");
    sub->add_option("--phone", kind.phones, "Telephone number, more than once if there are more");
    sub->add_option("--mail", kind.mails, "E-mail address, likewise");
  }

  void add_schedule() {
    CLI::App* group = add_group("schedule", "Messages that this device sends later");
    CLI::App* sub = add_kind(*group, "add", "Write one", [this] { return run_schedule_add(global, kind); });
    auto* text = sub->add_option("text", kind.text, "The text");
    sub->add_option("--file", kind.file, "Take it from a file, - for standard input")->excludes(text);
    auto* at = sub->add_option("--at", kind.at, "\"2026-12-24 18:00\", where this machine is");
    sub->add_option("--in", kind.length, "30s, 10m, 8h, 7d, 4w from now")->excludes(at);
    add(*group, "list", "What waits", [this] { return run_schedule_list(global); });
    sub = add(*group, "cancel", "Do not send one", [this] { return run_schedule_cancel(global, kind); });
    sub->add_option("id", kind.message, "Digits of its id")->required();
  }

  void add_conversation_settings() {
    CLI::App* sub = add_in_conversation("disappear", "Let new messages of both sides disappear after a while",
                                        [this] { return run_timer(global, speech); });
    sub->add_option("after", speech.text, "30s, 10m, 8h, 7d, 4w, or off")->required();
    sub = add_in_conversation("settings", "How a conversation behaves, on all your devices",
                              [this] { return run_settings(global, speech); });
    const auto on_off = CLI::IsMember({"on", "off"});
    sub->add_option("--read-receipts", speech.read_receipts, "Tell what you have read")->check(on_off);
    sub->add_option("--delivery-receipts", speech.delivery_receipts, "Tell what arrived")->check(on_off);
    sub->add_option("--typing", speech.typing, "Tell that you are writing")->check(on_off);
    sub->add_option("--pinned", speech.pinned, "List it first")->check(on_off);
    sub->add_option_function<std::string>(
        "--name",
        [this](const std::string& name) {
          speech.text = name;
          speech.has_name = true;
        },
        "What you call them; nobody else sees it");
    sub = add_in_conversation("mute", "Keep a conversation from drawing attention",
                              [this] { return run_mute(global, speech); });
    sub->add_option("for", speech.text, "8h, 7d, 4w, or off")->required();
    add_in_conversation("block", "Take nothing in of somebody, and send them nothing",
                        [this] { return run_block(global, speech); });
    add_in_conversation("unblock", "Take a block back", [this] {
      speech.remove = true;
      return run_block(global, speech);
    });
    sub = add_in_conversation("draft", "Keep what you are writing, on all your devices",
                              [this] { return run_draft(global, speech); });
    sub->add_option("text", speech.text, "The text; without it the draft is dropped");
  }

  void add_finding() {
    CLI::App* sub = add(app, "search", "Find messages in all conversations",
                        [this] { return run_search(global, search); });
    sub->add_option("words", search.words, "Words, or how they begin; all must be there");
    sub->add_option("--with", search.with, "In one conversation");
    sub->add_option("--from", search.from, "Written by; your own name for yourself");
    sub->add_option("--since", search.since, "2026-03-01 or 2026-03-01T09:30");
    sub->add_option("--until", search.until, "That day or minute included");
    sub->add_option("--kind", search.kinds, "text, location, sticker, voice-note, contact-card, poll...")
        ->delimiter(',');
    sub->add_option("--limit", search.limit, "How many, the newest")->capture_default_str();
    sub->add_flag("--ids", search.ids, "With the first digits of each message's id");

    sub = add(app, "export", "Write conversations as JSON lines into a new folder, not encrypted",
              [this] { return run_export(global, exporting); });
    sub->add_option("--to", exporting.to, "The folder")->required();
    sub->add_option("--with", exporting.with, "One conversation alone");
  }

  void add_reading() {
    add(app, "conversations", "List conversations", [this] { return run_conversations(global); });
    CLI::App* sub = add(app, "history", "Print a conversation", [this] { return run_history(global, past); });
    sub->add_option("user", past.user, "With whom; your own name: your notes")->required();
    sub->add_option("--limit", past.limit, "How many messages, the newest")->capture_default_str();
    sub->add_flag("--ids", past.ids, "With the first digits of each message's id");
    add(app, "status", "Who this profile is and what it has still to send",
        [this] { return run_status(global); });

    CLI::App* contact = app.add_subcommand("contact", "Look at people");
    contact->require_subcommand(1);
    contact->fallthrough();
    sub = add(*contact, "show", "Identity, devices and security of somebody",
              [this] { return run_contact_show(global, user); });
    sub->add_option("user", user, "Who")->required();
    sub = add(*contact, "accept", "Accept somebody's changed identity key",
              [this] { return run_contact_accept(global, user); });
    sub->add_option("user", user, "Who")->required();
  }

  void add_deregistration() {
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

  void add_verification() {
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

  CLI::App* add_to_groups(CLI::App& group, const std::string& name, const std::string& about,
                          Command command) {
    CLI::App* sub = add(group, name, about, std::move(command));
    sub->add_option("group", groups.group, "Its name, or the first digits of its id")->required();
    return sub;
  }

  void add_groups() {
    CLI::App* group = app.add_subcommand("group", "Groups: write to one with `sotto send '#NAME'`");
    group->require_subcommand(0, 1);
    group->fallthrough();
    group->add_option("--wait", groups.wait_s, "Seconds to wait for the server")->capture_default_str();
    group->callback([this, group] {
      if (group->get_subcommands().empty()) chosen = [this] { return run_group_list(global); };
    });
    add(*group, "list", "List them", [this] { return run_group_list(global); });
    CLI::App* sub =
        add(*group, "create", "Begin one; you own it", [this] { return run_group_create(global, groups); });
    sub->add_option("name", groups.group, "What it is called")->required();
    sub->add_option("users", groups.people, "Who is in it besides you");
    add_to_groups(*group, "show", "Who is in it", [this] { return run_group_show(global, groups); });
    sub = add_to_groups(*group, "add", "Let people in", [this] { return run_group_add(global, groups); });
    sub->add_option("users", groups.people, "Whom")->required();
    sub = add_to_groups(*group, "remove", "Take people out: they read nothing that is sent from now on",
                        [this] { return run_group_remove(global, groups); });
    sub->add_option("users", groups.people, "Whom")->required();
    add_to_groups(*group, "leave", "Leave it", [this] { return run_group_leave(global, groups); });
    sub = add_to_groups(*group, "rename", "Call it otherwise",
                        [this] { return run_group_rename(global, groups); });
    sub->add_option("name", groups.name, "What")->required();
    add_group_roles(*group);
  }

  void add_group_roles(CLI::App& group) {
    CLI::App* sub = add_to_groups(group, "role", "Give somebody a role",
                                  [this] { return run_group_role(global, groups); });
    sub->add_option("user", groups.person, "Whom")->required();
    sub->add_option("role", groups.role, "member, admin or owner")->required();
    sub = add_to_groups(group, "set", "How it is", [this] { return run_group_set(global, groups); });
    sub->add_option("--timer", groups.timer_s, "Seconds after which messages disappear; 0: they stay");
    sub->add_option("--guests", groups.guests, "Whether people outside may take part through a gateway");
    sub = add_to_groups(group, "link", "The link by which people may ask to be let in",
                        [this] { return run_group_link(global, groups); });
    auto* renew = sub->add_flag("--renew", groups.renew, "Make a new one, and the old one worthless");
    sub->add_flag("--withdraw", groups.withdraw, "Have none")->excludes(renew);
    sub = add(group, "join", "Ask to be let into a group", [this] { return run_group_join(global, groups); });
    sub->add_option("link", groups.group, "The invite link")->required();
    add_to_groups(group, "requests", "Who asks to be let in",
                  [this] { return run_group_requests(global, groups); });
    sub = add_to_groups(group, "approve", "Let in who asked",
                        [this] { return run_group_decide(global, groups, true); });
    sub->add_option("user", groups.person, "Whom")->required();
    sub = add_to_groups(group, "refuse", "Keep out who asked",
                        [this] { return run_group_decide(global, groups, false); });
    sub->add_option("user", groups.person, "Whom")->required();
  }

  void add_handles() {
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

  void add_sms() {
    CLI::App* group = app.add_subcommand(
        "sms", "Text messages to telephone numbers, which are NOT end-to-end encrypted: send sms:NUMBER");
    group->require_subcommand(1);
    group->fallthrough();
    CLI::App* sub = add(*group, "allow", "Let texts go to a number, also where nobody has it as a name here",
                        [this] { return run_sms_allow(global, sms); });
    sub->add_option("number", sms.number, "+46 70 123 45 67")->required();
    sub->add_flag("--yes", sms.yes, "Do not ask");
    sub = add(*group, "forbid", "Take that back", [this] { return run_sms_forbid(global, sms); });
    sub->add_option("number", sms.number, "Which one")->required();
    add(*group, "list", "What you decided about which number", [this] { return run_sms_list(global); });
  }

  void add_linking(CLI::App& group) {
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

  CLI::App* add_devices() {
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

  void add_device_changes(CLI::App* group) {
    CLI::App* sub = add(*group, "rename", "Give a device of this account another name", [this] {
      device_change.name = renaming.back();
      if (renaming.size() == 2) device_change.device = renaming.front();
      return run_devices_rename(global, device_change);
    });
    sub->add_option(
           "[DEVICE] NAME", renaming,
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

  void add_log() {
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
    sub =
        add(*witness, "remove", "Rely on one no longer", [this] { return run_witness_remove(global, log); });
    sub->add_option("fingerprint", log.key, "Which one")->required();
    sub = add(*witness, "require", "How many have to vouch before anything is sent",
              [this] { return run_witness_require(global, log); });
    sub->add_option("count", log.required, "0: none")->required();
  }

  void add_attachments() {
    CLI::App* sub = add(app, "attachments", "List files that came and went with messages",
                        [this] { return run_attachments(global, attachments); });
    sub->add_option("user", attachments.user, "Only in the conversation with whom");

    sub = add(app, "download", "Fetch the files of a message and write them here",
              [this] { return run_download(global, attachments); });
    sub->add_option("user", attachments.user, "In the conversation with whom")->required();
    sub->add_option("message", attachments.message, "Digits of its id (see history --ids), or last")
        ->capture_default_str();
    sub->add_option("--output", attachments.output, "The folder, or for one file its new name");
    sub->add_option("--wait", attachments.wait_s, "Seconds to wait until all of it is here")
        ->capture_default_str();

    sub = add(app, "downloads", "What is fetched without being asked for; prints it",
              [this] { return run_downloads(global, attachments); });
    sub->add_option("--max-megabytes", attachments.max_megabytes, "Of one file")->check(CLI::Range(0, 8192));
    sub->add_option("--from", attachments.from, "From whom; known: people you wrote to")
        ->check(CLI::IsMember({"nobody", "known", "everybody"}));
    sub->add_option("--metered", attachments.metered, "on: nothing, while the connection costs by volume")
        ->check(CLI::IsMember({"on", "off"}));
  }

  void add_media() {
    CLI::App* group = app.add_subcommand("media", "Pictures, through the confined decoder");
    group->require_subcommand(1);
    group->fallthrough();
    add(*group, "status", "How decoders are confined here, and what they decode",
        [this] { return run_media_status(global); });
    CLI::App* sub = add(*group, "check", "Decode a picture, and say what it holds",
                        [this] { return run_media_check(global, media); });
    sub->add_option("file", media.input, "The picture")->required();
    sub = add(*group, "convert", "Write a picture anew: nothing of the file is left but what it shows",
              [this] { return run_media_convert(global, media); });
    sub->add_option("input", media.input, "The picture")->required();
    sub->add_option("output", media.output, "Where the new one goes")->required();
    sub->add_option("--format", media.format,
                    "png, jpeg or webp; without it the one nearest to the picture's");
    sub->add_option("--max-edge", media.max_edge, "Longest edge in pixels")
        ->check(CLI::Range(std::uint32_t{1}, media::kMaxCleanEdge))
        ->capture_default_str();
    sub->add_option(
        "--classifier", media.classifier,
        "Library that says whether the picture is to be hidden; then the thumbnail shows only colours");
    sub->add_option("--thumbnail", media.thumbnail, "Write a thumbnail to this file, at most 8 KiB");
  }

  void add_recover() {
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

  void add_key_source(CLI::App& command) {
    command.add_flag("--key-from-stdin", recovery.key_from_stdin,
                     "Read the recovery key from standard input instead of the terminal");
  }

  void add_recovery() {
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

  void add_recovery_contacts(CLI::App& recovery_group) {
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
};

CommandResult<ExitCode> choose(const CommandLine& line) {
  try {
    return line.chosen();
  } catch (const std::system_error& error) {  // from fmt::print
    return err(Failure{ExitCode::failed, std::string("standard output cannot be written: ") + error.what()});
  }
}

int run(int argc, char** argv) {
  static_cast<void>(crypto::keep_memory_private());  // where a system refuses, working is better than not
  Output::use_wiped_buffer();
  // A reader that went away is an error of the write that meets it, not the end of the process.
  std::signal(SIGPIPE, SIG_IGN);
  CommandLine line;
  try {
    line.app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return line.app.exit(error) == 0 ? 0 : static_cast<int>(ExitCode::usage);
  }
  const Output output(line.global.json);
  const auto end = choose(line);
  static_cast<void>(output.flush());
  if (end) return static_cast<int>(*end);
  output.failure(end.error());
  return static_cast<int>(end.error().code);
}

}  // namespace
}  // namespace sotto::cli

int main(int argc, char** argv) { return sotto::cli::run(argc, argv); }
