#include "client/api/apps.h"

#include <algorithm>
#include <array>

#include "client/api/messages.h"
#include "client/apps/exchange.h"

namespace sotto::client::api {
namespace {

CommandResult<v1::AppList> list_of(Client& client) {
  return read_in(client, [&](const Self& self) {
    v1::AppList list;
    for (auto& record : app_records(client.database(), self)) *list.add_apps() = std::move(record);
    return list;
  });
}

CommandResult<v1::AppAbout> about(AppCaller& caller, const v1::Nothing&) {
  return read_in(caller.client,
                 [&](const Self& self) { return app_about(caller.client.database(), self, caller.app); });
}

CommandResult<v1::AppPage> page_of(Client& client, AppRow app, std::uint32_t limit) {
  return flatten(read_in(client, [&](const Self& self) -> CommandResult<v1::AppPage> {
    auto page = messages_for_app(client.database(), self, app, limit, client.now());
    if (!page) return err(failure_of(page.error()));
    return *std::move(page);
  }));
}

CommandResult<Wait<v1::AppPage>> read(AppCaller& caller, const v1::AppReadRequest& request) {
  const std::uint32_t limit = request.limit() == 0 ? kMaxAppPage : std::min(request.limit(), kMaxAppPage);
  const bool waits = request.wait_s() > 0;
  const auto page = [&client = caller.client, app = caller.app, limit] {
    return page_of(client, app, limit);
  };
  return Wait<v1::AppPage>{
      .look = [page, waits](const v1::Event*) -> std::optional<CommandResult<v1::AppPage>> {
        auto now = page();
        if (waits && now && now->messages().empty()) return std::nullopt;
        return now;
      },
      .deadline = seconds(std::min(request.wait_s(), kLongestAppWait)),
      .late = page};
}

CommandResult<v1::Nothing> acknowledge(AppCaller& caller, const v1::AppAcknowledgeRequest& request) {
  SOTTO_CHECK_OK(run_in(
      caller.client, [&](Work& work) { return acknowledge_for_app(work, caller.app, request.sequence()); }));
  return v1::Nothing();
}

CommandResult<v1::Nothing> answer(AppCaller& caller, const v1::AppAnswer& request) {
  SOTTO_CHECK_OK(run_in(caller.client, [&](Work& work) {
    return answer_as_app(work, caller.app, request.message_id(), request.text());
  }));
  return v1::Nothing();
}

}  // namespace

CommandResult<v1::AppList> list_apps(Client& client, const v1::Nothing&) { return list_of(client); }

CommandResult<v1::ConnectedApp> add_app(Client& client, const v1::AppRequest& request) {
  return run_in(client, [&](Work& work) { return client::add_app(work, request); });
}

CommandResult<v1::AppList> remove_app(Client& client, const v1::AppRequest& request) {
  SOTTO_CHECK_OK(run_in(client, [&](Work& work) { return client::remove_app(work, request.name()); }));
  return list_of(client);
}

CommandResult<v1::ConnectedApp> change_app_grants(Client& client, const v1::AppRequest& request) {
  return run_in(client, [&](Work& work) { return client::change_app_grants(work, request); });
}

CommandResult<v1::Message> tell_app(Client& client, const v1::AppTellRequest& request) {
  SOTTO_TRY(const Self* self, registered(client.core));
  if (!find_app(client.database(), request.name())) return err(failure_of(AppError::no_app));
  v1::SendRequest note;
  note.set_conversation(self->handle);
  note.set_text("/" + request.name() + " " + request.text());
  return send_message(client, note);
}

std::span<const Method<AppCaller>> app_methods() {
  static const std::array kMethods = {
      method("app.about", about),
      method("app.read", read),
      method("app.acknowledge", acknowledge),
      method("app.answer", answer),
  };
  return kMethods;
}

}  // namespace sotto::client::api
