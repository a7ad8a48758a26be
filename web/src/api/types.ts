// Records of the client API, as proto/sotto/v1/client_api.proto and client_service.proto have them. Protobuf JSON leaves
// out what is at its default, so every field may be absent; 64-bit integers are strings, octets base64.

export type SpanStyle = "STYLE_UNSPECIFIED" | "BOLD" | "ITALIC" | "STRIKETHROUGH" | "MONOSPACE" | "SPOILER" | "MENTION";
export type SecurityStateChannel = "CHANNEL_UNSPECIFIED" | "SOTTO" | "SMS";
export type SecurityStatePqLevel = "PQ_UNSPECIFIED" | "PQ_ESTABLISHMENT" | "PQ_CONTINUOUS" | "PQ_NONE";
export type SecurityStateAuthentication = "AUTHENTICATION_UNSPECIFIED" | "HYBRID";
export type Verification =
  | "VERIFICATION_UNSPECIFIED"
  | "PINNED_AT_FIRST_CONTACT"
  | "VERIFIED_BY_QR"
  | "VERIFIED_BY_DIGITS"
  | "ACCEPTED_AFTER_CHANGE";
export type ContactLogProof = "LOG_PROOF_UNSPECIFIED" | "NOT_PROVEN" | "PROVEN" | "REFUSED" | "DISPUTED" | "FORKED";
export type MessageKind =
  | "KIND_UNSPECIFIED"
  | "TEXT"
  | "UNKNOWN"
  | "TIMER"
  | "LOCATION"
  | "STICKER"
  | "VOICE_NOTE"
  | "CONTACT_CARD"
  | "POLL";
export type MessageState = "STATE_UNSPECIFIED" | "QUEUED" | "SENT" | "DELIVERED" | "FAILED" | "RECEIVED" | "READ";
export type AttachedFileState = "STATE_UNSPECIFIED" | "UPLOADING" | "HERE" | "REMOTE" | "DOWNLOADING" | "FAILED";
export type SystemLineKind =
  | "KIND_UNSPECIFIED"
  | "DEVICE_ADDED"
  | "DEVICE_REMOVED"
  | "KEY_CHANGED"
  | "KEY_ACCEPTED"
  | "VERIFIED"
  | "HANDLE_GIVEN_UP"
  | "ACCOUNT_RETIRED";
export type ConversationKind = "KIND_UNSPECIFIED" | "DIRECT" | "NOTES" | "GROUP" | "SMS";
export type GroupRole = "ROLE_UNSPECIFIED" | "MEMBER" | "ADMIN" | "OWNER";
export type StatusStage = "STAGE_UNSPECIFIED" | "UNREGISTERED" | "WAITING_FOR_LINK" | "READY" | "REMOVED" | "RETIRED";
export type LinkProgressStage = "STAGE_UNSPECIFIED" | "OFFERED" | "JOINED" | "CONFIRMED" | "LINKED" | "FAILED" | "PAUSED" | "SIGNED_IN";
export type VerificationProgressStage = "STAGE_UNSPECIFIED" | "STARTED" | "COMPARE" | "VERIFIED" | "FAILED";
export type NoticeKind =
  | "KIND_UNSPECIFIED"
  | "SIGN_IN_FAILED"
  | "SIGN_IN_LOCKED"
  | "SIGNED_IN"
  | "RECOVERY_SLOT_FETCHED"
  | "RECOVERY_SLOT_REFUSED"
  | "LINK_ATTEMPT"
  | "LINKING_PAUSED"
  | "DEVICE_ADDED"
  | "DEVICE_REMOVED"
  | "RECOVERY_REQUESTED"
  | "RECOVERY_CHANGED"
  | "RECOVERED";
