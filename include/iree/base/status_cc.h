// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Statuses in C++: owners that free themselves. Included by status.h in C++; works from C++14 to
// C++20.
#ifndef IREE_BASE_STATUS_CC_H_
#define IREE_BASE_STATUS_CC_H_

#include <cstdint>
#include <memory>
#include <new>
#include <string>
#include <type_traits>
#include <utility>

#include "iree/base/status.h"

namespace iree {

// The codes of iree_status_code_t.
enum class StatusCode : uint32_t {
  kOk = IREE_STATUS_OK,
  kCancelled = IREE_STATUS_CANCELLED,
  kUnknown = IREE_STATUS_UNKNOWN,
  kInvalidArgument = IREE_STATUS_INVALID_ARGUMENT,
  kDeadlineExceeded = IREE_STATUS_DEADLINE_EXCEEDED,
  kNotFound = IREE_STATUS_NOT_FOUND,
  kAlreadyExists = IREE_STATUS_ALREADY_EXISTS,
  kPermissionDenied = IREE_STATUS_PERMISSION_DENIED,
  kResourceExhausted = IREE_STATUS_RESOURCE_EXHAUSTED,
  kFailedPrecondition = IREE_STATUS_FAILED_PRECONDITION,
  kAborted = IREE_STATUS_ABORTED,
  kOutOfRange = IREE_STATUS_OUT_OF_RANGE,
  kUnimplemented = IREE_STATUS_UNIMPLEMENTED,
  kInternal = IREE_STATUS_INTERNAL,
  kUnavailable = IREE_STATUS_UNAVAILABLE,
  kDataLoss = IREE_STATUS_DATA_LOSS,
  kUnauthenticated = IREE_STATUS_UNAUTHENTICATED,
  kDeferred = IREE_STATUS_DEFERRED,
};

inline const char* StatusCodeToString(StatusCode code) {
  return iree_status_code_string(static_cast<iree_status_code_t>(code));
}

// Owns one iree_status_t. It moves: what it is moved from (or copied from, when that is not const)
// keeps the bare code, so that ok() still tells the truth there. Made from an iree_status_t rvalue,
// such as what a C function returned.
class Status final {
 public:
  Status() noexcept = default;
  Status(iree_status_t&& status) noexcept : value_(status) { status = iree_ok_status(); }
  Status(iree_status_code_t code) noexcept : value_(iree_status_from_code(code)) {}
  Status(StatusCode code) noexcept : value_(iree_status_from_code(static_cast<uint32_t>(code))) {}
  Status(StatusCode code, const char* message)
      : value_(iree_status_allocate(static_cast<iree_status_code_t>(code), nullptr, 0,
                                    iree_make_cstring_view(message))) {}
  Status(Status& other) noexcept : value_(other.take()) {}
  Status(Status&& other) noexcept : value_(other.take()) {}
  Status& operator=(Status& other) noexcept { return assign(other); }
  Status& operator=(Status&& other) noexcept { return assign(other); }
  ~Status() {
    if (IREE_UNLIKELY(!ok())) iree_status_free(value_);
  }

  bool ok() const noexcept { return iree_status_is_ok(value_); }
  StatusCode code() const noexcept { return static_cast<StatusCode>(iree_status_code(value_)); }
  std::string ToString() const { return ToString(value_); }
  static std::string ToString(iree_status_t status) {
    iree_host_size_t length = 0;
    iree_status_format(status, 0, nullptr, &length);
    std::string text(length + 1, '\0');
    iree_status_format(status, text.size(), &text[0], &length);
    text.resize(length);
    return text;
  }
  void IgnoreError() noexcept { value_ = iree_status_ignore(value_); }

  // Borrowed.
  iree_status_t get() const noexcept { return value_; }
  // Hands the status to the caller and leaves OK behind.
  IREE_MUST_USE_RESULT iree_status_t release() noexcept {
    iree_status_t value = value_;
    value_ = iree_ok_status();
    return value;
  }
  // The same, for returning an rvalue from a function with a C result.
  operator iree_status_t() && noexcept { return release(); }

 private:
  iree_status_t take() noexcept {
    iree_status_t value = value_;
    value_ = iree_status_from_code(iree_status_code(value));
    return value;
  }
  Status& assign(Status& other) noexcept {
    if (this != &other) {
      if (IREE_UNLIKELY(!ok())) iree_status_free(value_);
      value_ = other.take();
    }
    return *this;
  }

