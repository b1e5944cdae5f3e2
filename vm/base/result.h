// Result<T, E>: a value or an error, for code that reads foreign bytes. No exceptions cross the VM.
#pragma once
#include <utility>
#include <variant>

#include "vm/base/types.h"

namespace lintel {

template <typename E>
struct Err {
  E error;
};
template <typename E>
Err(E) -> Err<E>;

template <typename T, typename E>
class [[nodiscard]] Result {
 public:
  Result(T value) : v_(std::in_place_index<0>, std::move(value)) {}
  Result(Err<E> e) : v_(std::in_place_index<1>, std::move(e.error)) {}
  explicit operator bool() const { return v_.index() == 0; }
  T& value() {
    VM_ASSERT(v_.index() == 0);
    return *std::get_if<0>(&v_);
  }
  E& error() {
    VM_ASSERT(v_.index() == 1);
    return *std::get_if<1>(&v_);
  }
  T* operator->() { return &value(); }
  T& operator*() { return value(); }

 private:
  std::variant<T, E> v_;
};

}  // namespace lintel
