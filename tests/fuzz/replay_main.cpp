// Runs a fuzz target over the files of one folder, each also cut short and with single bits flipped, so that
// every test run covers the corpus and its neighbourhood. In fuzz builds libFuzzer brings its own main.
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

/// Of each sort per file, spread evenly over a longer one: some targets verify signatures.
constexpr std::size_t kMaxVariants = 200;

void run(const std::vector<std::uint8_t>& octets, std::size_t size) {
  // A copy of exactly that size, so that a sanitizer sees any read past the end.
  const std::vector<std::uint8_t> exact(octets.begin(), octets.begin() + static_cast<std::ptrdiff_t>(size));
  LLVMFuzzerTestOneInput(exact.data(), exact.size());
}

void run_with_variants(std::vector<std::uint8_t> octets) {
  run(octets, octets.size());
  const std::size_t cut_step = octets.size() / kMaxVariants + 1;
  for (std::size_t size = 0; size < octets.size(); size += cut_step) run(octets, size);
  const std::size_t bits = octets.size() * 8;
  const std::size_t bit_step = bits / kMaxVariants + 1;
  for (std::size_t bit = 0; bit < bits; bit += bit_step) {
    const auto mask = static_cast<std::uint8_t>(1U << bit % 8);
    octets[bit / 8] ^= mask;
    run(octets, octets.size());
    octets[bit / 8] ^= mask;
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2 || !std::filesystem::is_directory(argv[1])) {
    std::fprintf(stderr, "usage: %s <corpus folder>\n", argv[0]);
    return 1;
  }
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(argv[1])) {
    if (!entry.is_regular_file()) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    run_with_variants({std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()});
    ++count;
  }
  std::printf("replayed %zu inputs and their variants\n", count);
  return count == 0 ? 1 : 0;
}
