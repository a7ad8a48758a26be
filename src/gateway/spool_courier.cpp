#include "gateway/spool_courier.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <iterator>

namespace sotto::gateway {
namespace {

constexpr std::string_view kSuffix = ".notice";

/// The number in the name of a notice's file; 0 for any other file.
std::uint64_t number_of(const std::filesystem::path& file) {
  const std::string name = file.filename().string();
  if (!name.ends_with(kSuffix)) return 0;
  std::uint64_t number = 0;
  const char* const end = name.data() + name.size() - kSuffix.size();
  const auto [stop, error] = std::from_chars(name.data(), end, number);
  return error == std::errc{} && stop == end ? number : 0;
}

std::string file_text(const Notice& notice) {
  const std::string subject = notice.subject.empty() ? "" : "Subject: " + notice.subject + "\n";
  return "To: " + notice.to + "\n" + subject + "\n" + notice.text;
}

bool write_whole(const std::filesystem::path& path, std::string_view text) {
  const int file = ::open(path.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
  if (file < 0) return false;
  const bool written = ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  return ::close(file) == 0 && written;
}

}  // namespace

SpoolCourier::SpoolCourier(std::filesystem::path folder, log::Logger& logger)
    : folder_(std::move(folder)), logger_(logger) {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder_, error)) {
    last_ = std::max(last_, number_of(entry.path()));
  }
}

bool SpoolCourier::send(Notice notice) {
  std::error_code error;
  const std::filesystem::directory_iterator files(folder_, error);
  if (!error && static_cast<std::size_t>(std::distance(begin(files), end(files))) >= kMaxWaiting)
    return false;
  const auto path = folder_ / fmt::format("{}{}", last_ + 1, kSuffix);
  auto unfinished = path;
  unfinished += ".new";
  if (!write_whole(unfinished, file_text(notice))) {
    logger_.warning("notice_not_spooled", {log::operator_text("folder", folder_.string())});
    return false;
  }
  std::filesystem::rename(unfinished, path, error);
  if (error) return false;
  ++last_;
  return true;
}

}  // namespace sotto::gateway
