#include "media/confined_process.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <fstream>

#include "media/exit_status.h"

namespace sotto::media {
namespace {

/// A process that closed its socket is on its way out; one that is not is ended.
constexpr int kEndPatienceMs = 1000;

std::uint64_t steady_ms() {
  using namespace std::chrono;
  return static_cast<std::uint64_t>(
      duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count());
}

// The C library's header for these is not for C++ before glibc 2.37.
int open_handle(pid_t process) { return static_cast<int>(::syscall(SYS_pidfd_open, process, 0)); }
void kill_by_handle(int handle) { ::syscall(SYS_pidfd_send_signal, handle, SIGKILL, nullptr, 0); }

/// What the new process starts with: its end of the socket as descriptor 0, nothing to print to, no other
/// descriptor, "/" as folder, a session of its own and no signal disposition of ours.
class SpawnPlan {
 public:
  explicit SpawnPlan(int socket) {
    ::posix_spawn_file_actions_init(&files_);
    ::posix_spawnattr_init(&attributes_);
    sigset_t all;
    sigset_t none;
    ::sigfillset(&all);
    ::sigemptyset(&none);
    ok_ = ::posix_spawn_file_actions_adddup2(&files_, socket, 0) == 0 &&
          ::posix_spawn_file_actions_addopen(&files_, 1, "/dev/null", O_WRONLY, 0) == 0 &&
          ::posix_spawn_file_actions_addopen(&files_, 2, "/dev/null", O_WRONLY, 0) == 0 &&
          ::posix_spawn_file_actions_addclosefrom_np(&files_, 3) == 0 &&
          ::posix_spawn_file_actions_addchdir_np(&files_, "/") == 0 &&
          ::posix_spawnattr_setsigdefault(&attributes_, &all) == 0 &&
          ::posix_spawnattr_setsigmask(&attributes_, &none) == 0 &&
          ::posix_spawnattr_setflags(
              &attributes_, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK) == 0;
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;
  ~SpawnPlan() {
    ::posix_spawn_file_actions_destroy(&files_);
    ::posix_spawnattr_destroy(&attributes_);
  }

  /// The process, or -1.
  int run(const std::string& program, Task task, const std::string& plugin) {
    std::string name = "sotto-media";
    std::string word(name_of(task));
    std::string library = plugin;
    std::array<char*, 4> arguments = {name.data(), word.data(), nullptr, nullptr};
    if (!library.empty()) arguments[2] = library.data();
    std::array<char*, 1> environment = {nullptr};
    pid_t process = -1;
    const bool started = ok_ && ::posix_spawn(&process, program.c_str(), &files_, &attributes_,
                                              arguments.data(), environment.data()) == 0;
    return started ? process : -1;
  }

 private:
  posix_spawn_file_actions_t files_{};
  posix_spawnattr_t attributes_{};
  bool ok_ = false;
};

}  // namespace

MediaResult<std::unique_ptr<ConfinedProcess>> ConfinedProcess::start(const std::string& program, Task task,
                                                                     const std::string& plugin,
                                                                     DurationMs patience) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return err(MediaError::not_started);
  }
  const int process = SpawnPlan(ends[1]).run(program, task, plugin);
  ::close(ends[1]);
  const int handle = process > 0 ? open_handle(process) : -1;
  if (handle < 0) {
    ::close(ends[0]);
    if (process > 0) {
      ::kill(process, SIGKILL);
      ::waitpid(process, nullptr, 0);
    }
    return err(MediaError::not_started);
  }
  std::unique_ptr<ConfinedProcess> out(new ConfinedProcess(process, handle, ends[0]));
  out->begin_exchange(patience);
  SOTTO_CHECK_OK(out->greet(task));
  return out;
}

ConfinedProcess::~ConfinedProcess() {
  if (!ended_) {
    kill_by_handle(handle_);
    siginfo_t ignored{};
    while (::waitid(P_PIDFD, static_cast<id_t>(handle_), &ignored, WEXITED) != 0 && errno == EINTR) {
    }
  }
  ::close(handle_);
  ::close(socket_);
}