export type RecoveryProgressStage = "STAGE_UNSPECIFIED" | "SLOT_OPENED" | "PUBLISHED" | "DONE" | "FAILED";
export type ConnectionStateState = "STATE_UNSPECIFIED" | "OFFLINE" | "AUTHENTICATED" | "DRAINED";
export type ProblemCode =
  | "CODE_UNSPECIFIED"
  | "NO_SUCH_USER"
  | "SERVER_IDENTITY_CHANGED"
  | "ACCOUNT_KEY_CHANGED"
  | "REGISTRATION_REFUSED"
  | "AUTHENTICATION_REFUSED"
  | "MANIFEST_REFUSED"
  | "UNDECRYPTABLE"
  | "CONTENT_REFUSED"
  | "MESSAGES_MISSING"
  | "DEVICE_REVOKED"
  | "UNSUPPORTED_SERVER"
  | "PREKEYS_REFUSED"
  | "PEER_STUCK"
  | "HANDLE_REFUSED"
  | "DEVICE_COPIED"
  | "LOG_FORKED"
  | "LOG_DISPUTED"
  | "LOG_PROOF_REFUSED"
  | "LOG_STALE"
  | "OWN_ENTRY_WRONG"
  | "WITNESSES_MISSING"
  | "HANDLE_GIVEN_UP"
  | "ACCOUNT_GONE"
  | "LINK_FAILED"
  | "SIGN_IN_REFUSED"
  | "RECOVERY_REFUSED"
  | "VERIFICATION_FAILED"
  | "RETIREMENT_REFUSED"
  | "GROUP_CHANGE_REFUSED"
  | "ATTACHMENT_REFUSED"
  | "SMS_REFUSED";
export type ProfileStateStage = "STAGE_UNSPECIFIED" | "NO_PROFILE" | "LOCKED" | "OPEN";
export type DownloadPolicyFrom = "FROM_UNSPECIFIED" | "NOBODY" | "KNOWN" | "EVERYBODY";

export interface Span {
  start?: number;
  length?: number;
  style?: SpanStyle;
  mention?: string;
}

export interface LinkPreview {
  url?: string;
  title?: string;
  description?: string;
}

export interface Location {
  latitude_e7?: number;
  longitude_e7?: number;
  accuracy_m?: number;
  name?: string;
  live_until_ms?: string;
}

export interface Sticker {
  emoji?: string;
  pack?: string;
}

export interface VoiceNote {
  duration_ms?: number;
  waveform?: string;
}

export interface Poll {
  question?: string;
  options?: string[];
  multiple?: boolean;
}

export interface ContactCard {
  name?: string;
  handle?: string;
  account?: string;
  phones?: string[];
  mails?: string[];
}

export interface SecurityState {
  channel?: SecurityStateChannel;
  end_to_end?: boolean;
  pq_level?: SecurityStatePqLevel;
  authentication?: SecurityStateAuthentication;
  verified_by?: Verification;
  last_rekey_ms?: string;
  transparency_size?: string;
}

export interface Contact {
  account?: string;
  handle?: string;
  claimed_handle?: string;
  fingerprint?: string;
  changed_fingerprint?: string;
  manifest_version?: string;
  devices?: Device[];
  security?: SecurityState;
  verified_by?: Verification;
  verified_ms?: string;
  retired_handle?: string;
  account_retired?: boolean;
  log_proof?: ContactLogProof;
}

export interface Device {
  device?: string;
  fingerprint?: string;
  name?: string;
  added_ms?: string;
  this_device?: boolean;
}

export interface Message {
  message_id?: string;
  conversation?: string;
  sender?: string;
  sender_device?: string;
  outgoing?: boolean;
  sent_ms?: string;
  received_ms?: string;
  body?: string;
  state?: MessageState;
  failure?: string;
  deliveries?: MessageDelivery[];
  security?: SecurityState;
  system?: SystemLine;
  kind?: MessageKind;
  reply_to?: MessageQuote;
  spans?: Span[];
  reactions?: MessageReaction[];
  earlier_texts?: MessageEarlierText[];
  edited_ms?: string;
  unsent?: boolean;
  expires_ms?: string;
  readings?: MessageReading[];
  read?: boolean;
  pinned?: boolean;
  location?: Location;
  poll?: MessagePollState;
  sticker?: Sticker;
  voice_note?: VoiceNote;
  contact_card?: MessageCard;
  preview?: LinkPreview;
  timer_s?: string;
  member_deliveries?: MessageMemberDelivery[];
  files?: AttachedFile[];
}

export interface MessageQuote {
  message_id?: string;
  sender?: string;
  body?: string;
  known?: boolean;
}

