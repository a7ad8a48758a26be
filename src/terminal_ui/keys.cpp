// What keys do; the rest of model.h is in model.cpp.
#include <algorithm>
#include <array>

#include "terminal_ui/layout.h"
#include "terminal_ui/model.h"
#include "terminal_ui/text.h"

namespace sotto::terminal_ui {
namespace {

constexpr DurationMs kMuted = hours(8);
/// Reactions of one key each.
constexpr std::array kReactions = {"\U0001F44D", "\u2764\uFE0F", "\U0001F602",
                                   "\U0001F62E", "\U0001F622",   "\U0001F64F"};
/// Shorter words are found too often to be looked for at every key.
constexpr std::size_t kSearched = 2;

bool is_older(const Key& key) { return key.name == KeyName::up || key.is_text("k"); }
bool is_newer(const Key& key) { return key.name == KeyName::down || key.is_text("j"); }

}  // namespace

void Model::press(const Key& key, UnixMs now) {
  now_ = now;
  if (key.name == KeyName::focus_in || key.name == KeyName::focus_out) {
    attended_ = key.name == KeyName::focus_in;
    return mark_read();
  }
  if (key.name == KeyName::paste_begin || key.name == KeyName::paste_end) {
    pasting_ = key.name == KeyName::paste_begin;
    return;
  }
  while (!remarks_.empty() && !remarks_.front().stays) remarks_.pop_front();
  if (pasting_ && mode_ == Mode::normal && focus_ != Focus::composer) return;  // not a row of commands
  if (mode_ != Mode::normal) return press_in_mode(key);
  if (!pasting_ && press_anywhere(key)) return;
  switch (focus_) {
    case Focus::list: return press_in_list(key);
    case Focus::timeline: return press_in_timeline(key);
    case Focus::composer: return press_in_composer(key);
  }
}

bool Model::press_anywhere(const Key& key) {
  const Extent shown = timeline_extent();
  const int page = std::max(1, shown.rows - 2);
  if (key.is_control('c') || key.is_control('q')) {
    leave();
    wish(Quit{});
  } else if (key.is_control('z')) {
    leave();
    wish(Suspend{});
  } else if (key.is_control('l')) {
    wish(Redraw{});
  } else if (key.is_control('f')) {
    enter_mode(Mode::search);
  } else if (key.is_control('o')) {
    enter_mode(Mode::open);
  } else if (key.name == KeyName::help || (focus_ != Focus::composer && key.is_text("?"))) {
    enter_mode(Mode::help);
  } else if (current_ && (key.name == KeyName::page_up || key.name == KeyName::page_down)) {
    timeline_.scroll(key.name == KeyName::page_up ? page : -page, shown);
    after_scroll();
  } else if (key.is_control('n') || key.name == KeyName::alt_down) {
    step_conversation(1);
  } else if (key.is_control('p') || key.name == KeyName::alt_up) {
    step_conversation(-1);
  } else if (key.name == KeyName::tab && current_) {
    focus_ = focus_ == Focus::list ? Focus::composer : Focus::list;
    timeline_.unselect();
    mark_read();
  } else if (key.name == KeyName::escape) {
    escape();
  } else {
    return false;
  }
  return true;
}

void Model::escape() {
  if (!remarks_.empty()) {
    remarks_.pop_front();
  } else if (answered_) {
    answered_.reset();
  } else if (!edited_.empty()) {
    edited_.clear();
    composer_.set(stored_draft_);
  } else if (focus_ == Focus::timeline && current_ && !current_->request()) {
    timeline_.unselect();
    focus_ = Focus::composer;
  } else {
    timeline_.unselect();
    focus_ = Focus::list;
  }
}

void Model::move_cursor(int by) {
  const auto all = items();
  if (all.empty()) return;
  const auto here =
      std::ranges::find_if(all, [this](const auto* item) { return item->conversation() == cursor_; });
  const auto at = here == all.end() ? 0 : static_cast<int>(here - all.begin());
  const auto last = static_cast<int>(all.size()) - 1;
  cursor_ = all[static_cast<std::size_t>(std::clamp(at + by, 0, last))]->conversation();
}

void Model::step_conversation(int by) {
  move_cursor(by);
  if (!cursor_.empty() && (!current_ || cursor_ != current_->conversation())) show(cursor_);
}

void Model::press_in_list(const Key& key) {
  const int page = std::max(1, extent_.rows / 2);
  if (is_older(key)) return move_cursor(-1);
  if (is_newer(key)) return move_cursor(1);
  if (key.name == KeyName::home) return move_cursor(-static_cast<int>(items().size()));
  if (key.name == KeyName::end) return move_cursor(static_cast<int>(items().size()));
  if (key.name == KeyName::page_up) return move_cursor(-page);
  if (key.name == KeyName::page_down) return move_cursor(page);
  if (key.is_text("/")) return enter_mode(Mode::search);
  if (key.is_text("n")) return enter_mode(Mode::open);
  const v1::Conversation* item = at_cursor();
  if (item == nullptr) return;
  if (key.name == KeyName::enter || key.name == KeyName::right) return show(item->conversation());
  press_about_item(key, *item);
}

void Model::press_about_item(const Key& key, const v1::Conversation& item) {
  const std::string who = title_of(item.conversation());
  if (item.request()) {
    if (key.is_text("a")) wish(Decide{Decide::What::accept, item.conversation()});
    if (key.is_text("d")) {
      ask("Delete the request of " + who + ", with what it says?",
          Decide{Decide::What::remove, item.conversation()});
    }
    if (key.is_text("b")) {
      ask("Block " + who + "? The request goes, and nothing of them is taken in any more.",
          Decide{Decide::What::block, item.conversation()});
    }
    return;
  }
  v1::SettingsRequest request;
  request.set_conversation(item.conversation());
  if (key.is_text("p")) {
    request.set_pinned(!item.settings().pinned());
    wish(Change{request});
  } else if (key.is_text("m")) {
    const bool muted = item.settings().muted_until_ms() > now_.value;
    request.set_muted_until_ms(muted ? 0 : (now_ + kMuted).value);
    wish(Change{request});
    remark(muted ? who + " is not muted any more." : who + " is muted for 8 hours.");
  }
}

void Model::press_in_timeline(const Key& key) {
  const Extent shown = timeline_extent();
  if (is_older(key)) {
    timeline_.select_older(shown);
    return after_scroll();
  }
  if (key.name == KeyName::end) {
    timeline_.to_end();
    return look();
  }
  if (is_newer(key)) {
    const auto* before = timeline_.selected();
    timeline_.select_newer(shown);
    if (before == timeline_.selected() && timeline_.at_end() && current_ && !current_->request()) {
      timeline_.unselect();
      focus_ = Focus::composer;
    }
    return after_scroll();
  }
  if (current_ && current_->request()) return press_about_item(key, *current_);
  if (const auto* message = timeline_.selected()) press_about_message(key, *message);
}

void Model::press_about_message(const Key& key, const v1::Message& message) {
  if (message.has_system()) return;
  if (key.is_text("r") || key.name == KeyName::enter) {
    answered_ = message;
    focus_ = Focus::composer;
    timeline_.unselect();
  } else if (key.is_text("t")) {
    enter_mode(Mode::react);
  } else if (key.is_text("f")) {
    enter_mode(Mode::forward);
  } else if (key.is_text("l")) {
    wish(RevealLinks{about(message)});
  } else if (key.is_text("x")) {
    ask("Erase this message from your devices? Others keep theirs.", Erase{about(message)});
  } else if (!message.outgoing()) {
    return;
  } else if (key.is_text("u")) {
    ask("Take this message back from everybody?", Unsend{about(message)});
  } else if (key.is_text("e") && message.kind() == v1::Message::TEXT && !message.unsent()) {
    leave();
    edited_ = message.message_id();
    composer_.set(message.body());
    focus_ = Focus::composer;
    timeline_.unselect();
  }
}

void Model::press_in_composer(const Key& key) {
  const Extent shown = timeline_extent();
  const int width = shown.columns - 1;
  if (!current_) {
    focus_ = Focus::list;
  } else if (key.name == KeyName::text || (pasting_ && key.name == KeyName::enter) ||
             key.name == KeyName::alt_enter || key.is_control('j')) {
    if (!composer_.insert(key.name == KeyName::text ? key.text : "\n"))
      remark("A message has at most 16 KiB.");
    wrote();
  } else if (pasting_) {
    return;
  } else if (key.name == KeyName::enter) {
    send();
  } else if (key.is_control('d') && composer_.empty()) {
    leave();
    wish(Quit{});
  } else if (key.name == KeyName::up && !composer_.move_line(false, width)) {
    focus_ = Focus::timeline;
    timeline_.select_older(shown);
    after_scroll();
  } else if (key.name == KeyName::down) {
    composer_.move_line(true, width);
  } else if (composer_.press(key)) {
    wrote_at_ = now_;
    if (composer_.empty()) stop_typing();
  }
  timeline_.scroll(0, timeline_extent());
}

void Model::send() {
  if (current_->request()) return remark("Accept the request first: Escape, then a.");
  if (composer_.text().find_first_not_of(" \n") == std::string::npos) return;
  if (!edited_.empty()) {
    v1::EditRequest request;
    request.set_conversation(current_->conversation());
    request.set_message_id(std::exchange(edited_, {}));
    request.set_text(composer_.take());
    wish(Edit{std::move(request)});
    return composer_.set(stored_draft_);
  }
  v1::SendRequest request;
  request.set_conversation(current_->conversation());
  request.set_text(composer_.take());
  if (answered_) request.set_reply_to(answered_->message_id());
  answered_.reset();
  told_typing_.clear();  // the message says that the writing is over
  wish(Send{std::move(request)});
  keep_draft();
  timeline_.to_end();
  look();
}

void Model::press_in_mode(const Key& key) {
  if (key.is_control('c')) {
    mode_ = Mode::normal;
    leave();
    return wish(Quit{});
  }
  if (key.name == KeyName::escape) {
    question_.reset();
    mode_ = Mode::normal;
    return mark_read();
  }
  switch (mode_) {
    case Mode::search: return press_in_search(key);
    case Mode::confirm: return press_in_question(key);
    case Mode::open:
    case Mode::react:
    case Mode::forward: return press_in_prompt(key);
    default: mode_ = Mode::normal;
  }
}

void Model::press_in_search(const Key& key) {
  const std::size_t last = found_.empty() ? 0 : found_.size() - 1;
  if (key.name == KeyName::up) {
    found_cursor_ -= found_cursor_ > 0 ? 1 : 0;
  } else if (key.name == KeyName::down) {
    found_cursor_ = std::min(found_cursor_ + 1, last);
  } else if (key.name == KeyName::enter && !pasting_) {
    jump();
  } else if (key.name == KeyName::tab || key.is_control('f')) {
    searches_here_ = !searches_here_ && current_.has_value();
    search();
  } else if (key.name == KeyName::text ? prompt_.insert(key.text) : prompt_.press(key)) {
    search();
  }
}

void Model::search() {
  found_.clear();
  found_cursor_ = 0;
  if (prompt_.text().size() < kSearched) return;
  v1::SearchRequest request;
  request.set_words(prompt_.text());
  request.set_limit(kMaxFound);
  if (searches_here_ && current_) request.set_conversation(current_->conversation());
  wish(Find{std::move(request)});
}

void Model::jump() {
  if (found_cursor_ >= found_.size()) return search();
  const v1::Message hit = found_[found_cursor_];
  mode_ = Mode::normal;
  if (!current_ || current_->conversation() != hit.conversation()) show(hit.conversation());
  timeline_.to_message(hit.message_id());
  focus_ = Focus::timeline;
  look();
}

void Model::press_in_prompt(const Key& key) {
  if (key.name == KeyName::enter && !pasting_) {
    const std::string typed = prompt_.take();
    const Mode mode = std::exchange(mode_, Mode::normal);
    const auto* message = timeline_.selected();
    if (mode == Mode::open) {
      if (!typed.empty()) wish(Open{typed});
    } else if (message != nullptr && (mode == Mode::react || !typed.empty())) {
      wish(said_of(*message, typed, mode));
    }
  } else if (key.name == KeyName::text) {
    prompt_.insert(key.text);
  } else {
    prompt_.press(key);
  }
}

Wish Model::said_of(const v1::Message& message, const std::string& typed, Mode mode) const {
  if (mode == Mode::forward) {
    Forward forward;
    forward.request.set_conversation(timeline_.conversation());
    forward.request.set_message_id(message.message_id());
    forward.request.set_to(typed);
    return forward;
  }
  const bool one = typed.size() == 1 && typed[0] >= '1' && typed[0] <= '6';
  React react;
  react.request.set_conversation(timeline_.conversation());
  react.request.set_message_id(message.message_id());
  react.request.set_emoji(one ? kReactions[static_cast<std::size_t>(typed[0] - '1')] : typed);
  return react;
}

void Model::press_in_question(const Key& key) {
  if (!key.is_text("y") && !key.is_text("n") && key.name != KeyName::enter) return;
  mode_ = Mode::normal;
  auto asked = std::exchange(question_, std::nullopt);
  if (!key.is_text("y") || !asked) return;
  const auto* decided = std::get_if<Decide>(&asked->wish);
  if (decided != nullptr && current_ && current_->conversation() == decided->conversation) {
    current_.reset();
    timeline_.open({});
    take_draft();
    focus_ = Focus::list;
  }
  wish(std::move(asked->wish));
}

}  // namespace sotto::terminal_ui
