#include "qr/terminal.h"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>

namespace sotto::qr {
namespace {

constexpr std::string_view kStart = "\x1b[38;5;16;48;5;231m";
constexpr std::string_view kEnd = "\x1b[0m";

/// What somebody sees who looks at the terminal: one string of '#' and '.' for each row of modules.
std::vector<std::string> modules(const std::vector<std::string>& lines) {
  std::vector<std::string> rows;
  for (std::string_view line : lines) {
    EXPECT_TRUE(line.starts_with(kStart) && line.ends_with(kEnd));
    line = line.substr(kStart.size(), line.size() - kStart.size() - kEnd.size());
    std::string upper;
    std::string lower;
    while (!line.empty()) {
      const auto takes = [&line](std::string_view block) {
        if (!line.starts_with(block)) return false;
        line.remove_prefix(block.size());
        return true;
      };
      const bool both = takes("\u2588");
      const bool only_upper = !both && takes("\u2580");
      const bool only_lower = !both && !only_upper && takes("\u2584");
      if (!both && !only_upper && !only_lower && !takes(" ")) return {};
      upper += both || only_upper ? '#' : '.';
      lower += both || only_lower ? '#' : '.';
    }
    rows.push_back(upper);
    rows.push_back(lower);
  }
  return rows;
}

/// A portable grey map with four pixels to the module.
void write_image(const std::vector<std::string>& rows, const std::string& path) {
  constexpr std::size_t kScale = 4;
  std::ofstream out(path, std::ios::binary);
  out << "P5 " << rows.front().size() * kScale << ' ' << rows.size() * kScale << " 255\n";
  for (const std::string& row : rows) {
    for (std::size_t y = 0; y < kScale; ++y) {
      for (const char module : row) out << std::string(kScale, module == '#' ? '\x00' : '\xff');
    }
  }
}

/// What zbarimg, a reader of somebody else's, finds in the image.
std::string scan(const std::string& path) {
  std::FILE* const pipe = popen(("zbarimg --quiet --raw -Sdisable -Sqrcode.enable " + path).c_str(), "r");
  std::string out;
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) out.push_back(static_cast<char>(c));
  EXPECT_EQ(pclose(pipe), 0);
  if (out.ends_with('\n')) out.pop_back();
  return out;
}

class TerminalQr : public ::testing::Test {
 protected:
  std::string image = ::testing::TempDir() + "sotto_qr_test.pgm";
  void TearDown() override { std::remove(image.c_str()); }
};

TEST_F(TerminalQr, IsReadByAnotherProgramAsWhatItSays) {
  if (std::system("command -v zbarimg >/dev/null") != 0) GTEST_SKIP() << "needs zbarimg (tools/deps)";
  const std::string link = "SOTTO:LINK/1/" + std::string(180, 'Q');
  for (const std::string& text :
       {std::string("A"), std::string("mixed Case + 123"), link, std::string(kMaxText, '7')}) {
    const auto rows = modules(terminal_lines(text));
    ASSERT_FALSE(rows.empty());
    write_image(rows, image);
    EXPECT_EQ(scan(image), text);
  }
}

TEST_F(TerminalQr, FitsATerminalWithItsMargin) {
  const auto rows = modules(terminal_lines("SOTTO:LINK/1/" + std::string(180, 'Q')));
  ASSERT_FALSE(rows.empty());
  EXPECT_LE(rows.front().size(), 72U);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(rows[i].find('#'), std::string::npos);
    EXPECT_EQ(rows[rows.size() - 1 - i].find('#'), std::string::npos);
  }
  for (const std::string& row : rows) {
    EXPECT_EQ(row.size(), rows.front().size());
    EXPECT_EQ(row.substr(0, 4), "....");
    EXPECT_EQ(row.substr(row.size() - 4), "....");
  }
  EXPECT_LE(modules(terminal_lines(std::string(kMaxText, 'Q'))).front().size(), 73U);
}

TEST_F(TerminalQr, RefusesWhatItCannotDraw) {
  EXPECT_TRUE(terminal_lines("").empty());
  EXPECT_TRUE(terminal_lines(std::string(kMaxText + 1, 'A')).empty());
  EXPECT_TRUE(terminal_lines(std::string_view("A\0B", 3)).empty());
}

}  // namespace
}  // namespace sotto::qr