export interface MessageReaction {
  sender?: string;
  emoji?: string;
  time_ms?: string;
}

export interface MessageEarlierText {
  body?: string;
  time_ms?: string;
}

export interface MessageReading {
  reader?: string;
  time_ms?: string;
}

export interface MessagePollState {
  question?: string;
  options?: MessagePollStateOption[];
  multiple?: boolean;
  closed?: boolean;
}

export interface MessagePollStateOption {
  text?: string;
  voters?: string[];
}

export interface MessageCard {
  name?: string;
  handle?: string;
  account?: string;
  phones?: string[];
  mails?: string[];
}

export interface MessageMemberDelivery {
  account?: string;
  name?: string;
  state?: MessageState;
  failure?: string;
  delivered_ms?: string;
}

export interface MessageDelivery {
  device?: string;
  delivered_ms?: string;
}

export interface AttachedFile {
  name?: string;
  mime?: string;
  size?: string;
  state?: AttachedFileState;
  transferred?: string;
  stored_size?: string;
  failure?: string;
  thumbnail?: string;
  message_id?: string;
  conversation?: string;
  position?: number;
}

export interface SystemLine {
  kind?: SystemLineKind;
  devices?: string[];
}

export interface Conversation {
  conversation?: string;
  contact?: Contact;
  messages?: string;
  unread?: string;
  newest?: Message;
  security?: SecurityState;
  kind?: ConversationKind;
  settings?: ConversationSettings;
  draft?: string;
  title?: string;
}

export interface ConversationSettings {
  muted_until_ms?: string;
  read_receipts?: boolean;
  delivery_receipts?: boolean;
  typing?: boolean;
  pinned?: boolean;
  blocked?: boolean;
  name?: string;
  timer_s?: string;
}

export interface TypingState {
  conversation?: string;
  sender?: string;
  active?: boolean;
  until_ms?: string;
}

export interface Scheduled {
  message_id?: string;
  conversation?: string;
  due_ms?: string;
  body?: string;
}

export interface Erased {
  conversation?: string;
  message_id?: string;
}

export interface Group {
  group?: string;
  name?: string;
  member?: boolean;
  members?: GroupMember[];
  link?: boolean;
  timer_ms?: string;
  guests_allowed?: boolean;
  operations?: string;
  roster?: string;
  invite?: string;
}

export interface GroupMember {
  account?: string;
  name?: string;
  role?: GroupRole;
  fingerprint?: string;
}

export interface GroupRequest {
  group?: string;
  account?: string;
  name?: string;
  fingerprint?: string;
  time_ms?: string;
}

export interface Status {
  account?: string;
  device?: string;
  handle?: string;
  stage?: StatusStage;
  server?: string;
  server_fingerprint?: string;
  queued_messages?: string;
  held_envelopes?: string;
  devices?: string;
  tls_group?: string;
  sent_lately?: string;
  sent_insecurely_lately?: string;
}

export interface Event {
  message?: Message;
  registered?: Status;
  contact?: Contact;
  connection?: ConnectionState;
  own_devices?: ManifestChange;
  problem?: Problem;
  own_handles?: OwnHandles;
  link?: LinkProgress;
  verification?: VerificationProgress;
  notice?: Notice;
  recovery?: RecoveryProgress;
  typing?: TypingState;
  erased?: Erased;
  conversation?: Conversation;
  group?: Group;
  group_request?: GroupRequest;
  file?: AttachedFile;
}

export interface SmsPermission {
  number?: string;
  conversation?: string;
  allowed?: boolean;
  decided_ms?: string;
}

export interface OwnHandles {
  handles?: string[];
  code_sent_to?: string;
}

export interface LinkProgress {
  stage?: LinkProgressStage;
  code?: string;
  qr?: string;
  address?: string;
  name?: string;
  failure?: string;
  until_ms?: string;
}

export interface VerificationProgress {
  contact?: string;
  stage?: VerificationProgressStage;
  digits?: string;
  failure?: string;
  qr?: string;
}

export interface Notice {
  kind?: NoticeKind;
  time_ms?: string;
  detail?: string;
  address?: string;
}

