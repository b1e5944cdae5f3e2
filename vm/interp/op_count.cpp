#include "vm/interp/op_count.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "vm/code/run_count.h"

namespace lintel::interp {

namespace {

std::string output_file;
// Relaxed counting by several schedulers may lose a few; the order of magnitude is what counts.
u64 pairs[kOpCount][kOpCount];
u64* triples;  // kOpCount^3 of them, touched where something is counted
thread_local u32 previous = 0;
thread_local u32 before = 0;

u64& triple(u32 a, u32 b, u32 c) { return triples[(u64{a} * kOpCount + b) * kOpCount + c]; }

void count(Op op) {
  u32 now = static_cast<u32>(op);
  pairs[previous][now]++;
  triple(before, previous, now)++;
  before = previous;
  previous = now;
}

#define OP(name, letters)             \
  void counted_##name(HANDLER_PARAMS) { \
    count(Op::name);                  \
    run_count(pc);                    \
    GOTO(op_##name);                  \
  }
#include "vm/tables/specific_ops.def"
#undef OP

const Handler counted[] = {
#define OP(name, letters) &counted_##name,
#include "vm/tables/specific_ops.def"
#undef OP
};

}  // namespace

void op_count_enable(const char* file) {
  output_file = file;
  run_counting = true;
  triples = static_cast<u64*>(std::calloc(u64{kOpCount} * kOpCount * kOpCount, sizeof *triples));
  VM_CHECK(triples != nullptr);
}
bool op_count_enabled() { return !output_file.empty(); }
Handler counted_handler(Op op) { return counted[static_cast<u32>(op)]; }

void op_count_write() {
  if (output_file.empty()) return;
  std::FILE* out = std::fopen(output_file.c_str(), "w");
  if (out == nullptr) return;
  struct Row {
    u64 count;
    u32 first, second, third;
  };
  std::vector<Row> singles(kOpCount);
  std::vector<Row> rows;
  std::vector<Row> runs;
  u64 total = 0;
  for (u32 a = 0; a < kOpCount; a++) {
    for (u32 b = 0; b < kOpCount; b++) {
      u64 n = pairs[a][b];
      total += n;
      singles[b].count += n;
      singles[b].second = b;
      if (n == 0) continue;
      rows.push_back({n, a, b, 0});
      for (u32 c = 0; c < kOpCount; c++) {
        if (u64 m = triple(a, b, c)) runs.push_back({m, a, b, c});
      }
    }
  }
  auto more = [](const Row& x, const Row& y) { return x.count > y.count; };
  std::sort(singles.begin(), singles.end(), more);
  std::sort(rows.begin(), rows.end(), more);
  std::sort(runs.begin(), runs.end(), more);
  double percent = total != 0 ? 100.0 / static_cast<double>(total) : 0;
  std::fprintf(out, "%llu operations\n", static_cast<unsigned long long>(total));
  for (const Row& r : singles) {
    if (r.count != 0) {
      std::fprintf(out, "%6.2f %% %s\n", static_cast<double>(r.count) * percent, kOpNames[r.second]);
    }
  }
  std::fprintf(out, "\n");
  for (const Row& r : rows) {
    if (static_cast<double>(r.count) * percent < 0.05) break;
    std::fprintf(out, "%6.2f %% %s %s\n", static_cast<double>(r.count) * percent,
                 kOpNames[r.first], kOpNames[r.second]);
  }
  std::fprintf(out, "\n");
  for (const Row& r : runs) {
    if (static_cast<double>(r.count) * percent < 0.05) break;
    std::fprintf(out, "%6.2f %% %s %s %s\n", static_cast<double>(r.count) * percent,
                 kOpNames[r.first], kOpNames[r.second], kOpNames[r.third]);
  }
  std::fprintf(out, "\n");
  run_counts_write(out);
  std::fclose(out);
}

}  // namespace lintel::interp
