#include "media_decoder/confinement.h"

#include <fcntl.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <span>

#include "media/limits.h"

namespace sotto::media_decoder {
namespace {

// linux/landlock.h of the oldest system that is supported knows the first version only.
struct __attribute__((packed)) LandlockPath {
  std::uint64_t allowed;
  std::int32_t folder;
};
struct LandlockRuleset {
  std::uint64_t files;
  std::uint64_t network;
  std::uint64_t scopes;
};
constexpr unsigned kLandlockVersion = 1U << 0;
constexpr int kLandlockPathRule = 1;
constexpr std::uint64_t kReadFile = 1U << 2;
constexpr std::uint64_t kReadFolder = 1U << 3;
/// Access rights to files by version: 13 in the first, then rename across folders, truncate, and device
/// controls.
constexpr std::array<unsigned, 5> kFileRights = {13, 14, 15, 15, 16};
constexpr long kNetworkSince = 4;
constexpr std::uint64_t kNetworkRights = 0x3;  // bind and connect TCP
constexpr long kScopesSince = 6;
constexpr std::uint64_t kScopes = 0x3;  // abstract UNIX sockets, signals

bool limit(int resource, std::uint64_t soft, std::uint64_t hard) {
  const rlimit value = {.rlim_cur = soft, .rlim_max = hard};
  return ::setrlimit(static_cast<__rlimit_resource_t>(resource), &value) == 0;
}

bool limit(int resource, std::uint64_t value) { return limit(resource, value, value); }

/// A filter under construction; freed however it ends.
class Filter {
 public:
  explicit Filter(std::uint32_t otherwise) : context_(::seccomp_init(otherwise)) {}
  Filter(const Filter&) = delete;
  Filter& operator=(const Filter&) = delete;
  ~Filter() {
    if (context_ != nullptr) ::seccomp_release(context_);
  }

  template <typename... Conditions>
  void add(std::uint32_t action, int call, Conditions... conditions) {
    const std::array<scmp_arg_cmp, sizeof...(Conditions)> all = {conditions...};
    ok_ =
        ok_ && context_ != nullptr &&
        ::seccomp_rule_add_array(context_, action, call, static_cast<unsigned>(all.size()), all.data()) == 0;
  }
  bool load() { return ok_ && ::seccomp_load(context_) == 0; }

 private:
  scmp_filter_ctx context_;
  bool ok_ = true;
};

scmp_arg_cmp is(unsigned argument, std::uint64_t value) {
  return {.arg = argument, .op = SCMP_CMP_EQ, .datum_a = value, .datum_b = 0};
}

scmp_arg_cmp is_not(unsigned argument, std::uint64_t value) {
  return {.arg = argument, .op = SCMP_CMP_NE, .datum_a = value, .datum_b = 0};
}

/// None of the bits of `mask`.
scmp_arg_cmp lacks(unsigned argument, std::uint64_t mask) {
  return {.arg = argument, .op = SCMP_CMP_MASKED_EQ, .datum_a = mask, .datum_b = 0};
}

/// -1 as a descriptor: the kernel looks at the lower half only, and compilers leave either sign in the upper.
scmp_arg_cmp no_descriptor(unsigned argument) {
  return {.arg = argument, .op = SCMP_CMP_MASKED_EQ, .datum_a = 0xffffffff, .datum_b = 0xffffffff};
}

/// A Landlock domain in which nothing is allowed but reading below `readable`. The version; 0 where the
/// kernel has none. Empty: it has it and refused.
std::optional<std::uint8_t> enter_landlock(std::span<const std::string> readable) {
  const long version = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, kLandlockVersion);
  if (version <= 0) {
    return errno == ENOSYS || errno == EOPNOTSUPP ? std::optional<std::uint8_t>(0) : std::nullopt;
  }
  const auto newest = static_cast<long>(kFileRights.size());
  const unsigned rights = kFileRights.at(static_cast<std::size_t>(std::min(version, newest) - 1));
  const LandlockRuleset ruleset{.files = (std::uint64_t{1} << rights) - 1,
                                .network = version >= kNetworkSince ? kNetworkRights : 0,
                                .scopes = version >= kScopesSince ? kScopes : 0};
  const std::size_t size = version >= kScopesSince    ? sizeof ruleset
                           : version >= kNetworkSince ? 2 * sizeof(std::uint64_t)
                                                      : sizeof(std::uint64_t);
  const long rules = ::syscall(SYS_landlock_create_ruleset, &ruleset, size, 0);
  if (rules < 0) return std::nullopt;
  bool entered = true;
  for (const std::string& path : readable) {
    const int folder = ::open(path.c_str(), O_PATH | O_CLOEXEC);
    if (folder < 0) continue;  // what is not there needs no rule
    std::error_code ignored;
    const bool deep = std::filesystem::is_directory(path, ignored);
    const LandlockPath rule{.allowed = deep ? kReadFile | kReadFolder : kReadFile, .folder = folder};
    entered = entered && ::syscall(SYS_landlock_add_rule, rules, kLandlockPathRule, &rule, 0) == 0;
    ::close(folder);
  }
  entered = entered && ::syscall(SYS_landlock_restrict_self, rules, 0) == 0;
  ::close(static_cast<int>(rules));
  if (!entered) return std::nullopt;
  return static_cast<std::uint8_t>(std::min<long>(version, 255));
}

/// What every confined process may do: get memory, know the time, end.
void allow_living(Filter& filter) {
  for (const int call : {SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(brk), SCMP_SYS(madvise),
                         SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday), SCMP_SYS(futex),
                         SCMP_SYS(restart_syscall), SCMP_SYS(exit), SCMP_SYS(exit_group), SCMP_SYS(getpid),
                         SCMP_SYS(gettid), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn)}) {
    filter.add(SCMP_ACT_ALLOW, call);
  }
  // abort(), which signals nobody but the process itself.
  filter.add(SCMP_ACT_ALLOW, SCMP_SYS(tgkill), is(0, static_cast<std::uint64_t>(::getpid())));
}

