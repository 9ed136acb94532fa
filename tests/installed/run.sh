#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# run.sh BUILD SOURCE: installs BUILD into an empty prefix and uses it as its users do. Fails on the first thing that does not work.
set -euo pipefail
build=$1 source=$2
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
prefix=$work/prefix
cmake --install "$build" --prefix "$prefix" >"$work/install.log"
export PATH="$prefix/bin:$PATH"

step() { printf -- '-- %s\n' "$*"; }
fail() { printf 'FAILED: %s\n' "$*" >&2; [ ! -f "$work/log" ] || tail -30 "$work/log" >&2; exit 1; }

# Each sample's CMake project, as its README says, with its own tests.
for sample in basic sync async pipeline dynamic static; do
  step "the $sample sample with find_package"
  cp -r "$prefix/share/tenon/samples/custom_module/$sample" "$work/$sample"
  cmake -S "$work/$sample" -B "$work/$sample/build" -DCMAKE_PREFIX_PATH="$prefix" >"$work/log" 2>&1 || fail "configure"
  cmake --build "$work/$sample/build" >>"$work/log" 2>&1 || fail "build"
  ctest --test-dir "$work/$sample/build" --output-on-failure >"$work/log" 2>&1 || fail "its lit test"
  grep -q '0 tests failed out of 1' "$work/log" || fail "the sample's suite registered no test"
done

step "the same with pkg-config, gcc and clang, C11 and C++14 to C++20"
PKG_CONFIG_PATH=$(find "$prefix" -type d -name pkgconfig); export PKG_CONFIG_PATH
cflags="$(pkg-config --cflags tenon) -Wall -Wextra -Wno-unused-parameter -Werror"; libs=$(pkg-config --libs tenon)
iree-compile --iree-execution-model=host-only "$work/basic/test/example.mlir" -o="$work/basic.vmfb"
iree-compile --iree-hal-target-backends=llvm-cpu "$work/sync/test/example.mlir" -o="$work/sync.vmfb"
iree-compile --iree-hal-target-backends=llvm-cpu --iree-execution-model=async-external "$work/async/test/example.mlir" -o="$work/async.vmfb"
declare -A expected=(
  [basic]=$'INVOKE BEGIN example.main\nCREATE hello\nPRINT hello\nLENGTH hello = 5\nCREATE debug\nPRINT debug\nINVOKE END'
  [sync]=$'INVOKE BEGIN example.main\nMATCHED!\nINVOKE END'
  [async]=$'INITIALIZE T=0\nSIGNALED T=1\nVM INVOKE BEGIN example.main\nVM INVOKE END\nREACHED T=2\nMATCHED!')
# check SAMPLE WHAT: runs what was built last; lines of the functions' own threads come in between as they like.
check() {
  [ "$("$work/run" "$work/$1.vmfb" example.main | grep -v '^ASYNC: ')" = "${expected[$1]}" ] || fail "$1 sample, $2: output"
}
for compilers in "gcc g++" "clang clang++"; do
  read -r cc cxx <<<"$compilers"
  for sample in basic sync async; do
    for module in "$work/$sample"/module*.c; do
      # shellcheck disable=SC2086
      $cc -std=c11 $cflags "$work/$sample/main.c" "$module" $libs -o "$work/run" >"$work/log" 2>&1 || fail "$cc $module"
      check $sample "$cc $module"
    done
    # shellcheck disable=SC2086
    $cc -std=c11 $cflags -c "$work/$sample/main.c" -o "$work/main.o" >"$work/log" 2>&1 || fail "$cc main.c"
    for std in c++14 c++17 c++20; do
      # shellcheck disable=SC2086
      $cxx -std=$std $cflags "$work/main.o" "$work/$sample/module_cc.cc" $libs -o "$work/run" >"$work/log" 2>&1 ||
        fail "$cxx -std=$std $sample/module_cc.cc"
      check $sample "$cxx -std=$std"
    done
  done
done

step "a program built to trace what it executes"
# shellcheck disable=SC2086
gcc -std=c11 $cflags -DIREE_VM_EXECUTION_TRACING_FORCE_ENABLE=1 "$work/sync/main.c" "$work/sync/module.c" $libs -o "$work/run" >"$work/log" 2>&1 || fail "gcc"
check sync "traced"
"$work/run" "$work/sync.vmfb" example.main >/dev/null 2>"$work/log"
grep -q '^\[example\.main+00000\] ' "$work/log" || fail "no trace"

step "a plugin and a tool of one's own with pkg-config"
libdir=$(dirname "$(find "$prefix" -name libtenon.a)")
plugin_cflags="$(pkg-config --cflags tenon-plugin) -I$work/sync -fPIC -Wall -Wextra -Wno-unused-parameter -Werror"; plugin_libs="-shared $(pkg-config --libs tenon-plugin)"
printf '#include "tenon/run_module.h"\nint main(int argc, char** argv) { return tenon_run_module(argc, argv, 0, NULL); }\n' >"$work/tool.c"
# shellcheck disable=SC2086
gcc $cflags "$work/tool.c" -rdynamic -L"$libdir" -ltenon_tooling -Wl,--whole-archive -ltenon -Wl,--no-whole-archive -pthread -ldl -o "$work/tool" >"$work/log" 2>&1 || fail "tool"
for compilers in "gcc g++" "clang clang++"; do
  read -r cc cxx <<<"$compilers"
  # shellcheck disable=SC2086
  $cc -std=c11 $plugin_cflags "$work/dynamic/plugin.c" "$work/sync/module.c" $plugin_libs -o "$work/plugin.so" >"$work/log" 2>&1 || fail "$cc plugin.c"
  # shellcheck disable=SC2086
  $cc -std=c11 $plugin_cflags -c "$work/dynamic/plugin.c" -o "$work/plugin.o" >"$work/log" 2>&1 || fail "$cc -c plugin.c"
  # shellcheck disable=SC2086
  $cxx -std=c++14 $plugin_cflags "$work/plugin.o" "$work/sync/module_cc.cc" $plugin_libs -o "$work/plugin_cc.so" >"$work/log" 2>&1 || fail "$cxx plugin"
  for plugin in plugin plugin_cc; do
    for tool in iree-run-module "$work/tool"; do
      "$tool" --module="$work/$plugin.so" --module="$work/sync.vmfb" --function=main --input=5xi32=1,2,3,4,5 >"$work/log" 2>&1 || fail "$tool, $plugin of $cc"
      grep -qx '5xi32=4 64 324 1024 2500' "$work/log" || fail "$tool, $plugin of $cc: output"
    done
  done
