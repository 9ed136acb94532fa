// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The C++ wrappers, built as C++14, 17 and 20: owners of references, and modules written as
// methods.
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <tuple>
#include <utility>

#include "iree/vm/native_module_cc.h"
#include "vm/native_module_call.h"
#include "vm/testing/vm_test.h"

namespace {

using namespace iree;

int32_t CountOf(const test_thing_t* thing) {
  return iree_atomic_ref_count_load(&thing->ref_object.counter);
}

vm::ref<test_thing_t> MakeThing(int value) {
  vm::ref<test_thing_t> thing;
  expect_ok(test_thing_create(value, iree_allocator_system(), &thing));
  return thing;
}

//===--------------------------------------------------------------------------------------------===//
// ref
//===--------------------------------------------------------------------------------------------===//

void TestRef(void** state) {
  vm::ref<test_thing_t> a = MakeThing(5);
  assert_true(static_cast<bool>(a));
  assert_int_equal(a->value, 5);
  assert_int_equal((*a).value, 5);
  vm::ref<test_thing_t> b = a;
  assert_int_equal(CountOf(a.get()), 2);
  assert_true(a == b);
  vm::ref<test_thing_t> c = std::move(b);
  assert_true(!b && b == nullptr && nullptr == b && a != nullptr);
  assert_int_equal(CountOf(a.get()), 2);
  b = std::move(c);
  b = vm::retain_ref(a);
  assert_int_equal(CountOf(a.get()), 2);
  const vm::ref<test_thing_t> constant = vm::retain_ref(a.get());
  c = vm::ref<test_thing_t>(std::move(constant));  // A copy.
  assert_int_equal(CountOf(a.get()), 4);
  c.reset();
  c.assign(b.release());
  assert_int_equal(CountOf(a.get()), 3);
  swap(b, c);
  assert_true(!c && b);
  b = nullptr;
  vm::ref<test_thing_t> adopted = vm::assign_ref(constant.get());
  assert_ptr_equal(adopted.release(), a.get());
  assert_int_equal(CountOf(a.get()), 2);

  // As C functions see it.
  iree_vm_ref_t raw = iree_vm_ref_null();
  iree_vm_ref_retain(a, &raw);
  assert_int_equal(raw.type, a.type());
  assert_int_equal(CountOf(a.get()), 3);
  iree_vm_ref_release(&raw);
  iree_vm_ref_move(a, &raw);
  assert_true(!a);
  assert_true(iree_vm_ref_is_null(a));
  iree_vm_ref_release(&raw);
}

void TestOpaqueRef(void** state) {
  vm::ref<test_thing_t> thing = MakeThing(1);
  vm::opaque_ref a;
  assert_true(!a);
  iree_vm_ref_retain(thing, &a);
  assert_int_equal(a.type(), test_thing_type_id());
  vm::opaque_ref b = a;
  vm::opaque_ref c = std::move(a);
  assert_true(!a && b && c);
  assert_int_equal(CountOf(thing.get()), 3);
  c = std::move(b);
  assert_int_equal(CountOf(thing.get()), 2);
  iree_vm_ref_t raw = c.release();
  iree_vm_ref_release(&raw);
  c.reset();
  assert_int_equal(CountOf(thing.get()), 1);
}

int g_counted_live = 0;
class Counted : public vm::RefObject<Counted> {
 public:
  Counted() { ++g_counted_live; }
  ~Counted() { --g_counted_live; }
};
iree_vm_ref_type_descriptor_t g_counted_descriptor = {nullptr, 0, 0, {nullptr, 0}};

}  // namespace

static iree_vm_ref_type_descriptor_t& counted_descriptor = g_counted_descriptor;
IREE_VM_DECLARE_TYPE_ADAPTERS(counted, Counted);
IREE_VM_DEFINE_TYPE_ADAPTERS(counted, Counted);

