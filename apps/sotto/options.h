// What the command line said, one struct per command.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "clock/clock.h"
#include "media/limits.h"

namespace sotto::cli {

struct GlobalOptions {
  std::string profile;  ///< folder
  std::string passphrase_file;
  bool json = false;
};

struct RegisterOptions {
  std::string from;  ///< as of RequestOptions
  std::string username;
  std::string server;
  std::string pin;
  std::string invite;
  std::string device_name;
  std::uint64_t wait_s = 20;
};

struct SendOptions {
  std::vector<std::string> attach;  ///< files
  bool keep_metadata = false;       ///< of pictures
  std::string user;
  std::string text;
  std::string file;
  std::string reply_to;          ///< a message's id, its first digits, or "last"
  std::string expires;           ///< a length of time
  std::string preview;           ///< an address in the text that this device asks for a preview
  bool preview_private = false;  ///< also at a private address
  std::string voice_note;        ///< a file; instead of a text
  std::string sticker;           ///< a picture; instead of a text, with the next two
  std::string emoji;
  std::string pack;
  std::string preview_url;  ///< stands in the text; the next two are what the sender says of the page
  std::string preview_title;
  std::string preview_description;
  bool markup = false;          ///< *bold*, _italic_, @name and the like are meant
  std::string require;          ///< "pq>=3,verified": demands, without which nothing is sent
  bool without_guests = false;  ///< of a group
  std::uint64_t wait_s = 10;
};

struct ForwardOptions {
  std::string user;
  std::string message;  ///< its id, its first digits, or "last"
  std::string to;
  std::string require;
  bool without_guests = false;
  std::uint64_t wait_s = 10;
};

struct ChatOptions {
  std::string user;  ///< empty: nobody yet, on a full screen
  bool lines = false;
};

struct AgentOptions {
  std::optional<std::uint16_t> port;  ///< of 127.0.0.1; absent: kAgentPort, and none with stdio
  std::string socket;                 ///< empty: in the profile's folder, and none with stdio
  bool stdio = false;
  bool no_http = false;
};
inline constexpr std::uint16_t kAgentPort = 7480;

struct SmsOptions {
  std::string number;
  bool yes = false;
};

/// Commands in a conversation besides sending.
struct SpeechOptions {
  std::string user;
  std::string message;  ///< its id, its first digits, or "last"
  std::string text;     ///< new text, emoji, length of time, draft, name
  std::string file;
  bool markup = false;
  bool remove = false;
  bool has_name = false;
  std::string read_receipts;  ///< on or off; empty: as it is. So the next three
  std::string delivery_receipts;
  std::string typing;
  std::string pinned;
  std::uint64_t wait_s = 10;
};

/// Entries that are more than text, pins, and what is to go later.
struct KindOptions {
  std::string user;
  std::string message;  ///< its id, its first digits, or "last"
  std::string text;     ///< of a message, or a poll's question
  std::string file;
  std::string name;
  std::string handle;
  std::vector<std::string> phones;
  std::vector<std::string> mails;
  std::string latitude;
  std::string longitude;
  std::uint32_t accuracy_m = 0;
  std::string length;  ///< live for, or to be sent in
  std::string at;      ///< "2026-12-24 18:00"
  std::vector<std::string> choices;
  std::vector<std::uint32_t> numbers;  ///< options voted for, from 1
  bool multiple = false;
  bool remove = false;
  std::uint64_t wait_s = 10;
};

struct HistoryOptions {
  std::string user;
  std::uint32_t limit = 50;
  bool ids = false;
};

struct SearchOptions {
  std::vector<std::string> words;
  std::string with;
  std::string from;
  std::string since;
  std::string until;
  std::vector<std::string> kinds;
  bool files = false;
  std::uint32_t limit = 50;
  bool ids = false;
};

struct ExportOptions {
  std::string to;
  std::string with;
  bool no_media = false;
  bool original = false;  ///< pictures as they came, not the clean ones
};

struct ReceiveOptions {
  bool follow = false;
  std::uint64_t wait_s = 10;
};

struct DeviceOptions {
  std::string file;    ///< request or grant
  std::string output;  ///< where the request or grant is written; empty: standard output
  std::string server;
  std::string pin;
  std::string device_name;
  bool yes = false;
  std::uint64_t wait_s = 20;
};

/// On the new device.
struct LinkOptions {
  std::string handle;
  std::string qr;  ///< instead of the handle: the code's text, - for standard input
  std::string code;
  std::string password_file;
  std::string server;
  std::string pin;
  std::string device_name;
  std::uint64_t wait_s = 60;
};

/// On a device of the account.
struct OfferOptions {
  bool qr = false;
  std::uint64_t wait_s = 20;
};

struct PasswordOptions {
  std::string password_file;
  std::uint64_t wait_s = 20;
};

struct RecoveryOptions {
  std::string handle;  ///< of the account to be recovered
  std::string server;
  std::string pin;
  std::string device_name;
  bool keep_devices = false;
  std::string request_to;            ///< write a request to contacts there
  std::vector<std::string> shares;   ///< files that contacts gave
  std::string file;                  ///< a request
  std::string output;                ///< where a share is written; empty: standard output
  std::vector<std::string> handles;  ///< of recovery contacts
  std::size_t threshold = 2;
  std::uint64_t delay_s = 72 * 3600;
  bool key_from_stdin = false;
  bool replace = false;
  bool yes = false;
  std::uint64_t wait_s = 20;
};

struct DeviceChangeOptions {
  std::string device;  ///< name, or the first digits of the id; empty: this device
  std::string name;
  bool yes = false;
  std::uint64_t wait_s = 20;
};

struct DeregisterOptions {
  bool device = false;
  bool account = false;
  bool abandon = false;  ///< what is not sent yet
  bool erase = false;    ///< the profile, afterwards
  bool yes = false;
  std::uint64_t wait_s = 60;
};

struct VerifyOptions {
  std::string user;
  bool qr = false;      ///< show the code
  std::string scanned;  ///< text of the contact's code
  std::string digits;   ///< as the contact read them out
  bool yes = false;
  bool no = false;
  bool stop = false;
  bool withdraw = false;
  std::uint64_t wait_s = 600;
};

struct HandleOptions {
  std::string handle;
  std::string code;
  std::uint64_t wait_s = 20;
};

struct GroupOptions {
  std::string group;  ///< name, or the first digits of its id; a new one's name; to join, the link
  std::vector<std::string> people;
  std::string person;  ///< where it is one
  std::string name;
  std::string role;
  std::optional<std::uint64_t> timer_s;
  std::optional<bool> guests;
  std::string number;  ///< of a guest
  std::string photo;   ///< a picture; empty: it is shown
  std::string output;  ///< where the photo that the group has is written
  bool remove = false;
  bool yes = false;
  bool renew = false;
  bool withdraw = false;
  std::uint64_t wait_s = 20;
};

struct FamilyOptions {
  std::string person;  ///< guardian or child; to ask for, somebody else
  std::string other;   ///< with whom a child asks to write
  std::string fingerprint;
  std::string note;
  std::vector<std::string> allow;
  std::vector<std::string> forbid;
  std::string hours;
  std::string offset;
  std::string blur;       ///< on, all or off; empty: as it is
  std::string strangers;  ///< hold or drop; empty: as it is
  std::uint64_t wait_s = 20;
};

struct LogOptions {
  std::string file;  ///< where evidence goes; empty: standard output
  std::string key;   ///< a witness's key, a file with it, or its fingerprint
  std::uint32_t required = 0;
};

struct RequestOptions {
  std::string user;
  std::string from;  ///< anybody, groups, link, nobody, open; empty: as it is
  bool renew = false;
  bool withdraw = false;
  std::string why;             ///< of a report
  bool with_messages = false;  ///< their newest ones go along
  bool keep = false;           ///< does not block them
  bool yes = false;            ///< nobody is asked
  std::string language = "en";
  std::uint64_t wait_s = 20;
};

struct AppOptions {
  std::string name;
  std::string text;
  bool send = false;  ///< answers may go where it was asked
  std::vector<std::string> hear;
  std::uint64_t wait_s = 10;
};

struct AttachmentOptions {
  std::string user;
  std::string message = "last";  ///< its id, its first digits, or "last"
  std::string output;            ///< folder or file
  std::optional<std::uint64_t> max_megabytes;
  std::string from;        ///< nobody, known, everybody; empty: as it is. So the next one
  std::string metered;     ///< on or off
  std::string classifier;  ///< a library, or off; empty: as it is
  bool original = false;   ///< as it came, not the clean one
  std::uint64_t wait_s = 3600;
};

struct MediaOptions {
  std::string input;
  std::string output;
  std::string thumbnail;   ///< where it goes; empty: nowhere
  std::string classifier;  ///< a library; empty: nobody is asked
  std::string format;      ///< of the output; empty: the one nearest to the input's
  std::uint32_t max_edge = media::kMaxCleanEdge;
};

}  // namespace sotto::cli
