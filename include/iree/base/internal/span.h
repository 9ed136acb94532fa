// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// iree::span<T>: a borrowed array, std::span where the language has it and a class with its main
// part before C++20.
#ifndef IREE_BASE_INTERNAL_SPAN_H_
#define IREE_BASE_INTERNAL_SPAN_H_

#if __cplusplus >= 202002L

#include <span>

namespace iree {
using std::span;
}  // namespace iree

#else

#include <cstddef>
#include <type_traits>
#include <utility>

namespace iree {

template <typename T>
class span {
 public:
  using element_type = T;
  using value_type = typename std::remove_cv<T>::type;
  using size_type = std::size_t;
  using pointer = T*;
  using reference = T&;
  using iterator = T*;

  constexpr span() noexcept = default;
  constexpr span(T* data, size_type size) noexcept : data_(data), size_(size) {}
  template <size_type N>
  constexpr span(T (&array)[N]) noexcept : data_(array), size_(N) {}
  // Anything with data() and size() whose elements are T, or are T but for const: std::vector,
  // std::array, a span.
  template <typename C,
            typename E = typename std::remove_pointer<decltype(std::declval<C&>().data())>::type,
            typename = decltype(std::declval<C&>().size()),
            typename = typename std::enable_if<std::is_convertible<E (*)[], T (*)[]>::value>::type>
  constexpr span(C&& container) noexcept : data_(container.data()), size_(container.size()) {}

  constexpr T* data() const noexcept { return data_; }
  constexpr size_type size() const noexcept { return size_; }
  constexpr size_type size_bytes() const noexcept { return size_ * sizeof(T); }
  constexpr bool empty() const noexcept { return size_ == 0; }
  constexpr T& operator[](size_type i) const { return data_[i]; }
  constexpr T& front() const { return data_[0]; }
  constexpr T& back() const { return data_[size_ - 1]; }
  constexpr T* begin() const noexcept { return data_; }
  constexpr T* end() const noexcept { return data_ + size_; }
  constexpr span first(size_type count) const { return span(data_, count); }
  constexpr span last(size_type count) const { return span(data_ + (size_ - count), count); }
  // `count` elements from `offset`, or all behind it.
  constexpr span subspan(size_type offset, size_type count = static_cast<size_type>(-1)) const {
    return span(data_ + offset, count == static_cast<size_type>(-1) ? size_ - offset : count);
  }

 private:
  T* data_ = nullptr;
  size_type size_ = 0;
};

}  // namespace iree

#endif  // __cplusplus >= 202002L

#endif  // IREE_BASE_INTERNAL_SPAN_H_
