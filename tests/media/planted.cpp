// A decoder that was taken over: confined like the real one, it then does what the file says. Files are
// "NAME" or "NAME and anything". With `--freely NAME` it does the same unconfined, with `--landlock NAME` and
// `--limits NAME` under that protection alone: 0 when the attempt worked, 1 when it was refused.
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <thread>

#include "media/exit_status.h"
#include "media/protocol.h"
#include "media_decoder/confinement.h"

namespace {

using namespace sotto;

bool execute() {
  std::string program = "/bin/true";
  std::array<char*, 2> words = {program.data(), nullptr};
  return ::execv(program.c_str(), words.data()) == 0;
}

bool run_a_child() {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  return child > 0 && ::waitpid(child, nullptr, 0) == child;
}

bool start_a_thread() {
  std::thread([] {}).join();
  return true;
}

bool make_code() {
  return ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
         MAP_FAILED;
}

bool turn_into_code() {
  void* page = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return page != MAP_FAILED && ::mprotect(page, 4096, PROT_READ | PROT_EXEC) == 0;
}

bool read_the_client() {
  // The address does not matter: being told that it is wrong is more than this process may learn.
  std::array<char, 8> into{};
  iovec here{.iov_base = into.data(), .iov_len = into.size()};
  iovec there{.iov_base = reinterpret_cast<void*>(4096), .iov_len = into.size()};
  return ::process_vm_readv(::getppid(), &here, 1, &there, 1, 0) >= 0 || errno == EFAULT;
}

bool raise_a_limit() {
  rlimit value{};
  return ::getrlimit(RLIMIT_CPU, &value) == 0 && ::setrlimit(RLIMIT_CPU, &value) == 0;
}

bool send_a_descriptor() {
  std::array<char, 1> octet{};
  iovec data{.iov_base = octet.data(), .iov_len = octet.size()};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  std::array<int, 2> ends{};
  return ::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) == 0 && ::sendmsg(ends[0], &message, 0) == 1;
}

bool signal_others() { return ::kill(::getppid(), 0) == 0; }

/// What would be of use to whoever took a process over. Each works in an ordinary one.
const std::map<std::string, bool (*)()> kAttempts = {
    {"open", [] { return ::open("/etc/passwd", O_RDONLY) >= 0; }},
    {"list", [] { return ::open("/", O_RDONLY | O_DIRECTORY) >= 0; }},
    {"create", [] { return ::open("/tmp", O_TMPFILE | O_WRONLY, 0600) >= 0; }},
    {"stat", [] { return ::access("/etc/passwd", R_OK) == 0; }},
    {"internet", [] { return ::socket(AF_INET, SOCK_STREAM, 0) >= 0; }},
    {"unix-socket", [] { return ::socket(AF_UNIX, SOCK_STREAM, 0) >= 0; }},
    {"descriptor", send_a_descriptor},
    {"execute", execute},
    {"fork", run_a_child},
    {"thread", start_a_thread},
    {"trace", [] { return ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) == 0; }},
    {"signal", signal_others},
    {"code", make_code},
    {"turn-into-code", turn_into_code},
    {"memory-file", [] { return ::memfd_create("x", 0) >= 0; }},
    {"client-memory", read_the_client},
    {"limit", raise_a_limit},
    {"name", [] { return ::prctl(PR_SET_NAME, "x", 0, 0, 0) == 0; }},
    {"pipe",
     [] {
       std::array<int, 2> ends{};
       return ::pipe(ends.data()) == 0;
     }},
    {"sleep", [] { return ::usleep(1) == 0; }},
    {"leave", [] { return ::chdir("/tmp") == 0; }},
};

bool read_all(std::uint8_t* into, std::size_t size) {
  while (size > 0) {
    const ssize_t got = ::read(0, into, size);
    if (got <= 0) return false;
    into += got;
    size -= static_cast<std::size_t>(got);
  }
  return true;
}

void write_all(ByteView octets) {
  while (!octets.empty()) {
    const ssize_t sent = ::write(0, octets.data(), octets.size());
    if (sent <= 0) ::_exit(3);
    octets = octets.subspan(static_cast<std::size_t>(sent));
  }
}

/// A picture of one pixel with a number for its size, and whether something is so.
void answer(bool yes, std::uint32_t number) {
  write_all(media::encode(media::PictureHead{
      .animated = yes, .source_width = number, .source_height = 1, .width = 1, .height = 1}));
  write_all(Bytes(4));
}