  iree_status_t value_ = iree_ok_status();
};

inline bool operator==(const Status& lhs, const Status& rhs) noexcept {
  return lhs.code() == rhs.code();
}
inline bool operator!=(const Status& lhs, const Status& rhs) noexcept {
  return lhs.code() != rhs.code();
}

inline Status OkStatus() noexcept { return Status(); }

// A T, or the failure that there is none. Holds T directly; moves where T does, and does not copy.
// A T is taken from anything that converts to it. Looking at the value of a failure prints the
// status and aborts.
template <typename T>
class StatusOr final {
  // What converts to a T, except what stands for a status (T = bool would take a status's pointer).
  template <typename U, typename D = typename std::decay<U>::type>
  using EnableValue = typename std::enable_if<
      std::is_convertible<U, T>::value && !std::is_same<D, StatusOr>::value &&
          !std::is_same<D, Status>::value &&
          (std::is_same<D, T>::value ||
           (!std::is_same<D, iree_status_t>::value && !std::is_same<D, iree_status_code_t>::value &&
            !std::is_same<D, StatusCode>::value)),
      int>::type;

 public:
  // No value: UNKNOWN.
  explicit StatusOr() : status_(StatusCode::kUnknown) {}
  // A failure. (OK is none; it becomes INTERNAL.)
  StatusOr(Status&& status) : status_(std::move(status)) { require_failure(); }
  StatusOr(iree_status_t&& status) : status_(std::move(status)) { require_failure(); }
  template <typename U = T, EnableValue<U&&> = 0>
  StatusOr(U&& value) {
    ::new (static_cast<void*>(&storage_)) T(std::forward<U>(value));
  }

  StatusOr(StatusOr&& other) : status_(std::move(other.status_)) {
    if (ok()) ::new (static_cast<void*>(&storage_)) T(std::move(other.ref()));
  }
  template <typename U,
            typename std::enable_if<
                !std::is_same<U, T>::value && std::is_convertible<U&&, T>::value, int>::type = 0>
  StatusOr(StatusOr<U>&& other) : status_(std::move(other).status()) {
    if (ok()) ::new (static_cast<void*>(&storage_)) T(std::move(other).value());
  }
  StatusOr& operator=(StatusOr&& other) {
    if (this == &other) return *this;
    destroy();
    status_ = std::move(other.status_);
    if (ok()) ::new (static_cast<void*>(&storage_)) T(std::move(other.ref()));
    return *this;
  }
  StatusOr(const StatusOr&) = delete;
  StatusOr& operator=(const StatusOr&) = delete;
  ~StatusOr() { destroy(); }

  bool ok() const noexcept { return status_.ok(); }
  const Status& status() const& noexcept { return status_; }
  Status status() && noexcept { return std::move(status_); }
  void IgnoreError() const noexcept {}

  T& value() & { return checked(); }
  const T& value() const& { return const_cast<StatusOr*>(this)->checked(); }
  T&& value() && { return std::move(checked()); }
  T& operator*() & { return checked(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(checked()); }
  T* operator->() { return std::addressof(checked()); }
  const T* operator->() const { return std::addressof(value()); }
  template <typename U>
  T value_or(U&& fallback) const& {
    return ok() ? value() : static_cast<T>(std::forward<U>(fallback));
  }
  template <typename U>
  T value_or(U&& fallback) && {
    return ok() ? std::move(checked()) : static_cast<T>(std::forward<U>(fallback));
  }

 private:
  T& ref() noexcept { return *reinterpret_cast<T*>(&storage_); }
  T& checked() {
    if (IREE_UNLIKELY(!ok())) iree_status_abort(status_.release());
    return ref();
  }
  void destroy() noexcept {
    if (ok()) ref().~T();
  }
  void require_failure() {
    if (IREE_UNLIKELY(ok()))
      status_ = Status(StatusCode::kInternal, "a StatusOr was made from an OK status");
  }

  Status status_;
  alignas(T) unsigned char storage_[sizeof(T)];
};

inline bool IsOk(const iree_status_t& status) noexcept { return iree_status_is_ok(status); }
inline bool IsOk(const Status& status) noexcept { return status.ok(); }
template <typename T>
bool IsOk(const StatusOr<T>& value) noexcept {
  return value.ok();
}

}  // namespace iree

// IREE_ASSIGN_OR_RETURN(lhs, expression of a StatusOr<T>): assigns the value, or returns the
// failure from the enclosing function. lhs may declare a variable: IREE_ASSIGN_OR_RETURN(auto x,
// Make()).
#define IREE_ASSIGN_OR_RETURN(lhs, ...) \
  TENON_ASSIGN_OR_RETURN_(TENON_CONCAT_(tenon_status_or_, __COUNTER__), lhs, (__VA_ARGS__))
#define TENON_ASSIGN_OR_RETURN_(temp, lhs, rexpr)                 \
  auto&& temp = rexpr;                                            \
  if (IREE_UNLIKELY(!temp.ok())) return std::move(temp).status(); \
  lhs = std::move(temp).value()
#define TENON_CONCAT_(a, b) TENON_CONCAT_IMPL_(a, b)
#define TENON_CONCAT_IMPL_(a, b) a##b

#endif  // IREE_BASE_STATUS_CC_H_
