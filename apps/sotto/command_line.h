// Everything the command line of `sotto` can say, and which command it chose.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

#include "client/api/server_address.h"
#include "commands.h"
#include "profile.h"

namespace sotto::cli {

using client::api::host_name;
using Command = std::function<CommandResult<ExitCode>()>;

struct CommandLine {
  CLI::App app{"End-to-end encrypted, post-quantum messages."};
  GlobalOptions global{.profile = default_profile()};
  RegisterOptions registration{.device_name = host_name()};
  SendOptions sending;
  ForwardOptions forwarding;
  ChatOptions chat;
  SmsOptions sms;
  AgentOptions agent;
  ReceiveOptions receiving;
  DeviceOptions devices{.device_name = host_name()};
  OfferOptions offer;
  LinkOptions linking{.device_name = host_name()};
  PasswordOptions password;
  DeviceChangeOptions device_change;
  std::vector<std::string> renaming;  ///< which device, if not this one, and its new name
  HandleOptions handles;
  GroupOptions groups;
  FamilyOptions family;
  RecoveryOptions recovery{.device_name = host_name()};
  DeregisterOptions deregistration;
  LogOptions log;
  MediaOptions media;
  RequestOptions requests;
  AppOptions apps;
  AttachmentOptions attachments;
  VerifyOptions verification;
  std::string user;
  HistoryOptions past;
  SearchOptions search;
  ExportOptions exporting;
  SpeechOptions speech;
  KindOptions kind;
  Command chosen;

  CommandLine();

 private:
  CLI::App* add(CLI::App& parent, const std::string& name, const std::string& help, Command command);
  void add_messaging();
  void add_sending();
  void add_forwarding();
  void add_agent();
  CLI::App* add_about_message(const std::string& name, const std::string& help, Command command);
  CLI::App* add_in_conversation(const std::string& name, const std::string& help, Command command);
  void add_speech();
  CLI::App* add_kind(CLI::App& parent, const std::string& name, const std::string& help, Command command);
  CLI::App* add_about_kind(CLI::App& parent, const std::string& name, const std::string& help,
                           Command command);
  CLI::App* add_group(const std::string& name, const std::string& help);
  void add_place(CLI::App& command);
  void add_kinds();
  void add_schedule();
  void add_conversation_settings();
  void add_finding();
  void add_reading();
  void add_requests();
  CLI::App* add_to_apps(CLI::App& group, const std::string& name, const std::string& about, Command command);
  void add_apps();
  void add_deregistration();
  void add_verification();
  CLI::App* add_to_groups(CLI::App& group, const std::string& name, const std::string& about,
                          Command command);
  void add_groups();
  void add_group_roles(CLI::App& group);
  void add_guests(CLI::App& group);
  void add_handles();
  void add_sms();
  void add_family();
  CLI::App* add_to_family(CLI::App& group, const std::string& name, const std::string& about,
                          Command command);
  void add_linking(CLI::App& group);
  CLI::App* add_devices();
  void add_device_changes(CLI::App* group);
  void add_log();
  void add_attachments();
  void add_media();
  void add_recover();
  void add_key_source(CLI::App& command);
  void add_recovery();
  void add_recovery_contacts(CLI::App& recovery_group);
};

}  // namespace sotto::cli