export interface RecoveryProgress {
  stage?: RecoveryProgressStage;
  detail?: string;
  shares?: number;
  threshold?: number;
}

export interface RecoveryStatus {
  key?: boolean;
  key_drilled_ms?: string;
  contacts?: number;
  threshold?: number;
  contacts_confirmed?: number;
  other_devices?: number;
  independent_ways?: number;
}

export interface LogStatus {
  log_id?: string;
  size?: string;
  root?: string;
  head_ms?: string;
  witnesses?: number;
  witnesses_required?: number;
  self_audited_ms?: string;
  open_claims?: number;
  forked?: boolean;
}

export interface Witness {
  fingerprint?: string;
  added_ms?: string;
}

export interface ConnectionState {
  state?: ConnectionStateState;
  detail?: string;
}

export interface ManifestChange {
  version?: string;
  added?: string[];
  removed?: string[];
}

export interface Problem {
  code?: ProblemCode;
  detail?: string;
  subject?: string;
}

export interface CommandError {
  code?: string;
  message?: string;
  exit_code?: number;
}

export type Nothing = Record<string, never>;

export interface ProfileState {
  stage?: ProfileStateStage;
  status?: Status;
  connection?: ConnectionState;
  version?: string;
}

export interface Passphrase {
  passphrase?: string;
}

export interface RegisterRequest {
  username?: string;
  server?: string;
  pin?: string;
  invite?: string;
  device_name?: string;
}

export interface HandleRequest {
  handle?: string;
  code?: string;
}

export interface PasswordRequest {
  password?: string;
}

export interface DeregisterRequest {
  account?: boolean;
  abandon?: boolean;
}

export interface DeviceList {
  devices?: Device[];
}

export interface DeviceRequest {
  device?: string;
  name?: string;
}

export interface OfferLinkRequest {
  qr?: boolean;
}

export interface LinkRequest {
  server?: string;
  pin?: string;
  handle?: string;
  code?: string;
  password?: string;
  qr?: string;
  device_name?: string;
}

export interface ConversationRequest {
  conversation?: string;
}

export interface ConversationList {
  conversations?: Conversation[];
}

export interface HistoryRequest {
  conversation?: string;
  limit?: number;
  before?: string;
  after?: string;
  around?: string;
}

export interface MessagePage {
  messages?: Message[];
  more_before?: boolean;
  more_after?: boolean;
  position?: string;
  total?: string;
}

export interface TypingRequest {
  conversation?: string;
  active?: boolean;
}

export interface TimerRequest {
  conversation?: string;
  seconds?: string;
}

export interface SettingsRequest {
  conversation?: string;
  muted_until_ms?: string;
  read_receipts?: boolean;
  delivery_receipts?: boolean;
  typing?: boolean;
  pinned?: boolean;
  blocked?: boolean;
  name?: string;
}

export interface DraftRequest {
  conversation?: string;
  text?: string;
}

export interface SendRequest {
  conversation?: string;
  text?: string;
  markup?: boolean;
  reply_to?: string;
  expires_in_s?: string;
  preview?: LinkPreview;
  require?: string;
  files?: Upload[];
  location?: Location;
  poll?: Poll;
  contact_card?: ContactCard;
  sticker?: Sticker;
  voice_note?: VoiceNote;
  due_ms?: string;
  without_guests?: boolean;
}

export interface Upload {
  upload?: string;
  path?: string;
  name?: string;
  keep_metadata?: boolean;
}

export interface MessageRequest {
  conversation?: string;
  message_id?: string;
}

export interface EditRequest {
  conversation?: string;
  message_id?: string;
  text?: string;
  markup?: boolean;
}

export interface ReactRequest {
  conversation?: string;
  message_id?: string;
  emoji?: string;
}

export interface PinRequest {
  conversation?: string;
  message_id?: string;
  pinned?: boolean;
}

export interface VoteRequest {
  conversation?: string;
  message_id?: string;
  options?: number[];
}

export interface MoveLocationRequest {
  conversation?: string;
  message_id?: string;
  location?: Location;
}

export interface SearchRequest {
  words?: string;
  conversation?: string;
  sender?: string;
  since_ms?: string;
  until_ms?: string;
  kinds?: MessageKind[];
  has_files?: boolean;
  limit?: number;
}

