#include "known_secrets.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <bitset>
#include <cstring>
#include <fstream>
#include <memory>
#include <sstream>

#include "crypto/secret.h"
#include "result/check.h"

namespace sotto::testing {
namespace {

constexpr std::uint8_t kMask = 0x5c;
constexpr std::size_t kWindow = 1U << 20U;

struct Region {
  std::uintptr_t begin = 0;
  std::uintptr_t end = 0;
  std::string name;
};

std::vector<Region> writable_regions() {
  std::vector<Region> out;
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    std::istringstream fields(line);
    Region region;
    char dash = 0;
    std::string permissions;
    std::string skipped;
    fields >> std::hex >> region.begin >> dash >> region.end >> permissions >> skipped >> skipped >>
        skipped >> region.name;
    if (permissions.starts_with("rw")) out.push_back(std::move(region));
  }
  return out;
}

/// Memory to read through, which must not be searched itself.
class Window {
 public:
  Window()
      : data_(static_cast<std::uint8_t*>(
            ::mmap(nullptr, kWindow, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))),
        memory_(::open("/proc/self/mem", O_RDONLY | O_CLOEXEC)) {
    SOTTO_CHECK(data_ != MAP_FAILED && memory_ >= 0);
  }
  Window(const Window&) = delete;
  Window& operator=(const Window&) = delete;
  ~Window() {
    ::munmap(data_, kWindow);
    ::close(memory_);
  }
  /// Octets from `address` on, fewer than asked where they cannot be read; its own are masked away.
  ByteView read(std::uintptr_t address, std::size_t size) {
    const auto self = reinterpret_cast<std::uintptr_t>(data_);
    const std::size_t wanted = std::min(size, kWindow);
    if (address < self + kWindow && self < address + wanted) {
      if (address >= self) return {};
      return read(address, self - address);
    }
    const ssize_t got = ::pread(memory_, data_, wanted, static_cast<off_t>(address));
    return {data_, got > 0 ? static_cast<std::size_t>(got) : 0};
  }
  [[nodiscard]] std::uintptr_t end_of_self() const {
    return reinterpret_cast<std::uintptr_t>(data_) + kWindow;
  }
  [[nodiscard]] bool holds(std::uintptr_t address) const {
    const auto self = reinterpret_cast<std::uintptr_t>(data_);
    return address >= self && address < self + kWindow;
  }

 private:
  std::uint8_t* data_;
  int memory_;
};

bool equal_masked(const ByteArray<KnownSecrets::kNeedleSize>& masked, const std::uint8_t* at) {
  for (std::size_t i = 0; i < masked.size(); ++i) {
    if ((at[i] ^ kMask) != masked[i]) return false;
  }
  return true;
}

std::uint16_t start_of(const std::uint8_t* at) { return static_cast<std::uint16_t>(at[0] << 8U | at[1]); }

}  // namespace

void KnownSecrets::add(std::string_view name, ByteView octets) {
  SOTTO_CHECK(octets.size() >= kNeedleSize);
  Needle& needle = needles_.emplace_back();
  needle.name = name;
  for (std::size_t i = 0; i < kNeedleSize; ++i) needle.masked[i] = octets[i] ^ kMask;
}

std::vector<std::string> KnownSecrets::found() const {
  std::vector<std::string> out;
  // Most places are ruled out by their first two octets.
  const auto starts = std::make_unique<std::bitset<65536>>();
  for (const Needle& needle : needles_) starts->set(start_of(needle.masked.data()) ^ (kMask << 8U | kMask));
  const auto regions = writable_regions();
  Window window;
  for (const Region& region : regions) {
    for (std::uintptr_t at = region.begin; at + kNeedleSize <= region.end;) {
      if (window.holds(at)) {
        at = window.end_of_self();
        continue;
      }
      const ByteView octets = window.read(at, region.end - at);
      if (octets.size() < kNeedleSize) break;
      for (std::size_t i = 0; i + kNeedleSize <= octets.size(); ++i) {
        if (!starts->test(start_of(octets.data() + i))) continue;
        for (const Needle& needle : needles_) {
          if (!equal_masked(needle.masked, octets.data() + i)) continue;
          std::ostringstream place;
          place << needle.name << " in " << (region.name.empty() ? "anonymous memory" : region.name) << " at "
                << std::hex << at + i;
          out.push_back(place.str());
        }
      }
      at += octets.size() - (kNeedleSize - 1);
    }
  }
  return out;
}

void NotingRandom::fill(MutableByteView out) {
  source_.fill(out);
  if (out.size() >= 32) secrets_.add("a private key drawn as number " + std::to_string(secrets_.size()), out);
}

}  // namespace sotto::testing