done
# The whole runtime is there for plugins: every function of the archive that is no private one.
readelf -sW "$libdir/libtenon.a" 2>/dev/null | awk '$5 == "GLOBAL" && $6 == "DEFAULT" && $7 != "UND" {print $8}' | sort -u >"$work/public"
nm -D --defined-only "$(command -v iree-run-module)" | awk '{print $3}' | sort -u >"$work/exported"
[ -s "$work/public" ] || fail "the archive has no public functions"
missing=$(comm -23 "$work/public" "$work/exported"); [ -z "$missing" ] || fail "iree-run-module does not export: $missing"

step "programs that test themselves, with the tool and with the library"
cat >"$work/tests.mlir" <<'TEXT'
module @tests {
  func.func @passes() {
    %0 = util.unfoldable_constant dense<[1, 2]> : tensor<2xi32>
    %1 = arith.addi %0, %0 : tensor<2xi32>
    check.expect_eq_const(%1, dense<[2, 4]> : tensor<2xi32>) : tensor<2xi32>
    return
  }
  func.func @fails() {
    %0 = util.unfoldable_constant false
    check.expect_true(%0) : i1
    return
  }
}
TEXT
iree-compile --iree-hal-target-backends=llvm-cpu "$work/tests.mlir" -o="$work/tests.vmfb"
iree-check-module "$work/tests.vmfb" --gtest_filter=tests.passes >"$work/log" 2>&1 || fail "a test that passes"
if iree-check-module "$work/tests.vmfb" >"$work/log" 2>&1; then fail "a test that fails"; fi
cat >"$work/check.c" <<'TEXT'
#include <stdio.h>

#include "iree/modules/check/module.h"
#include "iree/runtime/api.h"
#include "tenon/check_module.h"

int main(int argc, char** argv) {
  iree_runtime_instance_options_t options;
  iree_runtime_instance_options_initialize(&options);
  iree_runtime_instance_options_use_all_available_drivers(&options);
  iree_runtime_instance_t* instance = NULL;
  IREE_CHECK_OK(iree_runtime_instance_create(&options, iree_allocator_system(), &instance));
  iree_hal_device_t* device = NULL;
  IREE_CHECK_OK(iree_runtime_instance_try_create_default_device(instance, iree_make_cstring_view("local-sync"), &device));
  iree_runtime_session_options_t session_options;
  iree_runtime_session_options_initialize(&session_options);
  iree_runtime_session_t* session = NULL;
  IREE_CHECK_OK(iree_runtime_session_create_with_device(instance, &session_options, device, iree_allocator_system(), &session));
  iree_vm_module_t* check = NULL;
  IREE_CHECK_OK(iree_check_module_create(iree_runtime_instance_vm_instance(instance), iree_allocator_system(), &check));
  IREE_CHECK_OK(iree_runtime_session_append_module(session, check));
  IREE_CHECK_OK(iree_runtime_session_append_bytecode_module_from_file(session, argv[1]));
  for (int i = 2; i < argc; ++i) {
    iree_runtime_call_t call;
    IREE_CHECK_OK(iree_runtime_call_initialize_by_name(session, iree_make_cstring_view(argv[i]), &call));
    IREE_CHECK_OK(iree_runtime_call_invoke(&call, 0));
    iree_runtime_call_deinitialize(&call);
  }
  printf("%d failed\n", (int)tenon_check_module_failure_count(check));
  iree_vm_module_release(check);
  iree_runtime_session_release(session);
  iree_hal_device_release(device);
  iree_runtime_instance_release(instance);
  return 0;
}
TEXT
# shellcheck disable=SC2046
gcc -std=c11 -Wall -Wextra -Wno-unused-parameter -Werror $(pkg-config --cflags tenon-check) "$work/check.c" $(pkg-config --libs tenon-check) -o "$work/check" >"$work/log" 2>&1 || fail "check.c"
"$work/check" "$work/tests.vmfb" tests.passes tests.fails >"$work/log" 2>&1 || fail "check"
grep -qx '1 failed' "$work/log" || fail "check: output"

step "every public header alone, in C and in C++"
(cd "$prefix/include" && find iree tenon -name '*.h') | while read -r header; do
  case $header in *_cc.h | *native_module_packing.h | *span.h) languages=c++ ;; *) languages="c c++" ;; esac
  for language in $languages; do
    std=c11; [ "$language" = c ] || std=c++14
    # shellcheck disable=SC2086
    echo "#include \"$header\"" | gcc -x $language -std=$std -Wall -Wextra -Werror $cflags -fsyntax-only - >"$work/log" 2>&1 || fail "$header as $std"
  done
done

step "the runtime needs nothing but libc, threads and the dynamic loader"
needed=$(readelf -d "$work/run" | sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p' | grep -vE '^(libc\.so|libdl|libpthread|libstdc\+\+|libgcc_s|ld-linux|libm\.so)' || true)
[ -z "$needed" ] || fail "also linked: $needed"
echo "PASS"
