#include "accounts/passwords.h"

#include "bytes/encoder.h"
#include "wire/decode.h"

namespace sotto::accounts {
namespace {

constexpr DurationMs kSweepInterval = minutes(1);
constexpr std::size_t kAuthenticatorSize = std::tuple_size_v<identity::Authenticator>;

crypto::Sha256Digest check_of(const PasswordRecord& record, const identity::AccountId& account,
                              ByteView authenticator) {
  Encoder label;
  label.label("sign-in-check");
  return crypto::sha256({label.view(), record.check_salt, account.view(), authenticator});
}

bool removes(const v1::SetPassword& request) {
  return request.salt().empty() && request.authenticator().empty() && !request.has_stretching();
}

std::optional<crypto::Argon2Parameters> cost_of(const v1::Stretching& stretching) {
  const crypto::Argon2Parameters cost{
      .memory_kib = stretching.memory_kib(), .iterations = stretching.passes(), .lanes = stretching.lanes()};
  if (!identity::acceptable(cost)) return std::nullopt;
  return cost;
}

}  // namespace

Passwords::Passwords(storage::Store& store, crypto::RandomSource& random)
    : store_(store), random_(random), commits_(store) {
  load_secret();
}

void Passwords::load_secret() {
  if (secret_) return;
  const auto stored = store_.get(sign_in_secret_partition(), sign_in_secret_key());
  if (!stored) return;  // asked again when it is needed
  if (*stored && (*stored)->size() == Secret::kSize) {
    secret_ = Secret::copy_of(**stored);
    return;
  }
  const auto octets = random_.array<Secret::kSize>();
  secret_ = Secret::copy_of(octets);
  storage::Batch batch(sign_in_secret_partition());
  batch.put(sign_in_secret_key(), to_bytes(octets));
  // Should it not become durable, invented salts change once; what they are for is then no worse than now.
  commits_.commit(std::move(batch), [](const auto&) {});
}

Passwords::Key Passwords::invented(std::string_view label, ByteView what) const {
  Encoder input;
  input.label(label).var(what);
  return to_array<16>(ByteView(crypto::hmac_sha384(*secret_, {input.view()})).first(16));
}

identity::AccountId Passwords::account_for(const SignInAttempt& attempt) const {
  const identity::AccountId nobody(invented("sign-in-nobody", as_bytes(attempt.handle)));
  return attempt.account.value_or(nobody);
}

AccountsResult<std::optional<PasswordRecord>> Passwords::read_password(const identity::AccountId& account) {
  const auto value = store_.get(sign_in_partition(account), password_key());
  if (!value) return err(error_of(value.error()));
  if (!*value) return std::nullopt;
  auto record = decode_password(**value);
  if (!record) return err(AccountsError::corrupt);
  return record;
}

AccountsResult<Failures> Passwords::read_failures(const identity::AccountId& account) {
  if (const auto unsaved = unsaved_.find(account); unsaved != unsaved_.end()) {
    return unsaved->second.failures;
  }
  const auto value = store_.get(sign_in_partition(account), failures_key());
  if (!value) return err(error_of(value.error()));
  if (!*value) return Failures{};
  const auto record = decode_failures(**value);
  if (!record) return err(AccountsError::corrupt);
  return *record;
}

void Passwords::save_failures(const identity::AccountId& account, const Failures& failures) {
  Unsaved& unsaved = unsaved_[account];
  unsaved.failures = failures;
  ++unsaved.commits;
  storage::Batch batch(sign_in_partition(account));
  if (failures.count == 0) {
    batch.erase(failures_key());
  } else {
    batch.put(failures_key(), encode(failures));
  }
  commits_.commit(std::move(batch), [this, account](const auto& result) {
    const auto found = unsaved_.find(account);
    found->second.failed = !result;
    // What a full disk refused stays counted here, and goes with the next failure.
    if (--found->second.commits == 0 && !found->second.failed) unsaved_.erase(found);
  });
}

void Passwords::set(const identity::AccountId& account, const v1::SetPassword& request, UnixMs now,
                    Reply<void> reply) {
  storage::Batch batch(sign_in_partition(account));
  if (removes(request)) {
    batch.erase(password_key());
  } else {
    const auto cost = cost_of(request.stretching());
    if (!cost || request.salt().size() != std::tuple_size_v<crypto::Argon2Salt> ||
        request.authenticator().size() != kAuthenticatorSize) {
      return reply(err(AccountsError::password_malformed));
    }
    PasswordRecord record{.set = now,
                          .salt = to_array<16>(wire::octets(request.salt())),
                          .cost = *cost,
                          .check_salt = random_.array<16>(),
                          .check = {}};
    record.check = check_of(record, account, wire::octets(request.authenticator()));
    batch.put(password_key(), encode(record));
  }
  commits_.commit(std::move(batch), [this, account, reply = std::move(reply)](const auto& result) mutable {
    if (!result) return reply(err(error_of(result.error())));
    // Failures were about the password before.
    if (const auto failures = read_failures(account); !failures || failures->count > 0) {
      save_failures(account, {});
    }
    reply({});
  });
}

AccountsResult<v1::SignInChallenge> Passwords::challenge(const SignInAttempt& attempt) {
  load_secret();
  if (!secret_) return err(AccountsError::storage_unavailable);
  SOTTO_TRY(const auto password, read_password(account_for(attempt)));
  const Key salt = invented("sign-in-salt", as_bytes(attempt.handle));
  const auto& cost = password ? password->cost : identity::kPasswordCost;
  v1::SignInChallenge out;
  out.set_salt(wire::field(password ? password->salt : salt));
  out.mutable_stretching()->set_memory_kib(cost.memory_kib);
  out.mutable_stretching()->set_passes(cost.iterations);
  out.mutable_stretching()->set_lanes(cost.lanes);
  return out;
}

AccountsResult<Failures> Passwords::failures_of(const SignInAttempt& attempt, bool counted_in_store) {
  // Both are looked at, whoever asks: neither says by its time which one counts.
  SOTTO_TRY(const Failures stored, read_failures(account_for(attempt)));
  const auto remembered = handles_.find(invented("sign-in-handle", as_bytes(attempt.handle)));
  if (counted_in_store) return stored;
  return remembered == handles_.end() ? Failures{} : remembered->second;
}

bool Passwords::count_failure(const SignInAttempt& attempt, const Failures& before, bool counted_in_store,
                              UnixMs now) {
  const auto remember = [now](std::map<Key, Failures>& counts, const Key& key) {
    if (counts.size() >= kMaxFailuresRemembered && !counts.contains(key)) return;
    counts[key] = with_failure(counts[key], now);
  };
  remember(addresses_, invented("sign-in-address", as_bytes(attempt.address)));
  if (!counted_in_store) {
    remember(handles_, invented("sign-in-handle", as_bytes(attempt.handle)));
    return true;
  }
  if (unsaved_.size() >= kMaxUnsavedFailures && !unsaved_.contains(*attempt.account)) return false;
  save_failures(*attempt.account, with_failure(before, now));
  return true;
}

Result<identity::AccountId, SignInRefusal> Passwords::check(const SignInAttempt& attempt,
                                                            ByteView authenticator, UnixMs now) {
  load_secret();
  if (!secret_) return err(SignInRefusal{AccountsError::storage_unavailable, minutes(1)});
  const auto refused = [](AccountsError error) { return err(SignInRefusal{error, retry_after(error)}); };
  const auto address = addresses_.find(invented("sign-in-address", as_bytes(attempt.address)));
  if (address != addresses_.end()) {
    const DurationMs wait = pause_left(address->second, kAddressPatience, now);
    if (wait != DurationMs{}) return err(SignInRefusal{AccountsError::too_many_sign_ins, wait});
  }
  const identity::AccountId account = account_for(attempt);
  const auto password = read_password(account);
  if (!password) return refused(password.error());
  const bool real = password->has_value();
  const auto failures = failures_of(attempt, real);
  if (!failures) return refused(failures.error());
  const DurationMs locked = pause_left(*failures, kAccountPatience, now);
  if (locked != DurationMs{}) return err(SignInRefusal{AccountsError::sign_in_locked, locked});

  const PasswordRecord record = real ? **password : PasswordRecord{};
  const bool equal = crypto::constant_time_equal(check_of(record, account, authenticator), record.check);
  if (real && equal) {
    if (failures->count > 0) save_failures(account, {});
    return account;
  }
  if (!count_failure(attempt, *failures, real, now)) return refused(AccountsError::overloaded);
  SignInRefusal refusal{AccountsError::sign_in_failed};
  const bool closes = pause_left(with_failure(*failures, now), kAccountPatience, now) != DurationMs{};
  if (real) refusal.notice = closes ? v1::AccountNotice::SIGN_IN_LOCKED : v1::AccountNotice::SIGN_IN_FAILED;
  return err(refusal);
}

AccountsResult<Passwords::Holdings> Passwords::holdings(const identity::AccountId& account) {
  SOTTO_TRY(const auto password, read_password(account));
  Holdings out;
  if (password) out.password_set = password->set;
  SOTTO_TRY(out.failures, read_failures(account));
  return out;
}

void Passwords::tick(UnixMs now) {
  if (now < next_sweep_) return;
  next_sweep_ = now + kSweepInterval;
  const auto over = [now](const auto& entry) { return forgotten(entry.second, now); };
  std::erase_if(handles_, over);
  std::erase_if(addresses_, over);
}

AccountsResult<storage::Batch> Passwords::erasure(const identity::AccountId& account) {
  SOTTO_TRY(const auto password, read_password(account));
  SOTTO_TRY(const Failures failures, read_failures(account));
  storage::Batch batch(sign_in_partition(account));
  if (password) batch.erase(password_key());
  if (failures.count > 0) batch.erase(failures_key());
  return batch;
}

void Passwords::forget(const identity::AccountId& account) {
  auto batch = erasure(account);
  // What cannot be read now is erased when somebody asks for the account again.
  if (batch && !batch->writes.empty()) commits_.commit(*std::move(batch), [](const auto&) {});
}

}  // namespace sotto::accounts
