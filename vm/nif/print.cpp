// enif_fprintf and its relatives: C's formats and %T, a term.
#include <cstdio>
#include <cstring>
#include <string>

#include "vm/nif/env.h"
#include "vm/term/print.h"

using namespace lintel;

namespace {

// One conversion specification, as the C library takes it.
struct Conversion {
  std::string text = "%";
  enum Length { None, Char, Short, Long, LongLong, Max, Size, Ptrdiff, LongDouble } length = None;
  int width = 0;
  int precision = -1;
  bool is_left = false;
};

template <typename T>
void append(std::string& out, const std::string& format, T value) {
  char fixed[128];
  int n = std::snprintf(fixed, sizeof fixed, format.c_str(), value);
  if (n < 0) return;
  if (static_cast<size_t>(n) < sizeof fixed) {
    out.append(fixed, static_cast<size_t>(n));
    return;
  }
  std::string big(static_cast<size_t>(n) + 1, '\0');
  std::snprintf(big.data(), big.size(), format.c_str(), value);
  big.pop_back();
  out += big;
}

const char* parse_length(const char* f, Conversion& c) {
  switch (*f) {
    case 'h':
      c.length = f[1] == 'h' ? Conversion::Char : Conversion::Short;
      f += f[1] == 'h' ? 2 : 1;
      break;
    case 'l':
      c.length = f[1] == 'l' ? Conversion::LongLong : Conversion::Long;
      f += f[1] == 'l' ? 2 : 1;
      break;
    case 'j': c.length = Conversion::Max; f++; break;
    case 'z': c.length = Conversion::Size; f++; break;
    case 't': c.length = Conversion::Ptrdiff; f++; break;
    case 'L': c.length = Conversion::LongDouble; f++; break;
    default: break;
  }
  return f;
}

std::string format_text(const char* f, va_list args) {
  std::string out;
  while (*f != '\0') {
    if (*f != '%') {
      out.push_back(*f++);
      continue;
    }
    f++;
    if (*f == '%') {
      out.push_back(*f++);
      continue;
    }
    Conversion c;
    while (*f != '\0' && std::strchr("-+ #0'", *f) != nullptr) {
      if (*f == '-') c.is_left = true;
      c.text.push_back(*f++);
    }
    if (*f == '*') {
      c.width = va_arg(args, int);
      if (c.width < 0) {
        c.is_left = true;
        c.width = -c.width;
        c.text.push_back('-');
      }
      c.text += std::to_string(c.width);
      f++;
    } else {
      while (*f >= '0' && *f <= '9') {
        c.width = c.width * 10 + (*f - '0');
        c.text.push_back(*f++);
      }
    }
    if (*f == '.') {
      f++;
      c.precision = 0;
      if (*f == '*') {
        c.precision = va_arg(args, int);
        f++;
      } else {
        while (*f >= '0' && *f <= '9') c.precision = c.precision * 10 + (*f++ - '0');
      }
      if (c.precision >= 0) c.text += "." + std::to_string(c.precision);
    }
    f = parse_length(f, c);
    char kind = *f;
    if (kind == '\0') break;
    f++;
    switch (kind) {
      case 'd':
      case 'i':
      case 'o':
      case 'u':
      case 'x':
      case 'X':
      case 'b': {
        // Every integer goes through the widest type, converted to its own first.
        bool is_signed = kind == 'd' || kind == 'i';
        long long value;
        switch (c.length) {
          case Conversion::Long: value = va_arg(args, long); break;
          case Conversion::LongLong: value = va_arg(args, long long); break;
          case Conversion::Max: value = va_arg(args, intmax_t); break;
          case Conversion::Size:
          case Conversion::Ptrdiff: value = va_arg(args, ssize_t); break;
          default: {
            int v = va_arg(args, int);
            if (c.length == Conversion::Char) v = is_signed ? static_cast<signed char>(v) : static_cast<unsigned char>(v);
            if (c.length == Conversion::Short) v = is_signed ? static_cast<short>(v) : static_cast<unsigned short>(v);
            value = is_signed ? v : static_cast<long long>(static_cast<unsigned>(v));
            break;
          }
        }
        append(out, c.text + "ll" + kind, value);
        break;
      }
      case 'c': append(out, c.text + kind, va_arg(args, int)); break;
      case 's': append(out, c.text + kind, va_arg(args, const char*)); break;
      case 'p': append(out, c.text + kind, va_arg(args, void*)); break;
      case 'a':
      case 'A':
      case 'e':
      case 'E':
      case 'f':
      case 'F':
      case 'g':
      case 'G':
        if (c.length == Conversion::LongDouble) {
          append(out, c.text + "L" + kind, va_arg(args, long double));
        } else {
          append(out, c.text + kind, va_arg(args, double));
        }
        break;
      case 'T': {
        std::string text = term_text(Term(va_arg(args, ERL_NIF_TERM)),
                                     c.precision >= 0 ? c.precision : kNoPrintLimit);
        size_t padding = static_cast<size_t>(c.width) > text.size() ? static_cast<size_t>(c.width) - text.size() : 0;
        if (!c.is_left) out.append(padding, ' ');
        out += text;
        if (c.is_left) out.append(padding, ' ');
        break;
      }
      default: break;
    }
  }
  return out;
}

}  // namespace

extern "C" {

int enif_vfprintf(FILE* file, const char* format, va_list args) {
  va_list copy;
  va_copy(copy, args);
  std::string text = format_text(format, copy);
  va_end(copy);
  return static_cast<int>(std::fwrite(text.data(), 1, text.size(), file));
}
int enif_fprintf(FILE* file, const char* format, ...) {
  va_list args;
  va_start(args, format);
  int n = enif_vfprintf(file, format, args);
  va_end(args);
  return n;
}
// As snprintf: the length that the whole text has.
int enif_vsnprintf(char* buffer, size_t size, const char* format, va_list args) {
  va_list copy;
  va_copy(copy, args);
  std::string text = format_text(format, copy);
  va_end(copy);
  if (size > 0) {
    size_t n = text.size() < size - 1 ? text.size() : size - 1;
    std::memcpy(buffer, text.data(), n);
    buffer[n] = '\0';
  }
  return static_cast<int>(text.size());
}
int enif_snprintf(char* buffer, size_t size, const char* format, ...) {
  va_list args;
  va_start(args, format);
  int n = enif_vsnprintf(buffer, size, format, args);
  va_end(args);
  return n;
}

}  // extern "C"