namespace {

void TestCountedClass(void** state) {
  expect_ok(IREE_VM_REGISTER_CC_TYPE(Counted, "test.counted", g_counted_descriptor));
  expect_ok(IREE_VM_REGISTER_CC_TYPE(Counted, "test.counted", g_counted_descriptor));
  vm::ref<Counted> a(new Counted());
  vm::ref<Counted> b = a;
  a->AddReference();
  a->ReleaseReference();
  iree_vm_ref_t raw = counted_retain_ref(a.get());
  a.reset();
  b.reset();
  assert_int_equal(g_counted_live, 1);
  assert_true(counted_isa(raw));
  iree_vm_ref_release(&raw);
  assert_int_equal(g_counted_live, 0);
}

class Raced : public vm::RefObject<Raced> {};
iree_vm_ref_type_descriptor_t g_raced_descriptor = {nullptr, 0, 0, {nullptr, 0}};

// Whoever comes first, the type stays: its id shares a word with what is filled in.
void TestRegistrationByThreads(void** state) {
  std::atomic<bool> go{false};
  iree_status_t statuses[4];
  std::thread threads[4];
  for (int i = 0; i < 4; ++i) {
    threads[i] = std::thread([&go, &statuses, i] {
      while (!go) std::this_thread::yield();
      statuses[i] = IREE_VM_REGISTER_CC_TYPE(Raced, "test.raced", g_raced_descriptor);
    });
  }
  go = true;
  for (std::thread& thread : threads) thread.join();
  for (iree_status_t status : statuses) expect_ok(status);
  assert_true(iree_vm_ref_lookup_registered_type(IREE_SV("test.raced")) == &g_raced_descriptor);
  assert_true(iree_vm_ref_type_descriptor(g_raced_descriptor.type) == &g_raced_descriptor);
}

void TestApiObjects(void** state) {
  vm::ref<iree_vm_instance_t> instance;
  expect_ok(iree_vm_instance_create(iree_allocator_system(), &instance));
  vm::ref<iree_vm_instance_t> other = instance;
  instance.reset();
  vm::ref<iree_vm_context_t> context;
  expect_ok(iree_vm_context_create(other.get(), 0, iree_allocator_system(), &context));
}

//===--------------------------------------------------------------------------------------------===//
// A module
//===--------------------------------------------------------------------------------------------===//

enum class Color : uint8_t { kRed = 1, kBlue = 200 };

class State final {
 public:
  explicit State(int32_t* live) : live_(live) { ++*live_; }
  ~State() { --*live_; }

  Status Nop() { return OkStatus(); }
  StatusOr<int32_t> Next(int32_t step) { return counter_ += step; }
  StatusOr<double> Sum(bool a, int8_t b, uint16_t c, Color d, int64_t e, uint64_t f, float g,
                       double h) {
    return static_cast<double>(a) + b + c + static_cast<int>(d) + static_cast<double>(e) +
           static_cast<double>(f) + g + h;
  }
  StatusOr<float> Half(const float& x) { return x / 2; }
  StatusOr<int64_t> Length(iree_string_view_t text) { return static_cast<int64_t>(text.size); }
  // As the samples write it.
  StatusOr<vm::ref<test_thing_t>> Same(const vm::ref<test_thing_t> thing) {
    vm::ref<test_thing_t> copy = std::move(thing);
    return copy;
  }
  StatusOr<vm::ref<test_thing_t>> Make(int32_t value) {
    vm::ref<test_thing_t> result;
    IREE_RETURN_IF_ERROR(test_thing_create(value, iree_allocator_system(), &result));
    return result;
  }
  Status Keep(vm::ref<test_thing_t> thing) {
    kept_ = std::move(thing);
    return OkStatus();
  }
  StatusOr<vm::opaque_ref> Any(vm::opaque_ref any, const vm::ref<test_thing_t>& thing) {
    return any;
  }
  StatusOr<std::tuple<int32_t, vm::ref<test_thing_t>, std::array<float, 2>>> Shuffle(
      std::array<float, 2> floats, std::tuple<vm::ref<test_thing_t>, int32_t> pair) {
    return std::make_tuple(std::get<1>(pair), std::move(std::get<0>(pair)), floats);
  }
  StatusOr<int32_t> SumSpan(iree::span<const int32_t> values,
                            iree::span<vm::ref<test_thing_t>> things) {
    int32_t sum = 0;
    for (int32_t value : values) sum += value;
    for (auto& thing : things) sum += thing ? thing->value : 0;
    return sum;
  }
  StatusOr<vm::ref<test_thing_t>> Fail(vm::ref<test_thing_t> thing) {
    return iree_make_status(IREE_STATUS_DATA_LOSS, "failed on purpose");
  }
  Status Defer() { return StatusCode::kDeferred; }
#if __cplusplus >= 201703L
  StatusOr<int32_t> FirstChar(std::string_view text) { return text.empty() ? -1 : text[0]; }
#endif

