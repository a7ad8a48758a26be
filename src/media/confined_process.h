// One run of the program `sotto-media`, seen from the client: started with nothing but a socket, proven to be
// confined before it gets an octet, ended when it is late. Owns the process. Not concerned with what is said
// to it.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "media/protocol.h"

namespace sotto::media {

class ConfinedProcess {
 public:
  /// Starts `program` for one task and waits until it is confined. `plugin`: the classifier's library, only
  /// for that task. For any thread, one at a time. Errors: not_started, not_confined, timed_out, bad_answer,
  /// crashed, forbidden_call, not_supported (the library is no classifier).
  static MediaResult<std::unique_ptr<ConfinedProcess>> start(const std::string& program, Task task,
                                                             const std::string& plugin, DurationMs patience);
  ConfinedProcess(const ConfinedProcess&) = delete;
  ConfinedProcess& operator=(const ConfinedProcess&) = delete;
  /// Ends the process, whatever it is doing.
  ~ConfinedProcess();

  [[nodiscard]] const Greeting& greeting() const { return greeting_; }
  /// From here until the whole answer has come.
  void begin_exchange(DurationMs patience);
  /// Since it began.
  [[nodiscard]] DurationMs exchanging() const;
  /// All of it. What the process said unasked is a bad answer. Errors: timed_out, bad_answer, and how it
  /// ended.
  MediaResult<void> send(ByteView octets);
  /// Exactly as many octets. Errors: timed_out, and how the process ended.
  MediaResult<void> receive(MutableByteView octets);

 private:
  ConfinedProcess(int process, int handle, int socket)
      : process_(process), handle_(handle), socket_(socket) {}

  MediaResult<void> greet(Task task);
  [[nodiscard]] bool proven_confined() const;
  /// Waits until the socket is ready for one of `events`. Errors: timed_out.
  [[nodiscard]] MediaResult<short> wait_for(short events) const;
  /// Why a process that closed its socket is no more.
  MediaError how_it_ended();

  int process_;
  int handle_;  ///< pidfd: no other process can come in its place
  int socket_;
  bool ended_ = false;
  std::uint64_t begun_ms_ = 0;  ///< of the steady clock
  std::uint64_t deadline_ms_ = 0;
  Greeting greeting_;
};

}  // namespace sotto::media
