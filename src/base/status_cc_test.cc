// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The C++ headers; built as C++14, 17 and 20.
#include <array>
#include <csetjmp>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

extern "C" {
#include <cmocka.h>
}

#include "iree/base/api.h"
#include "iree/base/internal/atomics.h"
#include "iree/base/internal/file_io.h"
#include "iree/base/internal/span.h"

namespace {

using namespace iree;

iree_status_t MakeC(iree_status_code_t code, const char* message) {
  return iree_status_allocate(code, nullptr, 0, iree_make_cstring_view(message));
}

void TestStatusOwns(void**) {
  Status status;
  assert_true(status.ok());
  assert_true(status == OkStatus());
  status = MakeC(IREE_STATUS_ABORTED, "first");
  assert_false(status.ok());
  assert_true(status.code() == StatusCode::kAborted);
  assert_string_equal(status.ToString().c_str(), "ABORTED; first");
  status = MakeC(IREE_STATUS_UNKNOWN, "second");  // the first is freed
  Status moved = std::move(status);
  assert_string_equal(moved.ToString().c_str(), "UNKNOWN; second");
  assert_string_equal(status.ToString().c_str(), "UNKNOWN");  // only the code stays
  Status copied(moved);
  assert_string_equal(copied.ToString().c_str(), "UNKNOWN; second");
  assert_false(moved.ok());
  assert_true(moved == copied && !(moved != copied));
  Status& alias = copied;
  copied = alias;
  assert_string_equal(copied.ToString().c_str(), "UNKNOWN; second");
  iree_status_t released = copied.release();
  assert_true(copied.ok());
  assert_int_equal(iree_status_consume_code(released), IREE_STATUS_UNKNOWN);
  Status made(StatusCode::kNotFound, "file");
  assert_string_equal(made.ToString().c_str(), "NOT_FOUND; file");
  assert_true(iree_status_is_not_found(made.get()));
  made.IgnoreError();
  assert_true(made.ok());
  Status from_code = IREE_STATUS_DEFERRED;
  assert_true(from_code == Status(StatusCode::kDeferred));
  assert_string_equal(StatusCodeToString(StatusCode::kDataLoss), "DATA_LOSS");
  static_assert(!std::is_copy_constructible<Status>::value, "a status moves");
  static_assert(!std::is_copy_constructible<StatusOr<int>>::value, "a StatusOr moves");
}

Status Pass(iree_status_t status) {
  IREE_RETURN_IF_ERROR(std::move(status), "annotation %d", 1);
  return OkStatus();
}
iree_status_t PassC(iree_status_t status) {
  IREE_RETURN_IF_ERROR(Pass(status));
  return OkStatus();
}
StatusOr<int> PassOr(iree_status_t status) {
  IREE_RETURN_IF_ERROR(PassC(status));
  return 5;
}
StatusOr<std::string> Assign(iree_status_t status) {
  IREE_ASSIGN_OR_RETURN(int value, PassOr(status));
  IREE_ASSIGN_OR_RETURN(value, StatusOr<int>(value + 1));
  return std::to_string(value);
}

void TestMacrosCrossLanguages(void**) {
  IREE_CHECK_OK(Pass(iree_ok_status()));
  IREE_IGNORE_ERROR(Pass(MakeC(IREE_STATUS_ABORTED, "dropped")));
  assert_string_equal(Assign(iree_ok_status()).value().c_str(), "6");
  StatusOr<std::string> failed = Assign(MakeC(IREE_STATUS_ABORTED, "why"));
  assert_false(failed.ok());
  assert_string_equal(failed.status().ToString().c_str(), "ABORTED; why; annotation 1");
  assert_string_equal(failed.value_or("else").c_str(), "else");
  assert_false(IsOk(failed) || IsOk(failed.status()));
  assert_true(IsOk(iree_ok_status()) && IsOk(OkStatus()));
}

struct Base {
  explicit Base(int v) : value(v) {}
  virtual ~Base() = default;
  int value;
};
struct Derived : Base {
  using Base::Base;
};
// What overloads & to be an out-parameter, as vm::ref does, and counts its instances.
struct Reference {
  Reference() { ++live; }
  Reference(const Reference& other) : pointer(other.pointer) { ++live; }
  Reference(Reference&& other) noexcept : pointer(other.pointer) {
    other.pointer = nullptr;
    ++live;
  }
  Reference& operator=(const Reference&) = delete;
  ~Reference() { --live; }
  int** operator&() { return &pointer; }
  int* pointer = nullptr;
  static int live;
};
int Reference::live = 0;

StatusOr<std::unique_ptr<Base>> MakeDerived() {
  auto derived = std::make_unique<Derived>(3);
  return derived;
}
StatusOr<std::unique_ptr<Base>> MakeBase() { return std::make_unique<Base>(4); }
StatusOr<Reference> MakeReference(int* target) {
  Reference reference;
  *&reference = target;
  return reference;
}
StatusOr<Reference> MoveReference(int* target) {
  Reference reference;
  *&reference = target;
  StatusOr<Reference> result(std::move(reference));
  return result;
}
StatusOr<Reference> FailReference() { return iree_make_status(IREE_STATUS_NOT_FOUND, "none"); }
StatusOr<bool> FailBool() {
  Status status(StatusCode::kInternal, "no bool");
  return status;
}

void TestStatusOr(void**) {
  assert_int_equal(MakeDerived().value()->value, 3);
  StatusOr<std::unique_ptr<Base>> base = MakeBase();
  assert_int_equal((*base)->value, 4);
  std::unique_ptr<Base> taken = std::move(base).value();
  assert_int_equal(taken->value, 4);
  base = MakeDerived();
  assert_int_equal((*base)->value, 3);
  int target = 9;
  {
    StatusOr<Reference> reference = MakeReference(&target);
    assert_ptr_equal(reference->pointer, &target);
    assert_int_equal(Reference::live, 1);
    StatusOr<Reference> other = MoveReference(&target);
    assert_int_equal(Reference::live, 2);
    other = FailReference();
    assert_int_equal(Reference::live, 1);
    assert_true(other.status().code() == StatusCode::kNotFound);
    other = std::move(reference);
    assert_ptr_equal(other.value().pointer, &target);
    const StatusOr<Reference>& constant = other;
    assert_ptr_equal((*constant).pointer, &target);
    assert_ptr_equal(constant->pointer, &target);
  }
  assert_int_equal(Reference::live, 0);
  assert_false(FailBool().ok());
  assert_false(StatusOr<int>().ok());
  StatusOr<int> from_ok = OkStatus();
  assert_true(from_ok.status().code() == StatusCode::kInternal);
  StatusOr<int> number = 5;
  StatusOr<double> widened = std::move(number);
  assert_true(*widened == 5.0);
  assert_true(StatusOr<int>(7).value_or(1) == 7);
  static_assert(!std::is_constructible<StatusOr<bool>, const iree_status_t&>::value,
                "a pointer is no bool here");
}

void TestSpan(void**) {
  static const int array[] = {1, 2, 3, 4};
  iree::span<const int> span(array);
  assert_int_equal(span.size(), 4);
  assert_int_equal(span.front(), 1);
  assert_int_equal(span.back(), 4);
  assert_int_equal(span[2], 3);
  int sum = 0;
  for (int value : span) sum += value;
  assert_int_equal(sum, 10);
  assert_int_equal(span.subspan(1).size(), 3);
  assert_int_equal(span.subspan(1, 2).back(), 3);
  assert_int_equal(span.first(1).size(), 1);
  assert_int_equal(span.last(3).front(), 2);
  std::vector<int> vector = {5, 6};
  iree::span<int> writable(vector);
  writable[0] = 7;
  assert_int_equal(vector[0], 7);
  iree::span<const int> constant(vector);
  assert_ptr_equal(constant.data(), vector.data());
  iree::span<const int> converted = writable;
  assert_int_equal(converted.size(), 2);
  assert_int_equal(iree::span<const int>(vector.data(), 1).size(), 1);
  std::array<int, 3> std_array = {{1, 2, 3}};
  assert_int_equal(iree::span<int>(std_array).size_bytes(), 12);
  assert_true(iree::span<int>().empty());
  static_assert(!std::is_constructible<iree::span<int>, const std::vector<int>&>::value,
                "const stays");
}

struct Counted {
  iree_atomic_ref_count_t counter;
};

void TestAtomicsAndTracing(void**) {
  IREE_TRACE_SCOPE();
  IREE_TRACE_SET_THREAD_NAME("test");
  Counted object;
  object.counter = IREE_ATOMIC_VAR_INIT(1);
  iree_atomic_ref_count_inc(&object.counter);
  assert_int_equal(iree_atomic_ref_count_dec(&object.counter), 2);
}

}  // namespace

int main() {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(TestStatusOwns),        cmocka_unit_test(TestMacrosCrossLanguages),
      cmocka_unit_test(TestStatusOr),          cmocka_unit_test(TestSpan),
      cmocka_unit_test(TestAtomicsAndTracing),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