 private:
  int32_t* live_;
  int32_t counter_ = 0;
  vm::ref<test_thing_t> kept_;
};

const vm::NativeFunction<State> kFunctions[] = {
    vm::MakeNativeFunction("nop", &State::Nop),
    vm::MakeNativeFunction("next", &State::Next),
    vm::MakeNativeFunction("sum", &State::Sum),
    vm::MakeNativeFunction("half", &State::Half),
    vm::MakeNativeFunction("length", &State::Length),
    vm::MakeNativeFunction("call.same", &State::Same),
    vm::MakeNativeFunction("make", &State::Make),
    vm::MakeNativeFunction("keep", &State::Keep),
    vm::MakeNativeFunction("any", &State::Any),
    vm::MakeNativeFunction("shuffle", &State::Shuffle),
    vm::MakeNativeFunction("sum.span", &State::SumSpan),
    vm::MakeNativeFunction("fail", &State::Fail),
    vm::MakeNativeFunction("defer", &State::Defer),
#if __cplusplus >= 201703L
    vm::MakeNativeFunction("first", &State::FirstChar),
#endif
};

int32_t g_states = 0;
int32_t g_modules = 0;
bool g_state_fails = false;

class Module final : public vm::NativeModule<State> {
 public:
  using vm::NativeModule<State>::NativeModule;
  ~Module() override { --g_modules; }

  Status EnumerateDependencies(
      std::function<Status(const iree_vm_module_dependency_t*)> callback) override {
    iree_vm_module_dependency_t dependency = {iree_make_cstring_view("optional"), 0,
                                              IREE_VM_MODULE_DEPENDENCY_FLAG_OPTIONAL};
    return callback(&dependency);
  }
  StatusOr<std::unique_ptr<State>> CreateState(iree_allocator_t allocator) override {
    if (g_state_fails) return iree_make_status(IREE_STATUS_DATA_LOSS, "no state");
    auto state = std::make_unique<State>(&g_states);
    return state;
  }
  Status Notify(State* state, iree_vm_signal_t signal) override {
    return state ? OkStatus() : Status(StatusCode::kInternal);
  }
};

struct Fixture {
  vm::ref<iree_vm_instance_t> instance;
  vm::ref<iree_vm_module_t> module;
  vm::ref<iree_vm_context_t> context;
  vm::ref<iree_vm_list_t> inputs;
  vm::ref<iree_vm_list_t> outputs;

  Fixture() {
    expect_ok(iree_vm_instance_create(iree_allocator_system(), &instance));
    auto owner =
        std::make_unique<Module>("cc", /*version=*/3, instance.get(), iree_allocator_system(),
                                 iree::span<const vm::NativeFunction<State>>(kFunctions));
    ++g_modules;
    module.assign(owner.release()->interface());
    iree_vm_module_t* modules[] = {module.get()};
    expect_ok(iree_vm_context_create_with_modules(instance.get(), 0, 1, modules,
                                                  iree_allocator_system(), &context));
    expect_ok(iree_vm_list_create(nullptr, 0, iree_allocator_system(), &inputs));
    expect_ok(iree_vm_list_create(nullptr, 0, iree_allocator_system(), &outputs));
  }