export interface MessageList {
  messages?: Message[];
}

export interface ScheduledList {
  scheduled?: Scheduled[];
}

export interface ContactRequest {
  contact?: string;
}

export interface VerifyQrRequest {
  contact?: string;
  scanned?: string;
}

export interface AnswerDigitsRequest {
  contact?: string;
  same?: boolean;
}

export interface GroupList {
  groups?: Group[];
}

export interface GroupRef {
  group?: string;
}

export interface GroupPeopleRequest {
  group?: string;
  name?: string;
  people?: string[];
}

export interface GroupRoleRequest {
  group?: string;
  person?: string;
  role?: GroupRole;
}

export interface GroupSettingsRequest {
  group?: string;
  timer_s?: string;
  guests_allowed?: boolean;
}

export interface GroupLinkRequest {
  group?: string;
  renew?: boolean;
  withdraw?: boolean;
}

export interface GroupJoinRequest {
  link?: string;
}

export interface GroupRequestList {
  requests?: GroupRequest[];
}

export interface GroupDecision {
  group?: string;
  person?: string;
  approve?: boolean;
}

export interface FileList {
  files?: AttachedFile[];
}

export interface FileRequest {
  conversation?: string;
  message_id?: string;
  position?: number;
}

export interface DownloadPolicy {
  max_octets?: string;
  from?: DownloadPolicyFrom;
  metered?: boolean;
}

export interface SmsRequest {
  number?: string;
}

export interface SmsPermissionList {
  permissions?: SmsPermission[];
}

export interface RecoveryKey {
  key?: string;
}

export interface RecoveryContactsRequest {
  key?: string;
  contacts?: string[];
  threshold?: number;
  delay_s?: string;
}

export interface RecoverRequest {
  server?: string;
  pin?: string;
  handle?: string;
  key?: string;
  device_name?: string;
  keep_devices?: boolean;
}

export interface WitnessList {
  witnesses?: Witness[];
  required?: number;
}

export interface EventRecord {
  sequence?: string;
  time_ms?: string;
  event?: Event;
}

export interface SubscribeRequest {
  consumer?: string;
  since?: string;
}

export interface Subscription {
  since?: string;
  newest?: string;
  gap?: boolean;
  oldest?: string;
}

export interface ReadEventsRequest {
  consumer?: string;
  since?: string;
  limit?: number;
}

export interface EventPage {
  events?: EventRecord[];
  gap?: boolean;
  newest?: string;
}

export interface AcknowledgeRequest {
  consumer?: string;
  sequence?: string;
}

export interface Consumer {
  name?: string;
  acknowledged?: string;
  seen_ms?: string;
}

export interface ConsumerList {
  consumers?: Consumer[];
}

export interface ConsumerRef {
  name?: string;
}

export interface Webhook {
  name?: string;
  url?: string;
  secret?: string;
  acknowledged?: string;
  failures?: number;
  last_failure?: string;
}

export interface WebhookList {
  webhooks?: Webhook[];
}

