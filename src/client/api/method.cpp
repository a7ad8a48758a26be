#include "client/api/method.h"

#include <array>
#include <cctype>

#include "client/api/account.h"
#include "client/api/apps.h"
#include "client/api/contacts.h"
#include "client/api/conversations.h"
#include "client/api/devices.h"
#include "client/api/families.h"
#include "client/api/files.h"
#include "client/api/groups.h"
#include "client/api/log.h"
#include "client/api/messages.h"
#include "client/api/recovery.h"
#include "client/api/requests.h"
#include "client/api/safety.h"

namespace sotto::client::api {
namespace {

/// "SetPassword": "set_password".
std::string words_of(std::string_view name) {
  std::string out;
  for (const char letter : name) {
    const auto octet = static_cast<unsigned char>(letter);
    if (std::isupper(octet) != 0 && !out.empty()) out += '_';
    out += static_cast<char>(std::tolower(octet));
  }
  return out;
}

}  // namespace

std::span<const Method<Client>> client_methods() {
  static const std::array kMethods = {
      method("account.register", register_account),
      method("account.status", account_status),
      method("account.handles", own_handles),
      method("account.notices", list_notices),
      method("account.dismiss_notice", dismiss_notice),
      method("account.add_handle", add_handle),
      method("account.prove_handle", prove_handle),
      method("account.remove_handle", remove_handle),
      method("account.set_password", set_password),
      method("account.remove_password", remove_password),
      method("account.deregister", deregister),
      method("devices.list", list_devices),
      method("devices.rename", rename_device),
      method("devices.remove", remove_device),
      method("devices.offer_link", offer_link),
      method("devices.withdraw_link", withdraw_link),
      method("devices.link", link),
      method("conversations.list", list_conversations),
      method("conversations.get", get_conversation),
      method("conversations.open", open_conversation),
      method("conversations.history", conversation_history),
      method("conversations.mark_read", mark_read),
      method("conversations.set_typing", set_typing),
      method("conversations.set_timer", set_timer),
      method("conversations.change_settings", change_settings),
      method("conversations.set_draft", set_draft),
      method("messages.send", send_message),
      method("messages.get", get_message),
      method("messages.edit", edit_message),
      method("messages.unsend", unsend_message),
      method("messages.erase", erase_message),
      method("messages.react", react),
      method("messages.pin", pin),
      method("messages.vote", vote),
      method("messages.close_poll", close_poll),
      method("messages.move_location", move_location),
      method("messages.search", search_messages),
      method("messages.preview", preview_page),
      method("messages.forward", forward_message),
      method("messages.schedule", schedule),
      method("messages.list_scheduled", list_scheduled),
      method("messages.cancel_scheduled", cancel_scheduled),
      method("contacts.get", get_contact),
      method("contacts.look_up", look_up_contact),
      method("contacts.accept_key", accept_key),
      method("contacts.keep_key", keep_key),
      method("contacts.show_qr", show_qr),
      method("contacts.verify_by_qr", verify_by_qr),
      method("contacts.start_digits", start_digits),
      method("contacts.answer_digits", answer_digits),
      method("contacts.withdraw_verification", withdraw_verification),
      method("contacts.use_link", use_contact_link),
      method("groups.list", list_groups),
      method("groups.get", get_group),
      method("groups.create", create_group),
      method("groups.add", add_to_group),
      method("groups.remove", remove_from_group),
      method("groups.leave", leave_group),
      method("groups.rename", rename_group),
      method("groups.set_role", set_group_role),
      method("groups.change_settings", change_group_settings),
      method("groups.set_photo", set_group_photo),
      method("groups.link", group_link),
      method("groups.join", join_group),
      method("groups.requests", group_requests),
      method("groups.decide", decide_request),
      method("files.list", list_files),
      method("files.download", download_file),
      method("files.policy", download_policy),
      method("files.set_policy", set_download_policy),
      method("files.get", get_file),
      method("files.quarantine", list_quarantine),
      method("files.release", release_file),
      method("sms.list", list_sms),
      method("sms.allow", allow_sms),
      method("sms.forbid", forbid_sms),
      method("requests.list", list_requests),
      method("requests.accept", accept_request),
      method("requests.delete", delete_request),
      method("requests.block", block_request),
      method("requests.reveal_links", reveal_links),
      method("requests.rules", contact_rules),
      method("requests.set_rule", set_contact_rule),
      method("requests.renew_link", renew_contact_link),
      method("requests.withdraw_link", withdraw_contact_link),
      method("requests.blocked", list_blocked),
      method("requests.unblock", unblock),
      method("requests.preview_report", preview_report),
      method("requests.report", report),
      method("families.list", list_families),
      method("families.offer", offer_guardianship),
      method("families.accept", accept_guardian),
      method("families.change_policy", change_family_policy),
      method("families.end", end_guardianship),
      method("families.ask", ask_guardian),
      method("families.requests", list_family_requests),
      method("families.decide", decide_for_child),
      method("safety.cards", safety_cards),
      method("apps.list", list_apps),
      method("apps.add", add_app),
      method("apps.remove", remove_app),
      method("apps.change_grants", change_app_grants),
      method("apps.tell", tell_app),
      method("recovery.status", recovery_status),
      method("recovery.make_key", make_recovery_key),
      method("recovery.confirm_key", confirm_recovery_key),
      method("recovery.drill_key", drill_recovery_key),
      method("recovery.remove", remove_recovery),
      method("recovery.set_contacts", set_recovery_contacts),
      method("recovery.drill_contacts", drill_recovery_contacts),
      method("recovery.recover", recover),
      method("recovery.ask_for_shares", ask_for_shares),
      method("recovery.read_request", read_shares_request),
      method("recovery.release", release_share),
      method("recovery.refuse", refuse_recovery),
      method("log.status", log_status),
      method("log.evidence", log_evidence),
      method("log.witnesses", log_witnesses),
      method("log.add_witness", add_witness),
      method("log.remove_witness", remove_witness),
      method("log.require_witnesses", require_witnesses),
  };
  return kMethods;
}

std::string method_name(std::string_view service, std::string_view rpc) {
  return words_of(service) + "." + words_of(rpc);
}

}  // namespace sotto::client::api
