// Commits without end until it is killed, and writes each completed ticket to standard output as 8 octets in
// host order. Arguments: directory, first ticket, tickets in flight.
#include "storage/crash_writer.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <semaphore>
#include <vector>

namespace {

using namespace sotto::storage;

void report(const std::vector<Completion>& group, std::counting_semaphore<>& room) {
  std::vector<std::uint64_t> tickets;
  for (const Completion& completion : group) {
    if (!completion.result) std::_Exit(3);
    tickets.push_back(completion.ticket.value);
  }
  const auto size = static_cast<ssize_t>(tickets.size() * sizeof(std::uint64_t));
  if (::write(STDOUT_FILENO, tickets.data(), static_cast<std::size_t>(size)) != size) std::_Exit(4);
  room.release(static_cast<std::ptrdiff_t>(group.size()));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 1;
  std::counting_semaphore<> room(std::atoi(argv[3]));
  sotto::log::StderrLogger logger(sotto::log::Level::info);
  auto store = RocksDbStore::open(
      crash::options(argv[1]), [&](const std::vector<Completion>& group) { report(group, room); }, logger);
  if (!store) {
    std::fprintf(stderr, "%s\n", store.error().message.c_str());
    return 2;
  }
  for (std::uint64_t ticket = std::strtoull(argv[2], nullptr, 10);; ++ticket) {
    room.acquire();
    if (!(*store)->commit(crash::batch_of(ticket), Ticket{ticket})) return 5;
  }
}
