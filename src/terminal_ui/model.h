// Everything the full-screen chat knows: keys and the client's answers in, wishes out. Not concerned with
// terminals (terminal.h), with how it looks (screen.h), or with how a wish is fulfilled.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "clock/clock.h"
#include "sotto/v1/client_service.pb.h"
#include "terminal_ui/composer.h"
#include "terminal_ui/key.h"
#include "terminal_ui/timeline.h"
#include "terminal_ui/wish.h"

namespace sotto::terminal_ui {

enum class Focus : std::uint8_t { list, timeline, composer };
/// What takes the keys instead of the panes.
enum class Mode : std::uint8_t { normal, search, open, react, forward, confirm, help };

/// Hits that are shown; who has more types another word.
inline constexpr std::uint32_t kMaxFound = 50;
/// Remarks that wait to be seen; the oldest goes.
inline constexpr std::size_t kMaxRemarks = 20;
/// Typing is told again after that long, and a draft kept after that long without a key.
inline constexpr DurationMs kTypingAgain = seconds(8);
inline constexpr DurationMs kDraftRests = seconds(3);

/// What a question is about, and what is wished for if the answer is yes.
struct Question {
  std::string words;
  Wish wish;
};
struct Remark {
  std::string words;
  bool stays = false;  ///< until Escape; else until the next key
};

class Model {
 public:
  Model();

  // What happens.
  void resize(Extent extent);
  void press(const Key& key, UnixMs now);
  /// Time passed.
  void tick(UnixMs now);
  /// Before the end, and before the terminal is given away: what is being written is kept.
  void leave();
  /// In the order in which they are to be fulfilled.
  std::vector<Wish> take_wishes() { return std::exchange(wishes_, {}); }

  // What the client answers.
  void take_lists(v1::ConversationList conversations, v1::ConversationList requests);
  /// The record of the open conversation, which may be in no list.
  void take_current(v1::Conversation conversation);
  void take_page(v1::MessagePage page);
  void lose_place();
  void take_found(v1::MessageList found);
  void opened(const v1::Conversation& conversation);
  void give_back(const v1::SendRequest& request);
  void take_typing(const v1::TypingState& typing);
  void remark(std::string words, bool stays = false);
  void set_connection(std::string words) { connection_ = std::move(words); }
  void set_self(std::string name) { self_ = std::move(name); }
  /// Asks for the open conversation's messages as they are now.
  void look();

  // What is to be shown.
  [[nodiscard]] Extent extent() const { return extent_; }
  [[nodiscard]] Mode mode() const { return mode_; }
  [[nodiscard]] Focus focus() const { return focus_; }
  [[nodiscard]] const std::string& self() const { return self_; }
  [[nodiscard]] const std::string& connection() const { return connection_; }
  [[nodiscard]] const std::vector<v1::Conversation>& requests() const { return requests_; }
  [[nodiscard]] const std::vector<v1::Conversation>& conversations() const { return conversations_; }
  /// Requests first; empty: nothing is listed.
  [[nodiscard]] const v1::Conversation* at_cursor() const;
  [[nodiscard]] const std::string& cursor() const { return cursor_; }
  [[nodiscard]] const std::optional<v1::Conversation>& current() const { return current_; }
  [[nodiscard]] const Timeline& timeline() const { return timeline_; }
  [[nodiscard]] const Composer& composer() const { return composer_; }
  [[nodiscard]] const Composer& prompt() const { return prompt_; }
  [[nodiscard]] const std::vector<v1::Message>& found() const { return found_; }
  [[nodiscard]] std::size_t found_cursor() const { return found_cursor_; }
  [[nodiscard]] bool searches_here() const { return searches_here_; }
  [[nodiscard]] const std::optional<Question>& question() const { return question_; }
  [[nodiscard]] const std::deque<Remark>& remarks() const { return remarks_; }
  [[nodiscard]] const std::optional<v1::Message>& answered() const { return answered_; }
  [[nodiscard]] bool edits() const { return !edited_.empty(); }
  /// Who writes to the open conversation; empty: nobody.
  [[nodiscard]] std::string typing(UnixMs now) const;
  [[nodiscard]] std::uint64_t unread() const;
  [[nodiscard]] UnixMs now() const { return now_; }
  /// What the title of a conversation is, wherever it is listed.
  [[nodiscard]] std::string title_of(const std::string& conversation) const;

 private:
  void wish(Wish wish) { wishes_.push_back(std::move(wish)); }
  void show(const std::string& conversation);
  void keep_draft();
  void take_draft();
  void mark_read();
  void ring_for_news(std::uint64_t unread_before);
  [[nodiscard]] std::uint64_t unmuted() const;
  void wrote();
  void stop_typing();
  void after_scroll();
  [[nodiscard]] Extent timeline_extent() const;
  [[nodiscard]] Wish said_of(const v1::Message& message, const std::string& typed, Mode mode) const;
  [[nodiscard]] v1::MessageRequest about(const v1::Message& message) const;
  void ask(std::string words, Wish wish);
  void enter_mode(Mode mode);

  // By what takes the key; true: it did (keys.cpp).
  bool press_anywhere(const Key& key);
  void press_in_list(const Key& key);
  void press_in_timeline(const Key& key);
  void press_in_composer(const Key& key);
  void press_in_mode(const Key& key);
  void press_in_search(const Key& key);
  void press_in_prompt(const Key& key);
  void press_in_question(const Key& key);
  void press_about_message(const Key& key, const v1::Message& message);
  void press_about_item(const Key& key, const v1::Conversation& item);
  void escape();
  void move_cursor(int by);
  void step_conversation(int by);
  void send();
  void search();
  void jump();
  [[nodiscard]] std::vector<const v1::Conversation*> items() const;

  Extent extent_ = kSmallest;
  Mode mode_ = Mode::normal;
  Focus focus_ = Focus::list;
  std::string self_;
  std::string connection_;
  std::vector<v1::Conversation> conversations_;
  std::vector<v1::Conversation> requests_;
  std::string cursor_;  ///< conversation in the list
  std::optional<v1::Conversation> current_;
  Timeline timeline_;
  Composer composer_;
  Composer prompt_;  ///< one line: what is looked for, whom to write to, a reaction
  std::vector<v1::Message> found_;
  std::size_t found_cursor_ = 0;
  bool searches_here_ = false;
  std::optional<Question> question_;
  std::deque<Remark> remarks_;
  std::map<std::string, v1::TypingState> typing_;
  std::optional<v1::Message> answered_;  ///< by what is being written
  std::string edited_;                   ///< id of the message whose new text is being written
  std::string stored_draft_;             ///< as this model gave it away last, or got it
  std::string known_draft_;              ///< as the record has it
  std::string marked_;                   ///< newest message when the conversation was last marked as read
  std::string told_typing_;              ///< conversation to which typing was told
  UnixMs told_at_;
  UnixMs wrote_at_;
  UnixMs now_;
  bool listed_ = false;  ///< once
  bool pasting_ = false;
  bool attended_ = true;  ///< the terminal's window has the focus, as far as it says
  std::vector<Wish> wishes_;
};

}  // namespace sotto::terminal_ui
