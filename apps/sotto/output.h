// How records look on standard output: for people, or one JSON object a line.
#pragma once

#include <google/protobuf/message.h>

#include <functional>
#include <string>

#include "exit_code.h"
#include "sotto/v1/client_api.pb.h"
#include "sotto/v1/media.pb.h"

namespace sotto::cli {

class Output {
 public:
  explicit Output(bool json) : json_(json) {}
  /// Gives standard output a buffer that flush() wipes: what was printed must not stay in memory. To be
  /// called before anything is printed.
  static void use_wiped_buffer();

  /// Problems and notices go there in words instead of to standard error: a full screen is in the way.
  void divert(std::function<void(const std::string&)> remarks) { remarks_ = std::move(remarks); }

  void message(const v1::Message& message) const;
  /// A file of a message, with where it belongs.
  void file(const v1::AttachedFile& file) const;
  /// One of any conversation, with that one's title.
  void found(const v1::Message& message, const std::string& where) const;
  /// Messages with the first digits of their ids, for people who want to name one.
  void show_ids(bool shown) { ids_ = shown; }
  /// A message that is to be sent later.
  void scheduled(const v1::Scheduled& scheduled) const;
  /// A conversation with its settings.
  void settings(const v1::Conversation& conversation) const;
  void conversation(const v1::Conversation& conversation) const;
  /// A conversation that waits for being accepted: who, and nothing of what they wrote.
  void request(const v1::Conversation& request) const;
  /// A conversation that is, or was, blocked.
  void blocked(const v1::Conversation& conversation) const;
  void report(const v1::Report& report) const;
  void safety_card(const v1::SafetyCard& card) const;
  void contact_rules(const v1::ContactRules& rules) const;
  /// Of a message: where each leads.
  void links(const v1::Message& message) const;
  void contact(const v1::Contact& contact) const;
  void device(const v1::Device& device) const;
  void status(const v1::Status& status) const;
  void sms_permission(const v1::SmsPermission& permission) const;
  void own_handles(const v1::OwnHandles& own) const;
  /// Of a device being linked; the QR code as a picture too.
  void link(const v1::LinkProgress& progress) const;
  void recovery_status(const v1::RecoveryStatus& status) const;
  void recovery_progress(const v1::RecoveryProgress& progress) const;
  void log_status(const v1::LogStatus& status) const;
  void witness(const v1::Witness& witness) const;
  void media_report(const v1::MediaReport& report) const;
  void media_status(const v1::MediaStatus& status) const;
  void verification(const v1::VerificationProgress& progress) const;
  void group(const v1::Group& group) const;
  void group_request(const v1::GroupRequest& request) const;
  void app(const v1::ConnectedApp& app) const;
  void family(const v1::Family& family) const;
  void family_request(const v1::FamilyRequest& request) const;
  /// A remark that is no record: printed for people only.
  void note(const std::string& text) const;
  /// Something that went wrong on the way and does not end the command; on standard error.
  void problem(const v1::Problem& problem) const;
  /// About the account's safety, shown once on every device; on standard error.
  void notice(const v1::Notice& notice) const;
  /// On standard error, in either form.
  void failure(const Failure& failure) const;
  /// Everything printed so far has left the process. False: the reader is gone.
  [[nodiscard]] bool flush() const;

 private:
  void json(const google::protobuf::Message& record) const;

  bool json_;
  bool ids_ = false;
  std::function<void(const std::string&)> remarks_;
};

/// One line of JSON, as docs/cli.md has it.
std::string to_json(const google::protobuf::Message& record);

/// Text of others must not move the cursor, change colours or hide itself: control characters are made
/// visible.
std::string harmless(const std::string& text);

/// What people call it: a contact's name, "#Allotment".
std::string title(const v1::Conversation& conversation);

/// "2026-03-01 09:30", where this machine is.
std::string local_time(std::uint64_t unix_ms);

/// "post-quantum, rekeyed continuously; ..." for people.
std::string describe(const v1::SecurityState& security);

}  // namespace sotto::cli