/// What loading a library needs on top, and what confining needs afterwards.
bool filter_loading() {
  constexpr std::uint64_t kWriting = O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND | (O_TMPFILE & ~O_DIRECTORY);
  Filter filter(SCMP_ACT_KILL_PROCESS);
  allow_living(filter);
  filter.add(SCMP_ACT_ALLOW, SCMP_SYS(openat), lacks(2, kWriting));
  for (const int call :
       {SCMP_SYS(read), SCMP_SYS(pread64), SCMP_SYS(lseek), SCMP_SYS(close), SCMP_SYS(fstat),
        SCMP_SYS(newfstatat), SCMP_SYS(readlink), SCMP_SYS(readlinkat), SCMP_SYS(access), SCMP_SYS(faccessat),
        SCMP_SYS(faccessat2), SCMP_SYS(getdents64), SCMP_SYS(getcwd), SCMP_SYS(mmap), SCMP_SYS(mprotect),
        SCMP_SYS(getrandom), SCMP_SYS(sysinfo), SCMP_SYS(sched_getaffinity), SCMP_SYS(uname)}) {
    filter.add(SCMP_ACT_ALLOW, call);
  }
  for (const int call :
       {SCMP_SYS(prctl), SCMP_SYS(seccomp), SCMP_SYS(landlock_create_ruleset),
        SCMP_SYS(landlock_restrict_self), SCMP_SYS(setrlimit), SCMP_SYS(prlimit64), SCMP_SYS(close_range)}) {
    filter.add(SCMP_ACT_ALLOW, call);
  }
  // The greeting, and what comes after confining again, which allows no more than this.
  filter.add(SCMP_ACT_ALLOW, SCMP_SYS(write), is(0, 0));
  filter.add(SCMP_ACT_ERRNO(EBADF), SCMP_SYS(write), is_not(0, 0));
  filter.add(SCMP_ACT_ERRNO(EBADF), SCMP_SYS(writev), is_not(0, 0));
  return filter.load();
}

}  // namespace

bool limit_resources() {
  return limit(RLIMIT_AS, media::kMaxAddressSpace) &&
         limit(RLIMIT_CPU, media::kMaxProcessorSeconds, media::kMaxProcessorSeconds + 1) &&
         limit(RLIMIT_FSIZE, 0) && limit(RLIMIT_NPROC, 0) && limit(RLIMIT_CORE, 0) &&
         limit(RLIMIT_MEMLOCK, 0) && limit(RLIMIT_MSGQUEUE, 0) && limit(RLIMIT_NOFILE, 0);
}

bool give_up_descriptors() {
  return ::close_range(1, ~0U, 0) == 0 && ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

std::optional<std::uint8_t> give_up_files() { return enter_landlock({}); }

bool give_up_calls() {
  // A call of another architecture's ABI (32-bit, x32) ends the process too: libseccomp's default.
  Filter filter(SCMP_ACT_KILL_PROCESS);
  filter.add(SCMP_ACT_ALLOW, SCMP_SYS(read), is(0, 0));
  filter.add(SCMP_ACT_ALLOW, SCMP_SYS(write), is(0, 0));
  // What a library prints goes nowhere. Before it does, the C library looks at what it prints to.
  filter.add(SCMP_ACT_ERRNO(EBADF), SCMP_SYS(write), is_not(0, 0));
  filter.add(SCMP_ACT_ERRNO(EBADF), SCMP_SYS(writev), is_not(0, 0));
  for (const int call : {SCMP_SYS(fstat), SCMP_SYS(newfstatat)}) filter.add(SCMP_ACT_ERRNO(EBADF), call);
  // qsort() asks how much memory there is and does without an answer.
  filter.add(SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(sysinfo));
  // Memory that holds data only: nothing becomes code.
  filter.add(SCMP_ACT_ALLOW, SCMP_SYS(mmap), lacks(2, PROT_EXEC), no_descriptor(4));
  filter.add(SCMP_ACT_ALLOW, SCMP_SYS(mprotect), lacks(2, PROT_EXEC));
  allow_living(filter);
  return filter.load();
}

bool confine_loading(const std::string& library) {
  const std::array<std::string, 6> readable = {
      "/usr/lib", "/usr/local/lib",   "/lib",
      "/lib64",   "/etc/ld.so.cache", std::filesystem::path(library).parent_path().string()};
  if (!give_up_descriptors()) return false;
  return enter_landlock(readable).has_value() && filter_loading();
}

std::optional<std::uint8_t> confine() {
  if (!give_up_descriptors()) return std::nullopt;
  const auto landlock = give_up_files();
  if (!landlock || !limit_resources() || ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return std::nullopt;
  if (!give_up_calls()) return std::nullopt;
  return landlock;
}

}  // namespace sotto::media_decoder