  void Push(iree_vm_value_t value) { expect_ok(iree_vm_list_push_value(inputs.get(), &value)); }
  void Push(vm::ref<test_thing_t> thing) {
    expect_ok(iree_vm_list_push_ref_move(inputs.get(), thing));
  }
  void PushText(const char* text) {
    vm::ref<iree_vm_buffer_t> buffer;
    expect_ok(iree_vm_buffer_create(0, strlen(text), 0, iree_allocator_system(), &buffer));
    memcpy(buffer->data.data, text, strlen(text));
    expect_ok(iree_vm_list_push_ref_move(inputs.get(), buffer));
  }
  iree_status_t Invoke(const char* name) {
    iree_vm_function_t function;
    expect_ok(iree_vm_context_resolve_function(
        context.get(), iree_make_cstring_view((std::string("cc.") + name).c_str()), &function));
    iree_status_t status = iree_vm_invoke(context.get(), function, 0, nullptr, inputs.get(),
                                          outputs.get(), iree_allocator_system());
    iree_vm_list_clear(inputs.get());
    return status;
  }
  iree_vm_value_t Result(iree_host_size_t i) {
    iree_vm_value_t value;
    expect_ok(iree_vm_list_get_value(outputs.get(), i, &value));
    return value;
  }
  test_thing_t* Thing(iree_host_size_t i) {
    return static_cast<test_thing_t*>(
        iree_vm_list_get_ref_deref(outputs.get(), i, test_thing_get_descriptor()));
  }
  std::string Convention(const char* name) {
    iree_vm_function_t function;
    expect_ok(iree_vm_module_lookup_function_by_name(module.get(), IREE_VM_FUNCTION_LINKAGE_EXPORT,
                                                     iree_make_cstring_view(name), &function));
    iree_string_view_t text = iree_vm_function_signature(&function).calling_convention;
    return std::string(text.data, text.size);
  }
};

void TestConventions(void** state) {
  Fixture f;
  assert_string_equal(f.Convention("nop").c_str(), "0v_v");
  assert_string_equal(f.Convention("sum").c_str(), "0iiiiIIfF_F");
  assert_string_equal(f.Convention("length").c_str(), "0r_I");
  assert_string_equal(f.Convention("call.same").c_str(), "0r_r");
  assert_string_equal(f.Convention("keep").c_str(), "0r_v");
  assert_string_equal(f.Convention("shuffle").c_str(), "0ffri_irff");
  assert_string_equal(f.Convention("sum.span").c_str(), "0CiDCrD_i");
  assert_int_equal(iree_vm_module_signature(f.module.get()).version, 3);
  iree_vm_function_t function;
  expect_message(
      IREE_STATUS_NOT_FOUND, "module 'cc' has no exported function 'nosuch'; it exports: nop",
      iree_vm_module_lookup_function_by_name(f.module.get(), IREE_VM_FUNCTION_LINKAGE_EXPORT,
                                             iree_make_cstring_view("nosuch"), &function));
  expect_ok(iree_vm_context_notify(f.context.get(), IREE_VM_SIGNAL_SUSPEND));
}

void TestScalars(void** state) {
  Fixture f;
  expect_ok(f.Invoke("nop"));
  for (int32_t i = 1; i <= 3; ++i) {
    f.Push(iree_vm_value_make_i32(7));
    expect_ok(f.Invoke("next"));
    assert_int_equal(f.Result(0).i32, 7 * i);
  }
  f.Push(iree_vm_value_make_i32(1));
  f.Push(iree_vm_value_make_i32(-3));
  f.Push(iree_vm_value_make_i32(65535));
  f.Push(iree_vm_value_make_i32(200));
  f.Push(iree_vm_value_make_i64(-(1ll << 40)));
  f.Push(iree_vm_value_make_i64(1ll << 41));
  f.Push(iree_vm_value_make_f32(0.5f));
  f.Push(iree_vm_value_make_f64(0.25));
  expect_ok(f.Invoke("sum"));
  assert_true(f.Result(0).f64 == 1 - 3 + 65535 + 200 + static_cast<double>(1ll << 40) + 0.75);
  f.Push(iree_vm_value_make_f32(5));
  expect_ok(f.Invoke("half"));
  assert_true(f.Result(0).f32 == 2.5f);
}

void TestReferences(void** state) {
  Fixture f;
  vm::ref<test_thing_t> thing = MakeThing(4);
  f.Push(thing);
  expect_ok(f.Invoke("call.same"));
  assert_ptr_equal(f.Thing(0), thing.get());
  assert_int_equal(CountOf(thing.get()), 2);
  iree_vm_list_clear(f.outputs.get());
  f.Push(thing);
  f.Push(thing);
  expect_ok(f.Invoke("any"));
  assert_int_equal(CountOf(thing.get()), 2);
  iree_vm_list_clear(f.outputs.get());
  f.Push(thing);
  expect_ok(f.Invoke("keep"));
  assert_int_equal(CountOf(thing.get()), 2);
  f.Push(vm::ref<test_thing_t>());
  expect_ok(f.Invoke("keep"));
  assert_int_equal(CountOf(thing.get()), 1);
  f.Push(iree_vm_value_make_f32(1));
  f.Push(iree_vm_value_make_f32(2));
  f.Push(thing);
  f.Push(iree_vm_value_make_i32(3));
  expect_ok(f.Invoke("shuffle"));
  assert_int_equal(f.Result(0).i32, 3);
  assert_ptr_equal(f.Thing(1), thing.get());
  assert_true(f.Result(3).f32 == 2);
  f.PushText("hello");
  expect_ok(f.Invoke("length"));
  assert_int_equal(f.Result(0).i64, 5);
  f.Push(vm::ref<test_thing_t>());
  expect_ok(f.Invoke("length"));
  assert_int_equal(f.Result(0).i64, 0);
#if __cplusplus >= 201703L
  f.PushText("hello");
  expect_ok(f.Invoke("first"));
  assert_int_equal(f.Result(0).i32, 'h');
#endif
}

void TestFailures(void** state) {
  Fixture f;
  f.Push(MakeThing(1));
  expect_message(IREE_STATUS_DATA_LOSS, "failed on purpose", f.Invoke("fail"));
  f.Push(MakeThing(1));
  expect_message(IREE_STATUS_DATA_LOSS, "while invoking C++ function cc.fail", f.Invoke("fail"));
  f.PushText("not a thing");
  expect_message(IREE_STATUS_INVALID_ARGUMENT,
                 "expected a test.thing but the reference is a vm.buffer", f.Invoke("call.same"));
  f.Push(MakeThing(1));
  expect_message(IREE_STATUS_INVALID_ARGUMENT,
                 "expected a vm.buffer but the reference is a test.thing", f.Invoke("length"));
  expect_message(IREE_STATUS_INTERNAL, "can't suspend", f.Invoke("defer"));
}

// Storages as an interpreter would give them, and some that it would not.
void TestStorages(void** state) {
  Fixture f;
  uint8_t memory[IREE_VM_STACK_MIN_SIZE];
  iree_vm_stack_t* stack = nullptr;
  expect_ok(iree_vm_stack_initialize(iree_make_byte_span(memory, sizeof(memory)), 0,
                                     iree_vm_context_state_resolver(f.context.get()),
                                     iree_allocator_system(), &stack));
  iree_vm_function_call_t call;
  expect_ok(iree_vm_module_lookup_function_by_name(f.module.get(), IREE_VM_FUNCTION_LINKAGE_EXPORT,
                                                   iree_make_cstring_view("sum.span"),
                                                   &call.function));
  uint8_t arguments[4 + 3 * 4 + 4 + 16];
  const int32_t words[] = {3, 10, 20, 30, 1};
  memcpy(arguments, words, sizeof(words));
  iree_vm_ref_t thing = test_thing_move_ref(MakeThing(7).release());
  memcpy(arguments + 20, &thing, sizeof(thing));
  int32_t result = 0;
  call.arguments = iree_make_byte_span(arguments, sizeof(arguments));
  call.results = iree_make_byte_span(&result, sizeof(result));
  expect_ok(iree_vm_module_begin_call(stack, call));
  assert_int_equal(result, 67);
  assert_int_equal(test_thing_live_count(), 0);

  // The reference was moved out: now null. A count that leaves the storage, a storage too short,
  // one too long.
  call.arguments.data_length -= 1;
  expect_code(IREE_STATUS_INVALID_ARGUMENT, iree_vm_module_begin_call(stack, call));
  call.arguments.data_length += 1;
  const int32_t huge = 1 << 30, negative = -1;
  memcpy(arguments, &huge, sizeof(huge));
  expect_code(IREE_STATUS_INVALID_ARGUMENT, iree_vm_module_begin_call(stack, call));
  memcpy(arguments, &negative, sizeof(negative));
  expect_code(IREE_STATUS_INVALID_ARGUMENT, iree_vm_module_begin_call(stack, call));
  memset(arguments, 0, sizeof(arguments));
  expect_message(IREE_STATUS_INVALID_ARGUMENT, "28 bytes more",
                 iree_vm_module_begin_call(stack, call));
  call.arguments.data_length = 8;
  expect_ok(iree_vm_module_begin_call(stack, call));
  call.results.data_length = 0;
  expect_message(IREE_STATUS_INVALID_ARGUMENT, "result storage has 0 bytes",
                 iree_vm_module_begin_call(stack, call));
  call.function.ordinal = 1000;
  expect_code(IREE_STATUS_OUT_OF_RANGE, iree_vm_module_begin_call(stack, call));
  iree_vm_stack_deinitialize(stack);
}

// As compiled programs call: without the module interface.
void TestDirectCalls(void** state) {
  Fixture f;
  uint8_t memory[IREE_VM_STACK_MIN_SIZE];
  iree_vm_stack_t* stack = nullptr;
  expect_ok(iree_vm_stack_initialize(iree_make_byte_span(memory, sizeof(memory)), 0,
                                     iree_vm_context_state_resolver(f.context.get()),
                                     iree_allocator_system(), &stack));
  iree_vm_function_t function;
  tenon_native_import_t import;
  expect_ok(iree_vm_module_lookup_function_by_name(f.module.get(), IREE_VM_FUNCTION_LINKAGE_EXPORT,
                                                   iree_make_cstring_view("next"), &function));
  assert_true(tenon_native_import_bind(&function, &import));
  int32_t step = 5, result = 0;
  for (int32_t i = 1; i <= 2; ++i) {
    expect_ok(tenon_native_import_call(stack, nullptr, &import,
                                       iree_make_byte_span(&step, sizeof(step)),
                                       iree_make_byte_span(&result, sizeof(result))));
    assert_int_equal(result, 5 * i);
  }
  expect_message(IREE_STATUS_INVALID_ARGUMENT, "while invoking C++ function cc.next",
                 tenon_native_import_call(stack, nullptr, &import, iree_byte_span_empty(),
                                          iree_make_byte_span(&result, sizeof(result))));
  expect_ok(iree_vm_module_lookup_function_by_name(f.module.get(), IREE_VM_FUNCTION_LINKAGE_EXPORT,
                                                   iree_make_cstring_view("defer"), &function));
  assert_true(tenon_native_import_bind(&function, &import));
  expect_message(IREE_STATUS_INTERNAL, "without a frame",
                 tenon_native_import_call(stack, nullptr, &import, iree_byte_span_empty(),
                                          iree_byte_span_empty()));
  function.ordinal = 1000;
  assert_false(tenon_native_import_bind(&function, &import));
  iree_vm_stack_deinitialize(stack);
}

void TestFailingState(void** state) {
  g_state_fails = true;
  vm::ref<iree_vm_instance_t> instance;
  expect_ok(iree_vm_instance_create(iree_allocator_system(), &instance));
  ++g_modules;
  vm::ref<iree_vm_module_t> module(
      std::make_unique<Module>("cc", 0, instance.get(), iree_allocator_system(),
                               iree::span<const vm::NativeFunction<State>>(kFunctions))
          .release()
          ->interface());
  iree_vm_module_t* modules[] = {module.get()};
  vm::ref<iree_vm_context_t> context;
  expect_message(IREE_STATUS_DATA_LOSS, "no state",
                 iree_vm_context_create_with_modules(instance.get(), 0, 1, modules,
                                                     iree_allocator_system(), &context));
  g_state_fails = false;
}

int Setup(void** state) { return iree_status_is_ok(test_thing_register()) ? 0 : -1; }
// Whatever the test did, nothing is left.
int Teardown(void** state) { return test_thing_live_count() + g_states + g_modules; }

}  // namespace

int main() {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(TestRef, Setup, Teardown),
      cmocka_unit_test_setup_teardown(TestOpaqueRef, Setup, Teardown),
      cmocka_unit_test_setup_teardown(TestCountedClass, Setup, Teardown),
      cmocka_unit_test_setup_teardown(TestRegistrationByThreads, Setup, Teardown),
      cmocka_unit_test_setup_teardown(TestApiObjects, Setup, Teardown),
      cmocka_unit_test_setup_teardown(TestConventions, Setup, Teardown),
      cmocka_unit_test_setup_teardown(TestScalars, Setup, Teardown),
      cmocka_unit_test_setup_teardown(TestReferences, Setup, Teardown),
      cmocka_unit_test_setup_teardown(TestFailures, Setup, Teardown),
      cmocka_unit_test_setup_teardown(TestStorages, Setup, Teardown),
      cmocka_unit_test_setup_teardown(TestDirectCalls, Setup, Teardown),
      cmocka_unit_test_setup_teardown(TestFailingState, Setup, Teardown),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
