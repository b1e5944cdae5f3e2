// Runs a fuzz target once on each file named on the command line, and on each file of a directory:
// how profiles other than `fuzz` build the targets, to replay what fuzzing found.
#include <dirent.h>

#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);
extern "C" __attribute__((weak)) int LLVMFuzzerInitialize(int* argc, char*** argv);

namespace {

int runs = 0;

void run_file(const std::string& path) {
  FILE* file = fopen(path.c_str(), "rb");
  if (file == nullptr) return;
  std::vector<uint8_t> bytes;
  uint8_t part[65536];
  while (const size_t n = fread(part, 1, sizeof part, file)) bytes.insert(bytes.end(), part, part + n);
  fclose(file);
  bytes.shrink_to_fit();
  LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
  runs++;
}

}  // namespace

int main(int argc, char** argv) {
  if (LLVMFuzzerInitialize != nullptr) LLVMFuzzerInitialize(&argc, &argv);
  for (int i = 1; i < argc; i++) {
    const std::string path = argv[i];
    if (DIR* dir = opendir(path.c_str())) {
      while (const dirent* entry = readdir(dir)) {
        if (entry->d_name[0] != '.') run_file(path + "/" + entry->d_name);
      }
      closedir(dir);
    } else {
      run_file(path);
    }
  }
  printf("%d inputs\n", runs);
  return 0;
}
