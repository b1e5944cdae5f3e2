// Floats as text against the stock VM (tests/golden/make_float_text.escript).
#include "vm/term/float_text.h"

#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <sstream>
#include <string>

#include "tests/unit/golden.h"

namespace lintel {
namespace {

double from_bits(const std::string& s) {
  u64 u = std::stoull(s);
  double d;
  std::memcpy(&d, &u, 8);
  return d;
}

TEST(FloatText, Golden) {
  std::ifstream in(golden_path("float_text.txt"));
  ASSERT_TRUE(in);
  std::string line;
  int n = 0;
  while (std::getline(in, line)) {
    std::istringstream fields(line);
    std::string op, first, decimals, want;
    fields >> op >> first;
    char text[512];
    u32 length = 0;
    if (op == "short") {
      fields >> want;
      length = float_to_short(from_bits(first), text);
      EXPECT_LE(length, kShortFloatChars);
    } else if (op == "parse") {
      fields >> want;
      double d;
      if (!float_from_text(first, &d)) {
        EXPECT_EQ(want, "bad") << line;
      } else {
        u64 u;
        std::memcpy(&u, &d, 8);
        EXPECT_EQ(std::to_string(u), want) << line;
      }
      n++;
      continue;
    } else {
      fields >> decimals >> want;
      u32 places = static_cast<u32>(std::stoul(decimals));
      if (op == "sci") length = float_to_scientific(from_bits(first), places, text, sizeof text);
      if (op == "fixed") length = float_to_fixed(from_bits(first), places, false, text, sizeof text);
      if (op == "compact") length = float_to_fixed(from_bits(first), places, true, text, sizeof text);
    }
    EXPECT_EQ(std::string(text, length), want) << line;
    n++;
  }
  EXPECT_GT(n, 1000);
}

}  // namespace
}  // namespace lintel
