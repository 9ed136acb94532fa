// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "support/gtest_bridge.h"

#include <gtest/gtest.h>

namespace {

class BridgedTest : public testing::Test {
 public:
  BridgedTest(void (*run)(void*), void* user_data) : run_(run), user_data_(user_data) {}
  void TestBody() override { run_(user_data_); }

 private:
  void (*run_)(void*);
  void* user_data_;
};

}  // namespace

void tenon_gtest_initialize(int* argc, char** argv) { testing::InitGoogleTest(argc, argv); }

void tenon_gtest_register(const char* suite, const char* name, const char* file,
                          void (*run)(void* user_data), void* user_data) {
  testing::RegisterTest(suite, name, nullptr, nullptr, file, 0,
                        [=]() -> testing::Test* { return new BridgedTest(run, user_data); });
}

void tenon_gtest_fail(const char* file, int line, const char* message) {
  GTEST_MESSAGE_AT_(file, line, message, testing::TestPartResult::kNonFatalFailure);
}

int tenon_gtest_run(void) { return RUN_ALL_TESTS(); }