void ConfinedProcess::begin_exchange(DurationMs patience) {
  begun_ms_ = steady_ms();
  deadline_ms_ = begun_ms_ + patience.value;
}

DurationMs ConfinedProcess::exchanging() const { return {steady_ms() - begun_ms_}; }

MediaResult<void> ConfinedProcess::greet(Task task) {
  ByteArray<kGreetingSize> octets{};
  SOTTO_CHECK_OK(receive(octets));
  SOTTO_TRY(greeting_, decode_greeting(octets));
  if (greeting_.task != task) return err(MediaError::bad_answer);
  // The kernel's word, not the process's.
  if (!proven_confined()) return err(MediaError::not_confined);
  return {};
}

bool ConfinedProcess::proven_confined() const {
  std::ifstream status("/proc/" + std::to_string(process_) + "/status");
  bool filtered = false;
  bool fixed = false;
  for (std::string line; std::getline(status, line);) {
    filtered = filtered || line == "Seccomp:\t2";
    fixed = fixed || line == "NoNewPrivs:\t1";
  }
  return filtered && fixed;
}

MediaResult<short> ConfinedProcess::wait_for(short events) const {
  for (;;) {
    const std::uint64_t now = steady_ms();
    if (now >= deadline_ms_) return err(MediaError::timed_out);
    pollfd waiting{.fd = socket_, .events = events, .revents = 0};
    const int ready =
        ::poll(&waiting, 1, static_cast<int>(std::min<std::uint64_t>(deadline_ms_ - now, 60'000)));
    if (ready > 0) return waiting.revents;
  }
}

MediaResult<void> ConfinedProcess::send(ByteView octets) {
  while (!octets.empty()) {
    SOTTO_TRY(const short ready, wait_for(POLLOUT | POLLIN));
    if ((ready & POLLIN) != 0) {
      // An end looks like octets too.
      std::uint8_t octet = 0;
      const ssize_t got = ::recv(socket_, &octet, 1, MSG_PEEK | MSG_DONTWAIT);
      return err(got > 0 ? MediaError::bad_answer : how_it_ended());
    }
    const ssize_t sent = ::send(socket_, octets.data(), octets.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno != EAGAIN && errno != EINTR) return err(how_it_ended());
    if (sent > 0) octets = octets.subspan(static_cast<std::size_t>(sent));
  }
  return {};
}

MediaResult<void> ConfinedProcess::receive(MutableByteView octets) {
  while (!octets.empty()) {
    SOTTO_CHECK_OK(wait_for(POLLIN));
    // Without a control buffer: descriptors that come along are dropped by the kernel.
    const ssize_t got = ::recv(socket_, octets.data(), octets.size(), MSG_DONTWAIT);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) return err(how_it_ended());
    if (got > 0) octets = octets.subspan(static_cast<std::size_t>(got));
  }
  return {};
}

MediaError ConfinedProcess::how_it_ended() {
  pollfd waiting{.fd = handle_, .events = POLLIN, .revents = 0};
  if (::poll(&waiting, 1, kEndPatienceMs) <= 0)
    return MediaError::bad_answer;  // it lives: the socket was given up
  siginfo_t end{};
  if (::waitid(P_PIDFD, static_cast<id_t>(handle_), &end, WEXITED) != 0) return MediaError::crashed;
  ended_ = true;
  if (end.si_code == CLD_EXITED) {
    if (end.si_status == kNoClassifierStatus) return MediaError::not_supported;
    return end.si_status == kNotConfinedStatus ? MediaError::not_confined : MediaError::crashed;
  }
  switch (end.si_status) {
    case SIGSYS: return MediaError::forbidden_call;
    case SIGXCPU: return MediaError::timed_out;
    default: return MediaError::crashed;
  }
}

}  // namespace sotto::media
