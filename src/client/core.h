// The client as a synchronous, deterministic machine: inputs in, effects out, all state that matters in the
// store. Not concerned with sockets, timers, files or what a user interface looks like.
//
// Every input is one transaction. Its effects are returned only after the commit, so dropping the object at
// any moment and making a new one from the store loses nothing and shows nothing twice. The owner MUST send
// the frames in order on the connection that was last announced, drop that connection when told or when an
// input fails, and call tick() when it is due or another process changed the store. One thread at a time.
// Several processes may have a Core over one store; only the one that holds the ConnectionLock may announce
// connections.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "client/accounts/password.h"
#include "client/accounts/self.h"
#include "client/accounts/server_record.h"
#include "client/accounts/sign_in.h"
#include "client/contacts/contact_records.h"
#include "client/conversations/compose.h"
#include "client/core/effects.h"
#include "client/core/link.h"
#include "client/core/work.h"
#include "client/devices/link_offer.h"
#include "client/devices/linking.h"
#include "client/store/database.h"
#include "client/transparency/known_log.h"
#include "crypto/random.h"
#include "sotto/v1/stream.pb.h"

namespace sotto::client {

using store::StoreResult;

/// A command's own result beside its effects; the command's error is inside, the store's outside.
template <typename T>
struct Outcome {
  T value;
  Effects effects;
};

enum class AccountError : std::uint8_t {
  already_registered,  ///< the profile has an account
  bad_handle,
  bad_name,  ///< a device name that is too long
};
std::string_view describe(AccountError error);

class Core {
 public:
  /// The store must be migrated; it and the random source must outlive the core. Errors: those of the store.
  static StoreResult<std::unique_ptr<Core>> create(store::Database& database, crypto::RandomSource& random);
  ~Core();
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;

  /// Empty until one of the two set-ups below.
  [[nodiscard]] const Self* self() const { return self_ ? &*self_ : nullptr; }
  [[nodiscard]] store::Database& database() { return database_; }

  // Setting up, once; the server record is part of it.
  /// Makes account and device keys; the next connection registers them. On a profile that asked for a name
  /// and was refused: asks for another one.
  StoreResult<Result<void, AccountError>> set_up_account(std::string_view handle, std::string_view invite,
                                                         std::string_view device_name,
                                                         const ServerRecord& server, UnixMs now);
  /// Makes device keys that wait to be linked to an account.
  StoreResult<Result<void, AccountError>> set_up_device(std::string_view device_name,
                                                        const ServerRecord& server, UnixMs now);

  // The connection.
  StoreResult<Effects> connected(const ConnectionInfo& info, UnixMs now);
  StoreResult<Effects> disconnected(std::string_view detail, UnixMs now);
  /// A decoded frame from the server.
  StoreResult<Effects> receive(const v1::ServerFrame& frame, UnixMs now);
  /// Time passed, or another process wrote to the store.
  StoreResult<Effects> tick(UnixMs now);

  // Commands.
  StoreResult<Outcome<Result<session::MessageId, ComposeError>>> send_text(std::string_view handle,
                                                                           std::string_view text, UnixMs now);
  /// Asks the log about a handle and fetches its manifest with nothing to send; a Contact event follows.
  /// False: no handle.
  StoreResult<Outcome<bool>> look_up(std::string_view handle, UnixMs now);
  /// Asks the server for the account's handles; an OwnHandles event follows. False: not signed in.
  StoreResult<Outcome<bool>> own_handles(UnixMs now);
  /// Adds, proves or removes a handle; an OwnHandles event or a Problem HANDLE_REFUSED follows. False: not
  /// signed in, or another change is running.
  StoreResult<Outcome<bool>> change_handle(const v1::ManageHandle& change, UnixMs now);
  /// Takes the changed key of a contact as its new one.
  StoreResult<Outcome<bool>> accept_changed_contact(std::string_view handle, UnixMs now);
  StoreResult<Outcome<Result<std::string, LinkError>>> request_link(UnixMs now);
  StoreResult<Outcome<Result<void, LinkError>>> approve_link(std::string_view armored_request, UnixMs now);
  StoreResult<Outcome<Result<std::string, LinkError>>> grant_link(std::string_view armored_request,
                                                                  UnixMs now);
  StoreResult<Outcome<Result<void, LinkError>>> join_link(std::string_view armored_grant, UnixMs now);

