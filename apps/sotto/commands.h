// The commands of `sotto`. Each returns how it ended; what it has to say went to standard output.
#pragma once

#include "exit_code.h"
#include "options.h"

namespace sotto::cli {

CommandResult<ExitCode> run_register(const GlobalOptions& global, const RegisterOptions& options);
CommandResult<ExitCode> run_send(const GlobalOptions& global, const SendOptions& options);
CommandResult<ExitCode> run_forward(const GlobalOptions& global, const ForwardOptions& options);
CommandResult<ExitCode> run_receive(const GlobalOptions& global, const ReceiveOptions& options);
CommandResult<ExitCode> run_chat(const GlobalOptions& global, const ChatOptions& options);
CommandResult<ExitCode> run_chat_screen(const GlobalOptions& global, const std::string& user);

CommandResult<ExitCode> run_agent(const GlobalOptions& global, const AgentOptions& options);

CommandResult<ExitCode> run_react(const GlobalOptions& global, const SpeechOptions& options);
CommandResult<ExitCode> run_edit(const GlobalOptions& global, const SpeechOptions& options);
CommandResult<ExitCode> run_unsend(const GlobalOptions& global, const SpeechOptions& options);
CommandResult<ExitCode> run_erase(const GlobalOptions& global, const SpeechOptions& options);
CommandResult<ExitCode> run_read(const GlobalOptions& global, const SpeechOptions& options);
CommandResult<ExitCode> run_typing(const GlobalOptions& global, const SpeechOptions& options);
CommandResult<ExitCode> run_timer(const GlobalOptions& global, const SpeechOptions& options);
CommandResult<ExitCode> run_settings(const GlobalOptions& global, const SpeechOptions& options);
CommandResult<ExitCode> run_mute(const GlobalOptions& global, const SpeechOptions& options);
CommandResult<ExitCode> run_block(const GlobalOptions& global, const SpeechOptions& options);
CommandResult<ExitCode> run_draft(const GlobalOptions& global, const SpeechOptions& options);

CommandResult<ExitCode> run_requests(const GlobalOptions& global);
CommandResult<ExitCode> run_request_accept(const GlobalOptions& global, const RequestOptions& options);
CommandResult<ExitCode> run_request_delete(const GlobalOptions& global, const RequestOptions& options);
CommandResult<ExitCode> run_request_block(const GlobalOptions& global, const RequestOptions& options);
CommandResult<ExitCode> run_request_rule(const GlobalOptions& global, const RequestOptions& options);
CommandResult<ExitCode> run_request_link(const GlobalOptions& global, const RequestOptions& options);
CommandResult<ExitCode> run_request_blocked(const GlobalOptions& global);
CommandResult<ExitCode> run_request_unblock(const GlobalOptions& global, const RequestOptions& options);
CommandResult<ExitCode> run_request_report(const GlobalOptions& global, const RequestOptions& options);
CommandResult<ExitCode> run_safety(const GlobalOptions& global, const std::string& language);
CommandResult<ExitCode> run_contact_add(const GlobalOptions& global, const std::string& link);
CommandResult<ExitCode> run_links(const GlobalOptions& global, const SpeechOptions& options);

CommandResult<ExitCode> run_location_send(const GlobalOptions& global, const KindOptions& options);
CommandResult<ExitCode> run_location_move(const GlobalOptions& global, const KindOptions& options);
CommandResult<ExitCode> run_location_stop(const GlobalOptions& global, const KindOptions& options);
CommandResult<ExitCode> run_card(const GlobalOptions& global, const KindOptions& options);
CommandResult<ExitCode> run_poll_ask(const GlobalOptions& global, const KindOptions& options);
CommandResult<ExitCode> run_poll_vote(const GlobalOptions& global, const KindOptions& options);
CommandResult<ExitCode> run_poll_close(const GlobalOptions& global, const KindOptions& options);
CommandResult<ExitCode> run_pin(const GlobalOptions& global, const KindOptions& options);
CommandResult<ExitCode> run_schedule_add(const GlobalOptions& global, const KindOptions& options);
CommandResult<ExitCode> run_schedule_list(const GlobalOptions& global);
CommandResult<ExitCode> run_schedule_cancel(const GlobalOptions& global, const KindOptions& options);

CommandResult<ExitCode> run_attachments(const GlobalOptions& global, const AttachmentOptions& options);
CommandResult<ExitCode> run_download(const GlobalOptions& global, const AttachmentOptions& options);
CommandResult<ExitCode> run_downloads(const GlobalOptions& global, const AttachmentOptions& options);

CommandResult<ExitCode> run_sms_allow(const GlobalOptions& global, const SmsOptions& options);
CommandResult<ExitCode> run_sms_forbid(const GlobalOptions& global, const SmsOptions& options);
CommandResult<ExitCode> run_sms_list(const GlobalOptions& global);

CommandResult<ExitCode> run_conversations(const GlobalOptions& global);
CommandResult<ExitCode> run_history(const GlobalOptions& global, const HistoryOptions& options);
CommandResult<ExitCode> run_search(const GlobalOptions& global, const SearchOptions& options);
CommandResult<ExitCode> run_export(const GlobalOptions& global, const ExportOptions& options);
CommandResult<ExitCode> run_status(const GlobalOptions& global);

CommandResult<ExitCode> run_contact_show(const GlobalOptions& global, const std::string& user);
CommandResult<ExitCode> run_contact_accept(const GlobalOptions& global, const std::string& user);
CommandResult<ExitCode> run_contact_keep(const GlobalOptions& global, const std::string& user);

CommandResult<ExitCode> run_deregister(const GlobalOptions& global, const DeregisterOptions& options);
CommandResult<ExitCode> run_verify(const GlobalOptions& global, const VerifyOptions& options);

CommandResult<ExitCode> run_devices_list(const GlobalOptions& global);
CommandResult<ExitCode> run_devices_request(const GlobalOptions& global, const DeviceOptions& options);
CommandResult<ExitCode> run_devices_approve(const GlobalOptions& global, const DeviceOptions& options);
CommandResult<ExitCode> run_devices_join(const GlobalOptions& global, const DeviceOptions& options);
CommandResult<ExitCode> run_devices_rename(const GlobalOptions& global, const DeviceChangeOptions& options);
CommandResult<ExitCode> run_devices_remove(const GlobalOptions& global, const DeviceChangeOptions& options);

CommandResult<ExitCode> run_devices_link(const GlobalOptions& global, const OfferOptions& options);
CommandResult<ExitCode> run_link(const GlobalOptions& global, const LinkOptions& options);

CommandResult<ExitCode> run_password_set(const GlobalOptions& global, const PasswordOptions& options);
CommandResult<ExitCode> run_password_remove(const GlobalOptions& global, const PasswordOptions& options);

CommandResult<ExitCode> run_handles_list(const GlobalOptions& global, const HandleOptions& options);
CommandResult<ExitCode> run_handles_add(const GlobalOptions& global, const HandleOptions& options);
CommandResult<ExitCode> run_handles_prove(const GlobalOptions& global, const HandleOptions& options);
CommandResult<ExitCode> run_handles_remove(const GlobalOptions& global, const HandleOptions& options);

CommandResult<ExitCode> run_group_list(const GlobalOptions& global);
CommandResult<ExitCode> run_group_show(const GlobalOptions& global, const GroupOptions& options);
CommandResult<ExitCode> run_group_create(const GlobalOptions& global, const GroupOptions& options);
CommandResult<ExitCode> run_group_add(const GlobalOptions& global, const GroupOptions& options);
CommandResult<ExitCode> run_group_remove(const GlobalOptions& global, const GroupOptions& options);
CommandResult<ExitCode> run_group_leave(const GlobalOptions& global, const GroupOptions& options);
CommandResult<ExitCode> run_group_rename(const GlobalOptions& global, const GroupOptions& options);
CommandResult<ExitCode> run_group_role(const GlobalOptions& global, const GroupOptions& options);
CommandResult<ExitCode> run_group_set(const GlobalOptions& global, const GroupOptions& options);
CommandResult<ExitCode> run_group_photo(const GlobalOptions& global, const GroupOptions& options);
CommandResult<ExitCode> run_group_link(const GlobalOptions& global, const GroupOptions& options);
CommandResult<ExitCode> run_group_join(const GlobalOptions& global, const GroupOptions& options);
CommandResult<ExitCode> run_group_requests(const GlobalOptions& global, const GroupOptions& options);
CommandResult<ExitCode> run_group_guest_add(const GlobalOptions& global, const GroupOptions& options);
CommandResult<ExitCode> run_group_guest_remove(const GlobalOptions& global, const GroupOptions& options);
CommandResult<ExitCode> run_group_decide(const GlobalOptions& global, const GroupOptions& options,
                                         bool approve);

CommandResult<ExitCode> run_family_list(const GlobalOptions& global);
CommandResult<ExitCode> run_family_requests(const GlobalOptions& global);
CommandResult<ExitCode> run_family_offer(const GlobalOptions& global, const FamilyOptions& options);
CommandResult<ExitCode> run_family_accept(const GlobalOptions& global, const FamilyOptions& options);
CommandResult<ExitCode> run_family_set(const GlobalOptions& global, const FamilyOptions& options);
CommandResult<ExitCode> run_family_end(const GlobalOptions& global, const FamilyOptions& options);
CommandResult<ExitCode> run_family_ask(const GlobalOptions& global, const FamilyOptions& options);
CommandResult<ExitCode> run_family_decide(const GlobalOptions& global, const FamilyOptions& options,
                                          bool allow);

CommandResult<ExitCode> run_app_list(const GlobalOptions& global);
CommandResult<ExitCode> run_app_add(const GlobalOptions& global, const AppOptions& options);
CommandResult<ExitCode> run_app_remove(const GlobalOptions& global, const AppOptions& options);
CommandResult<ExitCode> run_app_grant(const GlobalOptions& global, const AppOptions& options);
CommandResult<ExitCode> run_app_revoke(const GlobalOptions& global, const AppOptions& options);
CommandResult<ExitCode> run_app_tell(const GlobalOptions& global, const AppOptions& options);

CommandResult<ExitCode> run_recover(const GlobalOptions& global, const RecoveryOptions& options);
CommandResult<ExitCode> run_recovery_setup(const GlobalOptions& global, const RecoveryOptions& options);
CommandResult<ExitCode> run_recovery_drill(const GlobalOptions& global, const RecoveryOptions& options);
CommandResult<ExitCode> run_recovery_status(const GlobalOptions& global);
CommandResult<ExitCode> run_recovery_remove(const GlobalOptions& global, const RecoveryOptions& options);
CommandResult<ExitCode> run_recovery_contacts_set(const GlobalOptions& global,
                                                  const RecoveryOptions& options);
CommandResult<ExitCode> run_recovery_contacts_drill(const GlobalOptions& global,
                                                    const RecoveryOptions& options);
CommandResult<ExitCode> run_recovery_release(const GlobalOptions& global, const RecoveryOptions& options);
CommandResult<ExitCode> run_recovery_veto(const GlobalOptions& global, const RecoveryOptions& options);
CommandResult<ExitCode> run_log_status(const GlobalOptions& global);
CommandResult<ExitCode> run_log_evidence(const GlobalOptions& global, const LogOptions& options);
CommandResult<ExitCode> run_witness_add(const GlobalOptions& global, const LogOptions& options);
CommandResult<ExitCode> run_witness_remove(const GlobalOptions& global, const LogOptions& options);
CommandResult<ExitCode> run_witness_require(const GlobalOptions& global, const LogOptions& options);
CommandResult<ExitCode> run_witness_list(const GlobalOptions& global);

CommandResult<ExitCode> run_media_status(const GlobalOptions& global);
CommandResult<ExitCode> run_media_check(const GlobalOptions& global, const MediaOptions& options);
CommandResult<ExitCode> run_media_quarantine(const GlobalOptions& global);
CommandResult<ExitCode> run_media_release(const GlobalOptions& global, const AttachmentOptions& options);
CommandResult<ExitCode> run_media_convert(const GlobalOptions& global, const MediaOptions& options);

}  // namespace sotto::cli