/// Answers that no decoder gives, and ways not to answer.
void misbehave(const std::string& how) {
  if (how == "crash") std::abort();
  if (how == "killed") ::raise(SIGKILL);
  if (how == "processor") ::raise(SIGXCPU);
  if (how == "end") ::_exit(0);
  if (how == "hang") {
    for (volatile int spin = 0;; spin = spin + 1) {
    }
  }
  if (how == "garbage") write_all(Bytes(100'000, 0xa5));
  if (how == "refuse-oddly") write_all(Bytes(media::kPictureHeadSize, 4));
  if (how == "huge") {
    write_all(media::encode(media::PictureHead{
        .source_width = 9, .source_height = 9, .width = 0xffffffff, .height = 0xffffffff}));
  }
  if (how == "half") {
    write_all(media::encode(
        media::PictureHead{.source_width = 4000, .source_height = 4000, .width = 300, .height = 300}));
    write_all(Bytes(1000));
  }
  if (how == "memory") {
    const bool more = ::mmap(nullptr, std::size_t{2} << 30, PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED;
    if (!more) write_all(media::encode_refusal(media::MediaError::too_large, media::kPictureHeadSize));
  }
  if (how == "print") {
    std::printf("libraries do that\n");
    std::fprintf(stderr, "on either stream\n");
    answer(std::fflush(stdout) != 0 && ::write(2, "x", 1) < 0 && errno == EBADF, 1);
  }
  if (how == "unasked") {
    answer(true, 1);
    write_all(Bytes(media::kPictureHeadSize));
  }
}

/// What the client let this process have: nothing in its environment, three descriptors, no terminal.
bool came_with_nothing() {
  std::size_t descriptors = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    static_cast<void>(entry);
    ++descriptors;
  }
  return *environ == nullptr && descriptors == 4 && std::filesystem::current_path() == "/" &&
         ::getsid(0) == ::getpid() && ::open("/dev/tty", O_RDWR) < 0;
}

[[noreturn]] void serve(bool bare) {
  for (std::uint32_t served = 1;; ++served) {
    ByteArray<media::kDecodeRequestSize> head{};
    if (!read_all(head.data(), head.size())) ::_exit(media::kServedStatus);
    const auto request = media::decode_decode_request(head);
    if (!request) ::_exit(media::kBadRequestStatus);
    if (request->length > (1U << 20)) {
      for (volatile int spin = 0;; spin = spin + 1) {  // takes no more
      }
    }
    Bytes file(request->length);
    if (!read_all(file.data(), file.size())) ::_exit(media::kServedStatus);
    const std::string what(as_chars(file));
    if (what == "count") {
      answer(true, served);
    } else if (what == "bare") {
      answer(bare, served);
    } else if (const auto found = kAttempts.find(what); found != kAttempts.end()) {
      answer(found->second(), served);
    } else {
      misbehave(what);
    }
  }
}

/// From here on the kernel answers this call as one does that lacks something.
void let_kernel_lack(int call, int error) {
  const scmp_filter_ctx filter = ::seccomp_init(SCMP_ACT_ALLOW);
  if (::seccomp_rule_add(filter, SCMP_ACT_ERRNO(static_cast<unsigned>(error)), call, 0) != 0 ||
      ::seccomp_load(filter) != 0) {
    ::_exit(99);
  }
  ::seccomp_release(filter);
}

/// A filter that was loaded keeps others from being loaded: as where the kernel has none.
void let_kernel_lack_filters() {
  const scmp_filter_ctx filter = ::seccomp_init(SCMP_ACT_ALLOW);
  const scmp_arg_cmp set_filter{.arg = 0, .op = SCMP_CMP_EQ, .datum_a = PR_SET_SECCOMP, .datum_b = 0};
  if (::seccomp_rule_add(filter, SCMP_ACT_ERRNO(EINVAL), SCMP_SYS(prctl), 1, set_filter) != 0 ||
      ::seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(seccomp), 0) != 0 ||
      ::seccomp_load(filter) != 0) {
    ::_exit(99);
  }
}

int attempt(const std::string& protection, const std::string& name) {
  if (protection == "--landlock" && media_decoder::give_up_files().value_or(0) == 0) return 77;
  if (protection == "--limits" && !media_decoder::limit_resources()) return 77;
  return kAttempts.at(name)() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 3) return attempt(argv[1], argv[2]);
  const bool bare = came_with_nothing();
  // Programs of other names misbehave before they are confined.
  const std::string name = std::filesystem::read_symlink("/proc/self/exe").filename();
  if (name == "planted_refused") return media::kNotConfinedStatus;
  if (name == "planted_mute") {
    for (;;) ::pause();
  }
  if (name == "planted_crash") std::abort();
  if (name == "planted_without_landlock") let_kernel_lack(SCMP_SYS(landlock_create_ruleset), ENOSYS);
  if (name == "planted_refused_landlock") let_kernel_lack(SCMP_SYS(landlock_restrict_self), EPERM);
  if (name == "planted_without_limits") let_kernel_lack(SCMP_SYS(prlimit64), EPERM);
  if (name == "planted_without_seccomp") let_kernel_lack_filters();
  const auto landlock =
      name == "planted_unconfined" ? std::optional<std::uint8_t>(9) : media_decoder::confine();
  if (!landlock) return media::kNotConfinedStatus;
  media::Greeting greeting{.task = media::Task::decode, .landlock_abi = *landlock, .formats = 2};
  if (name == "planted_other") greeting.task = media::Task::encode;
  write_all(name == "planted_rude" ? Bytes(media::kGreetingSize, 7) : media::encode(greeting));
  serve(bare);
}