  /// A command of a sub-domain, which is a function of Work: one input like any other. Precondition: self().
  template <typename Body>
  auto command(UnixMs now, Body&& body) -> StoreResult<Outcome<std::invoke_result_t<Body, Work&>>> {
    std::optional<std::invoke_result_t<Body, Work&>> value;
    SOTTO_TRY(Effects effects, transact(now, [&](Work& work) { value.emplace(body(work)); }));
    return Outcome<std::invoke_result_t<Body, Work&>>{*std::move(value), std::move(effects)};
  }

  /// Runs a command of a part of the client that has its own header (client/recovery) as one input. Gives
  /// `otherwise` where there is no profile yet.
  template <typename T>
  StoreResult<Outcome<T>> run_command(UnixMs now, T otherwise, const std::function<T(Work&)>& body) {
    SOTTO_TRY(Effects effects, transact(now, [&](Work& work) { otherwise = body(work); }));
    return Outcome<T>{std::move(otherwise), std::move(effects)};
  }

  // Linking by code or QR code (core_linking.cpp); LinkProgress events follow.
  /// False: not signed in.
  StoreResult<Outcome<bool>> change_password(const std::optional<NewPassword>& password, UnixMs now);
  [[nodiscard]] bool password_changed() const { return run_.linking.password_changed; }
  StoreResult<Outcome<Result<void, LinkError>>> offer_link(OfferKind kind, UnixMs now);
  StoreResult<Outcome<bool>> withdraw_offer(UnixMs now);
  StoreResult<Outcome<Result<void, LinkError>>> join_by_code(std::string_view handle, std::string_view code,
                                                             UnixMs now);
  StoreResult<Outcome<Result<void, LinkError>>> join_by_qr(std::string_view text, UnixMs now);
  /// What runs now, for whoever shows it.
  [[nodiscard]] const LinkRuns& links() const { return run_.linking; }
  /// What the password has to be stretched with, while the server waits for it.
  [[nodiscard]] const PasswordChallenge* password_challenge() const;
  StoreResult<Outcome<Result<void, LinkError>>> sign_in(const identity::Authenticator& authenticator,
                                                        UnixMs now);

  /// There is something to connect for.
  [[nodiscard]] bool wants_connection() const;
  /// The server knows this device on the current connection.
  [[nodiscard]] bool signed_in() const { return link_.ready(); }
  /// Connected, and nothing is in flight.
  [[nodiscard]] bool settled() const { return link_.ready() && link_.drained && link_.idle(); }

 private:
  Core(store::Database& database, crypto::RandomSource& random)
      : database_(database), random_(random), log_(database) {}

  /// Runs `body` with a Work in one transaction, pumps what is due, commits.
  StoreResult<Effects> transact(UnixMs now, const std::function<void(Work&)>& body);
  void dispatch(Work& work, const v1::ServerFrame& frame);
  void pump(Work& work);
  /// Saves what a set-up made of `self_`, and commits.
  StoreResult<Result<void, AccountError>> finish_set_up(store::Transaction& transaction,
                                                        const ServerRecord& server);
  /// Forgets what the store does not have when it fails.
  StoreResult<void> commit(store::Transaction& transaction);
  /// After a failed commit: what is in memory no longer matches the store.
  void forget();

  store::Database& database_;
  crypto::RandomSource& random_;
  std::optional<Self> self_;
  Link link_;
  Run run_;
  KnownLog log_;
  UnixMs next_housekeeping_;
  UnixMs last_input_;
};

}  // namespace sotto::client
