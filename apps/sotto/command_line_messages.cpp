// What people say, and what they find again.
#include <utility>

#include "client/conversations/history.h"
#include "command_line.h"

namespace sotto::cli {

void CommandLine::add_messaging() {
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
  sub->add_option("--from", registration.from, "Who may write to you first; see requests from")
      ->check(CLI::IsMember({"anybody", "groups", "link", "nobody", "open"}));
  sub->add_option("--wait", registration.wait_s, "Seconds to wait for the server")->capture_default_str();

  add_sending();
  add_forwarding();

  sub = add(app, "receive", "Print new messages", [this] { return run_receive(global, receiving); });
  sub->add_flag("--follow", receiving.follow, "Stay connected and print messages as they arrive");
  sub->add_option("--wait", receiving.wait_s, "Seconds to wait for the server")->capture_default_str();

  sub = add(app, "chat", "Talk to people, on a full screen; a line at a time in pipes",
            [this] { return run_chat(global, chat); });
  sub->add_option("user", chat.user, "Whom to talk to first; needed where there is no terminal");
  sub->add_flag("--lines", chat.lines, "A line at a time in a terminal, too");
}

void CommandLine::add_forwarding() {
  CLI::App* sub = add(app, "forward", "Pass a message on, with its files, which are not sent anew",
                      [this] { return run_forward(global, forwarding); });
  sub->add_option("user", forwarding.user, "In the conversation with whom it is")->required();
  sub->add_option("message", forwarding.message, "Digits of its id (see history --ids), or last")->required();
  sub->add_option("to", forwarding.to, "Whom to send it to")->required();
  sub->add_option("--require", forwarding.require, "As of send");
  sub->add_flag("--without-guests", forwarding.without_guests, "Keep it from guests of the group");
  sub->add_option("--wait", forwarding.wait_s, "Seconds to wait until the server has it")
      ->capture_default_str();
}

void CommandLine::add_sending() {
  CLI::App* sub = add(app, "send", "Send a message", [this] { return run_send(global, sending); });
  sub->add_option("user", sending.user, "Whom to send it to; your own name: a note to yourself")->required();
  auto* text = sub->add_option("text", sending.text, "The text");
  sub->add_option("--file", sending.file, "Take the text from a file, - for standard input")->excludes(text);
  sub->add_option("--reply-to", sending.reply_to, "The message that it answers: digits of its id, or last");
  sub->add_option("--expires", sending.expires, "Disappears everywhere after 30s, 10m, 8h, 7d, 4w");
  sub->add_flag("--markup", sending.markup, "*bold* _italic_ ~struck~ `code` ||spoiler|| @name");
  sub->add_option("--attach", sending.attach, "A file to go with it; several: once for each")
      ->allow_extra_args(false);
  sub->add_flag("--keep-metadata", sending.keep_metadata,
                "Leave in pictures what cameras write: where, when, with what");
  auto* voice = sub->add_option("--voice-note", sending.voice_note, "A recording, instead of a text")
                    ->excludes(text)
                    ->excludes("--attach");
  auto* sticker = sub->add_option("--sticker", sending.sticker, "A picture, instead of a text")
                      ->excludes(text)
                      ->excludes("--attach")
                      ->excludes(voice);
  sub->add_option("--emoji", sending.emoji, "What the sticker stands for: one emoji")->needs(sticker);
  sub->add_option("--pack", sending.pack, "Where the sticker comes from, in words")->needs(sticker);
  auto* preview = sub->add_option(
      "--preview", sending.preview,
      "An address in the text: this device asks the page, which sees that, for a title, a few "
      "words and a picture to go along");
  sub->add_flag("--preview-private", sending.preview_private, "Also at an address of a private network")
      ->needs(preview);
  auto* url =
      sub->add_option("--preview-url", sending.preview_url, "An address in the text, of which you say:")
          ->excludes(preview);
  sub->add_option("--preview-title", sending.preview_title, "What it is called")->needs(url);
  sub->add_option("--preview-description", sending.preview_description, "What it says")->needs(url);
  sub->add_option("--require", sending.require,
                  "Send it only under such protection: pq>=2 or pq>=3, verified, or both with a comma");
  sub->add_flag("--without-guests", sending.without_guests,
                "Keep it from guests of the group, who would get it as a text message");
  sub->add_option("--wait", sending.wait_s, "Seconds to wait until the server has it")->capture_default_str();
}

CLI::App* CommandLine::add_about_message(const std::string& name, const std::string& help, Command command) {
  CLI::App* sub = add(app, name, help, std::move(command));
  sub->add_option("user", speech.user, "In the conversation with whom")->required();
  sub->add_option("message", speech.message, "Digits of its id (see history --ids), or last")->required();
  sub->add_option("--wait", speech.wait_s, "Seconds to wait for the server")->capture_default_str();
  return sub;
}

CLI::App* CommandLine::add_in_conversation(const std::string& name, const std::string& help,
                                           Command command) {
  CLI::App* sub = add(app, name, help, std::move(command));
  sub->add_option("user", speech.user, "In the conversation with whom")->required();
  sub->add_option("--wait", speech.wait_s, "Seconds to wait for the server")->capture_default_str();
  return sub;
}

void CommandLine::add_speech() {
  CLI::App* sub = add(app, "reply", "Answer a message", [this] { return run_send(global, sending); });
  sub->add_option("user", sending.user, "In the conversation with whom")->required();
  sub->add_option("message", sending.reply_to, "Digits of its id (see history --ids), or last")->required();
  sub->add_option("text", sending.text, "The text")->required();
  sub->add_flag("--without-guests", sending.without_guests, "Keep it from guests of the group");
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

CLI::App* CommandLine::add_kind(CLI::App& parent, const std::string& name, const std::string& help,
                                Command command) {
  CLI::App* sub = add(parent, name, help, std::move(command));
  sub->add_option("user", kind.user, "In the conversation with whom")->required();
  sub->add_option("--wait", kind.wait_s, "Seconds to wait for the server")->capture_default_str();
  return sub;
}

CLI::App* CommandLine::add_about_kind(CLI::App& parent, const std::string& name, const std::string& help,
                                      Command command) {
  CLI::App* sub = add_kind(parent, name, help, std::move(command));
  sub->add_option("message", kind.message, "Digits of its id (see history --ids), or last")->required();
  return sub;
}

CLI::App* CommandLine::add_group(const std::string& name, const std::string& help) {
  CLI::App* group = app.add_subcommand(name, help);
  group->require_subcommand(1);
  group->fallthrough();
  return group;
}

void CommandLine::add_place(CLI::App& command) {
  command.add_option("latitude", kind.latitude, "Degrees north, such as 59.34254")->required();
  command.add_option("longitude", kind.longitude, "Degrees east")->required();
  command.add_option("--accuracy", kind.accuracy_m, "How exact it is, in metres");
  command.add_option("--name", kind.name, "Of the place");
}

void CommandLine::add_kinds() {
  CLI::App* group = add_group("location", "Where something, or you, are");
  CLI::App* sub = add_kind(*group, "send", "A place, or for a while your own position",
                           [this] { return run_location_send(global, kind); });
  add_place(*sub);
  sub->add_option("--live", kind.length, "Your own position, for 30s, 10m, 8h at most");
  sub =
      add_about_kind(*group, "move", "Where you are now", [this] { return run_location_move(global, kind); });
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

void CommandLine::add_schedule() {
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

void CommandLine::add_conversation_settings() {
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

void CommandLine::add_finding() {
  CLI::App* sub =
      add(app, "search", "Find messages in all conversations", [this] { return run_search(global, search); });
  sub->add_option("words", search.words, "Words, or how they begin; all must be there");
  sub->add_option("--with", search.with, "In one conversation");
  sub->add_option("--from", search.from, "Written by; your own name for yourself");
  sub->add_option("--since", search.since, "2026-03-01 or 2026-03-01T09:30");
  sub->add_option("--until", search.until, "That day or minute included");
  sub->add_option("--kind", search.kinds, "text, location, sticker, voice-note, contact-card, poll...")
      ->delimiter(',');
  sub->add_flag("--files", search.files, "With files");
  sub->add_option("--limit", search.limit, "How many, the newest")
      ->check(CLI::Range(1U, client::kMaxPage))
      ->capture_default_str();
  sub->add_flag("--ids", search.ids, "With the first digits of each message's id");

  sub = add(app, "export",
            "Write conversations as JSON lines, and their files, into a new folder, not encrypted",
            [this] { return run_export(global, exporting); });
  sub->add_option("--to", exporting.to, "The folder")->required();
  sub->add_option("--with", exporting.with, "One conversation alone");
  auto* none = sub->add_flag("--no-media", exporting.no_media, "Without files");
  sub->add_flag("--original", exporting.original,
                "Pictures as they came; without it, what the sandbox made of them")
      ->excludes(none);
}

void CommandLine::add_reading() {
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
  sub = add(*contact, "add", "Keep what somebody's contact link says for your first message to them",
            [this] { return run_contact_add(global, user); });
  sub->add_option("link", user, "The link")->required();
  sub = add(*contact, "accept", "Accept somebody's changed identity key",
            [this] { return run_contact_accept(global, user); });
  sub->add_option("user", user, "Who")->required();
  sub = add(*contact, "keep", "Keep somebody's known identity key, though the server showed another",
            [this] { return run_contact_keep(global, user); });
  sub->add_option("user", user, "Who")->required();
}

CLI::App* CommandLine::add_to_groups(CLI::App& group, const std::string& name, const std::string& about,
                                     Command command) {
  CLI::App* sub = add(group, name, about, std::move(command));
  sub->add_option("group", groups.group, "Its name, or the first digits of its id")->required();
  return sub;
}

void CommandLine::add_groups() {
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

void CommandLine::add_group_roles(CLI::App& group) {
  CLI::App* sub =
      add_to_groups(group, "role", "Give somebody a role", [this] { return run_group_role(global, groups); });
  sub->add_option("user", groups.person, "Whom")->required();
  sub->add_option("role", groups.role, "member, admin or owner")->required();
  sub = add_to_groups(group, "set", "How it is", [this] { return run_group_set(global, groups); });
  sub->add_option("--timer", groups.timer_s, "Seconds after which messages disappear; 0: they stay");
  sub->add_option("--guests", groups.guests, "Whether people outside may take part through a gateway");
  add_guests(group);
  sub = add_to_groups(group, "photo", "Give it a photo; without a file, say which it has",
                      [this] { return run_group_photo(global, groups); });
  auto* photo = sub->add_option("file", groups.photo, "The picture");
  auto* remove = sub->add_flag("--remove", groups.remove, "Have none")->excludes(photo);
  sub->add_option("--output", groups.output, "Write the one that it has to this file, as the sandbox made it")
      ->excludes(photo)
      ->excludes(remove);
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

void CommandLine::add_guests(CLI::App& group) {
  CLI::App* guest = group.add_subcommand(
      "guest", "People without an account, by text messages, which are NOT end-to-end encrypted");
  guest->require_subcommand(1);
  guest->fallthrough();
  CLI::App* sub = add_to_groups(*guest, "add", "Bring one in: you send to them, and vouch for their answers",
                                [this] { return run_group_guest_add(global, groups); });
  sub->add_option("number", groups.number, "+46 70 123 45 67")->required();
  sub->add_option("name", groups.name, "What the group calls them")->required();
  sub->add_flag("--yes", groups.yes, "Do not ask whether texts may go there");
  sub = add_to_groups(*guest, "remove", "Send one away",
                      [this] { return run_group_guest_remove(global, groups); });
  sub->add_option("number", groups.number, "Whom")->required();
}

void CommandLine::add_sms() {
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

void CommandLine::add_attachments() {
  CLI::App* sub = add(app, "attachments", "List files that came and went with messages",
                      [this] { return run_attachments(global, attachments); });
  sub->add_option("user", attachments.user, "Only in the conversation with whom");

  sub = add(app, "download", "Fetch the files of a message and write them here",
            [this] { return run_download(global, attachments); });
  sub->add_option("user", attachments.user, "In the conversation with whom")->required();
  sub->add_option("message", attachments.message, "Digits of its id (see history --ids), or last")
      ->capture_default_str();
  sub->add_option("--output", attachments.output, "The folder, or for one file its new name");
  sub->add_flag("--original", attachments.original,
                "Pictures as they came; without it, what the sandbox made of them");
  sub->add_option("--wait", attachments.wait_s, "Seconds to wait until all of it is here")
      ->capture_default_str();

  sub = add(app, "downloads", "What is fetched without being asked for; prints it",
            [this] { return run_downloads(global, attachments); });
  sub->add_option("--max-megabytes", attachments.max_megabytes, "Of one file")->check(CLI::Range(0, 8192));
  sub->add_option("--from", attachments.from, "From whom; known: people you wrote to")
      ->check(CLI::IsMember({"nobody", "known", "everybody"}));
  sub->add_option("--metered", attachments.metered, "on: nothing, while the connection costs by volume")
      ->check(CLI::IsMember({"on", "off"}));
  sub->add_option("--classifier", attachments.classifier,
                  "Library that says which pictures of others to hide until you want them; off: none");
}

void CommandLine::add_media() {
  CLI::App* group = app.add_subcommand("media", "Pictures, through the confined decoder");
  group->require_subcommand(1);
  group->fallthrough();
  add(*group, "status", "How decoders are confined here, and what they decode",
      [this] { return run_media_status(global); });
  CLI::App* sub = add(*group, "release", "Have files of a message looked at again that are in quarantine",
                      [this] { return run_media_release(global, attachments); });
  sub->add_option("user", attachments.user, "In the conversation with whom")->required();
  sub->add_option("message", attachments.message, "Digits of its id (see history --ids), or last")
      ->capture_default_str();
  add(*group, "quarantine", "Files that break decoders, and that nothing shows",
      [this] { return run_media_quarantine(global); });
  sub = add(*group, "check", "Decode a picture, and say what it holds",
            [this] { return run_media_check(global, media); });
  sub->add_option("file", media.input, "The picture")->required();
  sub = add(*group, "convert", "Write a picture anew: nothing of the file is left but what it shows",
            [this] { return run_media_convert(global, media); });
  sub->add_option("input", media.input, "The picture")->required();
  sub->add_option("output", media.output, "Where the new one goes")->required();
  sub->add_option("--format", media.format, "png, jpeg or webp; without it the one nearest to the picture's");
  sub->add_option("--max-edge", media.max_edge, "Longest edge in pixels")
      ->check(CLI::Range(std::uint32_t{1}, media::kMaxCleanEdge))
      ->capture_default_str();
  sub->add_option(
      "--classifier", media.classifier,
      "Library that says whether the picture is to be hidden; then the thumbnail shows only colours");
  sub->add_option("--thumbnail", media.thumbnail, "Write a thumbnail to this file, at most 8 KiB");
}

}  // namespace sotto::cli
