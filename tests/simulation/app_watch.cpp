#include "app_watch.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "bytes/hex.h"
#include "client/conversations/conversation.h"

namespace sotto::simulation {
namespace {

std::string own_account(DeviceMachine& device) { return to_hex(device.core().self()->account_id().view()); }

std::optional<std::size_t> number_behind(std::string_view text, std::string_view mark) {
  const std::size_t at = text.find(mark);
  if (at == std::string_view::npos) return std::nullopt;
  text.remove_prefix(at + mark.size());
  std::size_t number = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), number).ec != std::errc()) return std::nullopt;
  return number;
}

}  // namespace

std::string AppWatch::address(const std::string& app, DeviceMachine& device, const std::string& place,
                              UnixMs now) {
  const auto& self = *device.core().self();
  said_.push_back(
      {.app = app, .account = own_account(device), .handle = self.handle, .place = place, .at = now});
  accounts_[own_account(device)] = self.handle;
  return fmt::format("/{} {}{}", app, kToApp, said_.size() - 1);
}

std::string AppWatch::answer(DeviceMachine& device, client::AppRow app) {
  const auto about = client::app_about(device.database(), *device.core().self(), app);
  answers_.push_back({.account = own_account(device), .to_all = about.may_send()});
  // What an app says to another is for nobody.
  const std::string_view to = answers_.size() % 2 == 0 ? "/calc " : "";
  return fmt::format("{}{}{}", to, kAppSays, answers_.size() - 1);
}

std::optional<std::size_t> AppWatch::number_of(std::string_view text) const {
  const auto number = text.starts_with(kToApp) ? number_behind(text, kToApp) : std::nullopt;
  return number && *number < said_.size() ? number : std::nullopt;
}

std::optional<std::string> AppWatch::note(const std::string& id, const Use& use) {
  const auto [known, fresh] = ids_.try_emplace(id, use);
  if (fresh) return std::nullopt;
  if (known->second.installation != use.installation) return "tells two apps the same id";
  if (known->second.of != use.of) return "tells an app one id for two";
  return std::nullopt;
}

bool AppWatch::would_tell(DeviceMachine& device, const std::string& app, const std::string& words) const {
  const auto row = client::find_app(device.database(), app);
  if (!row || !times_count_) return true;
  const auto page = client::messages_for_app(device.database(), *device.core().self(), *row,
                                             client::kMaxAppPage, device.now());
  if (!page) return false;
  const auto told = [&](const v1::AppMessage& message) { return words.ends_with(message.text()); };
  return page->messages_size() == static_cast<int>(client::kMaxAppPage) ||
         std::ranges::any_of(page->messages(), told);
}

bool AppWatch::know(DeviceMachine& device, const std::string& app, const std::string& user) {
  if (installed_.contains(user)) return true;
  const auto added = awaited_.extract({device.number(), app});
  if (!added) return false;
  accounts_[own_account(device)] = device.core().self()->handle;
  installed_.emplace(user, added.mapped());
  return true;
}

std::optional<std::string> AppWatch::wrong(DeviceMachine& device) {
  if (!device.ready()) return std::nullopt;
  auto& database = device.database();
  const auto& self = *device.core().self();
  for (const auto& app : client::app_records(database, self)) {
    const auto row = client::find_app(database, app.name());
    const auto about = client::app_about(database, self, *row);
    const auto page = client::messages_for_app(database, self, *row, client::kMaxAppPage, device.now());
    if (!page) return "cannot tell an app anything";
    if (!know(device, app.name(), about.user())) return "has an app that nobody added";
    if (auto what = note(about.user(), {about.user(), own_account(device)})) return what;
    std::string told = about.user();
    for (const auto& message : page->messages()) {
      told += " " + message.message_id() + message.conversation() + message.sender() + message.text();
      if (auto what = wrong(device, app, about, message)) return what;
    }
    for (const auto& [account, handle] : accounts_) {
      if (told.find(account) != std::string::npos || told.find(handle) != std::string::npos)
        return "tells an app who somebody is";
    }
  }
  return std::nullopt;
}

std::optional<std::string> AppWatch::wrong(DeviceMachine& device, const v1::ConnectedApp& app,
                                           const v1::AppAbout& about, const v1::AppMessage& message) {
  const auto number = number_of(message.text());
  if (!number) return "tells an app what nobody addressed to one";
  const Said& said = said_[*number];
  if (said.app != app.name()) return "tells an app what is for another";
  const bool own = said.account == own_account(device);
  if (message.by_user() != own) return "tells an app wrongly who speaks";
  if (own != (message.sender() == about.user())) return "calls its user in two ways";
  const auto hears = [&](const std::string& place) {
    return std::ranges::find(app.hears(), place) != app.hears().end();
  };
  const bool in_group = said.place.starts_with(client::kGroupMark);
  // A contact whose handle is not confirmed yet is called by its account.
  const bool heard = in_group ? hears(said.place) : hears(said.handle) || hears(said.account);
  if (!own && !heard) return "tells an app what others said where they may not ask it";
  if (times_count_ && said.at < installed_[about.user()]) return "tells an app what was before it was there";
  if (auto what = note(message.sender(), {about.user(), said.account})) return what;
  if (auto what = note(message.message_id(), {about.user(), fmt::format("message {}", *number)})) return what;
  return note(message.conversation(), {about.user(), "a conversation"});
}

bool AppWatch::is_one(const v1::Message& message) {
  return message.body().starts_with('/') || message.body().starts_with(kAppSays);
}

std::optional<std::string> AppWatch::wrong(DeviceMachine& device, const v1::Message& message) const {
  const auto number = number_behind(message.body(), kAppSays);
  if (!number) return std::nullopt;
  if (*number >= answers_.size()) return "shows an answer that no app gave";
  const Answer& answer = answers_[*number];
  if (!answer.to_all && answer.account != own_account(device))
    return "shows what an app said to its user alone";
  return std::nullopt;
}

}  // namespace sotto::simulation
