#include "agent/agent.h"

#include <algorithm>
#include <boost/asio/post.hpp>

#include "agent/records.h"
#include "client/api/account.h"
#include "client/events/event_log.h"
#include "client/runtime/pictures.h"

namespace sotto::agent {
namespace {

namespace api = client::api;
using api::ExitCode;
using api::Failure;

/// How late a deadline may be noticed.
constexpr std::chrono::milliseconds kDeadlinePoll{250};

template <typename Methods>
auto find_method(const Methods& methods, std::string_view name) {
  const auto found =
      std::ranges::find_if(methods, [name](const auto& method) { return method.name == name; });
  return found == methods.end() ? nullptr : &*found;
}

Failure not_open(v1::ProfileState::Stage stage) {
  if (stage == v1::ProfileState::LOCKED) {
    return {ExitCode::wrong_passphrase, "the profile is locked; open it with profile.unlock"};
  }
  return {ExitCode::no_profile, "there is no profile here yet; make one with profile.create"};
}

}  // namespace

/// Answers of one text, in the order in which they come.
struct Agent::Batch {
  bool is_batch = false;
  std::size_t open = 0;
  std::vector<std::string> answers;
  Reply reply;

  void take(std::string answer) {
    if (!answer.empty()) answers.push_back(std::move(answer));
    if (--open > 0) return;
    if (answers.empty()) return reply({});
    reply(is_batch ? batch_text(answers) : std::move(answers.front()));
  }
};

Agent::Agent(boost::asio::io_context& loop, AgentOptions options)
    : loop_(loop), options_(std::move(options)), deadlines_(loop) {
  connection_.set_state(v1::ConnectionState::OFFLINE);
}

Agent::~Agent() {
  alive_.reset();
  workers_.join();
}

SessionId Agent::open(Peer& peer) {
  sessions_.emplace(++last_session_, Session{.peer = &peer});
  return last_session_;
}

void Agent::close(SessionId session) { sessions_.erase(session); }

Session* Agent::session(SessionId id) {
  const auto found = sessions_.find(id);
  return found == sessions_.end() ? nullptr : &found->second;
}

void Agent::take(SessionId session, std::string_view text) {
  handle({.session = session}, text, [this, session](const std::string& answer) {
    Session* to = this->session(session);
    if (to != nullptr && !answer.empty()) to->peer->send(answer);
  });
}

void Agent::resume(SessionId session) {
  if (Session* to = this->session(session)) pump(*to);
}

void Agent::call(std::string_view text, Reply reply) { handle({}, text, std::move(reply)); }

void Agent::handle(const From& from, std::string_view text, Reply reply) {
  RpcInput input = parse_rpc(text);
  const auto batch = std::make_shared<Batch>(
      Batch{.is_batch = input.batch, .open = input.calls.size(), .answers = {}, .reply = std::move(reply)});
  for (const auto& call : input.calls) {
    if (const auto* refused = std::get_if<RpcInput::Refused>(&call)) {
      batch->take(error_text(refused->id, refused->failure));
    } else {
      dispatch(from, std::get<RpcRequest>(call),
               [batch](std::string answer) { batch->take(std::move(answer)); });
    }
  }
}

void Agent::dispatch(const From& from, const RpcRequest& request, const Reply& answer) {
  std::optional<RpcFailure> protocol;
  auto started = from.app ? start_for_app(*from.app, request, protocol) : start(from, request, protocol);
  if (protocol) return answer(request.id.empty() ? std::string() : error_text(request.id, *protocol));
  run(from, request, std::move(started), answer);
}

bool Agent::waits_too_much(const From& from) {
  if (from.app) {
    const auto its = [&](const Pending& each) { return each.from.app == from.app; };
    return static_cast<std::size_t>(std::ranges::count_if(pending_, its)) >= kMaxAppWaiting;
  }
  const Session* session = this->session(from.session);
  return session != nullptr && session->waiting >= kMaxWaiting;
}

api::Started Agent::start(const From& from, const RpcRequest& request, std::optional<RpcFailure>& protocol) {
  const auto* own = find_method(agent_methods(), request.method);
  const auto* method = own == nullptr ? find_method(api::client_methods(), request.method) : nullptr;
  if (own == nullptr && method == nullptr) {
    protocol = {noted(RpcError::method_not_found), "there is no method called " + request.method};
    return api::Record();
  }
  auto parameters = record_from(own != nullptr ? *own->parameters : *method->parameters, request.params);
  if (!parameters) {
    protocol = {noted(RpcError::invalid_params), parameters.error()};
    return api::Record();
  }
  if (waits_too_much(from)) {
    protocol = {noted(RpcError::overloaded), "100 calls wait already; call again when some were answered"};
    return api::Record();
  }
  if (own != nullptr) {
    Caller caller{*this, from.session};
    return own->start(caller, **parameters);
  }
  if (!client_) return err(not_open(profile_state().stage()));
  return method->start(*client_, **parameters);
}

void Agent::run(const From& from, const RpcRequest& request, api::Started started, const Reply& answer) {
  const auto done = [id = request.id, answer](const api::Answer& value) {
    if (id.empty()) return answer({});
    answer(value ? result_text(id, json_of(**value)) : error_text(id, value.error()));
  };
  if (!started) return done(err(started.error()));
  if (auto* record = std::get_if<api::Record>(&*started)) return done(std::move(*record));
  if (Session* session = this->session(from.session)) ++session->waiting;
  auto& wait = std::get<api::PendingAnswer>(*started);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(wait.deadline.value);
  pending_.push_back({.from = from,
                      .wait = std::move(wait),
                      .deadline = deadline,
                      .done = [this, id = from.session, done](api::Answer value) {
                        if (Session* session = this->session(id)) --session->waiting;
                        done(std::move(value));
                      }});
  if (pending_.size() == 1) look_at_deadlines();
  turn_soon();
}

void Agent::turn_soon() {
  if (std::exchange(turn_scheduled_, true)) return;
  boost::asio::post(loop_, [this, alive = std::weak_ptr(alive_)] {
    if (!alive.expired()) turn();
  });
}

void Agent::pump_soon() { turn_soon(); }

/// Answers what waited for what happened, then tells. Not from inside an input: what is done here is input.
void Agent::turn() {
  turn_scheduled_ = false;
  while (!happened_.empty()) {
    const v1::Event event = std::move(happened_.front());
    happened_.pop_front();
    if (event.has_connection()) connection_ = event.connection();
    look(&event);
    tell_passing(event);
  }
  look(nullptr);
  for (auto& [id, session] : sessions_) pump(session);
  if (webhooks_) webhooks_->work();
  if (profile_ && profile_->is_broken()) lock();
}

void Agent::look(const v1::Event* event) {
  for (auto each = pending_.begin(); each != pending_.end();) {
    auto answer = each->wait.look(event);
    if (!answer) {
      ++each;
      continue;
    }
    const auto done = std::move(each->done);
    each = pending_.erase(each);
    done(*std::move(answer));
  }
}

void Agent::look_at_deadlines() {
  deadlines_.expires_after(kDeadlinePoll);
  deadlines_.async_wait([this, alive = std::weak_ptr(alive_)](const boost::system::error_code& failure) {
    if (failure || alive.expired()) return;
    const auto now = std::chrono::steady_clock::now();
    std::list<Pending> over;
    for (auto each = pending_.begin(); each != pending_.end();) {
      const auto next = std::next(each);
      if (each->deadline <= now) over.splice(over.end(), pending_, each);
      each = next;
    }
    for (const Pending& each : over) each.done(each.wait.late ? each.wait.late() : api::Answer(err(late())));
    if (!pending_.empty()) look_at_deadlines();
  });
}

Failure Agent::late() const {
  if (client_) return api::not_answered(*client_);
  return {ExitCode::failed, "that took too long; try again"};
}

/// What is of the moment goes to everybody who listens now; all else is read from the log.
void Agent::tell_passing(const v1::Event& event) {
  using Kind = v1::Event::KindCase;
  const bool progress = event.has_file() && event.file().transferred() > 0 &&
                        (event.file().state() == v1::AttachedFile::UPLOADING ||
                         event.file().state() == v1::AttachedFile::DOWNLOADING);
  switch (event.kind_case()) {
    case Kind::kConnection:
    case Kind::kOwnHandles:
    case Kind::kLink:
    case Kind::kVerification:
    case Kind::kRecovery:
    case Kind::kRegistered:
    case Kind::kTyping: break;
    default:
      if (!progress) return;
  }
  v1::EventRecord record;
  record.set_time_ms(SystemClock().now().value);
  *record.mutable_event() = event;
  const std::string text = notification_text("event", json_of(record));
  for (auto& [id, session] : sessions_) {
    if (session.told && session.peer->unread() < kMaxUnread) session.peer->send(text);
  }
}

void Agent::pump(Session& session) {
  while (session.told && client_ && client_->core.self() != nullptr && session.peer->unread() < kMaxUnread) {
    const auto page = client::read_events(client_->database(), *client_->core.self(), *session.told,
                                          client::kDefaultEvents, client_->now());
    if (client_->database().take_failure()) return;  // the next turn reads it
    if (page.gap()) {
      v1::Subscription gap;
      gap.set_since(*session.told);
      gap.set_newest(page.newest());
      gap.set_gap(true);
      gap.set_oldest(client::event_range(client_->database()).oldest);
      session.peer->send(notification_text("gap", json_of(gap)));
    }
    for (const auto& record : page.events()) {
      session.peer->send(notification_text("event", json_of(record)));
      session.told = record.sequence();
    }
    if (page.events_size() < static_cast<int>(client::kDefaultEvents)) {
      session.told = page.newest();
      return;
    }
  }
}

v1::ProfileState Agent::profile_state() {
  v1::ProfileState state;
  state.set_version(options_.version);
  if (!profile_) {
    const bool exists = client::store::ProfileFolder(options_.profile).exists();
    state.set_stage(exists ? v1::ProfileState::LOCKED : v1::ProfileState::NO_PROFILE);
    return state;
  }
  state.set_stage(v1::ProfileState::OPEN);
  *state.mutable_connection() = connection_;
  if (client_->core.self() != nullptr) {
    if (auto status = api::account_status(*client_, {})) *state.mutable_status() = *std::move(status);
  }
  return state;
}

void Agent::unlock(crypto::SecretBytes passphrase, Door door) {
  opening_ = true;
  opening_failure_.reset();
  // Argon2id takes its time.
  boost::asio::post(workers_, [this, door, alive = std::weak_ptr(alive_),
                               secret = std::make_shared<crypto::SecretBytes>(std::move(passphrase))] {
    using Opened = client::StoreResult<std::unique_ptr<client::store::Database>>;
    const client::store::ProfileFolder folder(options_.profile);
    crypto::SystemRandom random;
    auto opened = std::make_shared<Opened>(
        door == Door::make ? folder.create(*secret, client::store::passphrase_cost(), random)
                           : folder.open(*secret));
    boost::asio::post(loop_, [this, alive, opened] {
      if (!alive.expired()) finish_opening(std::move(*opened));
    });
  });
}

void Agent::finish_opening(client::StoreResult<std::unique_ptr<client::store::Database>> database) {
  opening_ = false;
  turn_soon();
  if (!database) {
    opening_failure_ = api::failure_of(database.error());
    return;
  }
  auto profile =
      OpenProfile::start(loop_, client::store::ProfileFolder(options_.profile), *std::move(database),
                         {.on_event =
                              [this](const v1::Event& event) {
                                happened_.push_back(event);
                                turn_soon();
                              },
                          .on_input = [this] { turn_soon(); }});
  if (!profile) {
    opening_failure_ = api::failure_of(profile.error());
    return;
  }
  profile_ = *std::move(profile);
  client_.emplace(make_client());
  previews_ = std::make_unique<client::PreviewFetcher>(loop_, client::media_program());
  uploads_.emplace(options_.profile);
  webhooks_ = std::make_unique<WebhookSender>(loop_, *client_);
}

api::Client Agent::make_client() {
  return api::Client{.core = profile_->core(),
                     .random = profile_->random(),
                     .folder = options_.profile,
                     .now = [] { return SystemClock().now(); },
                     .perform = [this](client::Effects effects) { profile_->perform(std::move(effects)); },
                     .reconnect = [this] { profile_->reconnect(); },
                     .hindrance = [this] { return profile_->hindrance(); },
                     .offload =
                         [this](std::function<void()> work, std::function<void()> done) {
                           boost::asio::post(workers_, [this, alive = std::weak_ptr(alive_),
                                                        work = std::move(work), done = std::move(done)] {
                             work();
                             boost::asio::post(loop_, [this, alive, done] {
                               if (alive.expired()) return;
                               done();
                               turn_soon();
                             });
                           });
                         },
                     .take_upload = [this](const std::string& name) { return uploads_->take(name); },
                     .thumbnail =
                         [](ByteView picture) {
                           media::Sandbox sandbox(client::media_program());
                           return client::thumbnail_of(sandbox, picture);
                         },
                     .preview =
                         [this](const std::string& url, bool private_addresses,
                                std::function<void(client::PreviewOutcome)> done) {
                           previews_->fetch(url, private_addresses,
                                            [this, done = std::move(done)](client::PreviewOutcome made) {
                                              done(std::move(made));
                                              turn_soon();
                                            });
                         }};
}

void Agent::lock() {
  if (!profile_) return;
  std::list<Pending> over = std::exchange(pending_, {});
  for (const Pending& each : over)
    each.done(err(Failure{ExitCode::failed, "the profile was locked meanwhile"}));
  happened_.clear();
  webhooks_.reset();
  client_.reset();
  previews_.reset();
  uploads_.reset();
  profile_.reset();
  v1::Event event;
  connection_.set_state(v1::ConnectionState::OFFLINE);
  connection_.set_detail("the profile is locked");
  *event.mutable_connection() = connection_;
  tell_passing(event);
  for (auto& [id, session] : sessions_) session.told.reset();
}

void Agent::shut_down() {
  if (profile_) profile_->close();
}

}  // namespace sotto::agent
