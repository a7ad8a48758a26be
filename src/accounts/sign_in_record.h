// How passwords, failed sign-ins and notices lie in the store. docs/specs/directory.md 2 has the octets.
#pragma once

#include <optional>
#include <string>

#include "bytes/bytes.h"
#include "clock/clock.h"
#include "crypto/argon2.h"
#include "crypto/hash.h"
#include "identity/ids.h"
#include "sotto/v1/sign_in.pb.h"
#include "storage/partition.h"

namespace sotto::accounts {

/// What checks an authenticator, and what a device needs to derive it.
struct PasswordRecord {
  UnixMs set;
  crypto::Argon2Salt salt;
  crypto::Argon2Parameters cost;
  ByteArray<16> check_salt;
  crypto::Sha256Digest check;
};

/// Failed sign-ins in a row, with less than a day between them.
struct Failures {
  std::uint32_t count = 0;
  UnixMs last;

  friend bool operator==(const Failures&, const Failures&) = default;
};

struct NoticeRecord {
  UnixMs time;
  v1::AccountNotice::Kind kind = v1::AccountNotice::KIND_UNSPECIFIED;
  std::string address;

  friend bool operator==(const NoticeRecord&, const NoticeRecord&) = default;
};

/// The longest address: an IPv6 /64 has 20 characters, and what is no address is cut.
inline constexpr std::size_t kMaxNoticeAddress = 45;

/// "sgn" || account16: password and failures of one account.
storage::Partition sign_in_partition(const identity::AccountId& account);
Bytes password_key();
Bytes failures_key();
/// "ntc" || account16: notices by number, and the last number that was used.
storage::Partition notice_partition(const identity::AccountId& account);
Bytes notice_key(std::uint64_t number);
Bytes last_notice_key();
/// "sign-in": the secret that invents salts.
storage::Partition sign_in_secret_partition();
Bytes sign_in_secret_key();

Bytes encode(const PasswordRecord& record);
Bytes encode(const Failures& record);
Bytes encode(const NoticeRecord& record);
Bytes encode_last_notice(std::uint64_t number);
/// All: empty when the octets are not what encode makes.
std::optional<PasswordRecord> decode_password(ByteView octets);
std::optional<Failures> decode_failures(ByteView octets);
std::optional<NoticeRecord> decode_notice(ByteView octets);
std::optional<std::uint64_t> decode_last_notice(ByteView octets);
/// The number in notice_key(number).
std::optional<std::uint64_t> notice_number(ByteView key);

}  // namespace sotto::accounts