// Parameters and result of each method.
export interface Methods {
  "profile.state": [Nothing, ProfileState];
  "profile.create": [Passphrase, ProfileState];
  "profile.unlock": [Passphrase, ProfileState];
  "profile.lock": [Nothing, ProfileState];
  "account.register": [RegisterRequest, Status];
  "account.status": [Nothing, Status];
  "account.handles": [Nothing, OwnHandles];
  "account.add_handle": [HandleRequest, OwnHandles];
  "account.prove_handle": [HandleRequest, OwnHandles];
  "account.remove_handle": [HandleRequest, OwnHandles];
  "account.set_password": [PasswordRequest, Nothing];
  "account.remove_password": [Nothing, Nothing];
  "account.deregister": [DeregisterRequest, Status];
  "devices.list": [Nothing, DeviceList];
  "devices.rename": [DeviceRequest, DeviceList];
  "devices.remove": [DeviceRequest, DeviceList];
  "devices.offer_link": [OfferLinkRequest, LinkProgress];
  "devices.withdraw_link": [Nothing, Nothing];
  "devices.link": [LinkRequest, LinkProgress];
  "conversations.list": [Nothing, ConversationList];
  "conversations.get": [ConversationRequest, Conversation];
  "conversations.open": [ConversationRequest, Conversation];
  "conversations.history": [HistoryRequest, MessagePage];
  "conversations.mark_read": [ConversationRequest, Conversation];
  "conversations.set_typing": [TypingRequest, Nothing];
  "conversations.set_timer": [TimerRequest, Conversation];
  "conversations.change_settings": [SettingsRequest, Conversation];
  "conversations.set_draft": [DraftRequest, Conversation];
  "messages.send": [SendRequest, Message];
  "messages.get": [MessageRequest, Message];
  "messages.edit": [EditRequest, Message];
  "messages.unsend": [MessageRequest, Message];
  "messages.erase": [MessageRequest, Nothing];
  "messages.react": [ReactRequest, Message];
  "messages.pin": [PinRequest, Message];
  "messages.vote": [VoteRequest, Message];
  "messages.close_poll": [MessageRequest, Message];
  "messages.move_location": [MoveLocationRequest, Message];
  "messages.search": [SearchRequest, MessageList];
  "messages.schedule": [SendRequest, Scheduled];
  "messages.list_scheduled": [Nothing, ScheduledList];
  "messages.cancel_scheduled": [MessageRequest, Nothing];
  "contacts.get": [ContactRequest, Contact];
  "contacts.look_up": [ContactRequest, Contact];
  "contacts.accept_key": [ContactRequest, Contact];
  "contacts.show_qr": [ContactRequest, VerificationProgress];
  "contacts.verify_by_qr": [VerifyQrRequest, VerificationProgress];
  "contacts.start_digits": [ContactRequest, VerificationProgress];
  "contacts.answer_digits": [AnswerDigitsRequest, VerificationProgress];
  "contacts.withdraw_verification": [ContactRequest, Contact];
  "groups.list": [Nothing, GroupList];
  "groups.get": [GroupRef, Group];
  "groups.create": [GroupPeopleRequest, Group];
  "groups.add": [GroupPeopleRequest, Group];
  "groups.remove": [GroupPeopleRequest, Group];
  "groups.leave": [GroupRef, Group];
  "groups.rename": [GroupPeopleRequest, Group];
  "groups.set_role": [GroupRoleRequest, Group];
  "groups.change_settings": [GroupSettingsRequest, Group];
  "groups.link": [GroupLinkRequest, Group];
  "groups.join": [GroupJoinRequest, Nothing];
  "groups.requests": [GroupRef, GroupRequestList];
  "groups.decide": [GroupDecision, Group];
  "files.list": [ConversationRequest, FileList];
  "files.download": [FileRequest, AttachedFile];
  "files.policy": [Nothing, DownloadPolicy];
  "files.set_policy": [DownloadPolicy, DownloadPolicy];
  "sms.list": [Nothing, SmsPermissionList];
  "sms.allow": [SmsRequest, SmsPermission];
  "sms.forbid": [SmsRequest, SmsPermission];
  "recovery.status": [Nothing, RecoveryStatus];
  "recovery.make_key": [Nothing, RecoveryKey];
  "recovery.confirm_key": [RecoveryKey, RecoveryStatus];
  "recovery.drill_key": [RecoveryKey, RecoveryStatus];
  "recovery.remove": [Nothing, RecoveryStatus];
  "recovery.set_contacts": [RecoveryContactsRequest, RecoveryStatus];
  "recovery.drill_contacts": [Nothing, RecoveryStatus];
  "recovery.recover": [RecoverRequest, Status];
  "log.status": [Nothing, LogStatus];
  "log.witnesses": [Nothing, WitnessList];
  "events.subscribe": [SubscribeRequest, Subscription];
  "events.unsubscribe": [Nothing, Nothing];
  "events.read": [ReadEventsRequest, EventPage];
  "events.acknowledge": [AcknowledgeRequest, Consumer];
  "events.consumers": [Nothing, ConsumerList];
  "events.forget": [ConsumerRef, ConsumerList];
  "webhooks.list": [Nothing, WebhookList];
  "webhooks.add": [Webhook, Webhook];
  "webhooks.remove": [Webhook, WebhookList];
}
