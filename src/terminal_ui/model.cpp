#include "terminal_ui/model.h"

#include <algorithm>

#include "client/conversations/text_rules.h"
#include "terminal_ui/layout.h"

namespace sotto::terminal_ui {
namespace {

std::vector<v1::Conversation> records_of(v1::ConversationList list) {
  return {std::make_move_iterator(list.mutable_conversations()->begin()),
          std::make_move_iterator(list.mutable_conversations()->end())};
}

/// Also where somebody's handle was confirmed meanwhile, after which the conversation is called.
bool is_same(const v1::Conversation& one, const v1::Conversation& other) {
  if (one.conversation() == other.conversation()) return true;
  return !one.contact().account().empty() && one.contact().account() == other.contact().account();
}

bool is_unread(const v1::Message& message) { return !message.outgoing() && !message.read(); }

}  // namespace

Model::Model() : composer_(client::kMaxText, true), prompt_(client::kMaxLine, false) {}

void Model::resize(Extent extent) {
  extent_ = {std::clamp(extent.rows, kSmallest.rows, kLargest.rows),
             std::clamp(extent.columns, kSmallest.columns, kLargest.columns)};
  timeline_.fit_into(timeline_extent());
  if (current_) after_scroll();
}

Extent Model::timeline_extent() const {
  const int columns = layout_of(extent_, 1, false).messages.columns;
  const auto written = static_cast<int>(composer_.view(columns - 3).lines.size());
  const Area area = layout_of(extent_, written, false).messages;
  return {std::max(1, area.rows), std::max(4, area.columns - 2)};
}

void Model::take_lists(v1::ConversationList conversations, v1::ConversationList requests) {
  const std::uint64_t unread_before = unmuted();
  conversations_ = records_of(std::move(conversations));
  requests_ = records_of(std::move(requests));
  ring_for_news(unread_before);
  const auto all = items();
  const auto open =
      std::ranges::find_if(all, [this](const auto* item) { return current_ && is_same(*item, *current_); });
  if (open != all.end()) take_current(**open);
  const auto is_cursor = [this](const auto* item) { return item->conversation() == cursor_; };
  if (std::ranges::any_of(all, is_cursor)) return;
  cursor_ = current_ ? current_->conversation() : all.empty() ? std::string() : all.front()->conversation();
}

void Model::take_current(v1::Conversation conversation) {
  if (!current_ || !is_same(conversation, *current_)) return;
  if (cursor_ == current_->conversation()) cursor_ = conversation.conversation();
  timeline_.rename(conversation.conversation());
  current_ = std::move(conversation);
  if (current_->draft() == known_draft_) return;
  known_draft_ = current_->draft();
  const bool untouched = composer_.text() == stored_draft_ && edited_.empty();
  if (untouched && stored_draft_ != known_draft_) take_draft();
}

void Model::take_page(v1::MessagePage page) {
  const int had = timeline_.page().messages_size();
  const std::string newest = had == 0 ? std::string() : timeline_.page().messages(had - 1).message_id();
  if (had == 0) {
    const auto first = std::ranges::find_if(page.messages(), is_unread);
    if (first != page.messages().end()) timeline_.mark_new(first->message_id());
  }
  timeline_.take(std::move(page), timeline_extent());
  const auto& messages = timeline_.page().messages();
  if (messages.empty() || messages.rbegin()->message_id() == newest) return mark_read();
  if (!messages.rbegin()->outgoing()) typing_.erase(timeline_.conversation());
  mark_read();
}

void Model::lose_place() { timeline_.lose_place(); }

void Model::take_found(v1::MessageList found) {
  found_.assign(std::make_move_iterator(found.mutable_messages()->begin()),
                std::make_move_iterator(found.mutable_messages()->end()));
  found_cursor_ = 0;
}

void Model::opened(const v1::Conversation& conversation) {
  show(conversation.conversation());
  if (current_) return;
  current_ = conversation;  // nothing was said there yet, so it is in no list
  take_draft();
  look();
}

void Model::give_back(const v1::SendRequest& request) {
  const bool here = current_ && current_->conversation() == request.conversation();
  if (here && composer_.empty() && edited_.empty()) composer_.set(request.text());
}

void Model::take_typing(const v1::TypingState& typing) {
  if (typing.active()) {
    typing_[typing.conversation()] = typing;
  } else {
    typing_.erase(typing.conversation());
  }
}

void Model::remark(std::string words, bool stays) {
  // What was of the moment gives way to what came of it.
  if (!stays && !remarks_.empty() && !remarks_.back().stays) remarks_.pop_back();
  if (remarks_.size() == kMaxRemarks) remarks_.pop_front();
  remarks_.push_back({std::move(words), stays});
}

void Model::look() {
  if (!current_) return;
  std::erase_if(wishes_, [](const Wish& each) { return std::holds_alternative<Look>(each); });
  wish(Look{timeline_.wanted(timeline_extent())});
}

const v1::Conversation* Model::at_cursor() const {
  for (const auto* item : items()) {
    if (item->conversation() == cursor_) return item;
  }
  return nullptr;
}

std::vector<const v1::Conversation*> Model::items() const {
  std::vector<const v1::Conversation*> out;
  for (const auto& request : requests_) out.push_back(&request);
  for (const auto& conversation : conversations_) out.push_back(&conversation);
  return out;
}

std::string Model::typing(UnixMs now) const {
  if (!current_) return {};
  const auto found = typing_.find(current_->conversation());
  return found == typing_.end() || found->second.until_ms() <= now.value ? std::string()
                                                                         : found->second.sender();
}

std::uint64_t Model::unread() const {
  std::uint64_t all = 0;
  for (const auto& conversation : conversations_) all += conversation.unread();
  return all;
}

std::string Model::title_of(const std::string& conversation) const {
  for (const auto* item : items()) {
    if (item->conversation() != conversation) continue;
    if (!item->settings().name().empty()) return item->settings().name();
    return item->title().empty() ? short_name(conversation) : "#" + item->title();
  }
  return short_name(conversation);
}

void Model::show(const std::string& conversation) {
  leave();
  answered_.reset();
  edited_.clear();
  marked_.clear();
  current_.reset();
  for (const auto* item : items()) {
    if (item->conversation() == conversation) current_ = *item;
  }
  cursor_ = conversation;
  timeline_.open(conversation);
  take_draft();
  focus_ = current_ && current_->request() ? Focus::timeline : Focus::composer;
  look();
}

void Model::leave() {
  stop_typing();
  keep_draft();
}

void Model::keep_draft() {
  if (!current_ || current_->request() || !edited_.empty() || composer_.text() == stored_draft_) return;
  v1::DraftRequest request;
  request.set_conversation(current_->conversation());
  request.set_text(composer_.text());
  stored_draft_ = composer_.text();
  wish(KeepDraft{std::move(request)});
}

void Model::take_draft() {
  known_draft_ = current_ ? current_->draft() : std::string();
  stored_draft_ = known_draft_;
  composer_.set(stored_draft_);
}

void Model::mark_read() {
  const bool shown = mode_ != Mode::search && (extent_.columns >= kTwoPanes || focus_ != Focus::list);
  const auto& messages = timeline_.page().messages();
  // What was seen of a request is told when it is accepted.
  if (!current_ || current_->request() || !attended_ || !shown || messages.empty() || !timeline_.at_end())
    return;
  const std::string& newest = messages.rbegin()->message_id();
  const bool unread = current_->unread() > 0 || std::ranges::any_of(messages, is_unread);
  if (!unread || newest == marked_) return;
  marked_ = newest;
  wish(MarkRead{current_->conversation()});
}

std::uint64_t Model::unmuted() const {
  std::uint64_t all = 0;
  for (const auto& each : conversations_) {
    const bool before_the_eyes = attended_ && current_ && current_->conversation() == each.conversation();
    if (each.settings().muted_until_ms() <= now_.value && !before_the_eyes) all += each.unread();
  }
  return all;
}

void Model::ring_for_news(std::uint64_t unread_before) {
  if (std::exchange(listed_, true) && unmuted() > unread_before) wish(Ring{});
}

void Model::wrote() {
  wrote_at_ = now_;
  if (!current_ || current_->request() || !edited_.empty()) return;
  if (told_typing_ == current_->conversation() && elapsed(told_at_, now_) < kTypingAgain) return;
  told_typing_ = current_->conversation();
  told_at_ = now_;
  v1::TypingRequest request;
  request.set_conversation(told_typing_);
  request.set_active(true);
  wish(TellTyping{std::move(request)});
}

void Model::stop_typing() {
  if (told_typing_.empty()) return;
  v1::TypingRequest request;
  request.set_conversation(std::exchange(told_typing_, {}));
  request.set_active(false);
  wish(TellTyping{std::move(request)});
}

void Model::tick(UnixMs now) {
  now_ = now;
  if (elapsed(wrote_at_, now_) >= kTypingAgain) stop_typing();
  if (elapsed(wrote_at_, now_) >= kDraftRests) keep_draft();
}

void Model::after_scroll() {
  if (timeline_.wants_more(timeline_extent())) look();
  mark_read();
}

v1::MessageRequest Model::about(const v1::Message& message) const {
  v1::MessageRequest request;
  request.set_conversation(timeline_.conversation());
  request.set_message_id(message.message_id());
  return request;
}

void Model::ask(std::string words, Wish wish) {
  question_ = Question{std::move(words), std::move(wish)};
  mode_ = Mode::confirm;
}

void Model::enter_mode(Mode mode) {
  mode_ = mode;
  prompt_.set({});
  found_.clear();
  found_cursor_ = 0;
}

}  // namespace sotto::terminal_ui
